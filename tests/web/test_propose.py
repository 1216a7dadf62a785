"""The form of a proposal: nothing preset, everything asked, nothing lost."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from desk import Desk
from pages import is_quiet, proposal, taken, text_of, texts_of
from seawall.cases import facts, services
from seawall.cases.models import Case, Decision, Reach
from seawall.grounds.models import Designation
from seawall.people.models import User
from seawall.records.terms import Answer, CaseState, Exemption, Verb


@pytest.mark.parametrize(("posts_in", "language"), [("ar", "ar"), ("uz", "en")])  # in Uzbek we have no words yet
def test_the_proposals_form_presets_nothing(
    desk: Desk, reads: Client, reviewer: User, posts_in: str, language: str
) -> None:
    case = taken(desk, reviewer)
    Case.objects.filter(pk=case.pk).update(language=posts_in)
    page = reads.get(f"/cases/{case.pk}/propose/")
    is_quiet(page)
    shown = page.content.decode()
    assert " checked" not in shown
    assert re.findall(r'value="(\w*)"[^>]* selected', shown) == [language]  # of the statement: the account's own
    for question in Exemption:
        assert len(re.findall(rf'name="q_{question}" value="(?:yes|no|unsure)"', shown)) == len(Answer)
        assert f'name="note_{question}"' in shown
    assert not [text for text in texts_of(case) if text in html.unescape(shown)]


def test_a_proposal_is_made(desk: Desk, reads: Client, reviewer: User) -> None:
    case = taken(desk, reviewer)
    done = reads.post(f"/cases/{case.pk}/propose/", proposal(case), follow=True)
    decision = Decision.objects.get()
    assert (decision.verb, decision.state, decision.proposed_by) == ("suspend", CaseState.SECOND_REVIEW, reviewer)
    said = text_of(done)
    assert "nothing is done before a second person agrees" in said
    n = len(services.own_conduct(case))
    assert said.count(f"opened {n} of {n} posts") == 2  # with the decision, and in the history


def test_a_proposal_unread_is_refused_and_the_form_says_so_first(desk: Desk, reads: Client, reviewer: User) -> None:
    case = services.take(reviewer, desk.case().pk)
    address, warned = f"/cases/{case.pk}/propose/", "nothing can be proposed before you have"
    assert warned in text_of(reads.get(address))
    page = reads.post(address, proposal(case))
    assert page.status_code == 422
    assert f"You have opened none of the {len(services.own_conduct(case))} posts this rests on: open" in text_of(page)
    desk.opens(reviewer, case)
    assert warned not in text_of(reads.get(address))


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


@pytest.mark.parametrize(
    ("posts", "given", "said"),
    [
        ("ar-EG", "ar", "That of the account's own posts"),
        ("fr", "en", "no words for the language of the account's own posts (fr)"),
        ("", "en", "not known"),
    ],
)
def test_the_language_of_the_statement_is_said_and_can_be_changed(
    desk: Desk, reads: Client, reviewer: User, posts: str, given: str, said: str
) -> None:
    case = taken(desk, reviewer)
    Case.objects.update(language=posts)
    page = reads.get(f"/cases/{case.pk}/propose/")
    assert said in text_of(page)
    assert "Your explanation is not translated" in text_of(page)
    assert re.findall(r'value="(\w*)"[^>]* selected', page.content.decode()) == [given]
    refused = reads.post(f"/cases/{case.pk}/propose/", proposal(case, language="fr"))
    assert "This cannot be chosen here." in text_of(refused)
    kept = reads.post(f"/cases/{case.pk}/propose/", proposal(case, language="ru", verb=""))
    assert re.findall(r'value="(\w*)"[^>]* selected', kept.content.decode())[-1] == "ru"
    reads.post(f"/cases/{case.pk}/propose/", proposal(case, language="ru"))
    assert Decision.objects.get().statement.language == "ru"


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


def test_who_comes_too_early_or_too_late_is_told_so(desk: Desk, reads: Client, reviewer: User) -> None:
    case = desk.case()
    asked = reads.get(f"/cases/{case.pk}/propose/", follow=True)
    assert asked.redirect_chain == [(f"/cases/{case.pk}/", 302)]
    assert "Take this case first" in text_of(asked)
    assert f'action="/cases/{case.pk}/take/"' in asked.content.decode()
    taken(desk, reviewer)
    reads.post(f"/cases/{case.pk}/propose/", proposal(case))
    assert "is under way" in text_of(reads.get(f"/cases/{case.pk}/propose/", follow=True))
