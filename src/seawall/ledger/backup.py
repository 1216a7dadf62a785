"""Backup and restore: everything under a home in one compressed archive. The custodian's key is never in it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import zstandard

from seawall.lake import Lake
from seawall.lake.files import flush_folder
from seawall.ledger import LedgerError
from seawall.ledger.config import database_of, read_settings

DUMP = "ledger.pgdump"  # the ledger's rows where it is in PostgreSQL
_PASSING = ("lake/pins", "lake/writer")


@dataclass(frozen=True, slots=True)
class Written:
    """What a backup holds."""

    files: int
    bytes: int  # of the archive


def write(home: Path, archive: Path) -> Written:
    """Write a backup while the desk runs; the archive appears whole or not at all. Raises LedgerError.

    1. the ledger first: whatever evidence it names is in the vault by then
    2. then the lake at one version, whose files stay while it is read
    3. then vault, keys, rules and settings as they are
    """
    if archive.exists():
        raise LedgerError(f"{archive} exists; choose another name")
    if archive.resolve().is_relative_to(home.resolve()):
        raise LedgerError(f"{archive} is inside the home it would back up")
    if not archive.parent.is_dir():
        raise LedgerError(f"there is no folder {archive.parent}; make it first, or choose another")
    beside = archive.with_name(f".{archive.name}.part")
    with tempfile.TemporaryDirectory(prefix="seawall-backup-") as work:
        try:
            count = _pack(home, beside, Path(work))
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    beside.replace(archive)
    flush_folder(archive.resolve().parent)
    return Written(count, archive.stat().st_size)


def read(archive: Path, home: Path) -> None:
    """Unpack a backup into a home that does not exist yet. Raises LedgerError; then nothing of it is left.

    A ledger that was in PostgreSQL goes to the empty database that SEAWALL_DATABASE, or the settings in it, name.
    """
    if home.exists() and any(home.iterdir()):
        raise LedgerError(f"{home} is not empty: a backup is restored into a new home only")
    if not archive.is_file():
        raise LedgerError(f"there is no file {archive}")
    try:
        _check_whole(archive)
        home.mkdir(parents=True, exist_ok=True)
        try:
            _unpack(archive, home)
        except BaseException:
            shutil.rmtree(home)
            raise
    except (tarfile.TarError, zstandard.ZstdError, LedgerError, EOFError) as error:
        raise LedgerError(f"{archive} cannot be restored: {error}") from error


def _unpack(archive: Path, home: Path) -> None:
    home.chmod(0o700)
    with (
        archive.open("rb") as packed,
        zstandard.ZstdDecompressor().stream_reader(packed) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        tar.extractall(home, filter="data")
    (home / "lake" / "pins").mkdir(exist_ok=True)
    if (home / DUMP).exists():
        _postgresql("pg_restore", home, "--exit-on-error", "--no-owner", str(home / DUMP))
        (home / DUMP).unlink()


def _check_whole(archive: Path) -> None:
    """Read it through once: every byte counts in its checksum, and an end that is missing is missed."""
    unpacker = zstandard.ZstdDecompressor().decompressobj()
    with archive.open("rb") as packed:
        try:
            while chunk := packed.read(1 << 20):
                unpacker.decompress(chunk)
        except zstandard.ZstdError as error:
            raise LedgerError("it is no backup, or was changed since it was written") from error
    if not unpacker.eof:
        raise LedgerError("it was cut short")


def _pack(home: Path, beside: Path, work: Path) -> int:
    count = 0
    opened = os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
    packer = zstandard.ZstdCompressor(level=6, threads=-1, write_checksum=True)
    with opened as raw:
        with (
            packer.stream_writer(raw, closefd=False) as stream,
            tarfile.open(fileobj=stream, mode="w|") as tar,
        ):
            for path, name in _all(home, work):
                tar.add(path, name, recursive=False)
                count += 1
        raw.flush()
        os.fsync(raw.fileno())
    return count


def _all(home: Path, work: Path) -> Iterator[tuple[Path, str]]:
    if database_of(read_settings(home)) == "sqlite":
        yield _copied(home / "ledger.sqlite", work), "ledger.sqlite"
    else:
        _postgresql("pg_dump", home, "--format=custom", f"--file={work / DUMP}")
        yield work / DUMP, DUMP
    with Lake(home) as lake, lake.snapshot():
        manifest = _copied(home / "lake" / "manifest.sqlite", work)
        yield manifest, "lake/manifest.sqlite"
        for name in _listed(manifest):
            yield home / name, name
        for path in sorted(home.rglob("*")):
            name = str(path.relative_to(home))
            if path.is_dir() and not name.startswith(_PASSING):
                yield path, name
            elif path.is_file() and not name.startswith(("lake/", "rejects/")) and not path.name.startswith("."):
                if path.suffix == ".sqlite":
                    if name != "ledger.sqlite":
                        yield _copied(path, work), name
                elif not path.name.endswith((".sqlite-wal", ".sqlite-shm")):
                    yield path, name


def _listed(manifest: Path) -> list[str]:
    with closing(sqlite3.connect(manifest)) as db:
        return [row[0] for row in db.execute("SELECT path FROM files WHERE dropped IS NULL ORDER BY path")]


def _copied(database: Path, work: Path) -> Path:
    copy = work / f"{database.parent.name}-{database.name}"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _postgresql(tool: str, home: Path, *words: str) -> None:
    found = shutil.which(tool)
    if found is None:
        raise LedgerError(f"{tool} is not installed; it comes with PostgreSQL's client tools")
    address = database_of(read_settings(home))
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tool, no shell
        [found, f"--dbname={address}", *words], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LedgerError(f"{tool}: {done.stderr.strip()[-500:]}")
