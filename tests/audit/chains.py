"""Logs for tests: written as the desk writes them, then changed as somebody with the file would."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import msgspec

from seawall.audit.chain import START, Head, Row, make_key, sign
from seawall.audit.verify import COLUMNS, Line

KEY = make_key()
TABLES = """
CREATE TABLE audit_entry (seq INTEGER PRIMARY KEY, at TEXT, actor TEXT, roles TEXT, verb TEXT, object TEXT, reason TEXT,
  detail TEXT, prev TEXT, hash TEXT);
CREATE TABLE audit_tip (id INTEGER PRIMARY KEY, seq INTEGER, hash TEXT, at TEXT, signature TEXT, key TEXT);
"""


class Chain:
    """A log in memory; `audit.verify` reads it as it reads any other."""

    def __init__(self, rows: list[Row], tip: Head | None) -> None:
        self.list = rows
        self.tip = tip

    def rows(self) -> Iterator[Sequence[Any]]:
        return map(astuple, self.list)

    def tips(self) -> list[Head]:
        return [self.tip] if self.tip else []

    def changed(self, number: int, **fields: Any) -> Chain:
        """The same, but for fields of one row."""
        rows = list(self.list)
        rows[number - 1] = replace(rows[number - 1], **fields)
        return Chain(rows, self.tip)

    def head(self, number: int, key: bytes = KEY) -> Head:
        """The head as it was signed when that row was the newest."""
        row = self.list[number - 1]
        return sign(key, row.seq, row.hash, row.at)

    def to_sqlite(self, path: Path) -> Path:
        with closing(sqlite3.connect(path)) as db:
            db.executescript(TABLES)
            db.executemany(f"INSERT INTO audit_entry VALUES ({', '.join('?' * 10)})", self.rows())
            db.executemany(
                "INSERT INTO audit_tip VALUES (1, ?, ?, ?, ?, ?)",
                [(tip.seq, tip.hash, tip.at, tip.signature, tip.key) for tip in self.tips()],
            )
            db.commit()
        return path

    def to_export(self, path: Path) -> Path:
        rows = b"".join(msgspec.json.encode(Line(*row)) + b"\n" for row in self.rows())
        path.write_bytes(rows + b"".join(tip.as_json().encode() + b"\n" for tip in self.tips()))
        return path


def chain(contents: Sequence[dict[str, str]], key: bytes = KEY) -> Chain:
    """A sound log with these contents, signed with a key."""
    rows: list[Row] = []
    for seq, content in enumerate(contents, 1):
        whole = {"at": f"2026-01-01T00:00:{seq:02}.000000+00:00", "actor": "P-AAAA", "roles": "reviewer", "verb": "v"}
        whole |= {"object": f"case:{seq}", "reason": "because", "detail": '{"n": 1}'}
        row = Row(seq=seq, **{**whole, **content}, prev=rows[-1].hash if rows else START)
        rows.append(replace(row, hash=row.computed_hash()))
    made = Chain(rows, None)
    made.tip = made.head(len(rows), key) if rows else None
    return made


def rewritten(sound: Chain, number: int, key: bytes = KEY, **fields: str) -> Chain:
    """The whole log written anew with one row changed, and signed: what a thief of database and key can do."""
    kept = [name for name in COLUMNS if name not in ("seq", "prev", "hash")]
    contents = [{name: getattr(row, name) for name in kept} for row in sound.list]
    contents[number - 1] |= fields
    return chain(contents, key)
