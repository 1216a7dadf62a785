"""A watcher on the ticker, here or in a process of its own."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from apart import CONTEXT
from seawall.stream.marking import Recipe
from seawall.stream.status import Status
from seawall.stream.watch import HomeRecipe, Watcher
from sources.ticker import TickerLive


def watcher(
    home: Path,
    url: str,
    shed: int | None = None,
    size: int = 100,
    tell: Callable[[str], None] = lambda _: None,
    recipe: Callable[[], Recipe] | None = None,
) -> Watcher:
    """A watcher of this server. Its rules are those of the first home that was watched, read once."""
    source = TickerLive({"url": url, "token": "k", "topics": [], "size": str(size)})
    status = Status("ticker", "ticker", "ticker")
    return Watcher(home, source, recipe or partial(_recipe, home), status, tell, shed)


_READ: list[Recipe] = []


def _recipe(home: Path) -> Recipe:
    if not _READ:
        _READ.append(HomeRecipe(home, print)())
    return _READ[0]


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Wait until something holds. Raises AssertionError if it does not in time."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def started(home: Path, url: str) -> BaseProcess:
    """A watcher in a process of its own, which is up."""
    answer, gives = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_watch, args=(home, url, gives))
    process.start()
    gives.close()
    assert answer.poll(60)
    assert answer.recv() == "up"
    return process


def _watch(home: Path, url: str, gives: Connection) -> None:
    running = watcher(home, url)
    signal.signal(signal.SIGTERM, lambda *_: running.stop())
    gives.send("up")
    running.run()


if __name__ == "__main__":  # a watcher for benchmarks: its home, the server, and how many items are in a batch
    watching = watcher(Path(sys.argv[1]), sys.argv[2], size=int(sys.argv[3]))
    signal.signal(signal.SIGTERM, lambda *_: watching.stop())
    watching.run()
