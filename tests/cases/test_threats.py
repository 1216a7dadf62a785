"""Threats: what announces an act, a target and a time is before the duty officer at once, and a person answers."""

from __future__ import annotations

import json
import shutil
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from desk import Desk, audit_verbs, lines, run
from makers import tweet, write
from seawall.audit.models import Entry
from seawall.cases import queries, threats
from seawall.cases.models import Case, ThreatDraft
from seawall.cases.scanning import Following, scan_home
from seawall.cases.states import CaseError
from seawall.cli.up import FOLLOW_EVERY
from seawall.evidence.models import KeepGround
from seawall.evidence.vault import RECIPIENT
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.records.terms import CaseState, ThreatState
from seawall.stream.status import read_status
from seawall.stream.watch import HomeRecipe
from sources.ticker import Ticks, tick
from stream.watching import until, watcher

THREAT = "We will bomb the embassy tomorrow"


def said(number: int, text: str, age: timedelta = timedelta(0)) -> dict[str, Any]:
    """A post of account a(number modulo 7), so old."""
    return {**tick(number, text), "at": (datetime.now(UTC) - age).isoformat()}


def watched(home: Path, events: list[dict[str, Any]]) -> None:
    """What a watcher reads of these events."""
    server = Ticks(events)
    try:
        watcher(home, server.url, recipe=HomeRecipe(home, print)).run(once=True)
    finally:
        server.stop()


@pytest.fixture
def threatened(desk: Desk) -> ThreatDraft:
    """A draft over one post."""
    watched(desk.home, [said(1, THREAT)])
    Following(desk.home).step()
    return ThreatDraft.objects.get()


def opens(person: User, draft: ThreatDraft) -> None:
    """Open its posts, as the case's page does."""
    queries.texts(person, draft.case_id, [post["post_id"] for post in draft.posts])


def test_a_match_opens_a_draft_with_its_clock_and_decides_nothing(desk: Desk, duty_officer: User) -> None:
    watched(desk.home, [said(1, THREAT), said(2, "I will kill you tonight"), said(3, "The embassy is shut tomorrow")])
    done = Following(desk.home).step()
    assert done is not None
    assert done.threats == 1
    (draft,) = threats.drafts(duty_officer).waiting
    assert (draft.case.account_id, draft.signal) == ("a1", "rules.specific-threat")
    assert draft.due_at - draft.raised_at == timedelta(minutes=30)
    assert not draft.late
    assert draft.case.state == CaseState.CANDIDATE
    assert draft.case.decisions.count() == 0
    assert audit_verbs(str(draft.case)) == ["threat.raise"]
    assert THREAT not in json.dumps(list(ThreatDraft.objects.values()), default=str)


def test_it_is_there_within_two_seconds_of_the_post(desk: Desk) -> None:
    server = Ticks([said(7, "nothing yet")])
    running = watcher(desk.home, server.url, recipe=HomeRecipe(desk.home, print))
    thread = threading.Thread(target=running.run)
    thread.start()
    took = []
    try:
        until(lambda: read_status(desk.home, "ticker") and read_status(desk.home, "ticker").totals.read == 1, 60)
        following = Following(desk.home)
        following.step()
        for number in (8, 9, 10):  # each by an account of its own
            begun = time.monotonic()
            server.events.append(said(number, THREAT))
            while ThreatDraft.objects.count() == len(took):
                time.sleep(FOLLOW_EVERY)
                following.step()
            took.append(time.monotonic() - begun)
    finally:
        running.stop()
        thread.join(20)
        server.stop()
    assert sorted(took)[1] < 2, took


def test_posts_add_up_and_what_was_answered_is_not_raised_again(desk: Desk, duty_officer: User) -> None:
    first, again, later = said(1, THREAT), said(8, "Tonight we will blow up the metro"), said(15, THREAT)
    watched(desk.home, [first])
    following = Following(desk.home)
    following.step()
    watched(desk.home, [first, again])
    following.step()
    (draft,) = ThreatDraft.objects.all()
    assert [post["post_id"] for post in draft.posts] == [first["id"], again["id"]]
    opens(duty_officer, draft)
    threats.dismiss(duty_officer, draft.pk, "a film quiz")
    Following(desk.home).step()
    scan_home(desk.home)
    assert ThreatDraft.objects.count() == 1
    watched(desk.home, [first, again, later])
    following.step()
    assert [[p["post_id"] for p in d.posts] for d in ThreatDraft.objects.filter(state="waiting")] == [[later["id"]]]


def test_a_post_of_last_month_and_a_rule_that_is_not_urgent_raise_none(desk: Desk, settings: Any) -> None:
    watched(desk.home, [said(1, THREAT, timedelta(days=30)), said(2, "I will kill you tonight")])
    Following(desk.home).step()
    assert {"a1", "a2"} <= set(Case.objects.values_list("account_id", flat=True))
    assert ThreatDraft.objects.count() == 0


def test_a_scan_raises_what_no_watcher_saw(desk: Desk) -> None:
    watched(desk.home, [said(1, THREAT)])
    assert scan_home(desk.home)[1].threats == 1
    assert ThreatDraft.objects.count() == 1


@pytest.mark.parametrize("role", [role for role in DeskRole if role != DeskRole.DUTY_OFFICER])
def test_only_a_duty_officer_answers(desk: Desk, threatened: ThreatDraft, role: DeskRole) -> None:
    person = desk.person(role)
    for act in (lambda: threats.dismiss(person, threatened.pk, "so"), lambda: threats.pass_on(person, 1, "x", "so")):
        with pytest.raises((Refused, ThreatDraft.DoesNotExist)):
            act()
    threatened.refresh_from_db()
    assert threatened.state == ThreatState.WAITING


def test_whoever_answers_has_read_and_says_why(threatened: ThreatDraft, duty_officer: User) -> None:
    with pytest.raises(CaseError, match="open the posts first"):
        threats.pass_on(duty_officer, threatened.pk, "Police of Harbour", "a time and a place")
    opens(duty_officer, threatened)
    with pytest.raises(CaseError, match="which authority"):
        threats.pass_on(duty_officer, threatened.pk, " ", "so")
    with pytest.raises(CaseError, match="threatens nobody"):
        threats.dismiss(duty_officer, threatened.pk, " ")


def test_what_was_passed_on_is_sealed_and_written_down(threatened: ThreatDraft, duty_officer: User) -> None:
    opens(duty_officer, threatened)
    done = threats.pass_on(duty_officer, threatened.pk, "Police of Harbour", "a time and a place")
    assert (done.state, done.recipient, done.answered_by) == ("passed_on", "Police of Harbour", duty_officer)
    assert KeepGround.objects.get(why=str(done)).capture.items.filter(kind="post").count() == 1
    assert "threat.pass_on" in audit_verbs(str(done.case))
    with pytest.raises(CaseError, match="already"):
        threats.dismiss(duty_officer, threatened.pk, "so")
    done.case.refresh_from_db()
    assert done.case.state == CaseState.CANDIDATE  # the account's case goes its own way


def test_the_report_does_not_wait_for_evidence(desk: Desk, threatened: ThreatDraft, duty_officer: User) -> None:
    opens(duty_officer, threatened)
    (desk.home / "keys" / RECIPIENT).unlink()
    assert threats.pass_on(duty_officer, threatened.pk, "Police", "so").state == ThreatState.PASSED_ON
    told = json.loads(Entry.objects.get(verb="threat.pass_on").detail)
    assert told["sealed"] == 0
    assert told["not_sealed"]


def test_a_clock_that_ran_out_says_so(threatened: ThreatDraft) -> None:
    threatened.due_at = timezone.now() - timedelta(seconds=1)
    assert threatened.late


def test_the_command_lists_what_waits_without_texts(scanned_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(scanned_home, home)
    assert list(lines(run(home, "threats", "--json"))) == []
    post = tweet(77, 501, THREAT) | {"created_at": datetime.now(UTC).strftime("%a %b %d %H:%M:%S +0000 %Y")}
    run(home, "load", "x", write(tmp_path / "posts.jsonl", json.dumps(post).encode()))
    run(home, "scan")
    assert "min left" in run(home, "threats")
    (line,) = lines(run(home, "threats", "--json"))
    assert (line["account_id"], line["late"], len(line["posts"])) == ("501", False, 1)
    assert THREAT not in json.dumps(line)
