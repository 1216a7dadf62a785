"""Metering many series at once: how many accounts each minute, and which series burst."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.signals.floods import kernel

Array = npt.NDArray[np.int64]
Memory = dict[str, npt.NDArray[Any]]
ROOM = 4_096  # bursts that the kernel tells at a time
EVERYBODY = 0  # the series of all accounts together, from which the common rhythm is learned
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Settings:
    """What counts as a burst. Windows, `quiet` and `half` are in bins; a change of any of these is a new version."""

    bin: int = 60  # seconds
    windows: tuple[int, int, int] = (1, 5, 15)
    half: float = 4_320  # the level forgets half of what it knew in so many bins
    quiet: int = 15  # a burst that is over for so many bins has ended
    least: int = 12  # accounts in the window
    evidence: float = 16  # log likelihood ratio; Chernoff: chance passes it about once in e^16 windows
    often: float = 60  # days: the excess that comes more often in this series is not raised
    prior_excess: float = 0.5  # what a series that never burst is taken for: mean log excess ...
    prior_days: float = 14  # ... and so many days of it
    pad: float = 3  # accounts added on both sides of a ratio
    threshold: float = math.log(2)  # log excess from which a burst is counted as one
    prior_count: float = 1
    prior_bins: float = 360  # a new series is taken to have one account in six hours
    memory: float = 1_000  # days in which half of the past bursts is forgotten
    learning: int = 720  # bins after the very first in which nothing is raised: nobody knows yet what is usual

    def numbers(self) -> npt.NDArray[np.float64]:
        """The settings as the kernel takes them."""
        learned = (self.threshold, self.prior_excess, self.pad, self.prior_count, self.prior_bins, self.memory)
        raised = (self.half, self.quiet, self.least, self.evidence, self.often)
        return np.array([_DAY // self.bin, *self.windows, *raised, *learned, self.prior_days], np.float64)


# for counts in bins of five minutes, where only events that fill an hour matter; fixed on three series of `bursts`
EVENTS = Settings(
    bin=300, windows=(1, 12, 12), half=2_016, quiet=6, least=15, evidence=4, often=30, prior_excess=0.3, prior_days=3,
    threshold=math.log(1.25), prior_bins=72, learning=0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Burst:
    """A series far above its own rhythm. Times are seconds since 1970, of the ends of bins."""

    series: int
    raised: int  # when it could be told
    onset: int  # where the window begins that told it
    accounts: int  # in the middle or the wide window when raised, whichever is further above
    expected: float  # in that window
    evidence: float


class Meter:
    """Takes counts in as they come and says which series burst; the same bursts whatever the portions.

    A count is (bin, series, accounts); rows are sorted by bin, and a bin comes whole. Series 0 is everybody.
    """

    def __init__(self, series: int = 1, settings: Settings | None = None, *, everybody: bool) -> None:
        self._settings = settings or Settings()
        self._numbers = self._settings.numbers()
        self._state = kernel.fresh(series + 1)
        self._shared = kernel.fresh_shared()
        self._everybody = everybody
        self._last = np.iinfo(np.int64).min
        self._begin: int | None = None

    def add(self, bins: Array, series: Array, counts: Array) -> list[Burst]:
        """Bursts that are raised in these bins. Raises ValueError when bins come again or out of order."""
        if not len(bins):
            return []
        if bins[0] <= self._last or (np.diff(bins) < 0).any():
            raise ValueError("counts must come in the order of time, and each bin whole")
        self._begin = int(bins[0]) if self._begin is None else self._begin
        self._last = int(bins[-1])
        self._grow(int(series.max()) + 1)
        told = self._begin + self._settings.learning
        raised = (row for row in self._rows(bins, series, counts) if row[kernel.OUT_RAISED] >= told)
        return [self._burst(row) for row in raised]

    def memory(self) -> Memory:
        """All that it knows, as arrays: what `of` makes the same meter of."""
        times = np.array([self._last, np.iinfo(np.int64).min if self._begin is None else self._begin])
        return {"state": self._state, "shared": self._shared, "times": times, "settings": self._numbers}

    @classmethod
    def of(cls, memory: Memory, settings: Settings | None = None, *, everybody: bool) -> Meter:
        """A meter that goes on where another was. Raises ValueError for one of other settings or another layout."""
        meter = cls(settings=settings, everybody=everybody)
        same = memory["state"].shape[1:] == meter._state.shape[1:] and memory["shared"].shape == meter._shared.shape
        if not same or not np.array_equal(memory["settings"], meter._numbers):
            raise ValueError("this memory is of other settings")
        meter._state, meter._shared = memory["state"], memory["shared"]
        last, begin = memory["times"].tolist()
        meter._last, meter._begin = last, None if begin == np.iinfo(np.int64).min else begin
        return meter

    @property
    def usual(self) -> npt.NDArray[np.float64]:
        """Of each series, how many counts it is known by now; what was long ago counts less."""
        ago = np.maximum(self._last - self._state[:, kernel.SEEN], 0)
        now = self._state[:, kernel.COUNTED] * 0.5 ** (ago / self._settings.half)
        return np.where(self._state[:, kernel.SEEN] < 0, 0.0, now)

    @property
    def seen(self) -> npt.NDArray[np.float64]:
        """The bin in which each series was counted last, below 0 where it never was."""
        return self._state[:, kernel.SEEN].copy()

    def keep(self, series: Array) -> None:
        """Forget all series but these and everybody; they are numbered anew from 1, in this order."""
        self._state = np.concatenate([self._state[:1], self._state[series]])

    def _rows(self, bins: Array, series: Array, counts: Array) -> Iterator[npt.NDArray[np.float64]]:
        out, at = np.zeros((ROOM, kernel.OUT_WIDTH)), 0
        while at < len(bins):
            rows, taken = kernel.step(
                series[at:], bins[at:], counts[at:], self._state, self._shared, self._everybody, self._numbers, out
            )
            yield from out[:rows].copy()
            at += taken

    def _grow(self, series: int) -> None:
        have = len(self._state)
        if series > have:
            self._state = np.concatenate([self._state, kernel.fresh(max(series, 2 * have) - have)])

    def _burst(self, row: npt.NDArray[np.float64]) -> Burst:
        width = self._settings.bin
        return Burst(
            int(row[kernel.OUT_SERIES]),
            (int(row[kernel.OUT_RAISED]) + 1) * width,
            int(row[kernel.OUT_ONSET]) * width,
            int(row[kernel.OUT_COUNT]),
            float(row[kernel.OUT_EXPECTED]),
            float(row[kernel.OUT_EVIDENCE]),
        )
