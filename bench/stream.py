"""stream: the full path over compact posts of about 700 bytes and over whole X v1.1 payloads, and how it grows.

5,000 patterns in five alphabets, 200 rules, language of every post, text score, Parquet. A shared machine slows the
wall clock: beside posts a second it says posts a second of CPU time, all processes together.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.payloads import REAL, export
from bench.report import BUILD, RUNS, Result
from bench.stream_posts import Posts

WORKERS = 2
POSTS = 300_000
SIZES = (100_000, 1_000_000)
LONGEST = 10_000_000  # only with SEAWALL_BENCH_LONG set: 7 GB of posts
PAYLOADS = 57_000
STAGES = ("decode", "keys", "rules", "language", "score", "write")


def run() -> list[Result]:
    """Posts a second, by wall and by CPU; stages; growth; memory."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        compact = [_job(folder, POSTS) for _ in range(RUNS)]
        one = _job(folder, POSTS // 2, workers=1)
        whole = [_job(folder, PAYLOADS, path=REAL if REAL.exists() else export(folder, PAYLOADS)) for _ in range(RUNS)]
        sizes = [*SIZES, *([LONGEST] if os.environ.get("SEAWALL_BENCH_LONG") else [])]
        growth = {size: _job(folder, size) for size in sizes}
        return [
            Result(
                "stream", _median(compact, "steady"), "posts/s", "one worker", one["steady"], sizes=_stages(compact)
            ),
            Result("stream_cpu", _rate(compact), "posts/CPU-s", "one worker", one["read"] / one["cpu"]),
            Result("stream_v11", _median(whole, "steady"), "payloads/s", sizes=_stages(whole)),
            Result("stream_v11_cpu", _rate(whole), "payloads/CPU-s"),
            _growth("stream_growth", "posts/CPU-s", {size: job["read"] / job["cpu"] for size, job in growth.items()}),
            _growth("stream_memory", "MiB peak, all", {size: job["peak"] for size, job in growth.items()}),
        ]
    finally:
        shutil.rmtree(folder)


def _job(folder: Path, count: int, workers: int = WORKERS, path: Path | None = None) -> dict[str, Any]:
    home = folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    words = [home, count, workers, *([path] if path else [])]
    command = [sys.executable, "-m", "bench.stream_job", *map(str, words)]
    done: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "stream.jsonl").open("a") as log:
        log.write(json.dumps({"asked": count, "workers": workers, "whole": path is not None, **done}) + "\n")
    return done


def _median(jobs: list[dict[str, Any]], name: str) -> float:
    return float(statistics.median(job[name] for job in jobs))


def _rate(jobs: list[dict[str, Any]]) -> float:
    return float(statistics.median(job["read"] / job["cpu"] for job in jobs))


def _stages(jobs: list[dict[str, Any]]) -> dict[str, float]:
    """Microseconds of CPU a post, by stage; the leader's are reading, keys looked up, committing, and its start."""
    table = {f"{stage} µs": statistics.median(job["stages"].get(stage, 0.0) for job in jobs) for stage in STAGES}
    return table | {"leader µs": statistics.median(job["leader_cpu"] / job["read"] * 1e6 for job in jobs)}


def _growth(name: str, unit: str, by_size: Mapping[int, float]) -> Result:
    first, last = min(by_size), max(by_size)
    sizes = {f"{size:,}": float(round(value)) for size, value in by_size.items()}
    return Result(name, by_size[last], f"{unit} at {last:,}", f"the same at {first:,}", by_size[first], sizes=sizes)


def main() -> None:
    """Write compact posts to stdout, for trying `seawall stream x -` by hand: python -m bench.stream COUNT."""
    posts = Posts(int(sys.argv[1]))
    while piece := posts.read1(1 << 20):
        sys.stdout.buffer.write(piece)


if __name__ == "__main__":
    main()
