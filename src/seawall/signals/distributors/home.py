"""The plan of a home: over its lake at one version, from its last scan's findings."""

from __future__ import annotations

import polars as pl

from seawall.lake import Lake
from seawall.signals.contract import Facts
from seawall.signals.distributors.acts import ABOUT, Spreading
from seawall.signals.distributors.plan import Plan, plan
from seawall.signals.scan import listed


def plan_of(lake: Lake, budget: int) -> Plan:
    """Which accounts above the line, over conduct of their own, to remove together."""
    with lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        spreading = Spreading.of(facts)
        candidates = listed(snapshot)
        followers = followers_of(facts)
    return plan(spreading, candidates, followers, budget)


def followers_of(facts: Facts) -> pl.DataFrame:
    """How many followers accounts had when they were last seen."""
    return (
        facts.accounts.drop_nulls("followers")
        .sort("seen_at", "followers")
        .unique(ABOUT, keep="last")
        .select(*ABOUT, "followers")
        .collect()
    )
