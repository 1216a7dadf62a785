"""Verifying the log offline: from a ledger file, an export, or any rows. It needs no Django and no key.

The steps; each says at which row it failed first:

1. rows are numbered 1, 2, 3 and so on: none is missing, none is there twice
2. each row's hash is that of its content
3. each row holds the hash of the row before
4. the tip names the last row: none is missing at the end
5. the tip is signed with the key it names
6. each saved head is signed, with the tip's key
7. at each saved head's number stands the row with its hash

Whoever has the database and the signing key can write a whole new chain that passes 1 to 5. Only a head that was saved
where they cannot reach it shows that (6, 7).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

import msgspec

from seawall.audit.chain import START, Head, HeadError, Row, hash_of, parse_head

COLUMNS = tuple(field.name for field in fields(Row))  # the order of a row's values, everywhere here
_TYPES = (int, *[str] * (len(COLUMNS) - 1))
_SQLITE = b"SQLite format 3\x00"
_STARTS = (b'{"seq":', b'{"at":')  # how the lines of an export begin, the last of them the signed tip
_WANTED = "a file of 'seawall audit export' is a log, and so is a copy of ledger.sqlite."


class ChainError(Exception):
    """The log is not as it was written. `row` is the first row that shows it, `step` the step that failed there."""

    def __init__(self, step: int, row: int, what: str) -> None:
        super().__init__(what)
        self.step = step
        self.row = row


class NoLogError(Exception):
    """The file is something else than a log; the message says what was looked for."""


class Log(Protocol):
    """Where rows come from."""

    def rows(self) -> Iterator[Sequence[Any]]:
        """Every row's values in the order of COLUMNS, by number. Raises ChainError where one cannot be read."""
        ...

    def tips(self) -> list[Head]:
        """The signed tip, asked for after the rows; a sound log has one, an empty log none."""
        ...


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is whole: how many rows, when the first and last were written, and its signed tip."""

    rows: int
    first_at: str
    last_at: str
    tip: Head | None


def verify(log: Log, saved: Iterable[Head] = ()) -> Verified:
    """Check all steps. Raises ChainError naming the first bad row."""
    heads = sorted(saved, key=lambda head: head.seq)
    noted = dict.fromkeys((head.seq for head in heads), "")
    count, before, first_at, last_at = 0, START, "", ""
    for row in log.rows():
        _check_row(row, count + 1, before)
        count, last_at, before = row[0], row[1], row[-1]
        first_at = first_at or last_at
        if count in noted:
            noted[count] = before
    tip = _check_tip(log.tips(), count, before)
    for head in heads:
        _check_head(head, tip, noted[head.seq], count)
    return Verified(count, first_at, last_at, tip)


def _check_row(row: Sequence[Any], number: int, before: str) -> None:
    if tuple(map(type, row)) != _TYPES:
        raise ChainError(2, number, "a field holds something else than the text that is written there")
    # 1. numbered without a gap
    if row[0] != number:
        gap = "it is missing" if row[0] > number else "the numbers go back"
        raise ChainError(1, number, f"{gap}: after row {number - 1} comes row {row[0]}")
    # 2. its own hash
    if hash_of(tuple(row[:-1])) != row[-1]:
        raise ChainError(2, number, "it was changed: its hash is not that of its content")
    # 3. the hash of the row before
    if row[-2] != before:
        raise ChainError(3, number, f"it does not follow row {number - 1}: the hash it holds of that row is another")


def _check_tip(tips: list[Head], count: int, last: str) -> Head | None:
    if not tips and not count:
        return None
    # 4. the tip is the last row
    if not tips:
        raise ChainError(4, count, "the signed tip that ends a log is missing: it was cut short here, or taken away")
    if len(tips) != 1:
        raise ChainError(4, count, f"there are {len(tips)} signed tips instead of one")
    tip = tips[0]
    if tip.seq > count:
        raise ChainError(4, count + 1, f"it is missing: the tip says there are {tip.seq} rows, and {count} are there")
    if tip.seq < count:
        raise ChainError(4, tip.seq + 1, f"the tip was turned back: it says there are {tip.seq} rows, not {count}")
    if tip.hash != last:
        raise ChainError(4, count, "it is not the row the tip names: the tip holds another hash")
    # 5. signed
    if not tip.signed():
        raise ChainError(5, count, "the tip's signature is not that of the key it names")
    return tip


def _check_head(head: Head, tip: Head | None, found: str, count: int) -> None:
    # 6. the saved head is genuine, and the key is still the same
    if not head.signed():
        raise ChainError(6, head.seq, "the saved head itself was changed: its signature is not that of its key")
    if tip is not None and head.key != tip.key:
        raise ChainError(6, head.seq, f"the signing key was changed since: from {head.key[:16]}… to {tip.key[:16]}…")
    # 7. the row it speaks of is there
    if head.seq > count:
        raise ChainError(7, count + 1, f"it is missing: the head saved at {head.at} knew {head.seq} rows")
    if found != head.hash:
        raise ChainError(7, head.seq, f"rows were rewritten here or before: the head saved at {head.at} differs")


class SqliteLog:
    """A ledger of SQLite, read in one transaction and never written."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.execute("BEGIN")

    def rows(self) -> Iterator[Sequence[Any]]:
        """Every row, by number."""
        last = 0
        try:
            for row in self._db.execute(f"SELECT {', '.join(COLUMNS)} FROM audit_entry ORDER BY seq"):
                yield row
                last = row[0]
        except sqlite3.Error as error:
            raise ChainError(1, last + 1, _unread(error)) from error

    def tips(self) -> list[Head]:
        """The signed tip."""
        try:
            return [Head(*row) for row in self._db.execute("SELECT seq, hash, at, signature, key FROM audit_tip")]
        except sqlite3.Error as error:
            raise ChainError(4, 0, f"the tip: {_unread(error)}") from error


def _unread(error: sqlite3.Error) -> str:
    if "no such table" in str(error):
        return "this database holds no audit log, or its table was taken away"
    return f"it cannot be read: the file is damaged or was cut short ({error})"


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """A row as an export writes it: one JSON object a line."""

    seq: int
    at: str
    actor: str
    roles: str
    verb: str
    object: str
    reason: str
    detail: str
    prev: str
    hash: str


class ExportLog:
    """An exported log: JSON Lines, the signed tip last. Every byte counts: a line must be as an export writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tips: list[Head] = []

    def rows(self) -> Iterator[Sequence[Any]]:
        """Every row, in the file's order."""
        decoder, self._tips = msgspec.json.Decoder(Line), []
        with self._path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                try:
                    row = decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    self._end(line, number)
                    continue
                if self._tips or msgspec.json.encode(row) != line.rstrip(b"\r\n"):
                    raise ChainError(1, number, "its line is not as an export writes it")
                yield msgspec.structs.astuple(row)

    def tips(self) -> list[Head]:
        """The signed tip that ended the file."""
        return self._tips

    def _end(self, line: bytes, number: int) -> None:
        try:
            self._tips.append(parse_head(line))
        except HeadError as error:
            if number == 1 and not self._any():
                raise NoLogError(f"{self._path} is no audit log: {_WANTED}") from error
            why = "its line is not one of a log" if line.endswith(b"\n") else "the file ends in the middle of its line"
            raise ChainError(1, number, why) from error

    def _any(self) -> bool:
        """Whether any line is one of a log: then a first one that is not was damaged."""
        with self._path.open("rb") as stream:
            return any(line.startswith(_STARTS) for line in stream)


@contextmanager
def open_ledger(path: Path) -> Iterator[Log]:
    """A ledger file that may be in use, at this moment. Raises sqlite3.Error."""
    with closing(_connect(path, "mode=ro")) as db:
        yield SqliteLog(db)


@contextmanager
def open_file(path: Path) -> Iterator[Log]:
    """A file as a log: a copy of a ledger, or an export. Nothing is written.

    Raises OSError, sqlite3.Error, NoLogError.
    """
    with path.open("rb") as stream:
        start = stream.read(len(_SQLITE))
    if not start:  # an export holds the entry about itself and the tip
        raise NoLogError(f"{path} is empty: {_WANTED}")
    if start != _SQLITE:
        yield ExportLog(path)
        return
    in_use = path.with_name(path.name + "-wal").exists()
    with closing(_connect(path, "mode=ro" if in_use else "immutable=1")) as db:
        yield SqliteLog(db)


def _connect(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None)
