"""The rules pages: which rules there are and what they matched; one rule, its versions, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seawall.cases import backtests, queries
from seawall.cases.models import Backtest
from seawall.grounds import rule_acts as acts
from seawall.grounds import rule_lists
from seawall.grounds import rules as service
from seawall.grounds.rule_shown import Shown
from seawall.grounds.services import GroundsError
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import RuleState
from seawall.web.console import queue, rule_find, words
from seawall.web.console.backtests import row
from seawall.web.console.pages import UNFIT, Problem, page, person, why_not
from seawall.web.console.rule_said import asks, does, titles_of
from seawall.web.console.rule_trial import say_it_runs, trial_of
from seawall.web.console.rule_versions import compared

_ORDER = (RuleState.STOPPED, RuleState.LIVE, RuleState.SHADOW, RuleState.DRAFT)
BREAKER = "breaker"


@dataclass(frozen=True, slots=True)
class Row:
    """A rule in the list."""

    shown: Shown
    state: Any
    conduct: Any


@page
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule: what must be looked at first; the tabs as a rule lives, from draft to stopped."""
    me, wanted = person(request), rule_find.wanted_of(request.GET)
    found, trouble = service.rules(me)
    ordered = sorted(found, key=lambda shown: (_ORDER.index(shown.state), shown.title.casefold()))
    fitting = [shown for shown in ordered if wanted.fits(shown)]
    counts = {state: sum(shown.state == state for shown in fitting) for state in RuleState}
    states = [("", _("all"), len(fitting)), *((s.value, words.RULE_STATES[s], counts[s]) for s in RuleState)]
    shown = {
        "rows": [
            Row(shown, words.RULE_STATES[shown.state], words.CONDUCT.get(shown.conduct, ""))
            for shown in fitting
            if not wanted.state or shown.state == wanted.state
        ],
        "tabs": [(value, label, count, wanted.address(value)) for value, label, count in states],
        "means": [(words.RULE_STATES[s], words.RULE_STATE_MEANS[s]) for s in RuleState if wanted.state in ("", s)],
        "wanted": wanted,
        "authors": rule_find.authors(found),
        "lists": _lists(me, found),
        "trouble": trouble,
        "none_at_all": not found,
        "waiting": [shown for shown in ordered if _waits_for(me, shown)],
        "may_write": me.may(May.WRITE_RULES),
    }
    return render(request, "console/rules.html", shown)


def _lists(me: User, found: list[Shown]) -> list[tuple[str, str]]:
    """The lists that rules count, by title."""
    counted = rule_find.lists(found)
    named = [(listed.item.name, listed.item.title) for listed in rule_lists.lists(me)] if counted else []
    return sorted((pair for pair in named if pair[0] in counted), key=lambda pair: pair[1].casefold())


def _waits_for(me: User, shown: Shown) -> bool:
    """Whether a shadow version of it waits for a second person, whom this one may be."""
    return bool(shown.trial and shown.trial.author != me.pseudonym and me.may(May.PUBLISH_RULES))


@page
@require_safe
def rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule."""
    return show(request, rule_id)


def show(request: HttpRequest, rule_id: str, problem: Problem | None = None) -> HttpResponse:
    """The rule's page, with what was wrong with a form of it."""
    me = person(request)
    try:
        opened = service.rule(me, rule_id)
    except GroundsError as error:
        return render(request, "console/rules.html", {"trouble": str(error), "rows": []}, status=UNFIT)
    shown = opened.shown
    named, draft = shown.rule or shown.trial, shown.draft
    titles = titles_of(opened.lists.values(), rule_id)
    tests = backtests.backtests(me, rule_id)
    trial, may = trial_of(me, opened, tests, titles), _may(me, shown)
    fields = {
        "live": bool(trial and trial["may_go_live"]),
        "end": bool(trial) and may["may_write"],
        "stop": may["may_stop"],
        "start": may["may_start"],
    }
    return render(
        request,
        "console/rule.html",
        {
            "opened": opened,
            "shown": shown,
            "named": asks(named, opened.lists, titles) if named else None,
            "draft": asks(draft, opened.lists, titles) if draft else None,
            "written": opened.written,
            "draft_does": does(opened.written.tried, titles) if opened.written and opened.written.tried else None,
            "state": words.RULE_STATES[shown.state],
            "means": words.RULE_STATE_MEANS[shown.state],
            "conduct": words.CONDUCT.get(shown.conduct, ""),
            "by_itself": bool(shown.stop and shown.stop.by == BREAKER),
            "versions": [(kept, words.RULE_STATES.get(kept.state, kept.state)) for kept in opened.versions],
            "compared": compared(request.GET, opened.versions, titles),
            "history": [words.said(entry) for entry in opened.history],
            "backtests": [row(found, backtests.standing(found, shown)) for found in tests],
            "tripped": [change for change in opened.stops if change.by == BREAKER],
            "problem": problem,
            "at_field": bool(problem and fields.get(problem.form)),
            "failed": {problem.form: True} if problem else {},
            "alone": _alone(me, rule_id),
            "trial": trial,
            **may,
        },
        status=UNFIT if problem else 200,
    )


def _alone(me: User, rule_id: str) -> dict[str, Any] | None:
    """The cases that need somebody and that nothing but this rule brought up: how many, and where they are."""
    if not me.may(May.LIST_CASES):
        return None
    wanted = queries.Filter(signal=f"rules.{rule_id}", alone=True)
    return {"count": queries.count(me, wanted), "address": queue.address(wanted)}


def _may(me: User, shown: Shown) -> dict[str, bool]:
    writes, publishes = me.may(May.WRITE_RULES), me.may(May.PUBLISH_RULES)
    return {
        "may_write": writes,
        "may_stop": writes and shown.state is RuleState.LIVE,
        "may_start": publishes and bool(shown.stop),
    }


# --- acts ------------------------------------------------------------------------------------------------------------


@page
@require_POST
def drop(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Throw a draft away."""
    why = why_not(lambda: acts.drop(person(request), rule_id))
    if why:
        return show(request, rule_id, Problem("drop", why))
    messages.success(request, _("The draft is gone. What runs is as it was."))
    return redirect("rules")


@page
@require_POST
def backtest(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Have the newest text of the rule run over the lake, or the version in shadow if that is asked for."""
    made: list[Backtest] = []
    ask = backtests.ask_trial if request.POST.get("of") == "trial" else backtests.ask
    why = why_not(lambda: made.append(ask(person(request), rule_id)))
    if why:
        return show(request, rule_id, Problem("backtest", why))
    return redirect("backtest", made[0].pk)


@page
@require_POST
def shadow(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let the draft run in shadow."""
    me = person(request)
    why = why_not(lambda: acts.to_shadow(me, rule_id))
    if why:
        return show(request, rule_id, Problem("shadow", why))
    say_it_runs(request, me, rule_id)
    return redirect("rule", rule_id)


@page
@require_POST
def live(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let the shadow version go live."""
    said = _("It is live. Watchers and the scanner take it over by themselves, within seconds.")
    return _act(request, rule_id, "live", lambda reason: acts.go_live(person(request), rule_id, reason), said)


@page
@require_POST
def end(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let the shadow version run no more."""
    said = _("The shadow version runs no more. It is kept among the versions.")
    return _act(request, rule_id, "end", lambda reason: acts.end(person(request), rule_id, reason), said)


@page
@require_POST
def stop(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Stop the rule."""
    said = _("It is stopped. From now on it lists nobody.")
    return _act(request, rule_id, "stop", lambda reason: acts.stop(person(request), rule_id, reason), said)


@page
@require_POST
def start(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let a stopped rule run again."""
    said = _("It runs again.")
    return _act(request, rule_id, "start", lambda reason: acts.start(person(request), rule_id, reason), said)


def _act(request: HttpRequest, rule_id: str, form: str, act: Callable[[str], object], said: str) -> HttpResponse:
    why = why_not(lambda: act(request.POST.get("reason", "")))
    if why:
        return show(request, rule_id, Problem(form, why, given=request.POST))
    messages.success(request, said)
    return redirect("rule", rule_id)
