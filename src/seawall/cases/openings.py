"""Which posts of a case a person has opened. The audit log says so, and nothing else does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from seawall.audit.models import Entry
from seawall.cases.models import Case
from seawall.people.models import User

OPENED = "case.text"  # the entry of texts that were opened; its `opened` holds their marks


def mark(case: Case, post_id: str) -> str:
    """A post in the log: 48 bits of a hash that holds for this case alone, so the log is no list of posts."""
    return hashlib.sha256(f"{case}\n{post_id}".encode()).hexdigest()[:12]


def opened(person: User, case: Case, post_ids: Iterable[str]) -> set[str]:
    """Those of these posts whose text was given to this person, for this case."""
    theirs = Entry.objects.filter(object=str(case), verb=OPENED, actor=person.pseudonym)
    marks = {
        found for detail in theirs.values_list("detail", flat=True) for found in json.loads(detail).get("opened", ())
    }
    return {post_id for post_id in post_ids if mark(case, post_id) in marks}
