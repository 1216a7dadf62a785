"""Spellings: the strings that stand for a phrase in a reading, and which of their matches count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.signals.text import letters
from seawall.signals.text.kernels import HIDDEN, LEET, PLAIN, SPECIAL, SPELT, word_starts
from seawall.signals.text.reading import LOOKS, SHORT, Reading, lines_of, read
from seawall.signals.text.tables import tables

Array = npt.NDArray[Any]
ALONE, AFTER_ANY, AFTER_ARTICLE = range(3)  # which Arabic joined words may stand before, see `word_starts`
_ARTICLE = "ال"
_LONG = 7  # letters of a single word, without the article, that Arabic's joined words may stand before


@dataclass(frozen=True, slots=True)
class Spelling:
    """A string that stands for a phrase."""

    text: str
    hidden: int = PLAIN  # how surely a word inside it must have been hidden for it to count
    after: int = ALONE
    part: bool = False  # it may be any part of a word that was spelt letter by letter


@lru_cache(maxsize=256)  # of lists, which are asked about at every look at a rule and seldom change
def spellings(phrases: tuple[str, ...]) -> tuple[tuple[Spelling, ...], ...]:
    """For each phrase the strings that stand for it in a reading; none if it has no letter or digit.

    Its words in a row, joined as in a hashtag, as they are written without the key for a letter, after Arabic's joined
    conjunctions, prepositions and article, and as look-alikes.
    """
    raw = pl.Series(phrases, dtype=pl.String)
    own = _words(raw)
    closed = _words(raw.str.replace_all(f"[{letters.APOSTROPHES}]", ""))  # an apostrophe left out
    ways = [
        list(dict.fromkeys([text, *_bare(text, other)])) if text else []
        for text, other in zip(own, closed, strict=True)
    ]
    looks = iter(_looks([way for its in ways for way in its]))
    return tuple(tuple(dict.fromkeys(_spelled([(way, next(looks)) for way in its]))) for its in ways)


def _words(phrases: pl.Series) -> list[str]:
    return [line.split(LOOKS)[0].split("#")[0].strip() for line in lines_of(read(phrases))]


def _looks(ways: list[str]) -> list[tuple[str, str]]:
    """Look-alikes of phrases, and the same with no letter twice in a row."""
    parts = [line.split(LOOKS + SHORT) for line in lines_of(read(pl.Series(ways, dtype=pl.String), True))]
    return [(looks.partition(LOOKS)[2], short.strip(SHORT)) for looks, short in parts]


def _bare(text: str, closed: str) -> Iterator[str]:
    """The phrase as it is written without the key for a letter, unless that is short enough to be another word."""
    for written in dict.fromkeys((text, closed)):
        for table in _tables():
            bare = written.translate(table)
            if written[-1] == "é" and " " not in written:
                bare = bare[:-1] + "é"  # a participle: without it, it is another form, and often another word
            if bare != text and len(bare) >= 6 and not re.fullmatch(letters.KEPT_WORD, written):
                yield bare


@cache
def _tables() -> tuple[dict[int, str], dict[int, str]]:
    bare = tables().bare
    one = {int(code): chr(bare[code]) if bare[code] else "" for code in np.flatnonzero(bare != np.arange(len(bare)))}
    return one, one | {ord(letter): other for letter, other in letters.BARE_OTHERWISE.items()}


def _spelled(ways: list[tuple[str, tuple[str, str]]]) -> Iterator[Spelling]:
    for text, looks in ways:
        yield from _standing(text, " ", PLAIN)
        hidden = _hidden(text)
        if hidden is not None:
            for look, between in zip(looks, (LOOKS, SHORT), strict=True):
                yield from _standing(look, between, hidden)
                if len(text) >= 6:
                    yield Spelling(look.replace(between, ""), SPELT, part=True)


def _standing(text: str, between: str, hidden: int) -> Iterator[Spelling]:
    yield Spelling(f"{between}{text}{between}", hidden)
    yield Spelling(f"{between}#{text.replace(between, '')}{between}", hidden)
    for stem, after in _after_joined(text, between):
        yield Spelling(f"{stem}{between}", hidden, after)


def _after_joined(text: str, between: str) -> Iterator[tuple[str, int]]:
    """Stems that Arabic's joined words may stand before, and which of them."""
    first = text.split(between, maxsplit=1)[0]
    if not "\u0621" <= text[0] <= "\u06d3":
        return
    if first.startswith(_ARTICLE) and len(first) >= (_LONG + len(_ARTICLE) if first == text else 5):
        yield text.removeprefix(_ARTICLE), AFTER_ARTICLE
    if len(first) >= (_LONG if first == text else 3):
        yield text, AFTER_ANY


def _hidden(text: str) -> int | None:
    """How surely a word must be hidden for a phrase of such a length to count; None if none is sure enough."""
    if len(text) >= 6:  # its letters, and one more for each further word
        return SPECIAL
    if len(text) >= 4:
        return LEET
    return HIDDEN if len(text) == 3 else None


class Spelled:
    """Spellings in a row, by number, as a matcher has them."""

    def __init__(self, listed: Sequence[Spelling]) -> None:
        self._length = np.array([len(one.text.encode()) for one in listed], np.int64)
        self._hidden = np.array([one.hidden for one in listed], np.int64)
        self._after = np.array([one.after for one in listed], np.int64)
        self._part = np.array([one.part for one in listed], np.bool_)

    def counts(self, reading: Reading, ids: Array, ends: Array) -> Array:
        """Of matches, given as a spelling's number and where it ends in the reading's lines, which count."""
        starts = word_starts(reading.lines, ends - self._length[ids], self._after[ids])
        sure = np.where(self._part[ids], reading.around(starts, ends), reading.surest(starts, ends))
        kept: Array = (starts >= 0) & (sure >= self._hidden[ids])
        return kept
