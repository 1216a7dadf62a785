"""The chain view, drawn on the server as SVG: origins, distributors and repeaters in columns, and what went between."""

from __future__ import annotations

import math
from dataclasses import dataclass

import polars as pl

from seawall.cases.models import Case
from seawall.cases.network import NetworkView

COLUMNS = ("origin", "distributor", "repeater")
SHOWN = 10  # accounts of a column that stand alone, the largest reach first; the others stand together
WIDTH = 760
_X = (170.0, 380.0, 590.0)
_TOP, _GAP = 34.0, 46.0
_SMALL, _LARGE = 4.0, 14.0  # of a point
_THIN, _THICK = 0.8, 9.0  # of a line
_LONGEST = 18  # letters of a name


@dataclass(frozen=True, slots=True)
class Stand:
    """A point of a column: one account, or all others of its part together (`others` of them)."""

    part: str
    x: float
    y: float
    size: float
    reach: int
    case: Case | None
    label: str
    others: int

    @property
    def anchor(self) -> str:
        """Which end of its label is nearest to it: labels stand outside, those of the middle column below."""
        return {COLUMNS[0]: "end", COLUMNS[-1]: "start"}.get(self.part, "middle")

    @property
    def label_x(self) -> float:
        """Where its label stands."""
        return self.x + {"end": -1, "start": 1, "middle": 0}[self.anchor] * (self.size + 7)

    @property
    def label_y(self) -> float:
        """The foot of its label."""
        return self.y + (self.size + 13 if self.anchor == "middle" else 4)


@dataclass(frozen=True, slots=True)
class Flow:
    """What went from one point to another: how many acts."""

    source: Stand
    target: Stand
    acts: int
    path: str
    width: float


@dataclass(frozen=True, slots=True)
class Chain:
    """The whole picture."""

    width: int
    height: int
    stands: tuple[Stand, ...]
    flows: tuple[Flow, ...]  # the strongest first
    columns: tuple[tuple[float, str], ...]
    onward: int  # acts that went from a column to one after it
    otherwise: int  # acts within a column or back


def chain(view: NetworkView) -> Chain:
    """Columns by part; a line's width tells how many acts went that way."""
    rows = view.accounts.with_row_index("row").filter(pl.col("part").is_in(COLUMNS))
    most = int(rows["reach"][0]) if rows.height else 1  # the largest comes first
    stands: list[Stand] = []
    place: dict[int, int] = {}
    for column, part in enumerate(COLUMNS):
        for row, stand in _column(view, rows.filter(pl.col("part") == part), column, most):
            place |= dict.fromkeys(row, len(stands))
            stands.append(stand)
    onward, otherwise = _between(view, place, stands)
    flows = _flows(onward, stands)
    deepest = max((stand.y for stand in stands), default=_TOP)
    return Chain(
        width=WIDTH,
        height=int(deepest + 34),
        stands=tuple(stands),
        flows=flows,
        columns=tuple(zip(_X, COLUMNS, strict=True)),
        onward=sum(flow.acts for flow in flows),
        otherwise=otherwise,
    )


def _column(view: NetworkView, its: pl.DataFrame, column: int, most: int) -> list[tuple[list[int], Stand]]:
    """Points from the top, with the rows that each stands for."""
    found = []
    alone, rest = its.head(SHOWN), its.slice(SHOWN)
    for n, (row, reach) in enumerate(alone.select("row", "reach").iter_rows()):
        case = view.cases.get(row)
        name = (f"@{case.handle}" if case.handle else case.account_id) if case else ""
        label = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        found.append(([row], _stand(column, n, reach, most, case, label, 0)))
    if rest.height:
        reach = int(rest["reach"].sum())
        found.append((rest["row"].to_list(), _stand(column, len(found), reach, most, None, "", rest.height)))
    return found


def _stand(column: int, n: int, reach: int, most: int, case: Case | None, label: str, others: int) -> Stand:
    size = _SMALL + (_LARGE - _SMALL) * math.sqrt(min(reach / most, 1.0))
    return Stand(COLUMNS[column], _X[column], _TOP + _GAP * (n + 0.5), round(size, 1), reach, case, label, others)


def _between(view: NetworkView, place: dict[int, int], stands: list[Stand]) -> tuple[dict[tuple[int, int], int], int]:
    """Acts between points of different columns, onward; and how many went otherwise."""
    onward: dict[tuple[int, int], int] = {}
    otherwise = 0
    for row, of, acts in view.ties.select("row", "of", "acts").iter_rows():
        if row not in place or of not in place:
            continue
        source, target = place[of], place[row]
        if stands[source].x < stands[target].x:
            onward[source, target] = onward.get((source, target), 0) + acts
        else:
            otherwise += acts
    return onward, otherwise


def _flows(onward: dict[tuple[int, int], int], stands: list[Stand]) -> tuple[Flow, ...]:
    most = max(onward.values(), default=1)
    found = []
    for (source, target), acts in onward.items():
        a, b = stands[source], stands[target]
        x1, x2 = a.x + a.size, b.x - b.size
        middle = (x1 + x2) / 2
        path = f"M{x1:.1f} {a.y:.1f}C{middle:.1f} {a.y:.1f} {middle:.1f} {b.y:.1f} {x2:.1f} {b.y:.1f}"
        found.append(Flow(a, b, acts, path, round(_THIN + (_THICK - _THIN) * math.sqrt(acts / most), 1)))
    return tuple(sorted(found, key=lambda flow: (-flow.acts, flow.source.y, flow.target.y)))
