"""Nobody decides on what they have not opened: who has opened which post is what the audit log says."""

from __future__ import annotations

import pytest
from django.db import connection

from desk import Desk
from seawall.audit.models import Entry
from seawall.cases import facts, openings, queries, services
from seawall.cases.models import Case, Decision
from seawall.cases.states import CaseError
from seawall.ledger.models import Job
from seawall.people.models import User
from seawall.records.terms import CaseState, Verb


@pytest.fixture
def case(desk: Desk, reviewer: User) -> Case:
    """A case that somebody took and whose posts nobody has opened."""
    return services.take(reviewer, desk.case().pk)


def test_a_proposal_needs_a_post_opened(desk: Desk, reviewer: User, case: Case) -> None:
    posts = services.own_conduct(case)
    with pytest.raises(CaseError, match=f"opened none of the {len(posts)} posts this rests on: open them on the case"):
        services.propose(reviewer, case.pk, desk.draft())
    assert not Decision.objects.exists()
    assert not Job.objects.exists()
    queries.texts(reviewer, case.pk, posts[:1])
    decision = services.propose(reviewer, case.pk, desk.draft())
    assert (decision.proposer_opened, decision.rests_on) == (1, len(posts))
    queries.texts(reviewer, case.pk, posts)
    decision.refresh_from_db()
    assert decision.proposer_opened == 1  # what is opened later was not opened before


def test_an_item_needs_that_very_post_opened(desk: Desk, reviewer: User, case: Case) -> None:
    post, other = services.own_conduct(case)[:2]
    queries.texts(reviewer, case.pk, [other])
    with pytest.raises(CaseError, match="not opened the post this rests on"):
        services.propose(reviewer, case.pk, desk.draft(verb=Verb.LABEL, post_id=post))
    queries.texts(reviewer, case.pk, [post])
    decision = services.propose(reviewer, case.pk, desk.draft(verb=Verb.LABEL, post_id=post))
    assert (decision.state, decision.proposer_opened, decision.rests_on) == (CaseState.APPROVED, 1, 1)


def test_an_approval_needs_a_post_opened_by_the_second_person(desk: Desk, reviewer, second_reviewer) -> None:
    decision = desk.proposed(reviewer)
    with pytest.raises(CaseError, match=f"opened none of the {decision.rests_on} posts"):
        services.approve(second_reviewer, decision.pk, "agreed")
    decision.refresh_from_db()
    assert decision.state == CaseState.SECOND_REVIEW
    queries.texts(second_reviewer, decision.case_id, services.own_conduct(decision.case)[:1])
    assert services.approve(second_reviewer, decision.pk, "agreed").second_opened == 1


def test_rejecting_and_withdrawing_need_nothing_opened(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.proposed(reviewer)
    assert services.reject(second_reviewer, decision.pk, "unread").second_opened == 0
    decision = desk.proposed(reviewer)
    assert services.withdraw(reviewer, decision.pk, "too early").state == CaseState.REJECTED


def test_only_ones_own_openings_of_this_cases_posts_count(desk: Desk, reviewer: User, case: Case) -> None:
    posts = services.own_conduct(case)
    queries.texts(desk.person("reviewer"), case.pk, posts)  # by somebody else
    other = services.take(reviewer, desk.case().pk)
    queries.texts(reviewer, other.pk, [*services.own_conduct(other), *posts])  # on another case
    assert openings.opened(reviewer, case, posts) == set()
    with pytest.raises(CaseError, match="opened none"):
        services.propose(reviewer, case.pk, desk.draft())


def test_what_was_asked_for_and_not_given_was_not_opened(desk: Desk, reviewer: User, case: Case, monkeypatch) -> None:
    posts = services.own_conduct(case)
    with monkeypatch.context() as expired:
        expired.setattr(facts, "posts", lambda *_: [])
        assert queries.texts(reviewer, case.pk, posts) == []
    assert openings.opened(reviewer, case, posts) == set()


def test_the_newest_posts_count_too(desk: Desk, reviewer: User, case: Case) -> None:
    shown = {post["post_id"] for post in queries.latest(reviewer, case.pk)}
    posts = services.own_conduct(case)
    assert openings.opened(reviewer, case, posts) == shown & set(posts)
    assert queries.case(reviewer, case.pk).opened == len(shown & set(posts))


def test_the_log_holds_marks_and_no_posts(desk: Desk, reviewer: User, case: Case) -> None:
    posts = services.own_conduct(case)
    queries.texts(reviewer, case.pk, posts)
    detail = Entry.objects.get(verb="case.text").detail
    assert openings.mark(case, posts[0]) in detail
    assert not [post for post in posts if post in detail]


def test_the_log_is_asked_by_case_and_person_together(desk: Desk, reviewer: User, case: Case) -> None:
    queries.texts(reviewer, case.pk, services.own_conduct(case))
    if connection.vendor == "postgresql":
        pytest.skip("a small table is read whole there; statistics choose once it is large")
    plan = Entry.objects.filter(object=str(case), verb="case.text", actor=reviewer.pseudonym).explain()
    assert "object=? AND actor=? AND verb=?" in plan
