"""Floods as posts come: minutes are counted once they are over, and what bursts is judged again as more of it is seen.

Counts are taken from the lake, whatever brought the posts there. The same bursts are raised as when a survey looks at
the whole lake: the meter is the same, and a series is one whichever number it has. Series are remembered by a hash of
what names them, so that no word and no handle outlives its posts here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.graph.likeness import wide_hashes
from seawall.signals.contract import Facts
from seawall.signals.floods.meter import EVERYBODY, Burst, Memory, Meter, Settings
from seawall.signals.floods.scenes import COUNTED, HISTORY, SOON
from seawall.signals.floods.series import SERIES, uses
from seawall.signals.floods.survey import Row, judged

MOST = 250_000  # series of a platform that are remembered; those with the least use go first
REACH = timedelta(days=28)  # so far a lake is looked back at, and a series that is not used is remembered
MOST_POSTS = 2_000_000  # that a burst is judged among: a week, or fewer days where more come
LASTS = 60 * (SOON + COUNTED)  # seconds after a burst was raised: then all of it is counted
FORM = 1  # of what is remembered: series are hashes, and those of another form could not be told
_OFTEN = 5  # minutes after a burst was raised, in which it is judged every minute; then every fifth
_DAY = 86_400
Array = npt.NDArray[Any]


class Raised(NamedTuple):
    """A burst that goes on, or of which an hour is not over."""

    kind: str
    value: str
    burst: Burst


class LiveFloods:
    """The floods of one platform. `counted`: seconds since 1970 up to which every minute is counted, 0 before any."""

    def __init__(self, platform: str, settings: Settings | None = None) -> None:
        self.platform, self.settings = platform, settings or Settings()
        self.counted = 0
        self.going_on: list[Raised] = []
        self._meter = Meter(settings=self.settings, everybody=True)
        self._keys, self._numbers = np.empty(0, np.uint64), np.empty(0, np.int64)  # sorted by key
        self._due = False

    def count(self, facts: Facts, until: datetime) -> list[Raised]:
        """Count the minutes that are over by then, and say what was raised in them. Posts that come for minutes which
        are counted already count for a survey only."""
        width = self.settings.bin
        end = int(until.timestamp()) // width * width
        begin = max(self.counted, end - int(REACH.total_seconds()))
        if end <= begin:
            return []
        posts = facts.posts.filter(pl.col("platform") == self.platform)
        if not self.counted:
            begin = max(begin, _first(posts, end))
        raised: list[Raised] = []
        for since, to in _days(begin, end):
            raised += self._add(posts.filter(_within(since, to)))
        self.counted = end
        self.going_on = [its for its in (*self.going_on, *raised) if its.burst.raised + LASTS > begin]
        minutes = ((self.counted - its.burst.raised) // 60 for its in self.going_on)
        over = any(its.burst.raised + LASTS <= self.counted for its in self.going_on)
        self._due |= over or end - begin > width or any(ago <= _OFTEN or ago % _OFTEN == 0 for ago in minutes)
        return raised

    @property
    def due(self) -> bool:
        """Whether something is to be judged, for the first time or again."""
        return self._due and bool(self.going_on)

    def judged(self, facts: Facts) -> tuple[list[Row], list[Row]]:
        """Rows of `records.floods`, as far as is known by now: of bursts that are over, and of those that go on. The
        first are given once. History is a week, or as much as `MOST_POSTS` are."""
        self._due = False
        if not self.going_on:
            return [], []
        least_onset = min(its.burst.onset for its in self.going_on)
        mine = pl.col("platform") == self.platform
        posts = facts.posts.filter(mine, _within(least_onset - HISTORY, self.counted))
        posts = posts.filter(pl.col("at") >= _fitting(posts))
        names = pl.DataFrame(
            [(its.kind, its.value) for its in self.going_on], dict.fromkeys(SERIES, pl.String), orient="row"
        )
        names = names.unique().sort(SERIES).with_row_index("series", EVERYBODY + 1)
        numbers = {(kind, value): n for n, kind, value in names.iter_rows()}
        bursts = [_numbered(its.burst, numbers[its.kind, its.value]) for its in self.going_on]
        rows = judged(self.platform, bursts, names, posts, facts.accounts.filter(mine), self.settings.least)
        now = datetime.fromtimestamp(self.counted, UTC)
        for row in rows:
            row["told"] = min(row["told"], now)
            row["curve"] = [point for point in row["curve"] if point["at"] < now]
        ends = {its[:2]: its.burst.raised for its in self.going_on if its.burst.raised + LASTS <= self.counted}
        self.going_on = [its for its in self.going_on if its.burst.raised + LASTS > self.counted]
        over = [0 <= _since_raised(row, ends.get((row["kind"], row["value"]))) <= 60 * SOON for row in rows]
        return [row for row, ended in zip(rows, over, strict=True) if ended], [
            row for row, ended in zip(rows, over, strict=True) if not ended
        ]

    def memory(self) -> Memory:
        """All that it knows, to be kept: counts, hashes of series, and what bursts just now."""
        self._forget()
        told = msgspec.json.encode([(*its[:2], msgspec.structs.astuple(_Kept.of(its.burst))) for its in self.going_on])
        return {
            **self._meter.memory(),
            "keys": self._keys,
            "numbers": self._numbers,
            "counted": np.array([self.counted, FORM]),
            "going_on": np.frombuffer(told, np.uint8),
        }

    @classmethod
    def of(cls, platform: str, memory: Memory, settings: Settings | None = None) -> LiveFloods:
        """One that goes on where another was. Raises ValueError for a memory of another form or other settings."""
        live = cls(platform, settings)
        live.counted, form = memory["counted"].tolist()
        if form != FORM:
            raise ValueError("this memory is of another form")
        live._meter = Meter.of(memory, live.settings, everybody=True)
        live._keys, live._numbers = memory["keys"], memory["numbers"]
        kept = msgspec.json.decode(memory["going_on"].tobytes(), type=list[tuple[str, str, _Kept]])
        live.going_on = [Raised(kind, value, its.burst()) for kind, value, its in kept]
        live._due = bool(kept)
        return live

    def _add(self, posts: pl.LazyFrame) -> list[Raised]:
        """Count some whole minutes."""
        at = (pl.col("at").dt.epoch("s") // self.settings.bin).alias("bin")
        accounts = pl.col("account_id").n_unique().cast(pl.Int64).alias("accounts")
        each, together = pl.collect_all(
            [uses(posts).group_by(at, *SERIES).agg(accounts), posts.group_by(at).agg(accounts)]
        )
        if not together.height:
            return []
        numbers = self._numbered(each)
        bins = np.concatenate([together["bin"].to_numpy(), each["bin"].to_numpy()])
        series = np.concatenate([np.full(together.height, EVERYBODY), numbers])
        counts = np.concatenate([together["accounts"].to_numpy(), each["accounts"].to_numpy()])
        order = np.lexsort((series, bins))
        bursts = self._meter.add(bins[order], series[order], counts[order])
        if not bursts:
            return []
        asked = each.with_columns(pl.Series("series", numbers)).filter(
            pl.col("series").is_in([burst.series for burst in bursts])
        )
        called = {n: (kind, value) for kind, value, n in asked.select(*SERIES, "series").unique().iter_rows()}
        return [Raised(*called[burst.series], burst) for burst in bursts]

    def _numbered(self, each: pl.DataFrame) -> Array:
        """The numbers of series, new ones among them."""
        named = each.select(pl.concat_str(SERIES, separator=":")).to_series()
        lengths = named.str.len_bytes().to_numpy().astype(np.int64)
        data = np.frombuffer("".join(named.to_list()).encode(), np.uint8)
        keys = np.empty(len(named), np.uint64)
        wide_hashes(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), data, keys)
        new = np.setdiff1d(keys, self._keys)
        if len(new):
            numbers = np.concatenate([self._numbers, 1 + len(self._numbers) + np.arange(len(new))])
            both = np.concatenate([self._keys, new])
            order = np.argsort(both)
            self._keys, self._numbers = both[order], numbers[order]
        return self._numbers[np.searchsorted(self._keys, keys)] if len(keys) else np.empty(0, np.int64)

    def _forget(self) -> None:
        """Let go of series that were not used for long and, where there are too many, of those used least."""
        seen, usual = self._meter.seen[self._numbers], self._meter.usual[self._numbers]
        since = (self.counted - int(REACH.total_seconds())) // self.settings.bin
        kept = np.flatnonzero(seen >= since)
        if len(kept) > MOST:
            kept = np.sort(kept[np.argsort(-usual[kept], kind="stable")[:MOST]])
        if len(kept) < len(self._keys):
            self._meter.keep(self._numbers[kept])
            self._keys, self._numbers = self._keys[kept], 1 + np.arange(len(kept))


class _Kept(msgspec.Struct, array_like=True):
    """A burst as it is kept: the number of its series is none beside its name."""

    raised: int
    onset: int
    accounts: int
    expected: float
    evidence: float

    @classmethod
    def of(cls, burst: Burst) -> _Kept:
        return cls(burst.raised, burst.onset, burst.accounts, burst.expected, burst.evidence)

    def burst(self) -> Burst:
        return Burst(EVERYBODY, self.raised, self.onset, self.accounts, self.expected, self.evidence)


def _since_raised(row: Row, raised: int | None) -> float:
    """Seconds from when counts raised a burst to when different accounts enough had come; below 0: it is none."""
    return -1.0 if raised is None else row["raised"].timestamp() - raised


def _numbered(burst: Burst, series: int) -> Burst:
    return Burst(series, burst.raised, burst.onset, burst.accounts, burst.expected, burst.evidence)


def _days(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """A stretch of time in parts of a day, so that a long one takes no more memory than a day does."""
    for since in range(begin, end, _DAY):
        yield since, min(since + _DAY, end)


def _first(posts: pl.LazyFrame, end: int) -> int:
    """The minute of the first post; the end where there is none."""
    first = posts.select(pl.col("at").min().dt.epoch("s")).collect().item()
    return end if first is None else min(int(first) // 60 * 60, end)


def _within(since: int, to: int) -> pl.Expr:
    """From one moment up to and before another."""
    begin, end = (pl.lit(datetime.fromtimestamp(at, UTC)) for at in (since, to))
    return (pl.col("at") >= begin) & (pl.col("at") < end)


def _fitting(posts: pl.LazyFrame) -> datetime:
    """The earliest hour from which on there are no more than `MOST_POSTS`."""
    hours = posts.group_by(pl.col("at").dt.truncate("1h").alias("hour")).len().sort("hour", descending=True).collect()
    fits = hours.filter(pl.col("len").cum_sum() <= MOST_POSTS)["hour"]
    newest = hours["hour"].max()
    at = fits.min() if len(fits) else newest
    return at if isinstance(at, datetime) else datetime.fromtimestamp(0, UTC)
