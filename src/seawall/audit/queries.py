"""Reading the log, newest first. Who may read it is asked higher up, in `cases.queries.log`: this knows no roles."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.audit.models import Entry

PAGE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. Empty means all."""

    verb: str = ""
    actor: str = ""
    about: str = ""  # such as 'case:12'


def entries(wanted: Wanted, before: int | None = None) -> list[Entry]:
    """Entries, newest first, one more than a page when there are more; `before` goes on from an earlier page."""
    found = Entry.objects.order_by("-seq")
    given = {"verb": wanted.verb, "actor": wanted.actor, "object": wanted.about}
    found = found.filter(**{name: value for name, value in given.items() if value})
    if before is not None:
        found = found.filter(seq__lt=before)
    return list(found[: PAGE + 1])
