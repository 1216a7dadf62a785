"""Places of nodes on a plane: what is tied stands together, and the same graph stands the same way."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.graph.layout import places


def _cliques(count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(c * size + a, c * size + b) for c in range(count) for a in range(size) for b in range(a)]
    first, second = np.array(pairs).T
    return first, second


def _away(at: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    return float(np.hypot(*(at[first] - at[second]).T).mean())


def test_groups_stand_apart_and_their_members_together() -> None:
    first, second = _cliques(6, 12)
    at = places(72, first, second, np.ones(len(first)))
    mixed = np.random.default_rng(1).permutation(second)
    assert _away(at, first, second) < 0.35 * _away(at, first, mixed)


def test_no_two_stand_on_one_place() -> None:
    star = np.arange(1, 300)
    at = places(300, star, np.zeros(299, np.int64), np.ones(299))
    gaps = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))[np.triu_indices(300, 1)]
    assert gaps.min() > 1e-3
    assert np.hypot(*(at[0] - at[1:].mean(0))) < 0.1  # the middle of a star stands in the middle


@settings(max_examples=25)
@given(st.integers(0, 30), st.data())
def test_places_fill_a_square_and_are_the_same_each_time(nodes: int, data: st.DataObject) -> None:
    node = st.integers(0, max(nodes - 1, 0))
    pairs = (
        data.draw(st.lists(st.tuples(node, node).filter(lambda pair: pair[0] != pair[1]), max_size=40))
        if nodes > 1
        else []
    )
    first, second = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    at = places(nodes, first, second, np.ones(len(pairs)))
    assert at.shape == (nodes, 2)
    assert np.isfinite(at).all()
    if nodes > 1:
        assert np.isclose((at.max(0) - at.min(0)).max(), 1.0)
        assert at.min() > -1e-9
        assert at.max() < 1 + 1e-9
    assert (places(nodes, first, second, np.ones(len(pairs))) == at).all()
