"""Banks as signals read them: parts that hold now, each a file of entries with its indexes beside it.

`HOME/banks/live.json` names them. Two people stand behind each; only `grounds` writes there.
"""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seawall.graph.hamming import WITHIN, Hamming, HammingError, open_hamming
from seawall.lake.files import locked
from seawall.records.banks import BankError, checked
from seawall.records.terms import Conduct, HashKind

FOLDER, LIVE = "banks", "live.json"
# bits within which hashes match: of a picture as PDQ's authors say; of a sound as measured, see docs/media.md
DISTANCE = {HashKind.PDQ: WITHIN, HashKind.VIDEO: WITHIN, HashKind.SOUND: 45}


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """Entries that came to a bank together."""

    number: int
    bank: str
    conduct: Conduct
    source: str
    basis: str
    sha256: str  # of the file of its entries
    by: str
    agreed_by: str
    agreed_at: datetime
    expires: date

    def path(self, home: Path) -> Path:
        """The file of its entries."""
        return entries_path(home, self.number)

    def live(self, today: date | None = None) -> bool:
        """Whether it has not expired."""
        return self.expires > (today or datetime.now(UTC).date())


class Bank:
    """One part, opened."""

    def __init__(self, home: Path, part: Part) -> None:
        """Raises BankError where the file is missing, is not the one that people agreed to, or lacks provenance."""
        self.part = part
        self._folder = home / FOLDER
        path = part.path(home)
        try:
            if hashlib.sha256(path.read_bytes()).hexdigest() != part.sha256:
                raise BankError(f"{path} is not the file that two people agreed to")
            self.entries: pa.Table = checked(pq.read_table(path))
        except (OSError, pa.ArrowException) as error:
            raise BankError(f"cannot read {path}: {error}") from error

    @cached_property
    def _kinds(self) -> Any:
        return self.entries["kind"].to_numpy(zero_copy_only=False)

    def rows(self, kind: HashKind) -> np.ndarray[Any, Any]:
        """Which rows of its entries are of a kind."""
        return np.flatnonzero(self._kinds == kind.value)

    def files(self, kind: HashKind) -> pl.DataFrame:
        """Hashes of whole files, as text, and their rows."""
        rows = self.rows(kind)
        texts = [its.hex() for its in self.entries["hash"].take(pa.array(rows)).to_pylist()]
        return pl.DataFrame({"file": texts, "row": rows}, schema={"file": pl.String, "row": pl.Int64})

    def index(self, kind: HashKind) -> Hamming:
        """Its hashes of a kind, ready to be looked up; made at first need and kept beside the entries."""
        folder = self._folder / f"{self.part.number}-{kind}"
        with locked(self._folder / "lock", shared=False):
            try:
                held = open_hamming(folder)
            except HammingError:
                held = None
            if held is None or held.within != DISTANCE[kind]:
                self._made(kind, folder)
                held = open_hamming(folder)
            return held

    def _made(self, kind: HashKind, folder: Path) -> None:
        raw = b"".join(self.entries["hash"].take(pa.array(self.rows(kind))).to_pylist())
        beside = folder.with_name(f".{folder.name}.part")
        for old in (beside, folder):
            shutil.rmtree(old, ignore_errors=True)
        Hamming.of(np.frombuffer(raw, np.uint8).reshape(-1, 32), DISTANCE[kind]).write(beside)
        beside.rename(folder)


class Opened:
    """The parts of a home that hold, each opened once for as long as it holds."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._held: dict[Part, Bank] = {}

    def banks(self) -> list[Bank]:
        """Every part, opened. Raises BankError."""
        parts = parts_of(self._home)
        self._held = {part: self._held.get(part) or Bank(self._home, part) for part in parts}
        return list(self._held.values())


def entries_path(home: Path, number: int) -> Path:
    """Where the entries of a part are."""
    return home / FOLDER / f"{number}.parquet"


def parts_of(home: Path) -> list[Part]:
    """Every part that two people agreed to and that has not expired. Raises BankError."""
    path = home / FOLDER / LIVE
    try:
        held = msgspec.json.decode(path.read_bytes(), type=list[Part]) if path.exists() else []
    except (OSError, msgspec.DecodeError) as error:
        raise BankError(f"cannot read {path}: {error}") from error
    return [part for part in held if part.live()]


def changed(home: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Another value whenever other parts hold."""
    path = home / FOLDER / LIVE
    if not path.exists():
        return ()
    its = path.stat()
    return ((LIVE, its.st_mtime_ns, its.st_size, its.st_ino),)
