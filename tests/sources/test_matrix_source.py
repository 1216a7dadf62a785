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
        event(5, "org.example.\x1b[2J"),
        message(6, msgtype="m.location", geo_uri="geo:1,2"),
        message(7, msgtype="m.server_notice"),
        b"",
    )
    assert (batch.read, batch.tables["posts"].num_rows) == (0, 0)
    assert dict(batch.ignored) == {
        "redacted message": 2,
        "encrypted message": 1,
        "event m.reaction": 1,
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
        room = {"room_id": ROOM, "join_rules": "public"}
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
    assert [row["name"] for row in rows("accounts")] == ["A name", "A name"]
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
    assert [(row["account_id"], row["name"]) for row in rows("accounts")] == [("@account1:example.org", None)]


def test_a_room_is_named_by_its_id() -> None:
    with pytest.raises(SourceError, match="name rooms by their id"):
        _Server([]).source("#hall:example.org")


def test_the_manifest_holds_no_token(seawall: Any) -> None:
    server = _Server([[message(1), {"odd": 1}]])
    _follow(seawall, server)
    with Lake(seawall.home) as lake:
        assert lake.manifest.load(f"follow:matrix:{server.source().fingerprint()}")
    assert not any(TOKEN.encode() in path.read_bytes() for path in seawall.home.rglob("*") if path.is_file())
