"""Which role opens which page of the console, and does which act there."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from desk import Desk, audit_verbs
from pages import Browser, appealed, is_quiet, taken
from seawall.cases import backtests
from seawall.cases.models import Case, Decision, ThreatDraft
from seawall.grounds import banks
from seawall.people.models import User
from seawall.people.roles import ALLOWED, DeskRole, May
from seawall.records.terms import Conduct

LIST = ("partners", Conduct.PROPAGANDA, "Partner A", "agreement", date(2999, 1, 1), "l.csv", b"hash\n" + b"cd" * 16)


@pytest.fixture
def numbers(desk: Desk, reviewer: User, second_reviewer: User) -> dict[str, int]:
    """One of everything that a page or an act is about."""
    appeal = appealed(desk, reviewer, second_reviewer)
    now, threatening = timezone.now(), desk.case()
    threat = ThreatDraft.objects.create(
        case=threatening, signal="rules.x", because="b", posts=[], raised_at=now, due_at=now
    )
    return {
        "threat": threat.pk,
        "case": desk.case().pk,
        "open": taken(desk, reviewer).pk,
        "decision": desk.proposed(reviewer).pk,
        "executed": appeal.decision_id,
        "statement": appeal.decision.statement.pk,
        "appeal": appeal.pk,
        "backtest": backtests.ask(reviewer, "pledge").pk,
        "part": banks.bring(desk.person(DeskRole.LEGAL), *LIST)[0].pk,
    }


PAGES = {
    "/?state=all": May.LIST_CASES,
    "/cases/new/": May.LIST_CASES,
    "/cases/{case}/": May.READ_CASE,
    "/cases/{case}/surroundings/": May.READ_CASE,
    "/cases/{case}/profile/": May.READ_CASE,
    "/cases/{open}/propose/": May.PROPOSE,
    "/threats/": May.READ_THREATS,
    "/second/": May.LIST_CASES,
    "/decisions/{decision}/": May.READ_CASE,
    "/statements/": May.READ_STATEMENTS,
    "/statements/{statement}/": May.READ_STATEMENTS,
    "/appeals/": May.READ_APPEALS,
    "/appeals/{appeal}/": May.READ_APPEALS,
    "/cases/{case}/return/": May.READ_CASE,
    "/campaigns/": May.LIST_CASES,
    "/floods/": May.LIST_CASES,
    "/support/": May.LIST_CASES,
    "/network/": May.READ_CASE,
    "/network/chains/": May.READ_CASE,
    "/audit/": May.READ_AUDIT,
    "/audit/head.json": May.READ_AUDIT,
    "/jobs/": May.SEE_WORK,
    "/watchers/": May.SEE_WORK,
    "/banks/": May.READ_RULES,
    "/banks/matches/{case}/": May.READ_CASE,
    "/rules/": May.READ_RULES,
    "/rules/pledge/": May.READ_RULES,
    "/rules/lists/": May.READ_RULES,
    "/rules/lists/distance/": May.READ_RULES,
    "/rules/backtests/{backtest}/": May.READ_RULES,
    "/rules/new/": May.WRITE_RULES,
    "/rules/pledge/edit/": May.WRITE_RULES,
}


@pytest.mark.parametrize("role", list(DeskRole))
def test_each_page_opens_for_its_roles_and_for_no_other(
    desk: Desk, signed_in: Browser, numbers: dict[str, int], role: DeskRole
) -> None:
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
    "/cases/{open}/rule/": May.WRITE_RULES,
    "/threats/{threat}/": May.ANSWER_THREAT,
    "/decisions/{decision}/": May.SECOND,
    "/decisions/{executed}/reverse/": May.REVERSE,
    "/statements/{statement}/code/": May.PROPOSE,
    "/statements/{statement}/given/": May.PROPOSE,
    "/appeals/{appeal}/take/": May.DECIDE_APPEAL,
    "/appeals/{appeal}/void/": May.DECIDE_APPEAL,
    "/rules/new/": May.WRITE_RULES,
    "/rules/try/": May.WRITE_RULES,
    "/rules/lists/new/": May.WRITE_RULES,
    "/rules/pledge/edit/": May.WRITE_RULES,
    "/rules/pledge/drop/": May.WRITE_RULES,
    "/rules/pledge/shadow/": May.WRITE_RULES,
    "/rules/pledge/end/": May.WRITE_RULES,
    "/rules/pledge/stop/": May.WRITE_RULES,
    "/rules/pledge/backtest/": May.WRITE_RULES,
    "/rules/pledge/live/": May.PUBLISH_RULES,
    "/rules/pledge/start/": May.PUBLISH_RULES,
    "/rules/backtests/{backtest}/texts/": May.READ_TEXT,
    "/banks/{part}/agree/": May.MANAGE_GROUNDS,
    "/banks/{part}/end/": May.MANAGE_GROUNDS,
    "/banks/share/": May.MANAGE_GROUNDS,
}


@pytest.mark.parametrize("role", list(DeskRole))
def test_no_act_is_open_to_a_role_that_may_not(
    desk: Desk, signed_in: Browser, numbers: dict[str, int], role: DeskRole
) -> None:
    before = Case.objects.values_list("pk", "state")[::1], Decision.objects.values_list("pk", "state")[::1]
    browser = signed_in(desk.person(role))
    for address, wanted in ACTS.items():
        if role not in ALLOWED[wanted]:
            page = browser.post(address.format(**numbers), {"answer": "approve", "reason": "so"})
            assert page.status_code == 403, (role, address)
    assert before == (Case.objects.values_list("pk", "state")[::1], Decision.objects.values_list("pk", "state")[::1])


def test_nobody_reads_a_page_without_signing_in(desk: Desk) -> None:
    for address in PAGES:
        page = Client().get(
            address.format(case=1, open=1, decision=1, statement=1, appeal=1, backtest=1, part=1, threat=1)
        )
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
