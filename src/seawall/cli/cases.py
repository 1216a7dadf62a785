"""seawall cases: what waits at the desk, for programs and quick looks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seawall.cli.desk import open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, err, fail, out, print_json
from seawall.signals.scan import above_line


def cases(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    state: Annotated[str, typer.Option(help="Only cases in this state, such as candidate; or all.")] = "all",
    platform: Annotated[str, typer.Option(help="Only cases of this platform.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many; 20 where people read.")] = None,
) -> None:
    """List cases, the strongest first: state, account, how many signals speak and the strongest reason. No texts."""
    open_desk(home)
    from seawall.cases.queries import listed  # noqa: PLC0415 - needs the ledger
    from seawall.records.terms import CaseState, words  # noqa: PLC0415

    if state != "all" and state not in words(CaseState):
        fail(f"there is no state '{state}'. Known are: {', '.join(words(CaseState))}")
    count = 0
    for row in listed(who(), "" if state == "all" else state, platform, limit or (None if as_json else 20)):
        count += 1
        if as_json:
            print_json(row)
        else:
            account = row["handle"] or row["account_id"]
            out.print(f"{row['id']:>6}  {row['state']:<13} {row['platform']}:{account}", style="bold", markup=False)
            out.print(
                f"        {row['top_score']:.2f}  {row['because']}  ({counted(row['signals'], 'signal')})", markup=False
            )
    if not count:
        err.print(_why_none(home, filtered=state != "all" or bool(platform)), style="yellow", markup=False)


def _why_none(home: Path, *, filtered: bool) -> str:
    """Why the list is empty, and what to do."""
    from seawall.cases.models import Case  # noqa: PLC0415 - needs the ledger

    if filtered and Case.objects.exists():
        return "No case is like that. All cases: seawall cases"
    with open_lake(home) as lake:
        with lake.snapshot() as snapshot:
            posts = snapshot.rows("posts")
        found = len(above_line(lake))
    if not posts:
        return "No case yet: the lake is empty. First load an export, then scan: seawall load, seawall scan"
    if found:
        return f"No case yet, but the last scan found {counted(found, 'account')}. Scan once more: seawall scan"
    return "No case yet: no scan has found an account above the line since the lake changed. Scan: seawall scan"
