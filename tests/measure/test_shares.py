"""Shares and their intervals: never surer than what was seen allows, whatever the order of rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.measure import shares
from seawall.measure.shares import lines_at, share, sums

ROWS = st.lists(st.tuples(st.booleans(), st.sampled_from("abcdefg"), st.integers(0, 9)), min_size=2, max_size=40)


def _columns(rows: list[tuple[bool, str, int]]) -> tuple[np.ndarray, list[str], np.ndarray]:
    yes, family, value = zip(*rows, strict=True)
    return np.array(yes), list(family), np.array(value, np.float64)


@given(ROWS)
@settings(max_examples=40)
def test_an_interval_holds_what_was_measured_and_never_claims_all_or_nothing(rows) -> None:
    yes, family, _ = _columns(rows)
    its = share(yes, family)
    assert 0 <= its.low <= its.value <= its.high <= 1
    assert its.value == yes.mean()
    assert its.high - its.low > 0.05  # forty rows are forty


@given(ROWS)
@settings(max_examples=40)
def test_a_stricter_line_names_no_more_and_order_changes_nothing(rows) -> None:
    yes, family, value = _columns(rows)
    found = lines_at((1, 3, 5, 7), value, yes, family)
    if yes.all() or not yes.any():
        assert found == []
        return
    for strict, loose in zip(found[1:], found, strict=False):
        assert strict.recall.value <= loose.recall.value
        assert strict.fpr.value <= loose.fpr.value
    assert lines_at((1, 3, 5, 7), value[::-1], yes[::-1], family[::-1]) == found
    for line in found:
        for prevalence in (0.001, 0.01):
            as_measured, at_least = line.precision(prevalence)
            assert at_least <= as_measured + 1e-12


def test_one_large_family_makes_an_interval_wide() -> None:
    """Twenty accounts of one operator are one draw, not twenty."""
    yes = np.array([True] * 20 + [False] * 20)
    apart = share(yes, [str(n) for n in range(40)])
    together = share(yes, ["one"] * 20 + [str(n) for n in range(20)])
    assert together.high - together.low > 1.5 * (apart.high - apart.low)


def test_none_of_few_is_not_none() -> None:
    its = share(np.zeros(100, bool), [str(n) for n in range(100)])
    assert (its.value, its.low) == (0, 0)
    assert its.high == pytest.approx(0.0362, abs=1e-4)  # Clopper and Pearson


def test_draws_in_portions_are_the_same_draws(monkeypatch) -> None:
    draw = np.random.default_rng(5)
    values, family = draw.random((30, 2)), [str(n) for n in draw.integers(0, 9, 30)]
    whole = sums(values, family)
    assert whole.shape == (1001, 2)
    assert whole[0] == pytest.approx(values.sum(0))
    monkeypatch.setattr(shares, "_CELLS", 50)
    assert sums(values, family) == pytest.approx(whole)
