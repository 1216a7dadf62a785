"""Matrix on a real Synapse: what the adapter promises, what the source reads."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from contracts.adapters import CHECKS, Check, taking_back
from live.synapse import Person, Synapse
from seawall.enforcement.adapters.contract import About, AdapterError, Order
from seawall.enforcement.adapters.matrix import MatrixAdapter, check
from seawall.records.terms import State, Verb
from seawall.sources.contract import SourceError
from seawall.sources.loading import LoadReport, follow
from seawall.sources.matrix import MatrixRooms, Server, post_id_of, rooms

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636460f85f0f0002870180eb47ba920000000049454e44ae426082"
)
_number = itertools.count(1)


@dataclass
class Scene:
    """A room with an author and a reader, and an admin who is not in it."""

    server: Synapse
    admin: Person
    author: Person
    reader: Person
    room: str

    def adapter(self, **given: Any) -> MatrixAdapter:
        return MatrixAdapter(self.server.url, self.admin.token, **given)

    def order(self, verb: Verb, event: str | None = None) -> Order:
        post = post_id_of(self.room, event) if event else None
        return Order(f"key-{next(_number)}", verb, About("matrix", self.author.id, post), "breaks the rules")

    def picture(self) -> tuple[str, str]:
        """A post with a picture: its event and the picture's address."""
        unlike_any = next(_number).to_bytes(4)  # the server quarantines all copies of a file, and later ones at once
        address = self.server.upload(self.author, PNG + unlike_any)
        info = {"mimetype": "image/png"}
        event = self.server.send(self.author, self.room, msgtype="m.image", body="a.png", url=address, info=info)
        return event, address

    def can_speak(self) -> bool:
        return self.server.attempt(self.author, self.room, msgtype="m.text", body="still here").is_success

    def source(self, *named: str) -> MatrixRooms:
        return MatrixRooms(Server(self.server.url, self.admin.token), named or (self.room,))


@pytest.fixture
def scene(synapse: Synapse) -> Scene:
    return _scene(synapse)


def _scene(server: Synapse) -> Scene:
    n = next(_number)
    admin = server.person(f"admin{n}", admin=True)
    author, reader = server.person(f"author{n}"), server.person(f"reader{n}")
    return Scene(server, admin, author, reader, server.room(author, reader))


# The adapter ------------------------------------------------------------------------------------------------------


def _fresh(scene: Scene, verb: Verb) -> Order:
    if verb.of_account:
        return scene.order(verb)
    return scene.order(verb, scene.picture()[0])


@pytest.mark.parametrize("check_", CHECKS, ids=lambda check_: check_.__name__)
@pytest.mark.parametrize("verb", MatrixAdapter.can)
def test_adapter(scene: Scene, verb: Verb, check_: Check) -> None:
    check_(scene.adapter(enters_rooms=True), _fresh(scene, verb))


def test_a_suspended_account_cannot_send_until_it_is_taken_back(scene: Scene) -> None:
    adapter, order = scene.adapter(), scene.order(Verb.SUSPEND)
    assert scene.can_speak()
    receipt = adapter.apply(order)
    refused = scene.server.attempt(scene.author, scene.room, msgtype="m.text", body="x")
    assert (refused.status_code, refused.json()["errcode"]) == (403, "M_USER_SUSPENDED")
    adapter.undo(taking_back(order, receipt))
    assert scene.can_speak()


def test_a_locked_account_is_out_until_it_is_taken_back(scene: Scene) -> None:
    adapter, order = scene.adapter(), scene.order(Verb.LOCK)
    who = lambda: scene.server.ask(scene.author, "GET", "/_matrix/client/v3/account/whoami")  # noqa: E731
    receipt = adapter.apply(order)
    assert (who().status_code, who().json()["errcode"]) == (401, "M_USER_LOCKED")
    assert adapter.status(order.about) is State.SUSPENDED
    adapter.undo(taking_back(order, receipt))
    assert who().status_code == 200


def test_a_quarantined_picture_is_gone_and_comes_back(scene: Scene) -> None:
    event, address = scene.picture()
    adapter, order = scene.adapter(), scene.order(Verb.LIMIT, event)
    assert scene.server.download(scene.reader, address) == 200
    receipt = adapter.apply(order)
    assert receipt.before == {address: "off"}
    assert scene.server.download(scene.reader, address) == 404
    assert adapter.status(order.about) is State.WITHHELD
    adapter.undo(taking_back(order, receipt))
    assert scene.server.download(scene.reader, address) == 200


def test_a_picture_protected_from_quarantine_is_no_silent_success(scene: Scene) -> None:
    event, address = scene.picture()
    media = address.rpartition("/")[2]
    scene.server.done(scene.admin, "POST", f"/_synapse/admin/v1/media/protect/{media}", json={})
    with pytest.raises(AdapterError, match="protected from quarantine"):
        scene.adapter().apply(scene.order(Verb.LIMIT, event))


def test_removing_needs_a_moderator_and_enters_only_where_it_may(scene: Scene) -> None:
    order = scene.order(Verb.REMOVE, scene.server.say(scene.author, scene.room, "to go"))
    with pytest.raises(AdapterError, match="a moderator of the room") as refused:
        scene.adapter().apply(order)
    assert refused.value.permanent
    assert scene.adapter().status(order.about) is State.ACTIVE
    receipt = scene.adapter(enters_rooms=True).apply(order)
    assert receipt.reference.startswith("$")
    assert scene.adapter().apply(order) == receipt  # once, although asked again
    assert scene.adapter().status(order.about) is State.DELETED
    path = f"/_matrix/client/v3/rooms/{scene.room}/messages?dir=b&limit=50"
    seen = scene.server.done(scene.reader, "GET", path)["chunk"]
    assert "to go" not in [event["content"].get("body") for event in seen]


def test_removing_in_a_private_room(scene: Scene) -> None:
    room = scene.server.room(scene.author, scene.reader, preset="private_chat")
    event = scene.server.say(scene.author, room, "to go")
    order = replace(
        scene.order(Verb.REMOVE), about=About("matrix", scene.author.id, post_id_of(room, event)), key=f"private-{room}"
    )
    scene.adapter(enters_rooms=True).apply(order)
    assert scene.adapter().status(order.about) is State.DELETED


def test_what_others_did_before_is_not_lifted(scene: Scene) -> None:
    path = f"/_synapse/admin/v1/suspend/{scene.author.id}"
    scene.server.done(scene.admin, "PUT", path, json={"suspend": True})
    adapter, order = scene.adapter(), scene.order(Verb.SUSPEND)
    assert adapter.find(order) is None
    adapter.undo(taking_back(order, adapter.apply(order)))
    assert not scene.can_speak()


def test_a_token_without_power_fails_for_good(scene: Scene) -> None:
    with pytest.raises(AdapterError, match="must be an admin") as refused:
        MatrixAdapter(scene.server.url, scene.reader.token).apply(scene.order(Verb.SUSPEND))
    assert refused.value.permanent
    with pytest.raises(AdapterError, match="log in again") as refused:
        MatrixAdapter(scene.server.url, "syt_wrong").apply(scene.order(Verb.SUSPEND))
    assert refused.value.permanent
    assert scene.can_speak()


def test_an_account_that_is_nowhere_is_not_made(scene: Scene) -> None:
    ghost = About("matrix", "@ghost:localhost")
    for verb in (Verb.SUSPEND, Verb.LOCK):
        with pytest.raises(AdapterError) as refused:
            scene.adapter().apply(replace(scene.order(verb), about=ghost))
        assert refused.value.permanent
    assert scene.server.ask(scene.admin, "GET", "/_synapse/admin/v2/users/@ghost:localhost").status_code == 404


def test_a_server_that_is_away_is_worth_another_try(scene: Scene) -> None:
    with pytest.raises(AdapterError) as refused:
        MatrixAdapter("http://127.0.0.1:9", "token").find(scene.order(Verb.SUSPEND))
    assert not refused.value.permanent


def _told(scene: Scene) -> list[str]:
    """What the notices of the server say to the author."""
    synced = scene.server.done(scene.author, "GET", "/_matrix/client/v3/sync", params={"timeout": 0})
    events = [e for room in synced["rooms"].get("join", {}).values() for e in room["timeline"]["events"]]
    return [e["content"]["body"] for e in events if e["sender"].startswith("@notices:") and "body" in e["content"]]


def test_the_account_holder_is_told_once_even_when_suspended(scene: Scene) -> None:
    adapter, order = scene.adapter(), scene.order(Verb.SUSPEND)
    adapter.apply(order)
    assert adapter.tell(order.about, "Your account was suspended because …", "statement-1")
    assert adapter.tell(order.about, "Your account was suspended because …", "statement-1")
    assert _told(scene) == ["Your account was suspended because …"]


def test_check_and_tell_where_notices_are_not_enabled(scene: Scene) -> None:
    assert all(line.ok for line in check(scene.server.url, scene.admin.token))
    lines = [str(line) for line in check(scene.server.url, scene.reader.token) if not line.ok]
    assert len(lines) == 1
    assert "Make the account an admin" in lines[0]
    with Synapse(notices=False) as bare:
        admin, other = bare.person("root", admin=True), bare.person("other")
        assert not MatrixAdapter(bare.url, admin.token).tell(About("matrix", other.id), "text", "k")
        assert [line.text for line in check(bare.url, admin.token) if not line.ok] == [
            "notices to account holders: not enabled"
        ]


# The source -------------------------------------------------------------------------------------------------------


def _follow(seawall: Any, source: MatrixRooms) -> LoadReport:
    with seawall.lake() as lake:
        return follow(lake, source)


def _posts(rows: Callable[[str], list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    return {row["post_id"].partition("/")[2]: row for row in rows("posts")}


def test_messages_of_a_room_become_facts(scene: Scene, seawall: Any, rows: Any) -> None:
    server, author, reader, room = scene.server, scene.author, scene.reader, scene.room
    first = server.say(author, room, "#first see https://example.org/a")
    answer = {"m.in_reply_to": {"event_id": first}}
    mention = {"user_ids": [author.id]}
    reply = server.say(reader, room, "yes", **{"m.relates_to": answer, "m.mentions": mention})
    picture, address = scene.picture()
    report = _follow(seawall, scene.source())
    assert (report.read, report.rejected) == (5, 0)  # with two joins
    assert report.ignored["membership that is no joining"] == 1  # an invitation
    assert dict(report.unknown) == {}
    posts = _posts(rows)
    assert (posts[first]["text"], posts[first]["kind"]) == ("#first see https://example.org/a", "post")
    assert (posts[first]["hashtags"], posts[first]["links"]) == (["first"], ["https://example.org/a"])
    assert (posts[reply]["kind"], posts[reply]["reply_to_post_id"]) == ("reply", post_id_of(room, first))
    assert (posts[picture]["media"], posts[picture]["text"]) == (1, "")
    assert [row["url"] for row in rows("media")] == [address]
    ties = {(row["kind"], row["from_id"], row["to_id"], row["link"]) for row in rows("ties")}
    assert ties == {
        ("mention", reader.id, author.id, None),
        ("shared_link", author.id, None, "https://example.org/a"),
        ("follow", author.id, room, None),
        ("follow", reader.id, room, None),
    }
    names = {row["account_id"]: row["name"] for row in rows("accounts") if row["kind"] == "person"}
    assert names == {person.id: person.id[1:].partition(":")[0] for person in (author, reader)}


def test_a_room_is_an_account_as_its_server_shows_it(scene: Scene, seawall: Any, rows: Any) -> None:
    alias = f"hall{next(_number)}"
    room = scene.server.room(scene.author, name="Hall", topic="Words", room_alias_name=alias)
    scene.server.say(scene.author, room, "hello")
    _follow(seawall, scene.source(room))
    (found,) = [row for row in rows("accounts") if row["kind"] == "group"]
    shown = [found[name] for name in ("account_id", "handle", "name", "bio", "followers")]
    assert shown == [room, f"{alias}:localhost", "Hall", "Words", 1]


def test_stickers_and_polls_are_posts(scene: Scene, seawall: Any, rows: Any) -> None:
    answers = [{"m.id": "a", "m.text": [{"body": "Tea"}]}]
    poll = {"question": {"m.text": [{"body": "What?"}]}, "answers": answers}
    asked = scene.server.send(scene.author, scene.room, "m.poll.start", **{"m.poll": poll})
    wave = scene.server.send(scene.author, scene.room, "m.sticker", body="wave", url="mxc://localhost/wave", info={})
    _follow(seawall, scene.source())
    posts = _posts(rows)
    assert (posts[asked]["text"], posts[wave]["text"], posts[wave]["media"]) == ("What?\nTea", "", 1)


def test_redacted_and_encrypted_messages_are_counted_and_not_read(scene: Scene, seawall: Any, rows: Any) -> None:
    server, author, room = scene.server, scene.author, scene.room
    regretted = server.say(author, room, "regretted")
    server.redact(author, room, regretted)
    server.send(author, room, "m.room.encrypted", algorithm="m.megolm.v1.aes-sha2", ciphertext="AwgAEn", session_id="s")
    server.send(author, room, "m.reaction", **{"m.relates_to": {"rel_type": "m.annotation", "key": "x"}})
    kept = server.say(author, room, "kept")
    report = _follow(seawall, scene.source())
    assert set(_posts(rows)) == {kept}
    assert report.read == 4  # with two joins and the redaction
    assert report.ignored["redacted message"] == report.ignored["encrypted message"] == 1
    assert report.ignored["reaction"] == 1
    states = [(row["post_id"], row["state"]) for row in rows("states")]
    assert states == [(post_id_of(room, regretted), "deleted")]


def test_nonsense_in_a_field_does_not_hide_a_message(scene: Scene, seawall: Any, rows: Any) -> None:
    nonsense = {"m.relates_to": 7, "formatted_body": ["x"], "info": 7, "url": {}}
    event = scene.server.say(scene.author, scene.room, "sound", **nonsense)
    assert _follow(seawall, scene.source()).rejected == 0
    assert _posts(rows)[event]["text"] == "sound"


def test_a_later_run_reads_only_what_is_new(scene: Scene, seawall: Any, rows: Any) -> None:
    said = [scene.server.say(scene.author, scene.room, f"one {n}") for n in range(3)]
    assert _follow(seawall, scene.source()).read == 5  # with two joins
    again = _follow(seawall, scene.source())
    assert (again.read - again.resumed_at, dict(again.already)) == (0, {})
    said += [scene.server.say(scene.author, scene.room, f"two {n}") for n in range(2)]
    later = _follow(seawall, scene.source())
    assert later.read - later.resumed_at == 2
    assert later.already["posts"] == 0
    assert set(_posts(rows)) == set(said)


def test_nothing_is_lost_or_doubled_wherever_a_run_stops(
    scene: Scene, seawall: Any, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small pages, and runs that die after some of them, while people go on talking."""
    monkeypatch.setattr(rooms, "PAGE", 3)
    monkeypatch.setattr(rooms, "BATCH", 3)
    second = scene.server.room(scene.reader, scene.author)
    places = (scene.room, second)
    said = {scene.server.say(scene.author, place, f"first {n}") for n in range(7) for place in places}
    killed = 0
    for turn in range(12):
        try:
            with seawall.lake() as lake:
                follow(lake, scene.source(*places), _killer(turn % 2 + 1))
        except KilledError:
            killed += 1
        said.add(scene.server.say(scene.reader, places[turn % 2], f"meanwhile {turn}"))
        said.add(scene.server.say(scene.author, places[turn % 2], f"and {turn}"))
    assert killed > 6
    last = _follow(seawall, scene.source(*places))
    assert last.already["posts"] == 0
    assert last.read == len(said) + 4  # two joins in each room
    assert len(rows("posts")) == len(said)
    assert len(rows("ties")) == 4
    assert set(_posts(rows)) == said


class KilledError(Exception):
    """What a run dies of."""


def _killer(after: int) -> Callable[[Any, LoadReport], None]:
    """Kill a run when it has read so many batches."""
    seen: list[Any] = []

    def count(batch: Any, report: LoadReport) -> None:
        seen.append(batch)
        if len(seen) == after:
            raise KilledError

    return count


def test_only_rooms_that_anybody_may_join_are_read_unless_named(scene: Scene, seawall: Any, rows: Any) -> None:
    private = scene.server.room(scene.author, scene.reader, preset="private_chat")
    secret = scene.server.say(scene.author, private, "between us")
    public = scene.server.say(scene.author, scene.room, "to all")
    everything = MatrixRooms(Server(scene.server.url, scene.admin.token))
    _follow(seawall, everything)
    assert public in _posts(rows)
    assert secret not in _posts(rows)
    _follow(seawall, scene.source(private))  # a room named later is read from its beginning
    assert secret in _posts(rows)


def test_states_of_accounts_that_posted(scene: Scene, seawall: Any, rows: Any) -> None:
    scene.server.say(scene.author, scene.room, "last words")
    scene.server.say(scene.reader, scene.room, "other words")
    scene.adapter().apply(scene.order(Verb.SUSPEND))
    scene.server.done(scene.admin, "PUT", f"/_synapse/admin/v2/users/{scene.reader.id}", json={"locked": True})
    _follow(seawall, scene.source())
    states = {(row["account_id"], row["state"], row["note"]) for row in rows("states")}
    assert states == {(scene.author.id, "suspended", None), (scene.reader.id, "suspended", "locked")}


def test_a_wrong_token_or_server_stops_with_what_to_do(scene: Scene, seawall: Any) -> None:
    with pytest.raises(SourceError, match="log in again"):
        _follow(seawall, MatrixRooms(Server(scene.server.url, "syt_wrong")))
    with pytest.raises(SourceError, match="cannot reach"):
        _follow(seawall, MatrixRooms(Server("http://127.0.0.1:9", "token")))
    with pytest.raises(SourceError, match="check the id"):
        _follow(seawall, scene.source("!nowhere:localhost"))


def test_the_token_is_in_no_file_of_the_home(scene: Scene, seawall: Any) -> None:
    scene.server.say(scene.author, scene.room, "words")
    _follow(seawall, scene.source())
    with pytest.raises(SourceError, match="check the id"):
        _follow(seawall, scene.source("!nowhere:localhost"))
    for path in seawall.home.rglob("*"):
        if path.is_file():
            assert scene.admin.token.encode() not in path.read_bytes(), path
