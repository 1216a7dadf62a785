"""Forums: saved pages of Misago's JSON API and of NodeBB's, one or many to a file, told apart by their fields.

The first post of a thread is a post with the thread's title before its words, the others are replies. `live` asks a
forum, again and again, for what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from seawall.sources.answers import Answers, decoded
from seawall.sources.forum import misago, nodebb
from seawall.sources.gather import Gather

NAME = "forum"
_LISTS = ("results", "topics", "posts", "users", "response")  # under which pages hold their items
_NEVER_KEPT = ("email", "ips", "ip", "birthday", "fullname", "signature", "moderationNote", "sso")
_NOTHING = "an answer about nobody's account or post"


class ForumExport(Answers):
    """Reads saved pages of threads, posts and users."""

    name = NAME

    def take(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:
        """Read one page."""
        take(gather, number, raw, written)


def take(gather: Gather, number: int, raw: bytes, seen_at: datetime, first_id: int | None = None) -> None:
    """Read one page. `seen_at` dates states and profiles that stand alone; `first_id` is the first post of the Misago
    thread that the page is of, which only its first page shows."""
    given = decoded(gather, number, raw)
    if given is msgspec.UNSET:
        return
    _Page(gather, number, seen_at, first_id).read(given)


def first_of(given: Mapping[str, Any]) -> int | None:
    """The first post of a thread of Misago, if this is its first page."""
    shown = given.get("post_set")
    posts = shown.get("results") if isinstance(shown, Mapping) and shown.get("page", 1) == 1 else None
    head = posts[0] if isinstance(posts, list) and posts else None
    found = head.get("id") if isinstance(head, Mapping) else None
    return found if isinstance(found, int) else None


class _Page:
    """One page while it is read."""

    def __init__(self, gather: Gather, number: int, seen_at: datetime, first_id: int | None) -> None:
        self._gather, self._number, self._seen_at, self._first = gather, number, seen_at, first_id

    def read(self, given: object) -> None:
        """Read what a page holds."""
        if isinstance(given, list):
            for item in given:
                self.read(item)
            if not given:
                self._left("an empty answer")
        elif not isinstance(given, Mapping):
            self._left(_NOTHING)
        elif isinstance(given.get("post_set"), Mapping):
            self._misago_thread(given)
        elif "tid" in given and isinstance(given.get("posts"), list):
            self._nodebb_topic(given)
        elif "pid" in given:
            self._item(given, "a post of NodeBB", lambda: nodebb.post(self._gather, given, None, self._seen_at))
        elif "posted_on" in given:
            self._item(given, "a post of Misago", lambda: misago.post(self._gather, given, None, None, self._seen_at))
        elif "uid" in given and "userslug" in given and "tid" not in given:
            self._item(given, "a user of NodeBB", lambda: nodebb.user(self._gather, given, self._seen_at))
        elif "username" in given and "joined_on" in given:
            self._item(given, "a user of Misago", lambda: misago.user(self._gather, given, self._seen_at))
        else:
            self._rest(given)

    def _rest(self, given: Mapping[str, Any]) -> None:
        held = [name for name in _LISTS if isinstance(given.get(name), list | Mapping) and "tid" not in given]
        for name in held:
            self.read(given[name])
        if held:
            return
        if "tid" in given or "started_on" in given:
            self._left("a thread without its posts: save the thread")
        elif "detail" in given or "error" in given:
            self._left("an error that the forum answered")
        else:
            self._left("a category" if "cid" in given or "lft" in given else _NOTHING)

    def _misago_thread(self, given: Mapping[str, Any]) -> None:
        posts = given["post_set"].get("results")
        first_id = self._first if self._first is not None else first_of(given)
        self._gather.check(misago.THREAD_FIELDS, given)
        for item in posts if isinstance(posts, list) else ():
            raw = item if isinstance(item, Mapping) else {"post": item}

            def one(raw: Mapping[str, Any] = raw) -> None:
                misago.post(self._gather, raw, misago.thread(given), first_id, self._seen_at)

            self._item(raw, "a post of Misago", one)
        if not posts:
            self._left("a thread without its posts: save the thread")

    def _nodebb_topic(self, given: Mapping[str, Any]) -> None:
        self._gather.check(nodebb.TOPIC_FIELDS, given)
        for item in given["posts"]:
            raw = item if isinstance(item, Mapping) else {"post": item}

            def one(raw: Mapping[str, Any] = raw) -> None:
                nodebb.post(self._gather, raw, nodebb.topic(given), self._seen_at)

            self._item(raw, "a post of NodeBB", one)
        if not given["posts"]:
            self._left("a thread without its posts: save the thread")

    def _item(self, item: Mapping[str, Any], what: str, read: Callable[[], None]) -> None:
        kept = {name: _bare(value) for name, value in item.items() if name not in _NEVER_KEPT}
        with self._gather.reading(self._number, msgspec.json.encode(kept), what):
            read()

    def _left(self, what: str) -> None:
        with self._gather.reading(self._number, b""):
            self._gather.ignore(what)


def _bare(value: object) -> object:
    """A part of an item as a reject may keep it: a user inside a post without how to reach them."""
    if isinstance(value, Mapping):
        return {name: part for name, part in value.items() if name not in _NEVER_KEPT}
    return value
