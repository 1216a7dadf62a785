"""The home folder: everything Seawall writes is below it. Named by --home, else SEAWALL_HOME, else ./seawall-data."""

from __future__ import annotations

import re
import tomllib
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

CONFIG = """\
# Seawall's settings. Every value here is the default.

[lake]
keep_days = 180   # days a fact stays after it was loaded; 'seawall lake expire' removes what is older
"""


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
    path = home / "seawall.toml"
    try:
        settings = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        settings = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        fail(f"cannot read {path}: {error}. Mend it, or delete it to use the defaults.")
    lake = settings.get("lake", {})
    unknown = [*(set(settings) - {"lake"}), *(set(lake) - {"keep_days"} if isinstance(lake, dict) else ["lake"])]
    if unknown:
        fail(f"{path}: unknown settings {', '.join(sorted(unknown))}. Known is [lake] keep_days.")
    days = lake.get("keep_days", 180)
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        fail(f"{path}: [lake] keep_days must be a whole number of days, 0 or more, not {days!r}.")
    return days
