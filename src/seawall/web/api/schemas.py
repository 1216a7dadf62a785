"""What the API takes and gives, as JSON. Field names are those of docs/concepts.md."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema

from seawall.records.terms import Answer, Conduct, Exemption, Outcome, Verb


class Problem(Schema):
    """Why something was not done."""

    error: str


class Reason(Schema):
    """Why somebody does something."""

    reason: str = ""


class CaseRow(Schema):
    """A case in the queue: no text."""

    id: int
    platform: str
    account_id: str
    handle: str
    state: str
    top_score: float
    signals: int
    opened_at: datetime


class CasePage(Schema):
    """One page of the queue; `after` is the key of the next, or ''."""

    cases: list[CaseRow]
    after: str


class FindingOut(Schema):
    """What a signal or a person found, and the posts it points at."""

    signal: str
    version: str
    score: float
    because: str
    conduct: bool
    seen: list[dict[str, str]]
    gone_at: datetime | None


class DecisionOut(Schema):
    """A decision and how far it is."""

    id: int
    case_id: int
    verb: str
    post_id: str
    conduct: str
    clause: str
    state: str
    explanation: str
    second_needed: str
    proposed_by: str  # a pseudonym
    second_by: str | None
    rests_on: int | None  # how many posts; null for decisions from before this was counted
    proposer_opened: int | None  # how many of them the proposer had opened
    second_opened: int | None  # and the second person, when they answered
    proposed_at: datetime
    executed_at: datetime | None
    reversal_asked_at: datetime | None
    reversed_at: datetime | None

    @staticmethod
    def resolve_clause(decision: Any) -> str:
        """The clause's code."""
        return str(decision.clause.code)

    @staticmethod
    def resolve_proposed_by(decision: Any) -> str:
        """A pseudonym."""
        return str(decision.proposed_by)

    @staticmethod
    def resolve_second_by(decision: Any) -> str | None:
        """A pseudonym."""
        return str(decision.second_by) if decision.second_by else None


class CaseOut(CaseRow):
    """A whole case."""

    findings: list[FindingOut]
    decisions: list[DecisionOut]
    conduct: list[str]  # ids of the account's own posts that findings point at
    opened: int  # how many of them you have opened; a proposal needs that
    can: dict[str, bool]  # what the platform can do -> whether it can be taken back
    simulated: bool


class PostsIn(Schema):
    """Which posts to open, and why."""

    post_ids: list[str]
    reason: str = ""


class PostOut(Schema):
    """A post with its text."""

    post_id: str
    at: datetime
    kind: str
    text: str | None
    lang: str | None


class ConductIn(Schema):
    """Which of the account's own posts are conduct, and why."""

    post_ids: list[str]
    because: str


class AnswerIn(Schema):
    """An answer to one question of the exemption checklist."""

    answer: Answer
    note: str = ""


class DraftIn(Schema):
    """A proposal. Every question of the checklist needs an answer; nothing is preset."""

    verb: Verb
    conduct: Conduct
    clause: str  # its code, such as 'T1'
    explanation: str
    alternatives: str
    checklist: dict[Exemption, AnswerIn]
    post_id: str = ""
    designation: int | None = None
    language: str = ""  # of the statement of reasons, such as 'ar'; '': of the account's own posts, else English


class StatementOut(Schema):
    """A statement of reasons, by heading, as its holder reads it."""

    language: str
    parts: list[dict[str, str]]
    given_at: datetime | None
    given_how: str


class AppealOut(Schema):
    """An appeal and its answer."""

    id: int
    decision_id: int
    text: str
    state: str
    received_at: datetime
    due_at: datetime
    outcome: str
    reasons: str
    decided_at: datetime | None
    voided_at: datetime | None
    void_reason: str


class AppealIn(Schema):
    """An appeal by whoever holds the statement's code."""

    code: str
    text: str
    language: str = ""


class AnswerAppeal(Schema):
    """How an appeal is decided; the account holder reads the reasons."""

    outcome: Outcome
    reasons: str


class HeadOut(Schema):
    """The signed head of the audit log: keep it elsewhere to prove later that nothing was rewritten."""

    seq: int
    hash: str
    at: str
    signature: str
    key: str


class WatcherOut(Schema):
    """A watcher: counts and states; no account, no text. Rates are items a second, `lag` seconds."""

    name: str
    kind: str
    platform: str
    state: str
    why: str
    failing: bool
    until: datetime | None
    since: datetime | None
    updated: datetime | None
    rate_1: float
    rate_5: float
    lag: float | None
    waiting: int
    read: int
    loaded: int
    rejected: int
    shed: int
    matches: int
    last_match: dict[str, str] | None
    unknown: list[str]
    reconnects: int


class StopOut(Schema):
    """Why a rule is stopped, and by whom: a pseudonym, or 'breaker'."""

    why: str
    by: str
    at: str


class RuleOut(Schema):
    """A rule: what it is let do, and what it matched."""

    id: str
    title: str
    conduct: str
    state: str  # draft, shadow, live, stopped
    version: int | None  # null for a draft
    shadow_version: int | None
    author: str
    where: str
    stopped: StopOut | None
    posts_matched: int  # as they came in
    accounts_found: int  # above the line at the last scan


class RuleText(Schema):
    """A rule file."""

    text: str


class ExampleOut(Schema):
    """An example: what the author expects, what the rule does, and the entries that stand in it."""

    text: str
    expected: bool
    matched: bool
    hits: list[str]


class TriedOut(Schema):
    """What a rule does with its examples, and the control sentences it could fire on, by language."""

    may_go_live: bool
    examples: list[ExampleOut]
    control: dict[str, list[str]]
