"""Evaluating distributors: on accounts whose part in chains is known, or on reposts that came later.

Parts are told from the whole lake, beside nothing but what each account posted. Of reposts that came later the signal
sees only posts before the first of them, so that nothing of what it is asked for is in what it learned from. Beside it,
on the same reposts, plain repost counts and the best choice in hindsight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from seawall.lake import Lake
from seawall.measure.metrics import Interval
from seawall.measure.naming import ids_of
from seawall.measure.shares import LineAt, as_json, lines_at, of_draws, share, sums
from seawall.measure.truth import TRANSFER, Cells, Rejected, TruthError, also, header, moment, named, once, read_rows
from seawall.records.terms import PostKind
from seawall.signals.contract import Facts
from seawall.signals.distributors import Spreading
from seawall.signals.distributors.roles import Part, parts, strength

PARTS = ("platform", "account", "part")
LATER = ("platform", "account", "by", "at")
REACHES = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # acts that came through an account: where a line could be drawn
_ABOUT = ["platform", "account_id"]
_CARRY = (Part.ORIGIN.value, Part.DISTRIBUTOR.value)


@dataclass(frozen=True, slots=True)
class PartRow:
    """One account of a truth file of parts."""

    platform: str
    account: str
    part: Part


@dataclass(frozen=True, slots=True)
class LaterRow:
    """One repost that came later: of whose post, by whom, when."""

    platform: str
    account: str
    by: str  # '' where it is not known
    at: datetime


@dataclass(slots=True)
class PartsEvaluation:
    """How well parts in chains are told."""

    accounts: int
    not_in_lake: int
    confusion: dict[str, dict[str, int]]  # what it is -> what was said -> accounts
    metrics: dict[str, Interval]
    commonest: float  # accuracy of always saying the commonest part of the file
    lines: list[LineAt] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """What `seawall evaluate distributors --json` prints; it names no account."""
        return {
            "signal": "distributors",
            "asked": "parts",
            "accounts": self.accounts,
            "accounts_not_in_lake": self.not_in_lake,
            "confusion": self.confusion,
            "metrics": {name: as_json(found) for name, found in self.metrics.items()},
            "accuracy_of_the_commonest": round(self.commonest, 4),
            "reach": [line.as_dict() for line in self.lines],
            "transfer": TRANSFER,
        }


@dataclass(frozen=True, slots=True)
class Held:
    """The share of later reposts held by K chosen accounts."""

    k: int
    signal: Interval
    plain: Interval
    apart: Interval  # paired
    best: float  # in hindsight


@dataclass(slots=True)
class LaterEvaluation:
    """How well it is foretold who will be reposted."""

    reposts: int
    of_unknown: int  # reposts of accounts that nobody could have chosen: the lake did not know them before
    before: datetime
    at: list[Held]

    def as_dict(self) -> dict[str, object]:
        """What `seawall evaluate distributors --json` prints; it names no account."""
        return {
            "signal": "distributors",
            "asked": "later reposts",
            "reposts": self.reposts,
            "of_accounts_unknown_before": self.of_unknown,
            "learned_before": self.before.isoformat(),
            "k": {
                str(held.k): {
                    "signal": as_json(held.signal),
                    "plain": as_json(held.plain),
                    "signal_minus_plain": as_json(held.apart),
                    "best_in_hindsight": round(held.best, 4),
                }
                for held in self.at
            },
            "transfer": TRANSFER,
        }


def read_parts_or_later(path: Path, rejected: list[Rejected] | None = None) -> list[PartRow] | list[LaterRow]:
    """Read a truth file: CSV with platform, account, part; or with platform, account, by, at.

    Lines that cannot be used are added to `rejected`. Raises TruthError with the first thing that is wrong with the
    rest.
    """
    rejected = [] if rejected is None else rejected
    columns = header(path)
    if "part" not in columns and "at" not in columns:
        raise TruthError(f"{path}: needs the columns {', '.join(PARTS)}, or {', '.join(LATER)}")
    if "part" not in columns:
        return read_rows(path, LATER, _later, rejected)
    seen: set[tuple[str, str]] = set()

    def row(cells: Cells) -> PartRow:
        if cells["part"] not in [part.value for part in Part]:
            raise TruthError(f"part must be one of {', '.join(part.value for part in Part)}, not {cells['part']!r}")
        platform, account = once(named(cells), seen)
        return PartRow(platform, account, Part(cells["part"]))

    rows = read_rows(path, PARTS, row, rejected)
    if len({row.part for row in rows}) == 1:
        raise TruthError(f"{path}: all its accounts have one part; it needs two{also(rejected)}")
    return rows


def _later(cells: Cells) -> LaterRow:
    platform, account = named(cells)
    at = moment(cells["at"])
    if at is None:
        raise TruthError("needs a time")
    return LaterRow(platform, account, cells["by"].lstrip("@").lower(), at)


def evaluate_parts(lake: Lake, rows: list[PartRow]) -> PartsEvaluation:
    """What the signal says of each account's part. Raises TruthError when none is in the lake."""
    with lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        ids = ids_of(facts, ((row.platform, row.account) for row in rows))
        table = parts(Spreading.of(facts))
    told = {(p, a): (part, reach) for p, a, part, reach in table.select(*_ABOUT, "part", "reach").iter_rows()}
    there = {
        (row.platform, ids[row.platform, row.account.lower()]): row.part.value
        for row in rows
        if (row.platform, row.account.lower()) in ids
    }
    if not there:
        raise TruthError("no account of the truth file is in the lake: seawall load")
    # who passed nothing on and was not passed on stands in no chain
    said = [told.get(key, (Part.NONE.value, 0)) for key in there]
    true, guess = np.array(list(there.values())), np.array([part for part, _ in said])
    reach = np.array([reach for _, reach in said], np.float64)
    family = [f"{platform} {account}" for platform, account in there]
    names = [part.value for part in Part]
    _, counts = np.unique(true, return_counts=True)
    return PartsEvaluation(
        len(there),
        len(rows) - len(there),
        {a: {b: int(((true == a) & (guess == b)).sum()) for b in names} for a in names},
        _part_metrics(true, guess, family),
        float(counts.max() / len(true)),
        lines_at(REACHES, reach, np.isin(true, _CARRY), family),
    )


def _part_metrics(true: np.ndarray, guess: np.ndarray, family: list[str]) -> dict[str, Interval]:
    """Accuracy; precision and recall of each part; the mean of their F1 over parts that the file has."""
    found = {"accuracy": share(true == guess, family)}
    f1 = []
    for part in (p.value for p in Part if (true == p.value).any()):
        its, said = true == part, guess == part
        found[f"{part}_precision"] = share(its[said], [f for f, yes in zip(family, said, strict=True) if yes])
        found[f"{part}_recall"] = share(said[its], [f for f, yes in zip(family, its, strict=True) if yes])
        both, of, named_so = sums(np.stack([its & said, its, said], 1).astype(np.float64), family).T
        with np.errstate(invalid="ignore", divide="ignore"):
            f1.append(2 * both / (of + named_so))
    with np.errstate(invalid="ignore"):
        found["mean_f1"] = of_draws(np.mean(f1, axis=0))
    return found


def evaluate_later(lake: Lake, rows: list[LaterRow], ks: Sequence[int]) -> LaterEvaluation:
    """Who is chosen from posts before the first of these reposts, and how many of them are of the chosen. Raises
    TruthError where the lake holds no repost before."""
    before = min(row.at for row in rows)
    with lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        past = replace(facts, posts=facts.posts.filter(pl.col("at") < before))
        ids = ids_of(facts, ((row.platform, row.account) for row in rows))
        spreading = Spreading.of(past)
        plain = _plain(past)
    if not spreading.acts.height or not plain:
        raise TruthError(f"the lake holds no repost before {before.isoformat()}, the first time in the file: load some")
    keys = [(platform, account) for platform, account in spreading.accounts.select(_ABOUT).iter_rows()]
    ours = [keys[i] for i in np.argsort(-strength(spreading), kind="stable")[: max(ks)]]
    of = [_key(row, ids) for row in rows]
    counts: dict[tuple[str, str], int] = {}
    for key in of:
        counts[key] = counts.get(key, 0) + 1
    best = sorted(counts, key=lambda key: (-counts[key], key))
    by = [row.by or f" {number}" for number, row in enumerate(rows)]
    able = set(keys) | set(plain)
    return LaterEvaluation(
        len(rows),
        sum(key not in able for key in of),
        before,
        [_held(k, of, (ours[:k], plain[:k], best[:k]), by) for k in ks],
    )


def _held(k: int, of: list[tuple[str, str]], chosen: tuple[list[tuple[str, str]], ...], by: list[str]) -> Held:
    held = [set(its) for its in chosen]
    columns = np.array([[*(key in its for its in held), 1] for key in of], np.float64)
    signal, plain, best, size = sums(columns, by).T
    return Held(
        k, of_draws(signal / size), of_draws(plain / size), of_draws((signal - plain) / size), float(best[0] / size[0])
    )


def _key(row: LaterRow, ids: dict[tuple[str, str], str]) -> tuple[str, str]:
    """The account as chains name it: by id, or by a handle alone where no id is known."""
    name = row.account.lower()
    return row.platform, ids.get((row.platform, name), f"@{name}")


def _plain(facts: Facts) -> list[tuple[str, str]]:
    """Accounts by how often they were reposted, the most first."""
    reposts = facts.posts.filter(pl.col("kind") == PostKind.REPOST.value)
    whose = (
        facts.posts.drop_nulls("handle")
        .sort("at", "account_id")
        .unique(["platform", pl.col("handle").str.to_lowercase()], keep="last")
        .select("platform", "account_id", of_key=pl.col("handle").str.to_lowercase())
    )
    counts = (
        reposts.with_columns(of_key=pl.col("of_handle").str.to_lowercase())
        .select("platform", "of_account_id", "of_key")
        .join(whose, on=["platform", "of_key"], how="left")
        .select("platform", of=pl.coalesce("of_account_id", "account_id", pl.format("@{}", "of_key")))
        .drop_nulls("of")
        .group_by("platform", "of")
        .len()
        .sort("len", "platform", "of", descending=[True, False, False])
        .collect()
    )
    return [(platform, of) for platform, of, _ in counts.iter_rows()]
