"""Pictures drawn on the server as SVG: whom an account spreads, its days, a watcher's last hour. The same facts give
the same picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from seawall.cases.facts import Day, Neighbour
from seawall.records.terms import TieKind
from seawall.stream.status import MINUTES, Minute

SHAPES: dict[str, str] = {
    TieKind.REPOST: "circle",
    TieKind.QUOTE: "square",
    TieKind.REPLY: "triangle",
    TieKind.MENTION: "diamond",
    TieKind.FOLLOW: "hexagon",
}
WIDTH, HEIGHT = 760, 460
_CENTRE = (WIDTH / 2, HEIGHT / 2)
_RADII = (230.0, 205.0)  # of the ring the neighbours stand on
_SIZE = 7.0  # of a neighbour's shape
_THIN, _THICK = 1.0, 7.0  # of a line: once, and as often as the strongest
_LONGEST = 20  # letters of a name

BAR_WIDTH, BAR_HEIGHT = 760, 150
_MOST_BARS = 92
_TOP, _BOTTOM = 16, 22
HOUR_WIDTH, HOUR_HEIGHT = 360, 56


@dataclass(frozen=True, slots=True)
class Line:
    """A tie: from the centre to a neighbour; its kind is told by its dashes, how often by its width."""

    kind: str
    path: str
    width: float


@dataclass(frozen=True, slots=True)
class Node:
    """A neighbour: its shape tells its strongest tie."""

    name: str
    kind: str
    shape: str  # the outline, as an SVG path
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Net:
    """The account in the centre, its neighbours around it."""

    width: int
    height: int
    x: float
    y: float
    lines: tuple[Line, ...]
    nodes: tuple[Node, ...]
    kinds: tuple[str, ...]  # that occur, in the order of the key


def net(neighbours: Sequence[Neighbour]) -> Net:
    """Neighbours on a ring, those of one kind side by side, the strongest first."""
    kinds = [kind for kind in SHAPES if any(n.kind == kind for n in neighbours)]
    strongest = _strongest(neighbours)
    order = sorted(strongest, key=lambda name: (kinds.index(strongest[name].kind), -strongest[name].times, name))
    places = {name: _on_ring(i, len(order)) for i, name in enumerate(order)}
    most = max((n.times for n in neighbours), default=1)
    return Net(
        width=WIDTH,
        height=HEIGHT,
        x=_CENTRE[0],
        y=_CENTRE[1],
        lines=tuple(_line(n, places[n.account], kinds.index(n.kind), most) for n in neighbours),
        nodes=tuple(_node(name, strongest[name].kind, places[name]) for name in order),
        kinds=tuple(kinds),
    )


def outline(kind: str, x: float, y: float, size: float = _SIZE) -> str:
    """The shape of a kind of tie around a point, as an SVG path."""
    shape = SHAPES[kind]
    if shape == "circle":
        return f"M{x - size:.1f} {y:.1f}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0z"
    corners, turn = {"square": (4, 45), "triangle": (3, -90), "diamond": (4, 0), "hexagon": (6, 0)}[shape]
    points = [
        (x + size * 1.2 * math.cos(math.radians(turn + 360 / corners * i)),
         y + size * 1.2 * math.sin(math.radians(turn + 360 / corners * i)))
        for i in range(corners)
    ]  # fmt: skip
    return "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points) + "z"


def _strongest(neighbours: Sequence[Neighbour]) -> dict[str, Neighbour]:
    rank = list(SHAPES)
    ordered = sorted(neighbours, key=lambda n: (n.times, -rank.index(n.kind)))
    return {neighbour.account: neighbour for neighbour in ordered}  # the strongest comes last and stays


def _on_ring(i: int, count: int) -> tuple[float, float]:
    """Clockwise from the top right, at equal heights, so that no two names share a line."""
    right = math.ceil(count / 2)
    nth, of, side = (i, right, 1) if i < right else (count - 1 - i, count - right, -1)
    up = _RADII[1] * (2 * (nth + 0.5) / of - 1)
    return _CENTRE[0] + side * _RADII[0] * math.sqrt(1 - (up / (_RADII[1] * 1.1)) ** 2), _CENTRE[1] + up


def _line(neighbour: Neighbour, place: tuple[float, float], nth: int, most: int) -> Line:
    """Lines of different kinds to one neighbour bend apart."""
    (x1, y1), (x2, y2) = _CENTRE, place
    bend = 0.06 * nth
    cx, cy = (x1 + x2) / 2 - (y2 - y1) * bend, (y1 + y2) / 2 + (x2 - x1) * bend
    width = _THIN + (_THICK - _THIN) * (neighbour.times / most)
    return Line(neighbour.kind, f"M{x1:.1f} {y1:.1f}Q{cx:.1f} {cy:.1f} {x2:.1f} {y2:.1f}", round(width, 1))


def _node(name: str, kind: str, place: tuple[float, float]) -> Node:
    x, y = place
    outward = 1 if x > _CENTRE[0] else -1
    return Node(
        name=name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…",
        kind=kind,
        shape=outline(kind, x, y),
        x=round(x, 1),
        y=round(y, 1),
        label_x=round(x + outward * 14, 1),
        label_y=round(y + 4, 1),
        anchor="start" if outward > 0 else "end",
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """Days side by side: how high the posts and the reposts are, in the chart's units."""

    x: float
    width: float
    posts_y: float
    posts_height: float
    reposts_y: float
    reposts_height: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A chart of days; with many days a bar is several of them."""

    width: int
    height: int
    base: float
    bars: tuple[Bar, ...]
    most: int
    days_a_bar: int
    first: str
    last: str


def bars(days: Sequence[Day]) -> Bars:
    """Posts and reposts over the days between the first and the last, empty days among them."""
    stacked, step = _stacked(days)
    most = max((p + r for p, r in stacked), default=0)
    room = BAR_HEIGHT - _TOP - _BOTTOM
    unit = room / most if most else 0.0
    base = float(BAR_HEIGHT - _BOTTOM)
    wide = BAR_WIDTH / max(len(stacked), 1)
    return Bars(
        width=BAR_WIDTH,
        height=BAR_HEIGHT,
        base=base,
        bars=tuple(_bar(i, p * unit, r * unit, wide, base) for i, (p, r) in enumerate(stacked)),
        most=most,
        days_a_bar=step,
        first=days[0].day if days else "",
        last=days[-1].day if days else "",
    )


def _stacked(days: Sequence[Day]) -> tuple[list[tuple[int, int]], int]:
    if not days:
        return [], 1
    first, last = date.fromisoformat(days[0].day), date.fromisoformat(days[-1].day)
    count = (last - first) // timedelta(days=1) + 1
    step = math.ceil(count / _MOST_BARS)
    found = [(0, 0)] * math.ceil(count / step)
    for day in days:
        i = (date.fromisoformat(day.day) - first).days // step
        found[i] = (found[i][0] + day.posts, found[i][1] + day.reposts)
    return found, step


def _bar(i: int, posts: float, reposts: float, wide: float, base: float) -> Bar:
    gap = min(2.0, wide * 0.2)
    wide_enough = min(wide, 40.0) - gap
    return Bar(
        x=round(i * wide + gap / 2, 2),
        width=round(wide_enough, 2),
        posts_y=round(base - posts, 2),
        posts_height=round(posts, 2),
        reposts_y=round(base - posts - reposts, 2),
        reposts_height=round(reposts, 2),
    )


@dataclass(frozen=True, slots=True)
class Pillar:
    """A minute: how high what was read is, and on it what was let go; and whether a rule matched."""

    x: float
    width: float
    read_y: float
    read_height: float
    shed_y: float
    shed_height: float
    matched_x: float | None  # the middle of the mark above it


@dataclass(frozen=True, slots=True)
class Hour:
    """A watcher's last hour, minute by minute, the newest at the end."""

    width: int
    height: int
    pillars: tuple[Pillar, ...]
    most: int  # items, in one minute
    read: int
    shed: int
    matches: int


def hour(minutes: Sequence[Minute], now: datetime | None = None) -> Hour:
    """Items read and let go in each of the last sixty minutes."""
    at = (now or datetime.now(UTC)).replace(second=0, microsecond=0)
    seen = {(at - minute.at) // timedelta(minutes=1): minute for minute in minutes}
    kept = {MINUTES - 1 - ago: minute for ago, minute in seen.items() if 0 <= ago < MINUTES}
    most = max((m.read + m.shed for m in kept.values()), default=0)
    unit = (HOUR_HEIGHT - 10) / most if most else 0.0
    wide = HOUR_WIDTH / MINUTES
    return Hour(
        width=HOUR_WIDTH,
        height=HOUR_HEIGHT,
        pillars=tuple(_pillar(i * wide, wide, kept[i], unit) for i in sorted(kept)),
        most=most,
        read=sum(m.read for m in kept.values()),
        shed=sum(m.shed for m in kept.values()),
        matches=sum(m.matches for m in kept.values()),
    )


def _pillar(x: float, wide: float, minute: Minute, unit: float) -> Pillar:
    read, shed = minute.read * unit, minute.shed * unit
    return Pillar(
        x=round(x + 0.5, 2),
        width=round(wide - 1, 2),
        read_y=round(HOUR_HEIGHT - read, 2),
        read_height=round(read, 2),
        shed_y=round(HOUR_HEIGHT - read - shed, 2),
        shed_height=round(shed, 2),
        matched_x=round(x + wide / 2, 2) if minute.matches else None,
    )
