"""seawall network: what a network's spreading hangs on, and what removing accounts together would cut."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.desk import log
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, fail, out, print_json

if TYPE_CHECKING:
    from seawall.signals.distributors import Plan

NOT = (
    "This is no decision and no list to act on: each account needs a case and people who look. "
    "It supposes that everybody else goes on as before; they will not."
)
app = typer.Typer(no_args_is_help=True, help="What a network's spreading hangs on.")


@app.callback()
def _group() -> None:
    """What a network's spreading hangs on."""


@app.command("plan")
def plan_command(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    budget: Annotated[int, typer.Option(min=1, max=500, help="How many accounts at most.")] = 20,
) -> None:
    """Which accounts, removed together, would cut most of the network's reach: against degree, followers and chance,
    with a forecast. Only accounts that the last scan found above the line over conduct of their own."""
    from seawall.signals.distributors.home import plan_of  # noqa: PLC0415 - the engines take a second to import

    with open_lake(home) as lake:
        found = plan_of(lake, budget)
    if not found.candidates:
        fail(
            "no account above the line took part in spreading, so there is nothing to plan. "
            "Look first: seawall scan, then seawall findings"
        )
    log(home, "network.plan", accounts=len(found.listed))
    if as_json:
        print_json({**asdict(found), "not": NOT})
        return
    _say(found)


def _say(found: Plan) -> None:
    out.print(
        f"{counted(found.acts, 'act')} of spreading go through {counted(found.candidates, 'account')} with conduct of "
        f"their own, of {found.acts_of_all:,} in the lake."
    )
    for place, one in enumerate(found.listed, 1):
        name = f"{one.platform}:{one.handle or one.account_id}"
        out.print(f"{place:>4}  {one.adds:6.1%}  {one.part:<11} reach {one.reach:>7,}  {name}", markup=False)
    out.print("Share of the network's reach that is cut:   so far   in weeks that followed")
    for method, share in found.cut.items():
        following = f"{found.following[method]:.1%}" if found.following else "-"
        out.print(f"  {method:<40}  {share:6.1%}   {following:>6}")
    if found.forecast:
        f = found.forecast
        out.print(
            f"Forecast for the following week: {f.value:.1%} ({f.low:.1%} to {f.high:.1%}, by "
            f"{counted(f.weeks, 'week')} tried, interval over {f.over})."
        )
    else:
        out.print("No forecast: the lake holds no two weeks of the network's spreading.")
    out.print(NOT)
