"""seawall lake: what the lake holds, and letting go of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import polars as pl
import typer

from seawall.cli.home import DEFAULT, AsJson, Home, keep_days, open_lake
from seawall.cli.terminal import counted, fail, noun, out, print_json
from seawall.lake import Lake, keeping

app = typer.Typer(no_args_is_help=True, help="The lake: where facts live until they expire.")


@app.command()
def stats(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Rows and bytes by table, and how many lines were rejected."""
    with open_lake(home) as lake:
        found: dict[str, Any] = lake.stats()
        platforms = [] if as_json else _platforms(lake)
    if as_json:
        print_json(found)
        return
    for name, table in found["tables"].items():
        out.print(f"{name:<9} {table['rows']:>12,} {noun(table['rows'], 'row'):<4} {table['bytes'] / 1e6:>10,.1f} MB")
    out.print(f"rejects   {found['rejects']:>12,} {noun(found['rejects'], 'line')}")
    for platform, accounts, posts, first, last in platforms:
        what = f"{counted(posts, 'post')} of {counted(accounts, 'account')}"
        out.print(f"{platform}: {what}, {first:%Y-%m-%d} to {last:%Y-%m-%d}", markup=False)


def _platforms(lake: Lake) -> list[tuple[str, int, int, datetime, datetime]]:
    """Each platform's accounts that posted, posts, and first and last day."""
    with lake.snapshot() as snapshot:
        posts = (
            snapshot.scan("posts")
            .group_by("platform")
            .agg(
                pl.col("account_id").n_unique(),
                pl.len(),
                pl.col("at").min().alias("first"),
                pl.col("at").max().alias("last"),
            )
        )
        return posts.sort("platform").collect().rows()


@app.command()
def expire(
    home: Home = DEFAULT,
    days: Annotated[
        int | None, typer.Option("--keep-days", min=0, help="Instead of keep_days in seawall.toml.")
    ] = None,
    before: Annotated[str | None, typer.Option(help="Remove facts dated before this day (YYYY-MM-DD) instead.")] = None,
    as_json: AsJson = False,
) -> None:
    """Remove for good what entered the lake longer ago than keep_days, or what is dated before a day.

    Days are whole days, UTC: --keep-days 0 removes what was loaded before today. Rejected lines have no date of their
    own and go by the day they were loaded.
    """
    if before and days is not None:
        fail("--before and --keep-days are two ways to expire; pass one of them.")
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


def _before(lake: Lake, day: str) -> dict[str, int]:
    try:
        return keeping.expire_before(lake, datetime.strptime(day, "%Y-%m-%d").date())
    except ValueError:
        fail(f"'{day}' is no day. Write it as YYYY-MM-DD, for example 2015-03-01.")
