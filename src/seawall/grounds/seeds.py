"""Verified seeds: accounts that people have established spread for a network. A plain file, one change a line.

`seeds.jsonl` under the home folder is append-only: adding and removing are both lines, numbered, with who and when,
so every earlier version can be read back. A seed never suffices against anyone else: it only tells where to look.
"""

from __future__ import annotations

import csv
import fcntl
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from seawall.records.labels import Label

LABEL = "supporter"
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9_.-]{0,40}")
_ACCOUNT = re.compile(r"[^\s/\ud800-\udfff]+")


class SeedsError(Exception):
    """The seeds cannot be read or changed; the message says why and what to do next."""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the file."""

    version: int
    change: str  # 'add' or 'remove'
    platform: str
    account: str  # the platform's id, or the handle
    source: str  # who verified it, or where it is written
    by: str
    at: str


class Seeds:
    """The seeds under one home folder."""

    def __init__(self, home: Path) -> None:
        self.path = home / "seeds.jsonl"

    def changes(self) -> list[Change]:
        """Every change ever made, oldest first. Raises SeedsError naming a damaged line."""
        if not self.path.exists():
            return []
        return list(self._decode(self.path.read_bytes()))

    def _decode(self, content: bytes) -> Iterator[Change]:
        lines = content.split(b"\n")
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                yield msgspec.json.decode(line, type=Change)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                if number == len(lines):  # no line end: a write that a kill cut short, never acknowledged
                    return
                raise SeedsError(f"{self.path}, line {number}: {error}. Restore the file from a backup.") from error

    @property
    def version(self) -> int:
        """Number of the last change; 0 when there is none."""
        return max((change.version for change in self.changes()), default=0)

    def labels(self) -> list[Label]:
        """Every seed there ever was, as labels; removed ones are withdrawn."""
        found: dict[tuple[str, str], Label] = {}
        for change in self.changes():
            key = (change.platform, change.account.casefold())
            if change.change == "add":
                found[key] = Label(change.platform, change.account, LABEL, change.source, change.at, change.by)
            elif key in found:
                old = found[key]
                found[key] = Label(old.platform, old.account, old.label, old.ground, old.at, old.by, change.at)
        return list(found.values())

    def live(self) -> list[Label]:
        """The seeds that hold now."""
        return [label for label in self.labels() if label.live]

    def add(self, accounts: Iterable[tuple[str, str]], source: str, by: str) -> int:
        """Add (platform, account) pairs; those that are seeds already are left. Returns how many are new."""
        held = {(label.platform, label.account.casefold()) for label in self.live()}
        new = {(p, a.casefold()): (p, a) for p, a in accounts if (p, a.casefold()) not in held}
        self._append("add", list(new.values()), source, by)
        return len(new)

    def remove(self, accounts: Iterable[tuple[str, str]], source: str, by: str) -> int:
        """Withdraw seeds; what was never one is left. Returns how many were withdrawn."""
        held = {(label.platform, label.account.casefold()): label for label in self.live()}
        gone = [held[key] for key in dict.fromkeys((p, a.casefold()) for p, a in accounts) if key in held]
        self._append("remove", [(label.platform, label.account) for label in gone], source, by)
        return len(gone)

    def _mended(self, stream: BinaryIO, content: bytes) -> bytes:
        """Give a whole last line the end it lacks; drop one that a kill cut short."""
        tail = content[content.rfind(b"\n") + 1 :]
        try:
            msgspec.json.decode(tail, type=Change)
        except (msgspec.DecodeError, UnicodeDecodeError):
            stream.truncate(len(content) - len(tail))
            return content[: len(content) - len(tail)]
        stream.write(b"\n")
        return content + b"\n"

    def _append(self, change: str, accounts: Sequence[tuple[str, str]], source: str, by: str) -> None:
        if not accounts:
            return
        with self.path.open("a+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.seek(0)
            content = stream.read()
            if content and not content.endswith(b"\n"):
                content = self._mended(stream, content)
            version = max((c.version for c in self._decode(content)), default=0) + 1
            now = datetime.now(UTC).isoformat(timespec="seconds")
            for platform, account in accounts:
                line = Change(version, change, platform, account, source, by, now)
                stream.write(msgspec.json.encode(line) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())


def read_accounts(path: Path, platform: str | None) -> list[tuple[str, str]]:
    """Accounts from a file: CSV with a column account (or handle) and maybe platform, or lines PLATFORM:HANDLE.

    Raises SeedsError with the line that cannot be read.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise SeedsError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SeedsError(f"cannot read {path}: {error}") from error
    header = [cell.strip().casefold() for cell in lines[0].split(",")] if lines else []
    column = next((name for name in ("account", "account_id", "handle", "username") if name in header), None)
    if column is None:
        return list(_each_line(path, lines, platform))
    accounts = []
    for number, row in enumerate(csv.DictReader(lines), 2):
        cells = {(key or "").strip().casefold(): (value or "").strip() for key, value in row.items() if key}
        where = cells.get("platform") or platform
        if not where or not cells.get(column):
            raise SeedsError(f"{path}, line {number}: needs a {column} and a platform (a column, or --platform NAME)")
        accounts.append(parse(f"{where}:{cells[column]}"))
    return accounts


def _each_line(path: Path, lines: list[str], platform: str | None) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            try:
                yield parse(line, platform)
            except SeedsError as error:
                raise SeedsError(f"{path}, line {number}: {error}") from error


def parse(text: str, platform: str | None = None) -> tuple[str, str]:
    """(platform, account) out of PLATFORM:HANDLE. Raises SeedsError."""
    before, colon, after = text.strip().partition(":")
    where, account = (before.lower(), after) if colon else (platform, before)
    if (
        not where
        or not _PLATFORM.fullmatch(where.strip())
        or not account.strip().lstrip("@")
        or not _ACCOUNT.fullmatch(account.strip())
    ):
        raise SeedsError(f"'{text.strip()}' names no account: write PLATFORM:HANDLE, for example x:some_handle")
    return where.strip(), account.strip().lstrip("@")
