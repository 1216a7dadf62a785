"""A predicate as a row of conditions, for people who choose instead of writing SQL: all of them or any, none nested.

Composing gives the predicate's text; reading gives conditions back where a text is of that form. What says more is
written by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlglot
from sqlglot import exp

from seawall.records.terms import PostKind
from seawall.signals.rules.grammar import COLUMNS
from seawall.signals.rules.lists import RuleError

HOW = ("at_least", "at_most", "none", "is", "is_not")
_SIGNS = {"at_least": ">=", "at_most": "<=", "is": "=", "is_not": "<>"}
_HOWS: dict[type[exp.Expression], str] = {exp.GTE: "at_least", exp.LTE: "at_most", exp.EQ: "is", exp.NEQ: "is_not"}
_MOST = 10**9
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")  # BCP 47, as platforms write it


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: of what ('list:NAME', 'kind:repost' or a column), how it is compared, and with what."""

    what: str
    how: str
    value: str = ""

    def sql(self) -> str:
        """Its text. Raises RuleError if the three do not go together."""
        about, _, name = self.what.partition(":")
        if about == "list":
            return self._counted(f"hits({_quoted(name)})")
        if about == "kind" and name in {kind.value for kind in PostKind}:
            return f"kind {self._same()} {_quoted(name)}"
        if about not in COLUMNS or name:
            raise RuleError(f"'{self.what}' is nothing that a rule may ask about", "what", part=self.what)
        kind = COLUMNS[about].type
        if kind == "flag":
            return f"{about} {self._same()} TRUE"
        if kind == "number":
            return self._counted(about)
        if not self.value.strip():
            raise RuleError(f"'{about}' is compared with nothing", "no_value", part=about)
        if about == "lang" and not _TAG.fullmatch(self.value.strip()):
            raise RuleError(f"'{self.value}' is no language tag", "tag", part=self.value)
        return f"{about} {self._same()} {_quoted(self.value.strip())}"

    def _counted(self, what: str) -> str:
        if self.how == "none":
            return f"{what} = 0"
        number = self.value.strip() or "1"
        if not (number.isascii() and number.isdecimal() and int(number) < _MOST):
            raise RuleError(f"'{number}' is no whole number", "number", part=number)
        return f"{what} {_SIGNS[self.how]} {int(number)}"

    def _same(self) -> str:
        if self.how not in ("is", "is_not"):
            raise RuleError("this is or is not so: it cannot be counted", "not_counted", part=self.what)
        return _SIGNS[self.how]


def composed(conditions: Iterable[Condition], *, any_of: bool) -> str:
    """The predicate's text. Raises RuleError."""
    return (" OR " if any_of else " AND ").join(condition.sql() for condition in conditions)


def conditions_of(where: str) -> tuple[Sequence[Condition], bool] | None:
    """The conditions a text stands for, and whether any of them will do; None for a text that says more."""
    try:
        tree = sqlglot.parse_one(where, dialect="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError):
        return None
    any_of = isinstance(tree, exp.Or)
    parts = list(tree.flatten()) if isinstance(tree, exp.Or | exp.And) else [tree]
    found = [condition_of(part) for part in parts]
    whole = [condition for condition in found if condition]
    return (whole, any_of) if len(whole) == len(found) else None


def condition_of(node: Any) -> Condition | None:
    """The condition that one comparison stands for; None for what cannot be chosen."""
    how = _HOWS.get(type(node))
    if not how or not isinstance(node.args.get("expression"), exp.Literal | exp.Boolean):
        return None
    left, right = node.this, node.expression
    value = right.name if isinstance(right, exp.Literal) else str(right.this)
    if isinstance(left, exp.Anonymous) and left.name.lower() == "hits" and len(left.expressions) == 1:
        return _counted(f"list:{left.expressions[0].name}", how, value, right)
    if not isinstance(left, exp.Column) or left.name not in COLUMNS:
        return None
    kind = COLUMNS[left.name].type
    if left.name == "kind":
        return Condition(f"kind:{value}", how) if how in ("is", "is_not") and right.is_string else None
    if kind == "number":
        return _counted(left.name, how, value, right)
    if kind == "flag":
        return Condition(left.name, how) if value == "True" else None
    return Condition(left.name, how, value) if how in ("is", "is_not") and right.is_string else None


def _counted(what: str, how: str, value: str, right: exp.Expression) -> Condition | None:
    if not right.is_number:
        return None
    return Condition(what, "none") if how == "is" and value == "0" else Condition(what, how, value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
