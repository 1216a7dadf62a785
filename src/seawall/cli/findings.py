"""seawall findings: accounts above the line, strongest first, each with its reasons."""

from __future__ import annotations

from typing import Annotated

import typer

from seawall.cli.desk import log
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import fail, out, print_json
from seawall.signals.scan import above_line, seen_texts

SIGNALS = ("rules", "supporters", "media")


def findings(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many accounts; 20 where people read.")] = None,
    signal: Annotated[
        str | None, typer.Option(help="Only one signal: rules, supporters, media, rules.RULE-ID.")
    ] = None,
    posts: Annotated[
        bool, typer.Option("--posts", help="Show the posts that were seen. They may be disturbing.")
    ] = False,
) -> None:
    """Show what the last scan found: only accounts above the line with conduct of their own. Nothing is decided
    here: a person must look."""
    if signal and signal.split(".")[0] not in SIGNALS:
        fail(f"there is no signal '{signal}'. Known are: {', '.join(SIGNALS)}, and rules.RULE-ID for one rule.")
    with open_lake(home) as lake:
        accounts = above_line(lake, signal)
        if posts and not as_json:  # reading people's posts
            log(home, "findings.text", accounts=len(accounts[: limit or 20]))
        texts = seen_texts(lake, accounts[: limit or 20]) if posts and not as_json else {}
    if as_json:
        for account in accounts[:limit]:
            print_json(account.as_dict())
        return
    if not accounts:
        out.print(
            "The last scan found no account above the line, or there was none since the lake changed: seawall scan"
        )
    for account in accounts[: limit or 20]:
        out.print(f"{account.platform}:{account.handle or account.account_id}", style="bold", markup=False)
        for finding in account.findings:
            out.print(f"  {finding.score:.2f}  {finding.because}  [{finding.signal} v{finding.version}]", markup=False)
            for item in finding.seen if posts else ():
                text = texts.get((account.platform, item.post_id), "(expired)")
                out.print(f"        {item.at[:16]}  {' '.join(text.split())}", markup=False, style="dim")
    hidden = len(accounts) - (limit or 20)
    if hidden > 0:
        out.print(f"… and {hidden:,} more: --limit {len(accounts)}, or --json for all.")
