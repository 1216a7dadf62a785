"""load_x: v1.1 payloads from gzip to committed Parquet, beside reading and decoding alone; growth at 1×, 4×, 16×."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path

from bench.payloads import REAL, export
from bench.report import RUNS, Result, process

LOAD = """
import sys, time
from pathlib import Path
from seawall.lake import Lake
from seawall.sources.loading import load
from seawall.sources.x import XSource
lake = Lake.create(Path(sys.argv[1]))
wall, cpu = time.perf_counter(), time.process_time()
report = load(lake, XSource(), Path(sys.argv[2]))
print(report.read, time.perf_counter() - wall, time.process_time() - cpu)
"""
DECODE = """
import sys, time
from pathlib import Path
from seawall.sources.streams import read_lines
from seawall.sources.x import decode
wall, cpu = time.perf_counter(), time.process_time()
read = sum(decode(block.lines, block.first).read for block in read_lines(Path(sys.argv[1]), 0, 1))
print(read, time.perf_counter() - wall, time.process_time() - cpu)
"""
SIZES = (15_000, 60_000, 240_000)


def run() -> list[Result]:
    """Payloads per CPU-second (all threads together: that is, per core), and the same of decoding alone."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        path = REAL if REAL.exists() else export(folder, 57_000)
        loads, decodes = [], []
        for turn in range(RUNS):
            loads.append(_rates(process(LOAD, folder / f"home{turn}", path).out))
            decodes.append(_rates(process(DECODE, path).out))
        per_core, wall = (statistics.median(column) for column in zip(*loads, strict=True))
        decode_core, decode_wall = (statistics.median(column) for column in zip(*decodes, strict=True))
        growth = {size: _median_run(folder, export(folder, size)) for size in SIZES}
        return [
            Result("load_x", per_core, "payloads/CPU-s", "gunzip and decode alone", decode_core),
            Result("load_x_wall", wall, "payloads/s", "gunzip and decode alone", decode_wall),
            Result(
                "load_x_growth",
                growth[SIZES[-1]][0],
                "payloads/CPU-s at 16×",
                "the same at 1×",
                growth[SIZES[0]][0],
                sizes={f"{size:,}": round(rate) for size, (rate, _) in growth.items()},
            ),
            Result(
                "load_x_memory",
                growth[SIZES[-1]][1],
                "MiB peak at 16×",
                "the same at 1×",
                growth[SIZES[0]][1],
                sizes={f"{size:,}": round(peak) for size, (_, peak) in growth.items()},
            ),
        ]
    finally:
        shutil.rmtree(folder)


def _rates(out: str) -> tuple[float, float]:
    read, wall, cpu = map(float, out.split())
    return read / cpu, read / wall


def _median_run(folder: Path, path: Path) -> tuple[float, float]:
    """Payloads per CPU-second and peak MiB, medians."""
    runs = []
    for _ in range(RUNS):
        home = folder / "growth"
        shutil.rmtree(home, ignore_errors=True)
        done = process(LOAD, home, path)
        runs.append((_rates(done.out)[0], done.peak))
    rate, peak = (statistics.median(column) for column in zip(*runs, strict=True))
    return rate, peak
