"""scan: every shipped signal over a lake, in seconds on this machine's cores; growth at 1×, 4×, 16×."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path

from bench.load import LOAD
from bench.payloads import REAL, SHARED, export
from bench.report import RUNS, Result, process

COMMAND = "from seawall.cli.main import main; main()"
SIZES = (15_000, 60_000, 240_000)


def run() -> list[Result]:
    """Wall seconds and peak memory of `seawall scan`, as a whole process."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        home = folder / "home"
        process(LOAD, home, REAL if REAL.exists() else export(folder, 57_000))
        if REAL.exists():
            for name in ("fifth_tribe.csv.gz", "background_2015.parquet"):
                process(COMMAND, "load", "table", SHARED / name, "--platform", "x", "--yes", "--home", home)
        _seed(home)
        wall, peak = _scan(home)
        growth = {}
        for size in SIZES:
            grown = folder / f"grown{size}"
            process(LOAD, grown, export(folder, size))
            _seed(grown)
            growth[size] = _scan(grown)
        return [
            Result(
                "scan", wall, "s, wall", sizes={f"{size:,} payloads": round(w, 2) for size, (w, _) in growth.items()}
            ),
            Result(
                "scan_memory",
                peak,
                "MiB peak",
                sizes={f"{size:,} payloads": round(p) for size, (_, p) in growth.items()},
            ),
        ]
    finally:
        shutil.rmtree(folder)


_BUSIEST = """
import sys
from pathlib import Path
import polars as pl
from seawall.grounds.seeds import Seeds
from seawall.lake import Lake
home = Path(sys.argv[1])
with Lake(home) as lake, lake.snapshot() as snapshot:
    posts = snapshot.scan("posts").group_by("platform", "account_id").len().sort("len", "account_id").tail(10).collect()
Seeds(home).add([(p, a) for p, a, _ in posts.iter_rows()], "the busiest accounts, only to measure speed", "bench")
"""


def _seed(home: Path) -> None:
    """Ten accounts as seeds: which ones does not matter for speed."""
    process(_BUSIEST, home)


def _scan(home: Path) -> tuple[float, float]:
    runs = [process(COMMAND, "scan", "--home", home) for _ in range(RUNS)]
    return statistics.median(r.wall for r in runs), statistics.median(r.peak for r in runs)
