"""Loading: a source's batches into the lake, each committed with the place it ends at."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import xxhash

from seawall.lake import Lake, LoadResult
from seawall.lake.keeping import compact
from seawall.lake.lake import LoadStep
from seawall.lake.manifest import LoadState
from seawall.sources.contract import Batch, Cursor, Source, SourceError, rejects_table

_SAMPLE = 1024 * 1024


@dataclass(slots=True)
class LoadReport:
    """What a load did. Every line that was read is either loaded or rejected; those ignored on purpose are neither."""

    path: Path
    read: int = 0
    rejected: int = 0
    resumed_at: int = 0  # lines that an earlier, interrupted load had already read
    added: Counter[str] = field(default_factory=Counter)  # rows new in the lake, by table
    already: Counter[str] = field(default_factory=Counter)  # rows the lake already had, by table
    reasons: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)  # fields the source does not know: the platform changed

    @property
    def loaded(self) -> int:
        """Lines whose facts are in the lake, whether new or there before."""
        return self.read - self.rejected

    def as_dict(self) -> dict[str, object]:
        """The form that `seawall load --json` prints."""
        return {
            "path": str(self.path),
            "read": self.read,
            "loaded": self.loaded,
            "rejected": self.rejected,
            "resumed_at": self.resumed_at,
            "added": dict(self.added),
            "already_there": dict(self.already),
            "reject_reasons": dict(self.reasons.most_common()),
            "ignored": dict(self.ignored),
            "unknown_fields": dict(self.unknown.most_common()),
        }


def load(
    lake: Lake, source: Source, location: Path, on_batch: Callable[[Batch, LoadReport], None] | None = None
) -> LoadReport:
    """Load an export. A load that was interrupted goes on where its last commit ended; a finished one reads anew.

    Raises SourceError if the file cannot be read at all.
    """
    load_id = f"{source.name}:{source.fingerprint()}:{fingerprint(location)}"
    report = LoadReport(location)
    state = lake.manifest.load(load_id)
    cursor = None
    if state and not state.done:
        cursor = state.cursor
        report.read = report.resumed_at = state.read
        report.rejected = state.rejected
    _take_in(lake, source.name, load_id, source.read(location, cursor), report, on_batch)
    _finish(lake, load_id, report)
    compact(lake)
    return report


class Followed(Protocol):
    """A live source: a stream that stays open, or a server that is asked, again and again, for what is new.

    Live sources are subclasses of this, for what it does by itself.
    """

    name: str

    @property
    def pause(self) -> float:
        """Seconds until one that gave all it had is asked again; 0: a stream, which ends by accident."""
        return 0.0

    @property
    def address(self) -> str:
        """The server, as reports and rejects name it; it holds no secret."""

    def fingerprint(self) -> str:
        """What tells this server, and what is read of it, from another; it holds no secret."""

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What came since the cursor (None: everything there is, or from now on), as it comes.

        A stream gives an empty batch, with the cursor of the last, at least once a second when the server has
        answered and nothing comes; one that is asked ends when it has given all there is. Raises SourceError if the
        server does not give it; then this is called again, with the cursor of the last batch that was taken.
        """

    def committed(self, cursor: Cursor) -> None:  # noqa: ARG002 - most servers do not want to be told
        """All up to this cursor is in the lake for good: a server that wants to be told may now be told.

        Called from another thread than `follow` runs in.
        """
        return


def follow(lake: Lake, source: Followed, on_batch: Callable[[Batch, LoadReport], None] | None = None) -> LoadReport:
    """Load what came since the last time. It is never finished: each call goes on where the last commit ended.

    Raises SourceError if the server does not give it; what was committed before that stays.
    """
    load_id = f"follow:{source.name}:{source.fingerprint()}"
    report = LoadReport(Path(source.address))
    state = lake.manifest.load(load_id)
    if state and not state.done:
        report.read = report.resumed_at = state.read
        report.rejected = state.rejected
    batches = source.follow(state.cursor if state and not state.done else None)
    _take_in(lake, source.name, load_id, batches, report, on_batch)
    compact(lake)
    return report


def _take_in(
    lake: Lake,
    source: str,
    load_id: str,
    batches: Iterator[Batch],
    report: LoadReport,
    on_batch: Callable[[Batch, LoadReport], None] | None,
) -> None:
    """Commit batches one after the other, each while the next is read, and count them."""
    with lake.writing():  # clears what a killed writer left
        lake.manifest.begin_load(load_id, str(report.path))
    with _no_collector(), ThreadPoolExecutor(1, thread_name_prefix="commit") as committer:
        pending: tuple[Batch, Future[LoadResult]] | None = None
        for batch in batches:
            if pending:
                _count(report, *pending)
            step = LoadStep(load_id, _reached(report, batch))
            pending = batch, committer.submit(_commit, lake, source, report.path, batch, step)
            if on_batch:
                on_batch(batch, report)
        if pending:
            _count(report, *pending)


def _reached(report: LoadReport, batch: Batch) -> LoadState:
    """How far the load is once this batch, too, is committed."""
    return LoadState(batch.cursor, report.read + batch.read, report.rejected + len(batch.rejects), done=False)


def _commit(lake: Lake, source: str, location: Path, batch: Batch, step: LoadStep) -> LoadResult:
    return lake.append(batch.tables, rejects_table(source, location, batch.rejects), step)


def _count(report: LoadReport, batch: Batch, commit: Future[LoadResult]) -> None:
    """Count a batch once its commit has gone through."""
    result = commit.result()
    report.read += batch.read
    report.rejected += len(batch.rejects)
    report.reasons.update(reject.reason for reject in batch.rejects)
    report.ignored.update(batch.ignored)
    report.unknown.update(batch.unknown)
    report.added.update(result.added)
    report.already.update(result.already)


def _finish(lake: Lake, load_id: str, report: LoadReport) -> None:
    state = LoadState({}, report.read, report.rejected, done=True)
    lake.append({}, None, LoadStep(load_id, state))


def fingerprint(location: Path) -> str:
    """What tells this file from another: its size, when it was last written, a hash of its first and last MiB."""
    try:
        size, written = location.stat().st_size, location.stat().st_mtime_ns
        with location.open("rb") as stream:
            digest = xxhash.xxh3_128(stream.read(_SAMPLE))
            stream.seek(max(size - _SAMPLE, 0))
            digest.update(stream.read(_SAMPLE))
    except OSError as error:
        raise SourceError(f"cannot open {location}: {error.strerror}. Check the path and its permissions.") from error
    return f"{size}-{written}-{digest.hexdigest()}"


@contextmanager
def _no_collector() -> Iterator[None]:
    """Decoding makes millions of short-lived objects and no cycles: looking for cycles would cost a third more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
