"""Appeals: what account holders say against decisions, answered by somebody who took no part in them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seawall.cases import queries, services
from seawall.cases.models import Appeal
from seawall.cases.states import APPEAL_MOVES
from seawall.people.roles import May
from seawall.records.terms import AppealState, Outcome
from seawall.web.console import words
from seawall.web.console.case import pointed
from seawall.web.console.pages import UNFIT, Problem, page, person, why_not
from seawall.web.console.review import about


@page
@require_safe
def appeals(request: HttpRequest) -> HttpResponse:
    """Appeals that wait, the most urgent first; or those decided or voided, newest first."""
    me, decided = person(request), request.GET.get("decided", "") == "1"
    now = timezone.now()
    rows = [
        (
            made,
            words.STATES[made.state],
            words.VERBS[made.decision.verb],
            _late(made, now),
            words.OUTCOMES.get(made.outcome),
        )
        for made in queries.appeals(me, decided=decided)
    ]
    waiting = queries.appeals_waiting(me)
    shown = {"rows": rows, "decided": decided, "waiting": waiting, "more": not decided and waiting > len(rows)}
    return render(request, "console/appeals.html", shown)


@page
@require_safe
def appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """One appeal with what it is against. Opening it is written to the log."""
    return _show(request, appeal_id)


@page
@require_POST
def take(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Take an appeal."""
    why = why_not(lambda: services.assign_appeal(person(request), appeal_id))
    if why:
        return _show(request, appeal_id, Problem("take", why))
    return redirect("appeal_page", appeal_id)


@page
@require_POST
def decide(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Answer an appeal with reasons."""
    outcome, reasons = request.POST.get("outcome", ""), request.POST.get("reasons", "")
    if outcome in set(Outcome):
        why = why_not(lambda: services.decide_appeal(person(request), appeal_id, Outcome(outcome), reasons))
    else:
        why = _("Choose whether the decision is upheld or reversed.")
    if why:
        return _show(request, appeal_id, Problem("decide", why, given=request.POST))
    messages.success(request, _("Answered. The account holder gets your reasons."))
    return redirect("appeals")


@page
@require_POST
def void(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Say that an appeal was not the account holder's."""
    me, reason = person(request), request.POST.get("reason", "")
    why = why_not(lambda: services.void_appeal(me, appeal_id, reason))
    if why:
        return _show(request, appeal_id, Problem("void", why, given=request.POST))
    messages.success(request, _("Voided. The account holder is told and can appeal."))
    return redirect("appeals")


def _show(request: HttpRequest, appeal_id: int, problem: Problem | None = None) -> HttpResponse:
    me = person(request)
    made = queries.appeal(me, appeal_id)
    view = queries.case(me, made.decision.case_id, "for an appeal")
    shown = {
        **about(made.decision, pointed(view.findings)),
        "appeal": made,
        "appeal_state": words.STATES[made.state],
        "outcome": words.OUTCOMES.get(made.outcome),
        "view": view,
        "case": view.case,
        "people": 2 if made.decision.second_by_id else 1,
        "late": _late(made, timezone.now()),
        "waits": AppealState(made.state).waits,
        "may_void": _voidable(made) and me.may(May.DECIDE_APPEAL) and not services.took_part(me, made.decision),
        "mine": made.officer_id == me.pk,
        "may_decide": me.may(May.DECIDE_APPEAL),
        "took_part": services.took_part(me, made.decision),
        "may_read_text": me.may(May.READ_TEXT),
        "problem": problem,
    }
    return render(request, "console/appeal.html", shown, status=UNFIT if problem else 200)


def _late(made: Appeal, now: object) -> bool:
    return AppealState(made.state).waits and made.due_at < now


def _voidable(made: Appeal) -> bool:
    return AppealState.VOIDED in APPEAL_MOVES[AppealState(made.state)] and made.outcome != Outcome.REVERSED
