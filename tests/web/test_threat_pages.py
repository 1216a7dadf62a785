"""The page of threats: what waits, its clock, and the duty officer's answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from desk import Desk
from pages import Browser, is_quiet, text_of, texts_of
from seawall.cases import queries
from seawall.cases.models import Case, ThreatDraft
from seawall.people.models import User


@pytest.fixture
def draft(desk: Desk) -> ThreatDraft:
    """A draft over the posts of a case."""
    case = desk.case()
    found = case.findings.filter(conduct=True).first()
    now = timezone.now()
    return ThreatDraft.objects.create(
        case=case,
        signal="rules.specific-threat",
        because="Threatens a target, at a time",
        posts=found.seen[:1],
        raised_at=now,
        due_at=now + timedelta(minutes=30),
    )


def _opened(person: User, draft: ThreatDraft) -> None:
    queries.texts(person, draft.case_id, [post["post_id"] for post in draft.posts])


def test_nothing_waits(desk: Desk, signed_in: Browser, duty_officer: User) -> None:
    page = signed_in(duty_officer).get("/threats/")
    is_quiet(page)
    assert "No threat waits" in text_of(page)


def test_what_waits_is_shown_without_text_and_the_menu_counts_it(
    signed_in: Browser, duty_officer: User, draft: ThreatDraft
) -> None:
    page = signed_in(duty_officer).get("/threats/")
    is_quiet(page)
    shown = text_of(page)
    assert "Threatens a target, at a time" in shown
    assert "Threats 1 waiting" in shown
    assert f'class="button primary" href="/cases/{draft.case_id}/#posts"' in page.content.decode()
    assert 'value="pass_on">' in page.content.decode()
    assert "late" not in shown
    assert not [text for text in texts_of(Case.objects.get(pk=draft.case_id)) if text in shown]
    ThreatDraft.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert "late" in text_of(signed_in(duty_officer).get("/threats/"))


def test_who_may_read_but_not_answer_gets_no_form(signed_in: Browser, overseer: User, draft: ThreatDraft) -> None:
    page = signed_in(overseer).get("/threats/")
    assert "A duty officer answers this" in text_of(page)
    assert signed_in(overseer).post(f"/threats/{draft.pk}/", {"answer": "dismiss", "reason": "so"}).status_code == 403


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"answer": "pass_on", "recipient": "Harbour police", "reason": "place and time"}, "Harbour police"),
        ({"answer": "dismiss", "reason": "a line of a song"}, "a line of a song"),
    ],
)
def test_an_answer_needs_reading_and_stands_in_the_list(
    signed_in: Browser, duty_officer: User, draft: ThreatDraft, given: dict[str, str], said: str
) -> None:
    browser = signed_in(duty_officer)
    unread = browser.post(f"/threats/{draft.pk}/", given)
    assert unread.status_code == 422
    assert "Open the posts first" in text_of(unread)
    _opened(duty_officer, draft)
    read = browser.get("/threats/")
    assert "You have read what was posted" in text_of(read)
    assert 'value="pass_on" class="primary">' in read.content.decode()
    wrong = browser.post(f"/threats/{draft.pk}/", {"reason": "so"})
    assert wrong.status_code == 422
    assert "Choose whether you told" in text_of(wrong)
    assert browser.post(f"/threats/{draft.pk}/", given)["Location"] == "/threats/"
    page = browser.get("/threats/")
    is_quiet(page)
    assert "No threat waits" in text_of(page)
    assert said in text_of(page)


def test_what_is_not_there_is_not_found(signed_in: Browser, duty_officer: User) -> None:
    assert signed_in(duty_officer).post("/threats/99/", {"answer": "dismiss", "reason": "so"}).status_code == 404
