"""Matrix watched on a real Synapse: whatever is killed, what is posted is in the lake once, with ties and states."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from live.following import rows
from live.packages import free_port
from live.synapse import Person, Synapse
from live.watched import Watched
from seawall.sources.matrix import post_id_of
from seawall.stream.status import WatchState, read_status
from stream.watching import until

PEOPLE, MESSAGES, REDACTED = 8, 500, 40


@pytest.fixture
def server() -> Iterator[Synapse]:
    """A server that may be killed."""
    with Synapse() as started:
        yield started


@dataclass
class Expected:
    """What the lake must hold in the end."""

    posts: set[str] = field(default_factory=set)
    ties: set[tuple[str, str, str | None, str | None, str | None]] = field(default_factory=set)
    states: set[tuple[str | None, str | None, str]] = field(default_factory=set)
    media: set[str] = field(default_factory=set)
    said: int = 0


class Script:
    """What people post, one message after the other, each once however often it must be sent."""

    def __init__(self, server: Synapse) -> None:
        self._server, self._number = server, itertools.count()
        self.admin = server.person("root", admin=True)
        self.people = [server.person(f"person{n}") for n in range(PEOPLE)]
        self.rooms = [server.room(*self.people, name="Hall"), server.room(*reversed(self.people), topic="Words")]
        self.private = server.room(*self.people[:2], preset="private_chat")
        self.expected = Expected()
        self.expected.ties = {("follow", p.id, room, None, None) for p in self.people for room in self.rooms}
        self.own: dict[str, list[tuple[str, str]]] = {person.id: [] for person in self.people}  # room and event

    def post(self, messages: int) -> None:
        """Messages of every shape, in both rooms; and now and then one between two people, in private."""
        for n in range(self.expected.said, self.expected.said + messages):
            person, room = self.people[n % PEOPLE], self.rooms[n // PEOPLE % 2]
            event = self._shape(n, person, room)
            self.own[person.id].append((room, event))
            self.expected.posts.add(post_id_of(room, event))
            self.expected.said += 1
            if n % 25 == 0:
                self._send(self.people[0], self.private, msgtype="m.text", body=f"between us {n}")

    def _shape(self, n: int, person: Person, room: str) -> str:
        earlier = [event for where, event in self.own[person.id] if where == room]
        other = self.people[(n + 1) % PEOPLE]
        if n % 5 == 1:
            address = f"https://example.org/{n}"
            event = self._send(person, room, msgtype="m.text", body=f"see {address} سلام")
            self.expected.ties.add(("shared_link", person.id, None, address, post_id_of(room, event)))
        elif n % 5 == 2 and earlier:
            answer, named = {"m.in_reply_to": {"event_id": earlier[-1]}}, {"user_ids": [other.id]}
            given = {"m.relates_to": answer, "m.mentions": named}
            event = self._send(person, room, msgtype="m.text", body=f"answer {n}", **given)
            self.expected.ties.add(("mention", person.id, other.id, None, post_id_of(room, event)))
        elif n % 5 == 3:
            address = f"mxc://localhost/file{n}"
            event = self._send(person, room, msgtype="m.image", body=f"{n}.png", url=address)
            self.expected.media.add(address)
        elif n % 5 == 4:
            poll = {"question": {"m.text": [{"body": f"question {n}"}]}, "answers": []}
            event = self._send(person, room, "m.poll.start", **{"m.poll": poll})
        else:
            event = self._send(person, room, msgtype="m.text", body=f"words {n}")
        return event

    def say(self, text: str) -> str:
        """Somebody who is not suspended says something in the first room; the event."""
        return self._send(self.people[-1], self.rooms[0], msgtype="m.text", body=text)

    def redact(self, count: int) -> None:
        for n in range(count):
            person = self.people[n % PEOPLE]
            room, event = self.own[person.id].pop(0)
            path = f"/_matrix/client/v3/rooms/{room}/redact/{event}/{next(self._number)}"
            self._done(person, "PUT", path, {})
            self.expected.states.add((None, post_id_of(room, event), "deleted"))

    def suspend(self, first: Person, second: Person) -> None:
        """One is suspended, one is locked; both have just posted."""
        self._done(self.admin, "PUT", f"/_synapse/admin/v1/suspend/{first.id}", {"suspend": True})
        self._done(self.admin, "PUT", f"/_synapse/admin/v2/users/{second.id}", {"locked": True})
        self.expected.states |= {(person.id, None, "suspended") for person in (first, second)}

    def _send(self, person: Person, room: str, kind: str = "m.room.message", **content: Any) -> str:
        path = f"/_matrix/client/v3/rooms/{room}/send/{kind}/{next(self._number)}"
        return str(self._done(person, "PUT", path, content)["event_id"])

    def _done(self, person: Person, method: str, path: str, body: dict[str, Any]) -> Any:
        """A request that must succeed in the end; the server makes one event of those with one number."""
        ends = time.monotonic() + 60
        while True:
            try:
                return self._server.done(person, method, path, json=body)
            except httpx.TransportError:
                assert time.monotonic() < ends, "the server does not come back"
                time.sleep(0.2)


def _watched(tmp_path: Path, server: Synapse, script: Script, *answers: str) -> Watched:
    token = tmp_path / "token"
    token.write_text(script.admin.token)
    more = ["--watch-only", "--token-file", str(token)]
    return Watched(tmp_path / "home", "matrix", [f"url={server.url}", *answers], more)


def test_500_messages_are_in_the_lake_once_through_kills_and_restarts(server: Synapse, tmp_path: Path) -> None:
    script = Script(server)
    watching = _watched(tmp_path, server, script, "seconds=1")
    try:
        _through_kills_and_restarts(server, script, watching)
    finally:
        watching.kill()


def test_500_messages_are_in_the_lake_once_where_the_server_pushes(server: Synapse, tmp_path: Path) -> None:
    """The same; and in between, what is posted is there at once although Seawall looks but once in five minutes."""
    script = Script(server)
    watching = _watched(tmp_path, server, script, "seconds=300", f"push_port={free_port()}")
    try:
        watching.kill()
        server.register(watching.home / "keys" / "registration-matrix.yaml")
        watching.start()
        _through_kills_and_restarts(server, script, watching)
        watching.start()
        until(lambda: _reading(watching), 60)
        _wait(script, watching)  # what the server could not push before comes first
        waits = sorted(_wait(script, watching) for _ in range(20))
    finally:
        watching.kill()
    print(f"from a post to the lake: median {waits[10]:.2f} s, longest {waits[-1]:.2f} s")
    assert waits[10] < 2


def _posts(watching: Watched) -> list[str]:
    return [post for (post,) in watching.column("posts", "post_id")]


def _reading(watching: Watched) -> bool:
    status = read_status(watching.home, "matrix")
    return status is not None and status.state == WatchState.READING


def _wait(script: Script, watching: Watched) -> float:
    """Seconds from a post until it is in the lake."""
    began = time.monotonic()
    event = script.say("words of the last hour")
    until(lambda: post_id_of(script.rooms[0], event) in _posts(watching))
    return time.monotonic() - began


def _through_kills_and_restarts(server: Synapse, script: Script, watching: Watched) -> None:
    expected = script.expected
    # 1. people post; meanwhile watcher and server are killed, ended and started again, alone and together
    posting = threading.Thread(target=script.post, args=(MESSAGES - 2 * PEOPLE,))
    posting.start()
    for step, said in enumerate((60, 120, 180, 240, 300, 360)):
        until(lambda said=said: expected.said >= said or not posting.is_alive(), 120)
        if step % 3 != 1:
            watching.kill()
        if step % 3 != 0:
            server.kill() if step < 3 else server.stop()
            server.start()
        if step % 3 != 1:
            watching.start()
    posting.join(120)
    assert not posting.is_alive()
    until(lambda: len(_posts(watching)) >= expected.said, 120)
    # 2. some of it is redacted, and the watcher is killed while it is told
    redacting = threading.Thread(target=script.redact, args=(REDACTED,))
    redacting.start()
    until(lambda: rows(watching.home, "states"), 60)
    watching.kill()
    redacting.join(60)
    # 3. two people post once more and are suspended while nobody watches
    script.post(2 * PEOPLE)
    script.suspend(*script.people[:2])
    watching.start()
    until(lambda: len(_posts(watching)) >= MESSAGES and len(rows(watching.home, "states")) >= REDACTED + 2, 120)
    time.sleep(3)  # what comes twice would come now
    watching.kill()
    _compare(watching, expected)
    print(f"{len(expected.posts)} posts, {len(expected.ties)} ties, {len(expected.states)} states,", end=" ")
    print(f"{len(expected.media)} files, each once, through 6 kills of the watcher and 4 ends of the server")


def _compare(watching: Watched, expected: Expected) -> None:
    home = watching.home
    assert expected.said == MESSAGES
    posts = _posts(watching)
    assert len(posts) == len(set(posts))
    assert set(posts) == expected.posts
    ties = [(t["kind"], t["from_id"], t["to_id"], t["link"], t["post_id"]) for t in rows(home, "ties")]
    assert sorted(ties, key=str) == sorted(expected.ties, key=str)
    states = [(s["account_id"], s["post_id"], s["state"]) for s in rows(home, "states")]
    assert sorted(states, key=str) == sorted(expected.states, key=str)
    assert sorted(m["url"] for m in rows(home, "media")) == sorted(expected.media)
    names = {row["account_id"]: row["name"] for row in rows(home, "accounts") if row["kind"] == "person"}
    assert len(names) == PEOPLE
    assert not list((home / "rejects").glob("*"))
