"""Back-tests of a rule: how far it is, what it says, and opening the posts it drew."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seawall.cases import backtests as service
from seawall.cases.facts import Day
from seawall.cases.models import Backtest
from seawall.grounds import rule_lists
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import RuleState
from seawall.signals.rules.conditions import conditions_of
from seawall.web.console import drawing, words
from seawall.web.console.pages import is_part, page, person, whole_number
from seawall.web.console.rule_said import in_words, titles_of

_MOST_ROWS = 400


def row(found: Backtest, same: Sequence[tuple[RuleState, int]]) -> dict[str, Any]:
    """A back-test as a list has it: how far it is, and which versions ask the same now, in words."""
    state, badge = _state(found)
    percent = round(100 * found.done / found.total) if found.total else 0
    shown = {"found": found, "state": state, "badge": badge, "percent": percent, "result": found.result or {}}
    return {**shown, "stands": [_stands(found, *version) for version in same]}


def _stands(found: Backtest, state: RuleState, number: int) -> str:
    if state is RuleState.DRAFT:
        return _("asks the same as the draft")
    if number == found.version:
        return _("now: %(state)s") % {"state": words.RULE_STATES[state]}
    return _("asks the same as version %(n)s (%(state)s)") % {"n": number, "state": words.RULE_STATES[state]}


def _state(found: Backtest) -> tuple[str, str]:
    if found.why:
        return _("cannot be done"), "bad"
    if found.finished_at:
        return _("done"), "good"
    return (_("running"), "busy") if found.total else (_("waits for the worker"), "")


@page
@require_safe
def backtest(request: HttpRequest, backtest_id: int) -> HttpResponse:
    """What the rule would have matched; the page asks again by itself while it runs."""
    me = person(request)
    found = service.one(me, backtest_id)
    days = [Day(day.isoformat(), count, 0) for day, count in service.days_of(found).items()]
    result, same = found.result or {}, service.standing_now(me, found)
    shown = {
        **row(found, same),
        "of_draft": (RuleState.DRAFT, 0) in same and me.may(May.WRITE_RULES),
        "title": tomllib.loads(found.text)["title"],
        "bars": drawing.bars(days),
        "days": days[-_MOST_ROWS:],
        "samples": service.samples(found),
        "over": result.get("busiest_hour", 0) > result.get("quota", 0),
        "conditions": _conditions(me, found),
        "any_of": result.get("any_of", False),
        "may_read_text": me.may(May.READ_TEXT),
    }
    return render(request, "console/_backtest.html" if is_part(request) else "console/backtest.html", shown)


def _conditions(me: User, found: Backtest) -> list[tuple[str, bool, int, int]]:
    """What each condition did: in words, or as it stands in the predicate where words cannot say it; of how many posts
    it holds; and for how many it alone decides."""
    did = (found.result or {}).get("conditions", [])
    titles = titles_of((listed.item for listed in rule_lists.lists(me)), found.rule) if did else {}
    rows = []
    for part in did:
        read = conditions_of(part["text"])
        said = in_words(read[0][0], titles) if read and len(read[0]) == 1 else ""
        rows.append((said or part["text"], not said, part["holds"], part["alone"]))
    return rows


@page
@require_POST
def texts(request: HttpRequest, backtest_id: int) -> HttpResponse:
    """Open posts that were drawn. Each opening is written to the log."""
    numbers = [n for text in request.POST.getlist("n") if (n := whole_number(text)) is not None]
    opened = service.open_samples(person(request), backtest_id, numbers)
    template = "console/_samples.html" if is_part(request) else "console/samples.html"
    return render(request, template, {"samples": opened, "backtest_id": backtest_id})
