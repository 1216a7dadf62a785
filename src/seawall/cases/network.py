"""Reading the network map: who has a case is named, everybody else is a point."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from seawall.cases.models import Case
from seawall.cases.surveyed import ask, log, named
from seawall.lake import Lake
from seawall.ledger import home
from seawall.people.models import User
from seawall.people.roles import May


@dataclass(frozen=True, slots=True)
class NetworkView:
    """The map of the last scan. A row of `accounts` is a point, the largest reach first; it holds no id and no name."""

    accounts: pl.DataFrame  # part, reach, x, y
    steps: pl.DataFrame  # row, at, reach: in stretches of time
    ties: pl.DataFrame  # row, of, acts, first: who took from whom
    cases: dict[int, Case]  # by row, of those above the line over conduct of their own


def drawn(person: User) -> NetworkView:
    """The network map. Raises Refused. The read is in the audit log."""
    ask(person, May.READ_CASE)
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        rows = pl.DataFrame(snapshot.read("network")).with_row_index("row")
    known = rows.drop_nulls("account_id").select("platform", "account_id", "row")
    cases = named((platform, account) for platform, account, _ in known.iter_rows())
    log(person, "network.read", accounts=len(cases))
    return NetworkView(
        rows.select("part", "reach", "x", "y"),
        _exploded(rows, "steps"),
        _exploded(rows, "takes"),
        {row: cases[platform, account] for platform, account, row in known.iter_rows() if (platform, account) in cases},
    )


def _exploded(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    return rows.select("row", name).explode(name).drop_nulls(name).unnest(name)
