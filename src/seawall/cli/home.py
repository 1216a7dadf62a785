"""The home folder: everything Seawall writes is below it. Named by --home, else SEAWALL_HOME, else ./seawall-data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from seawall.cli.terminal import fail
from seawall.lake import Lake, LakeError

Home = Annotated[
    Path,
    typer.Option("--home", envvar="SEAWALL_HOME", help="The folder that holds everything Seawall writes."),
]
DEFAULT = Path("seawall-data")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def platform_name(name: str) -> str:
    """A platform's name in its one form: short, lower case. Ends with what is wrong."""
    plain = name.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,40}", plain):
        fail(f"'{name}' is no platform's name: use letters, digits, '-', '_' and '.', for example x, vk, our-forum.")
    return plain


def open_lake(home: Path) -> Lake:
    """The lake under a home folder; ends with what to do if there is none."""
    try:
        return Lake(home)
    except LakeError as error:
        fail(str(error))


def keep_days(home: Path) -> int:
    """How long facts stay, from seawall.toml."""
    from seawall.ledger.config import SettingsError, read_settings  # noqa: PLC0415 - Django takes a moment to import

    try:
        return read_settings(home).lake.keep_days
    except SettingsError as error:
        fail(str(error))
