"""The network map and the chain view: through whom what accounts above the line brought or carried came to others."""

from __future__ import annotations

from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from seawall.cases import network as queries
from seawall.cases.network import NetworkView
from seawall.web.console import chains
from seawall.web.console.pages import page, person

PARTS: dict[str, Any] = {
    "origin": _("origin"),
    "distributor": _("distributor"),
    "repeater": _("repeater"),
    "none": _("alone"),
}
MEANS: dict[str, Any] = {
    "origin": _("brings what others pass on"),
    "distributor": _("carries what others brought; more is taken from it than it takes"),
    "repeater": _("takes more than is taken from it"),
    "none": _("nothing was taken by it or from it"),
}
MOST_ROWS = 500  # of the table
_SCALE = 10_000  # places are whole numbers for the browser


@page
@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """The map, drawn by the browser from columns of numbers; its table and its words are drawn here."""
    view = queries.drawn(person(request))
    columns = _columns(view)
    shown = {
        **_said(view),
        "map": columns,
        "steps_last": max(len(columns["when"]) - 1, 0),
        "named": _named(view),
    }
    return render(request, "console/network.html", shown)


@page
@require_safe
def chain(request: HttpRequest) -> HttpResponse:
    """Origins, distributors and repeaters side by side, and what went from one to the other."""
    view = queries.drawn(person(request))
    drawn = chains.chain(view)
    shown = {
        **_said(view),
        "chain": drawn,
        "heads": [(x, PARTS[part]) for x, part in drawn.columns],
        "flows": [(flow, PARTS[flow.source.part], PARTS[flow.target.part]) for flow in drawn.flows],
    }
    return render(request, "console/chain.html", shown)


def _said(view: NetworkView) -> dict[str, Any]:
    found = view.accounts
    by_part = found.group_by("part").agg(accounts=pl.len(), reach=pl.col("reach").sum())
    counts = {part: (accounts, reach) for part, accounts, reach in by_part.iter_rows()}
    with_case = found.with_row_index("row").filter(pl.col("row").is_in(list(view.cases)))["part"].value_counts()
    cases = dict(with_case.iter_rows())
    times = view.steps["at"]
    return {
        "accounts": found.height,
        "ties": view.ties.height,
        "cases": len(view.cases),
        "acts": int(view.ties["acts"].sum()),
        "parts": [
            (part, name, MEANS[part], counts.get(part, (0, 0))[0], cases.get(part, 0), counts.get(part, (0, 0))[1])
            for part, name in PARTS.items()
        ],
        "first": times.min(),
        "last": times.max(),
        "widest": next(iter(_named(view)), None),
    }


def _named(view: NetworkView) -> list[dict[str, Any]]:
    """Accounts with a name, the largest reach first."""
    rows = sorted(view.cases)[:MOST_ROWS]
    some = view.accounts[rows].to_dicts()
    return [
        {"row": row, "case": view.cases[row], "part": PARTS[its["part"]], "key": its["part"], "reach": its["reach"]}
        for row, its in zip(rows, some, strict=True)
    ]


def _columns(view: NetworkView) -> dict[str, Any]:
    """What the browser draws: numbers alone, and names of those who have a case."""
    when = view.steps["at"].unique().sort()
    steps = view.steps.with_columns(step=when.search_sorted(view.steps["at"])).sort("row", "step")
    ties = view.ties.with_columns(step=when.search_sorted(view.ties["first"], "right") - 1).sort("acts")
    starts = steps["row"].search_sorted(pl.Series(range(view.accounts.height + 1), dtype=pl.UInt32))
    places = view.accounts.select(((pl.col("x", "y")) * _SCALE).round().cast(pl.Int32))
    parts = list(PARTS)
    return {
        "x": places["x"].to_list(),
        "y": places["y"].to_list(),
        "part": [parts.index(part) for part in view.accounts["part"]],
        "starts": starts.to_list(),
        "step": steps["step"].to_list(),
        "reach": steps["reach"].to_list(),
        "tieOf": ties["of"].to_list(),
        "tieBy": ties["row"].to_list(),
        "tieActs": ties["acts"].to_list(),
        "tieStep": ties["step"].to_list(),
        "when": [f"{at:%Y-%m-%d %H:%M}" for at in when],
        "cases": [
            [row, f"@{case.handle}" if case.handle else case.account_id, reverse("case", args=[case.pk])]
            for row, case in sorted(view.cases.items())
        ],
        "words": {
            "parts": [str(word) for word in PARTS.values()],
            "reach": gettext("reach"),
            "nameless": gettext("an account without a case"),
            "open": gettext("open the case"),
            "hint": gettext("Point at an account, or press it."),
        },
    }
