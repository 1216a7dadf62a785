"""Reading campaigns: anybody who lists cases sees that there are some; who is in one is a read of its own, with why.

A campaign opens no case and is no ground. What its accounts do themselves is for other signals and for people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seawall.cases.models import Case
from seawall.cases.surveyed import ask, log, named
from seawall.lake import Lake
from seawall.ledger import home
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.campaigns import IS_A_GROUND

_NAMING = ("members", "seen", "acts")


class NoCampaignError(Exception):
    """No campaign of the last scan is called that."""


@dataclass(frozen=True, slots=True)
class Member:
    """An account of a campaign. It has a name only where it has a case over conduct of its own."""

    case: Case | None
    partners: int
    co_acts: int


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as its page shows it: `told` names nobody."""

    told: dict[str, Any]
    members: list[Member]
    acts: list[tuple[datetime, int, int]]  # when, which member, which thing


def summaries(lake: Lake) -> Iterator[dict[str, Any]]:
    """The last scan's campaigns, the largest first, naming nobody and no post."""
    for row in _rows(lake):
        told = _told(row)
        for end in ("first", "last"):
            told[end] = told[end].isoformat()
        yield told


def listed(person: User) -> list[tuple[dict[str, Any], int]]:
    """The last scan's campaigns, naming nobody, and how many of each one's accounts have a case over conduct of their
    own. Raises Refused."""
    ask(person, May.LIST_CASES)
    with Lake(home()) as lake:
        rows = _rows(lake)
    cases = named((m["platform"], m["account_id"]) for row in rows for m in row["members"])
    log(person, "campaign.list", campaigns=len(rows))
    return [(_told(row), sum((m["platform"], m["account_id"]) in cases for m in row["members"])) for row in rows]


def drawn(person: User, campaign: str) -> CampaignView:
    """One campaign to be drawn, which names only accounts with a case over conduct of their own.

    Raises Refused, NoCampaignError. The read is in the audit log.
    """
    row = _one(person, campaign)
    cases = named((m["platform"], m["account_id"]) for m in row["members"])
    log(person, "campaign.read", f"campaign:{campaign}", accounts=len(cases))
    return CampaignView(
        _told(row),
        [Member(cases.get((m["platform"], m["account_id"])), m["partners"], m["co_acts"]) for m in row["members"]],
        [(act["at"], act["member"], act["thing"]) for act in row["acts"] or ()],
    )


def opened(person: User, campaign: str, why: str) -> dict[str, Any]:
    """One campaign with its accounts and some of their posts. Raises Refused, NoCampaignError.

    The read and its reason are in the audit log; no account is named there.
    """
    found = _one(person, campaign)
    log(person, "campaign.read", f"campaign:{campaign}", why, accounts=found["accounts"])
    ends = {end: found[end].isoformat() for end in ("first", "last")}
    return {**{name: value for name, value in found.items() if name != "acts"}, **ends, "ground": IS_A_GROUND}


def _one(person: User, campaign: str) -> dict[str, Any]:
    ask(person, May.READ_CASE, f"campaign:{campaign}")
    with Lake(home()) as lake:
        found = [row for row in _rows(lake) if row["campaign"] == campaign]
    if not found:
        raise NoCampaignError(f"the last scan found no campaign {campaign!r}. All: seawall coordination")
    return found[0]


def _rows(lake: Lake) -> list[dict[str, Any]]:
    with lake.snapshot() as snapshot:
        rows: list[dict[str, Any]] = snapshot.read("campaigns").to_pylist()
    return rows


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in row.items() if name not in _NAMING}, "ground": IS_A_GROUND}
