"""From matching posts to a score, and back: how many it takes until an account is listed."""

from __future__ import annotations

import math

from seawall.records.findings import LINE

MOST = 0.99  # matches alone are never certain
_NEVER = 1e15


def score(matches: int, posts: int, weight: float) -> float:
    """The score of a finding: each further group of `posts` matches leaves 1 - weight of the doubt that was left."""
    return float(min(1 - (1 - weight) ** (matches / posts), MOST))


def enough(posts: int, weight: float) -> int:
    """The fewest matching posts of an account that list it: `posts` of them make a finding, and the score of one that
    weighs little comes to the line with more."""
    groups = math.log(1 - LINE) / math.log1p(-weight)
    matches = max(posts, math.ceil(min(posts * groups, _NEVER)))
    near = (max(posts, matches - 1), matches, matches + 1)  # a logarithm is off by a hair
    return next((count for count in near if score(count, posts, weight) >= LINE), matches)
