"""Bluesky on a real network: whatever is killed, all that is posted is in the lake once, with its ties and states."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import pg
from live.bluesky import HERE, Bluesky, MissingError, Person
from live.watched import Watched

POST, REPOST, FOLLOW, PROFILE = (
    "app.bsky.feed.post",
    "app.bsky.feed.repost",
    "app.bsky.graph.follow",
    "app.bsky.actor.profile",
)
PEOPLE = 10
PLAIN, REPLIES, QUOTES, REPOSTS, DELETED = 220, 30, 10, 20, 10  # of each person; with 9 follows and a profile, 300


@pytest.fixture(scope="module")
def network() -> Iterator[Bluesky]:
    try:
        bluesky = Bluesky()
    except (MissingError, pg.MissingError) as error:
        pytest.skip(str(error))
    with bluesky:
        yield bluesky


@dataclass
class Expected:
    """What the lake must hold in the end, and how much was done for it."""

    posts: set[str] = field(default_factory=set)
    ties: set[tuple[str, str, str, str | None]] = field(default_factory=set)
    states: set[tuple[str, str | None, str]] = field(default_factory=set)
    names: set[tuple[str, str]] = field(default_factory=set)
    done: int = 0


class Script:
    """What people post, step by step. Each step is a commit of each person."""

    def __init__(self, network: Bluesky, people: list[Person]) -> None:
        self._network, self._people = network, people
        self.expected = Expected()
        self._own: dict[str, list[dict[str, str]]] = {person.did: [] for person in people}

    def _write(self, person: Person, collection: str, records: list[dict[str, Any]]) -> list[dict[str, str]]:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        writes = [
            {
                "$type": "com.atproto.repo.applyWrites#create",
                "collection": collection,
                "value": {"$type": collection, **({} if collection == PROFILE else {"createdAt": now}), **record},
                **({"rkey": "self"} if collection == PROFILE else {}),
            }
            for record in records
        ]
        self.expected.done += len(writes)
        made = self._network.write(person, writes)
        if collection in (POST, REPOST):
            self.expected.posts |= {one["uri"] for one in made}
        return [{"uri": one["uri"], "cid": one["cid"]} for one in made]

    def plain(self, count: int) -> None:
        for person in self._people:
            records = [{"text": f"words {n} سلام https://example.org/{n}", "langs": ["ar"]} for n in range(count)]
            for n, one in enumerate(self._write(person, POST, records)):
                self._own[person.did].append(one)
                self.expected.ties.add(("shared_link", person.did, f"https://example.org/{n}", one["uri"]))

    def answers(self) -> None:
        for person, other in self._pairs():
            theirs = self._own[other.did][:REPLIES]
            records = [{"text": "an answer", "reply": {"root": one, "parent": one}} for one in theirs]
            for one in self._write(person, POST, records):
                self.expected.ties.add(("reply", person.did, other.did, one["uri"]))

    def quotes(self) -> None:
        for person, other in self._pairs():
            shown = [{"$type": "app.bsky.embed.record", "record": one} for one in self._own[other.did][:QUOTES]]
            for one in self._write(person, POST, [{"text": "see", "embed": embed} for embed in shown]):
                self.expected.ties.add(("quote", person.did, other.did, one["uri"]))

    def reposts(self) -> None:
        for person, other in self._pairs():
            for one in self._write(person, REPOST, [{"subject": one} for one in self._own[other.did][:REPOSTS]]):
                self.expected.ties.add(("repost", person.did, other.did, one["uri"]))

    def follows(self) -> None:
        for person in self._people:
            others = [other.did for other in self._people if other is not person]
            self._write(person, FOLLOW, [{"subject": did} for did in others])
            self.expected.ties |= {("follow", person.did, did, None) for did in others}

    def profiles(self) -> None:
        for n, person in enumerate(self._people):
            self._write(person, PROFILE, [{"displayName": f"Person {n}"}])
            self.expected.names.add((person.did, f"Person {n}"))

    def deletes(self) -> None:
        for person in self._people:
            gone = self._own[person.did][-DELETED:]
            kind = "com.atproto.repo.applyWrites#delete"
            self._network.write(
                person, [{"$type": kind, "collection": POST, "rkey": one["uri"].rpartition("/")[2]} for one in gone]
            )
            self.expected.done += len(gone)
            self.expected.states |= {(person.did, one["uri"], "deleted") for one in gone}

    def accounts(self) -> None:
        """One is taken down, one goes by itself."""
        first, second = self._people[:2]
        self._network.take_down(first.did)
        self._network.call("com.atproto.server.deactivateAccount", second)
        self.expected.states |= {(first.did, None, "suspended"), (second.did, None, "deleted")}

    def _pairs(self) -> list[tuple[Person, Person]]:
        return list(zip(self._people, [*self._people[1:], self._people[0]], strict=True))


def test_3000_operations_are_in_the_lake_once_through_kills_and_restarts(network: Bluesky, tmp_path: Path) -> None:
    people = [network.person(f"person{n}") for n in range(PEOPLE)]
    jetstream = _Jetstream(network)
    dids = [person.did for person in people]
    answers = [f"dids={did}" for did in dids]
    followers = [
        Watched(tmp_path / "jetstream", "bluesky", [f"url={jetstream.url}", *answers]),
        Watched(tmp_path / "firehose", "bluesky", [f"url={network.firehose}", *answers]),
    ]
    try:
        _posted(network, people, followers, jetstream)
    finally:
        for follower in followers:
            follower.kill()


def _posted(network: Bluesky, people: list[Person], followers: list[Watched], jetstream: _Jetstream) -> None:
    # 1. both follow from now on: post until both have something
    before, warm = Script(network, people), 0
    while not all(follower.column("posts", "post_id") for follower in followers):
        assert warm < 200, [follower.said() for follower in followers]
        before.plain(1)
        warm += 1
        time.sleep(0.5)
    script = Script(network, people)
    # 2. posts, and a kill while they come
    for part in range(5):
        script.plain(PLAIN // 10)
        if part == 2:
            for follower in followers:
                follower.kill()
    for follower in followers:
        follower.start()
    # 3. the servers end and come again while the followers are connected
    for _ in range(3):
        script.plain(PLAIN // 10)
    network.restart()
    jetstream.restart()
    for _ in range(2):
        script.plain(PLAIN // 10)
    # 4. ties, and another kill
    script.answers()
    script.quotes()
    for follower in followers:
        follower.kill()
    script.reposts()
    script.follows()
    for follower in followers:
        follower.start()
    script.profiles()
    script.deletes()
    script.accounts()
    assert script.expected.done == 3_000
    for follower in followers:
        _compare(follower, script.expected, before.expected)


def _compare(follower: Watched, expected: Expected, before: Expected) -> None:
    last = {("suspended",), ("deleted",)}
    everything = expected.posts | before.posts
    follower.until(
        lambda: (
            expected.posts <= {post for (post,) in follower.column("posts", "post_id")}
            and last
            <= {(state,) for _, post, state in follower.column("states", "account_id", "post_id", "state") if not post}
        ),
        "the posts do not come",
    )
    posts = [post for (post,) in follower.column("posts", "post_id")]
    assert len(posts) == len(set(posts))
    assert expected.posts <= set(posts) <= everything
    ties = follower.column("ties", "kind", "from_id", "to_id", "link", "post_id")
    found = [(kind, of, to or link, post) for kind, of, to, link, post in ties]
    assert len(found) == len(set(found))
    assert expected.ties <= set(found) <= expected.ties | before.ties
    # a Jetstream is asked from a moment before: the accounts may have been made in it, and are said to be active
    states = [one for one in follower.column("states", "account_id", "post_id", "state") if one[2] != "active"]
    assert sorted(states, key=str) == sorted(expected.states, key=str)
    names = follower.column("accounts", "account_id", "name")
    assert sorted(name for name in names if name[1]) == sorted(expected.names)
    assert not list((follower.home / "rejects").glob("*"))


class _Jetstream:
    """A Jetstream over the network's firehose."""

    def __init__(self, network: Bluesky) -> None:
        self._network, self._port, self._times = network, network.spare_port, 0
        self.url = f"ws://127.0.0.1:{self._port}/subscribe"
        self._start()

    def _start(self) -> None:
        firehose = self._network.firehose.rpartition("/")[0]
        command = [sys.executable, str(HERE / "bluesky_jetstream.py"), firehose, str(self._port)]
        self._process = self._network.run("jetstream", command)
        self._times += 1
        self._network.said("jetstream", "ready", self._times)

    def restart(self) -> None:
        self._process.kill()
        self._process.wait()
        self._start()
