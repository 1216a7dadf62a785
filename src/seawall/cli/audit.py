"""seawall audit: the log of who did or read what; verifying it, and keeping its head elsewhere."""

from __future__ import annotations

import os
import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from seawall.audit.chain import Head, HeadError, read_heads
from seawall.audit.verify import ChainError, Log, NoLogError, Verified, open_file, open_ledger
from seawall.audit.verify import verify as check
from seawall.cli.desk import open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home
from seawall.cli.terminal import counted, err, fail, out, print_json, said

app = typer.Typer(no_args_is_help=True, help="The audit log: who did or read what, in a chain that shows every change.")
File = Annotated[
    Path | None, typer.Argument(help="An exported log or a copy of ledger.sqlite; without it, the home's.")
]


@app.command()
def verify(
    file: File = None,
    home: Home = DEFAULT,
    head: Annotated[
        Path | None, typer.Option(help="Heads saved earlier by 'seawall audit head --save', kept elsewhere.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that no row was changed, removed or put in between; names the first that was. Reads only.

    For a home, sealed evidence is checked against it too. Without a head that was saved elsewhere, a chain that was
    rewritten with the stolen signing key cannot be told from a genuine one.
    """
    try:
        saved = read_heads(head) if head else []
        with _log(file, home) as log:
            found = check(log, saved)
    except (HeadError, NoLogError) as error:
        fail(str(error))
    except ChainError as error:
        _broken(error, as_json)
    except (OSError, sqlite3.Error) as error:
        fail(f"cannot read the log: {said(error)}")
    faults = [] if file else _evidence(home)
    if as_json:
        print_json(_as_json(found, saved, faults))
    else:
        _tell(found, saved, faults, evidence=file is None)
    if faults:
        raise typer.Exit(1)


@app.command("head")
def newest_head(
    home: Home = DEFAULT,
    save: Annotated[
        Path | None, typer.Option(help="Add it to this file, outside the home: other machine, other people.")
    ] = None,
) -> None:
    """Print the newest signed head, one line. Whoever keeps it can show later that nothing before it was rewritten."""
    if save is not None and save.resolve().is_relative_to(home.resolve()):
        fail(f"{save} is inside the home {home}: whoever rewrites the log there would rewrite the head too.")
    open_desk(home)
    from seawall.audit.export import hash_at, signed_head  # noqa: PLC0415 - needs the ledger
    from seawall.audit.services import Actor  # noqa: PLC0415

    earlier = _earlier(save)
    for known in earlier:
        if hash_at(known.seq) != known.hash:
            fail(f"this log does not agree with {save}; nothing was added. Look: seawall audit verify --head {save}")
    found = signed_head(Actor(who()))
    if save is None:
        out.print(found.as_json(), markup=False)
        return
    _append(save, found)
    out.print(f"Saved the head at row {found.seq:,} in {save} ({len(earlier) + 1:,} in all).", markup=False)


@app.command()
def export(file: Annotated[Path, typer.Argument(help="Where to write it.")], home: Home = DEFAULT) -> None:
    """Write the whole log as JSON Lines, the signed tip last, for an auditor to verify offline."""
    if file.exists():
        fail(f"{file} exists; nothing was written. Choose another name.")
    open_desk(home)
    from seawall.audit.export import export as write  # noqa: PLC0415 - needs the ledger
    from seawall.audit.services import Actor  # noqa: PLC0415

    beside = file.with_name(f".{file.name}.part")
    try:
        with beside.open("wb") as stream:
            count = write(Actor(who()), stream)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        fail(f"cannot write {file}: {error.strerror}")
    out.print(f"{counted(count, 'row')} in {file}. Verify them anywhere: seawall audit verify {file}", markup=False)


@app.command()
def show(
    home: Home = DEFAULT,
    about: Annotated[str, typer.Option("--object", help="Only of one object, such as case:12.")] = "",
    verb: Annotated[str, typer.Option(help="Only one verb, such as decision.approve.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many of the newest.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show the newest entries, oldest first. Showing them is itself written down."""
    open_desk(home)
    from seawall.audit.export import newest  # noqa: PLC0415 - needs the ledger
    from seawall.audit.services import Actor  # noqa: PLC0415
    from seawall.audit.verify import COLUMNS  # noqa: PLC0415

    rows = newest(Actor(who()), about, verb, limit)
    for row in rows:
        if as_json:
            print_json({name: getattr(row, name) for name in COLUMNS})
        else:
            detail = "" if row.detail == "{}" else row.detail
            told = (f"{row.seq:>7}", row.at[:19], row.actor, row.verb, row.object, row.reason, detail)
            out.print("  ".join(part for part in told if part), markup=False)
    if not rows and not as_json:
        out.print("No such entry.")


def _log(file: Path | None, home: Path) -> AbstractContextManager[Log]:
    return open_file(file) if file is not None else _home_log(home)


def _home_log(home: Path) -> AbstractContextManager[Log]:
    from seawall.ledger import LedgerError  # noqa: PLC0415 - Django takes half a second to import, and a file needs none
    from seawall.ledger.config import SettingsError, database_of, read_settings  # noqa: PLC0415

    try:
        if database_of(read_settings(home)) == "sqlite":
            if not (home / "ledger.sqlite").exists():
                fail(f"there is no ledger in {home}. Name the home with --home, or a file to verify.")
            return open_ledger(home / "ledger.sqlite")
        _setup(home)
    except (SettingsError, LedgerError, ValueError) as error:
        fail(str(error))
    from seawall.audit.export import ledger_log  # noqa: PLC0415 - needs the ledger

    return ledger_log()


def _setup(home: Path) -> None:
    """Make Django ready without bringing the ledger up to date: verifying changes nothing."""
    from seawall.ledger import setup  # noqa: PLC0415

    setup(home)


def _evidence(home: Path) -> list[str]:
    _setup(home)
    from seawall.evidence.services import verify_all  # noqa: PLC0415 - needs the ledger

    return verify_all()


def _broken(error: ChainError, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"whole": False, "row": error.row, "step": error.step, "what": str(error)})
    else:
        err.print(f"seawall: row {error.row} of the log: {error} (step {error.step})", style="red", markup=False)
    raise typer.Exit(1)


def _as_json(found: Verified, saved: list[Head], faults: list[str]) -> dict[str, object]:
    return {
        "whole": not faults,
        "rows": found.rows,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "key": found.tip.key if found.tip else "",
        "heads": len(saved),
        "evidence": faults,
    }


def _tell(found: Verified, saved: list[Head], faults: list[str], *, evidence: bool) -> None:
    if found.tip is None:
        out.print("The log is empty.")
    else:
        out.print(
            f"{counted(found.rows, 'row')} from {found.first_at[:19]} to {found.last_at[:19]} UTC: none was changed."
        )
        out.print(f"Signed with the key {found.tip.key}", markup=False)
    if saved:
        out.print(
            f"Agrees with every saved head ({len(saved):,}), the newest of them at row {max(h.seq for h in saved):,}."
        )
    elif found.tip is not None:
        out.print("No saved head was given: a chain rewritten with the stolen key would look the same (--head FILE).")
    for fault in faults:
        err.print(f"seawall: {fault}", style="red", markup=False)
    if evidence and not faults:
        out.print("Sealed evidence is whole.")


def _earlier(save: Path | None) -> list[Head]:
    try:
        return read_heads(save) if save is not None and save.exists() else []
    except HeadError as error:
        fail(f"{error} Nothing was added; choose another file.")


def _append(path: Path, head: Head) -> None:
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(head.as_json() + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        fail(f"cannot write {path}: {error.strerror}")
