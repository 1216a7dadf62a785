"""A load in a process of its own, which a test may kill, and what a home holds after it."""

from __future__ import annotations

import signal
from multiprocessing.connection import Connection
from pathlib import Path

import polars as pl

from apart import CONTEXT
from seawall.lake import Lake
from seawall.sources import streams
from seawall.sources.loading import load
from seawall.sources.x import XSource

TABLES = ("accounts", "posts", "ties", "media", "states")


class Loader:
    """A load of an X export in blocks of that many bytes; small ones make many commits, to kill it between and in."""

    def __init__(self, home: Path, path: Path, block: int) -> None:
        self._told, tells = CONTEXT.Pipe(duplex=False)
        self._process = CONTEXT.Process(target=_load, args=(home, path, block, tells))
        self._process.start()
        tells.close()
        assert self._told.recv() == 0  # it begins

    def read(self) -> int:
        """How many lines were committed when the next batch came."""
        return int(self._told.recv())

    def killed(self, after: float) -> bool:
        """kill -9 after that many seconds; whether the load had not ended yet."""
        self._process.join(after)
        self._process.kill()
        self._process.join(60)
        assert self._process.exitcode in (0, -signal.SIGKILL)
        return self._process.exitcode != 0

    def done(self) -> None:
        """Wait until it has ended."""
        self._process.join(300)
        assert self._process.exitcode == 0


def _load(home: Path, path: Path, block: int, tells: Connection) -> None:
    streams.BLOCK = block
    tells.send(0)
    load(Lake(home), XSource(), path, lambda _, report: tells.send(report.read))


def rows(home: Path) -> dict[str, list[int]]:
    """Every row of every table, as a number that stands for it, in order."""
    with Lake(home) as lake, lake.snapshot() as snapshot:
        return {name: sorted(pl.DataFrame(snapshot.read(name)).hash_rows().to_list()) for name in TABLES}


def on_disk(home: Path) -> set[str]:
    """Files in the lake's folders."""
    folders = (home / "lake" / name for name in (*TABLES, "keys"))
    return {str(path.relative_to(home)) for folder in folders for path in folder.iterdir()}


def known(home: Path) -> set[str]:
    """Files in the lake's folders, as the manifest has them."""
    with Lake(home) as lake, lake.writing():
        return {path for path in lake.manifest.known_paths() if path.startswith("lake/") and "findings" not in path}
