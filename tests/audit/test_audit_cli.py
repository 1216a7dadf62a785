"""Reading the log at the command line is itself written into it; heads are kept outside the home."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import transaction

from audit.inside import WHO, Inside, Run, rows
from seawall.audit.export import ledger_log
from seawall.audit.models import Entry
from seawall.audit.services import record
from seawall.audit.verify import verify


def test_showing_entries(inside: Inside, runner: Run) -> None:
    with transaction.atomic():
        for n in range(4):
            record(WHO, "case.read", f"case:{n % 2}", f"reason {n}", n=n)
    shown = rows(runner("audit", "show", "--object", "case:1", "--json"))
    assert [(row["seq"], row["reason"], row["actor"]) for row in shown] == [
        (2, "reason 1", "P-AAAA"),
        (4, "reason 3", "P-AAAA"),
    ]
    assert [row["seq"] for row in rows(runner("audit", "show", "--limit", "2", "--json"))] == [4, 5]
    assert "No such entry." in runner("audit", "show", "--verb", "nothing")
    told = runner("audit", "show", "--verb", "audit.read")
    assert told.count("cli:") == 3
    assert '{"entries": 2, "verb": ""}' in told
    with ledger_log() as log:
        assert verify(log).rows == 8


def test_an_export_holds_the_entry_about_itself_and_is_never_overwritten(
    inside: Inside, runner: Run, tmp_path: Path
) -> None:
    inside.sealed()
    file = tmp_path / "log.jsonl"
    assert "2 rows" in runner("audit", "export", file)
    before = file.read_text()
    assert "exists; nothing was written" in runner("audit", "export", file)
    assert "2 rows from" in runner("audit", "verify", file)
    assert [row.get("verb") for row in rows(before)] == ["evidence.seal", "audit.export", None]
    file.write_text(before.replace("case:1", "case:2"))
    assert "row 1 of the log: it was changed" in runner("audit", "verify", file)
    assert "cannot write" in runner("audit", "export", tmp_path / "none" / "log.jsonl")


def test_heads_are_kept_outside_the_home_and_added_to(inside: Inside, runner: Run, tmp_path: Path) -> None:
    assert json.loads(runner("audit", "head"))["seq"] == 1
    assert "inside the home" in runner("audit", "head", "--save", inside.path / "heads")
    heads, log = tmp_path / "heads", tmp_path / "log.jsonl"
    for number in (1, 2):
        assert f"({number} in all)" in runner("audit", "head", "--save", heads)
    runner("audit", "export", log)
    assert "every saved head (2)" in runner("audit", "verify", log, "--head", heads)
    heads.write_text("{}\n")
    assert "Nothing was added" in runner("audit", "head", "--save", heads)


def test_a_new_signing_key_is_named_against_a_saved_head(inside: Inside, runner: Run, tmp_path: Path) -> None:
    heads, log = tmp_path / "heads", tmp_path / "log.jsonl"
    runner("audit", "head", "--save", heads)
    (inside.path / "keys" / "audit-signing").unlink()
    runner("audit", "export", log)
    assert "2 rows" in runner("audit", "verify", log)
    assert "the signing key was changed" in runner("audit", "verify", log, "--head", heads)


def test_no_home_says_how_to_make_one(inside: Inside, runner: Run, tmp_path: Path) -> None:
    for words in (("audit", "show"), ("audit", "head"), ("evidence", "list"), ("evidence", "key", tmp_path / "k")):
        assert "seawall init" in runner(*words, "--home", tmp_path / "none")
    assert Entry.objects.count() == 0
