"""A watcher on a real server, in a thread, and what the lake then holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seawall.lake import Lake
from seawall.sources.loading import Followed
from seawall.stream.status import Status
from seawall.stream.watch import HomeRecipe, Watcher


@contextmanager
def watching(home: Path, source: Followed) -> Iterator[Status]:
    """A watcher of this source while the block runs."""
    status = Status(source.name, source.name, source.name)
    watcher = Watcher(home, source, HomeRecipe(home, print), status, lambda _: None)
    running = threading.Thread(target=watcher.run)
    running.start()
    try:
        yield status
    finally:
        watcher.stop()
        running.join(30)
        assert not running.is_alive()


def rows(home: Path, table: str) -> list[dict[str, Any]]:
    """What the lake holds of a table."""
    with Lake(home) as lake, lake.snapshot() as snapshot:
        return list(snapshot.read(table).to_pylist())
