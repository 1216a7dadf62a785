"""Pictures over time, drawn on the server as SVG: what a campaign's accounts did together, and a flood's curve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WIDTH = 760
NAMES = 150  # of the width, where rows are named
MOST_ROWS = 40
_ROW, _TOP, _BOTTOM, _EDGE = 14, 8, 24, 8
_LONGEST = 16  # letters of a name
_MOST_TICKS = 7
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_STEPS = (
    _MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 7 * _DAY, 14 * _DAY,
    30 * _DAY, 91 * _DAY, 182 * _DAY, 365 * _DAY, 3_650 * _DAY,
)  # fmt: skip
CURVE_HEIGHT, CURVE_FOOT = 240, 34  # room for larger letters on a phone


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment on the axis of time."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One account's row: its dots as a path of points."""

    y: float
    label: str
    named: bool
    dots: str


@dataclass(frozen=True, slots=True)
class Raster:
    """Who did what when: a row an account, a dot an act, a line through what was done together."""

    width: int
    height: int
    left: int
    base: float
    lanes: tuple[Lane, ...]
    together: str  # one path
    ticks: tuple[Tick, ...]
    left_out: int  # accounts that are not drawn


def raster(labels: Sequence[tuple[str, bool]], acts: Sequence[tuple[datetime, int, int]]) -> Raster:
    """`labels` names each member's row, and whether that is a name; `acts` are when, which member, which thing."""
    shown = min(len(labels), MOST_ROWS)
    base = float(_TOP + shown * _ROW + 4)
    axis = _Axis.over([at for at, _, _ in acts], NAMES, WIDTH - _EDGE)
    dots: dict[int, list[str]] = defaultdict(list)
    spans: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for at, member, thing in acts:
        if member < shown:
            x, y = axis.x(at), _y(member)
            dots[member].append(f"M{x:.1f} {y:.1f}h0")
            spans[thing].append((x, y))
    return Raster(
        width=WIDTH,
        height=int(base) + _BOTTOM,
        left=NAMES,
        base=base,
        lanes=tuple(
            Lane(_y(n), label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…", is_name, "".join(dots[n]))
            for n, (label, is_name) in enumerate(labels[:shown])
        ),
        together="".join(_through(points) for points in spans.values() if len(points) > 1),
        ticks=axis.ticks(),
        left_out=len(labels) - shown,
    )


def _y(member: int) -> float:
    return _TOP + _ROW * (member + 0.5)


def _through(points: list[tuple[float, float]]) -> str:
    """From the highest row to the lowest, through the acts in between in order."""
    ordered = sorted(points, key=lambda point: point[1])
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ordered)


@dataclass(frozen=True, slots=True)
class Curve:
    """How many accounts every five minutes, and how many are usual then."""

    width: int
    height: int
    left: int
    base: float
    line: str
    area: str
    usual: str
    ticks: tuple[Tick, ...]
    levels: tuple[tuple[float, int], ...]  # heights and what they mean
    moments: tuple[float, ...]  # where the given moments stand
    most: int


def curve(rows: Sequence[tuple[datetime, int, float | None]], moments: Sequence[datetime]) -> Curve:
    """Rows are when, accounts, usual accounts (None: not known)."""
    left, base = 64, float(CURVE_HEIGHT - CURVE_FOOT)
    axis = _Axis.over([at for at, _, _ in rows], left, WIDTH - _EDGE)
    most = max((accounts for _, accounts, _ in rows), default=0)
    unit = (base - 2 * _TOP) / max(most, 1)
    points = [(axis.x(at), base - accounts * unit) for at, accounts, _ in rows]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return Curve(
        width=WIDTH,
        height=CURVE_HEIGHT,
        left=left,
        base=base,
        line="M" + line if points else "",
        area=f"M{points[0][0]:.1f} {base:.1f}L{line}L{points[-1][0]:.1f} {base:.1f}z" if points else "",
        usual=_broken([(axis.x(at), None if usual is None else base - usual * unit) for at, _, usual in rows]),
        ticks=axis.ticks(),
        levels=tuple((round(base - level * unit, 1), level) for level in _levels(most)),
        moments=tuple(round(axis.x(moment), 1) for moment in moments),
        most=most,
    )


def _broken(points: Sequence[tuple[float, float | None]]) -> str:
    """A line with gaps where nothing is known."""
    path, pen = [], "M"
    for x, y in points:
        if y is not None:
            path.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L" if y is not None else "M"
    return "".join(path)


def _levels(most: int) -> list[int]:
    """Round numbers up to the highest, four at most."""
    if most < 1:
        return []
    step = next(n * 10**power for power in range(12) for n in (1, 2, 5) if most <= 4 * n * 10**power)
    return list(range(step, most + 1, step))


@dataclass(frozen=True, slots=True)
class _Axis:
    first: datetime
    seconds: float
    left: float
    right: float

    @classmethod
    def over(cls, times: Sequence[datetime], left: float, right: float) -> _Axis:
        first = min(times, default=datetime(2000, 1, 1, tzinfo=UTC))
        return cls(first, max((max(times, default=first) - first).total_seconds(), 1.0), left, right)

    def x(self, at: datetime) -> float:
        share = (at - self.first).total_seconds() / self.seconds
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def ticks(self) -> tuple[Tick, ...]:
        """Round moments; the first says its day."""
        step = next((s for s in _STEPS if self.seconds / s <= _MOST_TICKS), _STEPS[-1])
        since = int(self.first.timestamp())
        at = datetime.fromtimestamp(-(-since // step) * step, UTC)
        found: list[Tick] = []
        while (at - self.first).total_seconds() <= self.seconds:
            whole = step >= _DAY or not found or at.hour * _HOUR + at.minute * _MINUTE < step
            pattern = "%Y-%m-%d" if step >= _DAY else "%Y-%m-%d %H:%M" if whole else "%H:%M"
            found.append(Tick(round(self.x(at), 1), at.strftime(pattern)))
            at += timedelta(seconds=step)
        return tuple(found)
