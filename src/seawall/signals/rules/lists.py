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
import numpy.typing as npt
import polars as pl

from seawall.signals.text import fold, spellings, without_links, words

KINDS = ("phrases", "domains")
Counts = npt.NDArray[np.int16]
_ADDRESS = r"(?i)(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:/[^\s\"<>]*)?"
_HOST_AND_REST = r"(?i)^(?:https?://)?(?:[^/@\s]*@)?([^/:?#\s]+)(?::\d+)?([^\s]*)$"
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
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", path.stem):
                raise RuleError(f"{path}: name a list in lower-case letters, digits and '_', a letter first")
            found[path.stem] = _read(path)
    return found


def _read(path: Path) -> NamedList:
    head: dict[str, str] = {}
    entries: dict[str, None] = {}
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    for line in lines:
        note = re.match(r"#\s*(kind|title|why|lang)\s*:\s*(.+)", line)
        if note:
            head.setdefault(note[1], note[2].strip())
        elif line.strip() and not line.startswith("# "):
            entries[line.strip()] = None
    if head.get("kind") not in KINDS:
        raise RuleError(f"{path}: needs a line '# kind: phrases' or '# kind: domains' at its head")
    empty = [entry for entry, strings in zip(entries, spellings(list(entries)), strict=True) if not strings]
    if empty or not entries:
        raise RuleError(f"{path}: {f'entry {empty[0]!r} has no letter or digit' if empty else 'has no entries'}")
    return NamedList(path.stem, head["kind"], head.get("title", path.stem), tuple(entries))


class Matcher:
    """All lists at once. `hits` gives, per list, how many distinct entries each post holds."""

    def __init__(self, lists: Iterable[NamedList]) -> None:
        listed = list(lists)
        self._phrases = _Literals([item for item in listed if item.kind == "phrases"])
        self._domains = [_Domains(item) for item in listed if item.kind == "domains"]

    def hits(self, text: pl.Series, links: pl.Series) -> dict[str, Counts]:
        """Counts by list name for posts given as text and their expanded links (a list column)."""
        frame = pl.DataFrame({"text": text, "links": links})
        said = frame.select(words(fold(without_links(pl.col("text").fill_null(""))))).to_series()
        counts = self._phrases.count(said)
        if self._domains:
            addresses = _addresses(frame)
            counts |= {domains.name: domains.count(addresses, len(text)) for domains in self._domains}
        return counts


def _addresses(posts: pl.DataFrame) -> pl.DataFrame:
    """Every address of every post, from its links and its text: row, host, and what follows the host."""
    found = pl.concat_list(pl.col("links").fill_null([]), pl.col("text").fill_null("").str.extract_all(_ADDRESS))
    return (
        posts.select(row=pl.int_range(pl.len()), address=found)
        .explode("address", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("address").str.extract_groups(_HOST_AND_REST).alias("parts"))
        .select(
            "row", host=pl.col("parts").struct.field("1").str.to_lowercase(), rest=pl.col("parts").struct.field("2")
        )
        .drop_nulls("host")
    )


class _Domains:
    """A list of domains: 'host' takes the host and those below it, 'host/path' addresses that begin so."""

    def __init__(self, listed: NamedList) -> None:
        self.name = listed.name
        self._entries = [
            (host.lower().removeprefix("www."), slash + path) for host, slash, path in map(_split, listed.entries)
        ]

    def count(self, addresses: pl.DataFrame, rows: int) -> Counts:
        """Distinct entries per post."""
        counts = np.zeros(rows, np.int16)
        for host, path in self._entries:
            here = (pl.col("host") == host) | pl.col("host").str.ends_with("." + host)
            begins = pl.col("rest").fill_null("").str.starts_with(path)
            counts[addresses.filter(here & begins)["row"].unique().to_numpy()] += 1
        return counts


def _split(entry: str) -> tuple[str, str, str]:
    return entry.removeprefix("https://").removeprefix("http://").partition("/")


class _Literals:
    """One Hyperscan database over the spellings of some lists, scanned over a whole batch at a time."""

    _MOST_BYTES = 1 << 30  # joined text of one scan; Hyperscan counts in 32 bits

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

    def count(self, said: pl.Series) -> dict[str, Counts]:
        """Distinct entries per list and post. Posts are joined so that the database is entered once."""
        rows = len(said)
        counts = np.zeros((len(self.lists), rows), np.int16)
        if rows and len(self._entry_of):
            if said.str.len_bytes().sum() > self._MOST_BYTES and rows > 1:
                half = rows // 2
                parts = [self.count(said[:half]), self.count(said[half:])]
                return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
            found: list[tuple[int, int]] = []
            joined = "\n".join(said.to_list()).encode()
            ends = np.cumsum(said.str.len_bytes().to_numpy().astype(np.int64) + 1)
            self._database.scan(joined, match_event_handler=lambda i, _from, to, _flags, _ctx: found.append((i, to)))
            if found:
                ids, tos = np.array(found, np.int64).T
                pairs = np.unique(np.stack([np.searchsorted(ends, tos, "left"), self._entry_of[ids]], 1), axis=0)
                np.add.at(counts, (self._list_of[pairs[:, 1]], pairs[:, 0]), 1)
        return {item.name: counts[i] for i, item in enumerate(self.lists)}


def as_columns(hits: Mapping[str, Counts]) -> dict[str, pl.Series]:
    """Hits as columns named as the compiled predicates name them."""
    return {column_of(name): pl.Series(values) for name, values in hits.items()}


def column_of(list_name: str) -> str:
    """The column that holds a list's hits."""
    return f"hits__{list_name}"
