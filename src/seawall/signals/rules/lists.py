"""Named lists of phrases and domains, all matched in one pass over folded text.

The matcher is Hyperscan (Wang et al., Hyperscan: A Fast Multi-pattern Regex Matcher, NSDI 2019) over literal
strings with a space at each end, so a phrase matches whole words only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import hyperscan
import numpy as np
import polars as pl

from seawall.signals.text import fold, spellings, without_links, words

KINDS = ("phrases", "domains")
SHIPPED_LISTS = Path(__file__).parent / "lists"


class RuleError(ValueError):
    """A rule or a list that may not be used; the message says which, where and why."""


@dataclass(frozen=True, slots=True)
class NamedList:
    """Phrases or domains that rules name. An entry counts once in a post, however often it stands there."""

    name: str
    kind: str
    title: str
    entries: tuple[str, ...]


def read_lists(*folders: Path) -> dict[str, NamedList]:
    """The lists of folders of .txt files; a later folder's list replaces an earlier one of the same name."""
    found = {}
    for folder in folders:
        for path in sorted(folder.glob("*.txt")):
            found[path.stem] = _read(path)
    return found


def _read(path: Path) -> NamedList:
    head: dict[str, str] = {}
    entries: dict[str, None] = {}
    for line in path.read_text("utf-8").splitlines():
        note = re.match(r"#\s*(kind|title|why|lang)\s*:\s*(.+)", line)
        if note:
            head.setdefault(note[1], note[2].strip())
        elif line.strip() and not line.startswith("# "):
            entries[line.strip()] = None
    if head.get("kind") not in KINDS:
        raise RuleError(f"{path}: needs a first line '# kind: phrases' or '# kind: domains'")
    empty = [entry for entry, strings in zip(entries, spellings(list(entries)), strict=True) if not strings]
    if empty or not entries:
        raise RuleError(f"{path}: {f'entry {empty[0]!r} has no letter or digit' if empty else 'has no entries'}")
    return NamedList(path.stem, head["kind"], head.get("title", path.stem), tuple(entries))


class Matcher:
    """All lists at once. `hits` gives, per list, how many distinct entries each post holds."""

    def __init__(self, lists: Iterable[NamedList]) -> None:
        listed = list(lists)
        self.names = [item.name for item in listed]
        self._phrases = _Literals([item for item in listed if item.kind == "phrases"])
        self._domains = _Literals([item for item in listed if item.kind == "domains"])

    def hits(self, text: pl.Series, links: pl.Series) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int16]]]:
        """Counts by list name for posts given as text and their expanded links (a list column)."""
        frame = pl.DataFrame({"text": text, "links": links})
        said = frame.select(words(fold(without_links(pl.col("text").fill_null(""))))).to_series()
        counts = self._phrases.count(said)
        if self._domains.lists:
            linked = pl.concat_str(
                pl.col("text").fill_null(""), pl.lit(" "), pl.col("links").list.join(" ").fill_null("")
            )
            counts |= self._domains.count(frame.select(words(fold(linked))).to_series())
        return counts


class _Literals:
    """One Hyperscan database over the spellings of some lists, scanned over a whole batch at a time."""

    def __init__(self, lists: list[NamedList]) -> None:
        self.lists = lists
        entry_of: list[int] = []
        patterns: list[bytes] = []
        self._list_of = np.array([i for i, item in enumerate(lists) for _ in item.entries], np.int64)
        for number, strings in enumerate(spellings([entry for item in lists for entry in item.entries])):
            for spelling in strings:
                patterns.append(re.escape(spelling).encode())
                entry_of.append(number)
        self._entry_of = np.array(entry_of, np.int64)
        self._database = hyperscan.Database()
        if patterns:
            self._database.compile(expressions=patterns, ids=list(range(len(patterns))), elements=len(patterns))

    def count(self, said: pl.Series) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int16]]]:
        """Distinct entries per list and post. Posts are joined so that the database is entered once."""
        rows = len(said)
        counts = np.zeros((len(self.lists), rows), np.int16)
        if rows and len(self._entry_of):
            found: list[tuple[int, int]] = []
            joined = "\n".join(said.to_list()).encode()
            ends = np.cumsum(said.str.len_bytes().to_numpy().astype(np.int64) + 1)
            self._database.scan(joined, match_event_handler=lambda i, _from, to, _flags, _ctx: found.append((i, to)))
            if found:
                ids, tos = np.array(found, np.int64).T
                pairs = np.unique(np.stack([np.searchsorted(ends, tos, "left"), self._entry_of[ids]], 1), axis=0)
                np.add.at(counts, (self._list_of[pairs[:, 1]], pairs[:, 0]), 1)
        return {item.name: counts[i] for i, item in enumerate(self.lists)}


def as_columns(hits: Mapping[str, np.ndarray[tuple[int], np.dtype[np.int16]]]) -> dict[str, pl.Series]:
    """Hits as columns named as the compiled predicates name them."""
    return {column_of(name): pl.Series(values) for name, values in hits.items()}


def column_of(list_name: str) -> str:
    """The column that holds a list's hits."""
    return f"hits__{list_name}"
