"""An appeal that was not the account holder's: voided by who may decide appeals, kept, no bar to the holder's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from desk import Desk, audit_verbs
from seawall.audit.models import Entry
from seawall.cases import queries, services
from seawall.cases.codes import code_of
from seawall.cases.models import Appeal, Decision
from seawall.cases.states import APPEAL_MOVES, CaseError, check_appeal_move
from seawall.evidence.models import KeepGround
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.people.roles import ALLOWED, DeskRole, May
from seawall.records.terms import AppealState, CaseState, Outcome, State

FALSE, OWN, WHY = "do it again", "I repair lamps", "The holder wrote to us that it was not them."
S = AppealState


@pytest.fixture
def decision(desk: Desk, reviewer: User, second_reviewer: User) -> Decision:
    """An executed decision whose holder was told."""
    return desk.executed(reviewer, second_reviewer)


def _file(decision: Decision, text: str) -> Appeal:
    return services.appeal(Decision.objects.get(pk=decision.pk), text, "en")


def _upheld(officer: User, made: Appeal) -> None:
    services.assign_appeal(officer, made.pk)
    services.decide_appeal(officer, made.pk, Outcome.UPHELD, "They are releases.")


BEFORE: dict[AppealState, Callable[[User, Appeal], object]] = {
    S.RECEIVED: lambda _officer, _made: None,
    S.ASSIGNED: lambda officer, made: services.assign_appeal(officer, made.pk),
    S.DECIDED: _upheld,
}


@pytest.mark.parametrize("now", list(AppealState))
@pytest.mark.parametrize("to", list(AppealState))
def test_every_move_of_an_appeal_not_listed_is_refused(now: AppealState, to: AppealState) -> None:
    listed = {
        (S.RECEIVED, S.ASSIGNED), (S.RECEIVED, S.VOIDED), (S.ASSIGNED, S.ASSIGNED), (S.ASSIGNED, S.DECIDED),
        (S.ASSIGNED, S.VOIDED), (S.DECIDED, S.VOIDED),
    }  # fmt: skip
    assert (to in APPEAL_MOVES[now]) == ((now, to) in listed)
    if (now, to) in listed:
        check_appeal_move(now, to)
    else:
        with pytest.raises(CaseError, match=f"was {now} already"):
            check_appeal_move(now, to)


@pytest.mark.parametrize("before", list(BEFORE))
def test_a_false_appeal_is_voided_and_the_holder_appeals(
    desk: Desk, decision: Decision, appeals_officer: User, before: AppealState
) -> None:
    false = _file(decision, FALSE)
    BEFORE[before](appeals_officer, false)
    with pytest.raises(CaseError, match="already"):
        _file(decision, OWN)
    voided = services.void_appeal(appeals_officer, false.pk, f" {WHY} ")
    assert (voided.state, voided.void_reason, voided.voided_by) == (S.VOIDED, WHY, appeals_officer)
    entry = Entry.objects.get(verb="appeal.void")
    assert (entry.actor, entry.object, entry.reason.strip()) == (appeals_officer.pseudonym, str(decision.case), WHY)
    own = _file(decision, OWN)
    services.assign_appeal(appeals_officer, own.pk)
    services.decide_appeal(appeals_officer, own.pk, Outcome.REVERSED, "You do repair lamps.")
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.REVERSED
    assert [(a.text, a.state) for a in Appeal.objects.order_by("pk")] == [(FALSE, S.VOIDED), (OWN, S.DECIDED)]
    with pytest.raises(CaseError, match="does not stand any more"):
        _file(decision, "again")


def test_the_holder_is_told_that_it_was_not_theirs_and_each_answer_once(
    desk: Desk, decision: Decision, appeals_officer: User
) -> None:
    about = desk.about(decision.case)
    false = _file(decision, FALSE)
    _upheld(appeals_officer, false)
    services.void_appeal(appeals_officer, false.pk, WHY)
    desk.worker()
    _statement, void = desk.simulated().messages(about)  # not the answer: it was to somebody else
    assert "it was not yours" in void
    assert WHY in void
    assert "/appeal" in void
    assert code_of(decision.pk) not in void
    _upheld(appeals_officer, _file(decision, OWN))
    desk.worker()
    assert [message for message in desk.simulated().messages(about) if "They are releases." in message]
    services.void_appeal(appeals_officer, Appeal.objects.latest("pk").pk, WHY)
    _upheld(appeals_officer, _file(decision, "and again"))
    desk.worker()
    answers = [message for message in desk.simulated().messages(about) if "They are releases." in message]
    assert len(answers) == 2


def test_what_cannot_be_voided(desk: Desk, decision: Decision, appeals_officer: User) -> None:
    made = _file(decision, FALSE)
    with pytest.raises(CaseError, match="say how you know"):
        services.void_appeal(appeals_officer, made.pk, "  ")
    services.void_appeal(appeals_officer, made.pk, WHY)
    with pytest.raises(CaseError, match="voided already"):
        services.void_appeal(appeals_officer, made.pk, WHY)
    with pytest.raises(CaseError, match="voided already"):
        services.assign_appeal(appeals_officer, made.pk)
    with pytest.raises(CaseError, match="voided already"):
        services.decide_appeal(appeals_officer, made.pk, Outcome.UPHELD, "no")
    own = _file(decision, OWN)
    services.assign_appeal(appeals_officer, own.pk)
    services.decide_appeal(appeals_officer, own.pk, Outcome.REVERSED, "You do.")
    with pytest.raises(CaseError, match="was accepted"):
        services.void_appeal(appeals_officer, own.pk, WHY)
    assert audit_verbs().count("appeal.void") == 1
    desk.worker()
    assert desk.simulated().status(desk.about(decision.case)) == State.ACTIVE


def test_only_who_may_decide_it_voids_an_appeal(
    desk: Desk, decision: Decision, reviewer: User, second_reviewer: User
) -> None:
    made = _file(decision, OWN)
    for role in set(DeskRole) - ALLOWED[May.DECIDE_APPEAL]:
        with pytest.raises(Refused):
            services.void_appeal(desk.person(role), made.pk, WHY)
    officer = desk.person(DeskRole.APPEALS_OFFICER)
    for who in (reviewer, second_reviewer):  # who took part, and may decide appeals now
        who.groups.set(officer.groups.all())
        with pytest.raises(Refused, match="took no part"):
            services.void_appeal(User.objects.get(pk=who.pk), made.pk, WHY)
    services.void_appeal(officer, made.pk, WHY)


def test_the_evidence_is_kept_as_long_as_for_an_answer(decision: Decision, appeals_officer: User) -> None:
    made = _file(decision, FALSE)
    ground = KeepGround.objects.get(why=str(made))
    assert ground.until is None
    services.void_appeal(appeals_officer, made.pk, WHY)
    ground.refresh_from_db()
    made.refresh_from_db()
    assert ground.closed_at is None
    assert (ground.until - made.voided_at).days == 183


def test_a_voided_appeal_waits_for_nobody_and_stays_listed(
    desk: Desk, decision: Decision, appeals_officer: User
) -> None:
    made = _file(decision, FALSE)
    assert queries.work(appeals_officer)["appeals"] == 1
    services.void_appeal(appeals_officer, made.pk, WHY)
    assert queries.work(appeals_officer)["appeals"] == 0
    assert queries.appeals(appeals_officer) == []
    assert queries.appeals(appeals_officer, decided=True) == [made]


def test_the_database_holds_one_appeal_that_counts(decision: Decision) -> None:
    made = _file(decision, FALSE)
    same = {"decision": decision, "text": "x", "due_at": made.due_at}
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(**same)
    Appeal.objects.create(**same, state=S.VOIDED)
