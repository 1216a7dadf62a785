"""What a watcher does just now, in a file of the home that is written whole every second, for whoever wants to see.

It names rules and counts. No account and no text is ever in it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from seawall.lake.files import is_free, write_whole

MINUTES = 60  # that the file remembers
VANISHED = "it ended without saying so"  # why a watcher has stopped that nobody stopped


class WatchState(StrEnum):
    """What a watcher does."""

    READING = "reading"
    WAITING = "waiting"  # to ask again, or to connect again: `why` says which
    STOPPED = "stopped"


class Minute(msgspec.Struct):
    """One minute: what was committed in it."""

    at: datetime
    read: int = 0
    shed: int = 0
    matches: int = 0


class LastMatch(msgspec.Struct):
    """The last rule that matched, and when that was in the lake."""

    rule: str
    title: str
    at: datetime


class Totals(msgspec.Struct):
    """Items since the watcher was first started, ever."""

    read: int = 0
    loaded: int = 0
    rejected: int = 0
    shed: int = 0  # let go because they came too fast
    matches: int = 0


class FloodsNow(msgspec.Struct):
    """Bursts of tags, links and targets of a platform in the last day, told while posts come; in numbers alone."""

    counted: datetime  # every minute before it
    bursts: int = 0
    pushed: int = 0
    unclear: int = 0
    last: datetime | None = None  # when the last that is no organic one was raised


class NewcomersNow(msgspec.Struct):
    """New and renamed accounts of the last day that were compared with the suspended; in numbers alone."""

    suspended: int
    asked: int = 0  # an account that is asked about again counts again
    likely: int = 0  # of those: may be a return
    listed: int = 0  # of those: stand above the line over conduct of their own
    last: datetime | None = None  # when the last was told to be likely


class Status(msgspec.Struct):
    """A watcher. Times are UTC, rates items a second, `lag` seconds."""

    name: str
    kind: str
    platform: str
    address: str = ""
    state: WatchState = WatchState.STOPPED
    why: str = ""  # why it waits or has stopped
    failing: bool = False  # `why` is trouble: the server does not give it, or the watcher broke
    until: datetime | None = None  # when it asks again
    since: datetime | None = None  # when this state began
    updated: datetime | None = None  # when this was written
    rate_1: float = 0.0  # over a minute
    rate_5: float = 0.0  # over five
    through: datetime | None = None  # all that was posted before is in the lake, but for what the platform gives late
    lag: float | None = None  # how old the newest post was when it was in the lake; None: no post came yet
    waiting: int = 0  # items between the network and the lake
    totals: Totals = msgspec.field(default_factory=Totals)
    last_match: LastMatch | None = None
    unknown: dict[str, datetime] = msgspec.field(default_factory=dict)  # fields the source does not know, since when
    floods: FloodsNow | None = None  # None: no minute is counted yet
    newcomers: NewcomersNow | None = None  # of all platforms of the home; None: nobody asks
    reconnects: int = 0  # since the watcher was started
    minutes: list[Minute] = msgspec.field(default_factory=list)  # the last hour's, oldest first; those with nothing out

    @property
    def shed_lately(self) -> int:
        """Items let go in the minutes that are remembered."""
        return sum(minute.shed for minute in self.minutes)


def path_of(home: Path, name: str) -> Path:
    """Where a watcher's status is."""
    return home / "watch" / f"{name}.json"


def lock_of(home: Path, name: str) -> Path:
    """The file that a watcher holds locked while it runs."""
    return home / "watch" / f"{name}.lock"


def write_status(home: Path, status: Status) -> None:
    """Write a status whole, in place of the last one."""
    path = path_of(home, status.name)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    content = msgspec.json.encode(status)
    write_whole(path, lambda stream: stream.write(content))


def read_status(home: Path, name: str) -> Status | None:
    """What a watcher last said of itself; None if it never ran here. One that was killed counts as stopped."""
    try:
        status = msgspec.json.decode(path_of(home, name).read_bytes(), type=Status)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if status.state != WatchState.STOPPED and not is_running(home, name):
        status.state, status.since, status.until = WatchState.STOPPED, status.updated, None
        status.why, status.failing = VANISHED, True
    return status


def is_running(home: Path, name: str) -> bool:
    """Whether a process watches under this name."""
    lock = lock_of(home, name)
    return lock.exists() and not is_free(lock)


def forget_status(home: Path, name: str) -> None:
    """Let go of what a watcher said."""
    for path in (path_of(home, name), lock_of(home, name)):
        path.unlink(missing_ok=True)
