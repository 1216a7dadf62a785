"""Scanning: every signal over the lake at one version, the findings kept in place of the last scan's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from seawall.lake import Lake
from seawall.lake.snapshot import Snapshot
from seawall.records.findings import Finding, from_table, to_table
from seawall.records.labels import Label
from seawall.signals.contract import Facts, Signal, SignalError, Tell, silent
from seawall.signals.rules.shadow import ShadowSignal
from seawall.signals.supporters import SupportersSignal
from seawall.signals.voices.withholding import rules_of, withhold


@dataclass(slots=True)
class ScanReport:
    """What a scan did."""

    version: int  # of the lake
    posts: int
    findings: dict[str, int] = field(default_factory=dict)  # by signal
    not_run: dict[str, str] = field(default_factory=dict)  # signal -> why
    shadow: dict[str, int] = field(default_factory=dict)  # shadow rule -> accounts it would have listed
    topic_only: int = 0  # accounts that supporters found alike in what they speak of alone, and does not list
    withheld: dict[str, int] = field(default_factory=dict)  # accounts that speak against what they repeat, by voice
    accounts_above_line: int = 0


def scan(lake: Lake, signals: Sequence[Signal], seeds: Sequence[Label], tell: Tell = silent) -> ScanReport:
    """Run every signal; a signal that cannot run is named in the report, never taken for 'nothing found'."""
    found: list[Finding] = []
    with lake.snapshot() as snapshot:
        report = ScanReport(snapshot.version, snapshot.rows("posts"))
        facts = Facts.of(snapshot, seeds)
        for signal in signals:
            try:
                its = list(signal.find(facts, tell))
            except SignalError as error:
                report.not_run[signal.name] = str(error)
                continue
            if isinstance(signal, ShadowSignal):
                report.shadow = signal.would_list(its)
                continue
            if isinstance(signal, SupportersSignal):
                report.topic_only = signal.topic_only
            kept = [finding for finding in its if finding.above_line]  # nobody below the line is written down
            report.findings[signal.name] = len(kept)
            found += kept
        told = withhold(facts, found, rules_of(signals))
    found, report.withheld = told.kept, told.voices
    report.findings = {name: sum(_is_of(f, name) for f in found) for name in report.findings}
    lake.replace_results({"findings": to_table(found)}, snapshot.version)
    report.accounts_above_line = len({(f.platform, f.account_id) for f in found})
    return report


@dataclass(frozen=True, slots=True)
class AccountFindings:
    """An account above the line and everything found about it, strongest first."""

    platform: str
    account_id: str
    handle: str | None
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, object]:
        """One line of `seawall findings --json`."""
        return {
            "platform": self.platform,
            "account_id": self.account_id,
            "handle": self.handle,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def above_line(lake: Lake, signal: str | None = None) -> list[AccountFindings]:
    """Accounts with a finding above the line over their own conduct, strongest first.

    `signal` keeps the findings of one signal ('rules' keeps every rule's).
    """
    with lake.snapshot() as snapshot:
        findings = from_table(snapshot.read("findings"))
    return accounts_of(f for f in findings if signal is None or _is_of(f, signal))


def _is_of(finding: Finding, signal: str) -> bool:
    return finding.signal == signal or finding.signal.startswith(signal + ".")


def listed(snapshot: Snapshot) -> pl.DataFrame:
    """Which accounts the last scan put above the line: platform and account_id, nothing else."""
    found = from_table(snapshot.read("findings"))
    names = sorted({(f.platform, f.account_id) for f in found if f.above_line})
    return pl.DataFrame(names, schema={"platform": pl.String, "account_id": pl.String}, orient="row")


def accounts_of(findings: Iterable[Finding]) -> list[AccountFindings]:
    """Findings by account, for those with one above the line, strongest first."""
    accounts = [_account(group) for group in _grouped(findings) if any(f.above_line for f in group)]
    return sorted(accounts, key=lambda a: (-a.findings[0].score, -len(a.findings), a.platform, a.account_id))


def seen_texts(lake: Lake, accounts: Iterable[AccountFindings]) -> dict[tuple[str, str], str]:
    """The texts of the posts that findings point at, by platform and post id."""
    with lake.snapshot() as snapshot:
        return texts_of(snapshot, {(a.platform, item.post_id) for a in accounts for f in a.findings for item in f.seen})


def texts_of(snapshot: Snapshot, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The texts of posts given by platform and post id."""
    keys = pl.LazyFrame(sorted(wanted), schema={"platform": pl.String, "post_id": pl.String}, orient="row")
    posts = snapshot.scan("posts").select("platform", "post_id", "text").join(keys, on=["platform", "post_id"])
    return {(platform, post): text for platform, post, text in posts.collect().iter_rows()}


def seen_languages(lake: Lake, accounts: Iterable[AccountFindings]) -> dict[tuple[str, str], str]:
    """The language an account's own seen posts are mostly in, as the platform tags it, by platform and account id.

    Reposts are in somebody else's language and count only where nothing else was seen.
    """
    wanted = {(a.platform, item.post_id) for a in accounts for f in a.findings for item in f.seen}
    keys = pl.LazyFrame(sorted(wanted), schema={"platform": pl.String, "post_id": pl.String}, orient="row")
    with lake.snapshot() as snapshot:
        tagged = (
            snapshot.scan("posts")
            .select("platform", "account_id", "post_id", "lang", own=pl.col("kind") != "repost")
            .join(keys, on=["platform", "post_id"])
            .filter(pl.col("lang").is_not_null(), pl.col("lang") != "und")
            .group_by("platform", "account_id", "lang")
            .agg(own=pl.col("own").sum(), all=pl.len())
            .sort("own", "all", "lang", descending=[True, True, False])
            .unique(["platform", "account_id"], keep="first", maintain_order=True)
            .collect()
        )
    return {(platform, account): lang for platform, account, lang, _, _ in tagged.iter_rows()}


def _grouped(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.platform, finding.account_id].append(finding)
    yield from groups.values()


def _account(findings: list[Finding]) -> AccountFindings:
    ordered = sorted(findings, key=lambda f: (not f.above_line, -f.score, f.signal))
    first = ordered[0]
    handle = next((f.handle for f in ordered if f.handle), None)
    return AccountFindings(first.platform, first.account_id, handle, tuple(ordered))
