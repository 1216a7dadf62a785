"""The audit log: who did or read what, when and why; and its signed head, to keep elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from seawall.audit.queries import PAGE, Wanted
from seawall.cases import queries
from seawall.people.roles import May
from seawall.web.console import words
from seawall.web.console.pages import page, person, whole_number

_VISIT = 30 * 60  # seconds in which reading the same again is one visit
_SEEN = "audit_visit"


@page
@require_safe
def audit(request: HttpRequest) -> HttpResponse:
    """The log, newest first, and what it is about in words. Reading it is written to it, once a visit."""
    me = person(request)
    wanted = Wanted(*(request.GET.get(name, "").strip() for name in ("verb", "actor", "about")))
    before = whole_number(request.GET.get("before", ""))
    found = queries.log(me, wanted, before, _told(request, wanted))
    head = queries.signed_head(me)
    shown: dict[str, Any] = {
        "entries": [words.said(entry) for entry in found[:PAGE]],
        "wanted": wanted,
        "filtered": wanted != Wanted(),
        "verbs": words.LOG.items(),
        "further": _address(wanted, found[PAGE - 1].seq) if len(found) > PAGE else "",
        "first": _address(wanted) if before is not None else "",
        "head": head,
        "head_at": datetime.fromisoformat(head.at) if head else None,
        "may_read_case": me.may(May.READ_CASE),
    }
    return render(request, "console/audit.html", shown)


@page
@require_safe
def head(request: HttpRequest) -> HttpResponse:
    """The signed head as a file, for `seawall audit verify --head`. Saving it is written to the log."""
    found = queries.save_head(person(request))
    response = HttpResponse(found.as_json() + "\n", content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="seawall-audit-head-{found.seq}.json"'
    return response


def _told(request: HttpRequest, wanted: Wanted) -> str:
    """What this visit reads, for the log; "" when the same was read a moment ago, or pages are turned."""
    what = _address(wanted).removeprefix("?") or "the newest entries"
    seen = request.session.get(_SEEN, {})
    now = int(timezone.now().timestamp())
    if seen.get("what") == what and now - seen.get("at", 0) < _VISIT:
        return ""
    request.session[_SEEN] = {"what": what, "at": now}
    return what


def _address(wanted: Wanted, before: int | None = None) -> str:
    parts = {"verb": wanted.verb, "actor": wanted.actor, "about": wanted.about, "before": before}
    return "?" + urlencode({name: value for name, value in parts.items() if value})
