"""Every read of cases, with its permission; opening a case, its text or an appeal writes a read event."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from seawall.audit import export
from seawall.audit.chain import Head
from seawall.audit.models import Entry
from seawall.audit.queries import Wanted, entries
from seawall.audit.services import Actor, head, record
from seawall.cases import facts, openings, threats
from seawall.cases.codes import hash_of
from seawall.cases.models import Appeal, Case, CaseFinding, Decision, Reach, Statement
from seawall.grounds import rules
from seawall.grounds.models import Clause, Designation
from seawall.people.access import act, look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.labels import Label
from seawall.records.terms import AppealState, CaseState, Verb

PAGE = 50
SUPPORTER = "supporter"
_READS = ("case.read", "decision.read")  # logged, and no part of what happened to a case
_WAITING = [state for state in AppealState if state.waits]
_OPEN_STATES = (CaseState.CANDIDATE, CaseState.OPEN, CaseState.SECOND_REVIEW, CaseState.APPROVED)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the queue shows. Empty means all; `state` 'waiting' means whatever still needs somebody."""

    state: str = "waiting"
    platform: str = ""
    signal: str = ""
    mine: bool = False
    words: str = ""  # part of a handle or account id
    order: str = "score"  # or 'newest', 'oldest'
    alone: bool = False  # nothing else that stands speaks against it


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cases. `after` is the key the next page begins after; '' on the last."""

    cases: list[Case]
    after: str


_ORDERS = {"score": ("-top_score", "id"), "newest": ("-opened_at", "-id"), "oldest": ("opened_at", "id")}


@look
def queue(person: User, wanted: Filter, after: str = "") -> Page:
    """Cases in order, a page at a time, by key (not by number: pages stay right while cases come and go).

    Raises Refused. Listing is not logged: it shows handles and scores, no text.
    """
    require(person, May.LIST_CASES)
    found = _filtered(person, wanted).order_by(*_ORDERS[wanted.order])
    if after:
        found = found.filter(_beyond(wanted.order, after))
    rows = list(found.select_related("taken_by")[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Page(rows, _key(wanted.order, rows[-1]) if more else "")


@look
def counts(person: User) -> dict[str, int]:
    """How many cases are in each state."""
    require(person, May.LIST_CASES)
    found = Case.objects.values_list("state").annotate(n=Count("id"))
    return dict(found)


@look
def count(person: User, wanted: Filter) -> int:
    """How many cases a filter shows. Raises Refused."""
    require(person, May.LIST_CASES)
    return _filtered(person, wanted).count()


@look
def platforms(person: User) -> list[str]:
    """Platforms that have cases."""
    require(person, May.LIST_CASES)
    return list(Case.objects.order_by("platform").values_list("platform", flat=True).distinct())


@look
def signals(person: User) -> list[str]:
    """Signals that cases can be listed by, also one that has gone silent, such as a stopped rule, while cases of it
    need somebody; of a signal with parts ('rules.x') also the whole ('rules')."""
    require(person, May.LIST_CASES)
    known = Q(gone_at=None) | Q(case__state__in=_OPEN_STATES)
    named = CaseFinding.objects.filter(known).exclude(signal__startswith="person:")
    found = set(named.order_by("signal").values_list("signal", flat=True).distinct())
    return sorted(found | {name.partition(".")[0] for name in found})


@look
def strongest(person: User, cases: Iterable[Case]) -> dict[int, CaseFinding]:
    """For each of these cases its strongest finding now, where it has one; without what was seen."""
    require(person, May.LIST_CASES)
    live = CaseFinding.objects.filter(case__in=[case.pk for case in cases], gone_at=None)
    # the strongest comes last and stays
    return {found.case_id: found for found in live.defer("seen").order_by("score", "-conduct", "-id")}


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its page shows it: no text and no media yet."""

    case: Case
    findings: list[CaseFinding]
    decisions: list[Decision]
    history: list[Entry]
    conduct: list[str]  # ids of the account's own posts that live findings point at
    opened: int  # how many of them this person has opened
    can: dict[str, bool]  # what the platform can do -> whether it can be taken back
    simulated: bool  # nothing happens on the real platform


@act
def case(person: User, case_id: int, reason: str = "") -> CaseView:
    """One case, and a read event for having opened it. Raises Refused, Case.DoesNotExist."""
    found = Case.objects.select_related("taken_by").get(pk=case_id)
    require(person, May.READ_CASE, str(found))
    record(person.actor(), "case.read", str(found), reason)
    findings = list(found.findings.order_by("gone_at", "-score"))
    conduct = {item["post_id"]: None for f in findings if f.conduct and f.gone_at is None for item in f.seen}
    reach = list(Reach.objects.filter(platform=found.platform))
    return CaseView(
        case=found,
        findings=findings,
        decisions=list(
            found.decisions.select_related("clause", "designation", "proposed_by", "second_by", "statement", "capture")
            .prefetch_related("actions", "appeals__officer")
            .order_by("-id")
        ),
        history=list(Entry.objects.filter(object=str(found)).exclude(verb__in=_READS).order_by("-seq")[:200]),
        conduct=list(conduct),
        opened=len(openings.opened(person, found, conduct)),
        can={row.verb: row.reversible for row in reach} or dict.fromkeys((v.value for v in Verb), True),
        simulated=not reach or any(row.simulated for row in reach),
    )


def texts(person: User, case_id: int, post_ids: list[str], reason: str = "") -> list[dict[str, Any]]:
    """The text and media of the account's own posts, given once the read event is written. Raises Refused."""
    found = _to_open(person, case_id)
    posts = facts.posts(found.platform, found.account_id, post_ids)
    media: dict[str, list[dict[str, Any]]] = {}
    for item in facts.media_of(found.platform, post_ids):
        media.setdefault(item["post_id"], []).append(item)
    _opened(person, found, reason, posts, len(post_ids))
    return [{**post, "media_items": media.get(post["post_id"], [])} for post in posts]


def latest(person: User, case_id: int, before: datetime | None = None) -> list[dict[str, Any]]:
    """The account's newest posts, with their text, for a person to note conduct on; a read event is written."""
    found = _to_open(person, case_id)
    posts = facts.latest_posts(found.platform, found.account_id, before)
    _opened(person, found, "latest posts", posts, len(posts))
    return posts


@look
def _to_open(person: User, case_id: int) -> Case:
    """The case, if the person may open texts. The lake is read after this: nobody who writes waits for it."""
    found: Case = Case.objects.get(pk=case_id)
    require(person, May.READ_TEXT, str(found))
    return found


@act
def _opened(person: User, found: Case, reason: str, posts: list[dict[str, Any]], asked: int) -> None:
    marks = [openings.mark(found, post["post_id"]) for post in posts]
    record(person.actor(), openings.OPENED, str(found), reason, posts=len(posts), asked=asked, opened=marks)


def profile(person: User, case_id: int) -> dict[str, Any] | None:
    """The newest profile the lake has of the account; None once it expired. Raises Refused, Case.DoesNotExist."""
    found = _to_read(person, case_id)
    return facts.profile(found.platform, found.account_id)


def picture(person: User, case_id: int) -> facts.Picture:
    """The account's surroundings and days; no text. Raises Refused, Case.DoesNotExist."""
    found = _to_read(person, case_id)
    return facts.picture(found.platform, found.account_id)


@look
def _to_read(person: User, case_id: int) -> Case:
    """The case, if the person may read it. The lake is read after this: nobody who writes waits for it."""
    found: Case = Case.objects.get(pk=case_id)
    require(person, May.READ_CASE, str(found))
    return found


@look
def second_reviews(person: User) -> list[Decision]:
    """What waits for a second person, oldest first; one's own proposals are marked, for one cannot review them."""
    require(person, May.LIST_CASES)
    waiting = Decision.objects.filter(state=CaseState.SECOND_REVIEW).order_by("proposed_at")
    return list(waiting.select_related("case", "clause", "proposed_by")[:200])


@act
def decision(person: User, decision_id: int) -> Decision:
    """One decision with all that belongs to it. Raises Refused, Decision.DoesNotExist."""
    found = Decision.objects.select_related(
        "case", "clause", "designation", "proposed_by", "second_by", "statement", "capture"
    ).get(pk=decision_id)
    require(person, May.READ_CASE, str(found.case))
    record(person.actor(), "decision.read", str(found.case), "", decision=found.pk)
    return found


@look
def statements(person: User, before: int | None = None) -> list[Statement]:
    """Statements of reasons, newest first, a page at a time."""
    require(person, May.READ_STATEMENTS)
    found = Statement.objects.select_related("decision__case", "decision__clause").order_by("-id")
    return list((found.filter(pk__lt=before) if before else found)[:PAGE])


@act
def statement(person: User, statement_id: int) -> Statement:
    """One statement of reasons, and a read event. Raises Refused, Statement.DoesNotExist."""
    found: Statement = Statement.objects.select_related("decision__case", "decision__clause").get(pk=statement_id)
    require(person, May.READ_STATEMENTS, str(found.decision.case))
    record(person.actor(), "statement.read", str(found.decision.case), "", statement=found.pk)
    return found


@look
def appeals(person: User, *, decided: bool = False) -> list[Appeal]:
    """Appeals that wait for an answer, the most urgent first; or those decided or voided, newest first."""
    require(person, May.READ_APPEALS)
    found = Appeal.objects.select_related("decision__case", "decision__clause", "officer")
    if decided:
        return list(found.exclude(state__in=_WAITING).order_by(Coalesce("voided_at", "decided_at").desc())[:PAGE])
    return list(found.filter(state__in=_WAITING).order_by("due_at")[:PAGE])


@look
def appeals_waiting(person: User) -> int:
    """How many appeals wait for an answer."""
    require(person, May.READ_APPEALS)
    return int(Appeal.objects.filter(state__in=_WAITING).count())


@act
def appeal(person: User, appeal_id: int) -> Appeal:
    """One appeal, and a read event. Raises Refused, Appeal.DoesNotExist."""
    found: Appeal = Appeal.objects.select_related(
        "decision__case", "decision__clause", "decision__statement", "officer", "voided_by"
    ).get(pk=appeal_id)
    require(person, May.READ_APPEALS, str(found.decision.case))
    record(person.actor(), "appeal.read", str(found.decision.case), "", appeal=found.pk)
    return found


@look
def grounds(person: User) -> tuple[list[Clause], list[Designation]]:
    """What a proposal may cite: clauses in force, and organisations that are on a list now."""
    require(person, May.PROPOSE)
    clauses = Clause.objects.filter(ended_at=None).order_by("code", "-version")
    return list(clauses), list(Designation.objects.filter(delisted_on=None).order_by("name"))


@act
def log(person: User, wanted: Wanted, before: int | None = None, told: str = "") -> list[Entry]:
    """The audit log, newest first. Reading it is in the log too: `told` names what is read, "" within a visit."""
    require(person, May.READ_AUDIT)
    if told:
        record(person.actor(), "audit.read", "", told)
    return entries(wanted, before)


@look
def signed_head(person: User) -> Head | None:
    """The newest signed head of the log, to look at; None while the log is empty."""
    require(person, May.READ_AUDIT)
    return head()


@act
def save_head(person: User) -> Head:
    """The newest signed head for keeping elsewhere; that it was saved stands in the entry it covers."""
    require(person, May.READ_AUDIT)
    return export.signed_head(person.actor())


def by_code(code: str) -> Decision | None:
    """The decision whose statement carries this code; None for any other text. For the public page: no sign-in."""
    found = Statement.objects.select_related("decision__case", "decision__clause").filter(code_hash=hash_of(code))
    statement = found.first()
    return statement.decision if statement else None


def delisted() -> QuerySet[Decision]:
    """Live decisions that cite a designation which is on no list any more: each must be looked at again."""
    return (
        Decision.objects.filter(designation__delisted_on__isnull=False, state__in=[*_OPEN_STATES, CaseState.EXECUTED])
        .select_related("case", "designation")
        .order_by("proposed_at")
    )


def labels() -> list[Label]:
    """What people decided about accounts, for signals to learn from; reversed decisions are withdrawn."""
    found = Decision.objects.filter(executed_at__isnull=False, verb__in=[v.value for v in Verb if v.of_account])
    return [
        Label(
            platform=d.case.platform,
            account=d.case.account_id,
            label=SUPPORTER,
            ground=f"{d} {d.conduct}",
            at=d.executed_at.isoformat(),
            by=d.second_by.pseudonym if d.second_by else d.proposed_by.pseudonym,
            withdrawn_at=_withdrawn(d),
        )
        for d in found.select_related("case", "proposed_by", "second_by")
    ]


def _withdrawn(found: Decision) -> str | None:
    ended = (
        found.reversed_at or found.reversal_asked_at
    )  # a label ends when the reversal is decided, not when it is done
    return ended.isoformat() if ended else None


def _filtered(person: User, wanted: Filter) -> QuerySet[Case]:
    found = Case.objects.all()
    if "\x00" in wanted.state + wanted.platform + wanted.signal + wanted.words:
        return found.none()  # PostgreSQL cannot even be asked
    if wanted.state == "waiting":
        found = found.filter(state__in=_OPEN_STATES)
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.platform:
        found = found.filter(platform=wanted.platform)
    if wanted.signal:
        its = Q(signal=wanted.signal) | Q(signal__startswith=wanted.signal + ".")
        stands = CaseFinding.objects.filter(gone_at=None)
        named = stands.filter(its)
        if not named.exists():  # it has gone silent: what it found is remembered
            named = CaseFinding.objects.filter(its)
        found = found.filter(pk__in=named.values("case"))
        if wanted.alone:
            found = found.exclude(pk__in=stands.exclude(its).values("case"))
    if wanted.mine:
        found = found.filter(taken_by=person)
    if wanted.words:
        found = found.filter(Q(handle__icontains=wanted.words) | Q(account_id=wanted.words))
    return found


def _key(order: str, last: Case) -> str:
    value = last.top_score if order == "score" else last.opened_at.timestamp()
    return json.dumps([value, last.pk], separators=(",", ":"))


def _beyond(order: str, after: str) -> Q:
    value, pk = json.loads(after)
    if order == "score":
        return Q(top_score__lt=value) | Q(top_score=value, pk__gt=pk)
    at = datetime.fromtimestamp(value, timezone.get_default_timezone())
    if order == "newest":
        return Q(opened_at__lt=at) | Q(opened_at=at, pk__lt=pk)
    return Q(opened_at__gt=at) | Q(opened_at=at, pk__gt=pk)


def listed(who: str, state: str, platform: str, limit: int | None) -> Iterator[dict[str, Any]]:
    """Cases for the command line, strongest first, with the strongest reason and no text; logged as a read of `who`."""
    found = Case.objects.order_by("-top_score", "id")
    found = found.filter(state=state) if state else found
    found = found.filter(platform=platform) if platform else found
    with transaction.atomic():
        record(Actor(who), "case.list", "", "", state=state, platform=platform, limit=limit)
    top = CaseFinding.objects.filter(case=OuterRef("pk")).order_by("-score").values("because")[:1]
    fields = ("id", "platform", "account_id", "handle", "state", "top_score", "signals", "opened_at")
    for row in found.annotate(because=Subquery(top))[:limit].values(*fields, "because").iterator():
        yield {**row, "opened_at": row["opened_at"].isoformat(), "because": row["because"] or ""}


def work(person: User) -> dict[str, int]:
    """What waits, by kind, for the numbers beside the menu: each is the number of what its page lists."""
    waits: Counter[str] = Counter()
    if person.may(May.LIST_CASES):
        waits["queue"] = Case.objects.filter(state=CaseState.CANDIDATE).count()
        waits["mine"] = Case.objects.filter(taken_by=person, state=CaseState.OPEN).count()
    if person.may(May.READ_THREATS):
        waits["threats"] = threats.waiting()
    if person.may(May.SECOND):
        waits["second"] = Decision.objects.filter(state=CaseState.SECOND_REVIEW).count()
    if person.may(May.READ_APPEALS):
        waits["appeals"] = appeals_waiting(person)
    if person.may(May.PUBLISH_RULES):
        waits["rules"] = rules.waiting(person)
    return dict(waits)
