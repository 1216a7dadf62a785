"""Every change of a case. Only here is a decision made, and only people make one.

Each function is one transaction: the change, its audit entry and whatever is to be done because of it, or nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from seawall.audit.models import Entry
from seawall.audit.services import WORKER, Actor, record
from seawall.cases import facts, openings
from seawall.cases.codes import code_of, hash_of
from seawall.cases.models import Appeal, Case, CaseFinding, Decision, Reach, Statement
from seawall.cases.statements import language_of, languages
from seawall.cases.states import CaseError, check_appeal_move, check_move
from seawall.evidence import services as evidence
from seawall.evidence.vault import VaultError
from seawall.grounds import banks
from seawall.grounds.models import Clause, Designation
from seawall.ledger.models import Job, JobState
from seawall.ledger.outbox import enqueue
from seawall.people.access import Refused, act, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import Answer, AppealState, CaseState, Conduct, Exemption, Outcome, Verb

ENACT, UNDO, TELL = "enact", "undo", "tell"  # kinds of jobs that enforcement does
HOLDER = Actor("holder")  # of the account: no name, and no address, is kept
TOOK_PART = (
    "case.take", "case.conduct", "decision.propose", "decision.approve", "decision.reject",
    "statement.code",  # whoever has seen the holder's code could have appealed with it
)  # fmt: skip
APPEAL_ANSWER = timedelta(days=14)  # Regulation (EU) 2021/784 Art. 10: within two weeks
_S = CaseState


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person proposes. `checklist` maps each exemption to an answer and a note; nothing is preset."""

    verb: Verb
    conduct: Conduct
    clause_id: int
    explanation: str
    alternatives: str
    checklist: Mapping[Exemption, tuple[Answer, str]]
    post_id: str = ""
    designation_id: int | None = None
    language: str = ""  # of the statement of reasons; "": that of the account's own posts, where we have words for it


# --- a case before anything is decided -----------------------------------------------------------------------------


@act
def open_by_hand(person: User, platform: str, account_id: str, reason: str) -> Case:
    """A case on an account that no signal found. It needs conduct noted by a person before anything can be proposed."""
    require(person, May.TAKE_CASE)
    known = facts.profile(platform, account_id) or next(iter(facts.latest_posts(platform, account_id, count=1)), None)
    if known is None:
        raise CaseError(
            _("the lake knows no account %(account)s on %(platform)s: load an export or a stream first")
            % {"account": account_id, "platform": platform}
        )
    if not reason.strip():
        raise CaseError(_("say why this account needs a case"))
    case, new = Case.objects.get_or_create(
        platform=platform, account_id=account_id, defaults={"handle": known.get("handle") or ""}
    )
    if new:
        record(person.actor(), "case.open", str(case), reason)
    return case


@act
def take(person: User, case_id: int) -> Case:
    """Begin to work on a case; it is this person's until it is put back or closed."""
    case = _locked(case_id)
    require(person, May.TAKE_CASE, str(case))
    if case.state in (_S.CANDIDATE, _S.REJECTED, _S.REVERSED, _S.CLOSED):
        _move(case, _S.OPEN)
    elif case.taken_by_id not in (None, person.pk):
        raise CaseError(_("somebody else works on this case; they can put it back"))
    case.taken_by = person
    case.save()
    record(person.actor(), "case.take", str(case))
    return case


@act
def put_back(person: User, case_id: int, reason: str) -> Case:
    """Let others have the case: it is a candidate again."""
    case = _locked(case_id)
    require(person, May.TAKE_CASE, str(case))
    _move(case, _S.CANDIDATE)
    case.taken_by = None
    case.save()
    record(person.actor(), "case.put_back", str(case), reason)
    return case


@act
def close(person: User, case_id: int, reason: str) -> Case:
    """End the work on a case with a reason. New findings of other signals bring it back."""
    case = _locked(case_id)
    require(person, May.TAKE_CASE, str(case))
    if not reason.strip():
        raise CaseError(_("say why the case is closed: it is what others read when the account comes up again"))
    before = case.state
    _move(case, _S.CLOSED)
    case.taken_by = None
    case.save()
    record(person.actor(), "case.close", str(case), reason, was=before)
    return case


def note_conduct(person: User, case_id: int, post_ids: Iterable[str], because: str) -> CaseFinding:
    """A person says which of the account's own posts are conduct, and why. Raises CaseError for posts of others."""
    wanted = list(dict.fromkeys(post_ids))
    case = Case.objects.get(pk=case_id)
    return _note_conduct(person, case_id, wanted, facts.posts(case.platform, case.account_id, wanted), because)


@act
def _note_conduct(
    person: User, case_id: int, wanted: list[str], own: list[dict[str, Any]], because: str
) -> CaseFinding:
    case = _locked(case_id)
    require(person, May.TAKE_CASE, str(case))
    if not wanted or len(own) != len(wanted):
        raise CaseError(
            _("conduct is noted on posts of this account that are still in the lake; some of these are not")
        )
    if not because.strip():
        raise CaseError(_("say what these posts do: it is the reason that stands in the case"))
    found, _new = CaseFinding.objects.update_or_create(
        case=case,
        signal=f"person:{person.pseudonym}",
        defaults={
            "version": "1",
            "score": 1.0,
            "because": because,
            "seen": [{"post_id": p["post_id"], "at": p["at"].isoformat()} for p in own],
            "conduct": True,
            "gone_at": None,
        },
    )
    record(person.actor(), "case.conduct", str(case), "", posts=len(own))
    return found


# --- decisions -----------------------------------------------------------------------------------------------------


def propose(person: User, case_id: int, draft: Draft) -> Decision:
    """Propose what is to be done. Seals the evidence and drafts the statement of reasons at once.

    A reversible step on one item with an unambiguous checklist is approved by the same act; everything else waits for
    a second person. Whoever proposes has opened what it rests on: the post, or at least one of the account's. Raises
    Refused, CaseError (which says what is missing) or VaultError (nothing could be sealed).
    """
    case = Case.objects.get(pk=case_id)
    wanted = [draft.post_id] if draft.post_id else _seen(case)  # the lake is read before anything is locked
    may = person.may(May.PROPOSE) and bool(wanted)
    return _propose(person, case_id, draft, facts.to_seal(case.platform, case.account_id, wanted) if may else [])


@act
def _propose(person: User, case_id: int, draft: Draft, things: list[evidence.Captured]) -> Decision:
    # 1. the person may, and the case is open
    case = _locked(case_id)
    require(person, May.PROPOSE, str(case))
    _move(case, _S.PROPOSED)
    # 2. the ground: own conduct, a live clause about it, maybe a live designation beside it, a full checklist
    seen = own_conduct(case)
    clause, designation = _ground(draft)
    checklist = _checked(draft.checklist)
    reversible = _reach(case, draft.verb)
    _check_words(draft, seen)
    language = _language(case, draft)
    # 3. the proposer has read; the evidence is sealed before anything can act on it
    posts = {thing.post_id for thing in things if thing.kind == "post"}
    if not posts <= set(seen):
        raise CaseError(_("what was found about this account has just changed: look at it again"))
    if not posts:
        raise CaseError(_("none of the posts this rests on is in the lake any more, so there is no evidence to seal"))
    opened = _opened(person, case, posts)
    capture = evidence.capture(person.actor(), str(case), things)
    # 4. the decision, its statement, and the way it goes on
    second = _second_needed(draft, reversible)
    decision = Decision.objects.create(
        case=case,
        verb=draft.verb,
        post_id=draft.post_id,
        conduct=draft.conduct,
        clause=clause,
        designation=designation,
        explanation=draft.explanation.strip(),
        alternatives=draft.alternatives.strip(),
        checklist=checklist,
        capture=capture,
        state=_S.SECOND_REVIEW if second else _S.APPROVED,
        second_needed=second,
        reversible=reversible,
        proposed_by=person,
        rests_on=len(posts),
        proposer_opened=opened,
    )
    evidence.keep(capture, str(decision))
    Statement.objects.create(decision=decision, code_hash=hash_of(code_of(decision.pk)), language=language)
    record(
        person.actor(), "decision.propose", str(case), "",
        decision=decision.pk, verb=draft.verb, conduct=draft.conduct, clause=clause.code, capture=capture.pk,
        second=second, answers={q: a["answer"] for q, a in checklist.items()}, rests_on=len(posts), opened=opened,
        language=language,
    )  # fmt: skip
    _move(case, _S.SECOND_REVIEW if second else _S.APPROVED)
    case.taken_by = case.taken_by or person
    case.save()
    if not second:
        record(person.actor(), "decision.approve", str(case), "one person may", decision=decision.pk)
        enqueue(ENACT, f"enact:{decision.pk}", {"decision": decision.pk})
    return decision


@act
def approve(person: User, decision_id: int, reason: str) -> Decision:
    """The second person, who has opened what it rests on, agrees; the platform is told in the same transaction."""
    decision = _under_review(person, decision_id, reason)
    _opened(person, decision.case, rests_on(decision))
    try:
        evidence.verify(decision.capture)
    except VaultError as error:
        raise CaseError(_("the evidence is not whole, so this cannot be approved: %(why)s") % {"why": error}) from error
    _decide(decision, person, reason, _S.APPROVED, "decision.approve")
    enqueue(ENACT, f"enact:{decision.pk}", {"decision": decision.pk})
    return decision


@act
def reject(person: User, decision_id: int, reason: str) -> Decision:
    """The second person disagrees; nothing is done, and the case can be worked on again."""
    decision = _under_review(person, decision_id, reason)
    evidence.let_go(decision.capture, str(decision))
    _decide(decision, person, reason, _S.REJECTED, "decision.reject")
    return decision


@act
def withdraw(person: User, decision_id: int, reason: str) -> Decision:
    """The proposer takes the proposal back before anyone gave a second review."""
    decision = locked_decision(decision_id)
    require(person, May.PROPOSE, str(decision.case))
    if decision.proposed_by_id != person.pk:
        raise Refused(gettext_lazy("only the person who proposed it can withdraw it"), str(decision.case))
    if decision.state != _S.SECOND_REVIEW:
        raise CaseError(_("only a proposal that waits for its second review can be withdrawn"))
    if not reason.strip():
        raise CaseError(_("say why it is withdrawn"))
    decision.second_reason = reason
    _settle(decision, _S.REJECTED)
    evidence.let_go(decision.capture, str(decision))
    record(person.actor(), "decision.withdraw", str(decision.case), reason, decision=decision.pk)
    return decision


@act
def ask_reversal(person: User, decision_id: int, reason: str) -> Decision:
    """Take an executed decision back without an appeal: one person may, for it is in favour of the account holder."""
    decision = locked_decision(decision_id)
    require(person, May.REVERSE, str(decision.case))
    if not reason.strip():
        raise CaseError(_("say why it is taken back"))
    _ask_reversal(decision)
    record(person.actor(), "decision.reverse", str(decision.case), reason, decision=decision.pk)
    return decision


def profile_to_keep(decision: Decision) -> bytes:
    """What tells the return of an account that is about to be suspended, as the lake has it now; empty for anything
    else that is done, and where nothing is to be kept. Read before the transaction in which `executed` keeps it."""
    if decision.verb != Verb.SUSPEND or not settings.SEAWALL.desk.keep_profile_days:
        return b""
    return facts.return_profile(decision.case.platform, decision.case.account_id)


def executed(decision: Decision, profile: bytes = b"") -> None:
    """The platform did it (enforcement says so, in its transaction): the account holder is told now, and the `profile`
    that would tell its return is kept."""
    now = timezone.now()
    decision.executed_at = now
    _settle(decision, _S.EXECUTED)
    evidence.keep(decision.capture, str(decision), now + timedelta(days=settings.SEAWALL.desk.keep_evidence_days))
    record(WORKER, "decision.execute", str(decision.case), "", decision=decision.pk)
    if profile:
        until = now + timedelta(days=settings.SEAWALL.desk.keep_profile_days)
        evidence.keep_profile(str(decision.case), str(decision), profile, until)
    enqueue(TELL, _telling(decision), {"decision": decision.pk, "what": "statement"})


def undone(decision: Decision) -> None:
    """The platform took it back (enforcement says so): labels and bank entries made from the decision go with this."""
    decision.reversed_at = timezone.now()
    _settle(decision, _S.REVERSED)
    banks.end_of(decision.pk)
    record(WORKER, "decision.reversed", str(decision.case), "", decision=decision.pk)
    evidence.erase_profile(str(decision))
    enqueue(TELL, f"tell:{decision.pk}:reversed", {"decision": decision.pk, "what": "reversal"})


def given(decision: Decision, how: str) -> None:
    """The statement reached the account holder; from now on the time to appeal runs."""
    waiting = Statement.objects.filter(decision=decision, given_at=None)
    if waiting.update(given_at=timezone.now(), given_how=how):  # not again by a retry
        record(WORKER, "statement.give", str(decision.case), "", decision=decision.pk, how=how)


@act
def given_by_hand(person: User, decision_id: int, reason: str) -> None:
    """A person gave the statement another way, for platforms that cannot carry it."""
    decision = _to_give(person, decision_id)
    if not reason.strip():
        raise CaseError(_("say how it was given"))
    Statement.objects.filter(decision=decision).update(given_at=timezone.now(), given_how="by hand")
    record(person.actor(), "statement.give", str(decision.case), reason, decision=decision.pk, how="by hand")


@act
def code_to_give(person: User, decision_id: int) -> str:
    """The code to appeal with, for whoever gives the statement by hand, while it has not been given. Each showing is
    logged: the code is the account holder's alone. Raises Refused, CaseError."""
    decision = _to_give(person, decision_id)
    record(person.actor(), "statement.code", str(decision.case), "", decision=decision.pk)
    return code_of(decision.pk)


def by_hand(decision: Decision) -> bool:
    """Whether a person must give the statement: it is due, and the platform was asked and cannot carry it."""
    if decision.executed_at is None or decision.statement.given_at is not None:
        return False
    asked = Job.objects.filter(key=_telling(decision), state__in=[JobState.DONE, JobState.FAILED])
    return bool(asked.exists())


def _to_give(person: User, decision_id: int) -> Decision:
    decision = locked_decision(decision_id)
    require(person, May.PROPOSE, str(decision.case))
    if not by_hand(decision):
        raise CaseError(
            _(
                "only the statement of an executed decision that the platform cannot carry, and that was not given "
                "yet, is given by hand"
            )
        )
    return decision


def _telling(decision: Decision) -> str:
    return f"tell:{decision.pk}"  # the key of the job that has the platform carry the statement


# --- what is asked of a proposal -----------------------------------------------------------------------------------


def own_conduct(case: Case) -> list[str]:
    """Ids of the account's own posts that live findings point at. Raises CaseError when there are none."""
    seen = _seen(case)
    if not seen:
        raise CaseError(
            _(
                "this case has no conduct of the account's own: being mentioned, followed or close to others is no "
                "ground. Note which of its posts are conduct first"
            )
        )
    return seen


def _seen(case: Case) -> list[str]:
    seen: dict[str, None] = {}
    for finding in case.findings.filter(conduct=True, gone_at=None):
        seen |= dict.fromkeys(item["post_id"] for item in finding.seen)
    return list(seen)


def _ground(draft: Draft) -> tuple[Clause, Designation | None]:
    clause = Clause.objects.filter(pk=draft.clause_id, ended_at=None).first()
    if clause is None:
        raise CaseError(_("a decision needs a clause of the terms that is in force: no ground, no action"))
    if clause.conduct != draft.conduct:
        raise CaseError(
            _("clause %(clause)s is about %(conduct)s, not about this conduct")
            % {"clause": clause.code, "conduct": _(clause.conduct.replace("_", " "))}
        )
    designation = None
    if draft.designation_id is not None:
        designation = Designation.objects.filter(pk=draft.designation_id, delisted_on=None).first()
        if designation is None:
            raise CaseError(_("this organisation is on no list any more: a designation that is cited must be live"))
    return clause, designation


def _checked(given: Mapping[Exemption, tuple[Answer, str]]) -> dict[str, dict[str, str]]:
    missing = [question.value.replace("_", " ") for question in Exemption if question not in given]
    if missing:
        raise CaseError(_("the exemption checklist is not answered: %(questions)s") % {"questions": ", ".join(missing)})
    unexplained = [
        q.value.replace("_", " ") for q, (answer, note) in given.items() if answer != Answer.NO and not note.strip()
    ]
    if unexplained:
        raise CaseError(
            _("an answer that is not 'no' needs a note: %(questions)s") % {"questions": ", ".join(unexplained)}
        )
    return {q.value: {"answer": answer.value, "note": note.strip()} for q, (answer, note) in given.items()}


def _reach(case: Case, verb: Verb) -> bool:
    rows = {row.verb: row.reversible for row in Reach.objects.filter(platform=case.platform)}
    if rows and verb not in rows:
        raise CaseError(
            _("%(platform)s cannot %(verb)s; it can %(verbs)s")
            % {"platform": case.platform, "verb": verb, "verbs": ", ".join(sorted(rows))}
        )
    return rows.get(verb, True)


def _check_words(draft: Draft, seen: list[str]) -> None:
    if draft.verb.of_account and draft.post_id:
        raise CaseError(_("to %(verb)s is about the account, not about one post") % {"verb": draft.verb})
    if not draft.verb.of_account and draft.post_id not in seen:
        raise CaseError(_("to %(verb)s needs one of the posts that are this case's conduct") % {"verb": draft.verb})
    if not draft.explanation.strip():
        raise CaseError(
            _("the statement of reasons needs an explanation: what was posted and why it breaks the clause")
        )
    if not draft.alternatives.strip():
        raise CaseError(_("say what less was thought of, and why it would not do"))


def _language(case: Case, draft: Draft) -> str:
    if not draft.language:
        return language_of(case.language)
    if draft.language not in languages():
        raise CaseError(
            _("statements of reasons are written in %(languages)s; there are no words for '%(language)s'")
            % {"languages": ", ".join(languages()), "language": draft.language}
        )
    return draft.language


def _opened(person: User, case: Case, posts: Collection[str]) -> int:
    """How many of the posts the person has opened. Raises CaseError for none: nobody decides unread."""
    opened = openings.opened(person, case, posts)
    if not opened:
        raise CaseError(
            ngettext(
                "you have not opened the post this rests on: open it on the case page first",
                "you have opened none of the %(n)d posts this rests on: open them on the case page first",
                len(posts),
            )
            % {"n": len(posts)}
        )
    return len(opened)


def rests_on(decision: Decision) -> list[str]:
    """Ids of the posts that were sealed for a decision."""
    return list(decision.capture.items.filter(kind="post").values_list("post_id", flat=True))


def _second_needed(draft: Draft, reversible: bool) -> str:
    """Why, in English, for the record and for programs; pages translate each reason when they show it."""
    answers = {answer for answer, _note in draft.checklist.values()}
    reasons = {
        gettext_noop("it is about an account"): draft.verb.of_account,
        gettext_noop("it cannot be taken back on this platform"): not reversible,
        gettext_noop("an exemption may apply"): Answer.YES in answers,
        gettext_noop("the checklist holds an 'unsure'"): Answer.UNSURE in answers,
    }
    return "; ".join(reason for reason, holds in reasons.items() if holds)


def _under_review(person: User, decision_id: int, reason: str) -> Decision:
    decision = locked_decision(decision_id)
    require(person, May.SECOND, str(decision.case))
    if decision.proposed_by_id == person.pk:
        raise Refused(gettext_lazy("two different people are needed: you proposed this yourself"), str(decision.case))
    if decision.state != _S.SECOND_REVIEW:
        raise CaseError(_("this does not wait for a second review any more"))
    if not reason.strip():
        raise CaseError(_("say why you agree or disagree: it stands in the record"))
    return decision


def _decide(decision: Decision, person: User, reason: str, to: CaseState, verb: str) -> None:
    opened = len(openings.opened(person, decision.case, rests_on(decision)))
    decision.second_by, decision.second_at, decision.second_reason = person, timezone.now(), reason.strip()
    decision.second_opened = opened
    _settle(decision, to)
    record(person.actor(), verb, str(decision.case), reason, decision=decision.pk, opened=opened)


# --- appeals -------------------------------------------------------------------------------------------------------


@transaction.atomic
def appeal(decision: Decision, text: str, language: str) -> Appeal:
    """File an appeal for whoever holds the statement's code; `queries.by_code` found the decision. Raises CaseError."""
    decision = locked_decision(decision.pk)
    statement = decision.statement
    if not text.strip():
        raise CaseError(_("write what you want the reviewer to know"))
    if statement.given_at and timezone.now() > statement.given_at + timedelta(days=settings.SEAWALL.desk.appeal_days):
        raise CaseError(_("the time to appeal against this decision is over"))
    if decision.state not in (_S.EXECUTED, _S.APPROVED) or decision.reversal_asked_at:
        raise CaseError(_("this decision does not stand any more, so there is nothing to appeal against"))
    if decision.appeals.exclude(state=AppealState.VOIDED).exists():
        raise CaseError(_("there is an appeal against this decision already"))
    made: Appeal = Appeal.objects.create(
        decision=decision, text=text.strip(), language=language, due_at=timezone.now() + APPEAL_ANSWER
    )
    evidence.keep(decision.capture, str(made))
    record(HOLDER, "appeal.file", str(decision.case), "", appeal=made.pk, decision=decision.pk)
    return made


@act
def appeal_as_staff(person: User, about: str = "") -> NoReturn:  # noqa: ARG001 - `act` logs who it was
    """Nobody who is signed in at the desk appeals: an appeal is the account holder's. Raises Refused, always."""
    raise Refused(gettext_lazy("sign out first: an appeal is the account holder's"), about)


@act
def assign_appeal(person: User, appeal_id: int) -> Appeal:
    """Take an appeal, if the person took no part in what it is against."""
    made = _locked_appeal(person, appeal_id, AppealState.ASSIGNED)
    if made.officer_id not in (None, person.pk):
        raise CaseError(_("somebody else has taken this appeal"))
    made.officer, made.state = person, AppealState.ASSIGNED
    made.save()
    record(person.actor(), "appeal.take", str(made.decision.case), "", appeal=made.pk)
    return made


@act
def decide_appeal(person: User, appeal_id: int, outcome: Outcome, reasons: str) -> Appeal:
    """Answer an appeal with reasons. 'Reversed' takes back whatever was done, through the same outbox."""
    made = _locked_appeal(person, appeal_id, AppealState.DECIDED)
    if made.officer_id != person.pk:
        raise CaseError(_("somebody else has taken this appeal"))
    if not reasons.strip():
        raise CaseError(_("say why: the account holder reads it"))
    made.state, made.outcome, made.reasons = AppealState.DECIDED, outcome, reasons.strip()
    made.decided_at = timezone.now()
    made.save()
    decision = made.decision
    _keep_from(made.decided_at, made)
    record(person.actor(), "appeal.decide", str(decision.case), reasons, appeal=made.pk, outcome=outcome)
    if outcome == Outcome.REVERSED and decision.state != _S.REVERSED and not decision.reversal_asked_at:
        _ask_reversal(decision)
    enqueue(TELL, f"tell:{decision.pk}:appeal:{made.pk}", {"decision": decision.pk, "what": "appeal"})
    return made


@act
def void_appeal(person: User, appeal_id: int, reason: str) -> Appeal:
    """Say that an appeal was not the account holder's. It stays in the record; the holder is told, and may appeal."""
    made = _locked_appeal(person, appeal_id, AppealState.VOIDED)
    if made.outcome == Outcome.REVERSED:
        raise CaseError(_("this appeal was accepted: what was done is taken back, and there is nothing left to appeal"))
    if not reason.strip():
        raise CaseError(_("say how you know that it is not the account holder's: they read it"))
    made.state, made.void_reason = AppealState.VOIDED, reason.strip()
    made.voided_by, made.voided_at = person, timezone.now()
    made.save()
    decision = made.decision
    _keep_from(made.voided_at, made)
    record(person.actor(), "appeal.void", str(decision.case), reason, appeal=made.pk)
    enqueue(TELL, f"tell:{decision.pk}:void:{made.pk}", {"decision": decision.pk, "what": "void"})
    return made


def _keep_from(ended: datetime, made: Appeal) -> None:
    until = ended + timedelta(days=settings.SEAWALL.desk.keep_evidence_days)
    evidence.keep(made.decision.capture, str(made), until)


def _locked_appeal(person: User, appeal_id: int, to: AppealState) -> Appeal:
    decision = locked_decision(Appeal.objects.values_list("decision_id", flat=True).get(pk=appeal_id))
    made: Appeal = Appeal.objects.select_for_update().get(pk=appeal_id)
    made.decision, case = decision, str(decision.case)
    require(person, May.DECIDE_APPEAL, case)
    if took_part(person, made.decision):
        raise Refused(gettext_lazy("an appeal is decided by somebody who took no part in the decision"), case)
    if made.state == AppealState.RECEIVED and to == AppealState.DECIDED:
        raise CaseError(_("take the appeal first"))
    check_appeal_move(made.state, to)
    return made


def took_part(person: User, decision: Decision) -> bool:
    """Whether the person proposed, reviewed or worked on what was decided."""
    if person.pk in (decision.proposed_by_id, decision.second_by_id):
        return True
    theirs = Entry.objects.filter(object=str(decision.case), actor=person.pseudonym, verb__in=TOOK_PART)
    return bool(theirs.exists())


# --- inside --------------------------------------------------------------------------------------------------------


def _ask_reversal(decision: Decision) -> None:
    if decision.state not in (_S.APPROVED, _S.EXECUTED) or decision.reversal_asked_at:
        raise CaseError(_("only a decision that was approved or executed, and not taken back yet, can be taken back"))
    decision.reversal_asked_at = timezone.now()
    decision.save()
    enqueue(UNDO, f"undo:{decision.pk}", {"decision": decision.pk})


def _settle(decision: Decision, to: CaseState) -> None:
    decision.state = to
    decision.save()
    case = _locked(decision.case_id)
    if to == _S.REVERSED and case.state not in (_S.APPROVED, _S.EXECUTED, _S.CLOSED):
        return  # people are at work on something newer about this account
    _move(case, to)
    case.save()
    decision.case = case


def _move(case: Case, to: CaseState) -> None:
    check_move(case.state, to)
    case.state = to


def _locked(case_id: int) -> Case:
    case: Case = Case.objects.select_for_update().get(pk=case_id)
    return case


def locked_decision(decision_id: int) -> Decision:
    """A decision, locked together with its case: the case first, as everywhere, so that nobody waits in a circle.

    What is locked is locked before the audit log is written to, which is locked last. Raises Decision.DoesNotExist.
    """
    _locked(Decision.objects.values_list("case_id", flat=True).get(pk=decision_id))
    decision: Decision = (
        Decision.objects.select_for_update(of=("self",)).select_related("case", "capture").get(pk=decision_id)
    )
    return decision
