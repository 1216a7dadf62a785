"""What is made of Matrix events, field by field; and of a server's answers that are not as they should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from makers import lines, write
from seawall.lake import Lake
from seawall.sources.contract import Batch, SourceError
from seawall.sources.loading import follow, load
from seawall.sources.matrix import MatrixExport, MatrixRooms, Server, event_of, post_id_of
from seawall.sources.matrix.payload import media_in
from sources.matrix_events import ROOM, event, formatted, message, picture, reply

TOKEN = "syt_secret"


def _read(tmp_path: Path, *events: dict[str, Any] | bytes) -> Batch:
    content = b"".join(e + b"\n" if isinstance(e, bytes) else lines([e]) for e in events)
    (batch,) = MatrixExport().read(write(tmp_path / "events.jsonl", content), None)
    return batch


def _post(tmp_path: Path, given: dict[str, Any]) -> dict[str, Any]:
    batch = _read(tmp_path, given)
    assert batch.rejects == []
    (post,) = batch.tables["posts"].to_pylist()
    return dict(post)


def test_a_plain_message(tmp_path: Path) -> None:
    post = _post(tmp_path, message(1, "see https://a.example/x #harbour and #hall:example.org"))
    assert post["post_id"] == f"{ROOM}/$event1"
    assert (post["account_id"], post["handle"]) == ("@account1:example.org", "account1:example.org")
    assert post["at"].isoformat() == "2023-11-14T22:14:20+00:00"
    assert (post["kind"], post["media"]) == ("post", 0)
    assert post["links"] == ["https://a.example/x"]
    assert post["hashtags"] == ["harbour"]


def test_the_text_is_what_people_see(tmp_path: Path) -> None:
    html = "one &amp; two<br/>three <p>four</p><!-- no --> 1 < 2 <a href='https://b.example/?a=1&amp;b=2'>here</a>"
    post = _post(tmp_path, formatted(1, "something else", html))
    assert post["text"] == "one & two\nthree four\n 1 < 2 here"
    assert post["links"] == ["https://b.example/?a=1&b=2"]


@pytest.mark.parametrize(
    "html", ["<![ x", "<!", "<", "</", "<a", "&#xffffffff;", "&#0;", "<![CDATA[x]]>", "<a " * 9999]
)
def test_broken_markup_breaks_nothing(tmp_path: Path, html: str) -> None:
    _post(tmp_path, formatted(1, "x", html))


def test_who_answers_does_not_say_again_what_is_answered(tmp_path: Path) -> None:
    body = "> <@other:example.org> their words\n> and more\n\nmy words"
    post = _post(tmp_path, reply(2, "$event1", body))
    assert (post["text"], post["kind"]) == ("my words", "reply")
    assert post["reply_to_post_id"] == f"{ROOM}/$event1"
    html = "<mx-reply><blockquote>their words</blockquote></mx-reply>my words"
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$event1"}}}
    assert _post(tmp_path, formatted(3, body, html, **relation))["text"] == "my words"


def test_a_quoted_line_that_repeats_nobody_stays(tmp_path: Path) -> None:
    assert _post(tmp_path, reply(2, "$event1", "> own words"))["text"] == "> own words"
    assert _post(tmp_path, message(3, "> <@a:b> own words"))["text"] == "> <@a:b> own words"


def test_a_message_in_a_thread_answers_the_thread(tmp_path: Path) -> None:
    thread = {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$last"}}
    falling = message(1, **{"m.relates_to": {**thread, "is_falling_back": True}})
    assert _post(tmp_path, falling)["reply_to_post_id"] == f"{ROOM}/$root"
    assert _post(tmp_path, message(1, **{"m.relates_to": thread}))["reply_to_post_id"] == f"{ROOM}/$last"


def test_an_edit_is_a_post_with_the_new_text(tmp_path: Path) -> None:
    new = {"m.new_content": {"msgtype": "m.text", "body": "worse words"}}
    edit = message(2, "* worse words", **{"m.relates_to": {"rel_type": "m.replace", "event_id": "$event1"}, **new})
    post = _post(tmp_path, edit)
    assert (post["text"], post["kind"], post["post_id"]) == ("worse words", "post", f"{ROOM}/$event2")


def test_mentions_by_field_and_by_link(tmp_path: Path) -> None:
    html = '<a href="https://matrix.to/#/%40c%3Aexample.org">C</a> <a href="https://matrix.to/#/@b:example.org">B</a>'
    given = formatted(1, "C B", html, **{"m.mentions": {"user_ids": ["@b:example.org", 7, "no id"]}})
    batch = _read(tmp_path, given)
    assert batch.tables["posts"]["mentions"].to_pylist() == [["b:example.org", "c:example.org"]]
    assert batch.tables["posts"]["links"].to_pylist() == [[]]
    ties = batch.tables["ties"].to_pylist()
    assert [(tie["kind"], tie["to_id"]) for tie in ties] == [
        ("mention", "@b:example.org"),
        ("mention", "@c:example.org"),
    ]


def test_files_of_a_message(tmp_path: Path) -> None:
    batch = _read(tmp_path, picture(1), picture(2, msgtype="m.video", filename="a.mp4", body="a caption"))
    media = batch.tables["media"].to_pylist()
    assert [(m["media_id"], m["kind"], m["alt_text"]) for m in media] == [
        ("example.org/file1", "photo", "a.png"),
        ("example.org/file2", "video", "a caption"),
    ]
    assert batch.tables["posts"]["text"].to_pylist() == ["", "a caption"]
    assert batch.tables["posts"]["media"].to_pylist() == [1, 1]


def test_a_text_with_a_stray_address_is_still_a_text(tmp_path: Path) -> None:
    assert _post(tmp_path, message(1, "words", url="mxc://example.org/x"))["text"] == "words"


def test_a_file_without_an_address_hides_no_words(tmp_path: Path) -> None:
    assert _post(tmp_path, message(1, "words", msgtype="m.image"))["text"] == "words"


def test_a_sticker_and_a_voice_message_are_media(tmp_path: Path) -> None:
    sticker = event(1, "m.sticker", content={"body": "a wave", "url": "mxc://example.org/wave", "info": {}})
    voice = picture(2, msgtype="m.audio", body="Voice message", **{"org.matrix.msc3245.voice": {}})
    batch = _read(tmp_path, sticker, voice)
    media = [(m["kind"], m["alt_text"], m["post_id"]) for m in batch.tables["media"].to_pylist()]
    assert media == [
        ("photo", "a wave", f"{ROOM}/$event1"),
        ("audio", "Voice message", f"{ROOM}/$event2"),
    ]
    assert batch.tables["posts"]["text"].to_pylist() == ["", ""]


def _poll(**start: Any) -> dict[str, Any]:
    return event(1, "m.poll.start", content={"m.text": [{"body": "for old clients"}], "m.poll": start})


def test_the_text_of_a_poll_is_its_question_and_answers(tmp_path: Path) -> None:
    answers = [{"m.id": "a", "m.text": [{"body": "Tea"}]}, {"m.id": "b", "m.text": [{"body": "Salt"}]}, 7]
    assert (
        _post(tmp_path, _poll(question={"m.text": [{"body": "What?"}]}, answers=answers))["text"] == "What?\nTea\nSalt"
    )
    early = {"question": {"org.matrix.msc1767.text": "Who?"}, "answers": [{"org.matrix.msc1767.text": "We"}]}
    name = "org.matrix.msc3381.poll.start"
    thread = {"m.relates_to": {"m.in_reply_to": {"event_id": "$event0"}}}
    post = _post(tmp_path, event(1, name, content={name: early, **thread}))
    assert (post["text"], post["kind"]) == ("Who?\nWe", "reply")
    edit = {"m.new_content": {name: early}, name: {"question": {"body": "old"}}}
    assert _post(tmp_path, event(1, name, content=edit))["text"] == "Who?\nWe"


def _member(number: int, who: str = "@c:example.org", **content: Any) -> dict[str, Any]:
    return event(number, "m.room.member", state_key=who, content={"membership": "join", **content})


def test_who_joins_a_room_follows_it_once(tmp_path: Path) -> None:
    joined = _member(1, displayname="C", avatar_url="mxc://example.org/c")
    batch = _read(tmp_path, joined, _member(2, displayname="C2"), _member(3, "@d:example.org", displayname=7))
    ties = [(tie["kind"], tie["from_id"], tie["to_id"], tie["at"].minute) for tie in batch.tables["ties"].to_pylist()]
    assert ties == [("follow", "@c:example.org", ROOM, 14), ("follow", "@d:example.org", ROOM, 16)]
    people = [(a["account_id"], a["kind"], a["name"], a["picture"]) for a in batch.tables["accounts"].to_pylist()]
    assert people == [
        ("@c:example.org", "person", "C", "mxc://example.org/c"),
        ("@c:example.org", "person", "C2", None),
        ("@d:example.org", "person", None, None),
    ]
    assert batch.read == 3


def test_a_room_is_an_account_of_kind_group(tmp_path: Path) -> None:
    said = {"name": {"name": "Hall"}, "topic": {"topic": "Words"}, "canonical_alias": {"alias": "#hall:example.org"}}
    events = [event(n, f"m.room.{kind}", state_key="", content=c) for n, (kind, c) in enumerate(said.items())]
    batch = _read(tmp_path, *events, message(9))
    rooms = [a for a in batch.tables["accounts"].to_pylist() if a["kind"] == "group"]
    assert {a["account_id"] for a in rooms} == {ROOM}
    assert [(a["name"], a["bio"], a["handle"]) for a in rooms] == [
        ("Hall", None, None),
        (None, "Words", None),
        (None, None, "hall:example.org"),
    ]
    (bare,) = [a for a in _read(tmp_path, message(1)).tables["accounts"].to_pylist() if a["kind"] == "group"]
    assert (bare["account_id"], bare["handle"]) == (ROOM, None)


def test_a_redaction_is_the_state_of_the_post(tmp_path: Path) -> None:
    old, new = event(1, "m.room.redaction", redacts="$a", content={}), event(2, "m.room.redaction")
    new["content"] = {"redacts": "$b", "reason": "why"}
    states = _read(tmp_path, old, new).tables["states"].to_pylist()
    assert [(s["account_id"], s["post_id"], s["state"], s["at"].minute) for s in states] == [
        (None, f"{ROOM}/$a", "deleted", 14),
        (None, f"{ROOM}/$b", "deleted", 15),
    ]


def test_fields_that_only_look_official_are_told(tmp_path: Path) -> None:
    ours = message(1, **{"mood": "odd", "m.mood": 1, "org.example.mood": 1, "Mood": 1})
    batch = _read(tmp_path, {**ours, "weight": 1}, _member(2, colour="red"), event(3, "m.reaction", content={"x": 1}))
    assert dict(batch.unknown) == {"message.mood": 1, "message.m.mood": 1, "event.weight": 1, "m.room.member.colour": 1}


def test_all_files_of_a_post_are_found_for_quarantine() -> None:
    content = picture(1, formatted_body='<img src="mxc://example.org/between">', file={"url": "mxc://e.org/locked"})
    assert media_in(content["content"]) == [
        "mxc://example.org/file1",
        "mxc://e.org/locked",
        "mxc://example.org/between",
        "mxc://example.org/preview1",
    ]
    assert media_in({}) == media_in(None) == []


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    batch = _read(
        tmp_path,
        event(1, content={}, unsigned={"redacted_because": {"event_id": "$r"}}),
        event(2, content={}),
        event(3, "m.room.encrypted", content={"ciphertext": "x"}),
        event(4, "m.reaction"),
        event(8, "m.room.member", state_key="@a:b", content={"membership": "leave"}),
        event(9, "m.room.name", state_key="", content={"name": ""}),
        event(10, "m.room.name", content={"name": "no state"}),
        event(11, "org.matrix.msc3381.poll.response"),
        event(12, "m.sticker", content={}),
        event(13, "m.room.create"),
        event(5, "org.example.\x1b[2J"),
        message(6, msgtype="m.location", geo_uri="geo:1,2"),
        message(7, msgtype="m.server_notice"),
        b"",
    )
    assert (batch.read, batch.tables["posts"].num_rows) == (0, 0)
    assert dict(batch.ignored) == {
        "redacted message": 3,
        "encrypted message": 1,
        "reaction": 1,
        "membership that is no joining": 1,
        "event m.room.name that says nothing": 2,
        "answer to a poll": 1,
        "event m.room.create": 1,
        "event of a type of its own": 1,
        "message that is a place": 1,
        "notice of the server itself": 1,
        "blank line": 1,
    }


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (event(1, content={"msgtype": "m.text"}), "body"),
        (event(1, content={"msgtype": "m.text", "body": ["x"]}), "$.body"),
        (event(1, room_id="!a/b:c"), "$.room_id"),
        (event(1, event_id="no id"), "$.event_id"),
        (event(1, sender="nobody"), "$.sender"),
        (event(1, origin_server_ts=5), "$.origin_server_ts"),
        (event(1, origin_server_ts=10**18), "$.origin_server_ts"),
        (_poll(question={"m.text": []}, answers=[]), "without a question"),
        (_member(1, "c"), "who joins"),
        (event(1, "m.room.redaction", redacts="a"), "what it redacts"),
        (event(1, "m.sticker", content={"url": "mxc://s/x"}), "body"),
        ({"chunk": []}, "event_id"),
        (b"[]", "object"),
        (b'{"event_id": "\xff', "damaged JSON"),
    ],
)
def test_what_is_no_message_is_rejected_with_its_reason(tmp_path: Path, bad: Any, why: str) -> None:
    batch = _read(tmp_path, message(1), bad, message(2))
    (reject,) = batch.rejects
    assert reject.line == 2
    assert why in reject.reason
    assert batch.read == 3
    assert batch.tables["posts"].num_rows == 2


def test_an_export_is_loaded_once(seawall: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "events.jsonl.gz", lines([message(n) for n in range(1, 30)]))
    with seawall.lake() as lake:
        assert load(lake, MatrixExport(), path).added["posts"] == 29
        assert load(lake, MatrixExport(), path).already["posts"] == 29


@pytest.mark.parametrize("post_id", ["", "$event", "!room:s", "!room:s/", "!room:s/$", "room/$event", "!r m/$event"])
def test_a_post_id_needs_room_and_event(post_id: str) -> None:
    with pytest.raises(ValueError, match="no Matrix post"):
        event_of(post_id)
    assert event_of(post_id_of("!room:s", "$a/$b")) == ("!room:s", "$a/$b")


# A server, as far as the source asks --------------------------------------------------------------------------------


class _Server:
    """One public room whose events come in pages; some answers can be made wrong."""

    def __init__(self, pages: list[list[Any]]) -> None:
        self.pages = pages
        self.instead: dict[str, httpx.Response] = {}

    def source(self, *rooms: str) -> MatrixRooms:
        return MatrixRooms(Server("http://127.0.0.1:1", TOKEN, httpx.MockTransport(self.answer)), rooms)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        for part, what in self.instead.items():
            if part in path:
                return what
        if path.endswith("/sync"):
            return httpx.Response(200, json={"next_batch": "s9"})
        if path.endswith("/messages"):
            return self.page(request.url.params)
        if "/users/" in path:
            return httpx.Response(200, json={"displayname": "A name", "locked": True, "creation_ts": 1_700_000_000})
        room = {"room_id": ROOM, "join_rules": "public", "name": "Hall", "canonical_alias": "#hall:s", "topic": "Words"}
        if "/rooms/" in path:
            return httpx.Response(200, json={**room, "avatar": "mxc://s/hall", "joined_members": 3})
        return httpx.Response(200, json={"rooms": [room, {"room_id": "!private:s", "join_rules": "invite"}]})

    def page(self, params: httpx.QueryParams) -> httpx.Response:
        at = int(params.get("from", "p0").removeprefix("p")) if params.get("from") != "s9" else len(self.pages)
        chunk = self.pages[at] if at < len(self.pages) else []
        following = {"end": f"p{at + 1}"} if at < len(self.pages) else {}
        return httpx.Response(200, json={"chunk": chunk, **following})


def _follow(seawall: Any, server: _Server) -> Any:
    with seawall.lake() as lake:
        return follow(lake, server.source())


def test_pages_of_public_rooms_are_read_and_an_empty_one_is_not_the_end(seawall: Any, rows: Any) -> None:
    server = _Server([[message(1)], [], [message(2), {"event_id": "$odd"}]])
    report = _follow(seawall, server)
    assert (report.read, report.rejected, report.added["posts"]) == (3, 1, 2)
    names = {row["account_id"]: row["name"] for row in rows("accounts") if row["kind"] == "person"}
    assert names == {"@account1:example.org": "A name", "@account2:example.org": "A name"}
    (room,) = [row for row in rows("accounts") if row["kind"] == "group"]
    assert [room[name] for name in ("account_id", "handle", "name", "bio", "picture", "followers")] == [
        ROOM, "hall:s", "Hall", "Words", "mxc://s/hall", 3,
    ]  # fmt: skip
    assert {(row["state"], row["note"]) for row in rows("states")} == {("suspended", "locked")}
    (kept,) = [json.loads(line) for path in (seawall.home / "rejects").iterdir() for line in path.open()]
    assert (kept["file"], kept["line"], kept["raw"]) == ("127.0.0.1:1", 3, '{"event_id":"$odd"}')
    assert _follow(seawall, server).read == 3


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/sync", httpx.Response(401, json={"errcode": "M_UNKNOWN_TOKEN", "error": "no"}), "log in again"),
        ("/rooms", httpx.Response(403, json={"errcode": "M_FORBIDDEN", "error": "no"}), "must be an admin"),
        ("/messages", httpx.Response(429, json={"retry_after_ms": 2000}), "in 2 s"),
        ("/messages", httpx.Response(200, json={"chunk": 7}), "a form that Seawall does not know"),
        ("/users/", httpx.Response(500), "Try again later"),
    ],
)
def test_what_the_server_does_not_give_is_an_error_and_never_empty(seawall: Any, path, answer, said) -> None:
    server = _Server([[message(1)]])
    server.instead[path] = answer
    with pytest.raises(SourceError, match=said):
        _follow(seawall, server)
    server.instead.clear()
    assert _follow(seawall, server).added["posts"] == 1  # nothing was skipped


def test_an_account_of_another_server_is_known_by_its_id(seawall: Any, rows: Any) -> None:
    server = _Server([[message(1)]])
    server.instead["/users/"] = httpx.Response(400, json={"errcode": "M_UNKNOWN", "error": "Can only look up local"})
    _follow(seawall, server)
    people = [(row["account_id"], row["name"]) for row in rows("accounts") if row["kind"] == "person"]
    assert people == [("@account1:example.org", None)]


def test_a_room_is_named_by_its_id() -> None:
    with pytest.raises(SourceError, match="name rooms by their id"):
        _Server([]).source("#hall:example.org")


def test_the_manifest_holds_no_token(seawall: Any) -> None:
    server = _Server([[message(1), {"odd": 1}]])
    _follow(seawall, server)
    with Lake(seawall.home) as lake:
        assert lake.manifest.load(f"follow:matrix:{server.source().fingerprint()}")
    assert not any(TOKEN.encode() in path.read_bytes() for path in seawall.home.rglob("*") if path.is_file())
