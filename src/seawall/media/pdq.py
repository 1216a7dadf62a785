"""PDQ, the perceptual hash of pictures that industry lists share: 256 bits of which few change when a picture is
compressed, resized or coloured anew.

After "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm" (Facebook, 2019): luminance, two passes
of a box filter (Jarosz), 64 × 64 samples, the lowest 16 × 16 waves of a cosine transform, and each wave's side of their
median. Checked bit by bit against the published vectors and the reference implementation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from seawall.graph.compiled import Array, compiled

BYTES = 32  # of a hash
_SIDE, _WAVES = 64, 16
_WINDOWS = 128  # a box is so many times smaller than the picture
_GREY = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601
_DCT = (
    np.sqrt(2 / _SIDE) * np.cos(np.pi / 2 / _SIDE * np.outer(np.arange(1, _WAVES + 1), 2 * np.arange(_SIDE) + 1))
).astype(np.float32)


class Waves(NamedTuple):
    """A picture's waves, 16 × 16, and its quality: 0 (nothing to see) to 100; below 50 a hash says little."""

    waves: Array
    quality: int


@compiled
def _boxed(rows: Array, width: int, out: Array) -> None:
    """The mean of so many neighbours in each row; fewer at the ends. Sums run on, as the reference's do."""
    half = (width + 2) // 2
    n = rows.shape[1]
    for r in range(rows.shape[0]):
        total, many, ahead, behind = np.float32(0), 0, 0, 0
        for _ in range(half - 1):
            total += rows[r, ahead]
            many += 1
            ahead += 1
        for at in range(n):
            if ahead < n:
                total += rows[r, ahead]
                many += 1
                ahead += 1
            if at > width - half:
                total -= rows[r, behind]
                many -= 1
                behind += 1
            out[r, at] = total / np.float32(many)


def grey(rgb: Array) -> Array:
    """Luminance of a picture given as rows × columns × 3 bytes."""
    colours = rgb.astype(np.float32)
    return np.asarray(colours[..., 0] * _GREY[0] + colours[..., 1] * _GREY[1] + colours[..., 2] * _GREY[2])


def waves(luminance: Array) -> Waves:
    """What a grey picture's hash is made of, in whatever direction it is turned."""
    one = np.ascontiguousarray(luminance, np.float32)
    rows, columns = one.shape
    for _ in range(2):
        boxed = np.empty_like(one)
        _boxed(one, -(-columns // _WINDOWS), boxed)
        across = np.ascontiguousarray(boxed.T)
        boxed = np.empty_like(across)
        _boxed(across, -(-rows // _WINDOWS), boxed)
        one = np.ascontiguousarray(boxed.T)
    middle = np.arange(_SIDE) + 0.5
    small = one[np.ix_((middle * rows / _SIDE).astype(int), (middle * columns / _SIDE).astype(int))]
    return Waves(_DCT @ small @ _DCT.T, _quality(small))


def _quality(small: Array) -> int:
    """How much there is to see: the sum of steps between neighbours, in the reference's units."""
    steps = sum(np.abs(np.trunc(np.diff(small, axis=axis) * 100 / 255)).sum() for axis in (0, 1))
    return min(int(steps / 90), 100)


def hash_of(its: Array) -> Array:
    """The 32 bytes of a hash, in the order of the usual hexadecimal form."""
    median = np.partition(its.ravel(), 127)[127]
    return np.packbits((its > median).ravel()[::-1])
