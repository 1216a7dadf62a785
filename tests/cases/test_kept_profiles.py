"""The profile of an account that people suspended outlives its facts for a set time, so that its return is known; it
goes at once when the decision is reversed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from django.utils import timezone
from msgspec.structs import replace

from command import Command
from desk import Desk, audit_verbs
from seawall.audit.models import Entry
from seawall.cases import services
from seawall.evidence.models import KeptProfile
from seawall.evidence.services import erase_due_profiles, kept_profiles
from seawall.lake import Lake
from seawall.people.models import User
from seawall.records.facts import ACCOUNTS, STATES, columns
from seawall.records.terms import State, Verb
from seawall.signals.contract import Facts
from seawall.signals.returns import Kept, find_returns


def _newcomer(handle: str) -> Facts:
    """A lake in which every fact of before has expired and one new account has come."""
    now = datetime.now(UTC)
    row = {"platform": ["x"], "account_id": ["new"], "handle": [handle], "created_at": [now], "seen_at": [now]}
    return Facts(
        posts=Facts.none().posts,
        accounts=pl.DataFrame(columns(ACCOUNTS, {k: pl.Series(v).to_arrow() for k, v in row.items()}, 1)).lazy(),
    )


def _text(desk: Desk, account: str) -> list[str]:
    with Lake(desk.home) as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").filter(pl.col("account_id") == account).select("text").collect()
    return [text for text in posts["text"].drop_nulls() if len(text) > 12]


def test_a_return_is_known_after_every_fact_of_the_suspended_account_expired(
    desk: Desk, reviewer: User, second_reviewer: User
) -> None:
    case = desk.executed(reviewer, second_reviewer).case
    (hypothesis,) = find_returns(_newcomer(f"{case.handle}_2"), ("x", "new"), kept=Kept.of(kept_profiles())).hypotheses
    assert hypothesis.candidates[0].account_id == case.account_id
    assert "handle" in hypothesis.candidates[0].because
    assert find_returns(_newcomer(f"{case.handle}_2")).suspended == 0  # without it nobody would know


def test_the_command_knows_of_it_and_says_so_to_people(
    desk: Desk, reviewer: User, second_reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for opened in ("seawall.cli.returns.open_desk", "seawall.cli.desk.open_desk"):
        monkeypatch.setattr(opened, lambda _home: None)  # the ledger of this process
    monkeypatch.setattr("seawall.cli.returns.has_desk", lambda _home: True)
    seawall = Command(desk.home)
    before = seawall.ok("returns").out
    case = desk.executed(reviewer, second_reviewer).case
    with seawall.lake() as lake:
        lake.append({"accounts": _newcomer(f"{case.handle}_2").accounts.collect().to_arrow()})
    assert "No account is suspended" in before
    assert "compared with 1 suspended one." in seawall.ok("returns").out
    out = seawall.ok("returns", "--account", f"x:{case.handle}_2").out
    assert f"return of x:{case.handle}\n" in out
    assert Entry.objects.filter(verb="returns.read", object="account:x:new").count() == 1


def test_no_text_stands_in_what_is_kept(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    case = desk.executed(reviewer, second_reviewer).case
    (row,) = KeptProfile.objects.all()
    texts = _text(desk, case.account_id)
    assert texts
    for text in texts:
        assert not any(word.encode() in bytes(row.content) for word in text.split() if len(word) > 6)


def test_it_goes_when_the_decision_is_reversed(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    assert KeptProfile.objects.count() == 1
    services.ask_reversal(second_reviewer, decision.pk, "new facts")
    desk.worker()
    assert not KeptProfile.objects.exists()
    verbs = audit_verbs(str(decision.case))
    assert verbs.count("profile.keep") == verbs.count("profile.erase") == 1


def test_it_ends_by_itself(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    row = KeptProfile.objects.get()
    assert row.until - row.at == pytest.approx(timedelta(days=365), abs=timedelta(minutes=1))
    assert erase_due_profiles() == 0
    KeptProfile.objects.update(until=timezone.now())
    assert kept_profiles() == []  # not read from that moment on, erased at the next turn
    assert erase_due_profiles() == 1
    assert not KeptProfile.objects.exists()
    assert audit_verbs(str(decision.case))[-1] == "profile.erase"


def test_nothing_is_kept_of_an_item_that_was_removed(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    case = desk.read(reviewer)
    post = services.own_conduct(case)[0]
    services.propose(reviewer, case.pk, desk.draft(verb=Verb.LABEL, post_id=post))
    desk.worker()
    assert not KeptProfile.objects.exists()


def test_nothing_is_kept_where_the_settings_say_so(desk: Desk, reviewer: User, second_reviewer: User, settings) -> None:
    settings.SEAWALL = replace(settings.SEAWALL, desk=replace(settings.SEAWALL.desk, keep_profile_days=0))
    desk.executed(reviewer, second_reviewer)
    assert not KeptProfile.objects.exists()


def test_who_was_reinstated_on_the_platform_since_is_nobodys_parent(
    desk: Desk, reviewer: User, second_reviewer: User
) -> None:
    case = desk.executed(reviewer, second_reviewer).case
    facts = _newcomer(f"{case.handle}_2")
    kept = Kept.of(kept_profiles())
    assert find_returns(facts, kept=kept).suspended == 1

    def since(state: State, at: datetime) -> Facts:
        row = {"platform": ["x"], "account_id": [case.account_id], "state": [state.value], "at": [at]}
        states = pl.DataFrame(columns(STATES, {k: pl.Series(v).to_arrow() for k, v in row.items()}, 1)).lazy()
        return Facts(posts=facts.posts, accounts=facts.accounts, states=states)

    now = datetime.now(UTC)
    assert find_returns(since(State.ACTIVE, now + timedelta(minutes=1)), kept=kept).suspended == 0
    assert find_returns(since(State.ACTIVE, now - timedelta(days=1)), kept=kept).suspended == 1  # before it was done
