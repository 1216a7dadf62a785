"""Asking a forum for what is new: a server on loopback that gives NodeBB's pages, two posts to a page."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from seawall.sources.contract import Batch, SourceError
from seawall.sources.forum.live import ForumLive
from sources.forum_pages import reply, topic

PAGE = 2


class Forum(ThreadingHTTPServer):
    """Topics by their ids, each a list of its posts' numbers: the number is the post's minute, too."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.topics: dict[int, list[int]] = {}
        self.asked: list[str] = []
        self.refused = 0  # this status, once
        self.broken = ""  # a path below which answers are nonsense
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def page(self, path: str, number: int) -> Any:
        if path == "/api/recent":
            order = sorted(self.topics, key=lambda tid: -self.topics[tid][-1])[(number - 1) * PAGE : number * PAGE]
            return {"topics": [{"tid": t, "lastposttime": reply(self.topics[t][-1])["timestamp"]} for t in order]}
        tid = path.removeprefix("/api/topic/")
        if not tid.isdecimal() or int(tid) not in self.topics:
            return None
        posts = self.topics[int(tid)]
        shown = [reply(n, n % 7 + 21) for n in posts[(number - 1) * PAGE : number * PAGE]]
        pages = {"pageCount": (len(posts) + PAGE - 1) // PAGE}
        return topic(*shown, main=posts[0], tid=int(tid), pagination=pages)


class _Handler(BaseHTTPRequestHandler):
    server: Forum

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(parts.path)
        given = self.server.page(parts.path, int(parse_qs(parts.query).get("page", ["1"])[0]))
        status, self.server.refused = self.server.refused or (200 if given else 404), 0
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()
        nonsense = self.server.broken and parts.path.startswith(self.server.broken)
        self.wfile.write(b"<html>" if nonsense else json.dumps(given).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests."""


@pytest.fixture
def forum() -> Iterator[Forum]:
    started = Forum()
    started.topics = {1: [1, 5, 6, 9], 2: [2], 3: [3, 4, 10], 4: [7, 8]}
    yield started
    started.shutdown()
    started.server_close()


def _source(forum: Forum) -> ForumLive:
    return ForumLive({"url": forum.url, "seconds": "60"})


def _posts(batches: list[Batch]) -> list[int]:
    return sorted(int(row["post_id"]) for b in batches if b.tables for row in b.tables["posts"].to_pylist())


def test_a_look_gives_what_is_new_and_only_that(forum: Forum) -> None:
    source = _source(forum)
    first = list(source.follow(None))
    assert _posts(first) == list(range(1, 11))
    assert list(source.follow(first[-1].cursor))[-1].cursor == first[-1].cursor
    forum.topics[2] += [11, 12, 13]
    forum.topics[5] = [14]
    forum.asked.clear()
    assert _posts(list(source.follow(first[-1].cursor))) == [11, 12, 13, 14]
    assert {path for path in forum.asked if "topic" in path} == {"/api/topic/2", "/api/topic/5"}


def test_a_look_that_is_broken_off_loses_nothing_and_does_not_begin_anew(forum: Forum) -> None:
    source = _source(forum)
    whole = len(list(source.follow(None)))
    for stop in range(1, whole):
        before = [batch for batch, _ in zip(source.follow(None), range(stop), strict=False)]
        forum.topics[2].append(100 + stop)  # a thread that was done moves
        after = list(source.follow(before[-1].cursor))
        assert set(_posts(before + after)) == {n for posts in forum.topics.values() for n in posts}
        forum.topics[2].pop()


def test_what_the_server_refuses_is_said(forum: Forum) -> None:
    forum.refused = 429
    with pytest.raises(SourceError, match="429") as said:
        list(_source(forum).follow(None))
    assert said.value.after == 7
    forum.broken = "/api/topic"
    with pytest.raises(SourceError, match="in a form that Seawall does not know"):
        list(_source(forum).follow(None))
    forum.broken = "/api/"
    with pytest.raises(SourceError, match="neither Misago nor NodeBB"):
        list(_source(forum).follow(None))


def test_settings_are_tried(forum: Forum) -> None:
    assert [c.ok for c in ForumLive.check({"url": forum.url, "seconds": "60"})] == [True, True]
    assert [c.ok for c in ForumLive.check({"url": "http://127.0.0.1:1", "seconds": "60"})] == [False]
    for wrong in ({"url": "forum.example", "seconds": "60"}, {"url": forum.url, "seconds": "often"},
                  {"url": forum.url, "seconds": "0"}):  # fmt: skip
        with pytest.raises(SourceError):
            ForumLive(wrong)
