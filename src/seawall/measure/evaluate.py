"""Evaluating a signal on labelled accounts, by a protocol that cannot flatter it.

Fits only on seed and background rows and scores only test rows. Every account is cut to its latest K posts, and
those with fewer are left out, so nobody is told apart by how much they post. Families never straddle seeds and
test. The plain baseline and the bare post count are measured on the same accounts in the same run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from seawall.lake import Lake
from seawall.measure.baseline import Baseline
from seawall.measure.metrics import (
    PREVALENCES,
    RECALL,
    Bin,
    Interval,
    Line,
    Scores,
    lines,
    measure,
    precision_at,
    reliability,
)
from seawall.measure.truth import TRANSFER, TruthError, TruthRow, split_again
from seawall.records.terms import Role
from seawall.signals.contract import Tell, silent
from seawall.signals.supporters import SupportersSignal
from seawall.signals.supporters.model import CHUNK, Posts, fit, prepare


@dataclass(frozen=True, slots=True)
class Account:
    """A truth row found in the lake, with its posts, oldest first."""

    row: TruthRow
    posts: list[str]


@dataclass(frozen=True, slots=True)
class ScoredAccount:
    """One test account's score in one split."""

    k: int
    split: int
    row: TruthRow
    score: float
    baseline: float
    posts: int


@dataclass(slots=True)
class AtK:
    """What was measured with K posts a side."""

    k: int
    positives: float  # test accounts, mean over splits
    negatives: float
    left_out: int  # test accounts with fewer than K posts, mean over splits
    metrics: dict[str, dict[str, Interval]]
    better_by: dict[str, dict[str, Interval]]  # signal minus the other method, paired
    reliability: list[Bin]
    lines: list[Line]

    def precision(self, method: str) -> dict[float, float]:
        """Precision at recall .8 if this share of accounts were supporters."""
        fpr = self.metrics[method]["fpr"].value
        return {prevalence: precision_at(prevalence, RECALL, fpr) for prevalence in PREVALENCES}


@dataclass(slots=True)
class Evaluation:
    """An evaluation of one signal."""

    signal: str
    version: str
    splits: int
    at: list[AtK] = field(default_factory=list)
    scored: list[ScoredAccount] = field(default_factory=list)
    not_in_lake: int = 0

    def as_dict(self) -> dict[str, object]:
        """What `seawall evaluate --json` prints."""
        return {
            "signal": self.signal,
            "version": self.version,
            "scored": "own words; spreading is not scored",
            "splits": self.splits,
            "accounts_not_in_lake": self.not_in_lake,
            "k": {str(at.k): _as_dict(at) for at in self.at},
            "transfer": TRANSFER,
        }


def _as_dict(at: AtK) -> dict[str, object]:
    return {
        "positives": at.positives,
        "negatives": at.negatives,
        "left_out": at.left_out,
        **{
            method: {
                "auc": found["auc"].as_dict(),
                "ap": found["ap"].as_dict(),
                "fpr_at_recall_80": found["fpr"].as_dict(),
                "precision_at_recall_80": {f"{p:.1%}": round(v, 4) for p, v in at.precision(method).items()},
            }
            for method, found in at.metrics.items()
        },
        "signal_minus": {
            method: {
                "auc": apart["auc"].as_dict(),
                "ap": apart["ap"].as_dict(),
                "fpr_at_recall_80": apart["fpr"].as_dict(),
            }
            for method, apart in at.better_by.items()
        },
        "lines": [
            {
                "line": at_line.line,
                "recall": at_line.recall.as_dict(),
                "fpr": at_line.fpr.as_dict(),
                "precision": {f"{p:.1%}": round(at_line.precision(p), 4) for p in PREVALENCES},
            }
            for at_line in at.lines
        ],
        "reliability": [
            {
                "from": b.low,
                "to": b.high,
                "accounts": b.accounts,
                "mean_score": round(b.mean_score, 4),
                "positive_share": round(b.positive_share, 4),
            }
            for b in at.reliability
        ],
    }


def evaluate_supporters(
    lake: Lake, truth: list[TruthRow], ks: Sequence[int], splits: int = 1, tell: Tell = silent
) -> Evaluation:
    """Evaluate the supporters signal. With one split the truth file's roles hold; with more, its positive families
    are divided anew each time, in the same sizes. Raises TruthError when too few accounts are in the lake."""
    signal = SupportersSignal()
    accounts = find(lake, truth)
    found = Evaluation(signal.name, signal.version, splits, not_in_lake=len(truth) - len(accounts))
    divided = [truth] if splits == 1 else [split_again(truth, number) for number in range(splits)]
    prepared = prepare([account.posts for account in accounts], lambda done, of: tell("reading posts", done, of))
    for k in ks:
        tell(f"K = {k}", 0, splits)
        per_split = []
        _check(accounts, divided[0], k)
        baseline = _baseline(accounts, k)
        for number, rows in enumerate(divided):
            scored = _one_split(accounts, prepared, rows, k, number, baseline)
            per_split.append(scored)
            found.scored += scored
            tell(f"K = {k}", number + 1, splits)
        tests = [sum(row.role is Role.TEST for row in rows) for rows in divided]
        found.at.append(_summary(k, per_split, tests))
    return found


def find(lake: Lake, truth: list[TruthRow]) -> list[Account]:
    """The truth rows that have posts in the lake, each with all its posts in time order.

    A row names an account by its id, or else by its handle. A test row that names an account which another row names
    too is left out. Raises TruthError if one account is seed and background.
    """
    rows = pl.DataFrame(
        {
            "row": range(len(truth)),
            "platform": [r.platform for r in truth],
            "account": [r.account.casefold() for r in truth],
        }
    )
    with lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").select("platform", "account_id", "handle", "post_id", "at", "text")
        by_id, by_handle = (_named(posts, rows, name) for name in ("account_id", "handle"))
        by_handle = by_handle.join(by_id.select("row").unique(), on="row", how="anti")
        found = (
            pl.concat([by_id, by_handle]).unique(["row", "platform", "post_id"]).sort("row", "at", "post_id").collect()
        )
    twice = _named_twice(found, truth)
    grouped = found.filter(~pl.col("row").is_in(twice)).group_by("row", maintain_order=True).agg("text")
    return [Account(truth[row], texts) for row, texts in grouped.iter_rows()]


def _named(posts: pl.LazyFrame, rows: pl.DataFrame, by: str) -> pl.LazyFrame:
    return (
        posts.with_columns(account=pl.col(by).str.to_lowercase())
        .join(rows.lazy(), on=["platform", "account"])
        .select("row", "platform", "post_id", "at", "text")
    )


def _named_twice(posts: pl.DataFrame, truth: list[TruthRow]) -> list[int]:
    """Test rows whose posts belong to another row too: such an account would be learned from and tested on."""
    shared = posts.group_by("platform", "post_id").agg(pl.col("row").unique()).filter(pl.col("row").list.len() > 1)
    rows = {row for its in shared["row"] for row in its}
    test = sorted(row for row in rows if truth[row].role is Role.TEST)
    if any(len({truth[row].role for row in its} - {Role.TEST}) > 1 for its in shared["row"]):
        raise TruthError("the truth file names an account as seed and as background, by id and by handle. Mend it.")
    return test


class _Shared:
    """The baseline's counted n-grams and where each account stands in them, shared by all splits."""

    def __init__(self, accounts: list[Account], k: int) -> None:
        background = [a.posts for a in accounts if a.row.role is Role.BACKGROUND]
        candidates = [i for i, a in enumerate(accounts) if a.row.positive and a.row.role is not Role.BACKGROUND]
        tests = [i for i, a in enumerate(accounts) if a.row.role is not Role.BACKGROUND and len(a.posts) >= k]
        self.seed_at = {account: at for at, account in enumerate(candidates)}
        self.test_at = {account: at for at, account in enumerate(tests)}
        self.model = Baseline(
            background, [accounts[i].posts for i in candidates], [accounts[i].posts for i in tests], k
        )


def _baseline(accounts: list[Account], k: int) -> _Shared:
    return _Shared(accounts, k)


def _check(accounts: list[Account], rows: list[TruthRow], k: int) -> tuple[list[int], list[int], list[int]]:
    """Seeds, background and test of a split, as places in `accounts`. Raises TruthError if one is missing."""
    role = {(row.platform, row.account): row.role for row in rows}
    roles = [role[a.row.platform, a.row.account] for a in accounts]
    seeds = [i for i, r in enumerate(roles) if r is Role.SEED]
    background = [i for i, r in enumerate(roles) if r is Role.BACKGROUND and len(accounts[i].posts) >= max(k, CHUNK)]
    test = [i for i, r in enumerate(roles) if r is Role.TEST and len(accounts[i].posts) >= k]
    if not seeds or not background or {accounts[i].row.positive for i in test} != {True, False}:
        raise TruthError(
            f"with K = {k} there are {len(seeds)} seeds, {len(background)} background accounts of {max(k, CHUNK)} or "
            f"more posts and {len(test)} test accounts in the lake, and the test needs both labels. "
            "Load their posts, or take a smaller K."
        )
    return seeds, background, test


def _one_split(
    accounts: list[Account], prepared: Posts, rows: list[TruthRow], k: int, number: int, baseline: _Shared
) -> list[ScoredAccount]:
    seeds, _, test = _check(accounts, rows, k)
    background = [i for i, account in enumerate(accounts) if account.row.role is Role.BACKGROUND]
    model = fit(prepared.take(seeds), prepared.take(background))
    values = model.scores(prepared.take(test), k)
    plain = baseline.model.scores([baseline.seed_at[i] for i in seeds], [baseline.test_at[i] for i in test])
    return [
        ScoredAccount(k, number, accounts[i].row, float(value), float(base), len(accounts[i].posts))
        for i, value, base in zip(test, values, plain, strict=True)
    ]


def _summary(k: int, per_split: list[list[ScoredAccount]], tests: list[int]) -> AtK:
    splits = []
    for scored in per_split:
        positive = np.array([s.row.positive for s in scored])
        family = np.array([s.row.family for s in scored])
        splits.append(
            {
                "signal": Scores(positive, family, np.array([s.score for s in scored])),
                "baseline": Scores(positive, family, np.array([s.baseline for s in scored])),
                "post_count": Scores(positive, family, np.array([float(s.posts) for s in scored])),
            }
        )
    metrics, better_by = measure(splits)
    positives = float(np.mean([sum(s.row.positive for s in scored) for scored in per_split]))
    scored_each = float(np.mean([len(scored) for scored in per_split]))
    return AtK(
        k,
        positives,
        scored_each - positives,
        round(float(np.mean(tests)) - scored_each),
        metrics,
        better_by,
        reliability([split["signal"] for split in splits]),
        lines([split["signal"] for split in splits]),
    )
