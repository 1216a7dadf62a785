"""The loop through the services, from case to undo, and every forbidden shortcut refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from desk import NO, Desk, audit_verbs
from seawall.audit.models import Entry
from seawall.cases import candidates, queries, services
from seawall.cases.codes import code_of
from seawall.cases.models import Appeal, Case, CaseFinding, Decision, Reach
from seawall.cases.states import MOVES, CaseError, check_move
from seawall.enforcement.models import Action
from seawall.evidence.vault import VaultError
from seawall.grounds.models import Clause, Designation
from seawall.ledger.models import Job
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.records.terms import ActionState, Answer, CaseState, Conduct, Exemption, Outcome, State, Verb


def test_the_whole_loop(desk: Desk, reviewer: User, second_reviewer: User, appeals_officer: User) -> None:
    decision = desk.proposed(reviewer)
    case = decision.case
    assert (decision.state, decision.second_needed) == (CaseState.SECOND_REVIEW, "it is about an account")
    assert desk.worker() == 0  # nothing happens before the second person agrees
    assert desk.simulated().status(desk.about(case)) == State.ACTIVE
    desk.opens(second_reviewer, case)
    services.approve(second_reviewer, decision.pk, "the posts are releases")
    desk.worker()
    decision.refresh_from_db()
    case.refresh_from_db()
    assert decision.state == case.state == CaseState.EXECUTED
    assert desk.simulated().status(desk.about(case)) == State.SUSPENDED
    assert decision.statement.given_how == "platform"
    (told,) = desk.simulated().messages(desk.about(case))
    assert code_of(decision.pk) in told
    assert decision.explanation in told
    assert [label.live for label in queries.labels()] == [True]
    appeal = services.appeal(queries.by_code(code_of(decision.pk)), "I repair lamps", "en")
    services.assign_appeal(appeals_officer, appeal.pk)
    services.decide_appeal(appeals_officer, appeal.pk, Outcome.REVERSED, "You do repair lamps.")
    assert [label.live for label in queries.labels()] == [False]
    desk.worker()
    decision.refresh_from_db()
    case.refresh_from_db()
    assert decision.state == case.state == CaseState.REVERSED
    assert desk.simulated().status(desk.about(case)) == State.ACTIVE
    assert any("You do repair lamps." in text for text in desk.simulated().messages(desk.about(case)))
    assert audit_verbs(f"case:{case.pk}") == [
        "case.take", "case.text", "decision.propose", "case.text", "decision.approve", "action.begin", "action.done",
        "decision.execute", "profile.keep", "statement.give", "appeal.file", "appeal.take", "appeal.decide",
        "action.undone", "decision.reversed", "profile.erase", "tell", "tell",
    ]  # fmt: skip


def test_nobody_of_the_desk_is_named_in_what_the_holder_is_told(desk: Desk, reviewer, second_reviewer) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    (told,) = desk.simulated().messages(desk.about(decision.case))
    assert reviewer.pseudonym not in told
    assert second_reviewer.pseudonym not in told
    assert second_reviewer.username not in told


# --- forbidden shortcuts ---------------------------------------------------------------------------------------------


def test_the_same_person_twice_is_refused(desk: Desk) -> None:
    both = desk.person(DeskRole.REVIEWER, DeskRole.SECOND_REVIEWER)
    decision = desk.proposed(both)
    with pytest.raises(Refused, match="two different people"):
        services.approve(both, decision.pk, "agreed")
    _nothing_was_done(desk, decision)
    assert Entry.objects.filter(verb="refused", actor=both.pseudonym).count() == 1


@pytest.mark.parametrize("role", [r for r in DeskRole if r is not DeskRole.SECOND_REVIEWER])
def test_only_a_second_reviewer_gives_a_second_review(desk: Desk, reviewer: User, role: DeskRole) -> None:
    decision = desk.proposed(reviewer)
    with pytest.raises(Refused):
        services.approve(desk.person(role), decision.pk, "agreed")
    _nothing_was_done(desk, decision)


def test_an_admin_decides_nothing_whatever_other_roles_they_hold(desk: Desk, reviewer: User) -> None:
    admin = desk.person(*DeskRole)
    decision = desk.proposed(reviewer)
    other = desk.case()
    with pytest.raises(Refused):
        services.propose(admin, other.pk, desk.draft())
    with pytest.raises(Refused):
        services.approve(admin, decision.pk, "agreed")
    with pytest.raises(Refused):
        queries.case(admin, other.pk)
    _nothing_was_done(desk, decision)


@pytest.mark.parametrize("question", list(Exemption))
def test_an_unanswered_checklist_is_refused(desk: Desk, reviewer: User, question: Exemption) -> None:
    answers = {q: a for q, a in NO.items() if q is not question}
    _refused(desk, reviewer, "checklist is not answered", checklist=answers)


def test_a_yes_without_a_note_is_refused(desk: Desk, reviewer: User) -> None:
    _refused(desk, reviewer, "needs a note", checklist={**NO, Exemption.ART: (Answer.YES, " ")})


def test_no_ground_is_refused(desk: Desk, reviewer: User) -> None:
    _refused(desk, reviewer, "needs a clause", clause_id=0)
    Clause.objects.filter(code="T1").update(ended_at=timezone.now())
    _refused(desk, reviewer, "needs a clause")


def test_a_clause_about_other_conduct_is_refused(desk: Desk, reviewer: User) -> None:
    _refused(desk, reviewer, "not about this conduct", conduct=Conduct.THREAT)


def test_a_designation_that_is_not_live_is_refused_and_never_suffices(desk: Desk, reviewer: User) -> None:
    entry = Designation.objects.create(
        list="L", entry_id="1", list_version="1", name="The Lamp", listed_on="2020-01-01", source_hash="0"
    )
    CaseFinding.objects.update(conduct=False)
    _refused(desk, reviewer, "no conduct of the account's own", designation_id=entry.pk)
    CaseFinding.objects.update(conduct=True)
    Designation.objects.update(delisted_on="2026-01-01")
    _refused(desk, reviewer, "must be live", designation_id=entry.pk)


def test_delisting_brings_live_decisions_up_for_review(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    entry = Designation.objects.create(
        list="L", entry_id="1", list_version="1", name="The Lamp", listed_on="2020-01-01", source_hash="0"
    )
    decision = desk.executed(reviewer, second_reviewer, designation_id=entry.pk)
    assert list(queries.delisted()) == []
    Designation.objects.update(delisted_on="2026-01-01")
    assert list(queries.delisted()) == [decision]


def test_a_case_without_own_conduct_is_refused(desk: Desk, reviewer: User) -> None:
    CaseFinding.objects.update(conduct=False)
    _refused(desk, reviewer, "no conduct of the account's own")


def test_findings_that_are_gone_are_no_conduct(desk: Desk, reviewer: User) -> None:
    CaseFinding.objects.update(gone_at=timezone.now())
    _refused(desk, reviewer, "no conduct of the account's own")


def test_no_evidence_is_refused_when_the_posts_are_gone(desk: Desk, reviewer: User) -> None:
    CaseFinding.objects.update(seen=[{"post_id": "gone", "at": "2026-01-01T00:00:00+00:00"}])
    _refused(desk, reviewer, "no evidence to seal")


def test_no_custodian_no_proposal(desk: Desk, reviewer: User) -> None:
    (desk.home / "keys" / "custodian.pub").unlink()
    case = desk.read(reviewer)
    with pytest.raises(VaultError, match="no public key"):
        services.propose(reviewer, case.pk, desk.draft())
    assert not Decision.objects.exists()


def test_evidence_that_changed_stops_the_approval(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.proposed(reviewer)
    desk.opens(second_reviewer, decision.case)
    _flip_a_byte(desk, decision)
    with pytest.raises(CaseError, match="evidence is not whole"):
        services.approve(second_reviewer, decision.pk, "agreed")
    _nothing_was_done(desk, decision)


def test_evidence_that_changed_after_the_approval_stops_the_action(desk, reviewer, second_reviewer) -> None:
    decision = desk.proposed(reviewer)
    desk.approved(decision, second_reviewer)
    _flip_a_byte(desk, decision)
    desk.worker()
    action = Action.objects.get()
    assert action.state == ActionState.FAILED
    assert "evidence is not whole" in action.error
    assert desk.simulated().status(desk.about(decision.case)) == State.ACTIVE
    assert "apply" not in [call for call, _ in desk.simulated().journal()]


@pytest.mark.parametrize("field", ["explanation", "alternatives"])
def test_missing_words_are_refused(desk: Desk, reviewer: User, field: str) -> None:
    _refused(desk, reviewer, "say what less|needs an explanation", **{field: "  "})


def test_an_item_must_be_conduct_of_the_case(desk: Desk, reviewer: User) -> None:
    _refused(desk, reviewer, "one of the posts", verb=Verb.REMOVE, post_id="9")
    _refused(desk, reviewer, "about the account", verb=Verb.SUSPEND, post_id="9")


def test_a_proposal_needs_an_open_case(desk: Desk, reviewer: User) -> None:
    with pytest.raises(CaseError, match="'candidate' cannot become 'proposed'"):
        services.propose(reviewer, desk.case().pk, desk.draft())


# --- one person for an item, two for more ----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [v for v in Verb if not v.of_account])
def test_one_person_may_act_on_one_item(desk: Desk, reviewer: User, verb: Verb) -> None:
    decision = _item(desk, reviewer, verb)
    assert decision.state == CaseState.APPROVED
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.EXECUTED
    assert decision.second_by is None
    assert queries.labels() == []  # an item says nothing about the account


@pytest.mark.parametrize("answer", [Answer.YES, Answer.UNSURE])
def test_a_contested_item_needs_two(desk: Desk, reviewer: User, answer: Answer) -> None:
    decision = _item(desk, reviewer, Verb.REMOVE, checklist={**NO, Exemption.JOURNALISM: (answer, "a press card")})
    assert decision.state == CaseState.SECOND_REVIEW


def test_what_cannot_be_taken_back_needs_two(desk: Desk, reviewer: User) -> None:
    Reach.objects.create(platform="x", verb=Verb.REMOVE, reversible=False, simulated=False)
    assert _item(desk, reviewer, Verb.REMOVE).second_needed == "it cannot be taken back on this platform"


def test_a_verb_the_platform_lacks_is_refused(desk: Desk, reviewer: User) -> None:
    Reach.objects.create(platform="x", verb=Verb.REMOVE, reversible=True, simulated=False)
    _refused(desk, reviewer, "x cannot suspend; it can remove")


# --- rejection, withdrawal, reversal, appeal -------------------------------------------------------------------------


def test_a_rejected_proposal_does_nothing_and_can_be_proposed_again(desk, reviewer, second_reviewer) -> None:
    decision = desk.proposed(reviewer)
    services.reject(second_reviewer, decision.pk, "this is a report")
    _nothing_was_done(desk, decision, CaseState.REJECTED)
    with pytest.raises(CaseError):
        services.approve(second_reviewer, decision.pk, "changed my mind")
    again = services.propose(reviewer, decision.case_id, desk.draft())
    assert again.state == CaseState.SECOND_REVIEW


def test_a_second_review_needs_a_reason(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.proposed(reviewer)
    with pytest.raises(CaseError, match="say why"):
        services.approve(second_reviewer, decision.pk, " ")


def test_only_the_proposer_withdraws(desk: Desk, reviewer: User) -> None:
    decision = desk.proposed(reviewer)
    with pytest.raises(Refused):
        services.withdraw(desk.person(DeskRole.REVIEWER), decision.pk, "")
    services.withdraw(reviewer, decision.pk, "wrong account")
    _nothing_was_done(desk, decision, CaseState.REJECTED)


def test_a_decision_can_be_taken_back_without_an_appeal(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    services.ask_reversal(second_reviewer, decision.pk, "new facts")
    with pytest.raises(CaseError, match="not taken back yet"):
        services.ask_reversal(second_reviewer, decision.pk, "again")
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == CaseState.REVERSED
    assert desk.simulated().status(desk.about(decision.case)) == State.ACTIVE


@pytest.mark.parametrize("part", ["proposer", "second", "taker"])
def test_an_appeal_is_decided_by_somebody_who_took_no_part(desk: Desk, part: str) -> None:
    roles = (DeskRole.REVIEWER, DeskRole.SECOND_REVIEWER, DeskRole.APPEALS_OFFICER)
    proposer, second, taker = (desk.person(*roles) for _ in range(3))
    case = desk.case()
    services.take(taker, case.pk)
    services.put_back(taker, case.pk, "no time")
    services.take(proposer, case.pk)
    desk.opens(proposer, case)
    desk.approved(services.propose(proposer, case.pk, desk.draft()), second)
    desk.worker()
    appeal = services.appeal(Decision.objects.get(), "no", "en")
    with pytest.raises(Refused, match="took no part"):
        services.assign_appeal({"proposer": proposer, "second": second, "taker": taker}[part], appeal.pk)
    services.assign_appeal(desk.person(*roles), appeal.pk)


def test_an_upheld_appeal_changes_nothing_but_is_answered(desk, reviewer, second_reviewer, appeals_officer) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    appeal = services.appeal(decision, "unfair", "en")
    with pytest.raises(CaseError, match="take the appeal first"):
        services.decide_appeal(appeals_officer, appeal.pk, Outcome.UPHELD, "no")
    services.assign_appeal(appeals_officer, appeal.pk)
    with pytest.raises(CaseError, match="say why"):
        services.decide_appeal(appeals_officer, appeal.pk, Outcome.UPHELD, "")
    services.decide_appeal(appeals_officer, appeal.pk, Outcome.UPHELD, "The posts are releases.")
    desk.worker()
    assert desk.simulated().status(desk.about(decision.case)) == State.SUSPENDED
    assert len(desk.simulated().messages(desk.about(decision.case))) == 2
    with pytest.raises(CaseError, match="decided already"):
        services.decide_appeal(appeals_officer, appeal.pk, Outcome.REVERSED, "oh")


def test_an_appeal_comes_once_in_time_and_with_words(desk: Desk, reviewer: User, second_reviewer: User) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    with pytest.raises(CaseError, match="write what"):
        services.appeal(decision, " ", "en")
    late = decision.statement
    late.given_at = timezone.now() - timedelta(days=184)
    late.save()
    with pytest.raises(CaseError, match="is over"):
        services.appeal(decision, "no", "en")
    late.given_at = timezone.now() - timedelta(days=182)
    late.save()
    made = services.appeal(decision, "no", "en")
    assert made.due_at - made.received_at == pytest.approx(timedelta(days=14), abs=timedelta(seconds=5))
    with pytest.raises(CaseError, match="already"):
        services.appeal(decision, "no!", "en")
    assert Appeal.objects.count() == 1


def test_a_code_is_found_however_it_is_written_and_no_other_is(desk, reviewer, second_reviewer) -> None:
    decision = desk.executed(reviewer, second_reviewer)
    code = code_of(decision.pk)
    assert queries.by_code(f" {code.lower().replace('-', ' ')} ") == decision
    assert queries.by_code(code[:-1] + ("A" if code[-1] != "A" else "B")) is None
    assert queries.by_code("") is None


# --- cases and scans -------------------------------------------------------------------------------------------------


def test_a_scan_opens_candidates_once_and_marks_what_is_gone(desk: Desk, reviewer: User) -> None:
    count = Case.objects.count()
    assert count > 10
    desk.sync()
    assert Case.objects.count() == count
    candidates.sync([], not_run=["supporters"])
    live = set(CaseFinding.objects.filter(gone_at=None).values_list("signal", flat=True))
    assert live == {"supporters"}  # what did not run says nothing about what it found before
    candidates.sync([])
    assert not CaseFinding.objects.filter(gone_at=None).exists()


def test_a_case_and_its_statement_are_in_the_language_of_what_was_seen(desk: Desk, reviewer, second_reviewer) -> None:
    assert {"ar", "ru", "en"} <= set(Case.objects.values_list("language", flat=True))
    Case.objects.exclude(language="ar").update(state=CaseState.CLOSED)
    decision = desk.executed(reviewer, second_reviewer)
    (told,) = desk.simulated().messages(desk.about(decision.case))
    assert "حساب" in told


@pytest.mark.parametrize(("posts", "given"), [("ar", "ar"), ("ru-RU", "ru"), ("fr", "en"), ("tr", "en"), ("", "en")])
def test_a_statement_says_the_language_it_is_given_in(desk: Desk, reviewer: User, posts: str, given: str) -> None:
    Case.objects.update(language=posts)
    assert desk.proposed(reviewer).statement.language == given


def test_a_proposer_chooses_among_the_languages_of_statements(desk: Desk, reviewer: User, second_reviewer) -> None:
    _refused(desk, reviewer, "written in en, ar, ru; there are no words for 'tr'", language="tr")
    decision = desk.executed(reviewer, second_reviewer, language="ar")
    assert decision.statement.language == "ar"
    (told,) = desk.simulated().messages(desk.about(decision.case))
    assert "حساب" in told


def test_reading_a_list_is_no_transaction_and_a_refusal_is_logged(desk: Desk, reviewer: User, admin: User) -> None:
    before = Entry.objects.count()
    queries.queue(reviewer, queries.Filter())
    assert Entry.objects.count() == before
    with pytest.raises(Refused):
        queries.queue(admin, queries.Filter())
    assert Entry.objects.count() == before + 1


def test_a_new_finding_brings_a_closed_case_back_and_the_same_does_not(desk: Desk, reviewer: User) -> None:
    case = desk.case()
    services.take(reviewer, case.pk)
    with pytest.raises(CaseError, match="say why"):
        services.close(reviewer, case.pk, "")
    services.close(reviewer, case.pk, "a lamp shop")
    desk.sync()
    case.refresh_from_db()
    assert case.state == CaseState.CLOSED
    case.findings.all().delete()
    desk.sync()
    case.refresh_from_db()
    assert case.state == CaseState.CANDIDATE


def test_a_case_opened_by_hand_needs_conduct_noted_by_a_person(desk: Desk, reviewer: User) -> None:
    with pytest.raises(CaseError, match="knows no account"):
        services.open_by_hand(reviewer, "x", "nobody", "a tip")
    case = services.open_by_hand(reviewer, "x", desk.innocent(), "a tip")
    services.take(reviewer, case.pk)
    with pytest.raises(CaseError, match="no conduct"):
        services.propose(reviewer, case.pk, desk.draft())
    own = [post["post_id"] for post in queries.latest(reviewer, case.pk)]
    foreign = desk.case().findings.first().seen[0]["post_id"]
    with pytest.raises(CaseError, match="posts of this account"):
        services.note_conduct(reviewer, case.pk, [own[0], foreign], "it spreads")
    services.note_conduct(reviewer, case.pk, own[:1], "it spreads")
    assert services.propose(reviewer, case.pk, desk.draft()).state == CaseState.SECOND_REVIEW
    with pytest.raises(Refused):
        services.note_conduct(desk.person(DeskRole.LEGAL), case.pk, own[:1], "x")


def test_a_case_is_worked_on_by_one_person_at_a_time(desk: Desk, reviewer: User) -> None:
    case = desk.case()
    services.take(reviewer, case.pk)
    with pytest.raises(CaseError, match="somebody else"):
        services.take(desk.person(DeskRole.REVIEWER), case.pk)
    services.put_back(reviewer, case.pk, "")
    services.take(desk.person(DeskRole.REVIEWER), case.pk)


@pytest.mark.parametrize("now", list(CaseState))
@pytest.mark.parametrize("to", list(CaseState))
def test_every_move_not_listed_is_refused(now: CaseState, to: CaseState) -> None:
    if to in MOVES[now]:
        check_move(now, to)
    else:
        with pytest.raises(CaseError, match="cannot become"):
            check_move(now, to)


def test_texts_are_read_only_with_a_read_event(desk: Desk, reviewer: User, overseer: User) -> None:
    case = desk.case()
    wanted = [item["post_id"] for item in case.findings.first().seen]
    posts = queries.texts(reviewer, case.pk, wanted)
    assert {post["post_id"] for post in posts} == set(wanted)
    assert audit_verbs(f"case:{case.pk}") == ["case.text"]
    with pytest.raises(Refused):
        queries.texts(overseer, case.pk, wanted)
    assert audit_verbs(f"case:{case.pk}")[-1] == "refused"


def test_pages_of_the_queue_cover_every_case_once(desk: Desk, reviewer: User, monkeypatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    for order in ("score", "newest", "oldest"):
        seen, after = [], ""
        while True:
            page = queries.queue(reviewer, queries.Filter(order=order), after)
            seen += [case.pk for case in page.cases]
            if not (after := page.after):
                break
        assert sorted(seen) == sorted(Case.objects.values_list("pk", flat=True))


def _item(desk: Desk, reviewer: User, verb: Verb, **changed) -> Decision:
    case = desk.read(reviewer)
    post = services.own_conduct(case)[0]
    return services.propose(reviewer, case.pk, desk.draft(verb=verb, post_id=post, **changed))


def _refused(desk: Desk, reviewer: User, why: str, **changed) -> None:
    case = desk.case()
    services.take(reviewer, case.pk)
    with pytest.raises(CaseError, match=why):
        services.propose(reviewer, case.pk, desk.draft(**changed))
    assert not Decision.objects.exists()
    assert not Job.objects.exists()
    case.refresh_from_db()
    assert case.state == CaseState.OPEN
    services.put_back(reviewer, case.pk, "")


def _nothing_was_done(desk: Desk, decision: Decision, state: CaseState = CaseState.SECOND_REVIEW) -> None:
    desk.worker()
    decision.refresh_from_db()
    assert decision.state == state
    assert not Action.objects.exists()
    assert desk.simulated().status(desk.about(decision.case)) == State.ACTIVE


def _flip_a_byte(desk: Desk, decision: Decision) -> None:
    item = decision.capture.items.first()
    path = desk.home / "vault" / item.sealed_hash[:2] / f"{item.sealed_hash}.age"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
