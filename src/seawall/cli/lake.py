"""seawall lake: what the lake holds, and letting go of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, keep_days, open_lake
from seawall.cli.terminal import fail, out, print_json
from seawall.lake import keeping

app = typer.Typer(no_args_is_help=True, help="The lake: where facts live until they expire.")


@app.command()
def stats(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Rows and bytes by table, and how many lines were rejected."""
    with open_lake(home) as lake:
        found: dict[str, Any] = lake.stats()
    if as_json:
        print_json(found)
        return
    for name, table in found["tables"].items():
        out.print(f"{name:<9} {table['rows']:>12,} rows {table['bytes'] / 1e6:>10,.1f} MB")
    out.print(f"rejects   {found['rejects']:>12,} lines")


@app.command()
def expire(
    home: Home = DEFAULT,
    days: Annotated[
        int | None, typer.Option("--keep-days", min=0, help="Instead of keep_days in seawall.toml.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="Remove facts dated before this day (YYYY-MM-DD) instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Remove for good what entered the lake longer ago than keep_days, or what is dated before a day."""
    with open_lake(home) as lake:
        gone = _before(lake, before) if before else keeping.expire(lake, keep_days(home) if days is None else days)
    if as_json:
        print_json({"expired": gone})
    elif gone:
        out.print(
            "Expired: "
            + ", ".join(f"{rows:,} {kind}" for kind, rows in gone.items())
            + ". Scan again to renew findings."
        )
    else:
        out.print("Nothing is old enough to expire.")


def _before(lake: Any, day: str) -> dict[str, int]:
    try:
        return keeping.expire_before(lake, datetime.strptime(day, "%Y-%m-%d").date())
    except ValueError:
        fail(f"'{day}' is no day. Write it as YYYY-MM-DD, for example 2015-03-01.")
