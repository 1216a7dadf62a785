"""soak_kill: 200 times kill -9 on each database, half of the web server, half of workers; everything must add up after.

Not among the benchmarks that run by default: it takes minutes. KILLS and SEED in the environment change how many kills
there are, and when.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests import pg
from tests.stories.kill import soak

from bench.report import Result


def run() -> list[Result]:
    """Faults after the kills, which must be none, and how many retries asked the platform first."""
    kills, seed = int(os.environ.get("KILLS", "200")), int(os.environ.get("SEED", "1"))
    return [*_soak("sqlite", None, kills, seed), *_soak("postgresql", pg.shared().create("soak"), kills, seed)]


def _soak(name: str, database: str | None, kills: int, seed: int) -> list[Result]:
    folder = Path(tempfile.mkdtemp(prefix="seawall-soak-"))
    try:
        summary = soak(folder, database, kills, seed, web_every=2)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{name}: {summary}")
    if summary.faults:
        sys.exit("\n".join([*summary.faults, summary.errors]))
    acknowledged = summary.found["acknowledged"]
    return [
        Result(
            f"soak_kill_{name}", len(summary.faults), f"faults after {kills} kills", "acts acknowledged", acknowledged
        )
    ]
