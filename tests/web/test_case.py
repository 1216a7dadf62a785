"""The page of a case: its one next act, its findings, its surroundings, its story."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from desk import Desk
from pages import Browser, primary_acts, taken, text_of
from seawall.cases import facts, services
from seawall.cases.models import Case, CaseFinding, Reach
from seawall.lake import Lake
from seawall.ledger import home
from seawall.people.models import User
from seawall.records.terms import CaseState, Verb


def test_a_case_has_one_primary_act_written_out(
    desk: Desk, signed_in: Browser, reviewer: User, second_reviewer: User
) -> None:
    mine, theirs, case = signed_in(reviewer), signed_in(second_reviewer), desk.case()
    address = f"/cases/{case.pk}/"
    assert primary_acts(mine.get(address)) == ["Take this case"]
    services.take(reviewer, case.pk)
    assert primary_acts(mine.get(address)) == ["Propose a decision"]
    assert primary_acts(theirs.get(address)) == []
    desk.opens(reviewer, case)
    decision = services.propose(reviewer, case.pk, desk.draft())
    assert primary_acts(mine.get(address)) == []
    assert "Your proposal waits for a second person." in text_of(mine.get(address))
    assert primary_acts(theirs.get(address)) == ["Give the second review"]
    desk.approved(decision, second_reviewer)
    assert "waits for the platform" in text_of(mine.get(address))
    desk.worker()
    assert "The account holder can appeal." in text_of(mine.get(address))


def test_without_conduct_the_next_act_is_to_look_for_it(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    case.findings.update(conduct=False)
    assert primary_acts(reads.get(f"/cases/{case.pk}/")) == ["Look for conduct in its posts"]


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


@pytest.mark.parametrize(
    ("signal", "version", "said"),
    [
        ("rules.pledge", "2", "one matching post gives 0.80, and each further one takes away 80% of the doubt"),
        ("rules.lamp-slogans", "2", "13 matching posts give 0.60, and each further 13 take away 60% of the doubt"),
        ("rules.pledge", "77", ""),
        ("supporters", "1", ""),
    ],
)
def test_a_rules_score_says_how_it_comes_about(desk: Desk, reads: Client, signal: str, version: str, said: str) -> None:
    case = desk.case()
    case.findings.all().delete()
    seen = [{"post_id": "1", "at": timezone.now().isoformat()}]
    CaseFinding.objects.create(
        case=case, signal=signal, version=version, score=0.9, because="so", seen=seen, conduct=True
    )
    page = text_of(reads.get(f"/cases/{case.pk}/"))
    assert said in page
    assert ("How the score comes about" in page) is bool(said)
    assert "only the newest posts are kept here" in page
