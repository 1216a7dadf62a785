"""What has been kept long enough goes for good: rows, bytes, dedupe keys, rejects and findings."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from makers import export, lines, tweet, write
from seawall.lake import LakeError
from seawall.lake.keeping import expire, expire_before
from seawall.lake.lake import LoadStep
from seawall.lake.manifest import LoadState
from seawall.records.findings import FINDINGS


def _days_later(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_nothing_expires_before_its_time(seawall, tmp_path) -> None:
    seawall.ok("load", "x", export(tmp_path / "a.jsonl"))
    before = seawall.stats()
    assert "Nothing" in seawall.ok("lake", "expire").out
    with seawall.lake() as lake:
        assert expire(lake, 180, _days_later(180)) == {}
    assert seawall.stats() == before


def test_expired_rows_and_their_bytes_are_gone_and_can_be_loaded_again(seawall, tmp_path) -> None:
    marker = b"zebra-quartz-marker"
    path = write(tmp_path / "a.jsonl", lines([tweet(1, text=marker.decode())]) + b"{broken " + marker + b"\n")
    seawall.ok("load", "x", path)
    assert _found(seawall.home, b"zebra-quartz") >= 1
    with seawall.lake() as lake:
        gone = expire(lake, 180, _days_later(181))
    assert gone == {"accounts": 1, "posts": 1, "rejects": 1}
    assert set(seawall.stats().values()) == {0}
    assert _found(seawall.home, b"zebra-quartz") == 0
    seawall.ok("load", "x", path)
    assert (seawall.stats()["posts"], seawall.stats()["rejects"]) == (1, 1)


def _found(home, marker: bytes) -> int:
    """Files that hold the marker, read as Parquet where they are Parquet."""
    count = 0
    for path in home.rglob("*"):
        if path.suffix == ".parquet":
            count += marker.decode() in str(pq.read_table(path).to_pylist())
        elif path.is_file():
            count += marker in path.read_bytes()
    return count


def test_days_before_a_date_expire_and_the_rest_stays_deduplicated(seawall, tmp_path, rows) -> None:
    old, new = tweet(1), tweet(3 * 24 * 60)
    path = write(tmp_path / "a.jsonl", lines([old, new]) + b"broken\n")
    seawall.ok("load", "x", path)
    ran = seawall.ok("lake", "expire", "--before", "2016-03-03", "--json").json()
    assert ran["expired"]["posts"] == 1
    assert [row["post_id"] for row in rows("posts")] == [str(new["id"])]
    seawall.ok("load", "x", write(tmp_path / "b.jsonl", lines([new])))
    assert seawall.stats()["posts"] == 1
    seawall.ok("load", "x", path)
    assert (seawall.stats()["posts"], seawall.stats()["rejects"]) == (2, 1)


def test_findings_go_with_the_posts_they_point_at(seawall, tmp_path) -> None:
    text = "Donate to equip a mujahid, wallet address in the link"
    seawall.ok("load", "x", write(tmp_path / "a.jsonl", lines([tweet(1, text=text)])))
    seawall.ok("scan")
    assert len(seawall.ok("findings", "--json").json_lines()) == 1
    with seawall.lake() as lake:
        expire_before(lake, date(2017, 1, 1))
    assert seawall.ok("findings", "--json").out == ""


def test_a_scan_that_an_expiry_overtakes_keeps_no_findings(seawall, tmp_path) -> None:
    text = "Donate to equip a mujahid, wallet address in the link"
    seawall.ok("load", "x", write(tmp_path / "a.jsonl", lines([tweet(1, text=text)])))
    with seawall.lake() as lake:
        version = lake.manifest.version
        expire_before(lake, date(2017, 1, 1))
        with pytest.raises(LakeError, match="Scan again"):
            lake.replace_results({"findings": FINDINGS.empty_table()}, version)


def test_what_expires_beside_a_reader_goes_when_the_reader_ends(seawall, tmp_path) -> None:
    seawall.ok("load", "x", export(tmp_path / "a.jsonl", 20))
    with seawall.lake() as lake, lake.snapshot() as held:
        with seawall.lake() as other:
            expire_before(other, date(2030, 1, 1))
        assert held.read("posts").num_rows > 0
    assert list((seawall.home / "lake" / "posts").iterdir()) == []


def test_an_expiry_during_a_load_makes_it_begin_anew(seawall, tmp_path) -> None:
    with seawall.lake() as lake:
        lake.manifest.begin_load("id", "path")
        lake.append({}, None, LoadStep("id", LoadState({"line": 5}, 4, 0, done=False)))
        assert lake.manifest.load("id").read == 4
        with lake.manifest.commit() as commit:
            commit.expire()
        lake.append({}, None, LoadStep("id", LoadState({"line": 9}, 8, 0, done=False)))
        assert lake.manifest.load("id") is None


def test_what_a_person_put_into_the_home_stays(seawall, tmp_path) -> None:
    note = seawall.home / "rejects" / "notes.txt"
    note.write_text("mine")
    (seawall.home / "rejects" / "folder").mkdir()
    seawall.ok("load", "x", export(tmp_path / "a.jsonl", 5))
    seawall.ok("lake", "expire", "--keep-days", "0")
    assert note.read_text() == "mine"


def test_settings_and_bad_days_are_checked(seawall) -> None:
    assert re.search(r"no day.*YYYY-MM-DD", seawall.fails("lake", "expire", "--before", "soon"))
    (seawall.home / "seawall.toml").write_text("[lake]\nkeep_days = -1\n")
    assert "keep_days" in seawall.fails("lake", "expire")
    (seawall.home / "seawall.toml").write_text("[lake]\nkeepdays = 3\n")
    assert "unknown field `keepdays`" in seawall.fails("lake", "expire")
    assert "one of them" in seawall.fails("lake", "expire", "--keep-days", "3", "--before", "2016-01-01")
    (seawall.home / "seawall.toml").write_text("[lake\n")
    assert "seawall.toml" in seawall.fails("lake", "expire")


def test_keep_days_zero_keeps_today(seawall, tmp_path) -> None:
    seawall.ok("load", "x", export(tmp_path / "a.jsonl", 5))
    seawall.ok("lake", "expire", "--keep-days", "0")
    assert seawall.stats()["posts"] > 0
