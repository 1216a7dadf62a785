"""One desk a home: a lock that the kernel releases when its process ends, however it ends."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from seawall.cli.terminal import fail

LOCK = ".desk.lock"  # beginning with a dot, so that no backup holds it


@contextmanager
def only_desk(home: Path, address: str) -> Iterator[None]:
    """Hold the home's desk to oneself. Ends, saying where the other one is, if somebody holds it already."""
    with os.fdopen(os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(f"a desk is open in {home} already{_where(stream)}. Use it, or end it first: Ctrl-C there.")
        stream.truncate()
        json.dump({"process": os.getpid(), "address": address}, stream)
        stream.flush()
        yield


def _where(stream: TextIO) -> str:
    try:
        held = json.load(stream)
        return f": {held['address']} (process {held['process']})"
    except (ValueError, KeyError, TypeError):  # it is being written at this moment
        return ""
