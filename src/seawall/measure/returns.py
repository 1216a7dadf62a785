"""Evaluating the returns signal on accounts whose families are known.

Each newcomer is compared with every suspended account of the file and with nobody else. Families are drawn whole for
intervals. A row with `since` or `until` is one half of a split timeline: there only posts count, for both halves have
the same handle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.lake import Lake
from seawall.measure.metrics import Interval
from seawall.measure.naming import ids_of
from seawall.measure.truth import TRANSFER, Cells, Rejected, TruthError, also, moment, named, read_rows
from seawall.records.terms import ReturnRole, words
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.returns import VERSION
from seawall.signals.returns.known import Known
from seawall.signals.returns.posterior import posterior
from seawall.signals.returns.profiles import NEVER, WANTED, Profiles, gather

COLUMNS = ("platform", "account", "role", "family")
RECALL, PRECISION, NEAREST, LINE = 0.8, 0.95, 50, 0.5
_DRAWS = 1000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """One account of a truth file of returns."""

    platform: str
    account: str
    role: ReturnRole
    family: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one newcomer."""

    family: str
    has_parent: bool
    probability: float  # of the likeliest parent
    right: bool  # the likeliest is of the same family
    rank: float | None  # of the best true parent among the nearest in time; None without a parent
    candidates: int


@dataclass(slots=True)
class ReturnsEvaluation:
    """What was measured, each with its interval."""

    version: str
    suspended: int
    newcomers: int
    with_parent: int
    not_in_lake: int
    metrics: dict[str, Interval] = field(default_factory=dict)
    judged: list[Judged] = field(default_factory=list)
    line: list[tuple[float, int, float, float]] = field(default_factory=list)  # score, listed, precision, recall

    def as_dict(self) -> dict[str, object]:
        """What `seawall evaluate returns --json` prints; it names no account."""
        return {
            "signal": "returns",
            "version": self.version,
            "suspended": self.suspended,
            "newcomers": self.newcomers,
            "with_parent": self.with_parent,
            "accounts_not_in_lake": self.not_in_lake,
            "metrics": {name: found.as_dict() for name, found in self.metrics.items()},
            "lines": [
                {"line": at, "said_to_return": n, "precision": round(p, 4), "recall": round(r, 4)}
                for at, n, p, r in self.line
            ],
            "transfer": TRANSFER,
        }


def read_returns(path: Path, rejected: list[Rejected] | None = None) -> list[ReturnRow]:
    """Read a truth file: CSV with platform, account, role (suspended, newcomer), family, and maybe since and until.

    Lines that cannot be used are added to `rejected`. Raises TruthError with the first thing that is wrong with the
    rest.
    """
    rejected = [] if rejected is None else rejected
    rows = read_rows(path, COLUMNS, _row, rejected)
    for role in ReturnRole:
        if not any(row.role is role for row in rows):
            raise TruthError(f"{path}: has no {role.value} rows; it needs suspended and newcomer rows{also(rejected)}")
    return rows


def _row(cells: Cells) -> ReturnRow:
    platform, account = named(cells)
    role = cells["role"]
    if role not in words(ReturnRole):
        raise TruthError(f"role must be one of {', '.join(words(ReturnRole))}, not {role!r}")
    begins, ends = (moment(cells.get(name, "")) for name in ("since", "until"))
    return ReturnRow(platform, account, ReturnRole(role), cells["family"] or f"{platform}:{account}", begins, ends)


def evaluate_returns(lake: Lake, rows: list[ReturnRow], tell: Tell = silent) -> ReturnsEvaluation:
    """Compare every newcomer of the file with every suspended account of it. Raises TruthError when nothing of the one
    or the other kind is in the lake."""
    with lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        ids = ids_of(facts, ((row.platform, row.account) for row in rows))
        sides = {role: _side(facts, [r for r in rows if r.role is role], ids) for role in ReturnRole}
    suspended, of_suspended = sides[ReturnRole.SUSPENDED]
    new, of_new = sides[ReturnRole.NEWCOMER]
    if not len(suspended) or not len(new):
        raise TruthError("no suspended account, or no newcomer, of the truth file is in the lake: seawall load")
    judged = judge(Known(suspended, new), new, of_suspended, of_new, tell)
    left = len(rows) - len(suspended) - len(new)
    return summary(VERSION, judged, len(suspended), left)


def _side(facts: Facts, rows: list[ReturnRow], ids: dict[tuple[str, str], str]) -> tuple[Profiles, list[str]]:
    there = [row for row in rows if (row.platform, row.account.lower()) in ids]
    frame = pl.DataFrame(
        [
            (r.platform, ids[r.platform, r.account.lower()], r.since, r.until, bool(r.since or r.until))
            for r in there
        ],
        schema=WANTED,
        orient="row",
    )  # fmt: skip
    return gather(facts, frame), [row.family for row in there]


def judge(
    known: Known, new: Profiles, of_suspended: list[str], of_new: list[str], tell: Tell = silent
) -> list[Judged]:  # fmt: skip
    """What the signal says of each newcomer, held against families."""
    families = np.array(of_suspended)
    judged = []
    for row, family in enumerate(of_new):
        rows, found, probability, _ = posterior(known, new, row, itself=True)
        true = families == family
        best = int(np.argmax(probability)) if len(rows) else -1
        judged.append(
            Judged(
                family,
                bool(true.any()),
                float(probability[best]) if len(rows) else 0.0,
                bool(len(rows) and true[rows[best]]),
                _rank(known, new, row, rows, found.sum(1), true) if true.any() else None,
                len(rows),
            )
        )
        tell("returns: comparing", row + 1, len(of_new))
    return judged


def _rank(
    known: Known, new: Profiles, row: int, rows: npt.NDArray[np.int64], odds: Floats, true: npt.NDArray[np.bool_]
) -> float:  # fmt: skip
    """Rank of the best true parent among it and the suspended accounts that ended nearest to the newcomer's start.

    Ties count half. A parent that was not among the candidates comes after all of them.
    """
    score = np.full(len(known), -1e6)
    score[rows] = odds
    first, last = new.first[row], known.profiles.last
    apart = np.where((last == NEVER) | (first == NEVER), np.inf, np.abs(last.astype(float) - float(first)))
    others = np.flatnonzero(~true)
    near = others[np.argsort(apart[others], kind="stable")][: NEAREST - 1]
    own = score[true].max()
    return float(1 + (score[near] > own).sum() + (score[near] == own).sum() / 2)


def summary(version: str, judged: list[Judged], suspended: int, left: int) -> ReturnsEvaluation:
    """Metrics with intervals by bootstrap over families."""
    families = np.array([j.family for j in judged])
    _, at = np.unique(families, return_inverse=True)
    drawn = np.random.default_rng(7).multinomial(at.max() + 1, np.full(at.max() + 1, 1 / (at.max() + 1)), _DRAWS)
    times = np.vstack([np.ones(at.max() + 1), drawn]).astype(np.float64)[:, at]
    each = [_measured(judged, weights) for weights in times]
    metrics = {name: _interval(np.array([m[name] for m in each])) for name in each[0]}
    found = ReturnsEvaluation(version, suspended, len(judged), sum(j.has_parent for j in judged), left, metrics, judged)
    p = np.array([j.probability for j in judged])
    right = np.array([j.right for j in judged])
    for line in (0.5, 0.8, 0.9, 0.95, 0.99):
        said = int((p >= line).sum())
        precision = float(right[p >= line].mean()) if said else 1.0
        found.line.append((line, said, precision, float(right[p >= line].sum() / max(found.with_parent, 1))))
    return found


def _measured(judged: list[Judged], weights: Floats) -> dict[str, float]:
    """Precision at recall .8 (0 where it is never reached), recall at precision .95, and ranking."""
    p = np.array([j.probability for j in judged])
    right = np.array([j.right for j in judged], float)
    parents = sum(w for j, w in zip(judged, weights, strict=True) if j.has_parent)
    order = np.argsort(-p, kind="stable")
    hits, said = np.cumsum((right * weights)[order]), np.cumsum(weights[order])
    ends = np.append(np.diff(p[order]) != 0, True)  # accounts with one score are listed together
    recall, precision = (hits / max(parents, 1e-9))[ends], (hits / np.maximum(said, 1e-9))[ends]
    reached = recall >= RECALL - 1e-12
    sure = precision >= PRECISION - 1e-12
    ranked = [(1 / j.rank, w) for j, w in zip(judged, weights, strict=True) if j.rank is not None]
    at_line = p >= LINE
    listed = float(weights[at_line].sum())
    return {
        "precision_at_recall_80": float(precision[reached].max()) if reached.any() else 0.0,
        "recall_at_precision_95": float(recall[sure].max()) if sure.any() else 0.0,
        "precision_at_line": float((right * weights)[at_line].sum() / listed) if listed else float("nan"),
        "recall_at_line": float((right * weights)[at_line].sum() / parents) if parents else float("nan"),
        "mrr_of_50": float(np.average([r for r, _ in ranked], weights=[w for _, w in ranked]))
        if sum(w for _, w in ranked)
        else float("nan"),
    }


def _interval(drawn: Floats) -> Interval:
    low, high = np.nanquantile(drawn[1:], (0.025, 0.975)) if np.isfinite(drawn[1:]).any() else (np.nan, np.nan)
    return Interval(float(drawn[0]), float(low), float(high))
