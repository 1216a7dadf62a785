"""Media as they come: files of posts that just came to the lake are taken from a shelf, or fetched where a home says
so, hashed, and let go. Beside the stream, as a process of its own: no post waits for a picture.

So many files wait at most; those that come while so many wait are let go and counted: `seawall media hash` can still
take them from an export. Pictures do not wait behind videos.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Any, NamedTuple, Protocol

import polars as pl

from seawall.lake import Lake
from seawall.lake.files import locked_if_free
from seawall.media.clips import Clips
from seawall.media.fetching import Fetcher, NotNowError
from seawall.media.hashing import HASHER, ITEM, KINDS, Hashed, Print, hashed_as, keep
from seawall.media.shelf import MediaError, PictureError, Shelf
from seawall.records.terms import HashKind, MediaKind

WAITING = 2_000  # files that wait at most, of pictures and of clips each
PACE = 0.25  # seconds between two commits, and between two looks at the lake
PATIENCE = 60.0  # seconds in which a file may still come after its post
TRIES, AGAIN = 3, 5.0  # how often a server is asked for a file, and seconds between
_LOOKED_AGAIN = 2.0  # seconds between two looks at a shelf for files that were not there
_REMEMBERED, _KNOWN = 200_000, 10_000  # media that are not looked at again; files whose hashes are known
_QUICK = frozenset({MediaKind.PHOTO.value, MediaKind.FILE.value})
LOCK = Path("watch") / ".media.lock"


class Stop(Protocol):
    """How following is told to end."""

    def wait(self, seconds: float, /) -> bool:
        """Wait so long at most; whether it was told."""


@dataclass(slots=True)
class ArrivedReport:
    """What was done since following began."""

    media: int = 0  # that came, of kinds that can be hashed, not hashed before
    hashed: int = 0
    fetched: int = 0  # of those hashed, from their servers
    shed: int = 0  # let go because so many waited
    no_file: int = 0  # nowhere to take them from
    failed: Counter[str] = field(default_factory=Counter)  # why some were not read
    waiting: int = 0

    def as_dict(self) -> dict[str, object]:
        """The form that `seawall media follow --json` prints."""
        counts = ("media", "hashed", "fetched", "shed", "no_file", "waiting")
        return {**{name: getattr(self, name) for name in counts}, "failed": dict(self.failed)}


class _Wanted(NamedTuple):
    row: dict[str, Any]
    shelf: Shelf | None  # where its file is; None: it is fetched
    name: str
    tries: int = 0


class _Done(NamedTuple):
    wanted: _Wanted
    prints: Print | None
    hashed: list[Hashed]
    why: str = ""  # it was not read
    again: bool = False  # but may be


class Arriving:
    """Follows the media of a home's lake. One process a home does. Raises MediaError for a shelf that is none."""

    def __init__(
        self, home: Path, shelves: Iterable[Path], fetcher: Fetcher | None, clips: Clips, waiting: int = WAITING,
        threads: int = 2,
    ) -> None:  # fmt: skip
        self.report = ArrivedReport()
        self._home, self._fetcher, self._clips, self._most = home, fetcher, clips, waiting
        self._places = list(shelves)
        self._shelves = [Shelf(place) for place in self._places]
        self._looked = time.monotonic()
        self._lanes: dict[bool, Queue[_Wanted | None]] = {quick: Queue(waiting) for quick in (True, False)}
        self._workers = {True: threads, False: 1}
        self._results: Queue[_Done | BaseException] = Queue()
        self._later: deque[tuple[float, float, _Wanted]] = deque()  # when again, until when
        self._under_way = 0
        self._files: frozenset[str] = frozenset()
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._known: OrderedDict[tuple[str, HashKind], list[Hashed]] = OrderedDict()

    def run(
        self, stop: Stop, on_change: Callable[[ArrivedReport], None] | None = None, *,
        once: bool = False, patience: float | None = None,
    ) -> None:  # fmt: skip
        """Until told to end; or, once, until all that is there was hashed. A file may come `patience` seconds after its
        post. Raises MediaError if another follows."""
        wait = PATIENCE if patience is None else patience
        with _alone(self._home), Lake(self._home) as lake, self._working():
            while True:
                changed = self._take_in(lake, wait) | self._let_in(lake)
                if changed and on_change:
                    on_change(self.report)
                if once and not self._under_way and not self._later:
                    return
                if stop.wait(0 if changed else PACE):
                    return

    @contextmanager
    def _working(self) -> Iterator[None]:
        workers = [
            threading.Thread(target=self._work, args=(lane,), daemon=True, name="media")
            for quick, lane in self._lanes.items()
            for _ in range(self._workers[quick])
        ]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            for lane in self._lanes.values():
                with lane.mutex:
                    lane.queue.clear()
            for quick, lane in self._lanes.items():
                for _ in range(self._workers[quick]):
                    lane.put(None)

    def _take_in(self, lake: Lake, patience: float) -> bool:
        """Let what came since the last look wait for its turn; whether anything did."""
        came = self._come(lake)
        self.report.media += len(came)
        ends = time.monotonic() + patience
        for row, wanted in zip(came, self._placed(came), strict=True):
            if wanted:
                self._queue(wanted)
            elif self._places and row["url"]:
                self._wait(_Wanted(row, None, ""), _LOOKED_AGAIN, ends)
            else:
                self.report.no_file += 1
        return self._look_again() or bool(came)

    def _come(self, lake: Lake) -> list[dict[str, Any]]:
        """Media that came and were not hashed, newest first."""
        files = frozenset(file.path for file in lake.manifest.files("media"))
        if files == self._files:
            return []
        with lake.snapshot() as snapshot:
            paths = snapshot.files("media")
            new = [path for path in paths if str(path.relative_to(self._home)) not in self._files]
            self._files = frozenset(str(path.relative_to(self._home)) for path in paths)
            if not new:
                return []
            done = snapshot.scan("hashes").filter(hasher=HASHER).select(ITEM).unique()
            rows = (
                pl.scan_parquet(new)
                .filter(pl.col("kind").is_in(list(KINDS)))
                .select(*ITEM, "account_id", "at", "url", "kind")
                .unique(ITEM)
                .join(done, on=ITEM, how="anti")
                .sort("at", *ITEM, descending=True, nulls_last=True)
                .collect()
            )
        return [row for row in rows.iter_rows(named=True) if self._is_new(row)]

    def _is_new(self, row: dict[str, Any]) -> bool:
        """Whether it was not looked at before: files of the lake that were joined bring all their rows again."""
        key = hash(tuple(row[name] for name in ITEM))
        if key in self._seen:
            return False
        _remember(self._seen, key, None, _REMEMBERED)
        return True

    def _placed(self, rows: list[dict[str, Any]]) -> list[_Wanted | None]:
        """Where each file is: on a shelf, or else at its server."""
        found: list[_Wanted | None] = [None] * len(rows)
        for shelf in self._shelves:
            for n, name in enumerate(shelf.files_of(rows)):
                if name and not found[n]:
                    found[n] = _Wanted(rows[n], shelf, name)
        for n, row in enumerate(rows):
            if not found[n] and self._fetcher and self._fetcher.fetches(row["url"]):
                found[n] = _Wanted(row, None, str(row["url"]))
        return found

    def _queue(self, wanted: _Wanted) -> None:
        try:
            self._lanes[wanted.row["kind"] in _QUICK].put_nowait(wanted)
            self._under_way += 1
        except Full:
            self.report.shed += 1

    def _wait(self, wanted: _Wanted, seconds: float, ends: float) -> None:
        if len(self._later) < self._most:
            self._later.append((time.monotonic() + seconds, ends, wanted))
        else:
            self.report.shed += 1

    def _look_again(self) -> bool:
        """For files that were not there, or that a server did not give: whether any's turn came."""
        now = time.monotonic()
        due = [waits for waits in self._later if waits[0] <= now]
        if not due:
            return False
        self._later = deque(waits for waits in self._later if waits[0] > now)
        took = self._shelved_anew(now) if any(not wanted.name for *_, wanted in due) else 0.0
        missing = [(ends, wanted) for _, ends, wanted in due if not wanted.name]
        for (ends, wanted), found in zip(missing, self._placed([w.row for _, w in missing]), strict=True):
            if found:
                self._queue(found)
            elif now < ends:
                self._wait(wanted, max(_LOOKED_AGAIN, 10 * took), ends)
            else:
                self.report.no_file += 1
        for *_, wanted in due:
            if wanted.name:
                self._queue(wanted)
        return True

    def _shelved_anew(self, began: float) -> float:
        """Look at what stands on the shelves now; how long that took."""
        self._shelves = [Shelf(place) for place in self._places]
        return time.monotonic() - began

    def _work(self, lane: Queue[_Wanted | None]) -> None:
        while (wanted := lane.get()) is not None:
            try:
                self._results.put(self._one(wanted))
            except BaseException as error:  # noqa: BLE001 - raised again by the thread that follows
                self._results.put(error)
                return

    def _one(self, wanted: _Wanted) -> _Done:
        try:
            content = self._content(wanted)
        except PictureError as error:
            return _Done(wanted, None, [], str(error))
        except NotNowError as error:
            return _Done(wanted, None, [], str(error), again=wanted.tries + 1 < TRIES)
        its, hashed = Print.of(content), []
        for kind in KINDS[wanted.row["kind"]]:
            known = self._known.get((its.sha256, kind))
            hashed += known if known is not None else hashed_as(content, kind, self._clips)
        return _Done(wanted, its, hashed)

    def _content(self, wanted: _Wanted) -> bytes:
        if wanted.shelf:
            return wanted.shelf.content(wanted.name)
        assert self._fetcher is not None
        return self._fetcher.content(wanted.name)

    def _let_in(self, lake: Lake) -> bool:
        """Commit what was hashed since the last look; whether anything was."""
        done = list(self._finished())
        self._under_way -= len(done)
        whole = [one for one in done if one.prints]
        if whole:
            keep(lake, [one.wanted.row for one in whole], [(one.prints, one.hashed) for one in whole])
        self.report.hashed += len(whole)
        self.report.fetched += sum(one.wanted.shelf is None for one in whole)
        for one in whole:
            if one.prints:
                for kind in KINDS[one.wanted.row["kind"]]:
                    its = [hashed for hashed in one.hashed if hashed.kind is kind]
                    _remember(self._known, (one.prints.sha256, kind), its, _KNOWN)
        for one in done:
            if one.again:
                self._wait(one.wanted._replace(tries=one.wanted.tries + 1), AGAIN, 0.0)
            elif one.why:
                self.report.failed[one.why] += 1
            self.report.failed.update(hashed.why for hashed in one.hashed if hashed.why)
        self.report.waiting = self._under_way + len(self._later)
        return bool(done)

    def _finished(self) -> Iterator[_Done]:
        """What was done since the last look. Raises what ended a worker."""
        wait = PACE if self._under_way else 0.0
        while True:
            try:
                found = self._results.get(timeout=wait) if wait else self._results.get_nowait()
            except Empty:
                return
            if isinstance(found, BaseException):
                raise found
            yield found
            wait = 0.0


def _remember(held: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    """Keep it; what was kept longest goes once there are too many."""
    held[key] = value
    while len(held) > most:
        held.popitem(last=False)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One process a home. Raises MediaError."""
    path = home / LOCK
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with locked_if_free(path) as free:
        if not free:
            raise MediaError("media of this home are followed by another process already")
        yield
