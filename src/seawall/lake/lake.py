"""The lake's door: open it, add to it, read it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from seawall.lake import keys, staging
from seawall.lake.files import (
    flush_folder,
    is_ours,
    locked,
    locked_if_free,
    new_name,
    write_parquet,
    write_whole,
)
from seawall.lake.manifest import Commit, File, LakeError, LoadState, Manifest, today
from seawall.lake.snapshot import Snapshot, pinned, sweep
from seawall.lake.staging import Staged, Staging
from seawall.records.facts import POSTS, REJECT_LINES, TABLES, Table
from seawall.records.marks import KEPT, MARKS
from seawall.records.results import RESULTS

_FILED = [*(f"lake/{name}" for name in (*KEPT, "keys", *RESULTS)), "rejects"]
_FOLDERS = [*_FILED, "lake/pins", staging.INCOMING]
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
        _make_folders(home)  # a lake of an earlier version has not all of them
        self.manifest = Manifest(home / "lake" / "manifest.sqlite")
        self._writers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lake")
        self._writes = {"rejects": self._write_rejects, "matches": self._write_matches}

    @classmethod
    def create(cls, home: Path) -> Lake:
        """Make an empty lake; one that is there already is left as it is."""
        _make_folders(home)
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
        """Add facts, marks, rejects and a load's progress in one commit. When this returns they are there for good.

        Rows whose natural key the lake already has are left out and counted; marks go with their posts.
        """
        with locked(self.home / _WRITER, shared=False):
            return self._append(tables, rejects, step)

    def _append(self, tables: Mapping[str, pa.Table], rejects: pa.Table | None, step: LoadStep | None) -> LoadResult:
        given = {name: (TABLES[name], rows) for name, rows in tables.items() if name in TABLES and rows.num_rows}
        if rejects is not None and rejects.num_rows:
            given["rejects"] = (REJECT_LINES, rejects)
        runs = self.manifest.files("keys")
        run_paths = [self.home / run.path for run in runs]
        fresh: dict[str, tuple[Table, pa.Table]] = {}
        coming: dict[str, keys.Keys] = {}
        for name, (table, rows) in given.items():
            row_keys = keys.keys_of(table, rows)
            new = keys.first_of_each(row_keys) & ~keys.known(row_keys, run_paths)
            coming[name] = row_keys[new]
            fresh[name] = (table, rows if new.all() else rows.filter(pa.array(new)))
        marked = _with_their_posts(tables, coming.get("posts", np.empty(0, np.uint64)))
        added = [file for _, _, file in self._write_all(fresh | marked)]
        merged = self._write_keys(list(coming.values()), runs, added)
        self._commit(added, merged, step)
        return LoadResult(
            added={name: rows.num_rows for name, (_, rows) in fresh.items()},
            already={name: given[name][1].num_rows - rows.num_rows for name, (_, rows) in fresh.items()},
        )

    @contextmanager
    def staging(self) -> Iterator[Staging]:
        """A folder in which workers write files that `let_in` adds; what is still in it when this ends is gone."""
        with ExitStack() as stack:
            with self.writing():
                folder = stack.enter_context(staging.held(self.home))
            yield folder

    def known(self, given: Mapping[str, keys.Keys]) -> tuple[dict[str, npt.NDArray[np.bool_]], frozenset[str]]:
        """Which keys, by table, the lake has already, and the runs in which they were looked up."""
        with pinned(self.home, self.manifest) as snapshot:
            runs = snapshot.files("keys")
            checked = frozenset(str(run.relative_to(self.home)) for run in runs)
            return {name: keys.known(its, runs) for name, its in given.items()}, checked

    def let_in(self, folder: Staging, staged: Staged, rejects: pa.Table, step: LoadStep | None) -> dict[str, int]:
        """Add staged rows, rejects and a load's progress in one commit, and say how many rows are new, by table.

        Keys that others committed since they were looked up are looked up again: such rows are left out.
        """
        with locked(self.home / _WRITER, shared=False):
            runs = self.manifest.files("keys")
            unseen = [self.home / run.path for run in runs if run.path not in staged.checked]
            late = {name: its[keys.known(its, unseen)] for name, its in staged.keys.items()}
            late = {name: its for name, its in late.items() if len(its)}
            if late:
                staged = folder.without(staged, late)
            for file in staged.files.values():
                folder.let_in(file)
            coming = list(staged.keys.values())
            written: dict[str, tuple[Table, pa.Table]] = {"matches": (MARKS["matches"], staged.matches)}
            if rejects.num_rows:
                row_keys = keys.keys_of(REJECT_LINES, rejects)
                new = keys.first_of_each(row_keys) & ~keys.known(row_keys, [self.home / run.path for run in runs])
                coming.append(row_keys[new])
                written["rejects"] = (REJECT_LINES, rejects.filter(pa.array(new)))
            added = [*staged.files.values(), *(file for _, _, file in self._write_all(written))]
            merged = self._write_keys(coming, runs, added)
            self._commit(added, merged, step)
        return {file.kind: file.rows for file in added if file.kind in TABLES or file.kind == "rejects"}

    def _write_all(self, fresh: Mapping[str, tuple[Table, pa.Table]]) -> list[tuple[str, pa.Table, File]]:
        jobs = [
            (name, rows, self._writers.submit(self._writes.get(name, self.write), table, rows))
            for name, (table, rows) in fresh.items()
            if rows.num_rows
        ]
        return [(name, rows, job.result()) for name, rows, job in jobs]

    def write(self, table: Table, rows: pa.Table, loaded_day: str | None = None) -> File:
        """Write rows as one Parquet file; it counts only once a commit adds it."""
        path = new_name(f"lake/{table.name}", ".parquet")
        return staging.file_of(path, table, rows, write_parquet(self.home / path, rows), loaded_day)

    def _write_matches(self, table: Table, rows: pa.Table) -> File:
        """Matches say which version they came with: the next, which nobody else can take in the writer's turn."""
        since = pa.repeat(pa.scalar(self.manifest.version + 1, pa.int64()), rows.num_rows)
        at = table.schema.get_field_index("since")
        return self.write(table, rows.set_column(at, table.schema.field(at), since))

    def _write_rejects(self, table: Table, rows: pa.Table) -> File:
        path = new_name("rejects", ".jsonl")
        lines = io.BytesIO()
        encoder = msgspec.json.Encoder()
        for row in rows.to_pylist():  # only the damaged lines of a batch
            lines.write(encoder.encode(row) + b"\n")
        size = write_whole(self.home / path, lambda stream: stream.write(lines.getvalue()))
        return File(path, table.name, rows.num_rows, size, None, None, today())

    def _write_keys(self, coming: list[keys.Keys], runs: list[File], added: list[File]) -> list[File]:
        new = np.concatenate(coming) if coming else np.empty(0, np.uint64)
        if not len(new):
            return []
        count = keys.runs_to_merge([run.rows for run in runs], len(new))
        merged = runs[len(runs) - count :]
        rows = len(new) + sum(run.rows for run in merged)
        added.append(self.write_run(rows, keys.in_order(new, [self.home / run.path for run in merged])))
        return merged

    def write_run(self, rows: int, parts: Iterable[keys.Keys]) -> File:
        """Write so many sorted dedupe keys, given in parts, as one run; it counts only once a commit adds it."""
        path = new_name("lake/keys", ".npy")
        size = write_whole(self.home / path, lambda stream: keys.write_run(stream, rows, parts))
        return File(path, "keys", rows, size, None, None, today())

    def _commit(self, added: list[File], dropped: list[File], step: LoadStep | None, *, expiry: bool = False) -> None:
        for folder in {(self.home / file.path).parent for file in added}:
            flush_folder(folder)
        with self.manifest.commit() as commit:
            _swap(commit, added, dropped)
            if step:
                commit.progress(step.load_id, step.state, datetime.now(UTC).isoformat())
            if expiry:
                commit.expire()

    def replace(self, folder: Staging, added: list[File], dropped: list[File]) -> bool:
        """Let staged files count in place of others of the same rows, unless one of those went meanwhile."""
        with self.writing():
            counted = {file.path for file in self.manifest.files()}
            if not all(file.path in counted for file in dropped):
                return False
            for file in added:
                folder.let_in(file)
            self.swap(added, dropped)
            return True

    def swap(self, added: list[File], dropped: list[File]) -> None:
        """Let some files count in place of others, in one commit, and remove what no reader needs any more."""
        self._commit(added, dropped, None)
        sweep(self.home, self.manifest)

    def let_expire(self, added: list[File], dropped: list[File]) -> None:
        """Like `swap`, for facts that go for good: loads begin anew, older findings are not kept any more."""
        self._commit(added, dropped, None, expiry=True)
        sweep(self.home, self.manifest)

    def replace_results(
        self, results: Mapping[str, pa.Table], seen: int, made_by: Mapping[str, str] | None = None
    ) -> None:
        """Let results over the lake at version `seen` stand in place of all earlier ones of the same tables, at once.
        `made_by` says what made a table; asked again over the same facts, that would make the same.

        Raises LakeError if facts expired since: results over gone posts may not come back.
        """
        with self.writing():
            if self.manifest.expired > seen:
                raise LakeError("facts expired while this scan ran, so its findings were not kept. Scan again.")
            files = [
                self._write_result(name, rows, {"made_by": (made_by or {}).get(name, ""), "seen": str(seen)})
                for name, rows in results.items()
            ]
            self.swap(files, [file for name in results for file in self.manifest.files(name)])

    def still_holds(self, table: str, made_by: str) -> bool:
        """Whether this made the results that stand in a table, and no facts came or changed since."""
        files = self.manifest.files(table)
        said = pq.read_schema(self.home / files[0].path).metadata if len(files) == 1 else None
        if not said or said.get(b"made_by") != made_by.encode():
            return False
        return self.manifest.newest(TABLES) <= int(said[b"seen"])  # what expired took results with it

    def _write_result(self, name: str, rows: pa.Table, said: Mapping[str, str]) -> File:
        path = new_name(f"lake/{name}", ".parquet")
        size = write_parquet(self.home / path, rows.cast(RESULTS[name]).replace_schema_metadata(dict(said)))
        return File(path, name, rows.num_rows, size, None, None, today())

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
        for folder in _FILED:
            for path in (self.home / folder).iterdir():
                if is_ours(path.name) and str(path.relative_to(self.home)) not in known:
                    path.unlink()
        staging.clear(self.home)
        sweep(self.home, self.manifest)


def _swap(commit: Commit, added: list[File], dropped: list[File]) -> None:
    for file in dropped:
        commit.drop(file)
    for file in added:
        commit.add(file)


def _with_their_posts(tables: Mapping[str, pa.Table], posts: keys.Keys) -> dict[str, tuple[Table, pa.Table]]:
    """Marks of posts that are new, by table."""
    given = {name: rows for name, rows in tables.items() if name in MARKS and rows.num_rows}
    return {
        name: (MARKS[name], rows.filter(pa.array(np.isin(keys.keys_of(POSTS, rows), posts))))
        for name, rows in given.items()
    }


def _make_folders(home: Path) -> None:
    for folder in _FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
