"""Appeals: taken and answered by somebody who took no part."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from desk import Desk
from pages import Browser, appealed, is_quiet, text_of, texts_of
from seawall.cases import services
from seawall.cases.codes import code_of
from seawall.cases.models import Appeal
from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.records.terms import Outcome


def test_the_inbox_of_appeals(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    browser = signed_in(appeals_officer)
    assert "No appeal waits for an answer" in text_of(browser.get("/appeals/"))
    assert "No appeal was decided or voided yet" in text_of(browser.get("/appeals/?decided=1"))
    appeal = appealed(desk, reviewer, second_reviewer)
    assert ">late<" not in browser.get("/appeals/").content.decode()
    Appeal.objects.filter(pk=appeal.pk).update(due_at=timezone.now() - timedelta(days=1))
    page = browser.get("/appeals/").content.decode()
    assert ">late<" in page
    assert page.count('<span class="count">1') == 2, "the menu and the tab say the same"


def test_an_appeal_is_taken_and_answered(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    browser, address = signed_in(appeals_officer), f"/appeals/{appeal.pk}/"
    page = browser.get(address)
    is_quiet(page)
    shown = text_of(page)
    for wanted in ("I repair lamps", "2 people decided this.", appeal.decision.explanation, "Take this appeal"):
        assert wanted in shown
    assert code_of(appeal.decision_id) not in shown
    assert not [text for text in texts_of(appeal.decision.case) if text in shown]
    assert browser.post(address + "decide/", {"outcome": "upheld", "reasons": "no"}).status_code == 422
    assert browser.post(address + "take/").status_code == 302
    for wrong, said in (
        ({"reasons": "You do."}, "Choose whether"),
        ({"outcome": "reversed"}, "Say why: the account holder"),
    ):
        page = browser.post(address + "decide/", wrong)
        assert page.status_code == 422
        assert said in text_of(page)
    assert ' value="reversed" checked' in page.content.decode()
    done = browser.post(address + "decide/", {"outcome": "reversed", "reasons": "You do repair lamps."})
    assert done["Location"] == "/appeals/"
    assert "You do repair lamps." in text_of(browser.get(address))
    assert "reversed" in text_of(browser.get("/appeals/?decided=1"))
    assert browser.post(address + "take/").status_code == 422


def test_a_false_appeal_is_voided_on_its_page(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, appeals_officer: User, overseer: User
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    browser, address = signed_in(appeals_officer), f"/appeals/{appeal.pk}/"
    assert "Void this appeal" not in text_of(signed_in(overseer).get(address))
    assert "Void this appeal" in text_of(browser.get(address))
    wrong = browser.post(address + "void/", {"reason": " "})
    assert wrong.status_code == 422
    assert "Say how you know" in text_of(wrong)
    assert browser.post(address + "void/", {"reason": "They wrote to us."})["Location"] == "/appeals/"
    page = browser.get(address)
    is_quiet(page)
    shown = text_of(page)
    for wanted in ("I repair lamps", "They wrote to us.", appeals_officer.pseudonym, ">voided<"):
        assert wanted in (shown if wanted != ">voided<" else page.content.decode())
    assert "Void this appeal" not in shown
    assert "Take this appeal" not in shown
    assert "voided" in text_of(browser.get("/appeals/?decided=1"))
    assert "No appeal waits for an answer" in text_of(browser.get("/appeals/"))
    assert browser.post(address + "void/", {"reason": "again"}).status_code == 422
    assert "voided, it was not the account holder's" in text_of(browser.get(f"/cases/{appeal.decision.case_id}/"))


def test_an_accepted_appeal_offers_no_voiding(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    services.assign_appeal(appeals_officer, appeal.pk)
    services.decide_appeal(appeals_officer, appeal.pk, Outcome.UPHELD, "They are releases.")
    browser = signed_in(appeals_officer)
    assert "Void this appeal" in text_of(browser.get(f"/appeals/{appeal.pk}/"))
    Appeal.objects.update(outcome=Outcome.REVERSED)
    assert "Void this appeal" not in text_of(browser.get(f"/appeals/{appeal.pk}/"))


def test_whoever_took_part_is_told_and_refused(desk: Desk, signed_in: Browser, second_reviewer: User) -> None:
    both = desk.person(DeskRole.REVIEWER, DeskRole.APPEALS_OFFICER)
    appeal = appealed(desk, both, second_reviewer)
    browser = signed_in(both)
    assert "You took part in this decision" in text_of(browser.get(f"/appeals/{appeal.pk}/"))
    assert browser.post(f"/appeals/{appeal.pk}/take/").status_code == 403
    assert "Void this appeal" not in text_of(browser.get(f"/appeals/{appeal.pk}/"))


def test_an_appeal_of_somebody_else_shows_who_has_it(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    services.assign_appeal(appeals_officer, appeal.pk)
    other = signed_in(desk.person(DeskRole.APPEALS_OFFICER))
    assert f"{appeals_officer.pseudonym} works on this appeal." in text_of(other.get(f"/appeals/{appeal.pk}/"))
    page = other.post(f"/appeals/{appeal.pk}/take/")
    assert page.status_code == 422
    assert "Somebody else has taken this appeal" in text_of(page)
