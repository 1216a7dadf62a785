"""The page where an account holder reads the statement of reasons and appeals."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from desk import Desk, audit_verbs
from pages import is_quiet
from seawall.audit.models import Entry
from seawall.cases import services
from seawall.cases.codes import code_of
from seawall.cases.models import Appeal, Decision, Statement
from seawall.people.models import User
from seawall.records.terms import AppealState, Outcome

WRONG = "SW-AAAAA-BBBBB-CCCCC-DDDDD"


@pytest.fixture
def decided(desk: Desk, reviewer: User, second_reviewer: User) -> Decision:
    """An executed decision whose statement was given."""
    decision = desk.executed(reviewer, second_reviewer)
    desk.worker()
    Statement.objects.filter(decision=decision).update(given_at=timezone.now())
    return Decision.objects.get(pk=decision.pk)


def _open(client: Client, decision: Decision) -> Any:
    return client.post("/appeal/", {"code": code_of(decision.pk)}, follow=True)


@pytest.mark.parametrize("language", ["en", "ar", "ru"])
def test_anyone_reaches_the_page_in_their_language(desk: Desk, client: Client, language: str) -> None:
    page = client.get("/appeal/", headers={"Accept-Language": language})
    assert page.status_code == 200
    is_quiet(page)
    assert f'lang="{language}"' in page.content.decode()
    assert "SW-" in page.content.decode()


def test_the_address_in_the_statement_leads_here(desk: Desk, client: Client) -> None:
    assert client.get("/appeal", follow=True).status_code == 200


def test_the_code_shows_the_statement_and_stays_out_of_every_address(client: Client, decided: Decision) -> None:
    code = code_of(decided.pk)
    answer = client.post("/appeal/", {"code": code.lower().replace("-", " ")})
    assert answer["Location"] == "/appeal/"
    assert code not in str(dict(client.session)), "not in the session either"
    page = client.get("/appeal/")
    is_quiet(page)
    text = page.content.decode()
    assert "Your account was suspended." in text
    assert decided.explanation in text
    assert "T1" in text
    assert "In force." in text
    assert audit_verbs(str(decided.case))[-1] == "statement.read"
    assert Entry.objects.latest("seq").actor == "holder"


def test_no_person_of_the_desk_appears(client: Client, decided: Decision, appeals_officer: User) -> None:
    _open(client, decided)
    client.post("/appeal/file/", {"text": "I report on this."})
    made = Appeal.objects.get()
    services.assign_appeal(appeals_officer, made.pk)
    services.decide_appeal(appeals_officer, made.pk, Outcome.UPHELD, "Each repeats the release in full.")
    text = client.get("/appeal/").content.decode()
    for who in User.objects.all():
        assert who.username not in text
        assert who.pseudonym not in text


def test_an_appeal_is_filed_and_answered(client: Client, desk: Desk, decided: Decision, appeals_officer: User) -> None:
    _open(client, decided)
    page = client.post("/appeal/file/", {"text": "I am a journalist."}, follow=True)
    text = page.content.decode()
    is_quiet(page)
    assert "Your appeal has arrived." in text
    assert "received" in text
    made = Appeal.objects.get()
    assert (made.text, made.language, made.state) == ("I am a journalist.", "en", AppealState.RECEIVED)
    entry = Entry.objects.get(verb="appeal.file")
    assert (entry.actor, entry.object) == ("holder", str(decided.case))
    assert "journalist" not in entry.detail, "the log holds no content"
    assert 'name="text"' not in text, "once"

    services.assign_appeal(appeals_officer, made.pk)
    assert "being looked at" in client.get("/appeal/").content.decode()
    services.decide_appeal(appeals_officer, made.pk, Outcome.REVERSED, "You are right.")
    text = client.get("/appeal/").content.decode()
    assert "Your appeal was accepted." in text
    assert "You are right." in text
    assert "Being taken back." in text
    assert "What was done will be taken back." in text
    desk.worker()
    text = client.get("/appeal/").content.decode()
    assert "What was done was taken back." in text
    assert "will be taken back" not in text


def test_after_the_reversal_the_page_says_so(
    client: Client, desk: Desk, decided: Decision, second_reviewer: User
) -> None:
    services.ask_reversal(second_reviewer, decided.pk, "a mistake")
    desk.worker()
    text = _open(client, decided).content.decode()
    assert "Taken back." in text
    assert 'name="text"' not in text


def test_a_second_appeal_and_one_without_words_are_not_taken(client: Client, decided: Decision) -> None:
    _open(client, decided)
    page = client.post("/appeal/file/", {"text": "   "})
    assert page.status_code == 400
    is_quiet(page)
    client.post("/appeal/file/", {"text": "first"})
    page = client.post("/appeal/file/", {"text": "second"}, follow=True)
    assert "could not be taken" in page.content.decode()
    assert [made.text for made in Appeal.objects.all()] == ["first"]
    assert audit_verbs().count("appeal.file") == 1


def test_when_the_time_is_over_the_page_says_since_when(client: Client, decided: Decision) -> None:
    Statement.objects.filter(decision=decided).update(given_at=timezone.now() - timedelta(days=184))
    text = _open(client, decided).content.decode()
    assert "The time to appeal here ended on" in text
    client.post("/appeal/file/", {"text": "too late"})
    assert not Appeal.objects.exists()


def test_a_late_answer_is_owned_up_to(client: Client, decided: Decision) -> None:
    _open(client, decided)
    client.post("/appeal/file/", {"text": "please"})
    Appeal.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert "The answer is late" in client.get("/appeal/").content.decode()


@pytest.mark.parametrize("typed", [WRONG, "hello", "SW-", "1", "x" * 500, "<b>", ""])
def test_whatever_wrong_is_typed_the_answer_is_the_same(decided: Decision, typed: str) -> None:
    page = Client().post("/appeal/", {"code": typed})
    assert page.status_code == 400
    is_quiet(page)
    assert "We know no decision with this code." in page.content.decode()
    assert 'class="error"' not in page.content.decode()
    if len(typed) > 3:
        assert typed not in page.content.decode()


def test_the_code_of_a_proposal_is_no_code_yet(client: Client, desk: Desk, reviewer: User) -> None:
    waiting = desk.proposed(reviewer)
    assert "We know no decision" in _open(client, waiting).content.decode()


def test_ten_wrong_codes_pause_the_address_but_no_other(client: Client, decided: Decision) -> None:
    for _ in range(10):
        assert client.post("/appeal/", {"code": WRONG}).status_code == 400
    page = client.post("/appeal/", {"code": code_of(decided.pk)})
    assert page.status_code == 429
    assert "five minutes" in page.content.decode()
    is_quiet(page)
    other = Client(REMOTE_ADDR="2001:db8:1:2::5")
    assert other.post("/appeal/", {"code": code_of(decided.pk)}).status_code == 302


def test_a_network_of_ipv6_counts_as_one(decided: Decision) -> None:
    for number in range(10):
        Client(REMOTE_ADDR=f"2001:db8::{number:x}").post("/appeal/", {"code": WRONG})
    assert Client(REMOTE_ADDR="2001:db8::ffff").post("/appeal/", {"code": WRONG}).status_code == 429
    assert Client(REMOTE_ADDR="2001:db8:0:1::1").post("/appeal/", {"code": WRONG}).status_code == 400


def test_without_the_code_nothing_can_be_filed(client: Client, decided: Decision) -> None:
    assert client.post("/appeal/file/", {"text": "hello"})["Location"] == "/appeal/"
    assert client.get("/appeal/file/").status_code == 405
    assert not Appeal.objects.exists()


def test_after_a_voided_appeal_the_holder_reads_why_and_appeals(
    client: Client, decided: Decision, appeals_officer: User
) -> None:
    made = services.appeal(decided, "not mine", "en")
    services.void_appeal(appeals_officer, made.pk, "You wrote to us that it was not you.")
    page = _open(client, decided)
    is_quiet(page)
    text = page.content.decode()
    assert "does not count: we found that it was not yours" in text
    assert "You wrote to us that it was not you." in text
    assert "not mine" not in text
    assert appeals_officer.pseudonym not in text
    client.post("/appeal/file/", {"text": "I repair lamps"})
    text = client.get("/appeal/").content.decode()
    assert "I repair lamps" in text
    assert 'name="text"' not in text


def test_nobody_of_the_desk_appeals(desk: Desk, decided: Decision, signed_in: Any, overseer: User) -> None:
    staff = signed_in(overseer)
    page = staff.get("/appeal/")
    is_quiet(page)
    assert "You are signed in at the desk." in page.content.decode()
    assert 'name="code"' not in page.content.decode()
    page = staff.post("/appeal/", {"code": code_of(decided.pk)})
    assert page.status_code == 403
    assert "an appeal is the account holder" in page.content.decode()
    session = staff.session
    session["appeal"] = [decided.pk, time.time() + 60]  # typed before signing in
    session.save()
    assert decided.explanation not in staff.get("/appeal/").content.decode()
    assert staff.post("/appeal/file/", {"text": "let them go"}).status_code == 403
    assert not Appeal.objects.exists()
    refused = Entry.objects.filter(verb="refused").latest("seq")
    assert (refused.actor, refused.object) == (overseer.pseudonym, str(decided.case))
    assert "statement.read" not in audit_verbs()


def test_signing_out_leads_back_to_the_appeal(decided: Decision, signed_in: Any, overseer: User) -> None:
    browser = signed_in(overseer)
    assert browser.post("/account/logout/", {"next": "/appeal/"})["Location"] == "/appeal/"
    assert decided.explanation in _open(browser, decided).content.decode()


def test_leaving_forgets_the_code_and_so_does_an_hour(client: Client, decided: Decision) -> None:
    _open(client, decided)
    client.post("/appeal/leave/")
    assert "Open the statement" in client.get("/appeal/").content.decode()
    _open(client, decided)
    session = client.session
    session["appeal"] = [decided.pk, 0.0]
    session.save()
    assert "Open the statement" in client.get("/appeal/").content.decode()


@pytest.mark.parametrize("language", ["ar", "ru"])
def test_the_statement_is_in_the_readers_language(client: Client, decided: Decision, language: str) -> None:
    _open(client, decided)
    text = client.get("/appeal/", headers={"Accept-Language": language}).content.decode()
    assert {"ar": "عُلِّق حسابك", "ru": "Ваш аккаунт заблокирован"}[language] in text
    assert "Your account was suspended" not in text
    assert decided.explanation in text, "what people wrote stays as they wrote it"
