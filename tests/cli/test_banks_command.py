"""From a list and a decision to findings: banks brought, agreed to, matched, shared and ended on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command import Command
from desk import Desk, audit_verbs
from media.scenes import as_file, cropped, picture, scene
from seawall.cases.models import Case, Decision
from seawall.cases.scanning import scan_home
from seawall.cases.services import own_conduct, propose, take, undone
from seawall.media.opened import luminance
from seawall.media.pdq import hash_of, waves
from seawall.people.models import User
from seawall.people.roles import DeskRole
from sources.telegram_chats import chat, message

LIST = ("--bank", "partners", "--conduct", "propaganda", "--source", "Partner A", "--basis", "agreement of 2026")


@pytest.fixture
def command(desk: Desk, django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """The command, whose transactions are over when it returns."""
    seawall = Command(desk.home)

    def ran(*words: object) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return seawall(*words)

    return ran


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A chat: two accounts post a poster, one of them cropped and mirrored; one posts another picture, one none."""
    poster = picture(scene(21))
    files = {
        "poster": as_file(poster), "again": as_file(cropped(poster, 0.05, 0.02, 0.0, 0.04).transpose(0), "JPEG", 40),
        "other": as_file(picture(scene(22))), "damaged": as_file(poster)[:300],
    }  # fmt: skip
    folder = tmp_path / "export"
    (folder / "photos").mkdir(parents=True)
    for name, content in files.items():
        (folder / "photos" / f"{name}.jpg").write_bytes(content)
    shown = ["poster", "again", "other", "damaged", "absent", "poster"]
    messages = [message(n, n, "look", photo=f"photos/{name}.jpg") for n, name in enumerate(shown, 1)]
    (folder / "result.json").write_text(json.dumps(chat(messages)), "utf-8")
    return folder


@pytest.fixture
def loaded(command: Callable[..., Any], export: Path) -> Path:
    assert command("load", "telegram", export / "result.json").code == 0
    return export


def _listed(export: Path) -> Path:
    its = waves(luminance((export / "photos" / "poster.jpg").read_bytes()))
    path = export / "list.csv"
    path.write_text(f"hash,kind,reference\n{hash_of(its.waves).tobytes().hex()},pdq,poster-7\n")
    return path


def _accounts(command: Callable[..., Any], desk: Desk) -> list[str]:
    scan_home(desk.home)
    return [found["account_id"] for found in command("findings", "--signal", "media", "--json").json_lines()]


def test_a_list_that_two_people_stand_behind_finds_who_posts_what_is_in_it(
    command: Callable[..., Any], loaded: Path, legal: User, desk: Desk
) -> None:
    second = desk.person(DeskRole.LEGAL)
    hashed = command("media", "hash", loaded, "--json").json()
    assert {name: hashed[name] for name in ("already", "hashed", "known", "in_banks")} == {
        "already": 0, "hashed": 4, "known": 1, "in_banks": 0,
    }  # fmt: skip
    assert hashed["media"] - hashed["no_file"] == 5  # the others are the world's, which has no files
    assert list(hashed["unhashed"]) == ["no picture that can be read: OSError"]

    brought = command("banks", "import", _listed(loaded), *LIST, "--as", legal.username, "--json").json()
    assert (brought["state"], brought["entries"], brought["agreed_by"]) == ("proposed", 1, None)
    assert _accounts(command, desk) == []
    alone = command("banks", "agree", brought["part"], "--as", legal.username, "--reason", "mine")
    assert alone.code
    assert "two different people" in alone.err
    assert command("banks", "agree", brought["part"], "--as", second.username, "--reason", "checked").code == 0

    again = command("media", "hash", loaded, "--json").json()
    assert (again["already"], again["hashed"], again["in_banks"]) == (5, 0, 1)
    assert _accounts(command, desk) == ["user1", "user6"]  # of a hash alone the cropped one is not found
    assert Case.objects.filter(platform="telegram", account_id="user1").exists()
    shown = command("banks", "list", "--as", legal.username).out
    assert "from Partner A; agreement of 2026" in shown
    assert second.pseudonym in shown

    assert command("banks", "end", brought["part"], "--as", legal.username, "--reason", "over").code == 0
    assert _accounts(command, desk) == []
    assert "No bank holds anything" in command("banks", "list", "--as", legal.username).out
    assert audit_verbs(f"bank:partners/{brought['part']}") == ["bank.propose", "refused", "bank.agree", "bank.end"]


def test_what_was_decided_is_found_cropped_and_mirrored_shared_and_let_go_when_taken_back(
    command: Callable[..., Any], loaded: Path, desk: Desk, legal: User, reviewer: User, second_reviewer: User,
    tmp_path: Path, django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    command("media", "hash", loaded)
    part = command("banks", "import", _listed(loaded), *LIST, "--as", legal.username, "--json").json()["part"]
    command("banks", "agree", part, "--as", desk.person(DeskRole.LEGAL).username, "--reason", "yes")
    scan_home(desk.home)
    case = Case.objects.get(platform="telegram", account_id="user1")
    take(reviewer, case.pk)
    desk.opens(reviewer, case)
    decision = desk.approved(propose(reviewer, case.pk, desk.draft()), second_reviewer)
    own = ("banks", "add", decision.pk, "--post", own_conduct(case)[0], "--files", loaded, "--as")
    assert "only what an executed decision is about" in command(*own, reviewer.username).err
    desk.worker()
    command("banks", "end", part, "--as", legal.username, "--reason", "over")

    added = command(*own, reviewer.username, "--json").json()
    assert (added["bank"], added["source"], added["entries"]) == ("own", f"decision:{decision.pk}", 1)
    refused = command("banks", "agree", added["part"], "--as", reviewer.username, "--reason", "mine").err
    assert "your roles do not allow" in refused
    assert command("banks", "agree", added["part"], "--as", second_reviewer.username, "--reason", "yes").code == 0
    assert _accounts(command, desk) == ["user1", "user6", "user2"]  # the same file first

    (theirs := tmp_path / "theirs.csv").write_text(f"hash\n{'ab' * 16}\n")
    other = command("banks", "import", theirs, *LIST, "--as", legal.username, "--json").json()["part"]
    command("banks", "agree", other, "--as", desk.person(DeskRole.LEGAL).username, "--reason", "yes")
    target = tmp_path / "shared.json"
    share = ("banks", "share", "--reason", "partners of the agreement", "--to", target, "--as")
    assert command(*share, reviewer.username).code
    assert command(*share, legal.username).code == 0
    shared = json.loads(target.read_text())["data"]
    assert sorted(one["type"] for one in shared) == ["HASH_PDQ", "HASH_SHA256"]  # and not what others gave
    assert "user1" not in target.read_text()
    assert audit_verbs("bank:own") == ["refused", "bank.share"]

    with django_capture_on_commit_callbacks(execute=True):
        undone(Decision.objects.get(pk=decision.pk))
    assert _accounts(command, desk) == []
    assert (
        "nothing to share"
        in command("banks", "share", "--reason", "x", "--to", tmp_path / "n", "--as", legal.username).err
    )


@pytest.mark.parametrize(
    ("ours", "why"), [(False, "does not rest on that post"), (True, "no file of that post is here")]
)
def test_only_files_of_posts_that_were_decided_about_are_banked(
    command: Callable[..., Any], loaded: Path, desk: Desk, legal: User, reviewer: User, second_reviewer: User,
    tmp_path: Path, ours: bool, why: str,
) -> None:  # fmt: skip
    command("media", "hash", loaded)
    part = command("banks", "import", _listed(loaded), *LIST, "--as", legal.username, "--json").json()["part"]
    command("banks", "agree", part, "--as", desk.person(DeskRole.LEGAL).username, "--reason", "yes")
    scan_home(desk.home)
    case = Case.objects.get(platform="telegram", account_id="user1")
    take(reviewer, case.pk)
    desk.opens(reviewer, case)
    decision = desk.approved(propose(reviewer, case.pk, desk.draft()), second_reviewer)
    desk.worker()
    files = tmp_path / "elsewhere" if ours else loaded
    files.mkdir(exist_ok=True)
    post = own_conduct(case)[0] if ours else "another"
    words = ("banks", "add", decision.pk, "--post", post, "--files", files, "--as")
    assert why in command(*words, reviewer.username).err
    assert "your roles do not allow" in command(*words, legal.username).err


def test_what_is_wrong_is_said(command: Callable[..., Any], legal: User, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("hash\n12\n")
    assert "say its kind" in command("banks", "import", tmp_path / "bad.csv", *LIST, "--as", legal.username).err
    assert "No such file" in command("banks", "import", tmp_path / "none.csv", *LIST, "--as", legal.username).err
    assert "nobody signs in" in command("banks", "list", "--as", "nobody").err
    assert "there is no part 99" in command("banks", "end", 99, "--as", legal.username, "--reason", "x").err
    assert "no folder and no .zip" in command("media", "hash", tmp_path / "none").err
