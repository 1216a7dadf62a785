"""Reading at a pinned version: what a snapshot sees never changes and never vanishes while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seawall.lake.files import is_free, locked
from seawall.lake.manifest import File, Manifest
from seawall.records.marks import KEPT
from seawall.records.results import RESULTS

_PINS, _GATE = "lake/pins", "lake/pins/gate"
_SCHEMAS = {**{name: table.schema for name, table in KEPT.items()}, **RESULTS}


class Snapshot:
    """The lake at one version."""

    def __init__(self, home: Path, version: int, files: list[File]) -> None:
        self.version = version
        self._home = home
        self._files = files

    def files(self, table: str) -> list[Path]:
        """The Parquet files of a table."""
        return [self._home / file.path for file in self._files if file.kind == table]

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return sum(file.rows for file in self._files if file.kind == table)

    @property
    def all_files(self) -> list[File]:
        """What the manifest knows of its files."""
        return self._files

    def scan(self, table: str, among: list[str] | None = None) -> pl.LazyFrame:
        """A table as a lazy Polars frame; or only what stands in some of its files."""
        paths = self.files(table) if among is None else [self._home / path for path in among]
        if not paths:
            return pl.DataFrame(pa.Table.from_batches([], schema=_SCHEMAS[table])).lazy()
        return pl.scan_parquet(paths)

    def read(self, table: str, columns: list[str] | None = None) -> pa.Table:
        """A table in memory, as Arrow."""
        schema = _SCHEMAS[table]
        wanted = pa.schema([schema.field(name) for name in columns]) if columns else schema
        parts = [pq.read_table(path, columns=columns, partitioning=None) for path in self.files(table)]
        return pa.concat_tables([_whole(part, wanted) for part in parts]) if parts else wanted.empty_table()

    def duckdb(self) -> duckdb.DuckDBPyConnection:
        """An in-memory DuckDB with a view per table; it only reads."""
        db = duckdb.connect(config={"threads": 2})
        for table in KEPT:
            paths = self.files(table)
            if paths:
                listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
                db.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet([{listed}])")
            else:
                db.register(table, KEPT[table].schema.empty_table())
        return db


def _whole(part: pa.Table, wanted: pa.Schema) -> pa.Table:
    """Rows with the columns wanted: results that an older version wrote lack those that came since, which are null."""
    for field in wanted:
        if field.name not in part.column_names:
            part = part.append_column(field, pa.nulls(part.num_rows, field.type))
    return part.select(wanted.names).cast(wanted)


@contextmanager
def pinned(home: Path, manifest: Manifest) -> Iterator[Snapshot]:
    """Open the lake at its newest version and keep its files on disk until this closes."""
    with ExitStack() as held:
        with locked(home / _GATE, shared=True):  # nothing is swept between reading the version and pinning it
            version, files = manifest.pinned()
            held.enter_context(locked(home / _PINS / str(version), shared=True))
        yield Snapshot(home, version, files)


def sweep(home: Path, manifest: Manifest) -> int:
    """Remove dropped files that no open snapshot can see; returns how many went."""
    with locked(home / _GATE, shared=False):
        oldest = _oldest_pin(home)
        gone = [path for path, dropped in manifest.dropped() if oldest is None or dropped <= oldest]
        for path in gone:
            (home / path).unlink(missing_ok=True)
        manifest.forget(gone)
    return len(gone)


def _oldest_pin(home: Path) -> int | None:
    oldest = None
    for pin in (home / _PINS).iterdir():
        if not pin.name.isdigit():
            continue
        if is_free(pin):
            pin.unlink()
        else:
            oldest = min(int(pin.name), oldest if oldest is not None else int(pin.name))
    return oldest
