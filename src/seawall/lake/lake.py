"""The lake's door: open it, add to it, read it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seawall.lake import keys
from seawall.lake.files import (
    flush_folder,
    is_ours,
    locked,
    locked_if_free,
    new_name,
    write_parquet,
    write_whole,
)
from seawall.lake.manifest import Commit, File, LakeError, LoadState, Manifest
from seawall.lake.snapshot import Snapshot, pinned, sweep
from seawall.records.facts import REJECT_LINES, TABLES, Table

_FOLDERS = [*(f"lake/{name}" for name in TABLES), "lake/keys", "lake/findings", "lake/pins", "rejects"]
_WRITER = "lake/writer"


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one commit did: rows that are new, and rows the lake already had, by table ('rejects' among them)."""

    added: dict[str, int]
    already: dict[str, int]


@dataclass(frozen=True, slots=True)
class LoadStep:
    """Which load a batch belongs to, and how far the load is once the batch is committed."""

    load_id: str
    state: LoadState


class Lake:
    """The facts under one home folder. Many processes may read; those that write take turns."""

    def __init__(self, home: Path) -> None:
        if not (home / "lake" / "manifest.sqlite").exists():
            raise LakeError(f"there is no lake in {home}. Run 'seawall init --home {home}' first.")
        self.home = home
        self.manifest = Manifest(home / "lake" / "manifest.sqlite")
        self._writers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lake")

    @classmethod
    def create(cls, home: Path) -> Lake:
        """Make an empty lake; one that is there already is left as it is."""
        for folder in _FOLDERS:
            (home / folder).mkdir(parents=True, exist_ok=True)
        Manifest.create(home / "lake" / "manifest.sqlite").close()
        return cls(home)

    def close(self) -> None:
        """Let go of the lake's files."""
        self._writers.shutdown()
        self.manifest.close()

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Read at the newest version; what is seen stays the same until this closes."""
        with pinned(self.home, self.manifest) as snapshot:
            yield snapshot
        if self.manifest.dropped():  # what expired while this was open goes now, not at the next load
            with locked_if_free(self.home / _WRITER) as free:
                if free:
                    sweep(self.home, self.manifest)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Take the writer's turn, and clear away what a killed writer left unfinished."""
        with locked(self.home / _WRITER, shared=False):
            self._clear_unfinished()
            yield

    def append(
        self, tables: Mapping[str, pa.Table], rejects: pa.Table | None = None, step: LoadStep | None = None
    ) -> LoadResult:
        """Add facts, rejects and a load's progress in one commit. When this returns they are there for good.

        Rows whose natural key the lake already has are left out and counted.
        """
        with locked(self.home / _WRITER, shared=False):
            return self._append(tables, rejects, step)

    def _append(self, tables: Mapping[str, pa.Table], rejects: pa.Table | None, step: LoadStep | None) -> LoadResult:
        given = {name: (TABLES[name], rows) for name, rows in tables.items() if rows.num_rows}
        if rejects is not None and rejects.num_rows:
            given["rejects"] = (REJECT_LINES, rejects)
        runs = self.manifest.files("keys")
        run_paths = [self.home / run.path for run in runs]
        fresh: dict[str, tuple[Table, pa.Table]] = {}
        coming = []
        for name, (table, rows) in given.items():
            row_keys = keys.keys_of(table, rows)
            new = keys.first_of_each(row_keys) & ~keys.known(row_keys, run_paths)
            coming.append(row_keys[new])
            fresh[name] = (table, rows if new.all() else rows.filter(pa.array(new)))
        added = [file for _, _, file in self._write_all(fresh)]
        merged = self._write_keys(np.concatenate(coming) if coming else np.empty(0, np.uint64), runs, added)
        self._commit(added, merged, step)
        return LoadResult(
            added={name: rows.num_rows for name, (_, rows) in fresh.items()},
            already={name: given[name][1].num_rows - rows.num_rows for name, (_, rows) in fresh.items()},
        )

    def _write_all(self, fresh: Mapping[str, tuple[Table, pa.Table]]) -> list[tuple[str, pa.Table, File]]:
        jobs = [
            (name, rows, self._writers.submit(self._write_rejects if name == "rejects" else self.write, table, rows))
            for name, (table, rows) in fresh.items()
            if rows.num_rows
        ]
        return [(name, rows, job.result()) for name, rows, job in jobs]

    def write(self, table: Table, rows: pa.Table, loaded_day: str | None = None) -> File:
        """Write rows as one Parquet file; it counts only once a commit adds it."""
        path = new_name(f"lake/{table.name}", ".parquet")
        size = write_parquet(self.home / path, rows)
        days = pc.min_max(rows[table.dated_by]).as_py()
        first, last = (str(days[end].date()) if days[end] else None for end in ("min", "max"))
        return File(path, table.name, rows.num_rows, size, first, last, loaded_day or today())

    def _write_rejects(self, table: Table, rows: pa.Table) -> File:
        path = new_name("rejects", ".jsonl")
        lines = io.BytesIO()
        encoder = msgspec.json.Encoder()
        for row in rows.to_pylist():  # only the damaged lines of a batch
            lines.write(encoder.encode(row) + b"\n")
        size = write_whole(self.home / path, lambda stream: stream.write(lines.getvalue()))
        return File(path, table.name, rows.num_rows, size, None, None, today())

    def _write_keys(self, new: keys.Keys, runs: list[File], added: list[File]) -> list[File]:
        if not len(new):
            return []
        count = keys.runs_to_merge([run.rows for run in runs], len(new))
        merged = runs[len(runs) - count :]
        held = [np.load(self.home / run.path) for run in merged]
        added.append(self.write_run(np.sort(np.concatenate([new, *held]))))
        return merged

    def write_run(self, run: keys.Keys) -> File:
        """Write sorted dedupe keys as one run; it counts only once a commit adds it."""
        path = new_name("lake/keys", ".npy")
        size = write_whole(self.home / path, lambda stream: np.save(stream, run))
        return File(path, "keys", len(run), size, None, None, today())

    def _commit(self, added: list[File], dropped: list[File], step: LoadStep | None, *, expiry: bool = False) -> None:
        for folder in {(self.home / file.path).parent for file in added}:
            flush_folder(folder)
        with self.manifest.commit() as commit:
            _swap(commit, added, dropped)
            if step:
                commit.progress(step.load_id, step.state, datetime.now(UTC).isoformat())
            if expiry:
                commit.expire()

    def swap(self, added: list[File], dropped: list[File]) -> None:
        """Let some files count in place of others, in one commit, and remove what no reader needs any more."""
        self._commit(added, dropped, None)
        sweep(self.home, self.manifest)

    def let_expire(self, added: list[File], dropped: list[File]) -> None:
        """Like `swap`, for facts that go for good: loads begin anew, older findings are not kept any more."""
        self._commit(added, dropped, None, expiry=True)
        sweep(self.home, self.manifest)

    def replace_findings(self, findings: pa.Table, seen: int) -> None:
        """Let findings over the lake at version `seen` stand in place of all earlier ones.

        Raises LakeError if facts expired since: findings over gone posts may not come back.
        """
        with self.writing():
            if self.manifest.expired > seen:
                raise LakeError("facts expired while this scan ran, so its findings were not kept. Scan again.")
            path = new_name("lake/findings", ".parquet")
            size = write_parquet(self.home / path, findings)
            file = File(path, "findings", findings.num_rows, size, None, None, today())
            self.swap([file], self.manifest.files("findings"))

    def stats(self) -> dict[str, object]:
        """Rows and bytes by table, and how many lines were rejected."""
        files = self.manifest.files()
        tables = {
            name: {
                "rows": sum(file.rows for file in files if file.kind == name),
                "bytes": sum(file.bytes for file in files if file.kind == name),
            }
            for name in TABLES
        }
        return {"tables": tables, "rejects": sum(file.rows for file in files if file.kind == "rejects")}

    def _clear_unfinished(self) -> None:
        """Remove files that a killed writer wrote and never committed. Call only with the writer's turn."""
        known = self.manifest.known_paths()
        for folder in _FOLDERS:
            for path in (self.home / folder).iterdir():
                if is_ours(path.name) and str(path.relative_to(self.home)) not in known:
                    path.unlink()
        sweep(self.home, self.manifest)


def _swap(commit: Commit, added: list[File], dropped: list[File]) -> None:
    for file in dropped:
        commit.drop(file)
    for file in added:
        commit.add(file)


def today() -> str:
    """The day now, UTC, ISO 8601."""
    return str(datetime.now(UTC).date())
