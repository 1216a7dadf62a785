"""How well a score tells positives from negatives, with intervals by bootstrap over families.

A bootstrap draws whole families with replacement (Field and Welsh, Bootstrapping clustered data, JRSS B 2007), so
an operator with five accounts counts as one draw, not five. Several splits of the same families share each draw,
and every method is measured on the same draws, so differences are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RECALL = 0.8
PREVALENCES = (0.001, 0.01)
METRICS = ("auc", "ap", "fpr")
LINES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
DRAWS, SEED = 1000, 7


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one method on one split's test accounts."""

    positive: npt.NDArray[np.bool_]
    family: npt.NDArray[np.str_]
    values: Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the 2.5% and 97.5% points of its bootstrap distribution."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        """Rounded to four places."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def weighted(scores: Scores, weights: Floats) -> dict[str, Floats]:
    """AUC, average precision and false positive rate at recall .8, for each row of weights (draws × accounts).

    Ties count half in AUC; for the others tied accounts enter together, so a constant score gains nothing.
    """
    order = np.argsort(-scores.values, kind="stable")
    ends = np.flatnonzero(np.diff(scores.values[order], append=np.nan) != 0)
    hits = np.cumsum(np.where(scores.positive[order], weights[:, order], 0.0), axis=1)[:, ends]
    misses = np.cumsum(np.where(scores.positive[order], 0.0, weights[:, order]), axis=1)[:, ends]
    total, others = hits[:, -1:], misses[:, -1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, false = hits / total, misses / others
        gained = np.diff(recall, axis=1, prepend=0.0)
        auc = (np.diff(false, axis=1, prepend=0.0) * (recall - gained / 2)).sum(axis=1)
        ap = (gained * np.nan_to_num(hits / (hits + misses))).sum(axis=1)
    reached = np.argmax(recall >= RECALL - 1e-12, axis=1)
    fpr = np.take_along_axis(false, reached[:, None], axis=1)[:, 0]
    empty = (total[:, 0] == 0) | (others[:, 0] == 0)  # a draw without one of the two kinds says nothing
    return {name: np.where(empty, np.nan, drawn) for name, drawn in (("auc", auc), ("ap", ap), ("fpr", fpr))}


def measure(
    splits: Sequence[Mapping[str, Scores]], draws: int = DRAWS, seed: int = SEED
) -> tuple[dict[str, dict[str, Interval]], dict[str, dict[str, Interval]]]:
    """Every method's metrics, averaged over splits, with intervals; and each one's difference to the first method.

    `splits` holds, per split, the scores of each method on the same accounts in the same order.
    """
    methods = list(splits[0])
    values = {m: {name: np.zeros(draws + 1) for name in METRICS} for m in methods}
    families, times = _drawn([split[methods[0]] for split in splits], draws, seed)
    used = {m: {name: np.zeros(draws + 1) for name in METRICS} for m in methods}
    for split in splits:
        columns = np.searchsorted(families, split[methods[0]].family)
        for method in methods:
            for name, each in weighted(split[method], times[:, columns]).items():
                ok = np.isfinite(each)
                values[method][name] += np.where(ok, each, 0.0)
                used[method][name] += ok
    with np.errstate(invalid="ignore"):
        means = {m: {n: values[m][n] / used[m][n] for n in METRICS} for m in methods}
    found = {m: {n: _interval(means[m][n]) for n in METRICS} for m in methods}
    first = methods[0]
    apart = {m: {n: _interval(means[first][n] - means[m][n]) for n in METRICS} for m in methods[1:]}
    return found, apart


def _drawn(splits: Sequence[Scores], draws: int, seed: int) -> tuple[npt.NDArray[np.str_], Floats]:
    """The families, and how often each is in each draw; the first row is the families as they are."""
    families = np.unique(np.concatenate([split.family for split in splits]))
    drawn = np.random.default_rng(seed).multinomial(len(families), np.full(len(families), 1 / len(families)), draws)
    return families, np.vstack([np.ones(len(families)), drawn]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Line:
    """What flagging everybody whose score is at least `line` would find, and whom it would flag wrongly."""

    line: float
    recall: Interval
    fpr: Interval

    def precision(self, prevalence: float) -> float:
        """Share of flagged accounts that are positive, if this share of all accounts were."""
        return precision_at(prevalence, self.recall.value, self.fpr.value)


def lines(splits: Sequence[Scores], at: Sequence[float] = LINES, draws: int = DRAWS, seed: int = SEED) -> list[Line]:
    """Recall and false positive rate at each line, averaged over splits, with intervals over families."""
    families, times = _drawn(splits, draws, seed)

    def share(line: float, positive: bool) -> Interval:
        flagged, of = np.zeros(draws + 1), np.zeros(draws + 1)
        for split in splits:
            weights = times[:, np.searchsorted(families, split.family)] * (split.positive == positive)
            all_of = weights.sum(axis=1)
            flagged += weights @ (split.values >= line) / np.maximum(all_of, 1)
            of += all_of > 0  # a draw without such accounts says nothing
        return _interval(np.where(of > 0, flagged / np.maximum(of, 1), np.nan))

    return [Line(line, share(line, positive=True), share(line, positive=False)) for line in at]


def _interval(drawn: Floats) -> Interval:
    low, high = np.nanquantile(drawn[1:], (0.025, 0.975))
    return Interval(float(drawn[0]), float(low), float(high))


def precision_at(prevalence: float, recall: float, fpr: float) -> float:
    """Share of flagged accounts that are positive, if this share of all accounts were (Bayes' rule)."""
    flagged = prevalence * recall + (1 - prevalence) * fpr
    return prevalence * recall / flagged if flagged else 1.0


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of the reliability table: scores in a range, what they said and what was so."""

    low: float
    high: float
    accounts: int
    mean_score: float
    positive_share: float


def reliability(splits: Sequence[Scores], bins: int = 10) -> list[Bin]:
    """Mean score against the share of positives, by tenths of the score (Murphy and Winkler 1977)."""
    values = np.concatenate([split.values for split in splits])
    positive = np.concatenate([split.positive for split in splits])
    which = np.minimum((values * bins).astype(int), bins - 1)
    return [
        Bin(i / bins, (i + 1) / bins, int(n), float(values[which == i].mean()), float(positive[which == i].mean()))
        for i in range(bins)
        if (n := (which == i).sum())
    ]
