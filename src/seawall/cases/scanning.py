"""Scanning for the desk: signals learn from seeds and decisions; every account above the line gets a case.

A scan looks at everything, now and then. Between two scans the desk follows what rules match as posts come, and which
media stand in a bank as they are hashed: whoever posted them gets a case at once. Both say the same of an account as
soon as a scan has seen what was followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from seawall.cases import queries
from seawall.cases.candidates import Synced, add, sync, without_case
from seawall.grounds import banks
from seawall.grounds.seeds import Seeds
from seawall.lake import Lake
from seawall.records.findings import Finding
from seawall.records.labels import Label
from seawall.signals.contract import Facts, Signal, SignalError, Tell, silent
from seawall.signals.home import signals_of, surveys
from seawall.signals.media import MediaSignal
from seawall.signals.rules import Reloading, RulesSignal
from seawall.signals.rules.shadow import note
from seawall.signals.scan import AccountFindings, ScanReport, above_line, accounts_of, listed, scan, seen_languages
from seawall.signals.surveys import SurveyReport, survey
from seawall.signals.voices.withholding import rules_of, withhold
from seawall.stream.matches import findings_since, hashed_files, media_findings_since


def scan_home(
    home: Path, tell: Tell = silent, turn: AbstractContextManager[object] | None = None
) -> tuple[ScanReport, Synced]:
    """Scan the lake of a home and bring the desk's cases up to date. Raises LakeError, RuleError, SeedsError.

    `turn` is held while cases are brought up to date: who follows matches in the same process waits for it.
    """
    banks.end_expired()
    with Lake(home) as lake:
        signals, hashed = signals_of(home), hashed_files(lake)
        report = scan(lake, signals, known(home), tell)
        note(home, report.shadow)
        with turn or nullcontext():
            since = _standing(lake, home, rules_of(signals), _since(lake, signals, report.version, hashed))
            accounts = _with_newer(above_line(lake), since)
            return report, sync(accounts, report.not_run, seen_languages(lake, accounts))


def survey_home(home: Path) -> SurveyReport:
    """Take every survey of a home's lake; no case comes of one. Raises LakeError."""
    with Lake(home) as lake:
        return survey(lake, surveys(home))


def known(home: Path) -> list[Label]:
    """Seeds that hold, and accounts that people decided about and did not take back; each account once."""
    labels = [*Seeds(home).live(), *(label for label in queries.labels() if label.live)]
    return list({(label.platform, label.account.casefold()): label for label in labels}.values())


def _since(lake: Lake, signals: Sequence[Signal], version: int, hashed: frozenset[str]) -> list[Finding]:
    """What rules and media found while the scan ran: a case that was opened for it meanwhile must not lose it."""
    rules = rules_of(signals)
    found = findings_since(lake, rules, version)[0] if rules else []
    for signal in signals:
        if isinstance(signal, MediaSignal):
            with suppress(SignalError):  # the scan has said so
                found += media_findings_since(lake, signal, hashed)[0]
    return found


def _standing(lake: Lake, home: Path, rules: RulesSignal | None, found: list[Finding]) -> list[Finding]:
    """Findings without those of accounts that speak against what they repeat, as a scan would see it now."""
    if not found:
        return found
    with lake.snapshot() as snapshot:
        return withhold(Facts.of(snapshot, known(home)), found, rules, listed(snapshot)).kept


def _with_newer(accounts: list[AccountFindings], found: Iterable[Finding]) -> list[AccountFindings]:
    """Accounts with what was found since in place of what it is stronger than."""
    held = {(f.platform, f.account_id, f.signal): f for account in accounts for f in account.findings}
    for finding in found:
        key = finding.platform, finding.account_id, finding.signal
        if key not in held or held[key].score < finding.score:
            held[key] = finding
    return accounts_of(held.values())


class Following:
    """Matches of a home as they come, made into cases. Media that were hashed before it began are the scan's."""

    def __init__(self, home: Path) -> None:
        """Raises RuleError when the rules may not go live as they are."""
        self._home = home
        self._rules = Reloading(home)
        self._version = 0  # of the lake: all before it was looked at
        self._files: list[str] | None = None  # of matches: while they are the same, nothing was matched
        self._lake = Lake(home)
        self._media = MediaSignal(home)
        self._hashed = hashed_files(self._lake)

    def close(self) -> None:
        """Let go of the lake."""
        self._lake.close()

    def step(self) -> Synced | None:
        """Bring what came since the last step to the desk; None if nothing was matched. Safe to repeat."""
        by_rules, by_media = self._matched(), self._hashed_since()
        return by_media if by_rules is None else by_rules

    def _hashed_since(self) -> Synced | None:
        hashed = hashed_files(self._lake)
        if hashed == self._hashed:
            return None
        found: list[Finding] = []
        with suppress(SignalError):  # each scan says why, and finds these media once the bank can be read
            found, hashed = media_findings_since(self._lake, self._media, self._hashed)
        done = self._brought(found) if found else None
        self._hashed = hashed
        return done

    def _matched(self) -> Synced | None:
        if self._rules.renew():
            self._version, self._files = 0, None
        files = [file.path for file in self._lake.manifest.files("matches")]
        if files == self._files:
            return None
        found, version = findings_since(self._lake, self._rules.signal, self._version)
        done = self._brought(found) if found else None
        self._version, self._files = version, files
        return done

    def _brought(self, found: Iterable[Finding]) -> Synced:
        accounts = accounts_of(found)
        new = without_case(accounts)
        names = {(its.platform, its.account_id) for its in new}
        held = [its for its in accounts if (its.platform, its.account_id) not in names]  # the next scan looks at these
        told = [finding for its in new for finding in its.findings]
        new = accounts_of(_standing(self._lake, self._home, self._rules.signal, told))
        return add([*held, *new], seen_languages(self._lake, new))
