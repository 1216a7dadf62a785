"""Reading how watchers are: which servers are followed, and whether they keep up."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.ledger import home
from seawall.people.access import look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.sources.contract import SourceError
from seawall.sources.watching import watches
from seawall.stream.status import Status, read_status


@dataclass(frozen=True, slots=True)
class Watchers:
    """Every watcher of the home. `trouble`: why they cannot be told; '' as long as they can."""

    statuses: tuple[Status, ...]
    trouble: str = ""


@look
def watchers(person: User) -> Watchers:
    """What each watcher does now; one that never ran is stopped. Raises Refused."""
    require(person, May.SEE_WORK)
    try:
        held = watches(home())
    except SourceError as error:
        return Watchers((), str(error))
    return Watchers(
        tuple(read_status(home(), name) or Status(name, its.kind, its.platform) for name, its in held.items())
    )
