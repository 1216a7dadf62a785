"""Tables of posts: mapping guessed only when obvious, and shown; every row loaded or rejected."""

from __future__ import annotations

import json
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from makers import write
from seawall.sources.mapping import Mapping, read_mapping
from seawall.sources.table import TableSource


def _csv(path, text: str):
    path.write_text(text, "utf-8")
    return path


PLAIN = "username,time,tweets\nanna,2015-07-07 06:02:00,hello #one @bert https://e.org/a\n"


def test_a_guessed_mapping_is_shown_and_needs_yes(seawall, tmp_path) -> None:
    path = _csv(tmp_path / "a.csv", PLAIN)
    error = seawall.fails("load", "table", path, "--platform", "x")
    assert 'handle = "username"' in error
    assert 'text = "tweets"' in error
    assert "--yes" in error
    assert seawall.stats()["posts"] == 0
    ran = seawall.ok("load", "table", path, "--platform", "x", "--yes")
    assert 'handle = "username"' in ran.err
    assert seawall.stats()["posts"] == 1


def test_hashtags_mentions_links_and_reposts_are_read_out_of_the_text(seawall, tmp_path, rows) -> None:
    text = (
        PLAIN
        + 'anna,2015-07-08 06:02:00,"RT @carl: spread\nthis #two &amp; more"\nbert,2015-07-08T07:00:00Z,"@anna no"\n'
    )
    seawall.ok("load", "table", _csv(tmp_path / "a.csv", text), "--platform", "x", "--yes")
    posts = {row["text"]: row for row in rows("posts")}
    first = posts["hello #one @bert https://e.org/a"]
    assert (first["hashtags"], first["mentions"], first["links"]) == (["one"], ["bert"], ["https://e.org/a"])
    spread = posts["spread\nthis #two & more"]
    assert (spread["kind"], spread["of_handle"]) == ("repost", "carl")
    ties = {(t["kind"], t["from_id"], t["to_handle"], t["link"]) for t in rows("ties")}
    assert ties == {
        ("mention", "anna", "bert", None),
        ("shared_link", "anna", None, "https://e.org/a"),
        ("repost", "anna", "carl", None),
        ("mention", "bert", "anna", None),
    }


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2015-07-07 06:02:00", "2015-07-07T06:02:00+00:00"),
        ("2015-07-07T06:02:00.5Z", "2015-07-07T06:02:00.500000+00:00"),
        ("2015-07-07T06:02:00+02:00", "2015-07-07T04:02:00+00:00"),
        ("2015-07-07", "2015-07-07T00:00:00+00:00"),
        ("1436248920", "2015-07-07T06:02:00+00:00"),
        ("1436248920000", "2015-07-07T06:02:00+00:00"),
        ("Tue Jul 07 06:02:00 +0000 2015", "2015-07-07T06:02:00+00:00"),
        ("1436248920.5", "2015-07-07T06:02:00.500000+00:00"),
        ("20150301", "2015-03-01T00:00:00+00:00"),
    ],
)
def test_times_as_people_write_them(seawall, tmp_path, rows, written: str, read: str) -> None:
    seawall.ok(
        "load", "table", _csv(tmp_path / "a.csv", f"handle,at,text\na,{written},b\n"), "--platform", "x", "--yes"
    )
    assert rows("posts")[0]["at"].isoformat() == read


OUTSIDE = "a time outside 1990 to 2100"
NO_CALENDAR = "a time that no calendar or clock has, such as month 13"
NO_FORM = "a time in no form that is known: a mapping can say the form (--map)"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "no time"),
        ("2015", NO_FORM),
        ("201503", NO_FORM),
        ("20150301103000", NO_FORM),
        ("1.43625E+12", NO_FORM),
        ("20159901", NO_CALENDAR),
        ("2015-13-07 10:00", NO_CALENDAR),
        ("2015-02-30T10:00:00Z", NO_CALENDAR),
        ("2015-03-01 25:00", NO_CALENDAR),
        ("9999-12-31T23:30:00-05:00", OUTSIDE),
        ("0000-01-01T00:00:00", OUTSIDE),
        ("-1000-01-01T00:00:00", OUTSIDE),
        ("99999-01-01", OUTSIDE),
        ("1989-12-31", OUTSIDE),
        ("2101-01-02", OUTSIDE),
    ],
)
def test_what_is_no_time_of_a_post_is_rejected_and_said_in_words(seawall, tmp_path, written: str, why: str) -> None:
    path = _csv(tmp_path / "a.csv", f"handle,at,text\na,{written},b\na,2015-01-01,c\n")
    report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
    assert (report["loaded"], report["reject_reasons"]) == (1, {why: 1})


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("01/13/2015", "a time in another form than the mapping says, or one that no calendar has"),
        ("01/01/1875", OUTSIDE),
    ],
)
def test_a_time_that_does_not_fit_the_mapping_is_rejected(seawall, tmp_path, written: str, why: str) -> None:
    path = _csv(tmp_path / "a.csv", f"handle,at,text\na,{written},b\na,01/12/2015,c\n")
    mapping = _csv(tmp_path / "m.toml", "time = '%d/%m/%Y'\n[columns]\nhandle='handle'\nat='at'\ntext='text'\n")
    report = seawall.ok("load", "table", path, "--map", mapping, "--platform", "x", "--json").json()
    assert (report["loaded"], report["reject_reasons"]) == (1, {why: 1})


def test_a_time_that_could_be_two_is_rejected_unless_the_map_says_how(seawall, tmp_path, rows) -> None:
    path = _csv(tmp_path / "a.csv", "handle,at,text\na,07/08/2015 10:00,b\n")
    ran = seawall("load", "table", path, "--platform", "x", "--yes")
    assert (ran.code, NO_FORM in ran.out, "not one line" in ran.err) == (1, True, True)
    mapping = _csv(
        tmp_path / "m.toml",
        "platform = 'x'\ntime = '%d/%m/%Y %H:%M'\n[columns]\nhandle='handle'\nat='at'\ntext='text'\n",
    )
    seawall.ok("load", "table", path, "--map", mapping)
    assert rows("posts")[0]["at"].isoformat() == "2015-08-07T10:00:00+00:00"


def test_rows_without_account_or_time_are_rejected(seawall, tmp_path) -> None:
    text = "handle,at,text\n,2015-07-07,x\n@,2015-07-07,x\n  ,2015-07-07,x\nanna,never,y\nanna,2015-07-07,z\n"
    report = seawall.ok("load", "table", _csv(tmp_path / "a.csv", text), "--platform", "x", "--yes", "--json").json()
    assert (report["read"], report["loaded"], report["rejected"]) == (5, 1, 4)
    assert report["reject_reasons"] == {"no account": 3, NO_FORM: 1}


def test_a_blank_name_of_another_account_makes_no_repost(seawall, tmp_path, rows) -> None:
    path = _csv(tmp_path / "a.csv", "handle,at,text,retweet_of\nanna,2015-07-07,x, \nanna,2015-07-08,y,@bert\n")
    seawall.ok("load", "table", path, "--platform", "x", "--yes")
    assert {(row["kind"], row["of_handle"]) for row in rows("posts")} == {("post", None), ("repost", "bert")}


@pytest.mark.parametrize("written", ["5.70E+17", "5.7e+17", "1E+17", "5.7e17", "570000000000000000.0"])
@pytest.mark.parametrize("column", ["post_id", "account_id"])
def test_ids_that_a_spreadsheet_rounded_are_rejected(seawall, tmp_path, column: str, written: str) -> None:
    text = (
        f"handle,at,text,{column}\nanna,2015-07-07,one,{written}\nanna,2015-07-07,two,{written}\nanna,2015-07-07,x,5\n"
    )
    report = seawall.ok("load", "table", _csv(tmp_path / "a.csv", text), "--platform", "x", "--yes", "--json").json()
    assert report["loaded"] == 1
    assert report["reject_reasons"] == {"the id was rounded by a spreadsheet: export ids as text": 2}


@pytest.mark.parametrize("written", ["12e5", "7d9e1234", "~abc", "570000000000000001"])
def test_ids_that_only_look_a_little_like_it_are_kept(seawall, tmp_path, rows, written: str) -> None:
    path = _csv(tmp_path / "a.csv", f"handle,at,text,post_id\nanna,2015-07-07,one,{written}\n")
    seawall.ok("load", "table", path, "--platform", "x", "--yes")
    assert rows("posts")[0]["post_id"] == written


def test_whole_numbers_kept_as_floats_are_read_as_they_were(seawall, tmp_path, rows) -> None:
    table = {"handle": ["a", "b"], "at": ["2015-07-07"] * 2, "text": ["one", "two"], "post_id": [17.0, 5.7e17]}
    pq.write_table(pa.table(table), tmp_path / "a.parquet")
    report = seawall.ok("load", "table", tmp_path / "a.parquet", "--platform", "x", "--yes", "--json").json()
    assert report["reject_reasons"] == {"the id was rounded by a spreadsheet: export ids as text": 1}
    seawall.ok("load", "table", _csv(tmp_path / "a.csv", "handle,at,text,post_id\na,2015-07-08,x,18.0\n"),
               "--platform", "x", "--yes")  # fmt: skip
    path = write(tmp_path / "a.jsonl", b'{"handle": "a", "at": "2015-07-09", "text": "y", "post_id": 19.0}\n')
    seawall.ok("load", "table", path, "--platform", "x", "--yes")
    assert [row["post_id"] for row in rows("posts")] == ["17", "18", "19"]


@pytest.mark.parametrize(
    ("rows_text", "reasons"),
    [
        (
            'anna,2015-07-07,ok\nanna,"2015-07-07,never closed\nbert,2015-07-08,ok\n',
            ["damaged CSV: a quote is never closed"],
        ),
        (
            "anna,2015-07-07\nbert,2015-07-08,ok\ncarl,2015-07-08,ok\n",
            ["damaged CSV: 2 columns where the header has 3"],
        ),
        (
            "anna,2015-07-07,a,b\nbert,2015-07-08,ok\ncarl,2015-07-08,ok\n",
            ["damaged CSV: 4 columns where the header has 3"],
        ),
    ],
)
def test_a_damaged_csv_row_costs_only_its_own_line(seawall, tmp_path, rows_text: str, reasons: list[str]) -> None:
    path = _csv(tmp_path / "a.csv", "handle,at,text\n" + rows_text)
    report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
    assert (report["read"], report["loaded"]) == (3, 2)
    assert list(report["reject_reasons"]) == reasons


def test_line_separators_of_other_alphabets_do_not_break_a_row(seawall, tmp_path, rows) -> None:
    path = _csv(tmp_path / "a.csv", 'handle,text,at\na\u2028b\u0085c,"one\ntwo",2015-07-07\n')
    seawall.ok("load", "table", path, "--platform", "x", "--yes")
    assert (rows("posts")[0]["handle"], rows("posts")[0]["text"]) == ("a\u2028b\u0085c", "one\ntwo")


def test_a_header_alone_is_no_row(seawall, tmp_path) -> None:
    for text in ("handle,at,text", "handle,at,text\n"):
        path = _csv(tmp_path / "a.csv", text)
        report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
        assert (report["read"], report["rejected"]) == (0, 0)


def test_a_row_of_many_lines_is_rejected_with_all_of_them(seawall, tmp_path) -> None:
    path = _csv(tmp_path / "a.csv", 'handle,text,at\na,"line one\nline two",not a time\nb,x,2015-07-07\n')
    seawall.ok("load", "table", path, "--platform", "x", "--yes")
    assert [reject["raw"] for reject in _rejects(seawall)] == ['a,"line one\nline two",not a time']


def _rejects(seawall) -> list[dict]:
    return [json.loads(line) for path in (seawall.home / "rejects").iterdir() for line in path.open()]


def test_bytes_that_are_no_utf8_are_rejected(seawall, tmp_path) -> None:
    path = write(tmp_path / "a.csv", b"handle,at,text\nanna,2015-07-07,\xff\nbert,2015-07-07,ok\n")
    report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
    assert (report["loaded"], list(report["reject_reasons"])) == (1, ["damaged CSV: not UTF-8 at byte 16"])


def test_rows_without_post_id_are_the_same_post_at_every_load(seawall, tmp_path) -> None:
    path = _csv(tmp_path / "a.csv", PLAIN + PLAIN.split("\n", 1)[1])
    for _ in range(2):
        report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
        assert (report["read"], report["loaded"]) == (2, 2)
    assert seawall.stats()["posts"] == 1


def test_nested_json_and_parquet(seawall, tmp_path, rows) -> None:
    lines = b'{"user": {"name": "anna"}, "body": "one", "when": "2015-07-07"}\n{"body": "lost", "when": "2015-07-07"}\n'
    mapping = _csv(tmp_path / "m.toml", '[columns]\nhandle = "user.name"\ntext = "body"\nat = "when"\n')
    report = seawall.ok(
        "load", "table", write(tmp_path / "a.jsonl.zst", lines), "--map", mapping, "--platform", "vk", "--json"
    ).json()
    assert (report["loaded"], report["rejected"]) == (1, 1)
    table = pa.table(
        {"author": ["bert"], "content": ["two"], "publish_date": pa.array([1_436_248_920_000_000], pa.timestamp("us"))}
    )
    pq.write_table(table, tmp_path / "a.parquet")
    seawall.ok("load", "table", tmp_path / "a.parquet", "--platform", "vk", "--yes")
    assert {(row["handle"], row["text"], row["platform"]) for row in rows("posts")} == {
        ("anna", "one", "vk"),
        ("bert", "two", "vk"),
    }


def test_keys_with_dots_in_them(seawall, tmp_path, rows) -> None:
    line = b'{"user.name": "anna", "a": {"b.c": "one"}, "d.e": {"f": "2015-07-07"}}\n'
    mapping = _csv(tmp_path / "m.toml", '[columns]\nhandle = "user.name"\ntext = "a.b.c"\nat = "d.e.f"\n')
    seawall.ok("load", "table", write(tmp_path / "a.jsonl", line), "--map", mapping, "--platform", "vk")
    assert [(row["handle"], row["text"]) for row in rows("posts")] == [("anna", "one")]


def test_json_nested_too_deep_costs_only_its_line(seawall, tmp_path) -> None:
    good = b'{"handle": "a", "at": "2015-07-07", "text": "x"}\n'
    deep = b'{"handle": "a", "q": ' + b"[" * 5000 + b"]" * 5000 + b"}\n"
    nested = b'{"q":' * 900 + b"1" + b"}" * 900 + b"\n"
    path = write(tmp_path / "a.jsonl", nested + good + deep + good)
    report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
    assert (report["read"], report["loaded"]) == (4, 2)
    assert "damaged JSON: nested too deep" in report["reject_reasons"]


def _parquet(path, **changes):
    table = {"handle": ["a", "b", "c"], "text": ["x", "y", "z"], "at": ["2015-07-07"] * 3, **changes}
    pq.write_table(pa.table(table), path)
    return path


def test_parquet_times_finer_than_ours_are_cut_to_microseconds(seawall, tmp_path, rows) -> None:
    at = [1_425_722_400_000_000_001, 1_425_722_400_000_000_000, None]
    for unit, tz in (("ns", None), ("ns", "Europe/Berlin")):
        path = _parquet(tmp_path / "a.parquet", at=pa.array(at, pa.timestamp(unit, tz)))
        report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
        assert (report["loaded"], report["reject_reasons"]) == (2, {"no time": 1})
    assert {row["at"].isoformat() for row in rows("posts")} == {"2015-03-07T10:00:00+00:00"}


def test_parquet_times_of_no_calendar_cost_only_their_row(seawall, tmp_path) -> None:
    at = pa.array([2**62, 1_425_722_400_000_000, -(2**62)], pa.timestamp("us"))
    report = seawall.ok(
        "load", "table", _parquet(tmp_path / "a.parquet", at=at), "--platform", "x", "--yes", "--json"
    ).json()
    assert (report["loaded"], report["reject_reasons"]) == (1, {OUTSIDE: 2})


def test_a_parquet_cell_that_is_no_text_costs_only_its_row(seawall, tmp_path, rows) -> None:
    path = _parquet(tmp_path / "a.parquet", text=pa.array([b"x", b"\xff!", None], pa.binary()))
    report = seawall.ok("load", "table", path, "--platform", "x", "--yes", "--json").json()
    assert (report["read"], report["loaded"]) == (3, 2)
    assert report["reject_reasons"] == {"column 'text' is not UTF-8 at byte 0": 1}
    (reject,) = _rejects(seawall)
    assert reject["line"] == 2
    assert json.loads(reject["raw"]) == {"handle": "b", "text": "\\xff!", "at": "2015-07-07"}
    assert [row["handle"] for row in rows("posts")] == ["a", "c"]


@pytest.mark.parametrize("text", [[["x"], ["y"], ["z"]], [{"a": 1}] * 3])
def test_a_parquet_column_of_lists_says_so_before_anything_is_read(seawall, tmp_path, text) -> None:
    error = seawall.fails("load", "table", _parquet(tmp_path / "a.parquet", text=text), "--platform", "x", "--yes")
    assert "column 'text' holds" in error
    assert "--map" in error


def test_many_bad_parquet_rows_take_no_longer_than_good_ones(seawall, tmp_path) -> None:
    count = 50_000
    path = _parquet(tmp_path / "a.parquet", handle=["a"] * count, text=["x"] * count, at=["never"] * count)
    begun = time.process_time()
    assert "rejected 50,000" in seawall("load", "table", path, "--platform", "x", "--yes").out
    assert time.process_time() - begun < 6


def test_a_shown_mapping_is_a_mapping_file_whatever_the_columns_are_called(seawall, tmp_path, rows) -> None:
    path = write(tmp_path / "a.csv", b'handle,at,"te""xt\\",time\x7f\nanna,2015-07-07,hello,x\n')
    shown = seawall.fails("load", "table", path, "--platform", "x").split("\n\n", 1)[1].split("\nnot read")[0]
    mapping = _csv(tmp_path / "m.toml", shown.rstrip() + '\nbio = "time\\u007f"\n')
    assert read_mapping(mapping).as_toml() == mapping.read_text("utf-8")
    seawall.ok("load", "table", path, "--platform", "x", "--map", mapping)
    assert rows("posts")[0]["text"] == "hello"
    assert rows("accounts")[0]["bio"] == "x"


def test_other_repost_words_are_another_mapping(seawall, tmp_path) -> None:
    columns = {"handle": "handle", "at": "at", "text": "text", "kind": "kind"}
    given = [Mapping(columns), Mapping(columns, "%Y'\"%m", ("zz",), 'x"')]
    assert len({TableSource("x", mapping).fingerprint() for mapping in given}) == 2
    for mapping in given:
        assert read_mapping(_csv(tmp_path / "m.toml", mapping.as_toml())) == mapping


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        ("a,b\n1,2\n", ["--platform", "x"], "no column for text, at, handle"),
        ("", ["--platform", "x"], "is empty"),
        ("onlyone\n1\n", ["--platform", "x"], "no header"),
        ("auth\ror,text\na,b\n", ["--platform", "x"], "no header"),
        (PLAIN, ["--map", "missing.toml"], "cannot read the mapping"),
        (PLAIN, [], "--platform"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(seawall, tmp_path, content: str, words: list[str], message: str) -> None:
    path = _csv(tmp_path / "a.csv", content)
    assert message in seawall.fails("load", "table", path, "--yes", *words)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("[columns]\nhandle='a'\n", "no column for text, at"),
        ("[columns]\nreligion='a'\ntext='b'\nat='c'\nhandle='d'\n", "unknown fields ['religion']"),
        ("colums = 1\n", "unknown keys ['colums']"),
        ("[columns\n", "cannot read the mapping"),
        ("time = 5\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n", "time must be a text in quotes, not 5"),
        (
            "time = '%d/%m/%Y %H'\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n",
            "minutes where it has hours",
        ),
        ("time = '%H:%M'\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n", "needs a year"),
        ("time = '%Y-%m-%d %H:%M:%S.%f'\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n", "second is %.f"),
        ("time = 'iso'\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n", "no form of a time"),
        ("platform = 3\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n", "platform must be a text"),
        ("repost_words = 'rt'\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n", "must be a list of texts"),
        ("repost_words = [1]\n[columns]\nhandle='username'\ntext='tweets'\nat='time'\n", "must be a list of texts"),
        ("[columns]\nhandle='nowhere'\ntext='tweets'\nat='time'\n", "no column 'nowhere'"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(seawall, tmp_path, mapping: str, message: str) -> None:
    path = _csv(tmp_path / "a.csv", PLAIN)
    assert message in seawall.fails(
        "load", "table", path, "--platform", "x", "--map", _csv(tmp_path / "m.toml", mapping)
    )


def test_unknown_sources_and_missing_files(seawall, tmp_path) -> None:
    said = seawall.fails("load", "myspace", _csv(tmp_path / "a.csv", PLAIN))
    assert "Known are: x, " in said
    assert ", table." in said
    assert "no such file" in seawall.fails("load", "x", tmp_path / "nowhere.jsonl")
    assert (
        "x export needs none"
        in seawall.fails("load", "x", _csv(tmp_path / "b", "{}"), "--map", tmp_path / "a.csv").lower()
    )
