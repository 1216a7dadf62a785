"""Statements of reasons: shown in their holder's language, given, listed."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from desk import Desk, audit_verbs
from pages import is_quiet, text_of
from seawall.cases import queries
from seawall.cases.codes import code_of
from seawall.people.models import User


def test_a_statement_is_shown_in_its_holders_language_and_opening_it_is_logged(
    desk: Desk, reads: Client, reviewer: User, second_reviewer: User
) -> None:
    assert "There are no statements yet" in text_of(reads.get("/statements/"))
    decision = desk.executed(reviewer, second_reviewer)
    statement = decision.statement
    statement.language = "ar"
    statement.save()
    assert "through the platform" in text_of(reads.get("/statements/"))
    page = reads.get(f"/statements/{statement.pk}/")
    is_quiet(page)
    assert 'lang="ar" dir="rtl"' in page.content.decode()
    assert code_of(decision.pk) not in page.content.decode()
    assert "Show the code" not in page.content.decode()
    assert "statement.read" in audit_verbs(f"case:{decision.case_id}")
    assert reads.post(f"/statements/{statement.pk}/code/").status_code == 422, "the platform carried it"
    assert "statement.code" not in audit_verbs()


def test_a_statement_given_by_hand(desk: Desk, reads: Client, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    statement = decision.statement
    statement.given_at, statement.given_how = None, ""
    statement.save()
    assert "not given yet" in text_of(reads.get("/statements/"))
    assert code_of(decision.pk) not in reads.get(f"/statements/{statement.pk}/").content.decode()
    assert reads.get(f"/statements/{statement.pk}/code/").status_code == 405
    page = reads.post(f"/statements/{statement.pk}/code/")
    is_quiet(page)
    assert code_of(decision.pk) in text_of(page)
    assert audit_verbs(f"case:{decision.case_id}")[-2:] == ["statement.code", "statement.read"]
    address = f"/statements/{statement.pk}/given/"
    wrong = reads.post(address, {"reason": " "})
    assert wrong.status_code == 422
    assert "Say how it was given" in text_of(wrong)
    assert reads.post(address, {"reason": "by letter"}).status_code == 302
    assert "by hand" in text_of(reads.get("/statements/"))
    assert reads.post(address, {"reason": "by letter"}).status_code == 422
    late = reads.post(f"/statements/{statement.pk}/code/")
    assert late.status_code == 422
    assert code_of(decision.pk) not in late.content.decode()


def test_statements_in_pages(desk: Desk, reads: Client, reviewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [desk.proposed(reviewer).statement.pk for _ in range(3)]
    monkeypatch.setattr(queries, "PAGE", 2)
    first = reads.get("/statements/").content.decode()
    assert f"?before={made[1]}" in first
    assert _open(first) == [made[2], made[1]]
    assert _open(reads.get(f"/statements/?before={made[1]}").content.decode()) == [made[0]]
    assert "There are no older statements" in text_of(reads.get("/statements/?before=1"))
    assert reads.get("/statements/?before=x").status_code == 200


def _open(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'href="/statements/(\d+)/" data-open', page)]
