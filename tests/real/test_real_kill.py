"""The real export, killed at eight random moments and loaded again: the same rows as undisturbed."""

from __future__ import annotations

import random
import time
from pathlib import Path

from lake.loader import Loader, known, on_disk, rows
from seawall.lake import Lake

BLOCK = 8 * 1024 * 1024


def test_eight_kills_of_the_real_load(shared: Path, tmp_path: Path) -> None:
    path = shared / "x" / "about_isis_2017.jsonl.gz"
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    for home in (calm, killed):
        Lake.create(home).close()
    started = time.perf_counter()
    Loader(calm, path, BLOCK).done()
    whole = time.perf_counter() - started
    draw = random.Random(20)
    unfinished = sum(Loader(killed, path, BLOCK).killed(draw.uniform(0, 0.3) * whole) for _ in range(8))
    assert unfinished >= 2
    Loader(killed, path, BLOCK).done()
    assert rows(killed) == rows(calm)
    assert on_disk(killed) == known(killed)
