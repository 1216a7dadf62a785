"""`seawall audit verify` in a home of its own: what was changed in its ledger or vault is found and named."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from audit import homes
from audit.homes import Home


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return homes.make(tmp_path_factory.mktemp("audit"))


@pytest.fixture
def home(template: Home, tmp_path: Path) -> Home:
    return homes.copy(template, tmp_path)


def test_a_whole_home_verifies_and_verifying_leaves_no_trace(home: Home) -> None:
    said = home.ok("audit", "verify")
    assert "6 rows from 20" in said
    assert "Sealed evidence is whole." in said
    assert "No saved head was given" in said
    assert home.sql("SELECT count(*) FROM audit_entry") == [(6,)]


def test_an_edited_row_is_named(home: Home) -> None:
    home.sql("UPDATE audit_entry SET actor = 'P-ZZZZ' WHERE seq = 3")
    assert "row 3 of the log: it was changed" in home.fails("audit", "verify")
    code, out, _ = home.seawall("audit", "verify", "--json")
    found = json.loads(out)
    assert (code, found["whole"], found["row"], found["step"]) == (1, False, 3, 2)


def test_heads_saved_elsewhere_find_a_log_that_was_turned_back(home: Home, tmp_path: Path) -> None:
    heads = tmp_path / "elsewhere"
    home.ok("audit", "head", "--save", heads)
    then = home.sql("SELECT seq, hash, at, signature, key FROM audit_tip")[0]
    home.ok("audit", "head", "--save", heads)
    assert "every saved head (2)" in home.ok("audit", "verify", "--head", heads)
    home.sql(
        "DELETE FROM audit_entry WHERE seq > 7",
        "UPDATE audit_tip SET seq = {}, hash = '{}', at = '{}', signature = '{}', key = '{}'".format(*then),
    )
    assert "7 rows" in home.ok("audit", "verify")
    assert "row 8 of the log: it is missing" in home.fails("audit", "verify", "--head", heads)
    before = heads.read_text()
    assert "does not agree" in home.fails("audit", "head", "--save", heads)
    assert heads.read_text() == before


def test_an_export_of_the_ledger_and_a_copy_of_its_file(home: Home, tmp_path: Path) -> None:
    assert "7 rows" in home.ok("audit", "export", tmp_path / "log.jsonl")
    assert "7 rows" in home.ok("audit", "verify", tmp_path / "log.jsonl")
    if not home.database:
        for path in home.path.glob("ledger.sqlite*"):
            shutil.copy(path, tmp_path)
        assert "7 rows" in home.ok("audit", "verify", tmp_path / "ledger.sqlite")


def test_a_flipped_byte_of_a_sealed_file(home: Home) -> None:
    blob = home.blobs()[2]
    content = bytearray(blob.read_bytes())
    content[-1] ^= 1
    blob.write_bytes(content)
    (item, case) = home.sql(
        "SELECT i.id, c.about FROM evidence_item i JOIN evidence_capture c ON c.id = i.capture_id "
        f"WHERE sealed_hash = '{blob.stem}'"
    )[0]
    said = home.fails("audit", "verify")
    assert f"item {item} of {case}: " in said
    assert "was changed" in said


def test_a_file_that_is_no_log_or_was_cut_short_is_said_in_words(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "file"
    for content, said in (
        (b"account,post\na,b\n", "is no audit log"),
        (b"", "is empty"),
        (b'{"seq":1,"at":"2026', "row 1 of the log: the file ends in the middle of its line"),
    ):
        file.write_bytes(content)
        told = home.fails("audit", "verify", file)
        assert said in told
        assert "JSON" not in told
    sqlite3.connect(file := tmp_path / "other.sqlite").execute("CREATE TABLE a (b)")
    assert "holds no audit log" in home.fails("audit", "verify", file)
    home.ok("audit", "export", tmp_path / "log.jsonl")
    whole = (tmp_path / "log.jsonl").read_bytes()
    for cut, said in ((whole[:-9], "ends in the middle"), (whole[: whole[:-1].rfind(b"\n") + 1], "cut short here")):
        file.write_bytes(cut)
        assert said in home.fails("audit", "verify", file)


def test_a_home_without_a_ledger_and_a_missing_file(home: Home, tmp_path: Path) -> None:
    assert "cannot read" in home.fails("audit", "verify", tmp_path / "none.jsonl")
    assert "cannot read saved heads" in home.fails("audit", "verify", "--head", __file__)
    if not home.database:
        assert "there is no ledger" in home.fails("audit", "verify", "--home", tmp_path)
