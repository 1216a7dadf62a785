"""The media signal: what accounts post that people decided about before, edited or not.

Posting it is the account's own conduct, whatever for: reporters and researchers post it too, so a person looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from seawall.graph.hamming import Hamming
from seawall.lake import Lake
from seawall.records.banks import BankError
from seawall.records.findings import Finding, Seen
from seawall.records.terms import HashKind
from seawall.signals.contract import Facts, SignalError, Tell, silent
from seawall.signals.media.banks import DISTANCE, Bank, Opened

FEWEST, HALF, MANY = 3, 0.5, 12  # hashes of a clip that match: at least, share of all, or so many whatever the share
_BATCH = 20_000  # files looked up at once
_SHOWN = 20  # posts a finding points at
_SURE, _UNSURE = 0.95, 0.65  # score of the same file, and of a picture at the greatest distance
_ITEM = ["platform", "post_id", "media_id"]
_WHAT = {HashKind.PDQ: "a picture", HashKind.VIDEO: "a video", HashKind.SOUND: "a sound"}


class Match(NamedTuple):
    """A file that stands in a bank."""

    sha256: str
    bank: Bank
    row: int  # of its entries
    score: float
    said: str  # how it matches, in words
    distance: int | None = None  # bits, of pictures

    @property
    def entry(self) -> dict[str, Any]:
        """Its entry's row, with its provenance."""
        return {name: self.bank.entries[name][self.row].as_py() for name in self.bank.entries.column_names}


class MediaSignal:
    """Finds accounts that post what stands in the home's banks. Needs no seed."""

    name = "media"
    version = "1"
    languages: tuple[str, ...] = ("zxx",)  # no words are looked at
    cost = "batch"

    def __init__(self, home: Path) -> None:
        self._opened = Opened(home)

    def find(self, facts: Facts, tell: Tell = silent) -> Iterable[Finding]:
        """A finding per account. Raises SignalError naming a bank that cannot be read."""
        items, best = self._known(facts, tell)
        return list(_findings(items.filter(pl.col("sha256").is_in(list(best))), best, facts))

    def best(self, facts: Facts) -> dict[str, Match]:
        """The strongest match of each file that stands in a bank, by its SHA-256. Raises SignalError."""
        return self._known(facts, silent)[1]

    def _known(self, facts: Facts, tell: Tell) -> tuple[pl.DataFrame, dict[str, Match]]:
        try:
            banks = self._opened.banks()
            if not banks:
                return facts.hashes.head(0).collect(), {}
            items = facts.hashes.drop_nulls("sha256").unique([*_ITEM, "kind", "view"], keep="any").collect()
            return items, _best(matches(banks, items, tell))
        except BankError as error:
            raise SignalError(str(error)) from error


def standing(home: Path, lake: Lake) -> int:
    """How many files of a lake stand in the home's banks. Raises SignalError."""
    with lake.snapshot() as snapshot:
        return len(MediaSignal(home).best(Facts.of(snapshot)))


def matches(banks: Sequence[Bank], items: pl.DataFrame, tell: Tell = silent) -> Iterator[Match]:
    """Files (rows of the lake's hashes) that stand in banks; one may match several entries."""
    files = items.unique(["sha256", "kind", "view"], keep="any").sort("sha256", "kind", "view")
    for done, bank in enumerate(banks):
        tell("banks", done, len(banks))
        for kind in HashKind:
            if len(bank.rows(kind)):
                yield from _same_file(bank, kind, files) if kind.of_file else _alike_in(bank, kind, files)
    tell("banks", len(banks), len(banks))


def _same_file(bank: Bank, kind: HashKind, files: pl.DataFrame) -> Iterator[Match]:
    found = files.unique("sha256").join(bank.files(kind), left_on=kind.value, right_on="file")
    for file, row in found.select("sha256", "row").sort("sha256", "row").iter_rows():
        yield Match(file, bank, row, _SURE, "the same file as")


def _alike_in(bank: Bank, kind: HashKind, files: pl.DataFrame) -> Iterator[Match]:
    hashed = files.filter(kind=kind.value).drop_nulls("hashes")
    index = bank.index(kind)
    for its in hashed.iter_slices(_BATCH):
        yield from _alike(bank, index, kind, its)


def _alike(bank: Bank, index: Hamming, kind: HashKind, its: pl.DataFrame) -> Iterator[Match]:
    counts = its["hashes"].bin.size().to_numpy() // 32
    asked = np.frombuffer(b"".join(its["hashes"]), np.uint8).reshape(-1, 32)
    found = index.search(asked)
    rows = bank.rows(kind)[found.row]
    pairs = pl.DataFrame(
        {
            "file": np.repeat(np.arange(len(counts)), counts)[found.query],
            "asked": found.query,
            "row": rows,
            "entry": bank.entries["entry"].take(rows).to_pylist() if len(rows) else pl.Series([], dtype=pl.String),
            "apart": found.distance,
        }
    )
    entries = (
        pairs.sort("apart", "row")
        .group_by("file", "entry", maintain_order=True)
        .agg(pl.col("row").first(), pl.col("apart").first(), pl.col("asked").n_unique())
        .sort("file", "entry")
    )
    for file, row, apart, many in entries.select("file", "row", "apart", "asked").iter_rows():
        if kind is HashKind.PDQ:
            score = _SURE - (_SURE - _UNSURE) * apart / DISTANCE[kind]
            yield Match(its["sha256"][file], bank, row, score, f"a picture {apart} of 256 bits from", apart)
        elif many >= FEWEST and (many >= HALF * counts[file] or many >= MANY):
            score = _UNSURE + (_SURE - _UNSURE) * min(many / counts[file], 1.0)
            yield Match(
                its["sha256"][file], bank, row, score, f"{_WHAT[kind]} with {many} of {counts[file]} moments of"
            )


def _best(found: Iterable[Match]) -> dict[str, Match]:
    """The strongest match of each file."""
    best: dict[str, Match] = {}
    for match in found:
        if match.sha256 not in best or match.score > best[match.sha256].score:
            best[match.sha256] = match
    return best


def _findings(items: pl.DataFrame, best: dict[str, Match], facts: Facts) -> Iterator[Finding]:
    posts = facts.posts.select("platform", "post_id", "account_id", "handle", "at").unique(["platform", "post_id"])
    shown = posts.join(items.select("platform", "post_id", "sha256").unique().lazy(), on=["platform", "post_id"])
    rows = shown.sort("at", "post_id", "sha256").collect()
    for (platform, account), its in rows.group_by(["platform", "account_id"], maintain_order=True):
        told = [best[sha256] for sha256 in its["sha256"]]
        strongest = max(told, key=lambda match: match.score)
        doubt = 1.0
        for sha256 in dict.fromkeys(its["sha256"]):
            doubt *= 1 - best[sha256].score
        seen = dict(zip(its["post_id"], its["at"], strict=True))
        yield Finding(
            platform=str(platform), account_id=str(account),
            handle=next((handle for handle in its["handle"].to_list()[::-1] if handle), None),
            signal=MediaSignal.name, version=MediaSignal.version,
            score=min(1 - doubt, 0.99), because=_because(strongest, len(seen)),
            seen=tuple(Seen(post, at.isoformat() if at else "") for post, at in list(seen.items())[-_SHOWN:]),
            conduct=True,  # the account posted it itself
        )  # fmt: skip


def _because(match: Match, posts: int) -> str:
    part, told = match.bank.part, match.entry
    many = "a post carries" if posts == 1 else f"{posts} posts carry known media, the surest"
    return (
        f"Known media ({part.conduct.value.replace('_', ' ')}): {many} {match.said} {told['reference']} in bank "
        f"{part.bank}, from {told['source']} ({told['basis']})"
    )
