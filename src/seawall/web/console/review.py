"""Second reviews: what waits for a second person, and everything that person needs to agree or to disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seawall.cases import queries, services
from seawall.cases.models import Decision
from seawall.people.roles import May
from seawall.records.terms import CaseState, Verb
from seawall.web.console import words
from seawall.web.console.case import Pointed, pointed
from seawall.web.console.pages import UNFIT, Problem, page, person, why_not
from seawall.web.console.told import as_told


@page
@require_safe
def second_reviews(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, the oldest first."""
    me = person(request)
    waiting = [
        (
            decision,
            words.VERBS[decision.verb],
            words.CONDUCT[decision.conduct],
            words.why_second(decision),
            words.opened_of(decision.proposer_opened, decision.rests_on),
            decision.proposed_by_id == me.pk,
        )
        for decision in queries.second_reviews(me)
    ]
    return render(request, "console/second_reviews.html", {"waiting": waiting, "may_second": me.may(May.SECOND)})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, decision_id: int) -> HttpResponse:
    """One proposal; agreed to or not with a reason."""
    if request.method != "POST":
        return _show(request, decision_id)
    me, reason = person(request), request.POST.get("reason", "")
    acts: dict[str, Callable[[], object]] = {
        "approve": lambda: services.approve(me, decision_id, reason),
        "reject": lambda: services.reject(me, decision_id, reason),
    }
    chosen = request.POST.get("answer", "")
    why = why_not(acts[chosen]) if chosen in acts else _("Choose whether you approve or reject it.")
    if why:
        return _show(request, decision_id, Problem("review", why, given=request.POST))
    said = {
        "approve": _("Approved. The platform is told now; what it answers stands on the case."),
        "reject": _("Rejected. Nothing is done, and the case can be worked on again."),
    }
    messages.success(request, said[chosen])
    return redirect("second_reviews")


@page
@require_POST
def withdraw(request: HttpRequest, decision_id: int) -> HttpResponse:
    """The proposer takes a proposal back."""
    me, reason = person(request), request.POST.get("reason", "")
    why = why_not(lambda: services.withdraw(me, decision_id, reason))
    if why:
        return _show(request, decision_id, Problem("withdraw", why, given=request.POST))
    messages.success(request, _("Withdrawn. Nothing is done, and the case can be worked on again."))
    return redirect("case", queries.decision(me, decision_id).case_id)


def _show(request: HttpRequest, decision_id: int, problem: Problem | None = None) -> HttpResponse:
    me = person(request)
    decision = queries.decision(me, decision_id)
    view = queries.case(me, decision.case_id, "for a second review")
    shown = {
        **about(decision, pointed(view.findings)),
        "view": view,
        "case": view.case,
        "reasons": [finding for finding in view.findings if finding.gone_at is None],
        "waits": decision.state == CaseState.SECOND_REVIEW,
        "own": decision.proposed_by_id == me.pk,
        "may_second": me.may(May.SECOND),
        "may_read_text": me.may(May.READ_TEXT),
        "problem": problem,
    }
    return render(request, "console/review.html", shown, status=UNFIT if problem else 200)


def about(decision: Decision, posts: list[Pointed]) -> dict[str, Any]:
    """What both a second reviewer and an appeals officer read of a decision."""
    sealed = list(decision.capture.items.all())
    ids = {item.post_id for item in sealed if item.kind == "post"}
    return {
        "decision": decision,
        "verb": words.VERBS[decision.verb],
        "of_account": Verb(decision.verb).of_account,
        "conduct": words.CONDUCT[decision.conduct],
        "conduct_means": words.CONDUCT_MEANS[decision.conduct],
        "state": words.STATES[decision.state],
        "checklist": words.checked(decision),
        "second_needed": words.why_second(decision),
        "proposer_opened": words.opened_of(decision.proposer_opened, decision.rests_on),
        "sealed": len(sealed),
        "destroyed": sum(item.state == "destroyed" for item in sealed),
        "posts": [post for post in posts if post.post_id in ids],
        "told": as_told(decision),
    }
