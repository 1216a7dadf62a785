"""What a rule may say, and what it is refused for."""

from __future__ import annotations

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.signals.rules.grammar import COLUMNS, parse, relaxed
from seawall.signals.rules.lists import RuleError

LISTS = {"slogans": None, "wallets": None}

ALLOWED = [
    "hits('slogans') >= 1",
    "hits('slogans') >= 2 AND NOT hits('wallets') = 0",
    "(hits('slogans') > 0 OR hits('wallets') > 0) AND kind IN ('post', 'quote')",
    "hits('slogans') > 0 AND lang = 'ar'",
    "hits('slogans') > 0 AND TRY_CAST(likes AS BIGINT) >= 10",
    "hits('slogans') > 0 AND TRY_CAST(lang AS BIGINT) = 10",
    "hits('slogans') > likes AND hits('wallets') = 1",
    "hits('slogans') > 0 AND n_links > 0 AND truncated = FALSE",
    "hits('slogans') > hits('wallets')",
    "hits('slogans') IN (2, 3)",
    "hits('slogans') > -1 AND hits('wallets') > 0",
    "hits('slogans') > 0 AND (n_wallets > 0 OR n_cards > 0 OR n_ibans > 0)",
]
REFUSED = {
    "lang = 'ar'": "none of its lists touches",
    "lang = 'ar' OR hits('slogans') > 0": "none of its lists touches",
    "n_links > 3 AND lang = 'ru'": "none of its lists touches",
    "hits('slogans') = 0": "none of its lists touches",
    "hits('slogans') >= 0": "none of its lists touches",
    "NOT hits('slogans') > 0 AND kind = 'post'": "none of its lists touches",
    "hits('slogans') > 0 OR NOT (lang = 'en' AND lang = 'ar')": "none of its lists touches",
    "hits('slogans') > 0 AND religion = 'x'": "says who somebody is",
    "hits('slogans') > 0 AND place = 'Berlin'": "says who somebody is",
    "hits('slogans') > 0 AND nationality IN ('a', 'b')": "says who somebody is",
    "hits('slogans') > 0 AND followers > 3": "there is no column 'followers'",
    "hits('nowhere') > 0": "there is no list 'nowhere'",
    "hits(kind) > 0": "the only function is hits",
    "length(kind) > 3 AND hits('slogans') > 0": "not allowed as a value",
    "frobnicate(kind) > 3 AND hits('slogans') > 0": "the only function is hits",
    "text LIKE '%a%'": "not allowed",
    "hits('slogans') > 0 AND kind LIKE 'p%'": "not allowed",
    "hits('slogans') / 2 > 1": "not allowed as a value",
    "hits('slogans') + 1 > 1": "not allowed as a value",
    "hits('slogans') > (SELECT 1)": "not allowed as a value",
    "hits('slogans') > 0; DROP TABLE posts": "cannot be read|not allowed",
    "hits('slogans') > 0 AND regexp_matches(kind, 'a')": "not allowed",
    "CASE WHEN TRUE THEN TRUE END": "not allowed",
    "hits('slogans') BETWEEN 1 AND 2": "not allowed",
    "hits('slogans') > 0 AND kind IS NULL": "not allowed",
    "TRUE": "not allowed",
    "1 = 1": "compares constants only",
    "hits('slogans') > 'many'": "of one type",
    "hits('slogans') >= '0.4'": "of one type",
    "hits('slogans') IN ('0.4')": "of one type",
    "hits('slogans') >= 0.4": "not a whole number",
    "hits('slogans') >= TRY_CAST(0.4 AS BIGINT)": "not allowed as a value",
    "TRY_CAST(hits('slogans') AS BIGINT) >= 1": "not allowed as a value",
    "hits('slogans') > 0 AND lang = 5": "of one type",
    "hits('slogans') > 0 AND lang IN (1, 2)": "of one type",
    "hits('slogans') > 0 AND likes < 'abc'": "of one type",
    "hits('slogans') > 0 AND truncated > 'x'": "of one type",
    "hits('slogans') > 0 AND lang > 'a'": "orders what is no number",
    "hits('slogans') > 0 AND likes = 99999999999999999999999999": "not a whole number",
    "hits('slogans') >= likes": "none of its lists touches",
    "(" * 1900 + "hits('slogans') > 0" + ")" * 1900: "nested too deep|cannot be read",
    "hits('slogans') > 0 AND " * 300 + "hits('wallets') > 0": "at most 4,000",
    "n_wallets > 0": "none of its lists touches",
    "hits('slogans') > 0 OR n_cards > 0": "none of its lists touches",
    "hits('slogans') >": "cannot be read",
    "": "cannot be read|not allowed",
    "TRY_CAST(hits('slogans') AS VARCHAR) = 'x'": "not allowed as a value",
    "posts.kind = 'post' AND hits('slogans') > 0": "not allowed as a value",
}


@pytest.mark.parametrize("where", ALLOWED)
def test_allowed(where: str) -> None:
    assert "hits__" in parse("r", where, LISTS).sql()


@pytest.mark.parametrize(("where", "reason"), REFUSED.items())
def test_refused_with_the_reason(where: str, reason: str) -> None:
    with pytest.raises(RuleError, match=reason):
        parse("r", where, LISTS)


_ATOMS = st.sampled_from(
    [
        "hits('slogans') > 0",
        "hits('slogans') = 0",
        "hits('wallets') >= 2",
        "lang = 'ar'",
        "n_links > 1",
        "likes <= 3",
        "n_wallets > 0",
        "n_cards = n_wallets",
    ]
)
_WHERE = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} AND {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} OR {p[1]})"),
        inner.map(lambda p: f"(NOT {p})"),
    ),
    max_leaves=6,
)
_POSTS = pl.DataFrame(
    {
        "hits__slogans": [0] * 27,
        "hits__wallets": [0] * 27,
        "lang": [lang for lang in ("ar", "en", None) for _ in range(9)],
        "n_links": [n for _ in range(3) for n in (0, 2, None) for _ in range(3)],
        "likes": [n for _ in range(9) for n in (1, 5, None)],
        "n_wallets": [n % 2 for n in range(27)],
        "n_cards": [n % 3 for n in range(27)],
        "n_ibans": [0] * 27,
    }
)


@given(_WHERE)
def test_an_accepted_rule_never_matches_a_post_that_no_list_touches(where: str) -> None:
    """The refusal is by logic; here every such post is tried in the engine itself, nulls included."""
    try:
        tree = parse("r", where, LISTS)
    except RuleError:
        return
    posts = _POSTS  # noqa: F841 - read by DuckDB
    assert duckdb.execute(f"SELECT count(*) FROM posts WHERE {tree.sql(dialect='duckdb')}").fetchall() == [(0,)]


def test_every_column_is_explained() -> None:
    assert all(column.meaning for column in COLUMNS.values())


def test_a_rule_over_anything_it_may_say_never_throws_in_the_engine() -> None:
    posts = _POSTS.with_columns(  # noqa: F841 - read by DuckDB
        kind=pl.lit("post"), media=pl.lit(0), n_hashtags=pl.lit(1), n_mentions=pl.lit(None, pl.Int64),
        reposts=pl.lit(3), replies=pl.lit(None, pl.Int64), truncated=pl.lit(None, pl.Boolean),
    )  # fmt: skip
    for where in ALLOWED:
        predicate = parse("r", where, LISTS).sql(dialect="duckdb")
        assert duckdb.execute(f"SELECT count(*) FROM posts WHERE {predicate}").fetchall()


@given(_WHERE)
def test_the_relaxed_rule_holds_wherever_the_rule_does(where: str) -> None:
    try:
        tree = parse("r", where, LISTS)
    except RuleError:
        return
    posts = _POSTS.with_columns(  # noqa: F841 - read by DuckDB
        hits__slogans=pl.int_range(27) % 3, hits__wallets=pl.int_range(27) // 9
    )
    strict, loose = tree.sql(dialect="duckdb"), relaxed(tree).sql(dialect="duckdb")
    assert duckdb.execute(f"SELECT count(*) FROM posts WHERE {strict} AND NOT {loose}").fetchall() == [(0,)]
