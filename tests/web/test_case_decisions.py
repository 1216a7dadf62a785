"""Decisions on the page of their case: told whole, taken back, tried again."""

from __future__ import annotations

from django.test import Client

from desk import Desk
from pages import Browser, text_of
from seawall.enforcement.models import Action
from seawall.ledger.models import Job
from seawall.people.models import User
from seawall.records.terms import CaseState


def test_a_decision_on_the_case_tells_its_whole_story(
    desk: Desk, reads: Client, reviewer: User, second_reviewer: User
) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    shown = text_of(reads.get(f"/cases/{decision.case_id}/"))
    for wanted in (
        "Suspend the account",
        "clause T1",
        decision.explanation,
        decision.alternatives,
        "agreed",
        "given through the platform",
        "Receipt",
        "simulated",
        "Is this reporting?",
    ):
        assert wanted in shown
    assert "Take this decision back" not in shown  # a reviewer may not


def test_taking_a_decision_back(desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    browser = signed_in(second_reviewer)
    assert "Take this decision back" in text_of(browser.get(f"/cases/{decision.case_id}/"))
    wrong = browser.post(f"/decisions/{decision.pk}/reverse/", {"reason": ""})
    assert wrong.status_code == 422
    assert "Say why it is taken back" in text_of(wrong)
    assert browser.post(f"/decisions/{decision.pk}/reverse/", {"reason": "a repair shop"}).status_code == 302
    desk.worker()
    assert "Taken back" in text_of(browser.get(f"/cases/{decision.case_id}/"))


def test_a_failed_action_is_said_first_and_tried_again(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User
) -> None:
    decision = desk.proposed(reviewer)
    desk.approved(decision, second_reviewer)
    action = Action.objects.create(
        decision=decision, key=f"seawall-{decision.pk}", verb="suspend", state="failed", error="403 Forbidden"
    )
    Job.objects.filter(key=f"enact:{decision.pk}").update(state="failed")
    browser = signed_in(second_reviewer)
    shown = text_of(browser.get(f"/cases/{decision.case_id}/"))
    assert "The platform did not do it." in shown
    assert "403 Forbidden" in shown
    assert "Try again" not in text_of(signed_in(reviewer).get(f"/cases/{decision.case_id}/"))
    address = f"/decisions/{decision.pk}/actions/{action.pk}/again/"
    assert browser.post(address, {"reason": "the key was renewed"}).status_code == 302
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.EXECUTED
    assert browser.post(address, {"reason": "once more"}).status_code == 422
