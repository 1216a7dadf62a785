"""Why a rule is silent on a text: the first of its conditions that does not hold there, and what stands there instead.

For people who write one. The answers are the engine's own, asked of each part of the predicate by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import sqlglot
from sqlglot import exp

from seawall.signals.rules.conditions import Condition, condition_of
from seawall.signals.rules.files import Rule
from seawall.signals.rules.lists import list_of
from seawall.signals.rules.matcher import Hits
from seawall.signals.rules.predicates import Touched, everywhere, true_of


@dataclass(frozen=True, slots=True)
class Missed:
    """The condition that does not hold."""

    condition: Condition | None  # None where it is not one that can be chosen
    text: str  # as it stands in the predicate
    found: int | str | bool | None  # what is compared, as the text has it; None: nothing is known
    negated: bool = False  # it holds, and the predicate says NOT
    first_of_several: bool = False  # any of several would do, and none holds


class Asked:
    """Texts as posts, of which one asks why a rule is silent."""

    def __init__(self, rule: Rule, posts: pl.DataFrame, hits: Hits) -> None:
        self._rule, self._posts = rule, posts
        self._touched: Touched = everywhere(posts, hits)

    def missed(self, row: int) -> Missed:
        """The first condition that does not hold in this row, in which the rule does not match."""
        node, said = self._rule.predicate, sqlglot.parse_one(self._rule.where, dialect="duckdb")
        wanted, several = True, False
        while isinstance(node, exp.Paren | exp.Not | exp.And | exp.Or):
            if isinstance(node, exp.Paren | exp.Not):
                wanted = wanted is not isinstance(node, exp.Not)
                node, said = node.this, said.this
                continue
            several = several or isinstance(node, exp.And) is not wanted
            parts = ((node.this, said.this), (node.expression, said.expression))
            node, said = next(part for part in parts if not true_of(part[0], self._touched, wanted)[row])
        condition = condition_of(said)
        return Missed(
            condition,
            said.sql(dialect="duckdb", normalize_functions=False),
            self._found(node, row),
            not wanted,
            several,
        )

    def _found(self, node: exp.Expression, row: int) -> int | str | bool | None:
        column = next(node.find_all(exp.Column), None)
        if column is None:
            return None
        if name := list_of(column.name):
            return self._touched.count_at(name, row)
        found = self._touched.said(column.name, row)
        return found if isinstance(found, int | str | bool) else None
