"""The inbox of account holders on the simulated platform: the command for operators, the page for who plays a demo."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from command import Command
from desk import Desk, audit_verbs
from pages import is_quiet, text_of
from seawall.audit.models import Entry
from seawall.cases.codes import code_of
from seawall.cases.models import Decision
from seawall.people.models import User
from seawall.people.services import demo_inbox


@pytest.fixture
def told(desk: Desk, reviewer: User, second_reviewer: User) -> Decision:
    """A decision whose statement the simulated platform delivered."""
    decision = desk.executed(reviewer, second_reviewer)
    desk.worker()
    return decision


@pytest.fixture
def seawall(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in the desk's own home."""
    monkeypatch.setenv("SEAWALL_HOME", str(desk.home))
    return Command(desk.home)


def test_the_command_prints_what_account_holders_were_told(told: Decision, seawall: Command) -> None:
    case = told.case
    for account in ("", case.handle, f"x:@{case.handle.upper()}", case.account_id):
        said = seawall.ok("simulated", "inbox", account).out
        assert f"x:{case.handle}  20" in said
        assert code_of(told.pk) in said
        assert "http://localhost:8400/appeal/" in said
    (found,) = seawall.ok("simulated", "inbox", "--json").json_lines()
    assert (found["platform"], found["account_id"], found["handle"]) == ("x", case.account_id, case.handle)
    assert code_of(told.pk) in found["text"]
    assert "nobody_here was told nothing" in seawall.ok("simulated", "inbox", "nobody_here").err
    assert audit_verbs().count("inbox.read") == 6
    assert Entry.objects.filter(verb="inbox.read").first().actor.startswith("cli:")


def test_an_inbox_where_nobody_was_told_anything_says_so(seawall: Command) -> None:
    ran = seawall.ok("simulated", "inbox")
    assert ran.out == ""
    assert "Nobody was told anything" in ran.err


def test_who_plays_an_account_holder_reads_the_code_and_appeals(
    told: Decision, reads: Client, configured: Callable[..., None]
) -> None:
    configured("people", demo=True)
    assert f'href="{demo_inbox()}"' in reads.get("/queue/").content.decode()
    page = reads.get(demo_inbox())
    is_quiet(page)
    assert told.case.handle in text_of(page)
    (code,) = re.findall(r"SW(?:-[A-Z2-7]{5}){4}", text_of(page))
    assert 'href="/appeal/"' in page.content.decode()
    assert told.explanation in text_of(reads.post("/appeal/", {"code": code}, follow=True)), "nobody is signed in now"
    assert Entry.objects.get(verb="inbox.read").actor == "demo:account-holder"


def test_the_demos_inbox_begins_empty(desk: Desk, client: Client, configured: Callable[..., None]) -> None:
    configured("people", demo=True)
    page = client.get(demo_inbox())
    is_quiet(page)
    assert "Nobody was told anything yet" in text_of(page)
    assert "/demo/reviewer/" in page.content.decode(), "the way back to the desk"
    assert "/demo/reviewer/" not in client.get("/appeal/").content.decode()


def test_nobody_else_reads_it(told: Decision, client: Client, configured: Callable[..., None]) -> None:
    address = demo_inbox()
    assert client.get(address).status_code == 404, "no demo"
    configured("people", demo=True)
    assert client.get(address, REMOTE_ADDR="203.0.113.9").status_code == 404, "another machine"
    assert client.get(address[:-2] + ("1/" if address[-2] == "0" else "0/")).status_code == 404, "another token"
    configured("web", host="0.0.0.0")
    assert client.get(address).status_code == 404
    assert "inbox.read" not in audit_verbs()
