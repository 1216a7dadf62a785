"""A reader sees one version, whatever is loaded, compacted or expired meanwhile."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from makers import export
from seawall.lake import Lake
from seawall.lake.keeping import compact, expire_before
from seawall.lake.lake import today
from seawall.records.floods import FLOODS

READER = """
import sys
from pathlib import Path
from seawall.lake import Lake
lake = Lake(Path(sys.argv[1]))
with lake.snapshot() as snapshot:
    first = snapshot.read("posts").num_rows
    print(first, flush=True)
    sys.stdin.readline()
    assert snapshot.read("posts").num_rows == first
    assert snapshot.duckdb().execute("SELECT count(*) FROM posts").fetchall() == [(first,)]
    assert snapshot.scan("posts").collect().height == first
with lake.snapshot() as newer:
    print(newer.rows("posts"), flush=True)
"""


def test_load_compact_and_expire_run_beside_a_reader(seawall, tmp_path: Path) -> None:
    seawall.ok("load", "x", export(tmp_path / "a.jsonl", 200))
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(seawall.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout
    first = int(reader.stdout.readline())
    seawall.ok("load", "x", export(tmp_path / "b.jsonl", 300, first=1000))
    with Lake(seawall.home) as lake:
        compact(lake, many=2)
        expire_before(lake, date(2030, 1, 1))
        held = len(list((seawall.home / "lake" / "posts").iterdir()))
    assert held >= 1  # the reader still needs what expired
    out, _ = reader.communicate("go on\n", timeout=60)
    assert reader.returncode == 0
    assert (first > 0, int(out)) == (True, 0)
    with Lake(seawall.home) as lake, lake.writing():
        pass
    assert list((seawall.home / "lake" / "posts").iterdir()) == []


def test_an_empty_lake_reads_as_empty_tables(seawall) -> None:
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        for table in ("accounts", "posts", "ties", "media", "states", "findings"):
            assert snapshot.read(table).num_rows == 0
            assert snapshot.scan(table).collect().height == 0
        assert snapshot.duckdb().execute("SELECT count(*) FROM ties").fetchall() == [(0,)]


def test_today_is_a_day() -> None:
    assert len(today()) == 10


def test_results_that_an_older_version_kept_are_read_without_what_came_since(tmp_path: Path) -> None:
    with Lake.create(tmp_path) as lake:
        lake.replace_results({"floods": FLOODS.empty_table()}, lake.manifest.version)
        (file,) = lake.manifest.files("floods")
        row = pa.Table.from_pylist([{"kind": "hashtag", "value": "bread", "also": ["link:x"]}], schema=FLOODS)
        pq.write_table(row.drop_columns(["curve"]), tmp_path / file.path)
        with lake.snapshot() as snapshot:
            assert snapshot.read("floods").schema == FLOODS
            (found,) = snapshot.read("floods").to_pylist()
    assert (found["value"], found["also"], found["curve"]) == ("bread", ["link:x"], None)
