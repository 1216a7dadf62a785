"""Files that are whole or not there: written beside their place, flushed to disk, then renamed into it."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

UNFINISHED = ".tmp"
_DATED = ("at", "seen_at")  # the columns that readers skip row groups by


def new_name(folder: str, ending: str) -> str:
    """A path, below the lake's folder, that no other file has."""
    return f"{folder}/{secrets.token_hex(8)}{ending}"


def is_ours(name: str) -> bool:
    """Whether `new_name` made this name: only such files are ever cleared away, never what a person put here."""
    return re.fullmatch(r"[0-9a-f]{16}\.(parquet|npy|jsonl)(\.tmp)?", name) is not None


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> int:
    """Write a file so that a kill at any moment leaves either all of it or none; returns its size in bytes."""
    unfinished = path.with_name(path.name + UNFINISHED)
    with unfinished.open("wb") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())
        size = stream.tell()
    unfinished.rename(path)
    return size


def flush_folder(folder: Path) -> None:
    """Make the renames in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_parquet(path: Path, table: pa.Table) -> int:
    """Write a table as zstd Parquet, whole or not at all; returns its size in bytes."""
    dated = [name for name in _DATED if name in table.schema.names]
    settings = {"compression": "zstd", "compression_level": 1, "row_group_size": 131_072, "write_statistics": dated}
    return write_whole(path, lambda stream: pq.write_table(table, stream, **settings))


@contextmanager
def locked(path: Path, *, shared: bool) -> Iterator[None]:
    """Hold a lock that the system lets go of when this process ends, however it ends."""
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


@contextmanager
def locked_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock on this file if nobody does; says whether it is held."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock on this file."""
    with locked_if_free(path) as free:
        return free


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, such as a secret, whole or not at all."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    beside = path.with_name(path.name + UNFINISHED)
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
