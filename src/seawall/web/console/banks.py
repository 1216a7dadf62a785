"""The banks pages: what is looked for, from whom and who stands behind it; and a match beside its entry, blurred."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from seawall.cases import known_media
from seawall.cases.known_media import NoPictureError
from seawall.grounds import banks as service
from seawall.grounds.models import BankPart
from seawall.people.models import User
from seawall.people.roles import May
from seawall.web.console import words
from seawall.web.console.pages import UNFIT, Problem, page, person, why_not

BITS = 256


@page
@require_safe
def banks(request: HttpRequest) -> HttpResponse:
    """Every part that holds or waits, and who posted what stands in one."""
    return show(request)


def show(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    """The page, with what was wrong with a form of it."""
    me, every = person(request), request.GET.get("ended") == "1"
    found = service.listed(me, ended=every)
    shown = {
        "parts": [
            (part, words.PART_STATES[part.state], words.CONDUCT.get(part.conduct, ""), _may(me, part, problem))
            for part in found
        ],
        "every": every,
        "matches": known_media.matches(me) if me.may(May.LIST_CASES) else None,
        "may_open": me.may(May.READ_CASE),
        "may_share": me.may(May.MANAGE_GROUNDS) and any(service.own(p) and p.state == "live" for p in found),
        "problem": problem,
        "failed": {problem.form: True} if problem else {},
    }
    return render(request, "console/banks.html", shown, status=UNFIT if problem else 200)


def _may(me: User, part: BankPart, problem: Problem | None) -> dict[str, Any]:
    """What this person may do about a part, by which form; whoever brought it never agrees to it."""
    form, failed = {"agree": f"agree{part.pk}", "end": f"end{part.pk}"}, problem.form if problem else ""
    second = May.SECOND if service.own(part) else May.MANAGE_GROUNDS
    ends = me.may(May.MANAGE_GROUNDS) or (service.own(part) and me.may(May.PROPOSE))
    return {
        "agree": part.state == "proposed" and part.proposed_by_id != me.pk and me.may(second),
        "end": part.state != "ended" and ends,
        **{f"{act}_form": name for act, name in form.items()},
        **{f"{act}_failed": name == failed for act, name in form.items()},
    }


@page
@require_POST
def agree(request: HttpRequest, number: int) -> HttpResponse:
    """Agree to what somebody else brought."""
    said = _("You agreed. From now on it is looked for; the scanner begins at once.")
    return _act(request, f"agree{number}", lambda why: service.agree(person(request), number, why), said)


@page
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """Withdraw a part."""
    said = _("It has ended. Its hashes are looked for no more, and erased.")
    return _act(request, f"end{number}", lambda why: service.end(person(request), number, why), said)


def _act(request: HttpRequest, form: str, act: Callable[[str], object], said: str) -> HttpResponse:
    why = why_not(lambda: act(request.POST.get("reason", "")))
    if why:
        return show(request, Problem(form, why, given=request.POST))
    messages.success(request, said)
    return redirect("banks")


@page
@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Our own hashes as a file for others."""
    shared: list[list[dict[str, Any]]] = []
    why = why_not(lambda: shared.append(service.share(person(request), request.POST.get("reason", ""))))
    if why:
        return show(request, Problem("share", why, given=request.POST))
    answer = HttpResponse(json.dumps({"data": shared[0]}, indent=1) + "\n", content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="hashes.json"'
    return answer


@page
@require_safe
def match(request: HttpRequest, case_id: int) -> HttpResponse:
    """What the account of a case posted that stands in a bank. Opening it is written to the log."""
    me = person(request)
    found = known_media.compared(me, case_id)
    shown = {
        "case": found.case,
        "pairs": [(pair, None if pair.distance is None else BITS - pair.distance) for pair in found.pairs],
        "trouble": found.trouble,
        "bits": BITS,
        "may_see": me.may(May.READ_TEXT),
    }
    return render(request, "console/bank_match.html", shown)


@page
@require_safe
def picture(request: HttpRequest, token: str) -> HttpResponse:
    """One picture, small, in grey and blurred; clear where that is asked for, which is written to the log."""
    try:
        content = known_media.picture(person(request), token, clear=request.GET.get("clear") == "1")
    except NoPictureError as error:
        raise Http404(str(error)) from error
    return HttpResponse(content, content_type="image/jpeg", headers={"X-Content-Type-Options": "nosniff"})
