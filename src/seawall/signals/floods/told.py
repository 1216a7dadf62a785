"""All floods that are known: those of the last survey, and those that were raised since, while posts came."""

from __future__ import annotations

from seawall.lake.snapshot import Snapshot
from seawall.signals.floods.survey import TOGETHER, Row


def floods_of(snapshot: Snapshot) -> list[Row]:
    """Rows of `records.floods`, newest first, each flood once; `live`: no survey has looked at it yet, or posts have
    come to it since."""
    rows = [{**row, "live": False} for row in snapshot.read("floods").to_pylist()]
    for row in snapshot.read("floods_live").to_pylist():
        at = next((n for n, other in enumerate(rows) if same(other, row)), None)
        if at is None:
            rows.append({**row, "live": True})
        elif _named(row) == _named(rows[at]) and row["posts"] > rows[at]["posts"]:
            rows[at] = {**row, "live": True}
    return sorted(rows, key=lambda row: (row["raised"], row["platform"], row["kind"], row["value"]), reverse=True)


def same(row: Row, other: Row) -> bool:
    """Whether two rows tell of one flood: one series, or one among those that the other's accounts filled, at once."""
    near = row["platform"] == other["platform"] and abs(row["raised"] - other["raised"]) <= TOGETHER
    return near and (_named(row) in (_named(other), *other["also"]) or _named(other) in row["also"])


def _named(row: Row) -> str:
    return f"{row['kind']}:{row['value']}"
