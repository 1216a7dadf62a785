"""Acknowledged means there; the same fact twice is one row."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from makers import export, lines, mixed, tweet, write
from seawall.lake import Lake, LakeError, keeping
from seawall.lake.keeping import compact
from seawall.records.facts import POSTS, columns


def _posts(ids: list[str], day: int = 1) -> pa.Table:
    at = pa.array([1_456_790_400_000_000 + day * 86_400_000_000] * len(ids), pa.timestamp("us", tz="UTC"))
    return columns(
        POSTS, {"platform": "x", "post_id": ids, "account_id": ["1"] * len(ids), "at": at, "text": ids}, len(ids)
    )


def test_a_second_load_adds_no_row(seawall, tmp_path, rows) -> None:
    path = export(tmp_path / "export.jsonl.gz")
    first = seawall.ok("load", "x", path, "--json").json()
    before = {table: rows(table) for table in ("accounts", "posts", "ties", "media", "states")}
    second = seawall.ok("load", "x", path, "--json").json()
    assert first["added"]["posts"] == 200 + 40 - 24  # 40 originals, of which reposts and quotes reach 16
    assert set(second["added"].values()) == {0}
    assert second["read"] == second["loaded"] == 200
    assert {table: rows(table) for table in before} == before


def test_overlapping_exports_are_joined(seawall, tmp_path) -> None:
    seawall.ok("load", "x", export(tmp_path / "a.jsonl", 100, first=1))
    seawall.ok("load", "x", export(tmp_path / "b.jsonl", 100, first=51))
    separate = seawall.stats()
    seawall.ok("load", "x", export(tmp_path / "c.jsonl", 150, first=1))
    assert seawall.stats() == separate


def test_a_fact_twice_in_one_batch_is_one_row(tmp_path) -> None:
    with Lake.create(tmp_path) as lake:
        result = lake.append({"posts": _posts(["a", "b", "a"])})
        assert (result.added["posts"], result.already["posts"]) == (2, 1)
        again = lake.append({"posts": _posts(["b", "c"])})
        assert (again.added["posts"], again.already["posts"]) == (1, 1)


def test_the_same_id_on_another_platform_is_another_post(seawall, tmp_path) -> None:
    path = write(tmp_path / "one.jsonl", lines([tweet(1)]))
    seawall.ok("load", "x", path)
    seawall.ok("load", "x", path, "--platform", "y")
    assert seawall.stats()["posts"] == 2


def test_many_small_commits_stay_few_files_and_keep_every_row(tmp_path) -> None:
    with Lake.create(tmp_path) as lake:
        for n in range(40):
            lake.append({"posts": _posts([f"{n}-{i}" for i in range(5)], day=n % 3)})
        assert len(lake.manifest.files("keys")) < 8
        with lake.snapshot() as before:
            expected = sorted(before.read("posts")["post_id"].to_pylist())
        assert compact(lake) == 0  # few enough to leave
        assert compact(lake, many=16) == 39
        with lake.snapshot() as after:
            assert sorted(after.read("posts")["post_id"].to_pylist()) == expected
            assert after.read("posts")["at"].to_pylist() == sorted(after.read("posts")["at"].to_pylist())
        assert lake.append({"posts": _posts(["7-3"])}).added["posts"] == 0
        assert len(list((tmp_path / "lake" / "posts").iterdir())) == 1


def test_no_lake_says_what_to_do(tmp_path) -> None:
    with pytest.raises(LakeError, match="seawall init"):
        Lake(tmp_path)


def test_a_lake_of_another_layout_is_refused(tmp_path: Path) -> None:
    Lake.create(tmp_path).close()
    db = sqlite3.connect(tmp_path / "lake" / "manifest.sqlite")
    db.execute("UPDATE meta SET value = '99' WHERE name = 'layout'")
    db.commit()
    db.close()
    with pytest.raises(LakeError, match="layout 99"):
        Lake(tmp_path)


def test_a_damaged_manifest_says_so(tmp_path: Path) -> None:
    Lake.create(tmp_path).close()
    for path in (tmp_path / "lake").glob("manifest.sqlite*"):
        path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(LakeError, match="backup"):
        Lake(tmp_path)


def test_long_texts_are_joined_in_parts_that_fit(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(keeping, "_MEMORY", 20_000)
    with Lake.create(tmp_path) as lake:
        for n in range(20):
            lake.append({"posts": _posts([f"{n}-{i}-" + "x" * 500 for i in range(5)])})
        compact(lake, many=2)
        assert 2 <= len(lake.manifest.files("posts")) <= 10
        with lake.snapshot() as snapshot:
            assert snapshot.read("posts").num_rows == 100


def test_threads_of_one_process_may_read_and_add_at_once(tmp_path) -> None:
    with Lake.create(tmp_path) as lake, ThreadPoolExecutor(4) as pool:

        def read(_: int) -> int:
            with lake.snapshot() as snapshot:
                return snapshot.read("posts").num_rows

        added = [pool.submit(lake.append, {"posts": _posts([f"{n}"])}) for n in range(40)]
        seen = list(pool.map(read, range(40)))
        assert sum(future.result().added["posts"] for future in added) == 40
        assert max(seen) <= 40
        assert read(0) == 40


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(KeyError, match="religion"):
        columns(POSTS, {"religion": ["x"]}, 1)


def test_mixed_payloads_have_every_kind_of_tie(seawall, tmp_path, rows) -> None:
    seawall.ok("load", "x", write(tmp_path / "e.jsonl", lines(mixed(50))))
    assert {row["kind"] for row in rows("ties")} == {"repost", "quote", "reply", "mention", "shared_link"}
