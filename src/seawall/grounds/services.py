"""Changing what may count against someone: clauses of the terms and designation lists, by legal officers, logged."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date

from django.utils import timezone

from seawall.audit.services import record
from seawall.grounds.models import Clause, Designation
from seawall.people.access import act, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import Conduct

COLUMNS = ("entry_id", "name", "listed_on")  # and maybe delisted_on


class GroundsError(ValueError):
    """A clause or list cannot be taken in; the message says why and what to do."""


@act
def set_clause(person: User, code: str, conduct: Conduct, title: str, text: str) -> Clause:
    """A new clause, or a new version of one: decisions made on the old version keep citing it."""
    require(person, May.MANAGE_GROUNDS)
    if not (code.strip() and title.strip() and text.strip()):
        raise GroundsError("a clause needs a code, a title and a text")
    before = Clause.objects.select_for_update().filter(code=code).order_by("-version").first()
    Clause.objects.filter(code=code, ended_at=None).update(ended_at=timezone.now())
    version = before.version + 1 if before else 1
    made: Clause = Clause.objects.create(code=code, version=version, conduct=conduct, title=title, text=text)
    record(person.actor(), "clause.set", f"clause:{code}", "", version=version, conduct=conduct)
    return made


@act
def end_clause(person: User, code: str) -> None:
    """No decision may cite the clause from now on."""
    require(person, May.MANAGE_GROUNDS)
    if not Clause.objects.filter(code=code, ended_at=None).update(ended_at=timezone.now()):
        raise GroundsError(f"there is no clause {code} in force")
    record(person.actor(), "clause.end", f"clause:{code}")


@act
def import_list(person: User, name: str, version: str, content: bytes) -> tuple[int, int]:
    """Take in a version of a designation list, CSV with entry_id, name, listed_on and maybe delisted_on.

    What the list held before and holds no more is de-listed today; live decisions that cite it come up for review.
    Returns how many entries are live and how many were de-listed now. Raises GroundsError; then nothing changed.
    """
    require(person, May.MANAGE_GROUNDS)
    rows, hashed = _rows(content), hashlib.sha256(content).hexdigest()
    for row in rows:
        Designation.objects.update_or_create(
            list=name,
            entry_id=row["entry_id"],
            defaults={
                "list_version": version,
                "name": row["name"],
                "listed_on": row["listed_on"],
                "delisted_on": row.get("delisted_on") or None,
                "source_hash": hashed,
            },
        )
    gone = Designation.objects.filter(list=name, delisted_on=None).exclude(entry_id__in=[r["entry_id"] for r in rows])
    delisted = gone.update(delisted_on=timezone.now().date())
    live = Designation.objects.filter(list=name, delisted_on=None).count()
    record(person.actor(), "list.import", f"list:{name}", "", version=version, live=live, gone=delisted, source=hashed)
    return live, delisted


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise GroundsError(f"this is no CSV in UTF-8: {error}") from error
    if not rows:
        raise GroundsError("the list is empty; an empty list would de-list everything")
    for number, row in enumerate(rows, 2):
        missing = [name for name in COLUMNS if not (row.get(name) or "").strip()]
        if missing:
            raise GroundsError(f"line {number} has no {', '.join(missing)}")
        for name in ("listed_on", "delisted_on"):
            _check_day(number, name, row.get(name) or "")
    return rows


def _check_day(number: int, name: str, day: str) -> None:
    try:
        if day:
            date.fromisoformat(day)
    except ValueError as error:
        raise GroundsError(f"line {number}: {name} is YYYY-MM-DD, not '{day}'") from error
