"""Stopping a rule: the cases that it alone brought up are counted, found in the queue, and stay found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from pages import text_of
from seawall.cases.models import Case, CaseFinding
from seawall.records.terms import CaseState

ITS = "/?state=waiting&signal=rules.pledge&alone=1"


def made(account: str, *signals: str, state: str = CaseState.CANDIDATE) -> Case:
    case = Case.objects.create(platform="x", account_id=account, handle=account, state=state, top_score=0.7)
    for signal in signals:
        CaseFinding.objects.create(case=case, signal=signal, version="1", score=0.7, because="so", conduct=True)
    return case


@pytest.fixture
def cases(lake: Path) -> None:
    made("one", "rules.pledge")
    made("two", "rules.pledge", state=CaseState.OPEN)
    made("both", "rules.pledge", "supporters")
    made("noted", "rules.pledge", "person:P-1")
    made("over", "rules.pledge", state=CaseState.CLOSED)
    made("other", "rules.pledge-money")


def found(page: object) -> list[str]:
    return sorted(re.findall(r"data-open><bdi>@?([^<]+)</bdi>", page.content.decode()))  # type: ignore[attr-defined]


@pytest.mark.usefixtures("cases")
def test_cases_that_came_from_a_rule_alone_are_counted_before_and_after_it_is_stopped(writes: Client) -> None:
    said = "2 open cases came from this rule alone."
    page = writes.get("/rules/pledge/")
    assert said in text_of(page)
    assert f'href="{ITS}"'.replace("&", "&amp;") in page.content.decode()
    assert found(writes.get(ITS)) == ["one", "two"]
    page = writes.post("/rules/pledge/stop/", {"reason": "a song"}, follow=True)
    assert said in text_of(page)
    assert "No open case came from this rule alone." in text_of(writes.get("/rules/direct-threat/"))


@pytest.mark.usefixtures("cases")
def test_the_queue_remembers_a_rule_that_went_silent(writes: Client) -> None:
    CaseFinding.objects.filter(signal="rules.pledge").update(gone_at=timezone.now())  # as the scan after a stop does
    page = writes.get(ITS)
    assert found(page) == ["one", "two"]
    assert re.search(r"<option selected>rules\.pledge</option>", page.content.decode())
    assert 'name="alone" value="1" checked' in page.content.decode()
    assert found(writes.get("/?signal=rules.pledge")) == ["both", "noted", "one", "two"]
    assert "2 open cases came from this rule alone." in text_of(writes.get("/rules/pledge/"))
    # while it speaks, what it no longer says is no longer listed
    CaseFinding.objects.filter(signal="rules.pledge", case__handle="one").update(gone_at=None)
    assert found(writes.get("/?signal=rules.pledge")) == ["one"]


@pytest.mark.usefixtures("cases")
def test_who_lists_no_cases_is_told_no_number(person: object, signed_in: object) -> None:
    page = signed_in(person("dpo")).get("/rules/pledge/")  # type: ignore[operator]
    assert page.status_code == 200
    assert "came from this rule alone" not in text_of(page)


def test_a_stop_without_a_reason_is_marked_at_its_field(lake: Path, writes: Client) -> None:
    page = writes.post("/rules/pledge/stop/", {"reason": " "})
    assert page.status_code == 422
    shown = page.content.decode()
    assert re.search(r'<textarea id="stop"[^>]* aria-invalid="true" aria-describedby="stop_error"', shown)
    assert "Say why: whoever asks later reads it" in text_of(page)
    assert shown.count('role="alert"') == 1
