"""Back-tests of a rule: how far it is, what it says, and opening the posts it drew."""

from __future__ import annotations

import tomllib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seawall.cases import backtests as service
from seawall.cases.facts import Day
from seawall.cases.models import Backtest
from seawall.people.roles import May
from seawall.web.console import drawing
from seawall.web.console.pages import is_part, page, person, whole_number

_MOST_ROWS = 400


def row(found: Backtest) -> dict[str, Any]:
    """A back-test as a list has it: how far it is, in words."""
    state, badge = _state(found)
    percent = round(100 * found.done / found.total) if found.total else 0
    return {"found": found, "state": state, "badge": badge, "percent": percent, "result": found.result or {}}


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
    result = found.result or {}
    shown = {
        **row(found),
        "title": tomllib.loads(found.text)["title"],
        "bars": drawing.bars(days),
        "days": days[-_MOST_ROWS:],
        "samples": service.samples(found),
        "over": result.get("busiest_hour", 0) > result.get("quota", 0),
        "may_read_text": me.may(May.READ_TEXT),
    }
    return render(request, "console/_backtest.html" if is_part(request) else "console/backtest.html", shown)


@page
@require_POST
def texts(request: HttpRequest, backtest_id: int) -> HttpResponse:
    """Open posts that were drawn. Each opening is written to the log."""
    numbers = [n for text in request.POST.getlist("n") if (n := whole_number(text)) is not None]
    opened = service.open_samples(person(request), backtest_id, numbers)
    template = "console/_samples.html" if is_part(request) else "console/samples.html"
    return render(request, template, {"samples": opened, "backtest_id": backtest_id})
