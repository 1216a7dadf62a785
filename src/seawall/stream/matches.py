"""Matches as they come: what rules matched since a version of the lake, and what that makes of accounts."""

from __future__ import annotations

import polars as pl

from seawall.lake import Lake
from seawall.records.findings import Finding
from seawall.signals.rules import RulesSignal

_ACCOUNT = ["platform", "account_id"]


def matches_since(lake: Lake, version: int) -> tuple[pl.DataFrame, int]:
    """Matches that came after a version of the lake, and the version to ask after next time (0: from the start).

    Each match comes exactly once however often one asks, whatever is joined or expires between.
    """
    with lake.snapshot() as snapshot:
        return snapshot.scan("matches").filter(pl.col("since") > version).collect(), snapshot.version


def findings_since(lake: Lake, rules: RulesSignal, version: int) -> tuple[list[Finding], int]:
    """Findings of the accounts that rules matched after a version, over all their matches, and the next version.

    Matches of another version of a rule, or of a rule that is gone, count nothing. Findings below the line are left
    out: nobody below it is written down.
    """
    live = pl.DataFrame(
        {"rule": [rule.id for rule in rules.rules], "rule_version": [str(rule.version) for rule in rules.rules]},
        schema={"rule": pl.String, "rule_version": pl.String},
    ).lazy()
    with lake.snapshot() as snapshot:
        matches = snapshot.scan("matches").join(live, on=["rule", "rule_version"], how="semi")
        accounts = matches.filter(pl.col("since") > version).select(_ACCOUNT).unique()
        matched = matches.join(accounts, on=_ACCOUNT, how="semi").collect()
        return [finding for finding in rules.findings(matched) if finding.above_line], snapshot.version
