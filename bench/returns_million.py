"""A million suspended accounts, and newcomers, as profiles dealt in columns: only for the speed of looking up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.graph.likeness import AUDIENCE, BIO, HANDLE, KIND_SHIFT, NAME, PICTURE, WORD, name_marks
from seawall.signals.returns.profiles import HABITS, Profiles
from seawall.signals.returns.spelling import Spellings

Array = npt.NDArray[Any]
BEGINS = 1_400_000_000
_EACH = {BIO: (6, 40_000), PICTURE: (1, 900_000), AUDIENCE: (15, 3_000_000), WORD: (10, 200_000)}


def suspended(many: int) -> Profiles:
    """Handles of two or three stems and a number, names of two common words, and marks as skewed as words are."""
    draw = np.random.default_rng(1)
    stems = np.array(["".join(draw.choice(list("aeioubdfghjklmnrstz"), 5)) for _ in range(20_000)])
    first, second = (_skewed(draw, many, len(stems)) for _ in range(2))
    handles = np.char.add(np.char.add(stems[first], stems[second]), draw.integers(0, 1000, many).astype(str))
    names = np.char.add(np.char.add(stems[_skewed(draw, many, 3000)], " "), stems[_skewed(draw, many, 3000)])
    parts = [
        (np.repeat(np.arange(many), n), _mark(kind, _skewed(draw, n * many, of))) for kind, (n, of) in _EACH.items()
    ]
    return _profiles(handles.tolist(), names.tolist(), parts, draw)


def newcomers(old: Profiles, asked: int) -> tuple[Profiles, Array]:
    """Every second is a return, with a changed handle, half of the audience and a part of the words; -1: nobody's."""
    draw = np.random.default_rng(2)
    parents = np.where(np.arange(asked) % 2 == 0, draw.integers(0, len(old), asked), -1)
    fresh = suspended(asked)
    handles, names, rows, marks = [], [], [], []
    for row, parent in enumerate(parents):
        of, source = (old, parent) if parent >= 0 else (fresh, row)
        handle = bytes(of.handles[source]).decode()
        handles.append(handle[:-1] + "_2" if parent >= 0 else handle[::-1])
        names.append(bytes(of.names[source]).decode())
        its = of.marks[of.starts[source] : of.starts[source + 1]]
        kinds = its >> np.uint64(KIND_SHIFT)
        kept = its[(kinds != HANDLE) & (kinds != NAME) & (draw.random(len(its)) < 0.5)]
        rows.append(np.full(len(kept), row))
        marks.append(kept)
    found = _profiles(handles, names, [(np.concatenate(rows), np.concatenate(marks))], draw)
    return found, parents


def _skewed(draw: np.random.Generator, many: int, of: int) -> Array:
    return (of * draw.random(many) ** 2).astype(np.int64)


def _mark(kind: int, number: Array) -> Array:
    return (np.uint64(kind) << np.uint64(KIND_SHIFT)) | (number.astype(np.uint64) * np.uint64(2654435761) % (1 << 36))


def _profiles(
    handles: list[str], names: list[str], parts: list[tuple[Array, Array]], draw: np.random.Generator
) -> Profiles:
    many = len(handles)
    spelt = [(Spellings.of(handles), HANDLE), (Spellings.of(names), NAME)]
    for column, kind in spelt:
        keys, at = np.empty(len(column.data), np.uint64), np.empty(len(column.data), np.int64)
        count = name_marks(column.offsets, column.data, kind, keys, at)
        parts = [*parts, (at[:count], keys[:count])]
    rows, marks = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    order = np.argsort((rows.astype(np.uint64) << np.uint64(40)) | marks)
    rows, marks = rows[order], marks[order]
    new = np.ones(len(marks), bool)
    new[1:] = (rows[1:] != rows[:-1]) | (marks[1:] != marks[:-1])
    starts = np.searchsorted(rows[new], np.arange(many + 1)).astype(np.int64)
    at = BEGINS + draw.integers(0, 10_000_000, many)
    return Profiles(
        ["scene"] * many, [str(i) for i in range(many)], handles, spelt[0][0], spelt[1][0], starts, marks[new],
        np.ones(int(new.sum()), np.float32), np.ones((many, 24), np.float32),
        np.full((many, len(HABITS)), 0.5, np.float32), np.full(many, 10), at, at + 1_000_000, np.zeros(many, bool),
    )  # fmt: skip
