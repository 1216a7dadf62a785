"""seawall seeds: accounts that people have verified."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import fail, out, print_json
from seawall.grounds.seeds import Seeds, SeedsError, parse, read_accounts

app = typer.Typer(
    no_args_is_help=True, help="Verified seeds: where signals start to look. A seed never suffices against anyone else."
)
Accounts = Annotated[list[str], typer.Argument(help="Accounts as PLATFORM:HANDLE, or files that list them.")]
Platform = Annotated[str | None, typer.Option(help="Platform of accounts that name none.")]
Source = Annotated[str, typer.Option(help="Who verified them, or where it is written.")]


@app.command()
def add(accounts: Accounts, home: Home = DEFAULT, platform: Platform = None, source: Source = "not stated") -> None:
    """Add seeds. A file is CSV with a column account (and platform), or one PLATFORM:HANDLE a line."""
    seeds = _seeds(home)
    try:
        new = seeds.add(_named(accounts, platform), source, getpass.getuser())
        out.print(f"{new:,} new, {len(seeds.live()):,} seeds in all (version {seeds.version}).")
    except SeedsError as error:
        fail(str(error))


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
    out.print(f"{gone:,} withdrawn, {len(seeds.live()):,} seeds left (version {seeds.version}).")


@app.command("list")
def list_seeds(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """List the seeds that hold now."""
    try:
        live = _seeds(home).live()
    except SeedsError as error:
        fail(str(error))
    for label in live:
        if as_json:
            print_json({"platform": label.platform, "account": label.account, "source": label.ground, "at": label.at})
        else:
            out.print(f"{label.platform}:{label.account}  since {label.at[:10]}  source: {label.ground}", markup=False)
    if not live and not as_json:
        out.print("No seeds yet. Add some: seawall seeds add PLATFORM:HANDLE --source 'who verified it'", markup=False)


def _seeds(home: Path) -> Seeds:
    open_lake(home).close()
    return Seeds(home)


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
