"""kill -9 of the web server and of workers: nothing acknowledged is lost, nothing done twice."""

from __future__ import annotations

import os
from pathlib import Path

import pg
from stories.kill import soak

ON_POSTGRESQL = os.environ.get("SEAWALL_TEST_DATABASE") == "postgresql"


def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    address = pg.shared().create("killed_desk") if ON_POSTGRESQL else None
    summary = soak(tmp_path, address, kills=8, seed=31, web_every=2)  # `make soak` kills 200 times
    print(summary)
    assert summary.faults == [], summary.errors
    assert summary.found["acknowledged"] > 20
    # some kills fell while the web server was at an answer, or while a worker held a job
    assert summary.found["in_doubt"] + summary.found["retried"] >= 1
