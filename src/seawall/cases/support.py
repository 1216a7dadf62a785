"""Reading whom a network courts: counts by platform and language. Nobody of them can be named, for nobody is kept."""

from __future__ import annotations

from typing import Any

from seawall.cases.surveyed import ask, log
from seawall.lake import Lake
from seawall.ledger import home
from seawall.people.models import User
from seawall.people.roles import May


def listed(person: User) -> list[dict[str, Any]]:
    """Rows of the last scan's `records.support`. Raises Refused. The read is in the audit log."""
    ask(person, May.LIST_CASES)
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        rows = snapshot.read("support").to_pylist()
    log(person, "support.list", groups=len(rows))
    return rows
