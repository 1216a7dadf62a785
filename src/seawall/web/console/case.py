"""A case's page, the parts that are loaded after it, and what people do with a case before anything is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from seawall.cases import queries, services
from seawall.cases.models import Appeal, CaseFinding, Decision
from seawall.cases.states import MOVES
from seawall.enforcement import services as enforcement
from seawall.enforcement.models import Action
from seawall.grounds import rule_weights
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import ActionState, CaseState
from seawall.web.console import drawing, words
from seawall.web.console.pages import UNFIT, Problem, is_part, page, person, why_not
from seawall.web.console.queue import FREE
from seawall.web.console.rule_said import score_in_words


@dataclass(frozen=True, slots=True)
class Pointed:
    """A post that findings point at: its number on the page, who points at it, and whether it is conduct now."""

    n: int
    post_id: str
    at: datetime
    signals: list[str]
    conduct: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding as the page shows it, with the numbers of the posts it points at."""

    finding: CaseFinding
    by_person: str  # the pseudonym, where a person noted it
    posts: list[Pointed]
    comes_about: str  # how its score does; "" where the signal's reason says so itself


@dataclass(frozen=True, slots=True)
class Done:
    """An action with its state in words."""

    action: Action
    state: Any
    again: bool  # this person may try it again


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the case's page shows it."""

    decision: Decision
    state: Any
    verb: words.VerbWords
    conduct: Any
    checklist: list[words.Checked]
    second_needed: str
    proposer_opened: str  # how many of the posts it rests on, in words
    second_opened: str
    actions: list[Done]
    appeals: list[Appeal]
    may_reverse: bool


# --- the page --------------------------------------------------------------------------------------------------------


@page
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """One case. Opening it is written to the log."""
    return show(request, case_id)


def show(request: HttpRequest, case_id: int, problem: Problem | None = None) -> HttpResponse:
    """The case's page, with what was wrong with a form of it."""
    me = person(request)
    view = queries.case(me, case_id)
    posts = pointed(view.findings)
    shown = {
        "view": view,
        "case": view.case,
        "state": words.STATES[view.case.state],
        "reasons": _reasons(me, view.findings, posts),
        "posts": posts,
        "conduct_count": len(view.conduct),
        "decisions": [_decided(me, decision) for decision in view.decisions],
        "history": [words.said(entry) for entry in view.history],
        "problem": problem,
        "may_read_text": me.may(May.READ_TEXT),
        "may_write_rules": me.may(May.WRITE_RULES),
        **(following := _next(me, view)),
        "may_act": following["next"] in ("propose", "review"),
    }
    return render(request, "console/case.html", shown, status=UNFIT if problem else 200)


def pointed(findings: list[CaseFinding]) -> list[Pointed]:
    """The posts that findings point at, oldest first, numbered from 1."""
    found: dict[str, Pointed] = {}
    for finding in findings:
        live = finding.gone_at is None
        for item in finding.seen:
            at = datetime.fromisoformat(item["at"])
            held = found.setdefault(item["post_id"], Pointed(0, item["post_id"], at, [], False))
            found[held.post_id] = Pointed(
                0, held.post_id, held.at,
                [*held.signals, finding.signal] if live else held.signals,
                held.conduct or (live and finding.conduct),
            )  # fmt: skip
    ordered = sorted(found.values(), key=lambda post: (post.at, post.post_id))
    return [Pointed(n, p.post_id, p.at, p.signals, p.conduct) for n, p in enumerate(ordered, 1)]


def _reasons(me: User, findings: list[CaseFinding], posts: list[Pointed]) -> list[Reason]:
    numbered = {post.post_id: post for post in posts}
    weights = rule_weights.of_findings(me, [(finding.signal, finding.version) for finding in findings])
    return [
        Reason(
            finding=finding,
            by_person=finding.signal.partition(":")[2],
            posts=sorted((numbered[item["post_id"]] for item in finding.seen), key=lambda post: post.n),
            comes_about=score_in_words(*weight) if (weight := weights.get((finding.signal, finding.version))) else "",
        )
        for finding in sorted(findings, key=lambda f: (f.gone_at is not None, -f.score, f.pk))
    ]


def _decided(me: User, decision: Decision) -> Decided:
    reversible = decision.state == CaseState.EXECUTED and not decision.reversal_asked_at
    return Decided(
        decision=decision,
        state=words.STATES[decision.state],
        verb=words.VERBS[decision.verb],
        conduct=words.CONDUCT[decision.conduct],
        checklist=words.checked(decision),
        second_needed=words.why_second(decision),
        proposer_opened=words.opened_of(decision.proposer_opened, decision.rests_on),
        second_opened=words.opened_of(decision.second_opened, decision.rests_on),
        actions=[
            Done(action, words.STATES[action.state], action.state == ActionState.FAILED and me.may(May.SECOND))
            for action in decision.actions.all()
        ],
        appeals=list(decision.appeals.all()),
        may_reverse=reversible and me.may(May.REVERSE),
    )


def _next(me: User, view: queries.CaseView) -> dict[str, Any]:
    """The one next act, and what else this person may do."""
    state, takes = view.case.state, me.may(May.TAKE_CASE)
    waiting = next((d for d in view.decisions if d.state == CaseState.SECOND_REVIEW), None)
    return {
        "next": _review_or_work(me, view, waiting),
        "waiting": waiting,
        "failed": _failed(view),
        "mine": view.case.taken_by_id == me.pk,
        "may_note": takes and me.may(May.READ_TEXT),
        "may_put_back": takes and state == CaseState.OPEN,
        "may_close": takes and CaseState.CLOSED in MOVES[CaseState(state)],
        "may_propose_more": me.may(May.PROPOSE) and state in (CaseState.EXECUTED, CaseState.REJECTED),
    }


def _failed(view: queries.CaseView) -> Decision | None:
    """The decision that the platform would not carry out; somebody must look."""
    for decision in view.decisions:
        if decision.state == CaseState.APPROVED and any(a.state == ActionState.FAILED for a in decision.actions.all()):
            return decision
    return None


def _review_or_work(me: User, view: queries.CaseView, waiting: Decision | None) -> str:
    case = view.case
    if waiting:
        return "review" if me.may(May.SECOND) and waiting.proposed_by_id != me.pk else ""
    if not me.may(May.TAKE_CASE):
        return ""
    if case.state in FREE or (case.state == CaseState.OPEN and case.taken_by_id is None):
        return "take"
    if case.state != CaseState.OPEN or case.taken_by_id != me.pk:
        return ""
    if not view.conduct:
        return "note"
    return "propose" if me.may(May.PROPOSE) else ""


@page
@require_safe
def surroundings(request: HttpRequest, case_id: int) -> HttpResponse:
    """Whom the account spreads and its days: two pictures with their tables. A part of the case's page, or its own."""
    picture = queries.picture(person(request), case_id)
    net = drawing.net(picture.neighbours)
    shown = {
        "case_id": case_id,
        "net": net,
        "neighbours": [(n.account, words.TIES[n.kind], n.times) for n in picture.neighbours],
        "key": [(words.TIES[kind], kind, drawing.outline(kind, 48, 9, 5)) for kind in net.kinds],
        "bars": drawing.bars(picture.days),
        "days": picture.days,
    }
    part = "console/_surroundings.html"
    return render(request, part if is_part(request) else "console/surroundings.html", {**shown, "part": part})


@page
@require_safe
def profile(request: HttpRequest, case_id: int) -> HttpResponse:
    """What the account says of itself: a part of the case's page, or its own."""
    part = "console/_profile.html"
    shown = {"case_id": case_id, "profile": queries.profile(person(request), case_id), "part": part}
    return render(request, part if is_part(request) else "console/profile.html", shown)


# --- texts -----------------------------------------------------------------------------------------------------------


@page
@require_POST
def texts(request: HttpRequest, case_id: int) -> HttpResponse:
    """Open the text of posts. Each opening is written to the log."""
    wanted = list(dict.fromkeys(request.POST.getlist("post")))[:500]
    found = {post["post_id"]: post for post in queries.texts(person(request), case_id, wanted)}
    numbers = dict(zip(request.POST.getlist("post"), request.POST.getlist("n"), strict=False))
    shown = {
        "case_id": case_id,
        "may_write_rules": person(request).may(May.WRITE_RULES),
        "opened": [
            (numbers.get(post_id, ""), post_id, _readable(found[post_id]) if post_id in found else None)
            for post_id in wanted
        ],
    }
    return render(request, "console/_texts.html" if is_part(request) else "console/texts.html", shown)


def _readable(post: dict[str, Any]) -> dict[str, Any]:
    media = [{**item, "kind_word": words.MEDIA_KINDS.get(item["kind"], item["kind"])} for item in post["media_items"]]
    return {**post, "kind_word": words.POST_KINDS.get(post["kind"], post["kind"]), "media_items": media}


@page
@require_http_methods(["GET", "HEAD", "POST"])
def latest(request: HttpRequest, case_id: int) -> HttpResponse:
    """The account's newest posts, opened, for a person to note conduct on. Opened by POST alone, for it is logged."""
    if request.method != "POST":
        return redirect("case", case_id)
    return _show_latest(request, case_id)


def _show_latest(request: HttpRequest, case_id: int, problem: Problem | None = None) -> HttpResponse:
    before = request.POST.get("before", "")
    posts = queries.latest(person(request), case_id, _moment(before))
    shown = {
        "case_id": case_id,
        "posts": [{**_readable({**post, "media_items": []}), "chosen": _chosen(request, post)} for post in posts],
        "before": before,
        "older": posts[-1]["at"].isoformat() if posts else "",
        "problem": problem,
        "may_note": person(request).may(May.TAKE_CASE),
        "may_write_rules": person(request).may(May.WRITE_RULES),
    }
    return render(request, "console/latest.html", shown, status=UNFIT if problem else 200)


def _chosen(request: HttpRequest, post: dict[str, Any]) -> bool:
    return post["post_id"] in request.POST.getlist("post")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


@page
@require_POST
def note_conduct(request: HttpRequest, case_id: int) -> HttpResponse:
    """Note which of the account's own posts are conduct."""
    me, because, chosen = person(request), request.POST.get("because", ""), request.POST.getlist("post")
    why = why_not(lambda: services.note_conduct(me, case_id, chosen, because))
    if why and not chosen:
        why = _("Choose the posts first.")
    if why:
        return _show_latest(request, case_id, Problem("note", why, given=request.POST))
    messages.success(request, _("Noted as conduct. It stands among the reasons of the case."))
    return redirect("case", case_id)


# --- acts ------------------------------------------------------------------------------------------------------------


@page
@require_http_methods(["GET", "HEAD", "POST"])
def by_hand(request: HttpRequest) -> HttpResponse:
    """Open a case on an account that no signal found."""
    given, problem = request.POST, None
    if request.method == "POST":
        made: list[int] = []
        fields = [given.get(name, "").strip() for name in ("platform", "account_id", "reason")]
        why = why_not(lambda: made.append(services.open_by_hand(person(request), *fields).pk))
        if not why:
            return redirect("case", made[0])
        problem = Problem("by_hand", why, given=given)
    platforms = queries.platforms(person(request))
    shown = {"problem": problem, "given": given, "platforms": platforms}
    return render(request, "console/by_hand.html", shown, status=UNFIT if problem else 200)


@page
@require_POST
def take(request: HttpRequest, case_id: int) -> HttpResponse:
    """Begin to work on a case."""
    return _act(request, case_id, Problem("take", ""), lambda: services.take(person(request), case_id), "")


@page
@require_POST
def put_back(request: HttpRequest, case_id: int) -> HttpResponse:
    """Let others have the case."""
    reason, said = request.POST.get("reason", ""), _("The case is back in the queue.")
    act = lambda: services.put_back(person(request), case_id, reason)  # noqa: E731
    return _act(request, case_id, Problem("put_back", "", given=request.POST), act, said)


@page
@require_POST
def close(request: HttpRequest, case_id: int) -> HttpResponse:
    """End the work on a case."""
    reason, said = (
        request.POST.get("reason", ""),
        _("The case is closed. A new finding of another signal brings it back."),
    )
    act = lambda: services.close(person(request), case_id, reason)  # noqa: E731
    return _act(request, case_id, Problem("close", "", given=request.POST), act, said)


@page
@require_POST
def reverse(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Take a decision back."""
    me, reason = person(request), request.POST.get("reason", "")
    case_id = queries.decision(me, decision_id).case_id
    said = _("It will be taken back on the platform, and the account holder will be told.")
    problem = Problem("reverse", "", decision_id, request.POST)
    return _act(request, case_id, problem, lambda: services.ask_reversal(me, decision_id, reason), said)


@page
@require_POST
def again(request: HttpRequest, decision_id: int, action_id: int) -> HttpResponse:
    """Try a failed action once more."""
    me, reason = person(request), request.POST.get("reason", "")
    case_id = queries.decision(me, decision_id).case_id
    problem = Problem("again", "", action_id, request.POST)
    act = lambda: enforcement.try_again(me, action_id, reason)  # noqa: E731
    return _act(request, case_id, problem, act, _("It is tried again now."))


def _act(request: HttpRequest, case_id: int, problem: Problem, act: Callable[[], object], said: str) -> HttpResponse:
    """Do it and show the case; or show the case with what is wrong, at the form."""
    why = why_not(act)
    if why:
        return show(request, case_id, Problem(problem.form, why, problem.about, problem.given))
    if said:
        messages.success(request, said)
    return redirect("case", case_id)
