"""seawall coordination: campaigns of the last scan. A campaign is no ground and lists nobody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seawall.cli.desk import open_desk
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, fail, out, print_json

if TYPE_CHECKING:
    from seawall.people.models import User

_SHOWN = 20


def coordination(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    campaign: Annotated[str, typer.Option(help="Open one campaign: who is in it, and posts to look at.")] = "",
    username: Annotated[
        str, typer.Option("--as", help="Who opens it: the sign-in name of one who may read cases.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why it is opened; it stands in the log for good.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many campaigns; 20 where people read.")] = None,
) -> None:
    """Show the campaigns that the last scan found: groups that act together more than chance allows. Volunteers,
    newsrooms and fans do so too: a campaign is no ground, opens no case and, unless opened by one who may, names
    nobody."""
    if campaign:
        _show_one(_opened(home, campaign, username, reason), as_json=as_json)
        return
    if username or reason:
        fail("--as and --reason go with --campaign, which opens one.")
    with open_lake(home) as lake:
        open_desk(home)
        from seawall.cases.campaigns import summaries  # noqa: PLC0415 - needs the ledger

        found = list(summaries(lake))
    if as_json:
        for row in found[:limit]:
            print_json(row)
        return
    if not found:
        out.print("The last scan found no campaign, or there was none since the lake changed: seawall scan")
        return
    for row in found[: limit or _SHOWN]:
        _show(row)
    hidden = len(found) - (limit or _SHOWN)
    if hidden > 0:
        out.print(f"… and {hidden:,} more: --limit {len(found)}, or --json for all.")
    out.print("No campaign is a ground. Who is in one: seawall coordination --campaign NAME --as YOU --reason WHY")


def _opened(home: Path, campaign: str, username: str, reason: str) -> dict[str, Any]:
    if not username or not reason.strip():
        fail("opening a campaign needs --as, who opens it, and --reason, for the audit log.")
    open_desk(home)
    from seawall.cases.campaigns import NoCampaignError, opened  # noqa: PLC0415 - needs the ledger
    from seawall.people.access import Refused  # noqa: PLC0415

    try:
        return opened(_person(username), campaign, reason)
    except (Refused, NoCampaignError) as error:
        fail(str(error))


def _person(username: str) -> User:
    from seawall.people.models import User  # noqa: PLC0415 - needs the ledger

    try:
        found: User = User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        fail(f"nobody signs in as '{username}'.")
    return found


def _show(row: dict[str, Any]) -> None:
    span = f"{row['first'][:16].replace('T', ' ')} to {row['last'][:16].replace('T', ' ')} UTC"
    out.print(f"{row['campaign']}  {counted(row['accounts'], 'account')}, {span}", style="bold", markup=False)
    out.print(f"    {row['because']}", markup=False)


def _show_one(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(row)
        return
    _show(row)
    for member in row["members"]:
        name = f"{member['platform']}:{member['handle'] or member['account_id']}"
        with_whom = f"with {member['partners']} others, {member['co_acts']} times"
        out.print(f"    {name:<40} {with_whom}", markup=False)
    out.print(f"    Posts: {', '.join(item['post_id'] for item in row['seen'])}", markup=False)
    out.print("    No ground against any of them: look at what each says and spreads.")
