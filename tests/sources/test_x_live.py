"""The filtered stream of X's API v2, followed on a server that plays it: what comes, breaks, limits and garbage."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from makers import lines
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.x import XSource, live
from seawall.sources.x.live import XStream
from sources.x_exports import mixed, post, streamed, user
from sources.x_server import KEEP_ALIVE, TOKEN, Streams

STREAM = "/2/tweets/search/stream"


@pytest.fixture
def server() -> Iterator[Streams]:
    played = Streams(["open"])
    yield played
    played.stop()


def _settings(server: Streams, **changes: str) -> dict[str, str]:
    return {"url": server.url, "token": TOKEN, "backfill_minutes": "0", **changes}


def _until(source: XStream, posts: int, cursor: Cursor | None = None) -> list[Batch]:
    """Follow until so many posts are there."""
    stream, found, ends = source.follow(cursor), [], time.monotonic() + 20
    while len(_ids(found)) < posts:
        assert time.monotonic() < ends, "they did not come in time"
        found.append(next(stream))
    stream.close()
    return found


def _until_it_ends(source: XStream, cursor: Cursor | None = None) -> tuple[list[Batch], SourceError]:
    found = []
    try:
        for batch in source.follow(cursor):
            found.append(batch)
    except SourceError as error:
        return found, error
    raise AssertionError("a stream that ends says why")


def _ids(batches: list[Batch]) -> list[str]:
    return [i for batch in batches if batch.tables for i in batch.tables["posts"]["post_id"].to_pylist()]


def _rejects(batches: list[Batch]) -> list[tuple[int, str]]:
    return [(reject.line, reject.reason) for batch in batches for reject in batch.rejects]


def test_what_is_streamed_is_read_however_it_is_cut(server: Streams) -> None:
    content = lines([streamed(post(n), users=[user(11)]) for n in range(1, 21)]).replace(b"\n", b"\r\n")
    pieces = [content[at : at + 333] for at in range(0, len(content), 333)]
    server.played = [[KEEP_ALIVE, *pieces, KEEP_ALIVE, "open"]]
    batches = _until(XStream(_settings(server), "x"), 20)
    assert _ids(batches) == [str(n) for n in range(1, 21)]
    assert not any(batch.rejects or batch.unknown or batch.ignored for batch in batches)
    assert batches[-1].cursor == {"newest": "20", "line": 20}
    assert sum(batch.read for batch in batches) == 20
    (path, params) = server.asked[0]
    assert path == STREAM
    assert {"author_id", "note_tweet", "withheld"} <= set(params["tweet.fields"].split(","))
    assert "referenced_tweets.id.author_id" in params["expansions"]
    assert "backfill_minutes" not in params


def test_every_kind_of_post_comes_as_from_a_recorded_stream(server: Streams) -> None:
    server.played = [[lines(mixed(50)), "open"]]
    batches = _until(XStream(_settings(server)), 50)
    kinds = {kind for batch in batches if batch.tables for kind in batch.tables["posts"]["kind"].to_pylist()}
    assert kinds == {"post", "repost", "quote", "reply"}
    assert sum(batch.tables["media"].num_rows for batch in batches if batch.tables) == 10


def test_recorded_posts_come_as_their_pages_are_loaded(server: Streams, shared: Path) -> None:
    pages = {}
    for path in sorted((shared / "payloads" / "x_v2_pytwitter").rglob("*.json")):
        given = json.loads(path.read_bytes())
        data = given.get("data")
        if isinstance(data, list) and data and all({"text", "author_id"} <= item.keys() for item in data):
            pages[path] = [streamed(item, **given.get("includes", {})) for item in data]
    assert len(pages) > 5
    server.played = [[*(lines(page) for page in pages.values()), "open"]]
    batches = _until(XStream(_settings(server)), sum(map(len, pages.values())))
    loaded = [batch for path in pages for batch in XSource().read(path, None)]
    assert set(_ids(batches)) == set(_ids(loaded))
    assert not any(batch.rejects or batch.unknown for batch in batches)


def test_a_quiet_stream_says_so_and_can_be_left_at_once(server: Streams) -> None:
    server.played = [[0.0, KEEP_ALIVE, 60]]
    stream = XStream(_settings(server)).follow({"newest": "7", "line": 3})
    next(stream)
    for _ in range(3):
        began = time.monotonic()
        quiet = next(stream)
        assert time.monotonic() - began < 1
        assert (quiet.read, quiet.tables, quiet.cursor) == (0, {}, {"newest": "7", "line": 4})
    began = time.monotonic()
    stream.close()
    assert time.monotonic() - began < 1


def test_leaving_closes_the_connection(server: Streams) -> None:
    stream = XStream(_settings(server)).follow(None)
    next(stream)
    assert server.open == 1
    stream.close()
    ends = time.monotonic() + 5
    while server.open and time.monotonic() < ends:
        time.sleep(0.02)
    assert server.open == 0


def test_garbage_costs_itself(server: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LONGEST", 3000)
    garbage = [
        b"<html>busy</html>\r\n",
        b"[1]\r\n",
        b'{"data": {"id": "9"\xff\r\n',
        lines([streamed(post(7, text="a" * 9000))]),
    ]
    bad = lines([streamed(post(3, author_id=None))])
    server.played = [[lines([streamed(post(1))]), *garbage, bad, lines([streamed(post(2))]), "open"]]
    batches = _until(XStream(_settings(server)), 2)
    assert _ids(batches) == ["1", "2"]
    reasons = _rejects(batches)
    assert [line for line, _ in reasons] == [2, 3, 4, 5, 6]
    assert {reason for _, reason in reasons[:4]} == {"not an object of X's stream"}
    assert "a post without its author" in reasons[4][1]


@pytest.mark.parametrize("end", [[], ["cut"]])
def test_what_came_before_a_break_counts_and_it_goes_on(server: Streams, end: list[Any]) -> None:
    server.played = [[lines([streamed(post(n)) for n in (1, 2)]), *end], [lines([streamed(post(5))]), "open"]]
    source = XStream(_settings(server))
    first, why = _until_it_ends(source)
    assert _ids(first) == ["1", "2"]
    assert "the stream" in str(why)
    rest = _until(source, 1, first[-1].cursor)
    assert _ids(rest) == ["5"]
    ((line, reason),) = _rejects(rest)
    assert line == 3
    assert "X does not give what was posted after 2 until" in reason
    assert "since_id=2" in reason
    assert rest[-1].cursor == {"newest": "5", "line": 4}


def test_what_is_missing_is_said_once_though_a_stream_breaks_at_once_again_and_again(server: Streams) -> None:
    server.played = [[lines([streamed(post(2))])], [], [], [lines([streamed(post(5))])], []]
    source, cursor, said = XStream(_settings(server)), None, []
    for _ in range(5):
        found, _ = _until_it_ends(source, cursor)
        cursor = found[-1].cursor
        said.append(len(_rejects(found)))
    assert said == [0, 1, 0, 0, 1]


def test_minutes_are_asked_for_again_where_the_access_level_has_it(server: Streams) -> None:
    server.played = [[lines([streamed(post(2))])], [lines([streamed(post(2)), streamed(post(3))]), "open"]]
    source = XStream(_settings(server, backfill_minutes="3"))
    first, _ = _until_it_ends(source)
    rest = _until(source, 2, first[-1].cursor)
    assert [params.get("backfill_minutes") for _, params in server.asked] == [None, "3"]
    assert _rejects(rest) == []  # nothing is missing
    anew = XStream(_settings(server, backfill_minutes="3"))  # who knows how long it was away
    assert "but the last 3 minutes of what was posted after 3" in _rejects(_until(anew, 2, rest[-1].cursor))[0][1]


def test_the_newest_post_is_kept_though_they_come_out_of_order(server: Streams) -> None:
    server.played = [[lines([streamed(post(n)) for n in (9, 100, 30)]), "open"]]
    assert _until(XStream(_settings(server)), 3)[-1].cursor == {"newest": "100", "line": 3}


def test_the_stream_may_say_why_it_ends(server: Streams) -> None:
    told = {"errors": [{"title": "operational-disconnect", "detail": "This stream has been disconnected upstream."}]}
    server.played = [[lines([streamed(post(1)), told, streamed(post(2))]), "open"]]
    found, why = _until_it_ends(XStream(_settings(server)))
    assert _ids(found) == ["1"]
    assert "ended the stream: This stream has been disconnected upstream" in str(why)


def test_a_partial_error_is_no_end(server: Streams) -> None:
    partial = streamed(post(1)) | {"errors": [{"title": "Not Found Error", "detail": "x", "resource_type": "tweet"}]}
    server.played = [[lines([partial, streamed(post(2))]), "open"]]
    assert _ids(_until(XStream(_settings(server)), 2)) == ["1", "2"]


def _in(seconds: int) -> str:
    return str(int(time.time()) + seconds)


@pytest.mark.parametrize(
    ("status", "headers", "body", "words", "after"),
    [
        (429, {"x-rate-limit-reset": "IN 90", "x-rate-limit-remaining": "0"}, {"title": "Too Many Requests"},
         "429: Too Many Requests. Its limit is reached", 90),
        (429, {"Retry-After": "7"}, b"busy", "429. Its limit is reached; it is asked again in 7 s", 7),
        (429, {}, {"title": "UsageCapExceeded", "detail": "Usage cap exceeded"}, "Usage cap exceeded", 60),
        (429, {"x-rate-limit-reset": "IN 99999999"}, {}, "asked again in 3600 s", 3600),
        (429, {"x-rate-limit-remaining": "40", "x-rate-limit-reset": "IN 90"},
         {"title": "ConnectionException", "connection_issue": "TooManyConnections"}, "Another program has", 0),
        (503, {"Retry-After": "30"}, {"title": "Service Unavailable"}, "503: Service Unavailable. It is asked", 30),
        (401, {}, {"title": "Unauthorized"}, "copy the bearer token", 0),
        (403, {}, {"title": "client-not-enrolled"}, "access level", 0),
        (400, {}, {"detail": "backfill_minutes is not allowed"}, "400: backfill_minutes is not allowed", 0),
        (404, {}, b"<html>", "Is this the address of X's API", 0),
        (302, {"Location": "http://127.0.0.1:1/"}, b"", "follows no redirects", 0),
        (200, {"Content-Encoding": "gzip"}, b"no gzip", "broke off: DecodingError", 0),
    ],
)  # fmt: skip
def test_what_the_server_refuses_is_said_in_words_with_how_long_to_wait(
    server: Streams, status: int, headers: dict[str, str], body: Any, words: str, after: float
) -> None:
    headers = {name: _in(int(v.removeprefix("IN "))) if v.startswith("IN ") else v for name, v in headers.items()}
    server.refused = [(status, headers, body)]
    _, why = _until_it_ends(XStream(_settings(server)))
    assert words in str(why)
    assert why.after == pytest.approx(after, abs=3)
    assert TOKEN not in str(why)


def test_a_server_that_is_not_there(server: Streams) -> None:
    source = XStream(_settings(server))
    server.stop()
    _, why = _until_it_ends(source)
    assert f"cannot reach {source.address}" in str(why)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "api.x.com"}, "must look like https://api.x.com"),
        ({"url": "https://me:pass@api.x.com"}, "must look like https://api.x.com"),
        ({"token": "two words"}, "has blanks in it"),
        ({"backfill_minutes": "six"}, "no number of minutes"),
        ({"backfill_minutes": "6"}, "no number of minutes"),
    ],
)
def test_answers_of_the_wrong_form(server: Streams, changes: dict[str, str], words: str) -> None:
    with pytest.raises(SourceError, match=words):
        XStream(_settings(server, **changes))


def test_connecting_tries_the_token_and_the_rules(server: Streams) -> None:
    kind = KINDS["x"]
    assert [(ask.name, ask.secret, ask.default) for ask in kind.asks()] == [
        ("token", True, None),
        ("url", False, "https://api.x.com"),
        ("backfill_minutes", False, "0"),
    ]
    assert [(line.ok, line.words[:15]) for line in kind.check(_settings(server))] == [
        (True, f"127.0.0.1:{server.server_address[1]}"[:15]),
        (True, "1 rule is set: "),
    ]
    server.rules = {"meta": {"sent": "x"}}
    assert [line.ok for line in kind.check(_settings(server))] == [True, False]
    (refused,) = kind.check(_settings(server, token="other"))
    assert (refused.ok, "copy the bearer token" in refused.words) == (False, True)
    server.rules = b"<html>"
    (refused,) = kind.check(_settings(server))
    assert "not X's" in refused.words
    assert {path for path, _ in server.asked} == {f"{STREAM}/rules"}


def test_what_names_the_stream_holds_no_secret(server: Streams) -> None:
    source = KINDS["x"].followed(_settings(server), "x")
    assert source.address == server.url.removeprefix("http://")
    assert source.fingerprint() == f"x:{source.address}"
    assert source.pause == 0
