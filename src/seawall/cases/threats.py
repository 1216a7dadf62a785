"""Drafts of threat reports: what may threaten somebody's life or safety is before the duty officer at once.

After Regulation (EU) 2022/2065 Art. 18 (whoever hosts tells of a suspicion "promptly") and Regulation (EU) 2021/784
Art. 14(5). A match of an urgent rule opens a draft in the transaction that opens the case, with its clock; nothing is
sent, nothing is done to the account, and the case goes its own way. A person reads the posts and answers: passed on to
an authority, or no threat. Seawall sends no report by itself; what was passed on is written down and sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seawall.audit.services import SCANNER, Actor, record
from seawall.cases import facts, openings
from seawall.cases.models import Case, ThreatDraft
from seawall.cases.states import CaseError
from seawall.evidence import services as evidence
from seawall.evidence.vault import VaultError
from seawall.people.access import act, look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.findings import Finding
from seawall.records.terms import ThreatState
from seawall.signals.scan import AccountFindings

ANSWER = timedelta(minutes=30)  # the clock of a draft; "promptly" has no number in the law
FRESH = timedelta(days=7)  # an older post announces nothing that is still to come
_SHOWN = 50


def raise_from(accounts: Iterable[AccountFindings], cases: Mapping[tuple[str, str], Case]) -> int:
    """Open a draft, or add to the one that waits, for urgent findings among these; in the running transaction.

    A post is put before somebody once: one that was answered raises nothing again. How many drafts are new.
    """
    urgent = {f"rules.{rule}" for rule in settings.SEAWALL.desk.urgent_rules}
    raised = 0
    for account in accounts:
        for found in account.findings:
            if found.signal in urgent and found.above_line:
                raised += _raise(cases[account.platform, account.account_id], found)
    return raised


def _raise(case: Case, found: Finding) -> int:
    now = timezone.now()
    drafts = list(ThreatDraft.objects.select_for_update().filter(case=case))
    known = {post["post_id"] for draft in drafts for post in draft.posts}
    new = [item.as_dict() for item in found.seen if item.post_id not in known and _fresh(item.at, now)]
    if not new:
        return 0
    waiting = next((draft for draft in drafts if draft.state == ThreatState.WAITING), None)
    if waiting:
        waiting.posts = [*waiting.posts, *new]
        waiting.save(update_fields=["posts"])
    else:
        waiting = ThreatDraft.objects.create(
            case=case, signal=found.signal, because=found.because, posts=new, raised_at=now, due_at=now + ANSWER
        )
    record(SCANNER, "threat.raise", str(case), "", draft=waiting.pk, signal=found.signal, posts=len(new))
    return int(len(waiting.posts) == len(new))


def _fresh(at: str, now: datetime) -> bool:
    return not at or datetime.fromisoformat(at) > now - FRESH


@dataclass(frozen=True, slots=True)
class Drafts:
    """What waits, the most urgent first, and what was answered last; of what waits, what the person has read."""

    waiting: list[ThreatDraft]
    answered: list[ThreatDraft]
    read: frozenset[int]


@look
def drafts(person: User) -> Drafts:
    """Raises Refused. Listing is not logged: it shows handles and reasons, no text."""
    require(person, May.READ_THREATS)
    found = ThreatDraft.objects.select_related("case", "answered_by")
    waits = list(found.filter(state=ThreatState.WAITING).order_by("due_at", "pk"))
    return Drafts(
        waits,
        list(found.exclude(state=ThreatState.WAITING).order_by("-answered_at", "-pk")[:_SHOWN]),
        frozenset(draft.pk for draft in waits if openings.opened(person, draft.case, _ids(draft))),
    )


def waiting() -> int:
    """How many drafts wait."""
    return ThreatDraft.objects.filter(state=ThreatState.WAITING).count()


def listed(who: str) -> list[ThreatDraft]:
    """What waits, for the command line, without text; logged as a read of `who`."""
    with transaction.atomic():
        record(Actor(who), "threat.list", "", "")
    return list(ThreatDraft.objects.select_related("case").filter(state=ThreatState.WAITING).order_by("due_at", "pk"))


@look
def check(person: User, draft_id: int) -> None:
    """Raises Refused unless the person may answer it, ThreatDraft.DoesNotExist."""
    require(person, May.ANSWER_THREAT, str(ThreatDraft.objects.select_related("case").get(pk=draft_id).case))


def pass_on(person: User, draft_id: int, recipient: str, reason: str) -> ThreatDraft:
    """Write down that a person told an authority, whom and why; the posts are sealed as what was told.

    The report does not wait for evidence: what cannot be sealed is said in the log. Raises Refused, CaseError.
    """
    draft = ThreatDraft.objects.select_related("case").get(pk=draft_id)
    may = person.may(May.ANSWER_THREAT)
    things = facts.to_seal(draft.case.platform, draft.case.account_id, _ids(draft)) if may else []
    return _pass_on(person, draft_id, recipient, reason, things)


@act
def _pass_on(person: User, draft_id: int, recipient: str, reason: str, things: list[evidence.Captured]) -> ThreatDraft:
    draft = _to_answer(person, draft_id)
    if not recipient.strip():
        raise CaseError(_("say which authority was told"))
    _read(person, draft)
    sealed, why = 0, ""
    try:
        with transaction.atomic():
            made = evidence.capture(person.actor(), str(draft.case), things)
            until = timezone.now() + timedelta(days=settings.SEAWALL.desk.keep_evidence_days)
            evidence.keep(made, str(draft), until)
        sealed = len(things)
    except VaultError as error:
        why = str(error)
    draft.recipient = recipient.strip()
    _answered(person, draft, ThreatState.PASSED_ON, reason)
    record(
        person.actor(), "threat.pass_on", str(draft.case), reason,
        draft=draft.pk, recipient=draft.recipient, posts=len(draft.posts), sealed=sealed, not_sealed=why,
        late=draft.late,
    )  # fmt: skip
    return draft


@act
def dismiss(person: User, draft_id: int, reason: str) -> ThreatDraft:
    """A person who read the posts finds no threat to anybody. Raises Refused, CaseError."""
    draft = _to_answer(person, draft_id)
    if not reason.strip():
        raise CaseError(_("say why this threatens nobody"))
    _read(person, draft)
    _answered(person, draft, ThreatState.DISMISSED, reason)
    record(person.actor(), "threat.dismiss", str(draft.case), reason, draft=draft.pk, late=draft.late)
    return draft


def _to_answer(person: User, draft_id: int) -> ThreatDraft:
    draft: ThreatDraft = ThreatDraft.objects.select_for_update().get(pk=draft_id)
    require(person, May.ANSWER_THREAT, str(draft.case))
    if draft.state != ThreatState.WAITING:
        raise CaseError(_("somebody answered this already"))
    return draft


def _read(person: User, draft: ThreatDraft) -> None:
    """Raises CaseError if the person opened none of the posts; where none is left in the lake nobody can."""
    case = draft.case
    there = [post["post_id"] for post in facts.posts(case.platform, case.account_id, _ids(draft))]
    if there and not openings.opened(person, case, there):
        raise CaseError(_("open the posts first, on the page of the case: the answer rests on what they say"))


def _ids(draft: ThreatDraft) -> list[str]:
    return [post["post_id"] for post in draft.posts]


def _answered(person: User, draft: ThreatDraft, state: ThreatState, reason: str) -> None:
    draft.state, draft.reason = state, reason.strip()
    draft.answered_by, draft.answered_at = person, timezone.now()
    draft.save()
