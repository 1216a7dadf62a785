"""Threats: drafts of reports to an authority, each with its clock; the duty officer answers."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seawall.cases import threats as drafts
from seawall.people.roles import May
from seawall.web.console import words
from seawall.web.console.pages import UNFIT, Problem, page, person, why_not


@page
@require_safe
def threats(request: HttpRequest) -> HttpResponse:
    """What waits, the most urgent first, and what was answered last."""
    return _show(request)


@page
@require_POST
def answer(request: HttpRequest, draft_id: int) -> HttpResponse:
    """Passed on to an authority, or no threat."""
    me, reason = person(request), request.POST.get("reason", "")
    acts: dict[str, Callable[[], object]] = {
        "pass_on": lambda: drafts.pass_on(me, draft_id, request.POST.get("recipient", ""), reason),
        "dismiss": lambda: drafts.dismiss(me, draft_id, reason),
    }
    chosen = request.POST.get("answer", "")
    if chosen in acts:
        why = why_not(acts[chosen])
    else:
        drafts.check(me, draft_id)
        why = _("Choose whether you told an authority or it is no threat.")
    if why:
        return _show(request, Problem(chosen, why, draft_id, request.POST))
    said = {
        "pass_on": _("Written down, with whom you told. The posts are sealed; the case goes on in the usual way."),
        "dismiss": _("Answered: no threat. The case goes on in the usual way."),
    }
    messages.success(request, said[chosen])
    return redirect("threats")


def _show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    me = person(request)
    found = drafts.drafts(me)
    shown = {
        "waiting": [(draft, f"reason{draft.pk}", draft.pk in found.read) for draft in found.waiting],
        "answered": [(draft, words.THREAT_STATES[draft.state]) for draft in found.answered],
        "may_answer": me.may(May.ANSWER_THREAT),
        "problem": problem,
    }
    return render(request, "console/threats.html", shown, status=UNFIT if problem else 200)
