"""Floods: the list of bursts, and one flood's page with its curve against what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from seawall.cases import floods as queries
from seawall.cases.floods import NoFloodError
from seawall.people.roles import May
from seawall.records.terms import FloodKind, FloodVerdict
from seawall.web.console import timelines, words
from seawall.web.console.pages import page, person
from seawall.web.console.paging import paged

KINDS: dict[str, Any] = {
    FloodKind.HASHTAG: _("hashtag"),
    FloodKind.LINK: _("link"),
    FloodKind.MENTION: _("mentions of one account"),
}
VERDICTS: dict[str, Any] = {
    FloodVerdict.PUSHED: _("pushed"),
    FloodVerdict.UNCLEAR: _("unclear"),
    FloodVerdict.ORGANIC: _("organic"),
}
MEANS: dict[str, Any] = {
    FloodVerdict.PUSHED: _("Its accounts do too much alike to have come by themselves."),
    FloodVerdict.UNCLEAR: _("One thing shows that it may have been pushed; that is not enough to say so."),
    FloodVerdict.ORGANIC: _("Nothing shows that it was pushed."),
}
BADGES = {FloodVerdict.PUSHED: "warn", FloodVerdict.UNCLEAR: "busy", FloodVerdict.ORGANIC: ""}
MARKS: dict[str, Any] = {
    "copied": _("%(share)s of accounts post the same text as others"),
    "program": _("%(share)s post with one program, which %(beside)s use elsewhere"),
    "born": _("%(share)s of accounts were made within %(number)s days of each other"),
    "again": _("%(share)s of accounts post %(number)s times or more"),
    "only": _("%(share)s of accounts post nothing else, %(beside)s of others do"),
}
_SIGNS = {FloodKind.HASHTAG: "#", FloodKind.MENTION: "@"}


@page
@require_safe
def floods(request: HttpRequest) -> HttpResponse:
    """The last scan's bursts, newest first; those that nothing shows to be pushed where they are asked for."""
    me = person(request)
    kind, verdict = request.GET.get("kind", ""), request.GET.get("verdict", "")
    rows = queries.listed(me)
    wanted = [row for row in rows if kind in ("", row["kind"]) and _fits(row["verdict"], verdict)]
    found = paged(request, wanted)
    shown = {
        "rows": [_in_words(row) for row in found.rows],
        "page": found,
        "hidden": len(rows) - len(wanted),
        "none_at_all": not rows,
        "kinds": KINDS,
        "kind": kind,
        "verdicts": VERDICTS,
        "verdict": verdict,
        "may_open": me.may(May.READ_CASE),
    }
    return render(request, "console/floods.html", shown)


def _fits(its: str, wanted: str) -> bool:
    return wanted == "all" or (its == wanted if wanted else its != FloodVerdict.ORGANIC)


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "told": row,
        "label": _SIGNS.get(row["kind"], "") + row["value"],
        "kind": KINDS[row["kind"]],
        "verdict": VERDICTS[row["verdict"]],
        "badge": BADGES[row["verdict"]],
        "means": MEANS[row["verdict"]],
    }


@page
@require_safe
def flood(request: HttpRequest, name: str) -> HttpResponse:
    """One flood. Opening it is written to the log; only accounts with a case of their own conduct have a name."""
    try:
        view = queries.drawn(person(request), name)
    except NoFloodError as error:
        raise Http404(str(error)) from error
    told = view.told
    shown = {
        **_in_words(told),
        "reasons": _reasons(told),
        "curve": timelines.curve(view.curve, [told["raised"]]),
        "usual_known": any(usual is not None for _, _, usual in view.curve),
        "hours": _by_half_hour(view.curve),
        "organic_share": round(100 * told["organic"] / told["accounts"]) if told["accounts"] else 0,
        "before_share": round(100 * told["used_before"]),
        "also": [(_SIGNS.get(kind, ""), value) for kind, _colon, value in (one.partition(":") for one in told["also"])],
        "started": [(post, words.POST_KINDS.get(post.kind, post.kind)) for post in view.started],
    }
    return render(request, "console/flood.html", shown)


def _reasons(told: dict[str, Any]) -> list[str]:
    """Why it has its verdict, in the reader's language; in English where it was kept before marks were."""
    if told["marks"] is None:
        return list(told["because"])
    return [MARKS[mark["mark"]] % numbers(mark) for mark in told["marks"]]


def numbers(mark: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a mark, as its words take them."""
    shares = {name: f"{mark[name]:.0%}" for name in ("share", "beside") if mark[name] is not None}
    return {**shares, "number": mark["number"]}


def _by_half_hour(curve: Sequence[tuple[datetime, int, float | None]]) -> list[tuple[datetime, int, float | None]]:
    """The curve's table: the fullest five minutes of each half hour, beside what is usual then."""
    parts = [curve[start : start + 6] for start in range(0, len(curve), 6)]
    return [max(part, key=lambda row: row[1]) for part in parts]
