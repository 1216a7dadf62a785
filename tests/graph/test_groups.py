"""Groups of dense parts that few ties join."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from seawall.graph.groups import groups


def _of(ties: list[tuple[int, int, int]], nodes: int) -> list[int]:
    first, second, weight = (np.array(column, np.int64) for column in zip(*ties, strict=True))
    return groups(first, second, weight, nodes).tolist()


def _clique(nodes: range, weight: int = 5) -> list[tuple[int, int, int]]:
    return [(a, b, weight) for a, b in combinations(nodes, 2)]


def test_two_cliques_that_one_tie_joins_are_two_groups() -> None:
    found = _of([*_clique(range(6)), *_clique(range(6, 12)), (0, 6, 5)], 12)
    assert len(set(found[:6])) == len(set(found[6:])) == 1
    assert found[0] != found[6]


def test_weight_decides_where_a_node_between_goes() -> None:
    found = _of([*_clique(range(4)), *_clique(range(4, 8)), (8, 0, 9), (8, 4, 1), (8, 5, 1)], 9)
    assert found[8] == found[0]


@given(st.permutations(_clique(range(5)) + _clique(range(5, 9)) + [(0, 5, 1)]))
def test_the_order_of_ties_does_not_matter(ties) -> None:
    assert _of(ties, 10) == _of(_clique(range(5)) + _clique(range(5, 9)) + [(0, 5, 1)], 10)


def test_who_has_no_tie_is_alone() -> None:
    assert _of([(0, 1, 3)], 4) == [0, 0, 2, 3] or _of([(0, 1, 3)], 4) == [1, 1, 2, 3]
