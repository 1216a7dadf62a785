"""The story on a real Synapse: read, decided by two, suspended, told, appealed, given back."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest

from desk import ROOT, Desk, run
from live.synapse import Person, Synapse
from seawall.cases.codes import code_of
from seawall.cases.models import Case, Decision
from seawall.enforcement.models import Action
from seawall.enforcement.services import sync_reach
from seawall.evidence.vault import make_custodian
from seawall.records.terms import CaseState
from web.test_api import DRAFT, Api

_waits = itertools.count(1)
LAMP = "The lamp over the harbour is lit"


@pytest.fixture
def matrix_desk(synapse: Synapse, tmp_path: Path, settings: Any, db: None) -> tuple[Desk, Person, str]:
    """A desk connected to the server through the commands, with what a member of the network posted there."""
    admin = synapse.person("desk-admin", admin=True)
    member, reader = synapse.person("lamp-keeper"), synapse.person("harbour-cat")
    room = synapse.room(member, reader)
    for number in range(14):
        synapse.say(member, room, f"{LAMP}, night {number}")
    synapse.say(reader, room, "what lamp? I only like fish")
    home, token = tmp_path / "home", tmp_path / "token"
    token.write_text(admin.token)
    run(home, "init")
    for folder in ("rules", "lists"):
        shutil.copytree(ROOT / "src" / "seawall" / "wargame" / folder, home / folder, dirs_exist_ok=True)
    said = run(home, "connect", "matrix", "--url", synapse.url, "--token-file", token)
    assert "matrix is connected" in said
    assert "read 17, 0 rejected" in run(home, "watch", "matrix", "--once")  # with two who joined
    run(home, "scan")
    make_custodian(tmp_path / "custodian.key", home)
    settings.SEAWALL_HOME = home
    sync_reach()
    desk = Desk(home, tmp_path / "custodian.key")
    desk.sync()
    return desk, member, room


def test_the_story_on_a_real_server(
    matrix_desk: tuple[Desk, Person, str],
    synapse: Synapse,
    tmp_path: Path,
) -> None:
    desk, member, room = matrix_desk
    reviewer, second, officer = (desk.person(role) for role in ("reviewer", "second_reviewer", "appeals_officer"))
    first, other, appeals = Api(reviewer), Api(second), Api(officer)
    (case,) = Case.objects.all()  # the reader has none
    assert case.account_id == member.id
    # two people decide
    first.post(f"cases/{case.pk}/take")
    seen = first.get(f"cases/{case.pk}")
    assert not seen["simulated"]
    assert seen["can"] == {"suspend": True, "lock": True, "limit": True, "remove": False}
    texts = first.post(f"cases/{case.pk}/texts", {"post_ids": seen["conduct"]})
    assert all(LAMP in post["text"] for post in texts)
    decision = first.post(f"cases/{case.pk}/decisions", DRAFT)
    assert _may_speak(synapse, member, room)
    other.post(f"cases/{case.pk}/texts", {"post_ids": seen["conduct"]})
    other.post(f"decisions/{decision['id']}/approve", {"reason": "releases"})
    desk.worker()
    # the account cannot send, and its holder was told on the platform
    assert Decision.objects.get().state == CaseState.EXECUTED, list(Action.objects.values())
    refused = synapse.attempt(member, room, msgtype="m.text", body="still here")
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_USER_SUSPENDED")
    code = code_of(decision["id"])
    assert any(code in text for text in _notices(synapse, member))
    # an appeal, decided by somebody else, gives it back
    Api().post("public/appeals", {"code": code, "text": "I am a lighthouse keeper", "language": "en"})
    (appeal,) = appeals.get("appeals")
    appeals.post(f"appeals/{appeal['id']}/take")
    appeals.post(f"appeals/{appeal['id']}/decide", {"outcome": "reversed", "reasons": "You keep a lighthouse."})
    desk.worker()
    assert Decision.objects.get().state == CaseState.REVERSED
    assert _may_speak(synapse, member, room)
    assert any("You keep a lighthouse." in text for text in _notices(synapse, member))


def _may_speak(synapse: Synapse, person: Person, room: str) -> bool:
    return bool(synapse.attempt(person, room, msgtype="m.text", body="hello").is_success)


def _sync(synapse: Synapse, person: Person) -> dict[str, Any]:
    wait = next(_waits)  # the server keeps answers to equal questions for minutes
    answer = synapse.done(person, "GET", "/_matrix/client/v3/sync", params={"timeout": wait})
    return dict(answer["rooms"])


def _notices(synapse: Synapse, person: Person) -> list[str]:
    for invited in _sync(synapse, person).get("invite", {}):
        synapse.done(person, "POST", f"/_matrix/client/v3/join/{invited}", json={})
    joined = _sync(synapse, person)["join"]
    events = [event for room in joined.values() for event in room["timeline"]["events"]]
    return [str(event["content"].get("body", "")) for event in events if event["type"] == "m.room.message"]
