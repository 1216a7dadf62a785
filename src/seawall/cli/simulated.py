"""seawall simulated: what the simulated platform told account holders, for whoever tries the loop out."""

from __future__ import annotations

from typing import Annotated

import typer

from seawall.cli.desk import open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home
from seawall.cli.terminal import err, out, print_json

app = typer.Typer(no_args_is_help=True, help="The simulated platform: what every platform is until one is connected.")


@app.command()
def inbox(
    account: Annotated[str, typer.Argument(help="Only of this account: a handle, an id, or PLATFORM:HANDLE.")] = "",
    home: Home = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Show what account holders were told there, newest first: statements with their codes, answers to appeals.

    On a real platform these are in the account holder's inbox alone. Reading them here is written to the log.
    """
    open_desk(home)
    from seawall.audit.services import Actor  # noqa: PLC0415 - needs the ledger
    from seawall.enforcement.queries import inbox as delivered  # noqa: PLC0415

    found = delivered(Actor(who()), account)
    for message in found:
        if as_json:
            print_json({**message.named(), "at": message.at.isoformat(), "text": message.text})
        else:
            out.print(
                f"{message.platform}:{message.handle}  {message.at:%Y-%m-%d %H:%M} UTC", style="bold", markup=False
            )
            out.print("".join(f"  {line}".rstrip() + "\n" for line in message.text.splitlines()), markup=False)
    if not found:
        nobody = f"{account} was told nothing" if account else "Nobody was told anything"
        err.print(
            f"{nobody} on the simulated platform. A statement comes when a decision was carried out.",
            style="yellow",
            markup=False,
        )
