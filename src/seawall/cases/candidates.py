"""From findings to candidates: every account above the line gets a case, and cases learn what the newest scan says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db import transaction
from django.utils import timezone

from seawall.audit.services import SCANNER, record
from seawall.cases import threats
from seawall.cases.models import Case, CaseFinding
from seawall.records.findings import Finding
from seawall.records.terms import CaseState
from seawall.signals.scan import AccountFindings

_BATCH = 500


@dataclass(slots=True)
class Synced:
    """What a scan changed at the desk."""

    new: int = 0
    renewed: int = 0  # cases with a finding they did not have
    closed_again: int = 0  # closed cases that a new finding brought back
    threats: int = 0  # drafts of threat reports for the duty officer


def sync(
    accounts: Sequence[AccountFindings],
    not_run: Iterable[str] = (),
    languages: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> Synced:
    """Open a candidate for each account above the line that has no case; add new findings to those that have one.

    A finding that the scan does not make any more is marked gone and stays readable; those of a signal that did not
    run stay as they are. Nothing else about a case changes.
    """
    done = Synced()
    for start in range(0, len(accounts), _BATCH):
        with transaction.atomic():
            _sync_some(accounts[start : start + _BATCH], languages, done, _renew)
    with transaction.atomic():
        gone = _mark_gone(accounts, frozenset(not_run))
        record(SCANNER, "scan.sync", "", "", new=done.new, renewed=done.renewed, back=done.closed_again, gone=gone)
    return done


def add(accounts: Sequence[AccountFindings], languages: Mapping[tuple[str, str], str] = MappingProxyType({})) -> Synced:
    """Add what was found between two scans: it opens cases and makes findings stronger, and takes nothing back.

    A scan sees everything, this only what came; so a finding that says as much or more than the new one stays.
    """
    done = Synced()
    with transaction.atomic():
        _sync_some(accounts, languages, done, _strengthen)
        if done.new or done.renewed or done.closed_again:
            record(SCANNER, "scan.follow", "", "", new=done.new, renewed=done.renewed, back=done.closed_again)
    return done


def without_case(accounts: Iterable[AccountFindings]) -> list[AccountFindings]:
    """Accounts that have no case yet."""
    wanted = {(a.platform, a.account_id): a for a in accounts}
    held = Case.objects.filter(account_id__in=[account_id for _, account_id in wanted])
    for key in held.values_list("platform", "account_id"):
        wanted.pop(key, None)
    return list(wanted.values())


def _sync_some(
    accounts: Iterable[AccountFindings],
    languages: Mapping[tuple[str, str], str],
    done: Synced,
    renew: Callable[[Case, AccountFindings, Synced], None],
) -> None:
    wanted = {(a.platform, a.account_id): a for a in accounts}
    ids = [account_id for _, account_id in wanted]
    held = {(c.platform, c.account_id): c for c in Case.objects.filter(account_id__in=ids)}
    fresh = [_case(account, languages.get(key, "")) for key, account in wanted.items() if key not in held]
    Case.objects.bulk_create(fresh)
    done.new += len(fresh)
    CaseFinding.objects.bulk_create(
        _finding(case, finding) for case in fresh for finding in wanted[case.platform, case.account_id].findings
    )
    for key, case in held.items():
        if key in wanted:
            renew(case, wanted[key], done)
    every = {**held, **{(case.platform, case.account_id): case for case in fresh}}
    done.threats += threats.raise_from(wanted.values(), every)


def _strengthen(case: Case, account: AccountFindings, done: Synced) -> None:
    """Add findings that are new or stronger; those that stand besides count on."""
    known = {finding.signal: finding for finding in case.findings.all() if not finding.signal.startswith("person:")}
    stronger = [f for f in account.findings if _says_more(f, known.get(f.signal))]
    if stronger:
        named = {f.signal for f in stronger}
        stand = [old for old in known.values() if old.gone_at is None and old.signal not in named]
        top = max([*(f.score for f in stronger), *(old.score for old in stand)])
        _write(case, stronger, top, len(stronger) + len(stand), done)


def _says_more(found: Finding, old: CaseFinding | None) -> bool:
    return old is None or old.gone_at is not None or old.version != found.version or old.score < found.score


def _renew(case: Case, account: AccountFindings, done: Synced) -> None:
    """Let a case say what the newest scan says."""
    _write(case, account.findings, account.findings[0].score, len(account.findings), done)


def _write(case: Case, findings: Sequence[Finding], top: float, count: int, done: Synced) -> None:
    known = {finding.signal: finding for finding in case.findings.all()}
    new = [f for f in findings if f.signal not in known]
    changed = []
    for found in findings:
        old = known.get(found.signal)
        if old is not None and (old.version, old.score, old.gone_at) != (found.version, found.score, None):
            old.version, old.score, old.because = found.version, found.score, found.because
            old.seen, old.conduct, old.gone_at = [s.as_dict() for s in found.seen], found.conduct, None
            changed.append(old)
    if not new and not changed:
        return
    CaseFinding.objects.bulk_create(_finding(case, found) for found in new)
    CaseFinding.objects.bulk_update(changed, ["version", "score", "because", "seen", "conduct", "gone_at"])
    case.top_score, case.signals = top, count
    done.renewed += bool(new)
    if new and case.state == CaseState.CLOSED and not case.decisions.filter(state=CaseState.EXECUTED).exists():
        case.state, case.taken_by = CaseState.CANDIDATE, None
        done.closed_again += 1
        record(SCANNER, "case.back", f"case:{case.pk}", "a new finding", signals=[f.signal for f in new])
    case.save(update_fields=["top_score", "signals", "state", "taken_by", "changed_at"])


def _mark_gone(accounts: Sequence[AccountFindings], not_run: frozenset[str]) -> int:
    live = {(a.platform, a.account_id, f.signal) for a in accounts for f in a.findings}
    held = CaseFinding.objects.filter(gone_at=None).exclude(signal__startswith="person:")
    gone = [
        pk
        for pk, platform, account, signal in held.values_list("pk", "case__platform", "case__account_id", "signal")
        if (platform, account, signal) not in live and signal.partition(".")[0] not in not_run
    ]
    for start in range(0, len(gone), _BATCH):
        CaseFinding.objects.filter(pk__in=gone[start : start + _BATCH]).update(gone_at=timezone.now())
    return len(gone)


def _case(account: AccountFindings, language: str) -> Case:
    return Case(
        platform=account.platform,
        account_id=account.account_id,
        handle=account.handle or "",
        top_score=account.findings[0].score,
        signals=len(account.findings),
        language=language[:12],
    )


def _finding(case: Case, found: Finding) -> CaseFinding:
    return CaseFinding(
        case=case,
        signal=found.signal,
        version=found.version,
        score=found.score,
        because=found.because,
        seen=[item.as_dict() for item in found.seen],
        conduct=found.conduct,
    )
