"""The ledger: where the work that people do is kept. Django lives from here up; nothing below knows it."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.conf import settings as current  # the name settings is our own module here
from django.core.management import call_command

SETTINGS = "seawall.ledger.settings"


class LedgerError(Exception):
    """The ledger cannot be opened or changed; the message says why and what to do next."""


def setup(home: Path) -> None:
    """Make Django ready for one home. A process serves one home; asking for another raises LedgerError."""
    wanted = str(home.resolve())
    if current.configured and wanted != str(current.SEAWALL_HOME):
        raise LedgerError(f"this process already works in {current.SEAWALL_HOME}, not {home}")
    os.environ["SEAWALL_HOME"] = wanted
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    django.setup()


def migrate() -> None:
    """Bring the ledger's tables to what this version of Seawall needs. Safe to repeat."""
    call_command("migrate", verbosity=0, interactive=False)


def home() -> Path:
    """The home folder this process works in."""
    return Path(current.SEAWALL_HOME)
