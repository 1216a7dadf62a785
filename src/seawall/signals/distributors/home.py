"""The plan of a home: over its lake at one version, from its last scan's findings."""

from __future__ import annotations

import polars as pl

from seawall.lake import Lake
from seawall.records.findings import from_table
from seawall.signals.contract import Facts
from seawall.signals.distributors.acts import ABOUT, Spreading
from seawall.signals.distributors.plan import Plan, plan


def plan_of(lake: Lake, budget: int) -> Plan:
    """Which accounts above the line, over conduct of their own, to remove together."""
    with lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        spreading = Spreading.of(facts)
        found = from_table(snapshot.read("findings"))
        followers = (
            facts.accounts.drop_nulls("followers")
            .sort("seen_at", "followers")
            .unique(ABOUT, keep="last")
            .select(*ABOUT, "followers")
            .collect()
        )
    names = sorted({(f.platform, f.account_id) for f in found if f.above_line})
    candidates = pl.DataFrame(names, schema={"platform": pl.String, "account_id": pl.String}, orient="row")
    return plan(spreading, candidates, followers, budget)
