"""How well bursts are told in series of counts with labelled windows, such as NAB's (Lavin and Ahmad, ICMLA 2015).

Alarms are the moments at which bursts are raised; alarms less than a day apart are one event. The first 15% of a
series is for learning: nothing in it counts. A window is found when an alarm lies in it; an event is false when none
of its alarms lies in a window. Precision is windows found / (windows found + false events), recall windows found /
windows, and F1 their harmonic mean. Beside it, in the same run, the plain rule: a count above the .999 quantile of the
seven days before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seawall.measure.truth import Cells, Rejected, TruthError, also, read_rows
from seawall.signals.floods import EVENTS, Meter, Settings

APART, LEARNING = 86_400, 0.15
QUANTILE, WEEK = 0.999, 7 * 86_400
_WIDTHS = {300: EVENTS, 60: Settings()}
_DRAWS = 2_000
Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Series:
    """Counts in bins of one width, and the windows in which something truly happened. Times in seconds since 1970."""

    name: str
    width: int
    at: Array
    counts: Array
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What one method said about one series."""

    found: int
    windows: int
    false_events: int
    alarms: int
    alarms_in_windows: int
    minutes: tuple[float, ...]  # from the beginning of each window found to its first alarm
    from_middle: tuple[float, ...]  # the same from the middle, where NAB's labels put the moment


@dataclass(frozen=True, slots=True)
class Floods:
    """All series by one method; the interval is a bootstrap over series, none for fewer than three."""

    f1: float
    low: float | None
    high: float | None
    precision: float
    recall: float
    false_events: int
    windows: int
    median_minutes: float | None
    median_from_middle: float | None
    series: dict[str, Told]

    def as_dict(self) -> dict[str, object]:
        """The form that `--json` prints."""
        return asdict(self)


def evaluate_floods(series: Sequence[Series]) -> dict[str, Floods]:
    """The signal and the plain rule on the same series. Settings are fixed: nothing is fitted here."""
    return {
        "floods": _all(series, [_signal(s) for s in series]),
        "quantile": _all(series, [_quantile(s) for s in series]),
    }


def read_series(paths: Sequence[Path], truth: Path, rejected: list[Rejected] | None = None) -> list[Series]:
    """CSV files with columns timestamp and value, and their windows.

    Windows and rows that cannot be used are added to `rejected`. Raises TruthError saying what is wrong with the rest.
    """
    rejected = [] if rejected is None else rejected
    windows = _windows(truth, {path.name for path in paths}, rejected)
    return [_read(path, windows, rejected) for path in paths]


def _windows(truth: Path, wanted: set[str], rejected: list[Rejected]) -> dict[str, tuple[tuple[int, int], ...]]:
    try:
        given = json.loads(truth.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise TruthError(f"{truth}: not a JSON object of file name -> [[begin, end], ...] ({error}).") from error
    if not isinstance(given, dict) or not all(isinstance(its, list) for its in given.values()):
        raise TruthError(f"{truth}: not a JSON object of file name -> [[begin, end], ...].")
    return {
        Path(name).name: tuple(window for one in its if (window := _window(name, one, rejected)))
        for name, its in given.items()
        if Path(name).name in wanted
    }


def _window(name: str, given: object, rejected: list[Rejected]) -> tuple[int, int] | None:
    try:
        begin, end = (_seconds(text) for text in (given if isinstance(given, list) else ()))
    except (ValueError, TypeError) as error:
        rejected.append(Rejected(0, f"a window is [begin, end], two times ({error})", f"{name} {json.dumps(given)}"))
        return None
    if begin > end:
        rejected.append(Rejected(0, "a window ends before it begins", f"{name} {json.dumps(given)}"))
        return None
    return begin, end


def _read(path: Path, windows: dict[str, tuple[tuple[int, int], ...]], rejected: list[Rejected]) -> Series:
    if path.name not in windows:
        raise TruthError(f"the truth file has no windows for {path.name}; an empty list says that it has none.")
    last: int | None = None

    def row(cells: Cells) -> tuple[int, int]:
        nonlocal last
        try:
            at, count = _seconds(cells["timestamp"]), round(float(cells["value"]))
        except (ValueError, OverflowError) as error:
            raise TruthError(f"{path.name}: needs a timestamp (ISO 8601) and a value, a count ({error})") from error
        if count < 0:
            raise TruthError(f"{path.name}: a count is never negative")
        if last is not None and at < last:
            raise TruthError(f"{path.name}: comes before the row above it")
        last = at
        return at, count

    rows = read_rows(path, ("timestamp", "value"), row, rejected)
    if len(rows) < 2:
        raise TruthError(f"{path}: needs two rows or more{also(rejected)}")
    at, counts = np.array(rows, np.int64).T
    width = int(np.median(np.diff(at)))
    if width not in _WIDTHS:
        raise TruthError(f"{path}: its bins are {width} seconds wide; there are settings for {sorted(_WIDTHS)}.")
    return Series(path.name, width, at, counts, windows[path.name])


def _seconds(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _signal(series: Series) -> Array:
    meter = Meter(1, _WIDTHS[series.width], everybody=False)
    bins, first = np.unique(series.at // series.width, return_index=True)
    counts = np.add.reduceat(series.counts, first)
    begin = series.at[first] - bins * series.width  # files' bins seldom begin at a full minute
    bursts = meter.add(bins, np.ones(len(bins), np.int64), counts)
    ends = (bins + 1) * series.width
    return np.array([b.raised + int(begin[np.searchsorted(ends, b.raised)]) - series.width for b in bursts], np.int64)


def _quantile(series: Series) -> Array:
    week, day = WEEK // series.width, APART // series.width
    counts = series.counts
    above = [
        i for i in range(day, len(counts)) if counts[i] > np.quantile(counts[max(0, i - week) : i], QUANTILE)
    ]  # fmt: skip
    return series.at[np.array(above, np.int64)]


def _all(series: Sequence[Series], alarms: Sequence[Array]) -> Floods:
    told = [_told(s, a) for s, a in zip(series, alarms, strict=True)]
    low, high = _interval(told)
    minutes = [m for t in told for m in t.minutes]
    middles = [m for t in told for m in t.from_middle]
    precision, recall, f1 = _rates(told)
    return Floods(
        f1, low, high, precision, recall, sum(t.false_events for t in told), sum(t.windows for t in told),
        float(np.median(minutes)) if minutes else None, float(np.median(middles)) if middles else None,
        {s.name: t for s, t in zip(series, told, strict=True)},
    )  # fmt: skip


def _told(series: Series, alarms: Array) -> Told:
    begin = int(series.at[int(len(series.at) * LEARNING)])
    alarms = alarms[alarms >= begin]
    windows = [(max(a, begin), b, (a + b) / 2) for a, b in series.windows if b >= begin]
    inside = np.zeros(len(alarms), bool)
    firsts = []
    for a, b, middle in windows:
        its = (alarms >= a) & (alarms <= b)
        inside |= its
        if its.any():
            first = int(alarms[its][0])
            firsts.append(((first - a) / 60, (first - middle) / 60))
    events = np.cumsum(np.diff(alarms, prepend=alarms[:1]) > APART) if len(alarms) else np.zeros(0, np.int64)
    false = sum(not inside[events == event].any() for event in np.unique(events))
    return Told(
        len(firsts), len(windows), int(false), len(alarms), int(inside.sum()),
        tuple(m for m, _ in firsts), tuple(m for _, m in firsts),
    )  # fmt: skip


def _rates(told: Sequence[Told]) -> tuple[float, float, float]:
    found, windows, false = (sum(getattr(t, name) for t in told) for name in ("found", "windows", "false_events"))
    precision = found / (found + false) if found + false else 0.0
    recall = found / windows if windows else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if found else 0.0


def _interval(told: Sequence[Told]) -> tuple[float | None, float | None]:
    if len(told) < 3:
        return None, None
    rng = np.random.default_rng(0)
    drawn = [_rates([told[i] for i in rng.integers(0, len(told), len(told))])[2] for _ in range(_DRAWS)]
    return float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))
