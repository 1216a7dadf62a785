"""Scanning for the desk: signals learn from seeds and decisions; every account above the line gets a case."""

from __future__ import annotations

from pathlib import Path

from seawall.cases import queries
from seawall.cases.candidates import Synced, sync
from seawall.grounds.seeds import Seeds
from seawall.lake import Lake
from seawall.records.labels import Label
from seawall.signals.contract import Tell, silent
from seawall.signals.home import signals_of
from seawall.signals.scan import ScanReport, above_line, scan, seen_languages


def scan_home(home: Path, tell: Tell = silent) -> tuple[ScanReport, Synced]:
    """Scan the lake of a home and bring the desk's cases up to date. Raises LakeError, RuleError, SeedsError."""
    with Lake(home) as lake:
        report = scan(lake, signals_of(home), known(home), tell)
        accounts = above_line(lake)
        return report, sync(accounts, report.not_run, seen_languages(lake, accounts))


def known(home: Path) -> list[Label]:
    """Seeds that hold, and accounts that people decided about and did not take back; each account once."""
    labels = [*Seeds(home).live(), *(label for label in queries.labels() if label.live)]
    return list({(label.platform, label.account.casefold()): label for label in labels}.values())
