"""Windowed co-action against the plainest way to say it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seawall.graph import coaction

ACT = st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 90))


def _actions(acts: list[tuple[int, int, int]], accounts: int = 7) -> coaction.Actions:
    who, what, when = (np.array(column, np.int64) for column in zip(*acts, strict=True)) if acts else [np.zeros(0)] * 3
    return coaction.actions(who.astype(np.uint32), what.astype(np.uint32), when.astype(np.int64), accounts)


def _plain(acts: list[tuple[int, int, int]], window: int, least: int) -> dict[tuple[int, int], int]:
    weight: dict[tuple[int, int], int] = {}
    for (a, x, s), (b, y, t) in combinations(acts, 2):
        if a != b and x == y and abs(s - t) <= window:
            pair = min(a, b), max(a, b)
            weight[pair] = weight.get(pair, 0) + 1
    return {pair: count for pair, count in weight.items() if count >= least}


def _as_dict(pairs: coaction.Pairs) -> dict[tuple[int, int], int]:
    columns = (pairs.first.tolist(), pairs.second.tolist(), pairs.weight.tolist())
    return {(a, b): weight for a, b, weight in zip(*columns, strict=True)}


@given(
    st.lists(ACT, max_size=60, unique_by=lambda act: act[:2]), st.integers(0, 40), st.integers(1, 3), st.integers(1, 9)
)
def test_pairs_are_those_of_the_plain_way_however_little_fits_into_memory(acts, window, least, most) -> None:
    found = coaction.pairs(_actions(acts), window, least, most)
    assert _as_dict(found) == _plain(acts, window, least)
    assert found.hours.sum() == sum(_plain(acts, window, 1).values())


@given(st.lists(ACT, max_size=40, unique_by=lambda act: act[:2]), st.randoms())
def test_the_order_of_acts_does_not_matter(acts, draw) -> None:
    shuffled = draw.sample(acts, len(acts))
    assert _as_dict(coaction.pairs(_actions(acts), 30)) == _as_dict(coaction.pairs(_actions(shuffled), 30))


def test_hours_are_those_of_the_later_act() -> None:
    acts = [(0, 0, 5 * 3600 - 10), (1, 0, 5 * 3600 + 10), (2, 0, 29 * 3600 + 15), (3, 0, 29 * 3600 + 16)]
    hours = coaction.pairs(_actions(acts), 60).hours
    assert hours[5] == 2
    assert hours.sum() == 2


def test_size_bounds_what_a_window_holds() -> None:
    acts = [(i % 5, i % 3, i) for i in range(60)]
    assert coaction.size(_actions(acts, 5), 7) == sum(
        x == y and abs(s - t) <= 7 for (_, x, s), (_, y, t) in combinations(acts, 2)
    )


@given(st.lists(ACT, min_size=1, max_size=40, unique_by=lambda act: act[:2]))
def test_what_pairs_shared_and_how_near_they_acted(acts) -> None:
    its = _actions(acts)
    close = coaction.close(its, 20)
    for x in range(5):
        times = [t for _, y, t in acts if y == x]
        assert (close[x] if x < len(close) else 0) == sum(abs(s - t) <= 20 for s, t in combinations(times, 2))
    objects, starts = _by_account(acts, 1)
    same = np.concatenate([[t for a, _, t in sorted(acts) if a == i] for i in range(7)]).astype(np.int64)
    times, _ = _by_account(acts, 2)
    first, second = (np.array(column) for column in zip(*combinations(range(7), 2), strict=True))
    chance = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
    shared, mean = coaction.together(starts, objects, same, first, second, 40, chance)
    near = coaction.near(starts, times, first, second, 20)
    for k, (i, j) in enumerate(zip(first, second, strict=True)):
        both = {x for a, x, s in acts for b, y, t in acts if (a, b) == (i, j) and x == y and abs(s - t) <= 40}
        assert shared[k] == len(both)
        assert mean[k] == pytest.approx(np.mean([chance[x] for x in both]) if both else 0)
        assert near[k] == sum(abs(s - t) <= 20 for a, _, s in acts if a == i for b, _, t in acts if b == j)
    made = coaction.made_by(starts, objects, same, first, second, 20, 5)
    assert np.array_equal(made[: len(close)], close)


def _by_account(acts: list[tuple[int, int, int]], column: int) -> tuple[np.ndarray, np.ndarray]:
    each = [sorted(act[column] for act in acts if act[0] == i) for i in range(7)]
    return np.concatenate(each).astype(np.int64), np.concatenate([[0], np.cumsum([len(its) for its in each])])


@given(st.integers(1, 30), st.floats(1e-3, 40))
def test_poisson_tail_is_scipys(count, mean) -> None:
    found = coaction.poisson_tail(np.array([count]), np.array([mean]))[0]
    expected = stats.poisson.logsf(count - 1, mean) / np.log(10) if count > mean else 0
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(st.integers(1, 40), st.integers(0, 40), st.floats(1e-4, 0.9))
def test_binomial_tail_is_scipys(count, more, chance) -> None:
    found = coaction.binomial_tail(np.array([count]), np.array([count + more]), np.array([chance]))[0]
    expected = stats.binom.logsf(count - 1, count + more, chance) / np.log(10) if count > (count + more) * chance else 0
    assert found == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_no_acts_are_no_pairs() -> None:
    assert len(coaction.pairs(_actions([], 0), 60)) == 0
