"""Second reviews: what the second person sees, and may do."""

from __future__ import annotations

import pytest

from desk import Desk
from pages import Browser, is_quiet, primary_acts, text_of, texts_of
from seawall.cases.codes import code_of
from seawall.people.models import User
from seawall.records.terms import Answer, CaseState, Exemption


def test_the_inbox_marks_ones_own_proposals(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User
) -> None:
    assert "Nothing waits for a second review" in text_of(signed_in(second_reviewer).get("/second/"))
    desk.proposed(reviewer)
    desk.proposed(second_reviewer)
    shown = text_of(signed_in(second_reviewer).get("/second/"))
    assert shown.count("yours: somebody else reviews it") == 1
    assert "Second reviews 2 waiting" in shown, "the menu counts what is listed"


def test_the_second_person_sees_what_the_first_saw(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User
) -> None:
    checklist = {**desk.draft().checklist, Exemption.ART: (Answer.UNSURE, "may be mockery")}
    decision = desk.proposed(reviewer, checklist=checklist)
    page = signed_in(second_reviewer).get(f"/decisions/{decision.pk}/")
    is_quiet(page)
    shown = text_of(page)
    for wanted in (
        decision.explanation,
        decision.alternatives,
        "may be mockery",
        decision.clause.text,
        reviewer.pseudonym,
        "items sealed",
        "What the account holder will read",
        "People decided",
        decision.case.findings.first().because,
        f"the proposer opened {decision.rests_on} of {decision.rests_on} posts",
    ):
        assert wanted in shown
    assert code_of(decision.pk) not in shown
    assert not [text for text in texts_of(decision.case) if text in shown]
    assert primary_acts(page) == ["Approve: suspend the account"]


@pytest.mark.parametrize(("answer", "state"), [("approve", CaseState.APPROVED), ("reject", CaseState.REJECTED)])
def test_answering_a_proposal(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, answer: str, state: CaseState
) -> None:
    decision = desk.proposed(reviewer)
    browser = signed_in(second_reviewer)
    for wrong, said in (({"answer": answer}, "Say why you agree or disagree"), ({"reason": "so"}, "Choose whether")):
        page = browser.post(f"/decisions/{decision.pk}/", wrong)
        assert page.status_code == 422
        assert said in text_of(page)
    assert ">so</textarea>" in page.content.decode()
    if answer == "approve":
        unread = browser.post(f"/decisions/{decision.pk}/", {"answer": answer, "reason": "I trust them"})
        assert unread.status_code == 422
        assert f"You have opened none of the {decision.rests_on} posts this rests on" in text_of(unread)
        assert ">I trust them</textarea>" in unread.content.decode()
        desk.opens(second_reviewer, decision.case)
    done = browser.post(f"/decisions/{decision.pk}/", {"answer": answer, "reason": "I read them"})
    assert done["Location"] == "/second/"
    decision.refresh_from_db()
    assert decision.state == state
    late = browser.post(f"/decisions/{decision.pk}/", {"answer": answer, "reason": "I read them"})
    assert late.status_code == 422
    assert "does not wait for a second review any more" in text_of(late)


def test_ones_own_proposal_can_be_withdrawn_and_not_reviewed(
    desk: Desk, signed_in: Browser, second_reviewer: User
) -> None:
    decision = desk.proposed(second_reviewer)
    browser = signed_in(second_reviewer)
    page = browser.get(f"/decisions/{decision.pk}/")
    assert "You proposed this, so somebody else reviews it" in text_of(page)
    assert 'value="approve"' not in page.content.decode()
    assert browser.post(f"/decisions/{decision.pk}/", {"answer": "approve", "reason": "mine"}).status_code == 403
    assert browser.post(f"/decisions/{decision.pk}/withdraw/", {"reason": "too early"}).status_code == 302
    decision.refresh_from_db()
    assert decision.state == CaseState.REJECTED
    assert browser.post(f"/decisions/{decision.pk}/withdraw/", {"reason": "too early"}).status_code == 422
