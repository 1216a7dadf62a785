"""How long a post takes from the server's hands to the queue, with the processes as they run: watcher and scanner.

The server is one of the tests, and gives 200 other posts a second beside.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import Result

TESTS = Path(__file__).parents[1] / "tests"
sys.path.append(str(TESTS))  # the server and the rule are those of the tests

from sources.ticker import Ticks, tick  # noqa: E402
from stream.flows import home_with_rule  # noqa: E402

POSTS, EVERY = 300, 0.1  # posts that match, and seconds between two of them
BACKGROUND = 20  # posts that do not match, beside each


def run() -> list[Result]:
    """Seconds from a post to the case of its author: median and 99th percentile."""
    with tempfile.TemporaryDirectory(prefix="seawall-latency-") as folder:
        home = home_with_rule(Path(folder) / "home", posts=1)
        seawall(home, "init").wait()
        server = Ticks([])

        def post(author: str) -> None:
            for _ in range(BACKGROUND if author != "warm" else 0):
                server.events.append(tick(len(server.events)))
            server.events.append({**tick(len(server.events), "the lamp is lit"), "author": author})

        job = [sys.executable, str(TESTS / "stream" / "watching.py"), str(home), server.url, "500"]
        processes = [subprocess.Popen(job, env=_env(home)), seawall(home, "scanner")]
        try:
            taken = measured(post, ["warm", *(f"author{n}" for n in range(POSTS))], home / "ledger.sqlite")
        finally:
            end(processes)
            server.stop()
    return told("watch_latency", taken)


def seawall(home: Path, *words: str) -> subprocess.Popen[bytes]:
    """A command over a home."""
    return subprocess.Popen([sys.executable, "-m", "seawall", *words], env=_env(home), stdout=subprocess.DEVNULL)


def _env(home: Path) -> dict[str, str]:
    return {**os.environ, "SEAWALL_HOME": str(home), "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        process.wait(20)


def told(name: str, taken: list[float]) -> list[Result]:
    taken = sorted(taken)
    middle, late = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    sizes = {"p90": round(taken[len(taken) * 9 // 10], 3), "worst": round(taken[-1], 3), "posts": len(taken)}
    return [
        Result(f"{name} p50", round(middle, 3), "s", sizes=sizes),
        Result(f"{name} p99", round(late, 3), "s", "the goal", 2.0),
    ]


def measured(post: Callable[[str], object], authors: list[str], ledger: Path) -> list[float]:
    """Seconds that each author's one post took until its author had a case."""
    warm, *others = authors
    ends = time.monotonic() + 120
    post(warm)  # everything is up once this has a case
    while not _seen_until(ledger, {warm}, 5) and time.monotonic() < ends:
        post(warm)
    posted: dict[str, float] = {}

    def all_post() -> None:
        for author in others:
            posted[author] = time.monotonic()
            post(author)
            time.sleep(EVERY)

    threading.Thread(target=all_post, daemon=True).start()
    seen = _seen_until(ledger, set(others), len(others) * EVERY + 60)
    if len(seen) < len(others):
        raise TimeoutError(f"{len(others) - len(seen)} posts have not reached the queue")
    return [seen[author] - posted[author] for author in others]


def _seen_until(ledger: Path, wanted: set[str], seconds: float) -> dict[str, float]:
    """When each author was first seen to have a case, in so many seconds."""
    seen: dict[str, float] = {}
    ends = time.monotonic() + seconds
    while not wanted <= set(seen) and time.monotonic() < ends:
        time.sleep(0.01)
        for name in _cases(ledger):
            seen.setdefault(name, time.monotonic())
    return {name: at for name, at in seen.items() if name in wanted}


def _cases(ledger: Path) -> list[str]:
    if not ledger.exists():
        return []
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=5) as db:
        try:
            return [name for (name,) in db.execute("SELECT account_id FROM cases_case")]
        except sqlite3.OperationalError:  # it is being made
            return []
