"""Keeping the lake: small files become larger ones, and what has been kept long enough goes for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seawall.lake.keys import keys_of
from seawall.lake.lake import Lake
from seawall.lake.manifest import File
from seawall.lake.staging import Staging
from seawall.records.facts import REJECT_LINES, TABLES, Table
from seawall.records.marks import KEPT
from seawall.records.results import RESULTS

SMALL, LARGE = 65_536, 1_048_576  # rows: files below SMALL are joined, up to LARGE rows at a time
_MEMORY = 32 * 1024 * 1024  # bytes, in memory, joined at a time; joining takes five times as much for a moment
_SMALL_BYTES = _MEMORY // 8  # on disk: a file that has more is not joined, however few its rows
_MANY = 64  # small files of one table before a load joins them


def compact(lake: Lake, many: int = _MANY) -> int:
    """Join small files of a table that were loaded on the same day, sorted by time; returns how many files went.

    Joined beside the lake, while others write; each swap is one commit: a reader sees the small files or the large
    one, never both and never neither.
    """
    gone = 0
    with lake.snapshot(), lake.staging() as folder:
        for table in KEPT.values():
            for group in _groups(lake.manifest.files(table.name), many):
                gone += sum(_join(lake, folder, table, part) for part in _portions(lake, table, group))
                pa.default_memory_pool().release_unused()
    return gone


def _join(lake: Lake, folder: Staging, table: Table, part: list[tuple[File, pa.Table]]) -> int:
    if len(part) < 2:
        return 0
    rows = pa.concat_tables([rows for _, rows in part]).sort_by(table.dated_by)
    files = [file for file, _ in part]
    joined = folder.write(table, rows, files[0].loaded_day)
    return len(files) - 1 if lake.replace(folder, [joined], files) else 0


def _portions(lake: Lake, table: Table, group: list[File]) -> Iterator[list[tuple[File, pa.Table]]]:
    """A group's files with their rows, in parts that fit into memory."""
    part: list[tuple[File, pa.Table]] = []
    size = 0
    for file in group:
        rows = _read(lake, file, table)
        if part and size + rows.nbytes > _MEMORY:
            yield part
            part, size = [], 0
        part.append((file, rows))
        size += rows.nbytes
    yield part


def _groups(files: list[File], many: int) -> list[list[File]]:
    small: dict[str, list[File]] = {}
    for file in files:
        if file.rows < SMALL and file.bytes < _SMALL_BYTES:
            small.setdefault(file.loaded_day, []).append(file)
    groups: list[list[File]] = []
    for same_day in small.values():
        if len(same_day) < many:
            continue
        group: list[File] = []
        for file in same_day:
            if sum(f.rows for f in group) + file.rows > LARGE:
                groups.append(group)
                group = []
            group.append(file)
        groups.append(group)
    return [group for group in groups if len(group) > 1]


def expire(lake: Lake, keep_days: int, now: datetime | None = None) -> dict[str, int]:
    """Remove facts and rejects that entered the lake more than `keep_days` days ago; returns rows gone by kind."""
    if keep_days < 0:
        raise ValueError(f"keep_days must be 0 or more, not {keep_days}")
    today = (now or datetime.now(UTC)).date()
    return _expire(lake, oldest_loaded=today - timedelta(days=keep_days), oldest_fact=None)


def expire_before(lake: Lake, day: date) -> dict[str, int]:
    """Remove facts dated before a day, whenever they were loaded; returns rows gone by kind."""
    return _expire(lake, oldest_loaded=None, oldest_fact=day)


def _expire(lake: Lake, oldest_loaded: date | None, oldest_fact: date | None) -> dict[str, int]:
    gone: dict[str, int] = {}
    added: list[File] = []
    dropped: list[File] = []
    with lake.writing():
        for file in lake.manifest.files():
            if file.kind in ("keys", *RESULTS):
                continue
            if oldest_loaded and file.loaded_day < str(oldest_loaded):
                dropped.append(file)
                gone[file.kind] = gone.get(file.kind, 0) + file.rows
            elif oldest_fact and file.first_day and file.first_day < str(oldest_fact):
                kept = _since(lake, file, oldest_fact)
                dropped.append(file)
                added.extend(kept)
                gone[file.kind] = gone.get(file.kind, 0) + file.rows - sum(f.rows for f in kept)
        if dropped:
            _forget_keys_and_results(lake, added, dropped)
            lake.let_expire(added, dropped)
    return gone


def _since(lake: Lake, file: File, day: date) -> list[File]:
    table = KEPT[file.kind]
    rows = _read(lake, file, table)
    start = pa.scalar(datetime(day.year, day.month, day.day, tzinfo=UTC), rows[table.dated_by].type)
    kept = rows.filter(pc.fill_null(pc.greater_equal(rows[table.dated_by], start), True))
    return [lake.write(table, kept, file.loaded_day)] if kept.num_rows else []


def _forget_keys_and_results(lake: Lake, added: list[File], dropped: list[File]) -> None:
    """A key is a hash of a person's post: it goes with the post. Results over gone posts go too."""
    gone = {file.path for file in dropped}
    files = lake.manifest.files()
    kept = [file for file in [*files, *added] if file.kind in TABLES and file.path not in gone]
    dropped += [file for file in files if file.kind in ("keys", *RESULTS)]
    rejects = [file for file in files if file.kind == "rejects" and file.path not in gone]
    parts = [keys_of(TABLES[file.kind], _read(lake, file, TABLES[file.kind])) for file in kept]
    parts += [keys_of(REJECT_LINES, _read_rejects(lake, file)) for file in rejects]
    if parts:
        kept_keys = np.unique(np.concatenate(parts))
        added.append(lake.write_run(len(kept_keys), [kept_keys]))


def _read(lake: Lake, file: File, table: Table) -> pa.Table:
    return pq.read_table(lake.home / file.path, partitioning=None).cast(table.schema)


def _read_rejects(lake: Lake, file: File) -> pa.Table:
    lines = (lake.home / file.path).read_bytes().splitlines()
    return pa.Table.from_pylist([msgspec.json.decode(line) for line in lines], schema=REJECT_LINES.schema)
