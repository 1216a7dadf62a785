"""The queue: reasons before scores, filters, order, pages, taking a case."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from desk import Desk
from pages import Browser, taken, text_of
from seawall.audit.models import Entry
from seawall.cases import queries
from seawall.cases.models import Case, CaseFinding
from seawall.people.models import User
from seawall.records.terms import CaseState


def test_the_queue_shows_reasons_before_scores(desk: Desk, reads: Client) -> None:
    page = reads.get("/")
    case = desk.case()
    top = case.findings.order_by("-score").first()
    said = text_of(page)
    assert top.because in said
    assert said.index("Strongest reason") < said.index("Signals") < said.index("Score")
    assert f'href="/cases/{case.pk}/"' in page.content.decode()
    assert "console.js" in page.content.decode()
    assert '<dialog id="keys"' in page.content.decode()


def test_the_reason_is_the_strongest_that_still_stands(desk: Desk, reads: Client) -> None:
    case = desk.case()
    strongest = case.findings.order_by("-score").first()
    CaseFinding.objects.filter(pk=strongest.pk).update(because="the old story", gone_at=timezone.now())
    page = text_of(reads.get(f"/?words={case.handle}"))
    assert "the old story" not in page
    case.findings.update(gone_at=timezone.now())
    assert "The last scan says nothing about it any more." in text_of(reads.get(f"/?words={case.handle}"))


def test_an_empty_desk_says_how_to_fill_it(desk: Desk, reads: Client) -> None:
    CaseFinding.objects.all().delete()
    Case.objects.all().delete()
    page = text_of(reads.get("/"))
    assert "There are no cases yet" in page
    assert "seawall load" in page
    assert "seawall scan" in page


def test_filters_that_fit_nothing_say_so(desk: Desk, reads: Client) -> None:
    page = reads.get("/?words=nobody-of-that-name")
    assert "No case fits these filters" in text_of(page)
    assert 'value="nobody-of-that-name"' in page.content.decode()
    Case.objects.update(state=CaseState.CLOSED)
    assert "Nothing waits for anybody" in text_of(reads.get("/"))


def _handles(page: Any) -> list[str]:
    return re.findall(r"data-open><bdi>@?([^<]+)</bdi>", page.content.decode())


def test_filters(desk: Desk, reads: Client, reviewer: User) -> None:
    mine = taken(desk, reviewer)
    Case.objects.filter(pk=desk.case().pk).update(platform="vk")
    other = Case.objects.get(platform="vk")
    assert _handles(reads.get("/?mine=1")) == [mine.handle]
    assert _handles(reads.get("/?platform=vk")) == [other.handle]
    assert _handles(reads.get("/?state=open")) == [mine.handle]
    assert _handles(reads.get(f"/?words=%40{mine.handle.upper()}")) == [mine.handle]
    rules = _handles(reads.get("/?signal=rules&state=all"))
    assert set(rules) == set(
        Case.objects.filter(findings__signal__startswith="rules.", findings__gone_at=None).values_list(
            "handle", flat=True
        )
    )
    assert len(_handles(reads.get("/?state=all"))) == Case.objects.count()


def test_the_states_carry_their_counts(desk: Desk, reads: Client, reviewer: User) -> None:
    taken(desk, reviewer)
    said = text_of(reads.get("/"))
    assert f"waiting for somebody {Case.objects.count()}" in said
    assert "open 1" in said


@pytest.mark.parametrize("order", ["score", "newest", "oldest"])
def test_pages_hold_each_case_once_in_order(desk: Desk, reads: Client, order: str) -> None:
    Case.objects.bulk_create(
        Case(platform="x", account_id=f"made-{i}", handle=f"made_{i}", top_score=0.5 + i % 7 / 100) for i in range(120)
    )
    address, seen, pages = f"/?state=all&order={order}", [], 0
    while address:
        page = reads.get(address)
        seen += _handles(page)
        further = re.search(r'href="(\?[^"]*)" data-next', page.content.decode())
        address = "/" + html.unescape(further[1]) if further else ""
        pages += 1
    by = {"score": ("-top_score", "id"), "newest": ("-opened_at", "-id"), "oldest": ("opened_at", "id")}[order]
    assert seen == list(Case.objects.order_by(*by).values_list("handle", flat=True))
    assert pages == -(-Case.objects.count() // queries.PAGE)


@pytest.mark.parametrize(
    "query",
    [
        "after=nonsense",
        "after=[]",
        "after=[1]",
        'after={"a":1}',
        "after=[1e308,5]",
        "after=[0.5,-1]",
        "after=[true]",
        "after=null",
        "order=nonsense",
        "state=nonsense",
        "platform=%00",
        "mine=9",
        'after=["x",1]',
    ],
)
def test_a_mangled_address_shows_a_page(reads: Client, query: str) -> None:
    assert reads.get(f"/?{query}").status_code == 200


def test_a_sign_no_database_holds_is_left_out(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    assert reads.post(f"/cases/{case.pk}/close/", {"reason": "A repair\x00 shop."}).status_code == 302
    assert Entry.objects.get(verb="case.close").reason == "A repair shop."
    assert reads.post(f"/cases/{case.pk}/close/", {"reason": "\x00"}).status_code == 422


def test_taking_from_the_queue(desk: Desk, reads: Client, reviewer: User) -> None:
    case = desk.case()
    assert f'action="/cases/{case.pk}/take/"' in reads.get("/").content.decode()
    done = reads.post(f"/cases/{case.pk}/take/")
    assert (done.status_code, done["Location"]) == (302, f"/cases/{case.pk}/")
    case.refresh_from_db()
    assert (case.state, case.taken_by) == (CaseState.OPEN, reviewer)


def test_taking_what_somebody_else_has_says_so(desk: Desk, reads: Client, analyst: User) -> None:
    case = taken(desk, analyst)
    page = reads.post(f"/cases/{case.pk}/take/")
    assert page.status_code == 422
    assert "Somebody else works on this case" in text_of(page)


def test_a_reader_who_may_not_take_is_offered_nothing_to_take(desk: Desk, signed_in: Browser, overseer: User) -> None:
    page = signed_in(overseer).get("/").content.decode()
    assert "/take/" not in page
    assert "/cases/new/" not in page


def test_the_queue_asks_as_much_for_one_case_as_for_fifty(
    desk: Desk, reads: Client, django_assert_max_num_queries: Any
) -> None:
    Case.objects.bulk_create(Case(platform="x", account_id=f"made-{i}", top_score=0.6) for i in range(60))
    with django_assert_max_num_queries(40):  # begin and commit of each read among them
        assert len(_handles(reads.get("/?state=all"))) == queries.PAGE
