"""Reading campaigns: anybody who lists cases sees that there are some; who is in one is a read of its own, with why.

A campaign opens no case and is no ground. What its accounts do themselves is for other signals and for people.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seawall.audit.services import record
from seawall.lake import Lake
from seawall.ledger import home
from seawall.people.access import act, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.campaigns import IS_A_GROUND

_NAMING = ("members", "seen")


class NoCampaignError(Exception):
    """No campaign of the last scan is called that."""


def summaries(lake: Lake) -> Iterator[dict[str, Any]]:
    """The last scan's campaigns, the largest first, naming nobody and no post."""
    with lake.snapshot() as snapshot:
        rows = snapshot.read("campaigns").to_pylist()
    for row in rows:
        told = {name: value for name, value in row.items() if name not in _NAMING}
        for end in ("first", "last"):
            told[end] = told[end].isoformat()
        yield {**told, "ground": IS_A_GROUND}


@act
def opened(person: User, campaign: str, why: str) -> dict[str, Any]:
    """One campaign with its accounts and some of their posts. Raises Refused, NoCampaignError.

    The read and its reason are in the audit log; no account is named there.
    """
    require(person, May.READ_CASE, f"campaign:{campaign}")
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        found = [row for row in snapshot.read("campaigns").to_pylist() if row["campaign"] == campaign]
    if not found:
        raise NoCampaignError(f"the last scan found no campaign {campaign!r}. All: seawall coordination")
    record(person.actor(), "campaign.read", f"campaign:{campaign}", why, accounts=found[0]["accounts"])
    ends = {end: found[0][end].isoformat() for end in ("first", "last")}
    return {**found[0], **ends, "ground": IS_A_GROUND}
