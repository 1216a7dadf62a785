"""Opening the desk from the command line: the ledger of a home, made or brought up to date at first need."""

from __future__ import annotations

import getpass
from pathlib import Path

from seawall.cli.terminal import fail


def check_home(home: Path) -> None:
    """Ends with what to do if there is no home."""
    if not (home / "lake").exists():
        fail(f"there is no home in {home}. Run 'seawall init --home {home}' first.")


def open_desk(home: Path) -> None:
    """Make Django ready for this home and its ledger current. Ends with what to do if it cannot."""
    check_home(home)
    from django.db import Error  # noqa: PLC0415 - Django takes half a second to import

    from seawall.ledger import LedgerError, migrate, setup  # noqa: PLC0415
    from seawall.ledger.config import SettingsError  # noqa: PLC0415

    try:
        setup(home)
        migrate()
    except (LedgerError, SettingsError, ValueError, Error) as error:
        fail(f"cannot open the ledger: {error}")


def has_desk(home: Path) -> bool:
    """Whether this home has a ledger already; asking makes none."""
    from seawall.ledger.config import database_of, read_settings  # noqa: PLC0415

    return (home / "ledger.sqlite").exists() or database_of(read_settings(home)) != "sqlite"


def who() -> str:
    """Who runs this command, as the audit log names them."""
    return f"cli:{getpass.getuser()}"


def log(home: Path, verb: str, about: str = "", why: str = "", **more: object) -> None:
    """Put into the audit log what a person reads or does from the command line; a ledger is made if there is none."""
    open_desk(home)
    from django.db import transaction  # noqa: PLC0415 - needs the ledger

    from seawall.audit.services import Actor, record  # noqa: PLC0415

    with transaction.atomic():
        record(Actor(who()), verb, about, why, **more)
