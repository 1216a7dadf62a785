"""The queue: which cases there are, the strongest first, and what to do next."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from seawall.cases import queries
from seawall.cases.models import Case, CaseFinding
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import CaseState
from seawall.web.console.pages import page, person
from seawall.web.console.words import STATES

ORDERS: dict[str, Any] = {"score": _("strongest first"), "newest": _("newest first"), "oldest": _("oldest first")}
_ALL = "all"
_TABS = (
    CaseState.CANDIDATE,
    CaseState.OPEN,
    CaseState.SECOND_REVIEW,
    CaseState.APPROVED,
    CaseState.EXECUTED,
    CaseState.REJECTED,
    CaseState.REVERSED,
    CaseState.CLOSED,
)
_WAITING = (CaseState.CANDIDATE, CaseState.OPEN, CaseState.SECOND_REVIEW, CaseState.APPROVED)
FREE = (CaseState.CANDIDATE, CaseState.REJECTED, CaseState.REVERSED, CaseState.CLOSED)
_ELSEWHERE = ((May.SEE_WORK, "work"), (May.READ_AUDIT, "audit"), (May.READ_APPEALS, "appeals"))


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the queue shows it."""

    case: Case
    state: Any
    top: CaseFinding | None
    free: bool  # somebody may take it


@dataclass(frozen=True, slots=True)
class Tab:
    """A state to list, how many cases are in it, and its address."""

    label: Any
    count: int
    address: str
    current: bool


@page
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Cases that need somebody, with filters that stand in the address."""
    me = person(request)
    if not me.may(May.LIST_CASES) and not request.GET:
        for allowed, elsewhere in _ELSEWHERE:
            if me.may(allowed):
                return redirect(elsewhere)
    wanted = _wanted(request)
    found = queries.queue(me, wanted, _after(request.GET.get("after", ""), wanted.order))
    counts = queries.counts(me)
    shown = {
        "rows": _rows(me, found.cases),
        "wanted": wanted,
        "orders": ORDERS,
        "tabs": _tabs(wanted, counts),
        "platforms": queries.platforms(me),
        "signals": queries.signals(me),
        "none_at_all": not counts,
        "filtered": replace(wanted, state="waiting", order="score") != queries.Filter(),
        "further": address(wanted, after=found.after) if found.after else "",
        "first": address(wanted) if "after" in request.GET else "",
        "may_take": me.may(May.TAKE_CASE),
    }
    return render(request, "console/queue.html", shown)


def _wanted(request: HttpRequest) -> queries.Filter:
    given = request.GET
    state = given.get("state", "waiting")
    known = {*map(str, _TABS), "waiting", _ALL}
    return queries.Filter(
        state="" if state == _ALL else state if state in known else "waiting",
        platform=given.get("platform", ""),
        signal=given.get("signal", ""),
        mine=given.get("mine", "") == "1",
        words=given.get("words", "").strip().removeprefix("@"),
        alone=given.get("alone", "") == "1" and bool(given.get("signal")),
        order=given["order"] if given.get("order") in ORDERS else "score",
    )


def _after(text: str, order: str) -> str:
    """The key of a page from its address; "" (the first page) for anything that is none."""
    try:
        value, pk = json.loads(text)
    except (ValueError, TypeError):
        return ""
    fits = isinstance(value, int | float) and 0 <= value < 1e11 and isinstance(pk, int) and 0 <= pk < 2**63
    return text if fits and order in ORDERS else ""


def _rows(me: User, cases: list[Case]) -> list[Row]:
    top = queries.strongest(me, cases)
    return [Row(case, STATES[case.state], top.get(case.pk), case.state in FREE) for case in cases]


def _tabs(wanted: queries.Filter, counts: dict[str, int]) -> list[Tab]:
    states = [("waiting", _("waiting for somebody"), sum(counts.get(s, 0) for s in _WAITING))]
    states += [(s.value, STATES[s], counts.get(s, 0)) for s in _TABS]
    states += [("", _("all"), sum(counts.values()))]
    return [
        Tab(label, count, address(replace(wanted, state=state)), state == wanted.state)
        for state, label, count in states
    ]


def address(wanted: queries.Filter, **more: str) -> str:
    """What stands behind the queue's address to show that."""
    parts = {
        "state": wanted.state or _ALL,
        "platform": wanted.platform,
        "signal": wanted.signal,
        "alone": "1" if wanted.alone else "",
        "mine": "1" if wanted.mine else "",
        "words": wanted.words,
        "order": "" if wanted.order == "score" else wanted.order,
        **more,
    }
    return "?" + urlencode({name: value for name, value in parts.items() if value})
