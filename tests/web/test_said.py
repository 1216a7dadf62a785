"""What services refuse is said in the reader's language; the log and the API speak English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

import seawall
from desk import Desk
from pages import Browser, proposal, text_of
from seawall.audit.models import Entry
from seawall.cases import services
from seawall.people import services as people
from seawall.people.models import User

ROOMS = ("cases", "enforcement", "people")
BARE = re.compile(r"""(?:CaseError|PeopleError|Refused)\(\s*f?["'][^"']""")  # words that no translation can reach


@pytest.mark.parametrize(
    ("language", "said"),
    [("ar", "لم تفتح أيًّا من المنشورات التي يستند إليها هذا"), ("ru", "Вы не открыли ни одной из")],
)
def test_what_is_wrong_is_said_in_the_readers_language(
    desk: Desk, reads: Client, reviewer: User, language: str, said: str
) -> None:
    case = services.take(reviewer, desk.case().pk)
    page = reads.post(f"/cases/{case.pk}/propose/", proposal(case), headers={"Accept-Language": language})
    assert page.status_code == 422
    assert said in text_of(page)


def test_a_refusal_is_read_in_russian_and_logged_in_english(desk: Desk, signed_in: Browser, auditor: User) -> None:
    page = signed_in(auditor).get(f"/cases/{desk.case().pk}/", headers={"Accept-Language": "ru"})
    assert page.status_code == 403
    assert "Ваши роли не позволяют" in text_of(page)
    assert "your roles" not in text_of(page).lower()
    assert Entry.objects.get(verb="refused").reason == "your roles do not allow you to read a case"


def test_why_a_second_person_is_needed_is_kept_in_english_and_shown_in_arabic(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User
) -> None:
    decision = desk.proposed(reviewer)
    assert decision.second_needed == "it is about an account"
    browser = signed_in(second_reviewer)
    for address in ("/second/", f"/decisions/{decision.pk}/", f"/cases/{decision.case_id}/"):
        shown = text_of(browser.get(address, headers={"Accept-Language": "ar"}))
        assert "القرار بشأن حساب" in shown, address
        assert decision.second_needed not in shown, address


def test_the_api_speaks_english_whatever_a_program_accepts(desk: Desk, reviewer: User, auditor: User) -> None:
    case = services.take(reviewer, desk.case().pk)
    answers = {}
    for person in (reviewer, auditor):
        key = people.make_token(person, "test", 1)
        headers = {"Authorization": f"Bearer {key}", "Accept-Language": "ar"}
        put = Client().post(f"/api/v1/cases/{case.pk}/close", {}, content_type="application/json", headers=headers)
        answers[person.pk] = put.json()["error"]
    assert answers[reviewer.pk].startswith("say why the case is closed")
    assert answers[auditor.pk].startswith("your roles do not allow you to take")


def test_no_service_refuses_in_words_that_cannot_be_translated() -> None:
    root = Path(seawall.__file__).parent
    sources = [path for room in ROOMS for path in (root / room).rglob("*.py")]
    assert not [str(path) for path in sources if BARE.search(path.read_text())]
