"""Banks: nothing without provenance, nothing by one person alone, nothing after its end; each act logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from desk import Desk, audit_verbs
from seawall.grounds import banks
from seawall.grounds.banks import GroundsError
from seawall.grounds.models import BankPart
from seawall.people.access import Refused
from seawall.people.models import User
from seawall.people.roles import DeskRole
from seawall.records.banks import BankError
from seawall.records.terms import Conduct
from seawall.signals.media.banks import Bank, changed, parts_of

PDQ, MD5, SHA = "ab" * 32, "cd" * 16, "ef" * 32
UNTIL = date(2999, 1, 1)
TABLE = f"hash,kind,reference,added\n{PDQ},pdq,r-1,2026-01-02\n{MD5},,,\n{SHA},sha256,r-3,\n"


def _bring(person: User, content: str | bytes = TABLE, *, name: str = "list.csv", **changed_: str) -> BankPart:
    given = {"bank": "partners", "source": "Partner A", "basis": "agreement of 2026"} | changed_
    raw = content.encode() if isinstance(content, str) else content
    return banks.bring(person, given["bank"], Conduct.PROPAGANDA, given["source"], given["basis"], UNTIL, name, raw)[0]


@pytest.fixture
def act(django_capture_on_commit_callbacks: Any) -> Callable[..., None]:
    """An act whose transaction is over when it returns."""

    def done(work: Callable[..., object], *given: object) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            work(*given)

    return done


@pytest.fixture
def second_legal(desk: Desk) -> User:
    return desk.person(DeskRole.LEGAL)


def test_a_part_counts_once_another_agrees_and_says_where_each_entry_is_from(desk, legal, second_legal, act) -> None:
    part = _bring(legal)
    assert (part.entries, parts_of(desk.home)) == (3, [])
    with pytest.raises(Refused, match="two different people"):
        banks.agree(legal, part.pk, "mine")
    before = changed(desk.home)
    act(banks.agree, second_legal, part.pk, "checked with the partner")
    assert changed(desk.home) != before
    (live,) = parts_of(desk.home)
    assert (live.bank, live.by, live.agreed_by) == ("partners", legal.pseudonym, second_legal.pseudonym)
    rows = Bank(desk.home, live).entries.to_pylist()
    assert [row["hash"].hex() for row in rows] == [PDQ, MD5, SHA]
    assert [row["reference"] for row in rows] == ["r-1", "line 3", "r-3"]
    assert {(row["source"], row["basis"], row["by"]) for row in rows} == {
        ("Partner A", "agreement of 2026", legal.pseudonym)
    }
    assert rows[0]["added"].date() == date(2026, 1, 2)
    assert audit_verbs(str(part)) == ["bank.propose", "refused", "bank.agree"]


def test_a_newer_list_of_a_source_takes_the_place_of_the_last(desk, legal, second_legal, act) -> None:
    old, other = _bring(legal), _bring(legal, source="Partner B")
    for part in (old, other):
        act(banks.agree, second_legal, part.pk, "yes")
    new = _bring(second_legal, f"hash\n{MD5}\n")
    assert {part.number for part in parts_of(desk.home)} == {old.pk, other.pk}
    act(banks.agree, legal, new.pk, "yes")
    assert {part.number for part in parts_of(desk.home)} == {new.pk, other.pk}
    assert not list((desk.home / "banks").glob(f"{old.pk}*"))  # what is looked for no more is not kept
    act(banks.end, legal, other.pk, "the agreement ended")
    assert [part.number for part in parts_of(desk.home)] == [new.pk]
    with pytest.raises(GroundsError, match="has ended already"):
        banks.end(legal, other.pk, "again")
    with pytest.raises(GroundsError, match="nothing to agree to"):
        banks.agree(second_legal, other.pk, "late")


def test_only_legal_officers_bring_lists_and_only_members_of_the_desk_see_them(desk, reviewer, admin, auditor) -> None:
    for person in (reviewer, admin, auditor):
        with pytest.raises(Refused):
            _bring(person)
    with pytest.raises(Refused):
        banks.listed(auditor)
    assert banks.listed(reviewer) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no entry that can be used"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        ("hash,kind\n12,pdq\n", "line 2: '12' is no hash of kind pdq"),
        (f"kind\n{PDQ}\n", "line 2 has no hash"),
        (f"hash\n{PDQ}\n", "line 2: say its kind"),
        (f"hash,kind,added\n{PDQ},pdq,soon\n", "is no time"),
        ('{"data": [{"type": "HASH_PDQ", "raw_indicator": "12"}]}', "entry 1: '12' is no hash"),
        ('[{"type": "HASH_PDQ"}', "line 1 is no JSON"),
        ('{"data": [7]}', "entry 1 is no object"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x/>', "entities"),
        ("<queryResult>", "no XML"),
        (f"0,100,{PDQ},0.0\nsomething else\n", "line 2 is no frame"),
    ],
)
def test_a_damaged_list_is_refused_with_its_place(desk: Desk, legal: User, content: str | bytes, why: str) -> None:
    with pytest.raises(GroundsError, match=why):
        _bring(legal, content)
    assert not BankPart.objects.exists()


@pytest.mark.parametrize("left_out", ["source", "basis"])
def test_nothing_is_banked_without_provenance(desk: Desk, legal: User, left_out: str) -> None:
    with pytest.raises(GroundsError, match="provenance"):
        _bring(legal, **{left_out: "  "})
    with pytest.raises(GroundsError, match="decided here only"):
        _bring(legal, bank="own")
    assert not BankPart.objects.exists()


def test_what_exchanges_give_is_read_with_their_references_and_times(desk: Desk, legal: User) -> None:
    descriptors = [
        {"id": "77", "type": "HASH_PDQ", "raw_indicator": PDQ, "status": "MALICIOUS", "owner": {"name": "Acme"},
         "added_on": "2020-07-01T18:31:15+0000"},
        {"id": "78", "indicator": {"indicator": MD5, "type": "HASH_MD5"}, "status": "MALICIOUS"},
        {"id": "79", "type": "HASH_PDQ", "raw_indicator": PDQ, "status": "NON_MALICIOUS"},
        {"id": "80", "type": "HASH_TMK", "raw_indicator": "x", "status": "MALICIOUS"},
    ]  # fmt: skip
    updates = [
        {"id": "81", "indicator": SHA, "type": "HASH_SHA256", "last_updated": 1_600_000_000, "should_delete": False},
        {"id": "82", "indicator": SHA, "type": "HASH_SHA256", "last_updated": 1_600_000_000, "should_delete": True},
    ]
    answer = json.dumps({"data": descriptors})
    lines = "\n".join(json.dumps(one) for one in updates)
    ncmec = f"""<?xml version="1.0"?><queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
        <images count="2"><image><member id="42">Example</member><id>image1</id>
        <timestamp>2017-10-24T15:00:00Z</timestamp>
        <fingerprints><md5>{MD5}</md5><pdna>zz</pdna></fingerprints></image>
        <deletedImage><member id="43">Other</member><id>image4</id></deletedImage></images></queryResult>"""
    read = {}
    for name, content in (("descriptors", answer), ("updates", lines), ("ncmec", ncmec)):
        part, left = banks.bring(
            legal, name, Conduct.PROPAGANDA, "an exchange", "agreement", UNTIL, name, content.encode()
        )
        rows = _rows(desk.home, part)
        read[name] = [(row["reference"], row["kind"], row["source"], row["added"].year) for row in rows], left
    now = date.today().year
    assert read["descriptors"] == (
        [("77", "pdq", "ThreatExchange: Acme", 2020), ("78", "md5", "an exchange", now)],
        {"withdrawn, or not held to be harmful": 1, "of type HASH_TMK": 1},
    )
    assert read["updates"] == (
        [("81", "sha256", "an exchange", 2020)], {"withdrawn, or not held to be harmful": 1},
    )  # fmt: skip
    assert read["ncmec"] == (
        [("image1", "md5", "NCMEC: Example", 2017)],
        {"of type pdna": 1, "withdrawn, or not held to be harmful": 1},
    )


def _rows(home: Path, part: BankPart) -> list[dict]:
    return pq.read_table(home / "banks" / f"{part.pk}.parquet").to_pylist()


def test_frames_of_a_list_are_one_entry_and_blank_ones_are_left(desk: Desk, legal: User) -> None:
    frames = f"0,100,{PDQ},0.000\n1,3,{'0' * 64},0.033\n2,100,{SHA},0.067\n"
    part, left = banks.bring(
        legal, "clips", Conduct.THREAT, "a partner", "agreement", UNTIL, "v.txt", frames.encode()
    )  # fmt: skip
    assert part.entries == 1
    assert [(row["kind"], row["hash"].hex()) for row in _rows(desk.home, part)] == [("video", PDQ), ("video", SHA)]
    assert left == {"of too little quality": 1}


def test_a_file_that_nobody_agreed_to_is_not_read(desk, legal, second_legal, act) -> None:
    part = _bring(legal)
    act(banks.agree, second_legal, part.pk, "yes")
    path = desk.home / "banks" / f"{part.pk}.parquet"
    path.write_bytes(_other(desk, legal))
    with pytest.raises(BankError, match="not the file that two people agreed to"):
        Bank(desk.home, parts_of(desk.home)[0])
    path.unlink()
    with pytest.raises(BankError, match="cannot read"):
        Bank(desk.home, parts_of(desk.home)[0])


def _other(desk: Desk, legal: User) -> bytes:
    return (desk.home / "banks" / f"{_bring(legal, bank='other').pk}.parquet").read_bytes()


def test_what_has_expired_is_looked_for_no_more(desk, legal, second_legal, act) -> None:
    part = _bring(legal)
    act(banks.agree, second_legal, part.pk, "yes")
    (live,) = parts_of(desk.home)
    assert live.live(date(2998, 12, 31))
    assert not live.live(UNTIL)
    BankPart.objects.filter(pk=part.pk).update(expires=date(2020, 1, 1))
    act(banks.end_expired)
    assert parts_of(desk.home) == []
    assert not list((desk.home / "banks").glob(f"{part.pk}*"))
    assert audit_verbs(str(part))[-1] == "bank.end"
    with pytest.raises(GroundsError, match="expire in the future"):
        banks.bring(legal, "b", Conduct.THREAT, "s", "b", date(2020, 1, 1), "n", TABLE.encode())
