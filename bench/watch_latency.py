"""How long a post takes from the server's hands to the queue, with the processes as they run: watcher and scanner."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench.report import Result

TESTS = Path(__file__).parents[1] / "tests"
sys.path.append(str(TESTS))  # the server and the rule are those of the tests

from sources.ticker import Ticks, tick  # type: ignore[import-not-found]  # noqa: E402
from stream.flows import home_with_rule  # type: ignore[import-not-found]  # noqa: E402

POSTS, EVERY = 300, 0.1  # posts that match, and seconds between two of them
BACKGROUND = 20  # posts that do not match, beside each


def run() -> list[Result]:
    """Seconds from a post to the case of its author: median and 99th percentile."""
    with tempfile.TemporaryDirectory(prefix="seawall-latency-") as folder:
        home = home_with_rule(Path(folder) / "home", posts=1)
        env = {**os.environ, "SEAWALL_HOME": str(home), "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
        seawall = [sys.executable, "-m", "seawall"]
        subprocess.run([*seawall, "init"], env=env, check=True, stdout=subprocess.DEVNULL)
        server = Ticks([])
        job = [sys.executable, str(TESTS / "stream" / "watching.py"), str(home), server.url, "500"]
        processes = [subprocess.Popen(command, env=env) for command in (job, [*seawall, "scanner"])]
        try:
            taken = sorted(_measured(server, home / "ledger.sqlite"))
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(20)
            server.stop()
    middle, late = taken[len(taken) // 2], taken[len(taken) * 99 // 100]
    sizes = {"p90": round(taken[len(taken) * 9 // 10], 3), "worst": round(taken[-1], 3), "posts": len(taken)}
    return [
        Result("watch_latency p50", round(middle, 3), "s", sizes=sizes),
        Result("watch_latency p99", round(late, 3), "s", "the goal", 2.0),
    ]


def _measured(server: Any, ledger: Path) -> list[float]:
    """Seconds that each matching post took until its author had a case."""
    _post(server, "warm")  # everything is up once this has a case
    _seen_until(ledger, {"warm"}, 120)
    posted: dict[str, float] = {}

    def post() -> None:
        for n in range(POSTS):
            for _ in range(BACKGROUND):
                server.events.append(tick(len(server.events)))
            posted[f"author{n}"] = time.monotonic()
            _post(server, f"author{n}")
            time.sleep(EVERY)

    threading.Thread(target=post, daemon=True).start()
    wanted = {f"author{n}" for n in range(POSTS)}
    seen = _seen_until(ledger, wanted, POSTS * EVERY + 60)
    return [seen[name] - posted[name] for name in wanted]


def _post(server: Any, author: str) -> None:
    server.events.append({**tick(len(server.events), "the lamp is lit"), "author": author})


def _seen_until(ledger: Path, wanted: set[str], seconds: float) -> dict[str, float]:
    """When each author was first seen to have a case."""
    seen: dict[str, float] = {}
    ends = time.monotonic() + seconds
    while not wanted <= set(seen):
        if time.monotonic() > ends:
            raise TimeoutError(f"{len(wanted - set(seen))} posts have not reached the queue")
        time.sleep(0.01)
        for name in _cases(ledger):
            seen.setdefault(name, time.monotonic())
    return seen


def _cases(ledger: Path) -> list[str]:
    if not ledger.exists():
        return []
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=5) as db:
        try:
            return [name for (name,) in db.execute("SELECT account_id FROM cases_case")]
        except sqlite3.OperationalError:  # it is being made
            return []
