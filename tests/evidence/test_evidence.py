"""Evidence is sealed for good, opened by the custodian alone, and destroyed when nothing keeps it any more."""

from __future__ import annotations

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from django.utils import timezone
from pyrage import x25519

from audit.inside import WHO, Inside, Run, rows, undone
from seawall.audit.models import Entry
from seawall.evidence import services
from seawall.evidence.models import Capture, Custody, Item
from seawall.evidence.vault import Vault, VaultError, make_custodian, read_custodian
from seawall.people.access import Refused

ZEROS = "0" * 64
NO_STEPS = "DELETE FROM evidence_custody WHERE item_id IN (SELECT id FROM evidence_item WHERE post_id = 'p0')"
PUT_IN = """INSERT INTO evidence_capture (id, about, at, "by") VALUES (99, 'case:1', '2026-01-01', 'x')"""


def _steps() -> list[str]:
    return list(Custody.objects.order_by("id").values_list("what", flat=True))


# --- sealing and opening -------------------------------------------------------------------------------------------


def test_what_was_sealed_is_opened_with_the_custodian_key_and_a_reason(inside: Inside) -> None:
    made = inside.sealed()
    custodian = inside.person("evidence_custodian")
    item = made.items.order_by("id")[0]
    found = services.open_item(custodian, item.pk, inside.custodian, "the court asks")
    assert found == {
        "kind": "post", "platform": "x", "account_id": "a1", "post_id": "p0", "facts": {"text": "words 1 0"}
    }  # fmt: skip
    assert services.verify(made) == 2
    assert _steps() == ["sealed", "sealed", "opened"]
    entry = Entry.objects.get(verb="evidence.open")
    assert (entry.actor, entry.object, entry.reason) == (custodian.pseudonym, f"evidence:{item.pk}", "the court asks")


def test_nothing_sealed_is_readable_in_the_home_or_the_ledger(inside: Inside) -> None:
    inside.sealed()
    everything = b"".join(path.read_bytes() for path in inside.path.rglob("*") if path.is_file())
    everything += json.dumps([list(Entry.objects.values()), list(Item.objects.values())], default=str).encode()
    assert b"words" not in everything
    assert b"AGE-SECRET-KEY" not in everything


def test_only_a_custodian_with_a_reason_opens(inside: Inside) -> None:
    item = inside.sealed().items.first()
    assert item
    for role in ("reviewer", "legal", "auditor", "admin"):
        with pytest.raises(Refused):
            services.open_item(inside.person(role), item.pk, inside.custodian, "to see")
    with pytest.raises(VaultError, match="say why"):
        services.open_item(inside.person("evidence_custodian"), item.pk, inside.custodian, " ")
    assert Entry.objects.filter(verb="refused", object=f"evidence:{item.pk}").count() == 4
    assert "opened" not in _steps()


def test_a_wrong_key_opens_nothing(inside: Inside, tmp_path: Path) -> None:
    item = inside.sealed().items.first()
    other, empty = tmp_path / "other.key", tmp_path / "empty.key"
    make_custodian(other, tmp_path / "elsewhere")
    empty.write_text("# nothing\n")
    custodian = inside.person("evidence_custodian")
    assert item
    for path, said in ((other, "does not open"), (empty, "holds no custodian's key"), (tmp_path / "none", "holds no")):
        with pytest.raises(VaultError, match=said):
            services.open_item(custodian, item.pk, path, "to see")
    assert "opened" not in _steps()


def test_each_thing_has_a_key_of_its_own(inside: Inside) -> None:
    inside.sealed(count=3)
    identity = read_custodian(inside.custodian)
    keys = {pyrage.decrypt(path.read_bytes(), [identity]) for path in inside.key_files()}
    assert len(keys) == 3
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(inside.blobs()[0].read_bytes(), [identity])


def test_without_a_public_key_or_things_nothing_is_sealed(inside: Inside) -> None:
    with pytest.raises(VaultError, match="nothing to seal"):
        services.capture(WHO, "case:1", [])
    (inside.path / "keys" / "custodian.pub").unlink()
    with pytest.raises(VaultError, match="seawall evidence key"):
        inside.sealed()
    assert Capture.objects.count() == Entry.objects.count() == 0


def test_the_custodian_key_is_made_once_and_never_inside_the_home(inside: Inside, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    with pytest.raises(VaultError, match="inside the home"):
        make_custodian(home / "keys" / "secret", home)
    (tmp_path / "link").symlink_to(home)
    with pytest.raises(VaultError, match="inside the home"):
        make_custodian(tmp_path / "link" / "secret", home)
    with pytest.raises(VaultError, match="exists; nothing was changed"):
        make_custodian(inside.custodian, home)
    assert not (home / "keys").exists()
    make_custodian(tmp_path / "fresh.key", home)
    assert (tmp_path / "fresh.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(VaultError, match="already"):
        make_custodian(tmp_path / "second.key", home)


def test_what_cannot_be_written_down_is_not_kept(inside: Inside) -> None:
    with pytest.raises(ZeroDivisionError):
        undone(inside.sealed)
    assert Item.objects.count() == 0
    assert len(inside.blobs()) == 2  # on disk before the rows: nothing names them


def test_sealed_files_that_nothing_names_are_swept_after_a_day(inside: Inside) -> None:
    with pytest.raises(ZeroDivisionError):
        undone(inside.sealed)
    lost = {*inside.blobs(), *inside.key_files()}
    inside.sealed(2)
    (inside.path / "vault" / "keys" / ".half.age.12ab").write_bytes(b"half")
    assert services.sweep() == 0
    for path in (inside.path / "vault").rglob("*"):
        os.utime(path, (time.time() - 90_000,) * 2)
    assert services.sweep() == 5
    assert not lost & {*inside.blobs(), *inside.key_files()}
    assert services.verify_all() == []


# --- verifying -----------------------------------------------------------------------------------------------------


def test_every_byte_of_a_sealed_file_counts(inside: Inside) -> None:
    made = inside.sealed(count=1)
    (blob,) = inside.blobs()
    whole = blob.read_bytes()
    for at in range(0, len(whole), 37):
        blob.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(VaultError, match="was changed"):
            services.verify(made)
    blob.write_bytes(whole)
    assert services.verify(made) == 1


def test_a_missing_file_and_a_missing_key_are_named(inside: Inside) -> None:
    inside.sealed()
    inside.blobs()[0].unlink()
    assert [("is gone" in fault, "of case:1: " in fault) for fault in services.verify_all()] == [(True, True)]
    for path in inside.key_files():
        path.unlink()
    faults = services.verify_all()
    assert len(faults) == 2
    assert sum("the key of sealed evidence" in fault for fault in faults) == 1


def test_a_key_file_that_was_swapped_does_not_open(inside: Inside) -> None:
    item = inside.sealed().items.first()
    assert item
    key = inside.path / "vault" / "keys" / f"{item.name}.age"
    custodian, public = inside.person("evidence_custodian"), Vault(inside.path).recipient()
    for forged in (str(x25519.Identity.generate()).encode(), b"\xff", b""):
        key.write_bytes(pyrage.encrypt(forged, [public]))
        with pytest.raises(VaultError, match="does not open"):
            services.open_item(custodian, item.pk, inside.custodian, "to see")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE evidence_item SET state = 'destroyed' WHERE post_id = 'p0'", "is destroyed, and its custody says"),
        (f"UPDATE evidence_item SET sealed_hash = '{ZEROS}' WHERE post_id = 'p0'", "custody speaks of another"),
        (f"UPDATE evidence_custody SET sealed_hash = '{ZEROS}'", "custody speaks of another"),
        ("DELETE FROM evidence_custody", "does not say who sealed it"),
        (f"{NO_STEPS}; DELETE FROM evidence_item WHERE post_id = 'p0'", "are not those the audit log says were sealed"),
        ("UPDATE audit_entry SET detail = '{}' WHERE verb = 'evidence.seal'", "does not say what was sealed"),
        (PUT_IN, "capture 99 was put into the ledger"),
    ],
)
def test_rows_about_evidence_that_were_changed(inside: Inside, change: str, said: str) -> None:
    inside.sealed()
    assert services.verify_all() == []
    inside.sql(*change.split("; "))
    assert said in "\n".join(services.verify_all())


# --- keeping and destroying ----------------------------------------------------------------------------------------


def test_an_open_ground_keeps_and_an_ended_one_lets_go(inside: Inside) -> None:
    made, now = inside.sealed(), timezone.now()
    services.keep(made, "appeal:1", now + timedelta(days=1))
    services.let_go(made, "decision:1")
    assert services.destroy_due() == []
    services.keep(made, "appeal:1", now - timedelta(seconds=1))
    services.keep(made, "hold:1", now + timedelta(days=1))
    assert services.destroy_due() == []
    services.let_go(made, "hold:1")
    services.keep(made, "decision:1")  # opened again
    assert services.destroy_due() == []
    services.let_go(made, "decision:1")
    gone = services.destroy_due()
    assert sorted(one.content_hash for one in gone) == sorted(item.content_hash for item in made.items.all())
    assert (inside.blobs(), inside.key_files(), services.verify_all()) == ([], [], [])
    assert services.destroy_due() == []


def test_what_is_destroyed_leaves_its_hashes_and_cannot_come_back_unseen(inside: Inside) -> None:
    made = inside.sealed(count=1)
    item = made.items.get()
    (key,), (blob,) = inside.key_files(), inside.blobs()
    kept = {path: path.read_bytes() for path in (key, blob)}
    services.let_go(made, "decision:1")
    services.destroy_due()
    assert _steps() == ["sealed", "destroyed"]
    entry = Entry.objects.get(verb="evidence.destroy")
    assert json.loads(entry.detail) == {"contents": [item.content_hash]}
    with pytest.raises(VaultError, match="was destroyed"):
        services.verify(made)
    with pytest.raises(VaultError, match="was destroyed"):
        services.open_item(inside.person("evidence_custodian"), item.pk, inside.custodian, "to see")
    key.write_bytes(kept[key])
    assert "was destroyed, and" in services.verify_all()[0]


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_kill_while_destroying_leaves_a_step_that_is_repeated(
    inside: Inside, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    made = inside.sealed(count=3)
    services.let_go(made, "decision:1")
    destroy, calls = Vault.destroy, iter(range(9))

    def killed(vault: Vault, sealed: object) -> None:
        if next(calls) == after:
            raise KeyboardInterrupt
        destroy(vault, sealed)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Vault, "destroy", killed)
        with pytest.raises(KeyboardInterrupt):
            services.destroy_due()
    assert _steps() == ["sealed"] * 3  # never written down as destroyed while it is not
    assert len(inside.key_files()) == 3 - after
    assert len(services.verify_all()) == after
    assert len(services.destroy_due()) == 3
    assert (inside.key_files(), services.verify_all()) == ([], [])
    assert Entry.objects.filter(verb="evidence.destroy").count() == 1


# --- at the command line -------------------------------------------------------------------------------------------


def test_evidence_is_listed_opened_and_destroyed_at_the_command_line(inside: Inside, runner: Run) -> None:
    assert "Nothing was sealed" in runner("evidence", "list")
    inside.sealed(1)
    made = inside.sealed(2)
    inside.person("evidence_custodian")
    inside.person("reviewer")
    listed = rows(runner("evidence", "list", "--case", "2", "--json"))
    assert [(row["about"], row["post_id"], row["state"]) for row in listed] == [
        ("case:2", "p0", "sealed"),
        ("case:2", "p1", "sealed"),
    ]
    assert runner("evidence", "list").count("case:") == 4
    assert Entry.objects.filter(verb="evidence.list", actor__startswith="cli:").count() == 3
    item, asked = listed[0]["item"], ("--identity", inside.custodian, "--reason", "the court asks")
    opened = runner("evidence", "open", item, *asked, "--as", "Evidence_Custodian")
    assert json.loads(opened)["facts"] == {"text": "words 2 0"}
    assert "roles do not allow" in runner("evidence", "open", item, *asked, "--as", "reviewer")
    assert "nobody signs in" in runner("evidence", "open", item, *asked, "--as", "nobody")
    assert "no item 999999" in runner("evidence", "open", 999999, *asked, "--as", "evidence_custodian")
    assert "Nothing is due" in runner("evidence", "expire")
    services.let_go(made, "decision:2")
    gone = runner("evidence", "expire").splitlines()
    assert [line.split()[-1] for line in gone] == [*(row["content_hash"] for row in listed), "destroyed."]
    assert "Sealed evidence is whole." in runner("evidence", "verify")
    inside.key_files()[0].unlink()
    assert "of case:1: the key of sealed evidence" in runner("evidence", "verify")


def test_the_custodian_key_at_the_command_line(inside: Inside, runner: Run, tmp_path: Path) -> None:
    assert "already" in runner("evidence", "key", tmp_path / "other.key")
    (inside.path / "keys" / "custodian.pub").unlink()
    assert "inside the home" in runner("evidence", "key", inside.path / "keys" / "secret")
    assert "Public key age1" in runner("evidence", "key", tmp_path / "other.key")
