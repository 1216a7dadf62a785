"""The manifest: one SQLite file that says which Parquet files count at which version, and how far loads came.

Everything a commit changes (new files, dropped files, dedupe keys, a load's cursor) is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LAYOUT = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY,          -- below the lake's folder
    kind TEXT NOT NULL,             -- a table's name, 'keys', 'rejects' or a table of results
    rows INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    first_day TEXT,                 -- earliest and latest day of what it holds
    last_day TEXT,
    loaded_day TEXT NOT NULL,       -- the day its rows entered the lake: expiry counts from here
    added INTEGER NOT NULL,         -- version that added it
    dropped INTEGER                 -- version that dropped it; the file goes when no reader needs it
) STRICT;
CREATE INDEX IF NOT EXISTS files_kind ON files (kind, dropped);
CREATE TABLE IF NOT EXISTS loads (
    id TEXT PRIMARY KEY,            -- what was loaded and how: source, platform, file fingerprint, mapping
    path TEXT NOT NULL,
    cursor TEXT NOT NULL,
    read INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    done INTEGER NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
"""


class LakeError(Exception):
    """The lake cannot do what was asked; the message says why and what to do next."""


@dataclass(frozen=True, slots=True)
class File:
    """One immutable file and what the manifest knows of it."""

    path: str
    kind: str
    rows: int
    bytes: int
    first_day: str | None
    last_day: str | None
    loaded_day: str


@dataclass(frozen=True, slots=True)
class LoadState:
    """How far a load came: the source's cursor and its counts so far."""

    cursor: dict[str, object]
    read: int
    rejected: int
    done: bool


class Manifest:
    """Reads and commits. A reader never blocks a writer (write-ahead log); writers take turns."""

    def __init__(self, path: Path) -> None:
        self._turn = threading.RLock()  # threads of one process share the connection and take turns
        self._db = sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False)
        try:
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            self._check_layout(path)
        except sqlite3.DatabaseError as error:
            raise LakeError(f"{path} is damaged ({error}). Restore the home from a backup.") from error

    @classmethod
    def create(cls, path: Path) -> Manifest:
        """Make an empty manifest; one that is there already is opened as it is."""
        if not path.exists():
            unfinished = path.with_suffix(".tmp")
            unfinished.unlink(missing_ok=True)
            db = sqlite3.connect(unfinished, isolation_level=None)
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(_SCHEMA)
            db.execute("INSERT INTO meta VALUES ('layout', ?), ('version', '0')", (str(LAYOUT),))
            db.close()
            unfinished.rename(path)
        return cls(path)

    def _check_layout(self, path: Path) -> None:
        (layout,) = self._db.execute("SELECT value FROM meta WHERE name = 'layout'").fetchone()
        if int(layout) != LAYOUT:
            raise LakeError(
                f"{path} was written in layout {layout}; this Seawall reads layout {LAYOUT}. "
                "Use the version of Seawall that wrote it, or load the exports into a new home."
            )

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @property
    def version(self) -> int:
        """The version of the last commit."""
        (value,) = self._db.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
        return int(value)

    def files(self, kind: str | None = None) -> list[File]:
        """The files that count now, in the order they were committed."""
        rows = self._db.execute(
            "SELECT path, kind, rows, bytes, first_day, last_day, loaded_day FROM files "
            "WHERE dropped IS NULL AND (? IS NULL OR kind = ?) ORDER BY added, path",
            (kind, kind),
        )
        return [File(*row) for row in rows]

    def newest(self, kinds: Iterable[str]) -> int:
        """The version that added the newest file of these kinds; 0 where there is none."""
        added = "SELECT coalesce(max(added), 0) FROM files WHERE dropped IS NULL AND kind = ?"
        return max(int(self._db.execute(added, (kind,)).fetchone()[0]) for kind in kinds)

    def pinned(self) -> tuple[int, list[File]]:
        """The version and its files, read together."""
        with self._turn:
            self._db.execute("BEGIN")
            try:
                return self.version, self.files()
            finally:
                self._db.execute("COMMIT")

    def dropped(self) -> list[tuple[str, int]]:
        """Files that no longer count, each with the version that dropped it."""
        return self._db.execute("SELECT path, dropped FROM files WHERE dropped IS NOT NULL").fetchall()

    def known_paths(self) -> set[str]:
        """Every path the manifest knows, counted or dropped."""
        return {path for (path,) in self._db.execute("SELECT path FROM files")}

    def forget(self, paths: list[str]) -> None:
        """Take dropped files, now gone from the disk, out of the manifest."""
        self._db.executemany("DELETE FROM files WHERE path = ? AND dropped IS NOT NULL", [(path,) for path in paths])

    def load(self, load_id: str) -> LoadState | None:
        """How far a load came, or None if it was never begun."""
        row = self._db.execute("SELECT cursor, read, rejected, done FROM loads WHERE id = ?", (load_id,)).fetchone()
        return row and LoadState(json.loads(row[0]), row[1], row[2], bool(row[3]))

    def begin_load(self, load_id: str, path: str) -> None:
        """Note that a load begins, if it is not noted yet. Only a noted load's progress is remembered."""
        self._db.execute("INSERT OR IGNORE INTO loads VALUES (?, ?, '{}', 0, 0, 1, '')", (load_id, path))

    @property
    def expired(self) -> int:
        """The version of the last expiry; 0 when nothing ever expired."""
        row = self._db.execute("SELECT value FROM meta WHERE name = 'expired'").fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def commit(self) -> Iterator[Commit]:
        """One transaction: all of it counts from the moment this returns, or none of it ever does."""
        with self._turn:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                version = self.version + 1
                self._db.execute("UPDATE meta SET value = ? WHERE name = 'version'", (str(version),))
                yield Commit(self._db, version)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


class Commit:
    """What may be changed within one transaction."""

    def __init__(self, db: sqlite3.Connection, version: int) -> None:
        self._db = db
        self.version = version

    def add(self, file: File) -> None:
        """Let a file, already safe on disk, count."""
        self._db.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                file.path,
                file.kind,
                file.rows,
                file.bytes,
                file.first_day,
                file.last_day,
                file.loaded_day,
                self.version,
            ),
        )

    def drop(self, file: File) -> None:
        """Let a file no longer count."""
        self._db.execute("UPDATE files SET dropped = ? WHERE path = ?", (self.version, file.path))

    def progress(self, load_id: str, state: LoadState, now: str) -> None:
        """Remember how far a load came, unless an expiry forgot it: then it must begin anew after a kill."""
        self._db.execute(
            "UPDATE loads SET cursor = ?, read = ?, rejected = ?, done = ?, updated_at = ? WHERE id = ?",
            (json.dumps(state.cursor), state.read, state.rejected, state.done, now, load_id),
        )

    def expire(self) -> None:
        """Note that facts expired: loads of files begin anew, and findings of an earlier version may not be kept.

        What follows a server goes on where it was: it never reads again what has expired.
        """
        self._db.execute("DELETE FROM loads WHERE id NOT LIKE 'follow:%'")
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('expired', ?)", (str(self.version),))


def today() -> str:
    """The day now, UTC, ISO 8601."""
    return str(datetime.now(UTC).date())
