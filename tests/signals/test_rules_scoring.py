"""How matching posts become a score, and how many list an account."""

from __future__ import annotations

import pytest

from seawall.records.findings import LINE
from seawall.signals.rules.scoring import enough, score


def test_each_group_of_matches_leaves_a_part_of_the_doubt_and_none_is_certain() -> None:
    assert score(1, 1, 0.7) == pytest.approx(0.7)
    assert score(2, 1, 0.7) == pytest.approx(0.91)
    assert score(3, 3, 0.7) == pytest.approx(0.7)
    assert score(500, 1, 0.7) == 0.99


@pytest.mark.parametrize("weight", [0.01, 0.1, 0.2, 0.29289321881, 0.3, 0.45, 0.5, 0.7, 0.99])
@pytest.mark.parametrize("posts", [1, 2, 3, 10, 77])
def test_enough_is_the_first_count_that_lists(posts: int, weight: float) -> None:
    counted = next(n for n in range(posts, 100_000) if score(n, posts, weight) >= LINE)
    assert enough(posts, weight) == counted


def test_a_weight_of_next_to_nothing_lists_nobody_and_is_told_at_once() -> None:
    assert enough(10**9, 5e-324) >= 10**15
