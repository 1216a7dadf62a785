"""seawall returns: which new or renamed accounts may be the return of a suspended one, with the reasons."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.desk import has_desk, log, open_desk
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake, platform_name
from seawall.cli.terminal import counted, fail, out, print_json, telling

if TYPE_CHECKING:
    from seawall.signals.returns import Found, Kept
    from seawall.signals.returns.posterior import Hypothesis


def returns(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    account: Annotated[
        str | None, typer.Option(help="Only this account, PLATFORM:HANDLE, whatever is said of it.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many; 20 where people read.")] = None,
) -> None:
    """Compare new and renamed accounts with all that are suspended, in the lake or by this desk, and list those that
    the last scan found above the line over conduct of their own; the others are counted, not named. Each line is a
    hypothesis for a person to judge: it decides nothing."""
    from seawall.signals.contract import Facts  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.returns import find_returns  # noqa: PLC0415
    from seawall.signals.scan import above_line  # noqa: PLC0415

    only, kept = _account(account) if account else None, kept_by_desk(home)
    with open_lake(home) as lake, telling() as tell:
        with lake.snapshot() as snapshot:
            found = find_returns(Facts.of(snapshot), only, tell, kept)
        above = {(a.platform, a.account_id) for a in above_line(lake)}
    if only and found.suspended and not found.compared:
        fail(f"{account} is not in the lake, or is suspended itself.")
    named = [said for said in found.hypotheses if only or (said.platform, said.account_id) in above]
    shown = named[: limit if as_json else limit or 20]
    if shown:
        log(home, "returns.read", _object(shown[0]) if only else "", accounts=len(shown))
    if as_json:
        for said in shown:
            print_json({**said.as_dict(), "own_conduct": (said.platform, said.account_id) in above})
        return
    _summary(found, named)
    for said in shown:
        _say(said, (said.platform, said.account_id) in above)
    if len(named) > len(shown):
        out.print(f"… and {len(named) - len(shown):,} more: --limit {len(named)}, or --json for all.")


def kept_by_desk(home: Path) -> Kept | None:
    """What the desk keeps of accounts that its people suspended, where there is a desk."""
    if not has_desk(home):
        return None
    open_desk(home)
    from seawall.evidence.services import kept_profiles  # noqa: PLC0415 - needs the ledger
    from seawall.signals.returns import Kept  # noqa: PLC0415

    return Kept.of(kept_profiles())


def _account(text: str) -> tuple[str, str]:
    platform, colon, name = text.partition(":")
    if not colon or not name.strip("@ "):
        fail(f"'{text}' is no account: write PLATFORM:HANDLE, for example x:somebody.")
    return platform_name(platform), name.strip()


def _object(said: Hypothesis) -> str:
    """The account as the audit log names it: by its id, which stays when the handle changes."""
    return f"account:{said.platform}:{said.account_id}"


def _summary(found: Found, named: list[Hypothesis]) -> None:
    if not found.suspended:
        out.print(
            "No account is suspended, in the lake or by this desk, so nobody can be back. States come with exports: "
            "seawall load"
        )
        return
    compared = counted(found.compared, "new or renamed account")
    out.print(f"{compared} compared with {counted(found.suspended, 'suspended one', 'suspended ones')}.")
    if found.expired:
        out.print(f"{counted(found.expired, 'account')} left out: nothing new of them for a month.")
    if not found.hypotheses:
        out.print("None of them is likely to be a return.")
    elif unnamed := len(found.hypotheses) - len(named):
        out.print(
            f"{counted(unnamed, 'more account')} may be a return and did nothing that the last scan found: not named. "
            "Look first: seawall scan. --account asks about one."
            if named
            else f"{counted(unnamed, 'account')} may be a return and did nothing that the last scan found, so nobody "
            "is named. Look first: seawall scan. --account asks about one."
        )


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
