"""The SQL that a rule may say, and nothing else. Parsed by sqlglot, allow-listed node by node.

Comparisons, AND, OR, NOT, IN, TRY_CAST, columns that describe one post, and hits('list'). No function, pattern,
arithmetic or subquery, so nothing can throw or run long; NULL is no match. A predicate that could be true of a
post that no list touches is refused: language, place or form alone are no conduct.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator
from itertools import product

import sqlglot
from sqlglot import exp

from seawall.signals.rules.lists import RuleError, column_of

COLUMNS = {
    "kind": "post, repost, quote or reply",
    "lang": "the platform's language tag; never enough alone",
    "media": "how many pictures, videos and files",
    "n_links": "how many links",
    "n_hashtags": "how many hashtags",
    "n_mentions": "how many accounts it mentions",
    "reposts": "how often it was reposted, as the platform says",
    "likes": "how often it was liked, as the platform says",
    "replies": "how often it was replied to, as the platform says",
    "truncated": "whether the platform cut the text",
}
_TRAITS = (
    "religion", "sect", "faith", "ethnic", "ethnicity", "race", "nationality", "origin", "citizenship", "gender",
    "sex", "sexuality", "politics", "political_opinion", "caste", "disability", "place", "location", "country", "name",
)  # fmt: skip
_TYPES = {exp.DataType.Type.INT, exp.DataType.Type.BIGINT, exp.DataType.Type.DOUBLE, exp.DataType.Type.BOOLEAN}
_COMPARE: dict[type, Callable[[float, float], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}
_MOST_ATOMS = 14


def parse(rule_id: str, where: str, lists: Collection[str]) -> exp.Expression:
    """The predicate with hits('list') turned into columns. Raises RuleError with the reason."""
    try:
        tree: exp.Expression = sqlglot.parse_one(where, dialect="duckdb")  # type: ignore[assignment]
    except sqlglot.errors.SqlglotError as error:
        raise RuleError(f"rule {rule_id}: cannot be read as SQL: {error}") from error
    _check(rule_id, tree, lists)
    tree = tree.transform(lambda node: _column(node) if isinstance(node, exp.Anonymous) else node)
    if _true_without_hits(rule_id, tree):
        raise RuleError(
            f"rule {rule_id}: it matches posts that none of its lists touches. "
            "Language, place, links or numbers alone are no conduct: join them with hits('...') >= 1."
        )
    return tree


def _check(rule_id: str, node: exp.Expression, lists: Collection[str]) -> None:
    if isinstance(node, exp.And | exp.Or | exp.Not | exp.Paren):
        _check_logic(rule_id, node, lists)
    elif type(node) in _COMPARE:
        _check_value(rule_id, node.this, lists)
        _check_value(rule_id, node.expression, lists)
    elif isinstance(node, exp.In) and node.expressions:
        for value in (node.this, *node.expressions):
            _check_value(rule_id, value, lists)
    else:
        raise RuleError(
            f"rule {rule_id}: '{node.sql()}' is not allowed here. Use comparisons, AND, OR, NOT, IN and hits('list')."
        )


def _check_logic(rule_id: str, node: exp.Expression, lists: Collection[str]) -> None:
    for child in (node.this, node.args.get("expression")):
        if child is not None:
            _check(rule_id, child, lists)


def _check_value(rule_id: str, node: exp.Expression, lists: Collection[str]) -> None:
    if isinstance(node, exp.Literal | exp.Boolean):
        return
    if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
        return
    if isinstance(node, exp.Anonymous):
        _check_hits(rule_id, node, lists)
    elif isinstance(node, exp.Column) and len(node.parts) == 1:
        _check_column(rule_id, node.name)
    elif isinstance(node, exp.TryCast) and node.to.this in _TYPES:
        _check_value(rule_id, node.this, lists)
    else:
        raise RuleError(
            f"rule {rule_id}: '{node.sql()}' is not allowed as a value. "
            "Use a number, a text, a column, TRY_CAST(column AS BIGINT) or hits('list')."
        )


def _check_hits(rule_id: str, node: exp.Anonymous, lists: Collection[str]) -> None:
    named = node.expressions
    if node.name.lower() != "hits" or len(named) != 1 or not isinstance(named[0], exp.Literal):
        raise RuleError(f"rule {rule_id}: the only function is hits('list'), not '{node.sql()}'")
    if named[0].name not in lists:
        raise RuleError(
            f"rule {rule_id}: there is no list '{named[0].name}'. Known are: {', '.join(sorted(lists)) or 'none'}."
        )


def _check_column(rule_id: str, name: str) -> None:
    if name in COLUMNS:
        return
    if name.lower() in _TRAITS:
        raise RuleError(f"rule {rule_id}: '{name}' says who somebody is or where; a rule is about what was done")
    raise RuleError(f"rule {rule_id}: there is no column '{name}'. Known are: {', '.join(COLUMNS)}.")


def _column(node: exp.Anonymous) -> exp.Column:
    return exp.column(column_of(node.expressions[0].name), quoted=True)


def _true_without_hits(rule_id: str, tree: exp.Expression) -> bool:
    """Whether the predicate can be true when every list counts 0, whatever the other columns say."""
    atoms = {node.sql(): node for node in _atoms(tree)}
    free = [text for text, node in atoms.items() if not _only_hits(node)]
    if len(free) > _MOST_ATOMS:
        raise RuleError(f"rule {rule_id}: has {len(free)} conditions besides lists; at most {_MOST_ATOMS} are allowed")
    fixed = {text: _at_zero(node) for text, node in atoms.items() if _only_hits(node)}
    return any(
        _truth(tree, {**fixed, **dict(zip(free, values, strict=True))})
        for values in product((False, True), repeat=len(free))
    )


def _atoms(node: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(node, exp.And | exp.Or):
        yield from _atoms(node.this)
        yield from _atoms(node.expression)
    elif isinstance(node, exp.Not | exp.Paren):
        yield from _atoms(node.this)
    else:
        yield node


def _only_hits(node: exp.Expression) -> bool:
    columns = list(node.find_all(exp.Column))
    return bool(columns) and all(column.name.startswith(column_of("")) for column in columns)


def _at_zero(node: exp.Expression) -> bool:
    values = [_number(value) for value in (node.this, *node.expressions)]
    if isinstance(node, exp.In):
        return values[0] in values[1:]
    return _COMPARE[type(node)](values[0], _number(node.expression))


def _number(node: exp.Expression) -> float:
    if isinstance(node, exp.Neg):
        return -_number(node.this)
    if isinstance(node, exp.TryCast):
        return _number(node.this)
    if isinstance(node, exp.Column):
        return 0.0
    try:
        return float(node.name)
    except ValueError as error:
        raise RuleError(f"hits('...') is a number and cannot be compared with {node.sql()}") from error


def _truth(node: exp.Expression, atoms: dict[str, bool]) -> bool:
    if isinstance(node, exp.And):
        return _truth(node.this, atoms) and _truth(node.expression, atoms)
    if isinstance(node, exp.Or):
        return _truth(node.this, atoms) or _truth(node.expression, atoms)
    if isinstance(node, exp.Not):
        return not _truth(node.this, atoms)
    if isinstance(node, exp.Paren):
        return _truth(node.this, atoms)
    return atoms[node.sql()]
