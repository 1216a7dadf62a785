"""Rules' predicates over the posts that their lists touch, in arrays.

A rule cannot be true of a post that none of its own lists touches (the grammar refuses others), so it is asked about
the touched ones alone. The logic is SQL's, of three values (Kleene): a condition on what is not known is neither true
nor false. NOT is carried down to the comparisons, so that one mask a node is enough: where it is wanted true, or
wanted false. Same answers as the predicate's SQL in DuckDB.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import lru_cache

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
from sqlglot import exp

from seawall.signals.rules.grammar import COLUMNS
from seawall.signals.rules.lists import list_of
from seawall.signals.rules.literals import NOTHING, Whole
from seawall.signals.rules.matcher import Hits
from seawall.signals.rules.payments import COUNTED, counts

Mask = npt.NDArray[np.bool_]
Known = tuple[Whole, Mask | None]  # values, and where they are not null; None: everywhere
_COMPARE: dict[type[exp.Expression], tuple[Callable[..., Mask], Callable[..., Mask]]] = {
    exp.EQ: (operator.eq, operator.ne),
    exp.NEQ: (operator.ne, operator.eq),
    exp.GT: (operator.gt, operator.le),
    exp.GTE: (operator.ge, operator.lt),
    exp.LT: (operator.lt, operator.ge),
    exp.LTE: (operator.le, operator.gt),
}
_LISTED = {"n_links": "links", "n_hashtags": "hashtags", "n_mentions": "mentions"}  # counted from these columns
_LEAST, _MOST = -(2**31), 2**31 - 1  # of SQL's INTEGER


class Touched:
    """The touched posts of a batch: their columns as whole numbers, computed when first asked for."""

    def __init__(self, posts: pl.DataFrame, hits: Hits) -> None:
        self.size = len(hits.rows)
        self._posts, self._hits = posts, hits
        self._columns: dict[str, Known] = {}
        self._words: dict[str, int] = {}
        self._masks: dict[str, Mask] = {}
        self._payments: pl.DataFrame | None = None

    def places(self, lists: Sequence[str]) -> Whole:
        """The posts that any of these lists touches."""
        found = [self._hits.lists[name][0] for name in lists if name in self._hits.lists]
        return found[0] if len(found) == 1 else np.unique(np.concatenate([*found, np.zeros(0, np.int64)]))

    def count(self, name: str, places: Whole) -> Whole:
        """A list's count at these posts."""
        its, found = self._hits.lists.get(name, (NOTHING, NOTHING))
        if its is places:
            return found
        counts = np.zeros(len(places), np.int64)
        counts[np.searchsorted(places, its)] = found  # `places` holds all that this list touches
        return counts

    def mask(self, key: str, made: Callable[[], Mask]) -> Mask:
        """A condition on columns alone, over all touched posts; made once a batch however many rules share it."""
        if key not in self._masks:
            self._masks[key] = made()
        return self._masks[key]

    def column(self, name: str) -> Known:
        """A column as whole numbers: flags as 0 and 1, a word as its number."""
        if name not in self._columns:
            series, known = self._read(name)
            values = (
                series.cast(pl.Int64).fill_null(0).to_numpy() if COLUMNS[name].type != "text" else self._spelled(series)
            )
            self._columns[name] = values, known
        return self._columns[name]

    def count_at(self, name: str, row: int) -> int:
        """A list's count in one touched post."""
        its, found = self._hits.lists.get(name, (NOTHING, NOTHING))
        return int(found[its == row].sum())

    def said(self, name: str, row: int) -> object:
        """A column in one touched post, as the platform gave it; None where it is not known."""
        return self._read(name)[0][row]

    def word(self, text: str) -> int:
        """A word's number in this batch."""
        return self._words.setdefault(text, len(self._words))

    def cast(self, name: str, whole: str) -> Known:
        """TRY_CAST(column AS whole), where whole is INT or BIGINT."""
        values, known = self.column(name)
        if COLUMNS[name].type == "text":
            numbers = pl.Series([_cast(text, whole) for text in self._read(name)[0]], dtype=pl.Int64)
            return numbers.fill_null(0).to_numpy(), numbers.is_not_null().to_numpy()
        if whole == "INT":
            fits = (values >= _LEAST) & (values <= _MOST)
            known = fits if known is None else known & fits
        return values, known

    def _read(self, name: str) -> tuple[pl.Series, Mask | None]:
        """A column at the touched posts, and where it is not null."""
        if name in COUNTED:
            if self._payments is None:
                self._payments = counts(self._posts["text"][self._hits.rows])
            return self._payments[name], None
        series = self._posts[_LISTED.get(name, name)][self._hits.rows]
        series = series.list.len() if name in _LISTED else series
        return series, series.is_not_null().to_numpy() if series.null_count() else None

    def _spelled(self, series: pl.Series) -> Whole:
        return np.array([0 if text is None else self.word(text) for text in series.cast(pl.String)], np.int64)


@lru_cache(maxsize=10_000)
def _cast(text: str | None, whole: str) -> int | None:
    """What SQL's TRY_CAST makes of a text; asked of the engine that defines it, once for each word."""
    if text is None:
        return None
    with duckdb.connect() as db:
        row = db.execute(f"SELECT TRY_CAST(? AS {whole})", [text]).fetchone()
    return None if row is None or row[0] is None else int(row[0])


_Value = Callable[[Touched, Whole], Known]
_Test = Callable[[Touched, Whole], Mask]


class Predicate:
    """One rule's predicate, compiled."""

    def __init__(self, tree: exp.Expression) -> None:
        self._lists = sorted({name for column in tree.find_all(exp.Column) if (name := list_of(column.name))})
        self._test = _test(tree, wanted=True)

    def places(self, touched: Touched) -> Whole:
        """The touched posts of which it is true, as places, ascending."""
        asked = touched.places(self._lists)
        return asked[self._test(touched, asked)] if len(asked) else asked


def everywhere(posts: pl.DataFrame, hits: Hits) -> Touched:
    """All posts of a batch, as if a list touched each: for who asks about parts of a predicate."""
    placed = {name: (hits.rows[its], found) for name, (its, found) in hits.lists.items()}
    return Touched(posts, Hits(np.arange(posts.height), placed))


def true_of(node: exp.Expression, touched: Touched, wanted: bool = True) -> Mask:
    """Of which touched posts a part of a predicate is true, or, if that is wanted, false."""
    return _test(node, wanted)(touched, np.arange(touched.size))


def _test(node: exp.Expression, wanted: bool) -> _Test:
    """Where a node is true, or where it is false."""
    if isinstance(node, exp.Paren):
        return _test(node.this, wanted)
    if isinstance(node, exp.Not):
        return _test(node.this, not wanted)
    if not any(list_of(column.name) for column in node.find_all(exp.Column)):
        return _shared(node, wanted)
    return _made(node, wanted)


def _shared(node: exp.Expression, wanted: bool) -> _Test:
    """A node that asks no list: over all touched posts at once, for every rule that has it."""
    key, test = f"{wanted}: {node.sql(dialect='duckdb')}", _made(node, wanted)

    def at(touched: Touched, places: Whole) -> Mask:
        return touched.mask(key, lambda: test(touched, np.arange(touched.size)))[places]

    return at


def _made(node: exp.Expression, wanted: bool) -> _Test:
    if isinstance(node, exp.And | exp.Or):
        both = isinstance(node, exp.And) is wanted
        return _joined([_test(node.this, wanted), _test(node.expression, wanted)], both)
    if isinstance(node, exp.Boolean):
        holds = bool(node.this) is wanted
        return lambda _touched, places: np.full(len(places), holds)
    if isinstance(node, exp.In):
        asked = _value(node.this)
        return _joined([_compared(exp.EQ, asked, _value(other), wanted) for other in node.expressions], not wanted)
    return _compared(type(node), _value(node.this), _value(node.expression), wanted)


def _joined(tests: list[_Test], both: bool) -> _Test:
    join = np.logical_and if both else np.logical_or

    def at(touched: Touched, places: Whole) -> Mask:
        mask = tests[0](touched, places)
        for test in tests[1:]:
            mask = join(mask, test(touched, places))
        return mask

    return at


def _compared(kind: type[exp.Expression], left: _Value, right: _Value, wanted: bool) -> _Test:
    compare = _COMPARE[kind][0 if wanted else 1]

    def at(touched: Touched, places: Whole) -> Mask:
        (mine, mine_known), (other, other_known) = left(touched, places), right(touched, places)
        mask = compare(mine, other)
        for known in (mine_known, other_known):
            mask = mask if known is None else mask & known
        return mask

    return at


def _value(node: exp.Expression) -> _Value:
    """A value at each of some posts; a constant is an array of one."""
    if isinstance(node, exp.Literal) and node.is_string:
        text = node.name
        return lambda touched, _places: (np.array([touched.word(text)]), None)
    if isinstance(node, exp.Literal | exp.Neg | exp.Boolean):
        number = np.array([_constant(node)], np.int64)
        return lambda _touched, _places: (number, None)
    if isinstance(node, exp.TryCast):
        name, whole = node.this.name, node.to.this.value
        return lambda touched, places: _at(touched.cast(name, whole), places)
    name, listed = node.name, list_of(node.name)
    if listed is not None:
        return lambda touched, places: (touched.count(listed, places), None)
    return lambda touched, places: _at(touched.column(name), places)


def _at(column: Known, places: Whole) -> Known:
    values, known = column
    return values[places], None if known is None else known[places]


def _constant(node: exp.Expression) -> int:
    if isinstance(node, exp.Neg):
        return -_constant(node.this)
    return int(node.this) if isinstance(node, exp.Boolean) else int(node.name)


def matches(predicates: Sequence[Predicate], posts: pl.DataFrame, hits: Hits) -> tuple[Whole, Whole]:
    """Which predicate (by its place) is true of which row of a batch; ordered by predicate, then row."""
    touched = Touched(posts, hits)
    found = [hits.rows[predicate.places(touched)] for predicate in predicates] if len(hits.rows) else []
    if not found:
        return NOTHING, NOTHING
    return np.repeat(np.arange(len(found)), [len(rows) for rows in found]), np.concatenate(found)
