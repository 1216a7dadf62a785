"""Metrics against a known-good library, and intervals that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from seawall.measure.metrics import RECALL, Interval, Scores, lines, measure, precision_at, reliability, weighted

CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(0, 3)), min_size=4, max_size=60).filter(
    lambda rows: len({positive for positive, _, w in rows if w}) == 2
)


def _scores(rows: list[tuple[bool, int, int]]) -> tuple[Scores, np.ndarray]:
    positive = np.array([row[0] for row in rows])
    values = np.array([row[1] for row in rows], float)
    return Scores(positive, np.array([str(i) for i in range(len(rows))]), values), np.array(
        [[row[2] for row in rows]], float
    )


@given(CASES)
def test_auc_ap_and_fpr_agree_with_scikit_learn_ties_and_weights_too(rows) -> None:
    scores, weights = _scores(rows)
    found = weighted(scores, weights)
    used = weights[0] > 0
    y, s, w = scores.positive[used], scores.values[used], weights[0][used]
    assert found["auc"][0] == pytest.approx(roc_auc_score(y, s, sample_weight=w))
    assert found["ap"][0] == pytest.approx(average_precision_score(y, s, sample_weight=w))
    fpr, tpr, _ = roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    assert found["fpr"][0] == pytest.approx(fpr[np.argmax(tpr >= RECALL - 1e-12)])


def test_a_perfect_and_a_constant_score() -> None:
    positive = np.array([True] * 10 + [False] * 90)
    family = np.arange(100).astype(str)
    splits = [
        {"signal": Scores(positive, family, positive.astype(float)), "other": Scores(positive, family, np.zeros(100))}
    ]
    found, apart = measure(splits, draws=200)
    assert (found["signal"]["auc"].value, found["signal"]["ap"].value, found["signal"]["fpr"].value) == (1, 1, 0)
    assert (found["other"]["auc"].value, found["other"]["fpr"].value) == (0.5, 1.0)
    assert found["other"]["ap"].value == pytest.approx(0.1)
    assert apart["other"]["auc"].low > 0.4


def test_families_widen_the_interval() -> None:
    draw = np.random.default_rng(0)
    positive = np.array([True] * 40 + [False] * 200)
    level = np.repeat(draw.normal(0, 2, 8), 5)
    values = np.concatenate([1.5 + level, draw.normal(0, 1, 200)])
    alone = np.arange(240).astype(str)
    joined = np.concatenate([np.repeat(np.arange(8), 5), np.arange(100, 300)]).astype(str)
    widths = []
    for family in (alone, joined):
        found, _ = measure([{"signal": Scores(positive, family, values)}])
        widths.append(found["signal"]["auc"].high - found["signal"]["auc"].low)
    assert widths[1] > 1.5 * widths[0]


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    covered = 0
    for seed in range(60):
        draw = np.random.default_rng(seed)
        positive = np.array([True] * 30 + [False] * 150)
        values = np.concatenate([draw.normal(1, 1, 30), draw.normal(0, 1, 150)])
        found, _ = measure([{"signal": Scores(positive, np.arange(180).astype(str), values)}], draws=300)
        covered += found["signal"]["auc"].low <= 0.7602 <= found["signal"]["auc"].high
    assert covered >= 52


def test_a_draw_without_positives_says_nothing_rather_than_zero() -> None:
    family = np.array(["a", "b", "c", "d", "e"])
    scores = Scores(np.array([True, True, False, False, False]), family, np.array([4.0, 3, 2, 1, 0]))
    found, _ = measure([{"signal": scores}], draws=400)
    assert found["signal"]["auc"] == Interval(1.0, 1.0, 1.0)  # a tenth of the draws hold no positive
    assert found["signal"]["fpr"] == Interval(0.0, 0.0, 0.0)
    empty = weighted(scores, np.array([[0.0, 0, 1, 1, 1], [1.0, 0, 0, 0, 0]]))
    assert all(np.isnan(drawn).all() for drawn in empty.values())


def test_precision_at_a_prevalence_is_bayes_rule() -> None:
    assert precision_at(0.01, 0.8, 0.01) == pytest.approx(0.008 / (0.008 + 0.0099))
    assert precision_at(0.001, 0.8, 0.0) == 1.0
    assert precision_at(0.01, 0.0, 0.0) == 1.0


def test_a_line_flags_whoever_reaches_it_with_an_interval_over_families() -> None:
    positive = np.array([True, True, True, True, False, False])
    family = np.array(["a", "a", "a", "b", "c", "d"])
    first = Scores(positive, family, np.array([0.9, 0.9, 0.9, 0.1, 0.5, 0.2]))
    second = Scores(positive, family, np.array([0.9, 0.9, 0.9, 0.1, 0.2, 0.2]))
    low, line, high = lines([first, second], at=(0.0, 0.5, 1.0))
    assert (low.recall.value, low.fpr.value) == (1.0, 1.0)
    assert (line.recall.value, line.fpr.value) == (0.75, 0.25)  # the mean of a half and none
    assert (line.recall.low, line.recall.high) == (0.0, 1.0)  # a draw may hold one family alone
    assert (high.recall.value, high.fpr.value, high.precision(0.01)) == (0.0, 0.0, 1.0)
    assert line.precision(0.01) == pytest.approx(0.0075 / (0.0075 + 0.99 * 0.25))


def test_reliability_counts_every_account_once() -> None:
    values = np.array([0.0, 0.05, 0.55, 0.95, 1.0])
    bins = reliability([Scores(np.array([False, False, True, True, False]), np.arange(5).astype(str), values)])
    assert [(b.low, b.accounts, b.positive_share) for b in bins] == [(0.0, 2, 0.0), (0.5, 1, 1.0), (0.9, 2, 0.5)]
