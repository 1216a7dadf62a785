"""seawall wargame, demo: a synthetic platform, and a desk over it that anybody can try."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.desk import open_desk
from seawall.cli.home import AsJson, Home
from seawall.cli.init import init
from seawall.cli.load import load
from seawall.cli.lock import LOCK, only_desk
from seawall.cli.scan import scan
from seawall.cli.seeds import add
from seawall.cli.terminal import counted, err, fail, out, print_json, telling
from seawall.cli.up import Port, check_port, listens_at, run_desk

if TYPE_CHECKING:
    from seawall.people.services import DemoPerson

_MARK = ".seawall-demo"  # only a folder with this file is ever emptied
_SETTINGS = "[people]\ndemo = true            # anybody with a printed link can sign in, on this machine alone\n"


def wargame(
    folder: Annotated[Path, typer.Argument(help="Where to write the world's files.")],
    seed: Annotated[int, typer.Option(help="Another number is another world.")] = 0,
    accounts: Annotated[int, typer.Option(min=100, help="How many accounts.")] = 1200,
    days: Annotated[int, typer.Option(min=1, help="How many days.")] = 14,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic platform with a network in it: an export, its truth, seeds, and rules that know its markers."""
    from seawall.wargame import build  # noqa: PLC0415 - NumPy takes a moment to import

    try:
        with telling() as tell:
            built = build(folder, seed, accounts, days, tell)
    except ValueError as error:
        fail(str(error))
    if as_json:
        roles = {role.value: count for role, count in built.roles.items()}
        print_json({"posts": str(built.posts), "written": built.written, "seeds": built.verified, "roles": roles})
        return
    out.print(
        f"{built.posts}: {counted(built.written, 'post')} of {counted(sum(built.roles.values()), 'account')}",
        markup=False,
    )
    for role, count in built.roles.items():
        out.print(f"  {role.value.replace('_', ' '):<16} {count:>7,}")


def demo(
    home: Home = Path("demo-data"),
    port: Port = None,
    seed: Annotated[int, typer.Option(help="Another number is another world.")] = 0,
    accounts: Annotated[int, typer.Option(min=100, help="How many accounts.")] = 1200,
    prepare: Annotated[bool, typer.Option("--prepare", help="Make the demo's home and end.")] = False,
) -> None:
    """Try it: a fresh home with a synthetic platform, scanned, and the desk over it with a sign-in for each role.

    Everything goes through the commands anybody uses. An earlier demo in the same folder is replaced.
    """
    _check_folder(home)
    at = listens_at(home / "world", port)  # the defaults: the settings of an earlier demo go with it
    if not prepare and not home.exists():
        check_port(at)  # before a folder is made; where there is one, a desk that is open in it is said first
    home.mkdir(parents=True, exist_ok=True)
    with only_desk(home, at.here("/")):
        if not prepare:
            check_port(at)
        _make(home, seed, accounts)
        if not prepare:
            run_desk(home, at)


def _make(home: Path, seed: int, accounts: int) -> None:
    """A fresh home with a world in it, scanned, and people; says who can sign in where."""
    _fresh(home)
    world = home / "world"
    init(home)
    settings = home / "seawall.toml"
    settings.write_text(settings.read_text("utf-8").replace("[people]\n", _SETTINGS), "utf-8")
    wargame(world, seed, accounts, 14, False)
    for name in ("rules", "lists"):
        shutil.copytree(world / name, home / name, dirs_exist_ok=True)
    load("x", [world / "posts.jsonl.gz"], home, None, None, False, False)
    _seeds(home, world / "seeds.csv")
    people = _desk(home)
    from seawall.people.services import address, demo_inbox  # noqa: PLC0415 - needs the ledger

    scan(home, False)
    out.print("\nSign in as anybody of the desk, by link (on this machine, while the demo runs):", style="bold")
    for person in people:
        out.print(f"  {person.role.replace('_', ' '):<20} {person.address}", markup=False)
    out.print("And as an account holder: what they were told, with the code to appeal:", style="bold")
    out.print(f"  {'inbox':<20} {address(demo_inbox())}", markup=False)


def _check_folder(home: Path) -> None:
    """Ends with what to do if the folder is neither a demo's nor empty."""
    if home.exists() and not (home / _MARK).exists() and any(path.name != LOCK for path in home.iterdir()):
        fail(f"{home} is no demo's folder and is not emptied. Name another: --home DIR")


def _fresh(home: Path) -> None:
    (home / _MARK).touch()  # first and last: an emptying that is killed can be done again
    for path in home.iterdir():
        if path.name in (LOCK, _MARK):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    _key(home).unlink(missing_ok=True)


def _seeds(home: Path, path: Path) -> None:
    add([str(path)], home=home, source="the wargame's truth")


def _desk(home: Path) -> list[DemoPerson]:
    open_desk(home)
    from seawall.evidence.vault import make_custodian  # noqa: PLC0415 - needs the ledger
    from seawall.people.services import demo_people  # noqa: PLC0415

    make_custodian(_key(home), home)
    err.print(f"The demo's custodian key is in {_key(home)}", markup=False)
    return list(demo_people())


def _key(home: Path) -> Path:
    return home.resolve().parent / f"{home.resolve().name}-custodian.key"
