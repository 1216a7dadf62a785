"""Reading floods: bursts of tags, links and mentions. A flood is no conduct, and taking part in one is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import polars as pl

from seawall.cases.models import Case
from seawall.cases.surveyed import ask, log, named
from seawall.lake import Lake
from seawall.lake.snapshot import Snapshot
from seawall.ledger import home
from seawall.people.models import User
from seawall.people.roles import May
from seawall.signals.floods.told import floods_of

_NAMING = ("first", "curve")


class NoFloodError(Exception):
    """Neither the last scan nor a watcher found such a flood."""


@dataclass(frozen=True, slots=True)
class Starter:
    """One of a flood's first posts. Its account has a name only where it has a case over conduct of its own."""

    at: datetime
    kind: str
    account: int  # numbered in the order in which they came
    case: Case | None


@dataclass(frozen=True, slots=True)
class FloodView:
    """A flood as its page shows it: `told` names no account but, of mentions, the target."""

    told: dict[str, Any]
    curve: list[tuple[datetime, int, float | None]]  # when, accounts, usual accounts
    started: list[Starter]


def listed(person: User) -> list[dict[str, Any]]:
    """The last scan's bursts, and those raised since while posts came, newest first. Targets of mentions are named, so
    it is logged. Raises Refused."""
    ask(person, May.LIST_CASES)
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        rows = _rows(snapshot)
    log(person, "flood.list", floods=len(rows))
    return [_told(row) for row in rows]


def drawn(person: User, name: str) -> FloodView:
    """One flood to be drawn. Raises Refused, NoFloodError. The read is in the audit log."""
    about = f"flood:{name}"
    ask(person, May.READ_CASE, about)
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        row = next((row for row in _rows(snapshot) if row["name"] == name), None)
        if row is None:
            raise NoFloodError(f"there is no flood {name!r}. All: seawall floods")
        first = _first(snapshot, row)
    cases = named((row["platform"], account) for account in first["account_id"].unique())
    log(person, "flood.read", about, accounts=len(cases))
    numbers: dict[str, int] = {}
    started = [
        Starter(
            post["at"],
            post["kind"],
            numbers.setdefault(post["account_id"], len(numbers) + 1),
            cases.get((row["platform"], post["account_id"])),
        )
        for post in first.to_dicts()
    ]
    return FloodView(_told(row), [(c["at"], c["accounts"], c["usual"]) for c in row["curve"] or ()], started)


def _rows(snapshot: Snapshot) -> list[dict[str, Any]]:
    return [{**row, "name": _name(row)} for row in floods_of(snapshot)]


def _name(row: dict[str, Any]) -> str:
    """What it is called in addresses and in the log, where no tag and no handle stands."""
    parts = (row["platform"], row["kind"], row["value"], row["raised"].isoformat())
    return sha256("\n".join(parts).encode()).hexdigest()[:10]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _NAMING}


def _first(snapshot: Snapshot, row: dict[str, Any]) -> pl.DataFrame:
    """The first posts, oldest first; those that expired are missing."""
    return (
        snapshot.scan("posts")
        .filter(
            pl.col("at").is_between(row["onset"], row["raised"], closed="both"),
            pl.col("platform") == row["platform"],
            pl.col("post_id").is_in(row["first"]),
            pl.col("account_id").is_not_null(),
        )
        .select("at", "kind", "account_id", "post_id")
        .unique("post_id")
        .sort("at", "post_id")
        .collect()
    )
