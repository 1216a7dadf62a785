"""Several workers share the outbox: every job is done, and none by two at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import pg

SCRIPT = Path(__file__).with_name("processes.py")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A scratch home on the database the tests run on, with jobs in its outbox."""
    on_postgresql = os.environ.get("SEAWALL_TEST_DATABASE") == "postgresql"
    database = pg.shared().create("two_workers") if on_postgresql else "sqlite"
    env = {**os.environ, "SEAWALL_HOME": str(tmp_path / "home"), "SEAWALL_DATABASE": database}
    (tmp_path / "home").mkdir()
    _start(env, "prepare", tmp_path / "journal").communicate(timeout=60)
    return env


def _start(env: dict[str, str], mode: str, journal: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, SCRIPT, mode, journal], env=env, stderr=subprocess.PIPE, text=True)


def test_three_workers_never_do_one_job_twice_at_the_same_time(env: dict[str, str], tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    for worker in [_start(env, "work", journal) for _ in range(3)]:
        _, errors = worker.communicate(timeout=60)
        assert (worker.returncode, errors) == (0, "")
    done: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in journal.read_text().splitlines():
        key, began, ended = line.split()
        done[key].append((int(began), int(ended)))
    assert len(done) == 120
    assert all(len(times) == 1 for times in done.values())


def test_waiting_for_the_ledger_does_not_eat_up_the_lease(env: dict[str, str], tmp_path: Path) -> None:
    waited = _start(env, "wait", tmp_path / "journal")
    _, errors = waited.communicate(timeout=60)
    assert (waited.returncode, errors) == (0, "")


def test_a_ledger_that_once_does_not_answer_costs_no_lease(env: dict[str, str], tmp_path: Path) -> None:
    held = _start(env, "renew", tmp_path / "journal")
    _, errors = held.communicate(timeout=60)
    assert held.returncode == 0, errors
    assert "was not renewed: not now" in errors
