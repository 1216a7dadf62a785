"""The console's pages through Django's client: who may, what is shown, what stays closed, what is said on failure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from desk import Desk, audit_verbs
from pages import is_quiet
from seawall.audit.models import Entry
from seawall.cases import facts, queries, services
from seawall.cases.codes import code_of
from seawall.cases.facts import Day, Neighbour
from seawall.cases.models import Appeal, Case, CaseFinding, Decision, Reach
from seawall.enforcement.models import Action, Gate
from seawall.grounds.models import Clause, Designation
from seawall.lake import Lake
from seawall.ledger import home
from seawall.ledger.models import Job
from seawall.people.models import User
from seawall.people.roles import ALLOWED, DeskRole, May
from seawall.records.terms import Answer, CaseState, Conduct, Exemption, TieKind, Verb
from seawall.web.console import drawing, words

Browser = Callable[[User], Client]


@pytest.fixture
def reads(desk: Desk, signed_in: Browser, reviewer: User) -> Client:
    """The reviewer's browser."""
    return signed_in(reviewer)


def text_of(page: Any) -> str:
    """What a page says, in one line, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def proposal(case: Case, **changed: str) -> dict[str, str]:
    """A complete proposal as the form sends it."""
    return {
        "verb": "suspend",
        "conduct": "propaganda",
        "clause": str(Clause.objects.get(code="T1").pk),
        "explanation": "You spread the releases of the harbour lamp.",
        "alternatives": "A label would leave the flood as it is.",
        **{f"q_{question}": "no" for question in Exemption},
        **changed,
    }


def taken(desk: Desk, who: User) -> Case:
    """A case that somebody works on."""
    return services.take(who, desk.case().pk)


def appealed(desk: Desk, reviewer: User, second: User) -> Appeal:
    """An appeal against an executed decision."""
    decision = desk.executed(reviewer, second)
    return services.appeal(queries.by_code(code_of(decision.pk)), "I repair lamps", "en")


# --- who may open which page -----------------------------------------------------------------------------------------

PAGES = {
    "/?state=all": May.LIST_CASES,
    "/cases/new/": May.LIST_CASES,
    "/cases/{case}/": May.READ_CASE,
    "/cases/{case}/surroundings/": May.READ_CASE,
    "/cases/{case}/profile/": May.READ_CASE,
    "/cases/{open}/propose/": May.PROPOSE,
    "/second/": May.LIST_CASES,
    "/decisions/{decision}/": May.READ_CASE,
    "/statements/": May.READ_STATEMENTS,
    "/statements/{statement}/": May.READ_STATEMENTS,
    "/appeals/": May.READ_APPEALS,
    "/appeals/{appeal}/": May.READ_APPEALS,
    "/audit/": May.READ_AUDIT,
    "/watchers/": May.SEE_WORK,
    "/audit/head.json": May.READ_AUDIT,
    "/jobs/": May.SEE_WORK,
}


@pytest.mark.parametrize("role", list(DeskRole))
def test_each_page_opens_for_its_roles_and_for_no_other(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, role: DeskRole
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    numbers = {
        "case": desk.case().pk,
        "open": taken(desk, reviewer).pk,
        "decision": desk.proposed(reviewer).pk,
        "statement": appeal.decision.statement.pk,
        "appeal": appeal.pk,
    }
    browser = signed_in(desk.person(role))
    for address, wanted in PAGES.items():
        page = browser.get(address.format(**numbers))
        allowed = role in ALLOWED[wanted]
        assert page.status_code == (200 if allowed else 403), (role, address)
        if not allowed:
            assert "your roles do not allow you" in page.content.decode().lower()
        if not address.endswith(".json"):
            is_quiet(page)


ACTS = {
    "/cases/{case}/take/": May.TAKE_CASE,
    "/cases/{open}/put-back/": May.TAKE_CASE,
    "/cases/{open}/close/": May.TAKE_CASE,
    "/cases/{open}/texts/": May.READ_TEXT,
    "/cases/{open}/latest/": May.READ_TEXT,
    "/cases/{open}/conduct/": May.TAKE_CASE,
    "/decisions/{decision}/": May.SECOND,
    "/decisions/{executed}/reverse/": May.REVERSE,
    "/statements/{statement}/given/": May.PROPOSE,
    "/appeals/{appeal}/take/": May.DECIDE_APPEAL,
}


@pytest.mark.parametrize("role", list(DeskRole))
def test_no_act_is_open_to_a_role_that_may_not(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, role: DeskRole
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    numbers = {
        "case": desk.case().pk,
        "open": taken(desk, reviewer).pk,
        "decision": desk.proposed(reviewer).pk,
        "executed": appeal.decision_id,
        "statement": appeal.decision.statement.pk,
        "appeal": appeal.pk,
    }
    before = Case.objects.values_list("pk", "state")[::1], Decision.objects.values_list("pk", "state")[::1]
    browser = signed_in(desk.person(role))
    for address, wanted in ACTS.items():
        if role not in ALLOWED[wanted]:
            page = browser.post(address.format(**numbers), {"answer": "approve", "reason": "so"})
            assert page.status_code == 403, (role, address)
    assert before == (Case.objects.values_list("pk", "state")[::1], Decision.objects.values_list("pk", "state")[::1])


def test_nobody_reads_a_page_without_signing_in(desk: Desk) -> None:
    for address in PAGES:
        page = Client().get(address.format(case=1, open=1, decision=1, statement=1, appeal=1))
        assert page.status_code == 302
        assert "login" in page["Location"]


def test_acts_are_done_by_post_alone(desk: Desk, reads: Client) -> None:
    case = desk.case()
    assert reads.get(f"/cases/{case.pk}/take/").status_code == 405
    assert reads.get(f"/cases/{case.pk}/texts/").status_code == 405
    assert reads.get(f"/cases/{case.pk}/latest/").status_code == 302  # reloaded: back to the case, nothing opened
    assert "case.text" not in audit_verbs()


@pytest.mark.parametrize("address", ["/cases/999/", "/decisions/999/", "/statements/999/", "/cases/999/profile/"])
def test_what_is_not_there_is_not_found(reads: Client, address: str) -> None:
    assert reads.get(address).status_code == 404


def test_an_auditor_lands_on_the_log_and_an_admin_on_the_work(desk: Desk, signed_in: Browser) -> None:
    assert signed_in(desk.person("auditor")).get("/")["Location"] == "/audit/"
    assert signed_in(desk.person("admin")).get("/")["Location"] == "/jobs/"
    assert signed_in(desk.person("publisher")).get("/").status_code == 403


# --- the queue -------------------------------------------------------------------------------------------------------


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


# --- a case ----------------------------------------------------------------------------------------------------------


def _texts(case: Case) -> list[str]:
    ids = {item["post_id"] for finding in case.findings.all() for item in finding.seen}
    return [post["text"] for post in facts.posts(case.platform, case.account_id, ids)]


def test_a_cases_text_is_closed_until_it_is_opened_and_opening_is_logged(desk: Desk, reads: Client) -> None:
    case = desk.case()
    page = reads.get(f"/cases/{case.pk}/")
    assert page.status_code == 200
    is_quiet(page)
    shown = html.unescape(page.content.decode())
    hidden = _texts(case)
    assert hidden
    assert not [text for text in hidden if text in shown]
    assert "The texts are closed." in shown
    assert audit_verbs(f"case:{case.pk}") == ["case.read"]
    post = re.search(r'name="post" value="([^"]+)"', shown)[1]
    opened = reads.post(f"/cases/{case.pk}/texts/", {"post": post, "n": "1"})
    assert len([text for text in hidden if text in html.unescape(opened.content.decode())]) >= 1
    assert "audit log" in text_of(opened)
    assert audit_verbs(f"case:{case.pk}") == ["case.read", "case.text"]


def test_opening_with_htmx_gives_the_part_alone(desk: Desk, reads: Client) -> None:
    case = desk.case()
    post = case.findings.first().seen[0]["post_id"]
    part = reads.post(f"/cases/{case.pk}/texts/", {"post": post, "n": "3"}, headers={"HX-Request": "true"})
    shown = part.content.decode()
    assert shown.lstrip().startswith('<li id="p3"')
    assert "<html" not in shown
    assert 'dir="auto"' in shown


def test_texts_of_other_accounts_stay_closed(desk: Desk, reads: Client) -> None:
    first = desk.case()
    other = Case.objects.exclude(account_id=first.account_id).first()
    wanted = other.findings.first().seen[0]["post_id"]
    opened = reads.post(f"/cases/{first.pk}/texts/", {"post": wanted, "n": "1"})
    assert "not in the lake any more" in text_of(opened)


def test_media_is_told_and_never_loaded(desk: Desk, reads: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    case = desk.case()
    post = case.findings.first().seen[0]["post_id"]
    item = {
        "post_id": post,
        "media_id": "1",
        "kind": "photo",
        "url": "https://media.example.org/1.jpg",
        "alt_text": "a lamp",
    }
    monkeypatch.setattr(facts, "media_of", lambda *_: [item])
    shown = reads.post(f"/cases/{case.pk}/texts/", {"post": post, "n": "1"}).content.decode()
    assert "https://media.example.org/1.jpg" in shown
    assert "a lamp" in shown
    assert "<img" not in shown
    assert 'href="https://' not in shown


def test_an_overseer_reads_a_case_without_its_texts(desk: Desk, signed_in: Browser, overseer: User) -> None:
    page = signed_in(overseer).get(f"/cases/{desk.case().pk}/").content.decode()
    assert "Your roles do not allow you to open texts." in page
    assert "/texts/" not in page
    assert "/latest/" not in page


def _primary(page: Any) -> list[str]:
    found = re.findall(r'class="(?:button )?primary"[^>]*>([^<]+)<', page.content.decode())
    return [html.unescape(text) for text in found]


def test_a_case_has_one_primary_act_written_out(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User
) -> None:
    mine, theirs, case = signed_in(reviewer), signed_in(second_reviewer), desk.case()
    address = f"/cases/{case.pk}/"
    assert _primary(mine.get(address)) == ["Take this case"]
    services.take(reviewer, case.pk)
    assert _primary(mine.get(address)) == ["Propose a decision"]
    assert _primary(theirs.get(address)) == []
    decision = services.propose(reviewer, case.pk, desk.draft())
    assert _primary(mine.get(address)) == []
    assert "Your proposal waits for a second person." in text_of(mine.get(address))
    assert _primary(theirs.get(address)) == ["Give the second review"]
    services.approve(second_reviewer, decision.pk, "agreed")
    assert "waits for the platform" in text_of(mine.get(address))
    desk.worker()
    assert "The account holder can appeal." in text_of(mine.get(address))


def test_without_conduct_the_next_act_is_to_look_for_it(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    case.findings.update(conduct=False)
    assert _primary(reads.get(f"/cases/{case.pk}/")) == ["Look for conduct in its posts"]


def test_gone_findings_are_dimmed_and_stay_readable(desk: Desk, reads: Client) -> None:
    case = desk.case()
    case.findings.update(gone_at=timezone.now())
    page = reads.get(f"/cases/{case.pk}/")
    assert 'class="gone"' in page.content.decode()
    assert "gone: the scan does not say this any more" in text_of(page)


def test_a_simulated_platform_says_that_nothing_happens(desk: Desk, reads: Client) -> None:
    case = desk.case()
    assert "Nothing happens on the real platform" in text_of(reads.get(f"/cases/{case.pk}/"))
    Reach.objects.create(platform=case.platform, verb=Verb.SUSPEND, reversible=True, simulated=False)
    assert "Nothing happens on the real platform" not in text_of(reads.get(f"/cases/{case.pk}/"))


def test_closing_and_putting_back(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    page = reads.post(f"/cases/{case.pk}/close/", {"reason": "  "})
    assert page.status_code == 422
    assert "Say why the case is closed" in text_of(page)
    assert reads.post(f"/cases/{case.pk}/put-back/", {"reason": "a shift ends"}).status_code == 302
    case.refresh_from_db()
    assert case.state == CaseState.CANDIDATE
    assert reads.post(f"/cases/{case.pk}/put-back/", {"reason": ""}).status_code == 422
    assert reads.post(f"/cases/{case.pk}/close/", {"reason": "A repair shop."}).status_code == 302
    shown = text_of(reads.get(f"/cases/{case.pk}/"))
    assert "closed the case" in shown
    assert "A repair shop." in shown
    assert "Reopen and take this case" in shown


def test_the_latest_posts_are_opened_by_post_and_noted_as_conduct(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    page = reads.post(f"/cases/{case.pk}/latest/")
    ids = re.findall(r'type="checkbox" name="post" value="([^"]+)"', page.content.decode())
    assert len(ids) > 1
    assert "checked" not in page.content.decode()
    assert "case.text" in audit_verbs(f"case:{case.pk}")
    wrong = reads.post(f"/cases/{case.pk}/conduct/", {"post": ids[:2], "because": " "})
    assert wrong.status_code == 422
    assert wrong.content.decode().count(" checked") == 2
    none = reads.post(f"/cases/{case.pk}/conduct/", {"because": "It praises the attack."})
    assert none.status_code == 422
    assert "Choose the posts first." in text_of(none)
    assert "It praises the attack." in none.content.decode()
    done = reads.post(f"/cases/{case.pk}/conduct/", {"post": ids[:2], "because": "It praises the attack."})
    assert done["Location"] == f"/cases/{case.pk}/"
    shown = text_of(reads.get(f"/cases/{case.pk}/"))
    assert "It praises the attack." in shown
    assert f"noted by {reviewer.pseudonym}" in shown


def test_older_posts_go_on_where_the_page_ended(desk: Desk, reads: Client) -> None:
    case = desk.case()
    first = reads.post(f"/cases/{case.pk}/latest/").content.decode()
    before = re.search(r'name="before" value="([^"]+)"><button', first)[1]
    older = reads.post(f"/cases/{case.pk}/latest/", {"before": before}).content.decode()
    ids = [set(re.findall(r'name="post" value="([^"]+)"', page)) for page in (first, older)]
    assert not ids[0] & ids[1]
    ended = reads.post(f"/cases/{case.pk}/latest/", {"before": "2001-01-01T00:00:00+00:00"})
    assert "There are no older posts" in text_of(ended)
    assert reads.post(f"/cases/{case.pk}/latest/", {"before": "nonsense"}).status_code == 200


def test_a_case_by_hand(desk: Desk, reads: Client) -> None:
    with_no_case = facts_account_without_case()
    wrong = reads.post("/cases/new/", {"platform": "x", "account_id": "no-such", "reason": "a notice"})
    assert wrong.status_code == 422
    assert "the lake knows no account" in text_of(wrong).lower()
    assert 'value="no-such"' in wrong.content.decode()
    done = reads.post("/cases/new/", {"platform": "x", "account_id": with_no_case, "reason": "a notice"})
    made = Case.objects.get(account_id=with_no_case)
    assert done["Location"] == f"/cases/{made.pk}/"
    assert "No signal found it" in text_of(reads.get(f"/cases/{made.pk}/"))


def facts_account_without_case() -> str:
    """An account of the lake that no signal listed."""
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        ids = snapshot.scan("posts").select("account_id").unique().collect()["account_id"].to_list()
    return sorted(set(ids) - set(Case.objects.values_list("account_id", flat=True)))[0]


def test_the_profile_tells_no_place(desk: Desk, reads: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "handle": "h",
        "name": "n",
        "bio": "b",
        "place": "Atlantis",
        "url": "https://x.example",
        "picture": "https://p.example",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "followers": 1234,
        "posts": 0,
        "seen_at": None,
    }
    monkeypatch.setattr(facts, "profile", lambda *_: known)
    shown = reads.get(f"/cases/{desk.case().pk}/profile/").content.decode()
    assert "Atlantis" not in shown
    assert "p.example" not in shown
    assert "2026-01-01" in shown
    monkeypatch.setattr(facts, "profile", lambda *_: None)
    assert "no profile" in text_of(reads.get(f"/cases/{desk.case().pk}/profile/"))


def test_surroundings_are_a_picture_with_a_table_and_no_scores(desk: Desk, reads: Client) -> None:
    case = desk.case()
    part = reads.get(f"/cases/{case.pk}/surroundings/", headers={"HX-Request": "true"})
    shown = part.content.decode()
    assert "<html" not in shown
    assert "<svg" in shown
    assert shown.count("<table") == 2
    assert "are not scored" in shown
    assert "<a " not in shown
    assert reads.get(f"/cases/{case.pk}/surroundings/").content.decode().count("<h1") == 1
    assert part.content == reads.get(f"/cases/{case.pk}/surroundings/", headers={"HX-Request": "true"}).content


def test_a_case_asks_as_much_with_many_findings(desk: Desk, reads: Client, django_assert_max_num_queries: Any) -> None:
    case = desk.case()
    CaseFinding.objects.bulk_create(
        CaseFinding(
            case=case,
            signal=f"made.{i}",
            version="1",
            score=0.6,
            because="made",
            conduct=True,
            seen=[{"post_id": f"p{i}", "at": "2026-03-01T00:00:00+00:00"}],
        )
        for i in range(40)
    )
    with django_assert_max_num_queries(45):
        assert reads.get(f"/cases/{case.pk}/").status_code == 200


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
    services.approve(second_reviewer, decision.pk, "agreed")
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


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_net_does_not_depend_on_the_order_of_its_facts() -> None:
    ties = [Neighbour(f"n{i}", kind, 1 + i % 5) for i in range(12) for kind in (TieKind.REPOST, TieKind.REPLY)]
    assert set(drawing.net(ties).nodes) == set(drawing.net(ties[::-1]).nodes)
    drawn = drawing.net(ties)
    assert len(drawn.nodes) == 12
    assert len(drawn.lines) == 24
    assert len({(node.anchor, node.label_y) for node in drawn.nodes}) == 12  # no two names on one line of a side
    assert all(0 < node.x < drawn.width and 0 < node.y < drawn.height for node in drawn.nodes)


def test_every_kind_of_tie_has_its_own_shape() -> None:
    outlines = {drawing.outline(kind, 0, 0) for kind in drawing.SHAPES}
    assert len(outlines) == len(drawing.SHAPES) == len(words.TIES)


def test_bars_hold_empty_days_and_many_years() -> None:
    some = drawing.bars([Day("2026-03-01", 2, 1), Day("2026-03-05", 0, 6)])
    assert len(some.bars) == 5
    assert some.most == 6
    many = drawing.bars([Day("2020-01-01", 1, 0), Day("2026-03-05", 1, 0)])
    assert len(many.bars) <= 92
    assert many.days_a_bar > 20
    assert drawing.bars([]).bars == ()


# --- proposing -------------------------------------------------------------------------------------------------------


def test_the_proposals_form_presets_nothing(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    page = reads.get(f"/cases/{case.pk}/propose/")
    is_quiet(page)
    shown = page.content.decode()
    assert " checked" not in shown
    assert " selected" not in shown
    for question in Exemption:
        assert len(re.findall(rf'name="q_{question}" value="(?:yes|no|unsure)"', shown)) == len(Answer)
        assert f'name="note_{question}"' in shown
    assert not [text for text in _texts(case) if text in html.unescape(shown)]


def test_a_proposal_is_made(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    done = reads.post(f"/cases/{case.pk}/propose/", proposal(case), follow=True)
    decision = Decision.objects.get()
    assert (decision.verb, decision.state, decision.proposed_by) == ("suspend", CaseState.SECOND_REVIEW, reviewer)
    assert "nothing is done before a second person agrees" in text_of(done)


def test_a_reversible_step_on_one_post_needs_no_second_person(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    post = services.own_conduct(case)[0]
    done = reads.post(f"/cases/{case.pk}/propose/", proposal(case, verb="label", post_id=post), follow=True)
    assert Decision.objects.get().state == CaseState.APPROVED
    assert "the platform is told now" in text_of(done)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verb": ""}, "Choose what is to be done."),
        ({"verb": "ban"}, "This cannot be chosen here."),
        ({"conduct": ""}, "Say what the account did."),
        ({"clause": ""}, "No ground, no action"),
        ({"clause": "9999"}, "This cannot be chosen here."),
        ({"conduct": "threat"}, "This clause is about another conduct: propaganda."),
        ({"verb": "label"}, "Choose the post this is done to."),
        ({"verb": "label", "post_id": "of somebody else"}, "This cannot be chosen here."),
        ({"explanation": " "}, "Write what was posted"),
        ({"alternatives": ""}, "Say what less was thought of"),
        ({"q_art": ""}, "Answer this question"),
        ({"q_art": "yes"}, "Say why, in a sentence"),
        ({"q_reach": "", "q_little_reach": "unsure", "note_little_reach": " "}, "Say why, in a sentence"),
        ({"designation": "9999"}, "This cannot be chosen here."),
    ],
)
def test_what_is_missing_is_said_beside_the_field_and_the_input_is_kept(
    desk: Desk, reads: Client, reviewer: User, changed: dict[str, str], said: str
) -> None:
    case = taken(desk, reviewer)
    page = reads.post(f"/cases/{case.pk}/propose/", proposal(case, note_journalism="kept note", **changed))
    assert page.status_code == 422
    shown = page.content.decode()
    assert said in html.unescape(shown)
    assert 'class="error"' in shown
    assert 'value="kept note"' in shown
    if "alternatives" not in changed:
        assert "A label would leave the flood as it is." in shown
    assert shown.count(" checked") >= 9
    assert not Decision.objects.exists()
    assert Case.objects.get(pk=case.pk).state == CaseState.OPEN


def test_what_the_case_refuses_is_said_above_the_form(
    desk: Desk, reads: Client, reviewer: User, monkeypatch: Any
) -> None:
    case = taken(desk, reviewer)
    monkeypatch.setattr(facts, "posts", lambda *_: [])
    page = reads.post(f"/cases/{case.pk}/propose/", proposal(case))
    assert page.status_code == 422
    assert "no evidence to seal" in text_of(page)


def test_only_what_the_platform_can_is_offered(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    Reach.objects.create(platform="x", verb=Verb.REMOVE, reversible=False, simulated=False)
    shown = reads.get(f"/cases/{case.pk}/propose/").content.decode()
    assert re.findall(r'name="verb" value="(\w+)"', shown) == ["remove"]
    assert "Cannot be taken back on this platform." in shown


def test_a_designation_may_stand_beside_the_conduct(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    listed = {"list": "UN", "list_version": "1", "listed_on": "2020-01-01", "source_hash": "0" * 64}
    made = Designation.objects.create(name="One", entry_id="E1", **listed)
    gone = Designation.objects.create(name="Two", entry_id="E2", delisted_on="2021-01-01", **listed)
    shown = reads.get(f"/cases/{case.pk}/propose/").content.decode()
    assert str(made) in html.unescape(shown)
    assert str(gone) not in html.unescape(shown)
    reads.post(f"/cases/{case.pk}/propose/", proposal(case, designation=str(made.pk)))
    assert Decision.objects.get().designation == made


def test_a_case_that_is_not_open_goes_back_to_its_page(desk: Desk, reads: Client) -> None:
    case = desk.case()
    page = reads.get(f"/cases/{case.pk}/propose/", follow=True)
    assert page.redirect_chain == [(f"/cases/{case.pk}/", 302)]
    assert "cannot become" in text_of(page)


# --- second reviews --------------------------------------------------------------------------------------------------


def test_the_inbox_marks_ones_own_proposals(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User
) -> None:
    assert "Nothing waits for a second review" in text_of(signed_in(second_reviewer).get("/second/"))
    desk.proposed(reviewer)
    desk.proposed(second_reviewer)
    shown = text_of(signed_in(second_reviewer).get("/second/"))
    assert shown.count("yours: somebody else reviews it") == 1


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
    ):
        assert wanted in shown
    assert code_of(decision.pk) not in shown
    assert not [text for text in _texts(decision.case) if text in shown]
    assert _primary(page) == ["Approve: suspend the account"]


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


# --- statements ------------------------------------------------------------------------------------------------------


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
    assert code_of(decision.pk) in page.content.decode()
    assert "statement.read" in audit_verbs(f"case:{decision.case_id}")
    assert code_of(decision.pk) not in reads.get("/statements/").content.decode()


def test_a_statement_given_by_hand(desk: Desk, reads: Client, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    statement = decision.statement
    statement.given_at, statement.given_how = None, ""
    statement.save()
    assert "not given yet" in text_of(reads.get("/statements/"))
    address = f"/statements/{statement.pk}/given/"
    wrong = reads.post(address, {"reason": " "})
    assert wrong.status_code == 422
    assert "Say how it was given" in text_of(wrong)
    assert reads.post(address, {"reason": "by letter"}).status_code == 302
    assert "by hand" in text_of(reads.get("/statements/"))
    assert reads.post(address, {"reason": "by letter"}).status_code == 422


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


# --- appeals ---------------------------------------------------------------------------------------------------------


def test_the_inbox_of_appeals(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    browser = signed_in(appeals_officer)
    assert "No appeal waits for an answer" in text_of(browser.get("/appeals/"))
    assert "No appeal was decided yet" in text_of(browser.get("/appeals/?decided=1"))
    appeal = appealed(desk, reviewer, second_reviewer)
    assert ">late<" not in browser.get("/appeals/").content.decode()
    Appeal.objects.filter(pk=appeal.pk).update(due_at=timezone.now() - timedelta(days=1))
    assert ">late<" in browser.get("/appeals/").content.decode()


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
    assert not [text for text in _texts(appeal.decision.case) if text in shown]
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


def test_whoever_took_part_is_told_and_refused(desk: Desk, signed_in: Browser, second_reviewer: User) -> None:
    both = desk.person(DeskRole.REVIEWER, DeskRole.APPEALS_OFFICER)
    appeal = appealed(desk, both, second_reviewer)
    browser = signed_in(both)
    assert "You took part in this decision" in text_of(browser.get(f"/appeals/{appeal.pk}/"))
    assert browser.post(f"/appeals/{appeal.pk}/take/").status_code == 403


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


# --- the audit log ---------------------------------------------------------------------------------------------------


def test_reading_the_log_is_in_the_log_once_a_visit(desk: Desk, signed_in: Browser, auditor: User) -> None:
    browser = signed_in(auditor)
    page = browser.get("/audit/")
    is_quiet(page)
    assert "read the audit log" in text_of(page)
    browser.get("/audit/")
    browser.get("/audit/?before=2")
    assert audit_verbs().count("audit.read") == 1
    browser.get(f"/audit/?actor={auditor.pseudonym}")
    assert audit_verbs().count("audit.read") == 2
    assert Entry.objects.filter(verb="audit.read").last().reason == f"actor={auditor.pseudonym}"


def test_the_log_is_filtered_and_paged(desk: Desk, signed_in: Browser, auditor: User, reviewer: User) -> None:
    case = taken(desk, reviewer)
    for _ in range(120):
        queries.case(reviewer, case.pk)
    browser = signed_in(auditor)
    shown = text_of(browser.get("/audit/?verb=case.take"))
    assert "took the case" in shown
    assert "opened the case" not in shown.split("Detail")[1]
    page = browser.get(f"/audit/?about=case:{case.pk}").content.decode()
    further = html.unescape(re.search(r'href="(\?[^"]*)" data-next', page)[1])
    older = browser.get("/audit/" + further).content.decode()
    seqs = [[int(n) for n in re.findall(r'<th scope="row" class="num">(\d+)<', shown)] for shown in (page, older)]
    wanted = list(Entry.objects.filter(object=f"case:{case.pk}").order_by("-seq").values_list("seq", flat=True))
    assert seqs[0] + seqs[1] == wanted
    assert "No entry fits these filters" in text_of(browser.get("/audit/?actor=P-NONE"))


def test_every_verb_of_this_room_is_in_words(
    desk: Desk, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    appeal = appealed(desk, reviewer, second_reviewer)
    services.assign_appeal(appeals_officer, appeal.pk)
    services.decide_appeal(appeals_officer, appeal.pk, "reversed", "You do.")
    desk.worker()
    assert set(audit_verbs()) <= set(words.LOG)
    assert all(words.said(entry).what for entry in Entry.objects.all())


def test_the_signed_head_is_saved_and_that_is_logged(desk: Desk, signed_in: Browser, auditor: User) -> None:
    answer = signed_in(auditor).get("/audit/head.json")
    saved = json.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert saved["hash"] == Entry.objects.get(seq=saved["seq"]).hash
    assert audit_verbs()[-1] == "audit.head"


# --- work ------------------------------------------------------------------------------------------------------------


def test_the_work_page(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User, duty_officer: User
) -> None:
    browser = signed_in(duty_officer)
    shown = text_of(browser.get("/jobs/"))
    assert "Nothing is left to do" in shown
    assert "simulated" in shown
    decision = desk.proposed(reviewer)
    services.approve(second_reviewer, decision.pk, "agreed")
    Job.objects.update(state="failed", last_error="403 Forbidden", attempts=3)
    Gate.objects.create(platform="x", failures=5, closed_until=timezone.now() + timedelta(minutes=1), note="no answer")
    page = browser.get("/jobs/")
    is_quiet(page)
    shown = text_of(page)
    for wanted in ("403 Forbidden", "failed: 1", "failed 5 times in a row", "no answer", "0 of 200"):
        assert wanted in shown
    assert f'href="/decisions/{decision.pk}/"' in page.content.decode()
    admin = signed_in(desk.person(DeskRole.ADMIN)).get("/jobs/").content.decode()
    assert f'href="/decisions/{decision.pk}/"' not in admin


# --- words -----------------------------------------------------------------------------------------------------------


def test_every_word_of_the_vocabularies_has_words() -> None:
    assert set(words.STATES) >= set(CaseState)
    assert set(words.VERBS) == set(Verb)
    assert set(words.CONDUCT) == set(words.CONDUCT_MEANS) == set(Conduct)
    assert set(words.QUESTIONS) == set(Exemption)
    assert set(words.TIES) == set(TieKind) - {TieKind.SHARED_LINK}
