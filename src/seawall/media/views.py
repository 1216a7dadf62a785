"""The hashes by which a picture is looked for, and those by which it is found, though somebody edited it.

A picture that is looked up may be turned, mirrored, framed or cropped: it is hashed in all eight directions, without
its frame, and grown at its edges (a cropped picture, grown, is near the whole one). A picture of our own that goes into
a bank is hashed whole and cropped in many ways, which finds crops much better; of a hash that others give there is no
picture to crop.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from seawall.graph.compiled import Array
from seawall.media.pdq import BYTES, hash_of, waves

LEAST_QUALITY = 50  # of a picture that is worth hashing, as PDQ's authors say
_TURNED_SIDE, _SIDE = 512, 256  # pixels that are enough for pictures turned, and for other views
_GROWN = (0.02, 0.04, 0.06)  # of a side, at each edge
_ALL_ROUND = tuple(step / 80 for step in range(1, 9))  # of a side, at each edge: 1.25% to 10%
_STEPS = 4  # of a fortieth of a side: what two edges across from each other lose together, in all ways to share it
_SHARED = [(one / 40, other / 40) for one in range(_STEPS + 1) for other in range(_STEPS + 1 - one)]
_FLAT = 10.0  # grey steps that a frame may vary by
_LEAST_INSIDE = 0.3  # of a side


def asked(grey: Array) -> Array:
    """Hashes (rows of 32 bytes) to look a picture up by, the plain one first; none where there is too little to see."""
    its = waves(grey)
    if its.quality < LEAST_QUALITY:
        return np.empty((0, BYTES), np.uint8)
    inside, small = unframed(grey), _smaller(grey, _SIDE)
    found = [hash_of(its.waves)[None], _turned(grey)]
    if inside.shape != grey.shape and waves(inside).quality >= LEAST_QUALITY:
        found += [hash_of(waves(inside).waves)[None], _turned(inside)]
    found += [hash_of(waves(_grown(small, by, how)).waves)[None] for how, by in product(("edge", "reflect"), _GROWN)]
    return np.concatenate(found)


def _turned(grey: Array) -> Array:
    """Hashes of a picture in seven directions; turned as pixels, for waves turned by sign alone are some bits off."""
    small = _smaller(grey, _TURNED_SIDE)
    ways = [np.rot90(one, quarters) for one in (small, small[:, ::-1]) for quarters in range(4)]
    return np.stack([hash_of(waves(way).waves) for way in ways[1:]])


def banked(grey: Array) -> Array:
    """Hashes to keep of a picture, the plain one first; none where there is too little to see."""
    its = waves(grey)
    if its.quality < LEAST_QUALITY:
        return np.empty((0, BYTES), np.uint8)
    small = _smaller(unframed(grey), _SIDE)
    crops = [(by,) * 4 for by in _ALL_ROUND]
    crops += [(left, top, right, bottom) for left, right in _SHARED for top, bottom in _SHARED]
    return np.stack([hash_of(its.waves), *(hash_of(waves(_cropped(small, *crop)).waves) for crop in crops)])


def unframed(grey: Array) -> Array:
    """A picture without a frame or bars of one colour; the whole one where that would leave little."""
    top, bottom = _inside(grey)
    left, right = _inside(grey[top:bottom].T)
    if bottom - top < _LEAST_INSIDE * grey.shape[0] or right - left < _LEAST_INSIDE * grey.shape[1]:
        return grey
    return grey[top:bottom, left:right]


def _inside(grey: Array) -> tuple[int, int]:
    """The first row that is no frame, and the last's successor."""
    low, high = np.percentile(grey, (5, 95), axis=1)
    ends = []
    for rows in (slice(None), slice(None, None, -1)):
        first = grey[rows][0].mean()
        framed = (high[rows] - low[rows] < _FLAT) & (np.abs((high[rows] + low[rows]) / 2 - first) < _FLAT)
        ends.append(int(np.argmin(framed)) if not framed.all() else 0)
    return ends[0], grey.shape[0] - ends[1]


def _smaller(grey: Array, side: int) -> Array:
    """A picture of no more pixels a side, each the mean of those it stands for."""
    step = -(-max(grey.shape) // side)
    if step < 2:
        return grey
    rows, columns = (max(length // step, 1) for length in grey.shape)
    if rows * step > grey.shape[0] or columns * step > grey.shape[1]:  # thinner than a step
        return grey
    return np.asarray(grey[: rows * step, : columns * step].reshape(rows, step, columns, step).mean((1, 3)))


def _grown(grey: Array, by: float, how: str) -> Array:
    rows, columns = (round(length * by) for length in grey.shape)
    around = ((rows, rows), (columns, columns))
    return np.pad(grey, around, mode="edge" if how == "edge" else "reflect")


def _cropped(grey: Array, left: float, top: float, right: float, bottom: float) -> Array:
    rows, columns = grey.shape
    return grey[
        round(rows * top) : rows - round(rows * bottom), round(columns * left) : columns - round(columns * right)
    ]
