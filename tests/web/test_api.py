"""The whole story through the API, with a key for each person; and what a key may not do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from desk import Desk
from seawall.cases.codes import code_of
from seawall.cases.models import Decision
from seawall.people import services as people
from seawall.people.models import Token, User
from seawall.people.roles import DeskRole
from seawall.records.terms import Exemption, State


class Api:
    """The API with one person's key, or none."""

    def __init__(self, person: User | None = None) -> None:
        self.headers = {}
        if person:
            self.headers["Authorization"] = f"Bearer {people.make_token(person, 'test', 1)}"
        self.client = Client()

    def get(self, path: str, code: int = 200):
        answer = self.client.get(f"/api/v1/{path}", headers=self.headers)
        assert answer.status_code == code, answer.content
        return answer.json()

    def post(self, path: str, body=None, code: int = 200):
        answer = self.client.post(
            f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=self.headers
        )
        assert answer.status_code == code, answer.content
        return answer.json()


DRAFT = {
    "verb": "suspend",
    "conduct": "propaganda",
    "clause": "T1",
    "explanation": "You spread the releases of the harbour lamp.",
    "alternatives": "A label would leave the flood as it is.",
    "checklist": {question.value: {"answer": "no"} for question in Exemption},
}


def test_the_story_through_the_api(desk: Desk, reviewer: User, second_reviewer: User, appeals_officer: User) -> None:
    first, second, officer, holder = Api(reviewer), Api(second_reviewer), Api(appeals_officer), Api()
    row = first.get("cases")["cases"][0]
    first.post(f"cases/{row['id']}/take")
    case = first.get(f"cases/{row['id']}")
    assert case["simulated"]
    texts = first.post(f"cases/{row['id']}/texts", {"post_ids": case["conduct"], "reason": "to decide"})
    assert len(texts) == len(case["conduct"])
    decision = first.post(f"cases/{row['id']}/decisions", DRAFT)
    assert decision["state"] == "second_review"
    first.post(f"decisions/{decision['id']}/approve", {"reason": "yes"}, code=403)
    assert [d["id"] for d in second.get("decisions/waiting")] == [decision["id"]]
    second.post(f"cases/{row['id']}/texts", {"post_ids": case["conduct"][:1]})
    approved = second.post(f"decisions/{decision['id']}/approve", {"reason": "yes"})
    posts = len(case["conduct"])
    assert (approved["state"], approved["second_opened"]) == ("approved", 1)
    assert (approved["rests_on"], approved["proposer_opened"]) == (posts, posts)
    desk.worker()
    assert second.get(f"decisions/{decision['id']}")["state"] == "executed"
    about = desk.about(Decision.objects.get().case)
    assert desk.simulated().status(about) == State.SUSPENDED
    shown = first.get(f"decisions/{decision['id']}/statement")
    assert code_of(decision["id"]) not in json.dumps(shown)
    code = code_of(decision["id"])
    for staff in (first, officer):
        refused = staff.post("public/appeals", {"code": code, "text": "let them go"}, code=403)
        assert "an appeal is the account holder's" in refused["error"]
    assert (
        holder.post("public/appeals", {"code": code, "text": "I repair lamps", "language": "en"})["state"] == "received"
    )
    appeal = officer.get("appeals")[0]
    officer.post(f"appeals/{appeal['id']}/take")
    officer.post(f"appeals/{appeal['id']}/decide", {"outcome": "reversed", "reasons": "You do repair lamps."})
    desk.worker()
    assert desk.simulated().status(about) == State.ACTIVE
    assert holder.post("public/appeals/state", {"code": code, "text": ""})["reasons"] == "You do repair lamps."


def test_a_false_appeal_is_voided_through_the_api(
    desk: Desk, reviewer: User, second_reviewer: User, appeals_officer: User
) -> None:
    code = code_of(desk.executed(reviewer, second_reviewer).pk)
    officer, holder = Api(appeals_officer), Api()
    false = holder.post("public/appeals", {"code": code, "text": "let them go"})
    Api(reviewer).post(f"appeals/{false['id']}/void", {"reason": "not theirs"}, code=403)
    officer.post(f"appeals/{false['id']}/void", code=400)
    assert officer.post(f"appeals/{false['id']}/void", {"reason": "not theirs"})["state"] == "voided"
    assert holder.post("public/appeals/state", {"code": code, "text": ""})["void_reason"] == "not theirs"
    own = holder.post("public/appeals", {"code": code, "text": "I repair lamps"})
    assert [a["id"] for a in officer.get("appeals")] == [own["id"]]
    assert [a["id"] for a in officer.get("appeals?decided=true")] == [false["id"]]
    assert holder.post("public/appeals/state", {"code": code, "text": ""})["id"] == own["id"]


def test_a_reversal_that_was_asked_for_is_seen_before_the_platform_did_it(
    desk: Desk, reviewer: User, second_reviewer: User
) -> None:
    path, api = f"decisions/{desk.executed(reviewer, second_reviewer).pk}", Api(second_reviewer)
    assert api.get(path)["reversal_asked_at"] is None
    api.post(f"{path}/reverse", {"reason": "a namesake"})
    seen = api.get(path)
    assert seen["reversal_asked_at"]
    assert seen["reversed_at"] is None


def test_without_a_key_nothing_is_given(desk: Desk) -> None:
    for path in ("cases", "cases/1", "appeals", "audit/head", "decisions/waiting"):
        Api().get(path, code=401)


def test_a_key_that_ended_was_revoked_or_whose_person_left_opens_nothing(desk: Desk, reviewer: User) -> None:
    api = Api(reviewer)
    api.get("cases")
    Token.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    api.get("cases", code=401)
    Token.objects.update(ends_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
    api.get("cases", code=401)
    Token.objects.update(revoked_at=None)
    User.objects.filter(pk=reviewer.pk).update(is_active=False)
    api.get("cases", code=401)


@pytest.mark.parametrize("role", [DeskRole.ADMIN, DeskRole.FLAGGER, DeskRole.AUTHORITY, DeskRole.AUDITOR])
def test_roles_without_case_work_are_refused(desk: Desk, role: DeskRole) -> None:
    api = Api(desk.person(role))
    case = desk.case()
    assert "do not allow" in api.get("cases", code=403)["error"]
    api.get(f"cases/{case.pk}", code=403)
    api.post(f"cases/{case.pk}/texts", {"post_ids": ["1"]}, code=403)
    api.post(f"cases/{case.pk}/take", code=403)


def test_an_unanswered_question_is_named(desk: Desk, reviewer: User) -> None:
    api, case = Api(reviewer), desk.case()
    api.post(f"cases/{case.pk}/take")
    few = {**DRAFT, "checklist": {"art": {"answer": "no"}}}
    assert "journalism" in api.post(f"cases/{case.pk}/decisions", few, code=400)["error"]
    assert "clause" in api.post(f"cases/{case.pk}/decisions", {**DRAFT, "clause": "T99"}, code=400)["error"]
    api.post(f"cases/{case.pk}/decisions", {**DRAFT, "verb": "erase"}, code=422)


def test_a_statement_is_written_in_the_language_asked_for_if_there_are_words(desk: Desk, reviewer: User) -> None:
    api, case = Api(reviewer), desk.read(reviewer)
    refused = api.post(f"cases/{case.pk}/decisions", DRAFT | {"language": "fr"}, code=400)
    assert "there are no words for 'fr'" in refused["error"]
    made = api.post(f"cases/{case.pk}/decisions", DRAFT | {"language": "ar"})
    shown = api.get(f"decisions/{made['id']}/statement")
    assert shown["language"] == "ar"
    assert any("حساب" in part["text"] for part in shown["parts"])


def test_nobody_proposes_or_approves_what_they_have_not_opened(
    desk: Desk, reviewer: User, second_reviewer: User
) -> None:
    first, second, case = Api(reviewer), Api(second_reviewer), desk.case()
    first.post(f"cases/{case.pk}/take")
    posts = first.get(f"cases/{case.pk}")["conduct"]
    why = first.post(f"cases/{case.pk}/decisions", DRAFT, code=400)["error"]
    assert why == f"you have opened none of the {len(posts)} posts this rests on: open them on the case page first"
    first.post(f"cases/{case.pk}/texts", {"post_ids": posts[:2]})
    assert first.get(f"cases/{case.pk}")["opened"] == 2
    made = first.post(f"cases/{case.pk}/decisions", DRAFT)
    assert (made["rests_on"], made["proposer_opened"], made["second_opened"]) == (len(posts), 2, None)
    assert "opened none" in second.post(f"decisions/{made['id']}/approve", {"reason": "yes"}, code=400)["error"]
    rejected = second.post(f"decisions/{made['id']}/reject", {"reason": "unread"})
    assert (rejected["state"], rejected["second_opened"]) == ("rejected", 0)


def test_what_no_database_can_hold_is_refused_in_words(desk: Desk, reviewer: User) -> None:
    api, case = Api(reviewer), desk.case()
    assert api.get("cases?platform=%00")["cases"] == []
    api.post(f"cases/{case.pk}/take")
    answer = api.client.post(
        f"/api/v1/cases/{case.pk}/decisions",
        json.dumps({**DRAFT, "explanation": "nul \x00 inside"}),
        content_type="application/json",
        headers=api.headers,
    )
    assert answer.status_code in (200, 400)  # SQLite can hold it


def test_what_is_not_there_is_said(desk: Desk, reviewer: User) -> None:
    Api(reviewer).get("cases/999999", code=404)
    Api().post("public/appeals", {"code": "SW-NONSENSE", "text": "x"}, code=400)


def test_the_head_is_given_to_auditors(desk: Desk, auditor: User, reviewer: User) -> None:
    assert len(Api(auditor).get("audit/head")["signature"]) == 128
    Api(reviewer).get("audit/head", code=403)
