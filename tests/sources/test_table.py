"""Tables of posts: mapping guessed only when obvious, and shown; every row loaded or rejected."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from makers import write


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
    ],
)
def test_times_as_people_write_them(seawall, tmp_path, rows, written: str, read: str) -> None:
    seawall.ok(
        "load", "table", _csv(tmp_path / "a.csv", f"handle,at,text\na,{written},b\n"), "--platform", "x", "--yes"
    )
    assert rows("posts")[0]["at"].isoformat() == read


def test_a_time_that_could_be_two_is_rejected_unless_the_map_says_how(seawall, tmp_path, rows) -> None:
    path = _csv(tmp_path / "a.csv", "handle,at,text\na,07/08/2015 10:00,b\n")
    ran = seawall("load", "table", path, "--platform", "x", "--yes")
    assert (ran.code, "no readable time" in ran.out, "not one line" in ran.err) == (1, True, True)
    mapping = _csv(
        tmp_path / "m.toml",
        "platform = 'x'\ntime = '%d/%m/%Y %H:%M'\n[columns]\nhandle='handle'\nat='at'\ntext='text'\n",
    )
    seawall.ok("load", "table", path, "--map", mapping)
    assert rows("posts")[0]["at"].isoformat() == "2015-08-07T10:00:00+00:00"


def test_rows_without_account_or_time_are_rejected(seawall, tmp_path) -> None:
    text = "handle,at,text\n,2015-07-07,x\nanna,never,y\nanna,2015-07-07,z\n"
    report = seawall.ok("load", "table", _csv(tmp_path / "a.csv", text), "--platform", "x", "--yes", "--json").json()
    assert (report["read"], report["loaded"], report["rejected"]) == (3, 1, 2)
    assert report["reject_reasons"] == {"no account": 1, "no readable time": 1}


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


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        ("a,b\n1,2\n", [], "no column for text, at, handle"),
        ("", [], "is empty"),
        ("onlyone\n1\n", [], "no header"),
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
        ("[columns]\nhandle='nowhere'\ntext='tweets'\nat='time'\n", "no column 'nowhere'"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(seawall, tmp_path, mapping: str, message: str) -> None:
    path = _csv(tmp_path / "a.csv", PLAIN)
    assert message in seawall.fails(
        "load", "table", path, "--platform", "x", "--map", _csv(tmp_path / "m.toml", mapping)
    )


def test_unknown_sources_and_missing_files(seawall, tmp_path) -> None:
    assert "Known are: x, table" in seawall.fails("load", "myspace", _csv(tmp_path / "a.csv", PLAIN))
    assert "no such file" in seawall.fails("load", "x", tmp_path / "nowhere.jsonl")
    assert (
        "x export needs none"
        in seawall.fails("load", "x", _csv(tmp_path / "b", "{}"), "--map", tmp_path / "a.csv").lower()
    )
