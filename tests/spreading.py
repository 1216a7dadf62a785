"""Acts of spreading made for tests: who brings, who carries, who repeats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa

from seawall.records.facts import POSTS, columns
from seawall.signals.contract import Facts

START = datetime(2016, 1, 1, tzinfo=UTC)
LINK = "https://example.org/release/{}"
Row = tuple[str, str, float, str | None, str | None]  # account, kind, hours after the start, link, of whom


def facts(rows: list[Row]) -> Facts:
    n = len(rows)
    given = {
        "platform": "x",
        "post_id": [str(i) for i in range(n)],
        "account_id": [row[0] for row in rows],
        "handle": [row[0].upper() for row in rows],
        "at": [START + timedelta(hours=row[2]) for row in rows],
        "kind": [row[1] for row in rows],
        "text": ["words"] * n,
        "links": [[row[3]] if row[3] else [] for row in rows],
        "of_account_id": [row[4] for row in rows],
        "of_post_id": [f"of {row[3]}" if row[4] else None for row in rows],
    }
    table: pa.Table = columns(POSTS, given, n)
    return Facts(pl.DataFrame(table).lazy())


def network(releases: int, every: float = 6.0) -> list[Row]:
    """A wing brings links, a carrier shares each after it, two others repost the carrier."""
    rows: list[Row] = []
    for n in range(releases):
        link, hour = LINK.format(n), every * n
        rows += [("wing", "post", hour, link, None), ("carrier", "post", hour + 1, link, None)]
        rows += [(f"echo{i}", "repost", hour + 2 + i, link, "carrier") for i in range(2)]
    return rows
