"""The compiled predicates say of every post what the same SQL says in DuckDB, whatever is null or skipped."""

from __future__ import annotations

import duckdb
import numpy as np
import polars as pl
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from seawall.signals.rules import RuleError, payments
from seawall.signals.rules.domains import Domains
from seawall.signals.rules.grammar import COLUMNS, parse, relaxed
from seawall.signals.rules.literals import Literals
from seawall.signals.rules.matcher import Hits
from seawall.signals.rules.parts import Parts
from seawall.signals.rules.predicates import Predicate, matches
from signals.payment_numbers import BITCOIN, CARD, ETHEREUM, IBAN

LISTS = {"a": None, "b": None, "c": None}
_HITS = st.sampled_from([f"hits('{name}')" for name in LISTS])
_COUNTED = [name for name in COLUMNS if name.startswith("n_")]
_NUMBERS = [name for name, column in COLUMNS.items() if column.type == "number"]
_CASTS = [f"TRY_CAST({name} AS {whole})" for name in COLUMNS for whole in ("INT", "BIGINT")]
_WHOLE = st.sampled_from(["0", "1", "2", "3", "-1", "007", "10", "1000", "2147483648", "999999999999999"])
_NUMBER = st.one_of(_HITS, _HITS, st.sampled_from(_NUMBERS), st.sampled_from(_CASTS), _WHOLE)
_TEXT = st.sampled_from(["kind", "lang", "'post'", "'ar'", "'10'", "''", "'it''s'"])
_FLAG = st.sampled_from(["truncated", "TRUE", "FALSE"])
_ANY = st.sampled_from(["=", "<>", "!="])


def _compared(values: st.SearchStrategy[str], operators: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(values, operators, values).map(" ".join)


def _in(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = st.lists(values, min_size=1, max_size=3).map(", ".join)
    return st.tuples(values, st.sampled_from(["IN", "NOT IN"]), some).map(lambda p: f"{p[0]} {p[1]} ({p[2]})")


_ATOM = st.one_of(
    _compared(_NUMBER, st.sampled_from(["=", "<>", ">", ">=", "<", "<="])),
    _compared(_TEXT, _ANY),
    _compared(_FLAG, _ANY),
    *map(_in, (_NUMBER, _TEXT, _FLAG)),
    st.tuples(_HITS, st.sampled_from([">= 1", "> 1", "= 0", "= 2"])).map(" ".join),
)
_INNER = st.recursive(
    _ATOM,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} AND {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} OR {p[1]})"),
        inner.map(lambda p: f"NOT ({p})"),
    ),
    max_leaves=8,
)
_WHERE = st.one_of(_INNER, st.tuples(_HITS, _INNER).map(lambda p: f"{p[0]} >= 1 AND ({p[1]})"))


def _posts(size: int = 400) -> tuple[pl.DataFrame, Hits]:
    """Posts of every kind of value, and hits at some of them."""
    chance = np.random.default_rng(5)
    words = ["post", "ar", "10", " 7", "1e3", "1.5", "x", "", "99999999999", "-3", "0x10", "1_000", "it's", None]
    numbers = [0, 1, 2, 3, 10, -1, 2**31, 2**40, -(2**40), None]

    def some(values: list[object], kind: pl.DataType | type) -> pl.Series:
        return pl.Series([values[i] for i in chance.integers(0, len(values), size)], dtype=kind)

    columns = {
        name: some(words, pl.String)
        if column.type == "text"
        else some([True, False, None], pl.Boolean)
        if column.type == "flag"
        else some([0, 1, 2, None], pl.Int32)
        if name == "media"
        else some(numbers, pl.Int64)
        for name, column in COLUMNS.items()
        if not name.startswith("n_")
    }
    lists = {
        name: some([[], ["x"], ["x", "y"], None], pl.List(pl.String)) for name in ("links", "hashtags", "mentions")
    }
    counts = {name: chance.integers(0, 4, size) * (chance.random(size) < 0.3) for name in LISTS}
    rows = np.flatnonzero(sum(counts.values()))
    hits = {name: (np.flatnonzero(its[rows]), its[rows][np.flatnonzero(its[rows])]) for name, its in counts.items()}
    text = some(["n", BITCOIN, f"{BITCOIN} {ETHEREUM}", CARD, f"{CARD} {IBAN}", None], pl.String)
    told = payments.counts(text)
    assert told.select(pl.all().max()).row(0) == (2, 1, 1)
    frame = pl.DataFrame({**columns, **lists, "text": text, **{f"hits__{name}": its for name, its in counts.items()}})
    frame = frame.with_columns(told)
    return frame.with_columns(pl.col(name).list.len().alias(f"n_{name}") for name in lists), Hits(rows, hits)


_POSTS, _FOUND = _posts()
_DB = duckdb.connect()
_DB.register("posts", _POSTS.with_row_index("row").to_arrow())


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@example("hits('a') >= 1 AND TRY_CAST(likes AS INT) > 3", False)
@example("hits('a') >= 1 AND TRY_CAST(likes AS INT) < 3", False)
@example("hits('a') >= 1 AND TRY_CAST(lang AS INT) > 3", False)
@example("hits('a') >= 1 AND TRY_CAST(truncated AS BIGINT) = 1", False)
@given(_WHERE, st.booleans())
def test_a_predicate_is_true_where_its_sql_is(where: str, loosely: bool) -> None:
    try:
        tree = parse("r", where, LISTS)
    except RuleError:
        return
    tree = relaxed(tree) if loosely else tree
    sql = f"SELECT row FROM posts WHERE {tree.sql(dialect='duckdb')} ORDER BY row"
    expected = [row for (row,) in _DB.execute(sql).fetchall()]
    _, rows = matches([Predicate(tree)], _POSTS.drop(_COUNTED), _FOUND)
    assert rows.tolist() == expected


def test_most_of_those_predicates_are_rules_and_many_match() -> None:
    """The property above would hold of nothing if all were refused."""
    accepted = matched = 0

    @settings(deadline=None, max_examples=200, database=None, derandomize=True)
    @given(_WHERE)
    def look(where: str) -> None:
        nonlocal accepted, matched
        try:
            tree = parse("r", where, LISTS)
        except RuleError:
            return
        accepted += 1
        matched += bool(len(matches([Predicate(tree)], _POSTS, _FOUND)[1]))

    look()
    assert accepted > 50
    assert matched > 20


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@example(["hits('a') >= 1", "kind <> 'post'", "NOT (lang = 'ar' OR hits('b') = 0)"], " AND ")
@example(["hits('a') >= 1", "hits('b') >= 2", "(hits('c') >= 1 AND likes > 1)"], " OR ")
@given(st.lists(_ATOM, min_size=2, max_size=4), st.sampled_from([" AND ", " OR "]))
def test_a_condition_holds_and_decides_alone_where_sql_says_so(conditions: list[str], join: str) -> None:
    where = join.join(conditions)
    try:
        tree = parse("r", where, LISTS)
    except RuleError:
        return
    parts = Parts(where, tree)
    for rows in (np.arange(250), np.arange(250, _POSTS.height)):  # two stretches
        at = np.flatnonzero(np.isin(_FOUND.rows, rows))
        lists = {
            name: (np.flatnonzero(np.isin(at, its)), found[np.isin(its, at)])
            for name, (its, found) in _FOUND.lists.items()
        }
        parts.add(_POSTS[rows].drop("n_links", "n_hashtags", "n_mentions"), Hits(_FOUND.rows[at] - rows[0], lists))
    told = parts.counted()
    sql = [parse("r", f"hits('a') > 99 AND ({text})", LISTS).expression.sql(dialect="duckdb") for text in conditions]
    for n, part in enumerate(told):
        rest = join.join(f"({other})" for other in (*sql[:n], *sql[n + 1 :]))
        alone = f"({rest}) AND ({sql[n]}) IS NOT TRUE" if join == " AND " else f"({sql[n]}) AND ({rest}) IS NOT TRUE"
        assert (part.holds, part.alone) == (_count(sql[n]), _count(alone)), part.text
    assert len(told) == len(conditions)


def _count(where: str) -> int:
    return int(_DB.execute(f"SELECT count(*) FROM posts WHERE {where}").fetchall()[0][0])


def test_a_predicate_of_one_condition_has_no_parts() -> None:
    parts = Parts("(hits('a') >= 1)", parse("r", "(hits('a') >= 1)", LISTS))
    parts.add(_POSTS, _FOUND)
    assert parts.counted() == []


def test_several_rules_share_a_batch() -> None:
    wheres = [
        "hits('a') >= 1 AND kind = 'post'",
        "hits('b') >= 1 AND kind = 'post'",
        "hits('b') >= 1 AND NOT kind = 'post'",
        "hits('c') > hits('a')",
    ]
    together = matches([Predicate(parse("r", where, LISTS)) for where in wheres], _POSTS, _FOUND)
    alone = [matches([Predicate(parse("r", where, LISTS))], _POSTS, _FOUND)[1] for where in wheres]
    assert [together[1][together[0] == i].tolist() for i in range(4)] == [rows.tolist() for rows in alone]
    assert all(len(rows) for rows in alone)


def test_where_no_list_touches_anything_nothing_is_asked() -> None:
    none = Hits(np.zeros(0, np.int64), {})
    rules, rows = matches([Predicate(parse("r", "hits('a') >= 1", LISTS))], _POSTS.drop("kind", "lang"), none)
    assert (len(rules), len(rows)) == (0, 0)


_HOSTS = [
    "drop.example",
    "www.files.example/pub",
    "x.y.example",
    "пример.рф",
    "k.example",
    "drop-i\u0307.ex",
    "t.co/a",
]
_PIECES = st.sampled_from(
    ["drop.example", "DROP.example", "sub.drop.example", "notdrop.example", "https://", "http://", "/pub", "/", " ",
     "files.example", "files.example/pub/1", ":8080", "user@", "пример.рф", "ПРИМЕР.РФ", "\u212a.example", "?",
     "DROP-\u0130.ex", "t.co", "/a", "x.y.example.", "#", "\n", "ſ", "y.example", "."]
)  # fmt: skip
_SAID = st.lists(_PIECES, max_size=6).map("".join)


def _plainly(hosts: list[str], text: str, links: list[str]) -> set[int]:
    """Domains found the slow way: every entry asked of every address."""
    frame = pl.DataFrame({"text": [text], "links": [links]}, schema={"text": pl.String, "links": pl.List(pl.String)})
    address = r"(?i)(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:/[^\s\"<>]*)?"
    parts = r"(?i)^(?:https?://)?(?:[^/@\s]*@)?([^/:?#\s]+)(?::\d+)?([^\s]*)$"
    all_addresses = frame.select(pl.concat_list("links", pl.col("text").str.extract_all(address)).explode()).to_series()
    found = set()
    for host, rest in all_addresses.drop_nulls().str.extract_groups(parts).struct.unnest().iter_rows():
        for number, entry in enumerate(hosts):
            wanted, slash, path = entry.partition("/")
            wanted = wanted.removeprefix("www.")
            its = pl.Series([host], dtype=pl.String).str.to_lowercase()[0]
            if its and (its == wanted or its.endswith("." + wanted)) and (rest or "").startswith(slash + path):
                found.add(number)
    return found


@settings(deadline=None, max_examples=300)
@example([("DROP.example", [])])
@example([("", ["https://DROP.Example/1"])])
@example([("https://\u212a.example", [])])
@example([("", ["DROP-\u0130.ex"])])
@example([("", ["\u212a.example"])])
@example([("", ["ПРИМЕР.РФ"])])
@given(st.lists(st.tuples(_SAID, st.lists(_SAID, max_size=3)), min_size=1, max_size=4))
def test_looking_domains_up_finds_what_asking_each_would(posts: list[tuple[str, list[str]]]) -> None:
    text = pl.Series([text for text, _ in posts], dtype=pl.String)
    links = pl.Series([links for _, links in posts], dtype=pl.List(pl.String))
    for hosts in (_HOSTS, [host for host in _HOSTS if "р" not in host]):  # one beyond ASCII has every post looked at
        found = set(zip(*(part.tolist() for part in Domains(hosts).find(text, links)), strict=True))
        assert found == {(row, number) for row, post in enumerate(posts) for number in _plainly(hosts, *post)}


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(alphabet="abé ", max_size=6)), max_size=8), st.integers(0, 3))
def test_a_literal_is_found_in_its_own_text_alone(texts: list[str | None], skip: int) -> None:
    literals = ["a", "ab", " b ", "é"]
    series = pl.Series(["zz"] * skip + texts, dtype=pl.String)[skip:]  # a slice, as of a larger batch
    rows, numbers = Literals([text.encode() for text in literals]).find(series)
    expected = {(row, n) for row, text in enumerate(texts) for n, said in enumerate(literals) if text and said in text}
    assert set(zip(rows.tolist(), numbers.tolist(), strict=True)) == expected


def test_a_buffer_too_large_for_one_scan_is_scanned_in_parts(monkeypatch) -> None:
    monkeypatch.setattr("seawall.signals.rules.literals._MOST_BYTES", 8)
    texts = pl.Series(["ab", "a longer text than one scan holds, ab", "", "xxab", "abab", "x"])
    rows, numbers = Literals([b"ab"]).find(texts)
    assert sorted(rows.tolist()) == [0, 1, 3, 4, 4]
    assert set(numbers.tolist()) == {0}
