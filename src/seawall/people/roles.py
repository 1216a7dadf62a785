"""Roles, and what each may do. One table, read by one function: `people.access.require`."""

from __future__ import annotations

from enum import StrEnum


class DeskRole(StrEnum):
    """What a person is at the desk for. One person may hold several; an admin acts on no case, whatever else."""

    FLAGGER = "flagger"
    FLAGGER_LEAD = "flagger_lead"
    ANALYST = "analyst"
    REVIEWER = "reviewer"
    SECOND_REVIEWER = "second_reviewer"
    DUTY_OFFICER = "duty_officer"
    LEGAL = "legal"
    DECONFLICTION_OFFICER = "deconfliction_officer"
    EVIDENCE_CUSTODIAN = "evidence_custodian"
    APPEALS_OFFICER = "appeals_officer"
    DPO = "dpo"
    OVERSEER = "overseer"
    AUDITOR = "auditor"
    PUBLISHER = "publisher"
    ADMIN = "admin"
    AUTHORITY = "authority"


class May(StrEnum):
    """What can be allowed."""

    LIST_CASES = "list cases"
    READ_CASE = "read a case"
    READ_TEXT = "open text and media"
    TAKE_CASE = "take, close or reopen a case"
    PROPOSE = "propose a decision"
    SECOND = "give a second review"
    REVERSE = "reverse a decision"
    READ_STATEMENTS = "read statements of reasons"
    READ_APPEALS = "read appeals"
    DECIDE_APPEAL = "decide an appeal"
    OPEN_EVIDENCE = "open sealed evidence"
    READ_AUDIT = "read the audit log"
    MANAGE_PEOPLE = "invite people and set their roles"
    MANAGE_GROUNDS = "change clauses and designations"
    SEE_WORK = "see how far jobs and platforms are"
    READ_RULES = "read rules"
    WRITE_RULES = "write, try and stop rules"
    PUBLISH_RULES = "let rules go live"
    READ_THREATS = "read drafts of threat reports"
    ANSWER_THREAT = "answer a draft of a threat report"


_R = DeskRole
ALLOWED: dict[May, frozenset[DeskRole]] = {
    May.LIST_CASES: frozenset(
        {_R.ANALYST, _R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER, _R.LEGAL, _R.APPEALS_OFFICER, _R.OVERSEER}
    ),
    May.READ_CASE: frozenset(
        {_R.ANALYST, _R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER, _R.LEGAL, _R.APPEALS_OFFICER, _R.OVERSEER}
    ),
    May.READ_TEXT: frozenset(
        {_R.ANALYST, _R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER, _R.LEGAL, _R.APPEALS_OFFICER}
    ),
    May.TAKE_CASE: frozenset({_R.ANALYST, _R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER}),
    May.PROPOSE: frozenset({_R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER}),
    May.SECOND: frozenset({_R.SECOND_REVIEWER}),
    May.REVERSE: frozenset({_R.SECOND_REVIEWER, _R.LEGAL, _R.APPEALS_OFFICER}),
    May.READ_STATEMENTS: frozenset(
        {_R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER, _R.LEGAL, _R.APPEALS_OFFICER, _R.OVERSEER}
    ),
    May.READ_APPEALS: frozenset({_R.APPEALS_OFFICER, _R.LEGAL, _R.OVERSEER}),
    May.DECIDE_APPEAL: frozenset({_R.APPEALS_OFFICER}),
    May.OPEN_EVIDENCE: frozenset({_R.EVIDENCE_CUSTODIAN}),
    May.READ_AUDIT: frozenset({_R.AUDITOR, _R.OVERSEER, _R.LEGAL, _R.DPO}),
    May.MANAGE_PEOPLE: frozenset({_R.ADMIN}),
    May.MANAGE_GROUNDS: frozenset({_R.LEGAL}),
    May.SEE_WORK: frozenset({_R.ADMIN, _R.DUTY_OFFICER, _R.SECOND_REVIEWER, _R.OVERSEER}),
    May.READ_RULES: frozenset(
        {_R.ANALYST, _R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER, _R.LEGAL, _R.DPO, _R.OVERSEER}
    ),
    May.WRITE_RULES: frozenset({_R.ANALYST, _R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER, _R.LEGAL}),
    May.PUBLISH_RULES: frozenset({_R.SECOND_REVIEWER, _R.LEGAL}),
    May.READ_THREATS: frozenset({_R.REVIEWER, _R.SECOND_REVIEWER, _R.DUTY_OFFICER, _R.LEGAL, _R.OVERSEER}),
    May.ANSWER_THREAT: frozenset({_R.DUTY_OFFICER}),
}
NEVER_FOR_ADMIN = frozenset(
    {
        May.READ_TEXT, May.PROPOSE, May.SECOND, May.REVERSE, May.DECIDE_APPEAL, May.OPEN_EVIDENCE, May.READ_CASE,
        May.WRITE_RULES, May.PUBLISH_RULES, May.READ_THREATS, May.ANSWER_THREAT,
    }
)  # fmt: skip


def allowed(roles: frozenset[DeskRole], wanted: May) -> bool:
    """Whether somebody with these roles may do that. Being an admin takes case work away, whatever else is held."""
    if DeskRole.ADMIN in roles and wanted in NEVER_FOR_ADMIN:
        return False
    return bool(roles & ALLOWED[wanted])
