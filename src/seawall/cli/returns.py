"""seawall returns: which new or renamed accounts may be the return of a suspended one, with the reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.desk import has_desk, open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake, platform_name
from seawall.cli.terminal import counted, fail, out, print_json, telling

if TYPE_CHECKING:
    from seawall.signals.returns import Found
    from seawall.signals.returns.posterior import Hypothesis


def returns(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    account: Annotated[
        str | None, typer.Option(help="Only this account, PLATFORM:HANDLE, whatever is said of it.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many; 20 where people read.")] = None,
) -> None:
    """Compare new and renamed accounts with all suspended ones in the lake. Each line is a hypothesis for a person to
    judge: it decides nothing, and raises no case without conduct of the account's own."""
    from seawall.signals.contract import Facts  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.returns import find_returns  # noqa: PLC0415
    from seawall.signals.scan import above_line  # noqa: PLC0415

    only = _account(account) if account else None
    with open_lake(home) as lake, telling() as tell:
        with lake.snapshot() as snapshot:
            found = find_returns(Facts.of(snapshot), only, tell)
        listed = {(a.platform, a.account_id) for a in above_line(lake)}
    if only and found.suspended and not found.compared:
        fail(f"{account} is not in the lake, or is suspended itself.")
    if has_desk(home) and found.hypotheses:
        _log_reading(home, len(found.hypotheses[:limit]))
    if as_json:
        for said in found.hypotheses[:limit]:
            print_json({**said.as_dict(), "own_conduct": (said.platform, said.account_id) in listed})
        return
    _show(found, listed, limit or 20)


def _log_reading(home: Path, accounts: int) -> None:
    """Reading whom somebody may be is in the audit log."""
    open_desk(home)
    from django.db import transaction  # noqa: PLC0415 - needs the ledger

    from seawall.audit.services import Actor, record  # noqa: PLC0415

    with transaction.atomic():
        record(Actor(who()), "returns.read", "", "", accounts=accounts)


def _account(text: str) -> tuple[str, str]:
    platform, colon, name = text.partition(":")
    if not colon or not name.strip("@ "):
        fail(f"'{text}' is no account: write PLATFORM:HANDLE, for example x:somebody.")
    return platform_name(platform), name.strip()


def _show(found: Found, listed: set[tuple[str, str]], limit: int) -> None:
    if not found.suspended:
        out.print("No account in the lake is suspended, so nobody can be back. States come with exports: seawall load")
        return
    compared = counted(found.compared, "new or renamed account")
    out.print(f"{compared} compared with {counted(found.suspended, 'suspended one', 'suspended ones')}.")
    if found.expired:
        out.print(f"{counted(found.expired, 'account')} left out: nothing new of them for a month.")
    if not found.hypotheses:
        out.print("None of them is likely to be a return.")
    for said in found.hypotheses[:limit]:
        _say(said, (said.platform, said.account_id) in listed)
    if len(found.hypotheses) > limit:
        out.print(f"… and {len(found.hypotheses) - limit:,} more: --limit {len(found.hypotheses)}, or --json for all.")


def _say(said: Hypothesis, listed: bool) -> None:
    out.print(f"\n{said.platform}:{said.shown}", style="bold", markup=False)
    back = "; says of itself that it is back" if said.announces else ""
    out.print(f"  {said.no_parent:.2f}  nobody's return{back}")
    conduct = "above the line: seawall findings" if listed else "nothing above the line, so this raises no case"
    out.print(f"        own conduct: {conduct}")
    for candidate in said.candidates:
        if candidate.probability < 0.01:
            continue
        where = " (another platform)" if candidate.platform != said.platform else ""
        out.print(
            f"  {candidate.probability:.2f}  return of {candidate.platform}:{candidate.shown}{where}", markup=False
        )
        for name, weight in sorted(candidate.because.items(), key=lambda piece: -abs(piece[1])):
            out.print(f"          {weight:+6.1f}  {name}", style="dim", markup=False)
