"""Matches as they come: what rules matched since a version of the lake, which media stand in a bank that were hashed
since, and what that makes of accounts."""

from __future__ import annotations

import polars as pl

from seawall.lake import Lake
from seawall.lake.snapshot import Snapshot
from seawall.records.findings import Finding
from seawall.signals.contract import Facts
from seawall.signals.media import MediaSignal
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


def hashed_files(lake: Lake) -> frozenset[str]:
    """The files of the lake that hold hashes of media: other ones when some were hashed."""
    return frozenset(file.path for file in lake.manifest.files("hashes"))


def media_findings_since(
    lake: Lake, media: MediaSignal, before: frozenset[str]
) -> tuple[list[Finding], frozenset[str]]:
    """Findings of the accounts whose media were hashed since the lake had these files, over all their media, and the
    files to ask with next time. Raises SignalError for a bank that cannot be read."""
    with lake.snapshot() as snapshot:
        paths = {str(path.relative_to(lake.home)): path for path in snapshot.files("hashes")}
        new = [path for name, path in paths.items() if name not in before]
        if not new:
            return [], frozenset(paths)
        fresh = pl.scan_parquet(new)
        known = media.best(Facts(snapshot.scan("posts"), hashes=fresh))
        if not known:
            return [], frozenset(paths)
        whose = fresh.filter(pl.col("sha256").is_in(list(known))).select(_ACCOUNT).unique()
        return list(media.find(_of(snapshot, whose))), frozenset(paths)


def _of(snapshot: Snapshot, accounts: pl.LazyFrame) -> Facts:
    posts, hashes = (snapshot.scan(name).join(accounts, on=_ACCOUNT, how="semi") for name in ("posts", "hashes"))
    return Facts(posts, hashes=hashes)
