"""The suspended accounts, indexed: who of them shares rare marks with a new account, and how rare each thing is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.graph.likeness import (
    AUDIENCE,
    BIO,
    HANDLE,
    KIND_SHIFT,
    KINDS,
    LETTERS,
    LINK,
    NAME,
    NAMED,
    PICTURE,
    RUN,
    SIGN,
    TAG,
    WORD,
    count_letters,
    search,
    strongest,
)
from seawall.signals.returns.profiles import NEVER, Profiles
from seawall.signals.returns.spelling import Spellings

Array = npt.NDArray[Any]
MOST = {WORD: 192, RUN: 256, TAG: 64, NAMED: 64, LINK: 64, SIGN: 64, BIO: 40, NAME: 60, HANDLE: 60, PICTURE: 4,
        AUDIENCE: 500}  # marks of a kind that are kept of an account, the most telling first  # fmt: skip
FOUND_BY = (WORD, TAG, NAMED, LINK, BIO, NAME, HANDLE, PICTURE, AUDIENCE)  # kinds that candidates are looked up by
REACH = 60_000  # postings read for one account, rarest marks first
SHORTLIST = 60
ALL_BELOW = 1000  # so few suspended accounts are all compared
_MEMBER_SHARED = 0.2  # share of its audience that an account gets back
_SMOOTH = 20.0


class Known:
    """Suspended accounts, ready to be compared with. `others` are accounts whose marks tell, too, what is common."""

    def __init__(self, suspended: Profiles, others: Profiles | None = None) -> None:
        order, idf = self._count(suspended, others)
        keep = _most_telling(suspended.starts, suspended.marks, _weight(suspended.times, idf))
        self.profiles = _trimmed(suspended, keep)
        self._idf = idf[keep]
        self.weight = _weight(self.profiles.times, self._idf)
        self.norms = _norms(self.profiles, self.weight)
        self.audience = _number(self.profiles, AUDIENCE)
        self.handle_letters = _letters([suspended.handles, *([others.handles] if others else [])])
        self.name_letters = _letters([suspended.names, *([others.names] if others else [])])
        self._rare_names(others)
        told = self.profiles.last[self.profiles.last != NEVER]
        self.days = max(60.0, float(told.max() - told.min()) / 86_400) if len(told) else 60.0
        self._index(suspended, order, keep)

    def __len__(self) -> int:
        return len(self.profiles)

    def _count(self, suspended: Profiles, others: Profiles | None) -> tuple[Array, Array]:
        """Count in how many accounts each mark is. Returns the order in which the marks of the suspended are sorted,
        equal ones by account, and how rare each of their marks is."""
        self._accounts = len(suspended) + (len(others) if others else 0)
        order = np.argsort(suspended.marks, kind="stable")
        sorted_marks = suspended.marks[order]
        first = np.ones(len(sorted_marks), bool)
        first[1:] = sorted_marks[1:] != sorted_marks[:-1]
        begins = np.flatnonzero(first)
        self._ids, self._df = sorted_marks[begins], np.diff(np.append(begins, len(sorted_marks)))
        held = np.arange(len(self._ids))
        if others:
            more, df = np.unique(others.marks, return_counts=True)
            ids = np.union1d(self._ids, more)
            total = np.zeros(len(ids), np.int64)
            held = np.searchsorted(ids, self._ids)
            total[held] += self._df
            total[np.searchsorted(ids, more)] += df
            self._ids, self._df = ids, total
        idf = np.empty(len(order), np.float32)
        idf[order] = np.repeat(self._rare(self._df[held]), np.diff(np.append(begins, len(order))))
        return order, idf

    def _rare(self, df: Array) -> Array:
        """How rare a mark is that so many accounts have: log of all to those, one more than seen."""
        rare = np.log((self._accounts + 1.0) / (np.maximum(df, 1) + 0.5))
        return np.asarray(rare.clip(0.01).astype(np.float32))

    def idf_of(self, marks: Array) -> Array:
        """How rare marks are."""
        if not len(self._ids):
            return self._rare(np.zeros(len(marks)))
        at = np.minimum(np.searchsorted(self._ids, marks), len(self._ids) - 1)
        return self._rare(np.where(self._ids[at] == marks, self._df[at], 0))

    def _index(self, suspended: Profiles, order: Array, keep: Array) -> None:
        """Postings: the accounts of each mark that candidates are looked up by."""
        usable = np.isin(np.arange(KINDS), FOUND_BY)
        kinds = (suspended.marks >> np.uint64(KIND_SHIFT)).astype(np.int8)
        order = order[(keep & usable[kinds])[order]]
        marks = suspended.marks[order]
        rows = np.repeat(np.arange(len(suspended), dtype=np.int32), np.diff(suspended.starts))
        self.postings = rows[order]
        first = np.ones(len(marks), bool)
        first[1:] = marks[1:] != marks[:-1]
        begins = np.flatnonzero(first)
        self.ids = marks[begins]
        self.posting_starts = np.append(begins, len(marks)).astype(np.int64)
        self.posting_idf = self.idf_of(self.ids)
        self._score, self._found = np.zeros(len(self.profiles), np.float32), np.empty(len(self.profiles), np.int64)

    def candidates(self, new: Profiles, row: int) -> Array:
        """Rows of suspended accounts worth comparing with a new one: all, where they are few. Not for two threads."""
        if len(self) <= ALL_BELOW:
            return np.arange(len(self))
        marks, _, _, _ = self.bag(new, row)
        touched = search(
            marks, self.ids, self.posting_starts, self.postings, self.posting_idf, REACH, self._score, self._found
        )
        return np.asarray(strongest(self._score, self._found, touched, SHORTLIST), np.int64)

    def bag(self, new: Profiles, row: int) -> tuple[Array, Array, Array, Array]:
        """A new account's marks, their weights, the length per kind, and what sharing each is worth."""
        span = slice(new.starts[row], new.starts[row + 1])
        marks, times = new.marks[span], new.times[span]
        idf = self.idf_of(marks)
        keep = _most_telling(np.array([0, len(marks)]), marks, _weight(times, idf))
        marks, idf, times = marks[keep], idf[keep], times[keep]
        weight = _weight(times, idf)
        kinds = (marks >> np.uint64(KIND_SHIFT)).astype(np.int64)
        norm = np.sqrt(np.bincount(kinds, weight**2, KINDS)).astype(np.float32)
        gain = np.where(kinds == AUDIENCE, np.maximum(idf + np.log(_MEMBER_SHARED), 0), idf).astype(np.float32)
        return marks, weight, norm, gain

    def audience_of(self, new: Profiles, row: int) -> int:
        """How many accounts follow, name, answer or repost a new account, or are followed by it."""
        span = slice(new.starts[row], new.starts[row + 1])
        return int((new.marks[span] >> np.uint64(KIND_SHIFT) == AUDIENCE).sum())

    def _rare_names(self, others: Profiles | None) -> None:
        def whole(names: Spellings) -> list[bytes]:
            return [bytes(names[i]) for i in range(len(names))]

        own = np.array(whole(self.profiles.names), dtype=object).astype(np.bytes_)
        rest = np.array(whole(others.names), dtype=object).astype(np.bytes_) if others else own[:0]
        _, place, count = np.unique(np.concatenate([own, rest]), return_inverse=True, return_counts=True)
        named = max(int(self._accounts - (np.concatenate([own, rest]) == b"").sum()), 1)
        self._rare_name = np.log((named + _SMOOTH) / (count[place[: len(own)]] + 0.5))
        at = np.zeros(len(self.profiles), np.float64)
        kinds = self.profiles.marks >> np.uint64(KIND_SHIFT)
        row = np.repeat(np.arange(len(self.profiles)), np.diff(self.profiles.starts))
        pictures = kinds == PICTURE
        at[row[pictures]] = self._idf[pictures]
        self._rare_picture = at

    def rare_name(self, rows: Array) -> Array:
        """How rare the names of suspended accounts are, in nats."""
        return np.asarray(self._rare_name[rows])

    def rare_picture(self, rows: Array) -> Array:
        """How rare their pictures are, in nats."""
        return np.asarray(self._rare_picture[rows])


def _weight(times: Array, idf: Array) -> Array:
    return ((1 + np.log(times)) * idf).astype(np.float32)


def _norms(p: Profiles, weight: Array) -> Array:
    kinds = (p.marks >> np.uint64(KIND_SHIFT)).astype(np.int64)
    row = np.repeat(np.arange(len(p)), np.diff(p.starts))
    squares = np.bincount(row * KINDS + kinds, weight.astype(np.float64) ** 2, len(p) * KINDS)
    return np.sqrt(squares).reshape(len(p), KINDS).astype(np.float32)


def _number(p: Profiles, kind: int) -> Array:
    row = np.repeat(np.arange(len(p)), np.diff(p.starts))
    return np.bincount(row[(p.marks >> np.uint64(KIND_SHIFT)) == kind], minlength=len(p))


def _most_telling(starts: Array, marks: Array, weight: Array) -> Array:
    """Which marks to keep: of each account and kind the heaviest, as many as MOST says."""
    kinds = (marks >> np.uint64(KIND_SHIFT)).astype(np.int64)
    group = np.repeat(np.arange(len(starts) - 1), np.diff(starts)) * KINDS + kinds
    size = np.bincount(group, minlength=1)
    most = np.array([MOST[kind] for kind in range(KINDS)])
    if not len(marks) or not (size > most[np.arange(len(size)) % KINDS]).any():
        return np.ones(len(marks), bool)
    order = np.lexsort((marks, -weight, group))
    begins = np.concatenate([[0], np.cumsum(size)])[:-1]
    keep = np.zeros(len(marks), bool)
    keep[order] = np.arange(len(marks)) - begins[group[order]] < most[kinds[order]]
    return keep


def _trimmed(p: Profiles, keep: Array) -> Profiles:
    left = np.concatenate([[0], np.cumsum(keep)])[p.starts].astype(np.int64)
    return replace(p, starts=left, marks=p.marks[keep], times=p.times[keep])


def _letters(columns: list[Spellings]) -> Array:
    """Log-probability of a letter after two, over spellings given: counts backed off to one letter, then to any."""
    counts = np.zeros((LETTERS, LETTERS, LETTERS))
    for column in columns:
        count_letters(column.offsets, column.data, counts)
    one = counts.sum((0, 1)) + 1.0
    one /= one.sum()
    two = counts.sum(0)
    two = (two + 10 * one) / (two.sum(1, keepdims=True) + 10)
    three = (counts + 10 * two[None]) / (counts.sum(2, keepdims=True) + 10)
    return np.asarray(np.log(three))
