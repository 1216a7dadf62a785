"""Statements of reasons: which were given and how, each as its holder reads it, and those that a person must give."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seawall.cases import queries, services
from seawall.cases.models import Statement
from seawall.people.roles import May
from seawall.web.console import words
from seawall.web.console.pages import UNFIT, Problem, page, person, whole_number, why_not
from seawall.web.console.told import as_told, with_code


@page
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """Statements of reasons, newest first."""
    before = whole_number(request.GET.get("before", ""))
    found = queries.statements(person(request), before)
    shown = {
        "rows": [(s, words.VERBS[s.decision.verb], words.STATES[s.decision.state], _due(s)) for s in found],
        "further": found[-1].pk if len(found) == queries.PAGE else None,
        "paged": before is not None,
    }
    return render(request, "console/statements.html", shown)


@page
@require_safe
def statement(request: HttpRequest, statement_id: int) -> HttpResponse:
    """One statement as its holder reads it, without its code. Opening it is written to the log."""
    return _show(request, statement_id)


@page
@require_POST
def code(request: HttpRequest, statement_id: int) -> HttpResponse:
    """The statement with its code, for whoever gives it by hand. Each showing is written to the log."""
    me, shown = person(request), list[str]()
    about = queries.statement(me, statement_id).decision_id
    why = why_not(lambda: shown.append(services.code_to_give(me, about)))
    return _show(request, statement_id, Problem("code", why) if why else None, "".join(shown))


@page
@require_POST
def given(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Note that a person gave the statement another way."""
    me, how = person(request), request.POST.get("reason", "")
    about = queries.statement(me, statement_id).decision_id
    why = why_not(lambda: services.given_by_hand(me, about, how)) if how.strip() else _("Say how it was given.")
    if why:
        return _show(request, statement_id, Problem("given", why, given=request.POST))
    messages.success(request, _("Noted as given. The time to appeal runs from now."))
    return redirect("statement", statement_id)


def _show(
    request: HttpRequest, statement_id: int, problem: Problem | None = None, code_shown: str = ""
) -> HttpResponse:
    me = person(request)
    found = queries.statement(me, statement_id)
    shown: dict[str, Any] = {
        "statement": found,
        "decision": found.decision,
        "state": words.STATES[found.decision.state],
        "told": with_code(found.decision, code_shown) if code_shown else as_told(found.decision),
        "code_shown": bool(code_shown),
        "due": _due(found),
        "may_give": me.may(May.PROPOSE) and services.by_hand(found.decision),
        "may_read_case": me.may(May.READ_CASE),
        "problem": problem,
    }
    return render(request, "console/statement.html", shown, status=UNFIT if problem else 200)


def _due(found: Statement) -> bool:
    """Whether the account holder should have it and has not."""
    return found.given_at is None and found.decision.executed_at is not None
