"""The SQL that a rule may say, and nothing else. Parsed by sqlglot, allow-listed node by node, types checked.

Comparisons, AND, OR, NOT, IN, TRY_CAST, columns that describe one post, and hits('list'). No function, pattern,
arithmetic or subquery, and no comparison across types, so nothing can throw or run long; NULL is no match. A rule that
could be true of a post that no list touches is refused: language, place or form alone are no conduct.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection
from typing import NamedTuple, NoReturn

import sqlglot
from sqlglot import exp

from seawall.signals.rules.lists import OWN, RuleError, column_of, list_of
from seawall.signals.rules.payments import COUNTED


class Column(NamedTuple):
    """A column a rule may read."""

    type: str  # text, number or flag
    meaning: str


COLUMNS = {
    "kind": Column("text", "post, repost, quote or reply"),
    "lang": Column("text", "the platform's language tag; never enough alone"),
    "media": Column("number", "how many pictures, videos and files"),
    "n_links": Column("number", "how many links"),
    "n_hashtags": Column("number", "how many hashtags"),
    "n_mentions": Column("number", "how many accounts it mentions"),
    "reposts": Column("number", "how often it was reposted, as the platform says"),
    "likes": Column("number", "how often it was liked, as the platform says"),
    "replies": Column("number", "how often it was replied to, as the platform says"),
    "truncated": Column("flag", "whether the platform cut the text"),
    "n_wallets": Column("number", "how many wallets stand in it, each proved by its checksum"),
    "n_cards": Column("number", "how many numbers of bank cards"),
    "n_ibans": Column("number", "how many numbers of bank accounts (IBAN)"),
}
_TRAITS = (
    "religion", "sect", "faith", "ethnic", "ethnicity", "race", "nationality", "origin", "citizenship", "gender",
    "sex", "sexuality", "politics", "political_opinion", "caste", "disability", "place", "location", "country", "name",
)  # fmt: skip
_COMPARE: dict[type, Callable[[int, int], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}
_ORDER = (exp.GT, exp.GTE, exp.LT, exp.LTE)
_WHOLE = (exp.DataType.Type.INT, exp.DataType.Type.BIGINT)
_LONGEST = 4000
_MOST_DIGITS = 15
_MANY = 10**_MOST_DIGITS + 1  # more than a rule can write


def parse(rule_id: str, where: str, lists: Collection[str], own: str = "") -> exp.Expression:
    """The predicate with hits('list') turned into columns. Raises RuleError with the reason.

    `own` is the list that hits('words') stands for in this rule; '' where it has no words of its own.
    """
    if len(where) > _LONGEST:
        raise RuleError(f"rule {rule_id}: is {len(where):,} letters long; at most {_LONGEST:,} are allowed", "too_long")
    try:
        tree: exp.Expression = sqlglot.parse_one(where, dialect="duckdb")  # type: ignore[assignment]
        _Check(rule_id, {*lists, OWN} if own else lists).predicate(tree)
        tree = tree.transform(lambda node: _column(node, own) if isinstance(node, exp.Anonymous) else node)
        untouched = _truth(relaxed(tree, said=False))
    except sqlglot.errors.SqlglotError as error:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error).splitlines()[0] if str(error) else "it is empty")
        raise RuleError(f"rule {rule_id}: cannot be read as SQL: {plain}", "sql", near=_near(error, where)) from error
    except RecursionError as error:
        raise RuleError(f"rule {rule_id}: is nested too deep", "too_deep") from error
    if untouched:
        raise RuleError(
            f"rule {rule_id}: it matches posts that none of its lists touches. "
            "Language, place, links or numbers alone are no conduct: join them with hits('...') >= 1.",
            "untouched",
        )
    return tree


def _near(error: sqlglot.errors.SqlglotError, where: str) -> str:
    """The word at which reading ended, as far as it is told."""
    told = getattr(error, "errors", None) or [{}]
    return str(told[0].get("highlight") or where[-20:])


class _Check:
    """Walks a predicate and refuses what is not allowed."""

    def __init__(self, rule_id: str, lists: Collection[str]) -> None:
        self._id, self._lists = rule_id, lists

    def predicate(self, node: exp.Expression) -> None:
        if isinstance(node, exp.And | exp.Or):
            self.predicate(node.this)
            self.predicate(node.expression)
        elif isinstance(node, exp.Not | exp.Paren):
            self.predicate(node.this)
        elif type(node) in _COMPARE:
            self._comparison(node, [node.this, node.expression])
        elif isinstance(node, exp.In) and node.expressions:
            self._comparison(node, [node.this, *node.expressions])
        else:
            allowed = "Use comparisons, AND, OR, NOT, IN and hits('list')."
            self._refuse("not_allowed", f"'{node.sql()}' is not allowed here. {allowed}", node)

    def _comparison(self, node: exp.Expression, values: list[exp.Expression]) -> None:
        types = [self._type(value) for value in values]
        if len(set(types)) > 1:
            several = " with ".join(dict.fromkeys(types))
            self._refuse("mixed", f"'{node.sql()}' compares {several}; both sides must be of one type", node)
        if types[0] != "number" and isinstance(node, _ORDER):
            self._refuse("ordered", f"'{node.sql()}' orders what is no number; use = or IN", node)
        if not any(value.find(exp.Column, exp.Anonymous) for value in values):
            self._refuse("constants", f"'{node.sql()}' compares constants only", node)

    def _type(self, node: exp.Expression) -> str:
        if isinstance(node, exp.Boolean):
            return "flag"
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal) and not node.this.is_string:
            return self._literal(node.this)
        if isinstance(node, exp.Anonymous):
            return self._hits(node)
        if isinstance(node, exp.Column) and len(node.parts) == 1:
            return self._known(node.name)
        if isinstance(node, exp.TryCast) and node.to.this in _WHOLE and isinstance(node.this, exp.Column):
            self._known(node.this.name)
            return "number"
        return self._refuse(
            "value",
            f"'{node.sql()}' is not allowed as a value. "
            "Use a whole number, a text, a column, TRY_CAST(column AS BIGINT) or hits('list').",
            node,
        )

    def _literal(self, node: exp.Literal) -> str:
        if node.is_string:
            return "text"
        if not node.name.isdecimal() or len(node.name) > _MOST_DIGITS:
            self._refuse("number", f"'{node.name}' is not a whole number of at most {_MOST_DIGITS} digits", node)
        return "number"

    def _hits(self, node: exp.Anonymous) -> str:
        named = node.expressions
        if node.name.lower() != "hits" or len(named) != 1 or not isinstance(named[0], exp.Literal):
            self._refuse("function", f"the only function is hits('list'), not '{node.sql()}'", node)
        if named[0].name not in self._lists:
            known = ", ".join(sorted(self._lists)) or "none"
            self._refuse("list", f"there is no list '{named[0].name}'. Known are: {known}.", named[0])
        return "number"

    def _known(self, name: str) -> str:
        if name in COLUMNS:
            return COLUMNS[name].type
        if name.lower() in _TRAITS:
            why = f"'{name}' says who somebody is or where; a rule is about what was done"
            self._refuse("trait", why, exp.column(name))
        return self._refuse(
            "column", f"there is no column '{name}'. Known are: {', '.join(COLUMNS)}.", exp.column(name)
        )

    def _refuse(self, kind: str, why: str, node: exp.Expression) -> NoReturn:
        part = node.name if isinstance(node, exp.Literal | exp.Column) else node.sql()
        raise RuleError(f"rule {self._id}: {why}", kind, part=part)


def _column(node: exp.Anonymous, own: str) -> exp.Column:
    name = node.expressions[0].name
    return exp.column(column_of(own if own and name == OWN else name), quoted=True)


def relaxed(node: exp.Expression, wanted: bool = True, *, said: bool = True) -> exp.Expression:
    """A predicate over what the text says that holds wherever the rule could hold, whatever its other columns say.

    A condition on another column counts as true where that helps the rule and as false under NOT. What the text says
    is hits and, unless `said` is false, the numbers that money can be sent to.
    """
    if isinstance(node, exp.And | exp.Or):
        parts = (relaxed(part, wanted, said=said) for part in (node.this, node.expression))
        return type(node)(**dict(zip(("this", "expression"), parts, strict=True)))
    if isinstance(node, exp.Not):
        return exp.Not(this=relaxed(node.this, not wanted, said=said))
    if isinstance(node, exp.Paren):
        return exp.Paren(this=relaxed(node.this, wanted, said=said))
    return node.copy() if _only_hits(node, COUNTED if said else ()) else exp.Boolean(this=wanted)


def silencing(node: exp.Expression, wanted: bool = True) -> frozenset[str]:
    """The lists that keep a rule silent where they touch a post: conditions that hold for no entry, not for many."""
    if isinstance(node, exp.And | exp.Or):
        return silencing(node.this, wanted) | silencing(node.expression, wanted)
    if isinstance(node, exp.Not | exp.Paren):
        return silencing(node.this, wanted is not isinstance(node, exp.Not))
    if not _only_hits(node) or _truth(node) is not wanted or _truth(node, _MANY) is wanted:
        return frozenset()
    return frozenset(name for column in node.find_all(exp.Column) if (name := list_of(column.name)))


def lifted(node: exp.Expression, wanted: bool = True) -> exp.Expression:
    """A predicate over hits that holds wherever the rule could hold, were there no list that keeps it silent."""
    if isinstance(node, exp.And | exp.Or):
        return type(node)(this=lifted(node.this, wanted), expression=lifted(node.expression, wanted))
    if isinstance(node, exp.Not):
        return exp.Not(this=lifted(node.this, not wanted))
    if isinstance(node, exp.Paren):
        return exp.Paren(this=lifted(node.this, wanted))
    return exp.Boolean(this=wanted) if silencing(node, wanted) else relaxed(node, wanted)


def _only_hits(node: exp.Expression, or_of: Collection[str] = ()) -> bool:
    names = (column.name for column in node.find_all(exp.Column))
    return all(name.startswith(column_of("")) or name in or_of for name in names)


def _truth(node: exp.Expression, count: int = 0) -> bool:
    """The truth of a relaxed predicate for a post in which every list has so many entries."""
    if isinstance(node, exp.And):
        return _truth(node.this, count) and _truth(node.expression, count)
    if isinstance(node, exp.Or):
        return _truth(node.this, count) or _truth(node.expression, count)
    if isinstance(node, exp.Not):
        return not _truth(node.this, count)
    if isinstance(node, exp.Paren):
        return _truth(node.this, count)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.In):
        return _number(node.this, count) in [_number(value, count) for value in node.expressions]
    return _COMPARE[type(node)](_number(node.this, count), _number(node.expression, count))


def _number(node: exp.Expression, count: int) -> int:
    if isinstance(node, exp.Neg):
        return -_number(node.this, count)
    return count if isinstance(node, exp.Column) else int(node.name)
