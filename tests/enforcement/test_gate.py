"""The gate before every adapter: the quota halts at exactly N, the breaker opens, giving back never waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from msgspec.structs import replace

from desk import ROOT, Desk
from seawall.audit.models import Entry
from seawall.cases import services
from seawall.cases.models import Decision, Reach
from seawall.cases.states import CaseError
from seawall.enforcement import gate
from seawall.enforcement import services as enforcement
from seawall.enforcement.adapters.contract import AdapterError
from seawall.enforcement.adapters.simulated import SimulatedAdapter
from seawall.enforcement.models import Action, Gate
from seawall.ledger.models import Job, JobState
from seawall.ledger.outbox import enqueue
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.records.terms import ActionState, CaseState, State, Verb


class Broken(SimulatedAdapter):
    """A platform that does not answer, or refuses for good."""

    permanent = False

    def apply(self, order):
        raise AdapterError("503 from the platform", permanent=self.permanent)


@pytest.fixture
def broken(desk: Desk, monkeypatch) -> type[Broken]:
    monkeypatch.setattr(
        enforcement, "adapter_for", lambda platform: Broken(platform, desk.home / "platforms" / "simulated.sqlite")
    )
    monkeypatch.setattr(Broken, "permanent", False)
    return Broken


def _quota(settings, count: int) -> None:
    settings.SEAWALL = replace(settings.SEAWALL, desk=replace(settings.SEAWALL.desk, actions_an_hour=count))


def test_the_quota_halts_at_exactly_n(desk: Desk, reviewer: User, second_reviewer: User, settings) -> None:
    _quota(settings, 3)
    for _ in range(5):
        desk.approved(desk.proposed(reviewer), second_reviewer)
    desk.worker()
    assert [call for call, _ in desk.simulated().journal()].count("apply") == 3
    assert Action.objects.filter(state=ActionState.DONE).count() == 3
    waiting = Job.objects.filter(kind="enact", state=JobState.READY)
    assert waiting.count() == 2
    assert all("quota of 3 actions" in job.last_error for job in waiting)
    Gate.objects.update(hour=timezone.now() - timedelta(hours=1))  # the next hour
    Job.objects.filter(state=JobState.READY).update(due=timezone.now())
    desk.worker()
    assert Action.objects.filter(state=ActionState.DONE).count() == 5


def test_giving_back_does_not_wait_for_the_quota(desk: Desk, reviewer, second_reviewer, settings) -> None:
    _quota(settings, 1)
    decision = desk.executed(reviewer, second_reviewer)
    services.ask_reversal(second_reviewer, decision.pk, "new facts")
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.REVERSED


def test_a_failing_platform_is_left_alone(desk, reviewer, second_reviewer, broken, monkeypatch) -> None:
    decision = desk.proposed(reviewer)
    desk.approved(decision, second_reviewer)
    for _ in range(gate.FAILURES):
        Job.objects.filter(state=JobState.READY).update(due=timezone.now())
        desk.worker()
    held = Gate.objects.get(platform="x")
    assert held.failures == gate.FAILURES
    assert held.closed_until > timezone.now()
    assert Entry.objects.filter(verb="breaker.open").count() == 1
    calls = len(desk.simulated().journal())
    Job.objects.filter(state=JobState.READY).update(due=timezone.now())
    desk.worker()
    assert len(desk.simulated().journal()) == calls  # nothing is asked while it is open
    monkeypatch.setattr(enforcement, "adapter_for", desk.simulated)
    Gate.objects.update(closed_until=timezone.now())
    Job.objects.filter(state=JobState.READY).update(due=timezone.now())
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.EXECUTED
    assert Gate.objects.get(platform="x").failures == 0
    assert desk.simulated().journal()[calls][0] == "find"  # a retry asks first


def test_a_person_tries_again_what_failed(desk, reviewer, second_reviewer, broken, monkeypatch) -> None:
    monkeypatch.setattr(Broken, "permanent", True)
    decision = desk.proposed(reviewer)
    desk.approved(decision, second_reviewer)
    desk.worker()
    action = Action.objects.get()
    assert (action.state, action.error) == (ActionState.FAILED, "503 from the platform")
    assert Job.objects.get(kind="enact").state == JobState.FAILED
    monkeypatch.setattr(enforcement, "adapter_for", desk.simulated)
    with pytest.raises(Refused):
        enforcement.try_again(reviewer, action.pk, "it works now")
    enforcement.try_again(second_reviewer, action.pk, "it works now")
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.EXECUTED


def test_what_failed_for_good_can_be_taken_back(desk, reviewer, second_reviewer, broken, monkeypatch) -> None:
    monkeypatch.setattr(Broken, "permanent", True)
    decision = desk.proposed(reviewer)
    desk.approved(decision, second_reviewer)
    desk.worker()
    services.ask_reversal(second_reviewer, decision.pk, "the platform lacks the account")
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.REVERSED
    assert "undo" not in [call for call, _ in desk.simulated().journal()]
    with pytest.raises(CaseError):
        services.ask_reversal(second_reviewer, decision.pk, "again")


@pytest.mark.parametrize("applied", [True, False])
def test_what_is_taken_back_while_its_worker_is_dead(desk, reviewer, second_reviewer, applied: bool) -> None:
    """The worker died with the order sent or not: the platform is asked, and whatever was done is undone."""
    decision = desk.proposed(reviewer)
    desk.approved(decision, second_reviewer)
    action = enforcement._action(decision)  # as far as the worker came
    if applied:
        desk.simulated().apply(enforcement._order(action))
    services.ask_reversal(second_reviewer, decision.pk, "new facts")
    desk.worker()
    decision.refresh_from_db()
    action.refresh_from_db()
    assert decision.state == CaseState.REVERSED
    assert action.state == (ActionState.REVERSED if applied else ActionState.FAILED)
    assert desk.simulated().status(desk.about(decision.case)) == State.ACTIVE


def test_a_statement_is_given_once_however_often_the_job_runs(desk, reviewer, second_reviewer) -> None:
    desk.executed(reviewer, second_reviewer)
    Job.objects.filter(kind="tell").update(state=JobState.READY, due=timezone.now())
    desk.worker()
    assert Entry.objects.filter(verb="statement.give").count() == 1


def test_an_action_comes_only_from_an_approved_decision(desk: Desk, reviewer: User) -> None:
    decision = desk.proposed(reviewer)
    with transaction.atomic():
        enqueue("enact", "enact:forged", {"decision": decision.pk})
    desk.worker()
    assert Job.objects.get().state == JobState.FAILED
    assert "not approved" in Job.objects.get().last_error
    assert not Action.objects.exists()


def test_the_same_job_twice_acts_once(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    Job.objects.filter(kind="enact").update(state=JobState.READY, due=timezone.now())
    desk.worker()
    calls = [call for call, key in desk.simulated().journal() if key == f"seawall-{decision.pk}"]
    assert calls == ["apply"]
    assert Decision.objects.get().executed_at == decision.executed_at


def test_only_cases_and_enforcement_make_decisions_and_actions() -> None:
    makers = {"Decision.objects.create": "cases/services.py", "Action.objects.get_or_create": "enforcement/services.py"}
    for words, place in makers.items():
        found = [p for p in (ROOT / "src" / "seawall").rglob("*.py") if words in p.read_text("utf-8")]
        assert [str(p.relative_to(ROOT / "src" / "seawall")) for p in found] == [place]
    others = [
        p
        for p in (ROOT / "src" / "seawall").rglob("*.py")
        if "migrations" not in p.parts and any(w in p.read_text("utf-8") for w in ("Decision(", "Action("))
    ]
    assert {p.name for p in others} <= {"models.py"}


def test_what_a_platform_can_do_is_written_down_when_it_is_connected(desk: Desk, monkeypatch) -> None:
    enforcement.connect("cli:somebody", "matrix", "http://127.0.0.1:1", "secret-token")
    rows = {row.verb: row.reversible for row in Reach.objects.filter(platform="matrix")}
    assert rows == {Verb.SUSPEND: True, Verb.LOCK: True, Verb.LIMIT: True, Verb.REMOVE: False}
    assert (desk.home / "keys" / "act-matrix.json").stat().st_mode & 0o077 == 0
    assert "secret-token" not in "".join(f"{e.detail}{e.reason}" for e in Entry.objects.all())
    assert enforcement.disconnect("cli:somebody", "matrix")
    assert not Reach.objects.exists()
    assert not enforcement.disconnect("cli:somebody", "matrix")
