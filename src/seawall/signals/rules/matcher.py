"""All named lists matched at once: which entries each post of a batch holds.

A phrase is matched as literals in a reading of the text: whole words only, and hidden ones as docs/text.md says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from seawall.signals.rules.domains import Domains
from seawall.signals.rules.hashes import Hashes
from seawall.signals.rules.lists import KINDS, NamedList
from seawall.signals.rules.literals import NOTHING, Literals, Whole
from seawall.signals.text import Spelled, read, spellings, without_links


@dataclass(frozen=True, slots=True)
class Hits:
    """The posts of a batch that some list touches, and for each list which of them, and how many entries there.

    An entry counts once in a post, however often it stands there.
    """

    rows: Whole  # of the batch, ascending
    lists: dict[str, tuple[Whole, Whole]]  # by name: places in `rows`, ascending, and the counts; absent: none

    def count(self, name: str, posts: int) -> Whole:
        """A list's count for every post of a batch of so many."""
        counts = np.zeros(posts, np.int64)
        if name in self.lists:
            places, found = self.lists[name]
            counts[self.rows[places]] = found
        return counts


class Matcher:
    """All lists at once. Made once for a process; one thread at a time may ask it."""

    def __init__(self, lists: Iterable[NamedList]) -> None:
        listed = sorted(lists, key=lambda item: item.kind, reverse=True)
        phrases, hashes, domains = ([item for item in listed if item.kind == kind] for kind in KINDS)
        self._names = [item.name for item in listed]
        self._entries = [entry for item in (*phrases, *hashes, *domains) for entry in item.entries]
        self._list_of = np.repeat(np.arange(len(listed)), np.array([len(item.entries) for item in listed], np.int64))
        self._phrases = _Phrases(phrases)
        self._hashes = Hashes([entry for item in hashes for entry in item.entries])
        self._domains = Domains([entry for item in domains for entry in item.entries])
        self._first_hash = sum(len(item.entries) for item in phrases)
        self._first_domain = self._first_hash + len(self.hashes)

    @property
    def hashes(self) -> pl.Series:
        """The hashes of all lists."""
        return self._hashes.all

    def hits(self, text: pl.Series, links: pl.Series, files: pl.Series | None = None) -> Hits:
        """What the lists find in posts given as text, expanded links and, if known, hashes of files (list columns)."""
        rows, entries = self._found(text, links, files)
        if not len(rows):
            return Hits(rows, {})
        touched, places = np.unique(rows, return_inverse=True)
        lists, places, counts = _counted(self._list_of[entries], places)
        ends = np.searchsorted(lists, np.arange(len(self._names)), "right")
        parts = zip(self._names, np.split(places, ends), np.split(counts, ends), strict=False)
        return Hits(touched, {name: (its, found) for name, its, found in parts if len(its)})

    def entries(self, text: pl.Series, links: pl.Series, files: pl.Series | None = None) -> list[tuple[int, str, str]]:
        """For a person who looks: the row, the list's name and the entry of every hit."""
        rows, entries = self._found(text, links, files)
        return [
            (int(row), self._names[self._list_of[entry]], self._entries[entry])
            for row, entry in zip(rows, entries, strict=True)
        ]

    def _found(self, text: pl.Series, links: pl.Series, files: pl.Series | None) -> tuple[Whole, Whole]:
        """Rows and numbers of the entries that stand in them, each once."""
        said, entries = self._phrases.find(text)
        linked, domains = self._domains.find(text, links)
        shown, hashes = (NOTHING, NOTHING) if files is None else self._hashes.find(files)
        rows = np.concatenate([said, shown, linked])
        if not len(rows):
            return NOTHING, NOTHING
        return _distinct(rows, np.concatenate([entries, hashes + self._first_hash, domains + self._first_domain]))


def _distinct(left: Whole, right: Whole) -> tuple[Whole, Whole]:
    """Distinct pairs, in order."""
    first, second, _ = _counted(left, right)
    return first, second


def _counted(left: Whole, right: Whole) -> tuple[Whole, Whole, Whole]:
    """Distinct pairs, in order, and how often each was there."""
    span = int(right.max()) + 1
    keys, counts = np.unique(left * span + right, return_counts=True)
    return keys // span, keys % span, counts


class _Phrases:
    """Phrases of lists by number, each in all its spellings."""

    def __init__(self, lists: Iterable[NamedList]) -> None:
        spelt = (its for item in lists for its in spellings(item.entries))
        ways = [(way, number) for number, its in enumerate(spelt) for way in its]
        self._entry_of = np.array([number for _, number in ways], np.int64)
        self._literals = Literals([way.text.encode() for way, _ in ways])
        self._spelled = Spelled([way for way, _ in ways])

    def find(self, text: pl.Series) -> tuple[Whole, Whole]:
        """Rows and numbers of the phrases that stand in them."""
        if not len(self._entry_of):
            return NOTHING, NOTHING
        said = text.fill_null("").to_frame("text").select(without_links(pl.col("text"))).to_series()
        reading = read(said)
        rows, spelled, ends = self._literals.places(reading.lines, reading.offsets)
        kept = self._spelled.counts(reading, spelled, ends)
        return rows[kept], self._entry_of[spelled[kept]]
