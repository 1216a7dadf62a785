"""seawall threats: what waits for the duty officer, and how long its clock still runs."""

from __future__ import annotations

from datetime import UTC, datetime

from seawall.cli.desk import open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home
from seawall.cli.terminal import counted, err, out, print_json


def threats(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """List drafts of threat reports that wait, the most urgent first: account, rule, posts, clock. No texts, and
    nothing is answered here: that takes a duty officer at the desk, who opens the posts."""
    open_desk(home)
    from seawall.cases.threats import listed  # noqa: PLC0415 - needs the ledger

    found = listed(who())
    for draft in found:
        case = draft.case
        if as_json:
            print_json(
                {
                    "id": draft.pk,
                    "case": case.pk,
                    "platform": case.platform,
                    "account_id": case.account_id,
                    "handle": case.handle,
                    "signal": draft.signal,
                    "posts": draft.posts,
                    "raised_at": draft.raised_at.isoformat(),
                    "due_at": draft.due_at.isoformat(),
                    "late": draft.late,
                }
            )
            continue
        out.print(f"case {case.pk}  {case.platform}:{case.handle or case.account_id}", style="bold", markup=False)
        left = round((draft.due_at - datetime.now(UTC)).total_seconds() / 60)
        clock = f"{left} min left" if left >= 0 else f"late by {-left} min"
        out.print(f"  {draft.signal}, {counted(len(draft.posts), 'post')}: {clock}", markup=False)
    if not found and not as_json:
        err.print("No threat waits. Matches of urgent rules come here at once.", style="yellow")
