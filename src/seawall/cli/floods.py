"""seawall floods: bursts of tags, links and mentions, and whether they were pushed. Never about one person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, fail, out, print_json
from seawall.records.terms import FloodKind, FloodVerdict, words


def floods(
    home: Home = DEFAULT,
    as_json: AsJson = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many; 20 where people read.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only one kind: hashtag, link, mention.")] = None,
    verdict: Annotated[str | None, typer.Option(help="Only one verdict: pushed, unclear, organic.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also bursts that nothing shows to be pushed.")] = False,
) -> None:
    """Show the bursts that the last scan found and those that watchers have raised since, newest first, with why each
    was taken to be pushed. Neither a burst nor taking part in one is conduct: nobody is listed for it."""
    from seawall.signals.floods.told import floods_of  # noqa: PLC0415 - the engines take a second to import

    _known("kind", kind, words(FloodKind))
    _known("verdict", verdict, words(FloodVerdict))
    with open_lake(home) as lake, lake.snapshot() as snapshot:
        rows = floods_of(snapshot)
    wanted = [row for row in rows if kind in (None, row["kind"]) and _shown(row["verdict"], verdict, every)]
    if as_json:
        for row in wanted[:limit]:
            print_json({name: _plain(value) for name, value in row.items() if name != "curve"})
        return
    if not wanted:
        left = f" {counted(len(rows), 'burst')} of other kinds or verdicts: --all." if rows else ""
        out.print("The last scan found no such flood, and no watcher raised one since: seawall scan." + left)
    for row in wanted[: limit or 20]:
        _show(row)
    hidden = len(wanted) - (limit or 20)
    if hidden > 0:
        out.print(f"… and {hidden:,} more: --limit {len(wanted)}, or --json for all.")


def _known(what: str, given: str | None, known: tuple[str, ...]) -> None:
    if given and given not in known:
        fail(f"there is no {what} '{given}'. Known are: {', '.join(known)}.")


def _shown(its: str, wanted: str | None, every: bool) -> bool:
    return its == wanted if wanted else every or its != FloodVerdict.ORGANIC


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _show(row: dict[str, Any]) -> None:
    name = {"hashtag": "#", "mention": "@"}.get(row["kind"], "") + row["value"]
    also = ", taken over from those who used it" if row["hijack"] else ""
    out.print(f"{row['platform']}:{name}  {row['verdict']}{also}", style="bold", markup=False)
    out.print(
        f"  {row['onset']:%Y-%m-%d %H:%M} UTC, told {row['told']:%H:%M}: {counted(row['accounts'], 'account')}, "
        f"{counted(row['posts'], 'post')}; {row['used_before']:.0%} of the accounts used it before",
        markup=False,
    )
    if row["live"]:
        out.print("  raised while posts came; the next scan looks at it again")
    for reason in row["because"]:
        out.print(f"  {reason}", markup=False)
    if row["because"]:
        out.print(f"  {counted(row['organic'], 'account')} with none of these marks", markup=False)
    if row["also"]:
        out.print(f"  the same accounts at the same time: {', '.join(row['also'])}", markup=False)
    out.print(f"  first posts: {', '.join(row['first'])}", style="dim", markup=False)
