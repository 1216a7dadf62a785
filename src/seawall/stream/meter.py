"""The meter of a watcher: counts what is committed and keeps the status that others read. Threads may share it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from seawall.stream.status import (
    MINUTES,
    FloodsNow,
    LastMatch,
    Minute,
    NewcomersNow,
    Status,
    Totals,
    WatchState,
    read_status,
    write_status,
)

_MOST_UNKNOWN = 500  # names of fields that are remembered
Tell = Callable[[str], None]


class Meter:
    """One watcher's counts and state."""

    def __init__(self, home: Path, status: Status, totals: Totals, tell: Tell) -> None:
        before = read_status(home, status.name)
        if before:  # the hour, the last match and what was told once go on
            status.minutes, status.last_match = before.minutes, before.last_match
            status.unknown = before.unknown
        status.totals = totals
        self._home, self._status, self._tell = home, status, tell
        self._turn = threading.Lock()
        self._seconds: deque[tuple[float, int]] = deque()  # when, and how many items were committed
        self._began = time.monotonic()
        self._newest: datetime | None = None
        self._heard: datetime | None = None  # all that was posted before has at least been put into the backlog
        self._last_commit = datetime.now(UTC)
        self._shed_told: datetime | None = None  # the minute whose let-go items were told last

    def reading(self) -> None:
        """The server answers."""
        self._to(WatchState.READING, "", failing=False, until=None)

    def waiting(self, why: str, seconds: float, *, failing: bool) -> None:
        """The server is asked again in so many seconds."""
        with self._turn:
            self._status.reconnects += failing
        if failing:
            self._tell(f"{why.rstrip('. ')}. Again in {seconds:.0f} s.")
        self._to(WatchState.WAITING, why, failing=failing, until=datetime.now(UTC) + timedelta(seconds=seconds))

    def stopped(self, why: str, *, failing: bool) -> None:
        """Nothing more is read."""
        self._to(WatchState.STOPPED, why, failing=failing, until=None)

    def _to(self, state: WatchState, why: str, *, failing: bool, until: datetime | None) -> None:
        with self._turn:
            status = self._status
            if (status.state, status.why) != (state, why):
                status.since = datetime.now(UTC)
            status.state, status.why, status.failing, status.until = state, why, failing, until

    def committed(self, read: int, rejected: int, shed: int, newest: datetime | None) -> None:
        """So many items are in the lake or rejected, and so many were let go before them."""
        now = datetime.now(UTC)
        with self._turn:
            totals = self._status.totals
            totals.read, totals.rejected = totals.read + read, totals.rejected + rejected
            totals.loaded, totals.shed = totals.read - totals.rejected, totals.shed + shed
            minute = self._minute(now)
            minute.read, minute.shed = minute.read + read, minute.shed + shed
            self._seconds.append((time.monotonic(), read))
            self._last_commit = now
            if newest:
                self._newest = min(max(newest, self._newest or newest), now)

    def had_all(self, at: datetime) -> None:
        """The server gave all that was posted before a moment. Called once all of it waits or is in the lake."""
        with self._turn:
            self._heard = at

    def heard(self) -> datetime | None:
        """What `had_all` said last: it holds for the lake once what waits after this was asked is there."""
        with self._turn:
            return self._heard

    def through(self, *moments: datetime | None) -> None:
        """All that was posted before the latest of these moments is in the lake."""
        with self._turn:
            told = [at for at in (*moments, self._status.through) if at]
            self._status.through = min(max(told), datetime.now(UTC)) if told else None

    def beside(self, floods: FloodsNow | None, newcomers: NewcomersNow | None) -> None:
        """What others find in what comes: the platform's floods, and newcomers of the home."""
        with self._turn:
            self._status.floods, self._status.newcomers = floods, newcomers

    def matched(self, rule: str, title: str, count: int) -> None:
        """So many new posts matched a rule."""
        now = datetime.now(UTC)
        with self._turn:
            self._status.totals.matches += count
            self._minute(now).matches += count
            self._status.last_match = LastMatch(rule, title, now)

    def unknown(self, names: Iterable[str]) -> None:
        """Fields that the source does not know: each is told once, however often the watcher starts anew."""
        with self._turn:
            known = self._status.unknown
            new = [name for name in names if name not in known][: max(_MOST_UNKNOWN - len(known), 0)]
            known.update(dict.fromkeys(new, datetime.now(UTC)))
        for name in new:
            self._tell(f"the platform sends a field that Seawall does not know: {name}")

    def write(self, waiting: int) -> None:
        """Write the status, and tell how many items were let go in the minute that is over."""
        with self._turn:
            over = self._shed_over()
            status = self._now(waiting)
            write_status(self._home, status)
        if over:
            self._tell(f"{over.shed:,} items were let go in the minute of {over.at:%H:%M} UTC: they came too fast")

    def status(self, waiting: int = 0) -> Status:
        """The status as it is now."""
        with self._turn:
            return self._now(waiting)

    def _now(self, waiting: int) -> Status:
        status, now = self._status, datetime.now(UTC)
        while self._seconds and self._seconds[0][0] < time.monotonic() - 300:
            self._seconds.popleft()
        status.rate_1, status.rate_5 = self._rate(60), self._rate(300)
        status.waiting, status.updated = waiting, now
        if self._newest:
            status.lag = round(((now if waiting else self._last_commit) - self._newest).total_seconds(), 3)
        status.minutes = [minute for minute in status.minutes if now - minute.at < timedelta(minutes=MINUTES)]
        return status

    def _rate(self, seconds: int) -> float:
        since = time.monotonic() - seconds
        run = min(max(time.monotonic() - self._began, 1), seconds)
        return round(sum(read for at, read in self._seconds if at >= since) / run, 2)

    def _minute(self, now: datetime) -> Minute:
        at = now.replace(second=0, microsecond=0)
        if not self._status.minutes or self._status.minutes[-1].at != at:
            self._status.minutes.append(Minute(at))
        return self._status.minutes[-1]

    def _shed_over(self) -> Minute | None:
        """The last minute that is over, if items were let go in it and that was not told."""
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        shed = [m for m in self._status.minutes if m.shed and m.at < now and m.at >= now - timedelta(minutes=2)]
        if not shed or shed[-1].at == self._shed_told:
            return None
        self._shed_told = shed[-1].at
        return shed[-1]
