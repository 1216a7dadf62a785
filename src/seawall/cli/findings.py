"""seawall findings: accounts above the line, strongest first, each with its reasons."""

from __future__ import annotations

from typing import Annotated

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import out, print_json
from seawall.signals.scan import above_line


def findings(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Show at most this many accounts.")] = None,
    signal: Annotated[str | None, typer.Option(help="Only one signal, for example rules or supporters.")] = None,
) -> None:
    """Show what the last scan found: only accounts above the line with conduct of their own. Nothing is decided
    here: a person must look."""
    with open_lake(home) as lake:
        accounts = above_line(lake, signal)
    if as_json:
        for account in accounts[:limit]:
            print_json(account.as_dict())
        return
    if not accounts:
        out.print("No account is above the line. Load an export and run: seawall scan")
    for account in accounts[: limit or 20]:
        out.print(f"{account.platform}:{account.handle or account.account_id}", style="bold", markup=False)
        for finding in account.findings:
            out.print(f"  {finding.score:.2f}  {finding.because}  [{finding.signal} v{finding.version}]", markup=False)
    hidden = len(accounts) - (limit or 20)
    if hidden > 0:
        out.print(f"… and {hidden:,} more: --limit {len(accounts)}, or --json for all.")
