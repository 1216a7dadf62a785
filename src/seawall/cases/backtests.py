"""Back-tests at the desk: a rule over the whole lake, as a job, beside what people decided.

A job that dies with its worker is done again from the start. What is kept is counts, days, and which posts were drawn
as a sample: whose they are is not, and their texts are read from the lake when somebody opens them, which is logged.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from seawall.audit.services import record
from seawall.cases import queries
from seawall.cases.models import Backtest, Case
from seawall.grounds.drafts import Draft, draft_of, of_rule
from seawall.grounds.rule_shown import NoRule, Shown, shown
from seawall.grounds.rule_trying import newest_text, text_of
from seawall.grounds.rule_words import in_words
from seawall.grounds.seeds import Seeds, SeedsError
from seawall.grounds.services import GroundsError
from seawall.lake import Lake
from seawall.ledger import home
from seawall.ledger.models import Job
from seawall.ledger.outbox import enqueue
from seawall.ledger.worker import Handler, Permanent
from seawall.people.access import act, look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.labels import Label
from seawall.records.terms import CaseState, RuleState
from seawall.signals.rules import Rule, Rulebook, RuleError, read_book
from seawall.signals.rules.backtest import Backtest as Ran
from seawall.signals.rules.backtest import backtest
from seawall.signals.rules.files import parse_rule
from seawall.signals.scan import texts_of

KIND = "backtest"
KEPT = 10  # of one rule, and the newest of each version
SAMPLE = 20
_DECIDES = ("where", "words", "posts", "weight", "quota")  # what a back-test says follows from these
_EVERY = 0.5  # seconds between two notes of how far it is


@dataclass(frozen=True, slots=True)
class Sample:
    """A matching post that was drawn: closed, or opened."""

    n: int
    platform: str
    at: datetime | None
    text: str | None = None  # None: closed, or not in the lake any more


@act
def ask(person: User, rule_id: str) -> Backtest:
    """Have the newest text of a rule run over the lake. Raises Refused, NoRule, GroundsError."""
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    now, book = shown(rule_id)
    return _asked(person, rule_id, newest_text(now), book)


@act
def ask_trial(person: User, rule_id: str) -> Backtest:
    """Have the shadow version of a rule run over the lake, whatever draft is newer.

    Raises Refused, NoRule, GroundsError.
    """
    require(person, May.WRITE_RULES, f"rule:{rule_id}")
    now, book = shown(rule_id)
    if now.trial is None:
        raise GroundsError(_("no version of this rule runs in shadow"))
    return _asked(person, rule_id, text_of(now.trial), book)


def _asked(person: User, rule_id: str, text: str, book: Rulebook) -> Backtest:
    with in_words():
        rule = parse_rule(text, book.lists)
    made = Backtest.objects.create(rule=rule_id, version=rule.version, text=text, asked_by=person)
    its = Backtest.objects.filter(rule=rule_id)
    newest = its.values("version").annotate(n=Max("id")).values("n")  # of each version: who lets it go live asks for it
    old = its.order_by("-id").values_list("id", flat=True)[KEPT:]
    Backtest.objects.filter(pk__in=list(old)).exclude(pk__in=list(newest.values_list("n", flat=True))).delete()
    enqueue(KIND, f"backtest:{made.pk}", {"backtest": made.pk})
    record(person.actor(), "rules.backtest", f"rule:{rule_id}", "", backtest=made.pk, version=rule.version)
    return made


def of_rule_as_it_is(found: Iterable[Backtest], rule: Rule) -> Backtest | None:
    """The first of these that asked what this version asks, whatever number it had then: a version gets a new one when
    it goes live."""
    wanted = _decides(of_rule(rule))
    return next((test for test in found if _decides(draft_of(test.text)) == wanted), None)


def standing(found: Backtest, now: Shown) -> list[tuple[RuleState, int]]:
    """The versions that run, are stopped, on trial or being written and ask just what a back-test asked: their states
    and numbers; a draft has the number 0."""
    asked = _decides(draft_of(found.text))
    same = [(rule.state, rule.version) for rule in (now.rule, now.trial) if rule and _decides(of_rule(rule)) == asked]
    return same + ([(RuleState.DRAFT, 0)] if now.draft and _decides(now.draft) == asked else [])


def _decides(asks: Draft) -> dict[str, Any]:
    return {name: getattr(asks, name) for name in _DECIDES}


@look
def backtests(person: User, rule_id: str) -> list[Backtest]:
    """The back-tests of a rule, the newest first."""
    require(person, May.READ_RULES, f"rule:{rule_id}")
    return list(Backtest.objects.filter(rule=rule_id).select_related("asked_by").order_by("-id"))


@look
def one(person: User, backtest_id: int) -> Backtest:
    """One back-test. Raises Refused, Backtest.DoesNotExist."""
    require(person, May.READ_RULES)
    found: Backtest = Backtest.objects.select_related("asked_by").get(pk=backtest_id)
    return found


@look
def standing_now(person: User, found: Backtest) -> list[tuple[RuleState, int]]:
    """Which versions ask now what it asked; none for a rule that is gone. Raises Refused, GroundsError."""
    require(person, May.READ_RULES, f"rule:{found.rule}")
    try:
        return standing(found, shown(found.rule)[0])
    except NoRule:
        return []


def samples(found: Backtest) -> list[Sample]:
    """The posts that were drawn, closed."""
    drawn = (found.result or {}).get("sample", [])
    return [Sample(n, post["platform"], _moment(post["at"])) for n, post in enumerate(drawn, 1)]


def open_samples(person: User, backtest_id: int, numbers: list[int]) -> list[Sample]:
    """The texts of some of them, given once the read event is written. Raises Refused, Backtest.DoesNotExist."""
    found = _to_open(person, backtest_id)
    drawn = {n: post for n, post in enumerate((found.result or {}).get("sample", []), 1) if n in numbers}
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        texts = texts_of(snapshot, {(post["platform"], post["post_id"]) for post in drawn.values()})
    _opened(person, found, len(drawn))
    return [
        Sample(n, post["platform"], _moment(post["at"]), texts.get((post["platform"], post["post_id"])))
        for n, post in drawn.items()
    ]


@look
def _to_open(person: User, backtest_id: int) -> Backtest:
    """The back-test, if the person may open texts. The lake is read after this: nobody who writes waits for it."""
    found: Backtest = Backtest.objects.get(pk=backtest_id)
    require(person, May.READ_TEXT, f"rule:{found.rule}")
    return found


@act
def _opened(person: User, found: Backtest, posts: int) -> None:
    record(person.actor(), "rules.text", f"rule:{found.rule}", "", backtest=found.pk, posts=posts)


def days_of(found: Backtest) -> dict[date, int]:
    """Matches a day."""
    return {date.fromisoformat(day): count for day, count in (found.result or {}).get("days", {}).items()}


# --- the job ---------------------------------------------------------------------------------------------------------


def handlers() -> dict[str, Handler]:
    """What a worker for back-tests does, by kind of job."""
    return {KIND: run}


def run(job: Job) -> None:
    """Run one. Safe to repeat. What cannot be done is said on its page."""
    found = Backtest.objects.filter(pk=job.payload["backtest"]).first()
    if found is None or found.finished_at:
        return
    told = time.monotonic()

    def tell(_what: str, done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _EVERY or done == 0:
            told = time.monotonic()
            Backtest.objects.filter(pk=found.pk).update(done=done, total=total)

    try:
        lists = read_book(home()).lists
        rule = parse_rule(found.text, lists)
        with Lake(home()) as lake, lake.snapshot() as snapshot:
            ran = backtest(snapshot, rule, lists, _decided(), SAMPLE, tell)
    except (RuleError, SeedsError) as error:
        Backtest.objects.filter(pk=found.pk).update(why=str(error), finished_at=timezone.now())
        raise Permanent(str(error)) from error
    Backtest.objects.filter(pk=found.pk).update(
        result=_kept(ran), done=ran.posts, total=ran.posts, finished_at=timezone.now()
    )


def _decided() -> list[Label]:
    """Seeds and what people decided; and accounts that people looked at and let be, as if they had taken it back."""
    let_be = Case.objects.filter(state__in=[CaseState.REJECTED, CaseState.CLOSED])
    spared = [
        Label(c.platform, c.account_id, queries.SUPPORTER, str(c), c.opened_at.isoformat(), "-", "-") for c in let_be
    ]
    return [*Seeds(home()).live(), *queries.labels(), *spared]


def _kept(ran: Ran) -> dict[str, Any]:
    """What is kept of a back-test: no account."""
    whole = ran.as_dict()
    drawn = [
        {"platform": post.platform, "post_id": post.post_id, "at": post.at.isoformat() if post.at else None}
        for post in ran.sample
    ]
    return {**whole, "sample": drawn}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
