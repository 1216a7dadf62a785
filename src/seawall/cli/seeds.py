"""seawall seeds: accounts that people have verified."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, err, fail, out, print_json
from seawall.grounds.seeds import Seeds, SeedsError, parse, read_accounts

app = typer.Typer(
    no_args_is_help=True, help="Verified seeds: where signals start to look. A seed never suffices against anyone else."
)
_SHOWN = 10  # names at most in one line
Accounts = Annotated[list[str], typer.Argument(help="Accounts as PLATFORM:HANDLE, or files that list them.")]
Platform = Annotated[str | None, typer.Option(help="Platform of accounts that name none.")]
Source = Annotated[str, typer.Option(help="Who verified them, or where it is written.")]


@app.command()
def add(accounts: Accounts, home: Home = DEFAULT, platform: Platform = None, source: Source = "not stated") -> None:
    """Add seeds. A file is CSV with a column account (and platform), or one PLATFORM:HANDLE a line."""
    seeds = _seeds(home)
    try:
        named = _named(accounts, platform)
        new = seeds.add(named, source, getpass.getuser())
        out.print(f"{new:,} new, {counted(len(seeds.live()), 'seed')} in all (version {seeds.version}).")
    except SeedsError as error:
        fail(str(error))
    unseen = sorted(set(named) - _seen(home, named))
    if unseen:
        shown = ", ".join(f"{where}:{account}" for where, account in unseen[:_SHOWN])
        more = f" and {len(unseen) - _SHOWN:,} more" if len(unseen) > _SHOWN else ""
        err.print(
            f"Not seen yet: {shown}{more}. Kept; it counts once posts of it are in the lake. Is the name right?"
            if len(unseen) == 1
            else f"Not seen yet: {shown}{more}. Kept; they count once posts of theirs are in the lake. "
            "Are the names right?",
            style="yellow",
            markup=False,
        )


@app.command()
def remove(accounts: Accounts, home: Home = DEFAULT, platform: Platform = None, source: Source = "not stated") -> None:
    """Withdraw seeds; the file keeps that they once were."""
    seeds = _seeds(home)
    try:
        gone = seeds.remove(_named(accounts, platform), source, getpass.getuser())
    except SeedsError as error:
        fail(str(error))
    if not gone:
        fail("none of these is a seed. 'seawall seeds list' shows those that are.")
    out.print(f"{gone:,} withdrawn, {counted(len(seeds.live()), 'seed')} left (version {seeds.version}).")


@app.command("list")
def list_seeds(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """List the seeds that hold now."""
    try:
        live = _seeds(home).live()
    except SeedsError as error:
        fail(str(error))
    seen = _seen(home, [(label.platform, label.account) for label in live])
    for label in live:
        about = (label.platform, label.account)
        if as_json:
            named = {"platform": label.platform, "account": label.account, "source": label.ground, "at": label.at}
            print_json({**named, "seen": about in seen})
        else:
            told = f"{label.platform}:{label.account}  since {label.at[:10]}  source: {label.ground}"
            out.print(told if about in seen else f"{told}  (not seen yet)", markup=False)
    if not live and not as_json:
        out.print("No seeds yet. Add some: seawall seeds add PLATFORM:HANDLE --source 'who verified it'", markup=False)


def _seeds(home: Path) -> Seeds:
    open_lake(home).close()
    return Seeds(home)


def _seen(home: Path, named: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those accounts, named by id or handle, that have posts in the lake."""
    wanted = {(platform, account.casefold()) for platform, account in named}
    with open_lake(home) as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").filter(pl.col("platform").is_in({platform for platform, _ in wanted}))
        parts = [posts.select("platform", pl.col(name).str.to_lowercase()) for name in ("account_id", "handle")]
        found = {row for part in parts for row in part.unique().collect().rows() if row in wanted}
    return {(platform, account) for platform, account in named if (platform, account.casefold()) in found}


def _named(accounts: list[str], platform: str | None) -> list[tuple[str, str]]:
    named: list[tuple[str, str]] = []
    for text in accounts:
        if not _is_file(text) and ":" not in text and platform is None:
            raise SeedsError(
                f"'{text}' is no file here, and no PLATFORM:HANDLE. Check the path, or pass --platform NAME."
            )
        named += read_accounts(Path(text), platform) if _is_file(text) else [parse(text, platform)]
    return named


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # longer than any file's name: a strange handle, and there are such
        return False
