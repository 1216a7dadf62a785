"""Rows on their way in: workers write them whole beside the lake, and one process lets them in, in order.

A staging folder belongs to the process that holds its lock. What a killed one left is cleared by the next writer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seawall.lake.files import locked, locked_if_free, new_name, write_parquet
from seawall.lake.keys import Keys, keys_of
from seawall.lake.manifest import File, today
from seawall.records.facts import POSTS, TABLES, Table
from seawall.records.marks import KEPT, MARKS

INCOMING = "lake/incoming"
_LEADER = "leader"


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows of one stretch of input: files in a staging folder, and what letting them in takes."""

    files: Mapping[str, File]  # by table; of marks only the readings
    keys: Mapping[str, Keys]  # of the rows in `files`, sorted, by table; marks have none of their own
    matches: pa.Table
    checked: frozenset[str]  # runs of keys that do not hold any of `keys`


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder below a lake's in which files wait to be let in. Any process may write into it."""

    home: Path
    name: str

    def write(self, table: Table, rows: pa.Table, loaded_day: str | None = None) -> File:
        """Write rows as one Parquet file, whole or not at all; it waits here until it is let in."""
        path = new_name(f"lake/{table.name}", ".parquet")
        return file_of(path, table, rows, write_parquet(self._place(path), rows), loaded_day)

    def spool(self, name: str) -> Path:
        """Where input waits for a worker; never part of the lake."""
        return self.home / INCOMING / self.name / name

    def let_in(self, file: File) -> None:
        """Move a file to its place in the lake; it counts once a commit adds it."""
        self._place(file.path).rename(self.home / file.path)

    def without(self, staged: Staged, known: Mapping[str, Keys]) -> Staged:
        """The same rows less those whose keys are known; marks go with their posts. Rewrites what they are in."""
        files, keys = dict(staged.files), dict(staged.keys)
        for name, its in known.items():
            keys[name] = np.setdiff1d(keys[name], its, assume_unique=True)
            self._rewrite(files, name, TABLES[name], its)
        posts = known.get("posts", np.empty(0, np.uint64))
        for name in MARKS:
            self._rewrite(files, name, POSTS, posts)
        return Staged(files, keys, less(staged.matches, POSTS, posts), staged.checked)

    def _rewrite(self, files: dict[str, File], name: str, keyed: Table, known: Keys) -> None:
        if name not in files or not len(known):
            return
        place = self._place(files.pop(name).path)
        rows = less(pq.read_table(place, partitioning=None).cast(KEPT[name].schema), keyed, known)
        if rows.num_rows:
            files[name] = self.write(KEPT[name], rows)
        place.unlink()

    def _place(self, path: str) -> Path:
        return self.home / INCOMING / self.name / Path(path).name


def less(rows: pa.Table, keyed: Table, known: Keys) -> pa.Table:
    """Rows whose key, by the given table's, is not among the known."""
    if not len(known) or not rows.num_rows:
        return rows
    return rows.filter(pa.array(~np.isin(keys_of(keyed, rows), known)))


def file_of(path: str, table: Table, rows: pa.Table, size: int, loaded_day: str | None = None) -> File:
    """What the manifest is to know of a file of these rows."""
    days = pc.min_max(rows[table.dated_by]).as_py()
    first, last = (str(days[end].date()) if days[end] else None for end in ("min", "max"))
    return File(path, table.name, rows.num_rows, size, first, last, loaded_day or today())


@contextmanager
def held(home: Path) -> Iterator[Staging]:
    """A staging folder of one's own, gone when this ends."""
    staging = Staging(home, Path(new_name("", "")).name)
    folder = home / INCOMING / staging.name
    folder.mkdir()
    try:
        with locked(folder / _LEADER, shared=False):
            yield staging
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(home: Path) -> None:
    """Remove the staging folders of processes that are gone."""
    for folder in (home / INCOMING).iterdir():
        with locked_if_free(folder / _LEADER) as left:
            if left:
                shutil.rmtree(folder, ignore_errors=True)
