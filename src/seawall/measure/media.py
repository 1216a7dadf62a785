"""Evaluating media: on posts whose files stand in a bank or do not, or on pairs of pictures that are or are not one.

Posts are asked about as a scan asks: by their hashes in the lake, of every bank that holds. Of a pair the first
picture is kept as a bank keeps one of our own, the second is looked up. A match says that a file is like one that
people decided about, not what the post does with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl

from seawall.graph.compiled import Array
from seawall.lake import Lake
from seawall.measure.metrics import Interval
from seawall.measure.shares import Bools, LineAt, as_json, lines_at, share
from seawall.measure.truth import TRANSFER, Cells, Rejected, TruthError, header, read_rows
from seawall.media.opened import luminance
from seawall.media.shelf import PictureError, Shelf
from seawall.media.views import asked, banked
from seawall.records.banks import BankError
from seawall.records.terms import HashKind
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.media.banks import DISTANCE, Bank, parts_of
from seawall.signals.media.signal import matches

POSTED = ("platform", "post", "entry")
PAIRS = ("first", "second", "same")
SCORES = (0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
BITS = (8, 16, 24, 28, 31, 36, 40, 48)
_APART = 256  # bits: no two hashes are further apart; a picture without a hash is
_HELD = 512  # pictures whose hashes are remembered


@dataclass(frozen=True, slots=True)
class PostedRow:
    """One post of a truth file of media, or one file of it, and the entry it matches ('': none)."""

    platform: str
    post: str
    media: str  # '': any of the post's
    entry: str


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two pictures, by their names below a folder, and whether they are one."""

    first: str
    second: str
    same: bool


@dataclass(slots=True)
class PostedEvaluation:
    """How well posts with known media are told from others."""

    known: int
    others: int
    not_hashed: int
    no_bank: int  # rows of entries that no bank holds
    unhashable: int  # files in which there is too little, or that could not be read: counted as not found
    metrics: dict[str, Interval]
    lines: list[LineAt] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """What `seawall evaluate media --json` prints; it names no account and no post."""
        return {
            "signal": "media",
            "asked": "posts",
            "with_an_entry": self.known,
            "with_none": self.others,
            "not_hashed": self.not_hashed,
            "entry_in_no_bank": self.no_bank,
            "without_a_hash": self.unhashable,
            "metrics": {name: as_json(found) for name, found in self.metrics.items()},
            "scores": [line.as_dict() for line in self.lines],
            "transfer": TRANSFER,
        }


@dataclass(slots=True)
class PairsEvaluation:
    """How well pictures that are one are told from others."""

    same: int
    different: int
    unhashable: int
    furthest_same: int | None  # bits; None where there is no such pair
    nearest_different: int | None
    metrics: dict[str, Interval]
    lines: list[LineAt] = field(default_factory=list)  # lines in bits, below zero: nearer is more

    def as_dict(self) -> dict[str, object]:
        """What `seawall evaluate media --json` prints; it names no file."""
        return {
            "signal": "media",
            "asked": "pairs",
            "same": self.same,
            "different": self.different,
            "without_a_hash": self.unhashable,
            "furthest_same_bits": self.furthest_same,
            "nearest_different_bits": self.nearest_different,
            "metrics": {name: as_json(found) for name, found in self.metrics.items()},
            "bits": [{**line.as_dict(), "line": -line.line} for line in self.lines],
            "transfer": TRANSFER,
        }


def read_posted_or_pairs(path: Path, rejected: list[Rejected] | None = None) -> list[PostedRow] | list[PairRow]:
    """Read a truth file: CSV with platform, post, entry and maybe media; or with first, second, same.

    Lines that cannot be used are added to `rejected`. Raises TruthError if the file cannot be used.
    """
    rejected = [] if rejected is None else rejected
    columns = header(path)
    if "entry" not in columns and "same" not in columns:
        raise TruthError(f"{path}: needs the columns {', '.join(POSTED)}, or {', '.join(PAIRS)}")
    if "entry" not in columns:
        return read_rows(path, PAIRS, _pair, rejected)
    seen: set[tuple[str, str, str]] = set()

    def row(cells: Cells) -> PostedRow:
        its = PostedRow(cells["platform"].lower(), cells["post"], cells.get("media", ""), cells["entry"])
        if not its.platform or not its.post:
            raise TruthError("needs a platform and a post")
        if (key := (its.platform, its.post, its.media)) in seen:
            raise TruthError("names a post that an earlier line names")
        seen.add(key)
        return its

    return read_rows(path, POSTED, row, rejected)


def _pair(cells: Cells) -> PairRow:
    if not cells["first"] or not cells["second"]:
        raise TruthError("needs two files")
    if cells["same"].casefold() not in ("1", "0", "true", "false", "yes", "no"):
        raise TruthError(f"same must be 1 or 0, not {cells['same']!r}")
    return PairRow(cells["first"], cells["second"], cells["same"].casefold() in ("1", "true", "yes"))


def evaluate_posted(home: Path, lake: Lake, rows: list[PostedRow], tell: Tell = silent) -> PostedEvaluation:
    """Ask every bank about the posts' files. Raises TruthError where nothing can be measured, naming what to do."""
    try:
        banks = [Bank(home, part) for part in parts_of(home)]
    except BankError as error:
        raise TruthError(str(error)) from error
    if not banks:
        raise TruthError("no bank holds anything: seawall banks import FILE --bank NAME ...")
    called = {name for bank in banks for column in ("entry", "reference") for name in bank.entries[column].to_pylist()}
    held = [row for row in rows if not row.entry or row.entry in called]
    with lake.snapshot() as snapshot:
        items = _items(Facts.of(snapshot), held)
    if items.is_empty():
        raise TruthError("no post of the truth file has hashes in the lake: seawall load, then seawall media hash")
    found = _scores(banks, items.drop_nulls("sha256"), tell)
    score, right, wrong, family = [], [], [], []
    hashless = 0
    its_files = items.group_by("row").agg(pl.col("sha256").drop_nulls().unique(), pl.col("hashes").is_not_null().any())
    for number, files, hashed in its_files.sort("row").iter_rows():
        entry = held[number].entry
        told = [pair for file in files for pair in found.get(file, {}).items()]
        hashless += not hashed and not told
        its = max((at for names, at in told if entry in names), default=0.0)
        rest = max((at for names, at in told if entry not in names), default=0.0)
        right.append(bool(entry) and its > 0)
        wrong.append(rest > 0 and not its)
        score.append(its if entry else rest)
        family.append(entry or f" {number}")
    positive = np.array([not name.startswith(" ") for name in family])
    names = np.array(family)
    return PostedEvaluation(
        int(positive.sum()),
        int((~positive).sum()),
        len(held) - len(family),
        len(rows) - len(held),
        hashless,
        {
            "recall": share(np.array(right)[positive], names[positive].tolist()),
            "taken_for_another": share(np.array(wrong)[positive], names[positive].tolist()),
            "false_positives": share(np.array(wrong)[~positive], names[~positive].tolist()),
        },
        lines_at(SCORES, np.array(score), positive, family),
    )


def _items(facts: Facts, rows: list[PostedRow]) -> pl.DataFrame:
    """Hashes of the files that rows mean, with the number of the row."""
    wanted = pl.DataFrame(
        [(number, row.platform, row.post, row.media) for number, row in enumerate(rows)],
        schema={"row": pl.Int64, "platform": pl.String, "post_id": pl.String, "of_media": pl.String},
        orient="row",
    )
    return (
        facts.hashes.join(wanted.lazy(), on=["platform", "post_id"])
        .filter((pl.col("of_media") == "") | (pl.col("of_media") == pl.col("media_id")))
        .collect()
    )


def _scores(banks: list[Bank], items: pl.DataFrame, tell: Tell) -> dict[str, dict[frozenset[str], float]]:
    """For each file, the best score by entry; an entry goes by its own name and by its reference."""
    found: dict[str, dict[frozenset[str], float]] = {}
    for match in matches(banks, items, tell):
        entries = match.bank.entries
        names = frozenset(str(entries[column][match.row].as_py()) for column in ("entry", "reference"))
        its = found.setdefault(match.sha256, {})
        its[names] = max(its.get(names, 0.0), match.score)
    return found


def evaluate_pairs(
    shelf: Shelf, rows: list[PairRow], rejected: list[Rejected], tell: Tell = silent
) -> PairsEvaluation:  # fmt: skip
    """Bits between pictures. Pairs of which one cannot be read are added to `rejected`. Raises TruthError where none
    can."""
    apart, same, family = [], [], []
    for pair, distance in _bits(shelf, rows, rejected, tell):
        apart.append(distance)
        same.append(pair.same)
        family.append(pair.first)
    if not apart:
        raise TruthError(f"no pair of pictures can be read: {rejected[0].reason if rejected else 'there is none'}")
    positive: Bools = np.array(same, bool)
    bits: Array = np.array(apart)
    near: Bools = bits <= DISTANCE[HashKind.PDQ]
    names = np.array(family)
    hashed = bits <= _APART
    return PairsEvaluation(
        int(positive.sum()),
        int((~positive).sum()),
        int((~hashed).sum()),
        max(bits[positive & hashed].tolist(), default=None),
        min(bits[~positive & hashed].tolist(), default=None),
        {
            "recall": share(near[positive], names[positive].tolist()),
            "false_positives": share(near[~positive], names[~positive].tolist()),
        },
        lines_at([-its for its in BITS], -bits.astype(np.float64), positive, family),
    )


def _bits(
    shelf: Shelf, rows: list[PairRow], rejected: list[Rejected], tell: Tell
) -> Iterator[tuple[PairRow, int]]:  # fmt: skip
    @lru_cache(_HELD)
    def kept(name: str) -> Array:
        return banked(luminance(shelf.content(name)))

    @lru_cache(_HELD)
    def looked_up(name: str) -> Array:
        return asked(luminance(shelf.content(name)))

    for number, row in enumerate(rows):
        tell("pictures", number, len(rows))
        try:
            yield row, _nearest(kept(row.first), looked_up(row.second))
        except (PictureError, KeyError) as error:
            why = str(error) if isinstance(error, PictureError) else "a file is not there"
            rejected.append(Rejected(0, why, f"{row.first},{row.second},{int(row.same)}"))
    tell("pictures", len(rows), len(rows))


def _nearest(first: Array, second: Array) -> int:
    """Bits between the nearest hashes; one more than there are where a picture has none."""
    if not len(first) or not len(second):
        return _APART + 1
    both = np.asarray(first[:, None, :] ^ second[None, :, :], np.uint8)
    return int(np.unpackbits(both, axis=2).sum(2, dtype=np.int64).min())
