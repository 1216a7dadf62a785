"""Clauses and designation lists: changed by legal officers only, in versions, and de-listing is noticed."""

from __future__ import annotations

import pytest

from desk import Desk, audit_verbs
from seawall.cases import queries
from seawall.grounds import services
from seawall.grounds.models import Clause, Designation
from seawall.grounds.services import GroundsError
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.records.terms import Conduct, words

LIST = b"entry_id,name,listed_on\n1,The Lamp,2020-01-01\n2,The Tide,2021-05-05\n"


def test_a_fresh_desk_has_a_clause_for_every_conduct(desk: Desk) -> None:
    assert set(Clause.objects.values_list("conduct", flat=True)) == set(words(Conduct))


def test_a_changed_clause_is_a_new_version_and_old_decisions_keep_theirs(desk, legal, reviewer) -> None:
    decision = desk.proposed(reviewer)
    made = services.set_clause(legal, "T1", Conduct.PROPAGANDA, "Propaganda", "Do not.")
    assert made.version == 2
    decision.refresh_from_db()
    assert decision.clause.version == 1
    assert list(Clause.objects.filter(code="T1", ended_at=None)) == [made]
    services.end_clause(legal, "T1")
    assert not Clause.objects.filter(code="T1", ended_at=None).exists()
    with pytest.raises(GroundsError, match="no clause T1 in force"):
        services.end_clause(legal, "T1")
    assert audit_verbs("clause:T1") == ["clause.set", "clause.end"]


def test_only_legal_changes_grounds(desk: Desk, second_reviewer: User, admin: User) -> None:
    for person in (second_reviewer, admin):
        with pytest.raises(Refused):
            services.set_clause(person, "T1", Conduct.PROPAGANDA, "x", "y")
        with pytest.raises(Refused):
            services.import_list(person, "L", "1", LIST)


def test_a_list_is_taken_in_and_what_it_drops_is_delisted(desk, legal, reviewer, second_reviewer) -> None:
    assert services.import_list(legal, "L", "1", LIST) == (2, 0)
    entry = Designation.objects.get(entry_id="2")
    decision = desk.executed(reviewer, second_reviewer, designation_id=entry.pk)
    assert services.import_list(legal, "L", "2", LIST.splitlines(True)[0] + LIST.splitlines(True)[1]) == (1, 1)
    assert list(queries.delisted()) == [decision]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"entry_id,name,listed_on\n1,,2020-01-01\n", "line 2 has no name"),
        (b"entry_id,name,listed_on\n1,x,soon\n", "YYYY-MM-DD"),
        (b"\xff\xfe\x00", "no CSV"),
    ],
)
def test_a_damaged_list_changes_nothing(desk: Desk, legal: User, content: bytes, why: str) -> None:
    services.import_list(legal, "L", "1", LIST)
    with pytest.raises(GroundsError, match=why):
        services.import_list(legal, "L", "2", content)
    assert Designation.objects.filter(delisted_on=None).count() == 2
