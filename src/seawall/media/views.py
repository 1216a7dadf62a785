"""The hashes by which a picture is looked for, and those by which it is found, though somebody edited it.

A picture that is looked up may be turned, mirrored, framed or cropped: it is hashed in all eight directions, without
its frame, and grown at its edges (a cropped picture, grown, is near the whole one). A picture of our own that goes into
a bank is hashed whole and cropped in many ways, which finds crops much better; of a hash that others give there is no
picture to crop. A picture with fine patterns (bricks, a page of text) has another hash once a hundredth of it is lost:
such a one is cropped in more ways, when it is kept and when it is looked up.
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
_COARSE, _FINE = 40, 80  # of which part of a side crops are apart: of most pictures, and of those with fine patterns
_LOST = 0.1  # of a side: what two edges across from each other lose together at most, in all ways to share it
_ROUGH = 22  # bits that change when one fine step is cropped, beyond which a picture has fine patterns
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
    found += [_hash(_grown(small, by, how))[None] for how, by in product(("edge", "reflect"), _GROWN)]
    whole = _smaller(grey, _TURNED_SIDE)
    return np.concatenate([*found, _shifted(whole)] if _is_rough(whole) else found)


def _turned(grey: Array) -> Array:
    """Hashes of a picture in seven directions; turned as pixels, for waves turned by sign alone are some bits off."""
    return np.stack([_hash(way) for way in _ways(_smaller(grey, _TURNED_SIDE))[1:]])


def _ways(grey: Array) -> list[Array]:
    return [np.rot90(one, quarters) for one in (grey, grey[:, ::-1]) for quarters in range(4)]


def _shifted(grey: Array) -> Array:
    """Hashes of a picture with fine patterns that lost a little more at its edges, so that it lies between the crops
    that are kept: in every way by thirds of their distance, in the other directions by halves."""
    plain, *others = _ways(grey)
    thirds, halves = (list(product((0, *steps), repeat=4))[1:] for steps in ((1 / 240, 1 / 120), (1 / 160,)))
    return np.stack(
        [_hash(_cropped(plain, *by)) for by in thirds] + [_hash(_cropped(way, *by)) for way in others for by in halves]
    )


def banked(grey: Array) -> Array:
    """Hashes to keep of a picture, the plain one first; none where there is too little to see."""
    its = waves(grey)
    if its.quality < LEAST_QUALITY:
        return np.empty((0, BYTES), np.uint8)
    inside = unframed(grey)
    parts = (
        [grey, inside] if _lost(grey, inside) > 1 / _FINE else [inside]
    )  # what looks like a frame may be the picture
    found = np.concatenate([hash_of(its.waves)[None], *(_crops(_smaller(part, _TURNED_SIDE)) for part in parts)])
    return found[np.sort(np.unique(found, axis=0, return_index=True)[1])]


def _lost(grey: Array, inside: Array) -> float:
    return 1.0 - float(min(inside.shape[0] / grey.shape[0], inside.shape[1] / grey.shape[1]))


def _crops(grey: Array) -> Array:
    """A picture cropped in many ways: more where small ones change its hash much."""
    each = [(by,) * 4 for by in _ALL_ROUND] + _shared(_FINE if _is_rough(grey) else _COARSE)
    return np.stack([_hash(_cropped(grey, *crop)) for crop in each])


def _shared(parts: int) -> list[tuple[float, float, float, float]]:
    steps = round(parts * _LOST)
    lost = [(one / parts, other / parts) for one in range(steps + 1) for other in range(steps + 1 - one)]
    return [(left, top, right, bottom) for left, right in lost for top, bottom in lost]


def _is_rough(grey: Array) -> bool:
    whole, step = _hash(grey), 1 / _FINE
    lost = [np.bitwise_count(whole ^ _hash(_cropped(grey, *np.roll([step, 0, 0, 0], edge)))).sum() for edge in range(4)]
    return float(np.median(lost)) > _ROUGH


def _hash(grey: Array) -> Array:
    return hash_of(waves(grey).waves)


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
    """A picture of about so many pixels a side, half as many again at most, each the mean of those it stands for."""
    step = round(max(grey.shape) / side)
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
