"""Campaigns: the list, and one campaign's page with what its accounts did together and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from seawall.cases import campaigns as queries
from seawall.cases.campaigns import CampaignView, NoCampaignError
from seawall.people.roles import May
from seawall.web.console import timelines
from seawall.web.console.pages import page, person
from seawall.web.console.paging import Page, paged

CHANNELS: dict[str, Any] = {
    "repost": _("reposts of the same posts"),
    "link": _("the same links"),
    "hashtags": _("the same rows of hashtags"),
    "text": _("nearly the same words"),
    "picture": _("the same pictures"),
    "together": _("different things together"),
}
ORDERS: dict[str, Any] = {
    "largest": _("largest first"),
    "newest": _("newest first"),
    "cases": _("most cases first"),
}
_MOST_MOMENTS = 200  # rows of the table


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that accounts did within minutes of each other."""

    first: datetime
    accounts: int
    seconds: int


@page
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """The last scan's campaigns, naming nobody."""
    me = person(request)
    channel, order = request.GET.get("channel", ""), request.GET.get("order", "")
    order = order if order in ORDERS else "largest"
    rows = queries.listed(me)
    wanted = [row for row in rows if not channel or channel in _channels(row[0])]
    found: Page[Any] = paged(request, _ordered(wanted, order))
    shown = {
        "rows": [(told, cases, _said(told)) for told, cases in found.rows],
        "page": found,
        "none_at_all": not rows,
        "channels": CHANNELS,
        "channel": channel,
        "orders": ORDERS,
        "order": order,
        "may_open": me.may(May.READ_CASE),
    }
    return render(request, "console/campaigns.html", shown)


def _channels(told: dict[str, Any]) -> list[str]:
    return [found["channel"] for found in told["channels"]]


def _said(told: dict[str, Any]) -> list[tuple[Any, int]]:
    return [(CHANNELS.get(found["channel"], found["channel"]), found["pairs"]) for found in told["channels"]]


def _ordered(rows: list[Any], order: str) -> list[Any]:
    if order == "newest":
        return sorted(rows, key=lambda row: row[0]["last"], reverse=True)
    return sorted(rows, key=lambda row: -row[1]) if order == "cases" else rows


@page
@require_safe
def campaign(request: HttpRequest, name: str) -> HttpResponse:
    """One campaign. Opening it is written to the log; only accounts with a case of their own conduct have a name."""
    try:
        view = queries.drawn(person(request), name)
    except NoCampaignError as error:
        raise Http404(str(error)) from error
    order = sorted(range(len(view.members)), key=lambda n: (view.members[n].case is None, -view.members[n].co_acts))
    place = {member: n for n, member in enumerate(order)}
    members = [view.members[n] for n in order]
    acts = [(at, place[member], thing) for at, member, thing in view.acts]
    moments = _moments(acts)
    shown = {
        "told": view.told,
        "said": _said(view.told),
        "members": members,
        "cases": sum(member.case is not None for member in members),
        "raster": timelines.raster(_labels(view, order), acts),
        "acts": len(acts),
        "moments": moments[:_MOST_MOMENTS],
        "things": len(moments),
    }
    return render(request, "console/campaign.html", shown)


def _labels(view: CampaignView, order: Sequence[int]) -> list[tuple[str, bool]]:
    cases = [view.members[n].case for n in order]
    return [
        (f"{n} @{case.handle}" if case and case.handle else f"{n} {case.account_id}" if case else str(n), bool(case))
        for n, case in enumerate(cases, 1)
    ]


def _moments(acts: Sequence[tuple[datetime, int, int]]) -> list[Moment]:
    """By thing, oldest first."""
    things: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for at, member, thing in acts:
        things[thing].append((at, member))
    found = [
        Moment(
            min(at for at, _member in its),
            len({member for _, member in its}),
            int((max(at for at, _member in its) - min(at for at, _member in its)).total_seconds()),
        )
        for its in things.values()
    ]
    return sorted(found, key=lambda moment: moment.first)
