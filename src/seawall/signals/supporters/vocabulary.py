"""What a word stands for: nothing (masked), an in-group or outsider concept, or itself.

Masked before anything is learned: words that name a religion, people, nation or language (swapping one for another
changes nothing), words that everyone uses who speaks of the topic (topic is not support), ordinary devotion, and
personal names. What is left is voice: how members name themselves, their dead, their enemies, their media.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from seawall.signals.identity import identity_words
from seawall.signals.text import plain

FOLDER = Path(__file__).parent / "words"
MASKS = ("topic", "devotional", "names")
CONCEPT = "@"  # before a concept's name, where features are named
_DOUBLED = re.compile(r"([aiu])\1+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Concept:
    """A group of words that say the same about the speaker's side. Sign +1: in-group; -1: how outsiders speak."""

    name: str
    sign: float
    title: str  # as reasons say it
    terms: tuple[str, ...]


class Terms:
    """A list of words, prefixes ('word*') and phrases, each standing for a number."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        listed = [(text.strip(), number) for text, number in pairs if text.strip("* ")]
        spelled = spell([text.rstrip("*") for text, _ in listed])
        self.whole: dict[str, int] = {}
        self.prefix: dict[str, int] = {}
        self.phrases: list[tuple[tuple[str, ...], bool, int]] = []  # words, whether the last is a prefix, number
        for (raw, number), words in zip(listed, spelled, strict=True):
            if len(words) > 1:
                self.phrases.append((tuple(words), raw.endswith("*"), number))
            elif words and raw.endswith("*") and len(words[0]) > 1:
                self.prefix.setdefault(words[0], number)
            elif words:
                self.whole.setdefault(words[0], number)

    def of(self, word: str) -> int | None:
        """What a word stands for: the whole word first, then its longest prefix; None if neither is listed."""
        if word in self.whole:
            return self.whole[word]
        for length in range(len(word), 1, -1):
            if (number := self.prefix.get(word[:length])) is not None:
                return number
        return None


def spell(texts: Sequence[str]) -> list[list[str]]:
    """Texts as the words that are compared: plain, with drawn-out letters shortened."""
    split = pl.Series(texts, dtype=pl.String).to_frame("t").select(plain(pl.col("t")).str.split(" ")).to_series()
    return [[squeeze(word) for word in words if word] for words in split.to_list()]


def squeeze(word: str) -> str:
    """A word without doubled a, i, u (transliteration varies) and with runs of a letter cut to two."""
    return _DRAWN_OUT.sub(r"\1\1", _DOUBLED.sub(r"\1", word))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All shipped word lists."""

    concepts: tuple[Concept, ...]
    lexicon: Terms
    identity: Terms
    masked: tuple[Terms, ...]
    stop: frozenset[str]
    contrast: tuple[tuple[str, str], ...]  # (register, sentence): how others speak of the topic, written for this

    def meaning(self, word: str) -> str:
        """'' for nothing, '@concept', or the word itself."""
        if self.identity.of(word) is not None:
            return ""
        if (number := self.lexicon.of(word)) is not None:
            return CONCEPT + self.concepts[number].name
        if len(word) < 2 or not word.isascii() or word in self.stop:
            return ""  # scripts the background is poor in speak through the lexicon only, so script alone is nothing
        return "" if any(terms.of(word) is not None for terms in self.masked) else word


@cache
def shipped() -> Vocabulary:
    """The vocabulary that comes with Seawall."""
    rows = [line.split("\t") for line in _lines("lexicon.tsv")]
    concepts = tuple(Concept(name, float(sign), title, tuple(t.split("|"))) for name, sign, title, t in rows)
    return Vocabulary(
        concepts=concepts,
        lexicon=Terms((term, i) for i, concept in enumerate(concepts) for term in concept.terms),
        identity=Terms((term, 0) for term in (*_lines("mask_identity.txt"), *identity_words())),
        masked=tuple(Terms((term, 0) for term in _lines(f"mask_{name}.txt")) for name in MASKS),
        stop=frozenset(word for words in spell(_lines("stopwords.txt")) for word in words),
        contrast=tuple(_contrast()),
    )


def _lines(name: str) -> list[str]:
    text = (FOLDER / name).read_text("utf-8")
    return [line.strip("\n") for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _contrast() -> Iterable[tuple[str, str]]:
    register = ""
    for line in _lines("contrast.txt"):
        if line.startswith("["):
            register = line.strip("[]")
        else:
            yield register, line


def read(texts: pl.Series, vocabulary: Vocabulary) -> tuple[list[str], sparse.csr_matrix, npt.NDArray[np.bool_]]:
    """What posts say: feature names, a 0/1 matrix posts × features, and which posts are in Latin script.

    Works on distinct words, not on posts: each word is looked up once however often it is written.
    """
    said = texts.fill_null("").to_frame("t").select(plain(pl.col("t")).alias("t"))
    latin = said.select(
        pl.col("t").str.replace_all(r"[^\x00-\x7F]", "").str.len_chars() > 0.9 * pl.col("t").str.len_chars()
    ).to_series()
    split = said.select(row=pl.int_range(pl.len()), word=pl.col("t").str.split(" ")).explode(
        "word", empty_as_null=False, keep_nulls=False
    )
    split = split.filter(pl.col("word") != "")
    distinct = split["word"].unique(maintain_order=True)
    squeezed = [squeeze(word) for word in distinct.to_list()]
    names, of_distinct = np.unique(np.array(squeezed, dtype=object).astype(str), return_inverse=True)
    code = pl.Series(of_distinct.astype(np.int64))
    words = split["word"].replace_strict(distinct, code, return_dtype=pl.Int64).to_numpy().astype(np.int64)
    rows = split["row"].to_numpy().astype(np.int64)
    features, pairs = _features(rows, words, names.tolist(), vocabulary)
    shape = (len(texts), len(features))
    matrix = sparse.csr_matrix((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])), shape=shape)
    return features, matrix, latin.fill_null(False).to_numpy()


def _features(rows: Ints, words: Ints, names: list[str], vocabulary: Vocabulary) -> tuple[list[str], Ints]:
    """Feature names and distinct (row, feature) pairs."""
    finder = _Phrases(rows, words, names)
    names_identity = np.array([vocabulary.identity.of(name) is not None for name in names] or [False])
    identity = names_identity[words] | _covered(finder, (vocabulary.identity,), len(words))
    covered = identity | _covered(finder, vocabulary.masked, len(words))
    meanings = [vocabulary.meaning(name) for name in names]
    features = sorted({meaning for meaning in meanings if meaning} | {CONCEPT + c.name for c in vocabulary.concepts})
    index = {feature: i for i, feature in enumerate(features)}
    meaning_of = np.array([index.get(meaning, -1) for meaning in meanings] or [0], np.int64)
    single = meaning_of[words]
    kept = (single >= 0) & ~covered
    parts = [np.stack([rows[kept], single[kept]], axis=1)]
    for starts, length, number in finder.find(vocabulary.lexicon):
        for step in range(length):  # a phrase with an identity word in it says nothing
            starts = starts[~identity[starts + step]]  # noqa: PLW2901
        concept = index[CONCEPT + vocabulary.concepts[number].name]
        parts.append(np.stack([rows[starts], np.full(len(starts), concept)], axis=1))
    return features, np.unique(np.concatenate(parts), axis=0).astype(np.int64)


def _covered(finder: _Phrases, lists: Iterable[Terms], words: int) -> npt.NDArray[np.bool_]:
    """Which words stand inside a phrase of these lists."""
    covered = np.zeros(words, bool)
    for terms in lists:
        for starts, length, _ in finder.find(terms):
            for step in range(length):
                covered[starts + step] = True
    return covered


class _Phrases:
    """Where phrases stand in a text given as word numbers."""

    def __init__(self, rows: Ints, words: Ints, names: list[str]) -> None:
        self._rows, self._words, self._names = rows, words, names
        self._number = {name: i for i, name in enumerate(names)}
        self._order = np.argsort(words, kind="stable")
        self._starts = np.searchsorted(words[self._order], np.arange(len(names) + 1))

    def find(self, terms: Terms) -> Iterable[tuple[Ints, int, int]]:
        """(positions of the first word, number of words, what the phrase stands for) of each phrase that occurs."""
        for phrase, open_end, number in terms.phrases:
            first = self._number.get(phrase[0])
            if first is None:
                continue
            at = self._order[self._starts[first] : self._starts[first + 1]]
            for step, word in enumerate(phrase[1:], 1):
                at = at[at + step < len(self._words)]
                at = at[self._rows[at + step] == self._rows[at]]
                at = at[self._is(self._words[at + step], word, open_end and step == len(phrase) - 1)]
            if len(at):
                yield at, len(phrase), number

    def _is(self, numbers: Ints, word: str, prefix: bool) -> npt.NDArray[np.bool_]:
        if prefix:
            return np.array([self._names[number].startswith(word) for number in numbers], bool)
        return np.equal(numbers, self._number.get(word, -1))
