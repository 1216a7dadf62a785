"""What each condition of a rule does to the posts of a lake: of how many it holds, and for how many it alone decides.

For people who tune a rule: a condition that decides nothing may go, and one that decides much is worth a look. The
answers are the engine's own, asked of each part of the predicate by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import sqlglot
from sqlglot import exp

from seawall.signals.rules.matcher import Hits
from seawall.signals.rules.predicates import everywhere, true_of


@dataclass(frozen=True, slots=True)
class Part:
    """A condition of a rule, and what it does."""

    text: str  # as it stands in the predicate
    holds: int  # posts of which it is true
    alone: int  # posts that it alone keeps out; where any condition will do: that it alone brings in


class Parts:
    """The conditions that a predicate joins, and what they did to the posts that went by; none where it is a single
    one."""

    def __init__(self, where: str, predicate: exp.Expression) -> None:
        """`predicate` is what the grammar made of the text."""
        said = sqlglot.parse_one(where, dialect="duckdb").unnest()
        self.any_of = isinstance(said, exp.Or)
        self._texts = [part.sql(dialect="duckdb", normalize_functions=False) for part in _joined(said)]
        self._nodes = _joined(predicate.unnest())
        self._holds, self._alone = (np.zeros(len(self._nodes), np.int64) for _ in range(2))

    def add(self, posts: pl.DataFrame, hits: Hits) -> None:
        """Take in posts, and what lists found in them."""
        if not self._nodes:
            return
        touched = everywhere(posts, hits)
        true = np.stack([true_of(node, touched) for node in self._nodes])
        self._holds += true.sum(axis=1)
        decides = true if self.any_of else ~true
        self._alone += decides[:, decides.sum(axis=0) == 1].sum(axis=1)

    def counted(self) -> list[Part]:
        """What each of them did, in the order of the predicate."""
        counts = zip(self._texts, self._holds.tolist(), self._alone.tolist(), strict=True)
        return [Part(*said) for said in counts] if self._nodes else []


def _joined(tree: Any) -> list[Any]:
    return list(tree.flatten()) if isinstance(tree, exp.And | exp.Or) else []
