"""A forum that is asked, again and again, for threads with new posts: Misago's JSON API or NodeBB's.

It is read as somebody who is not logged in. A look lists the threads that moved since the last one and reads their last
pages; it ends with a cursor, and one that is broken off goes on after the threads it had done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import msgspec

from seawall.sources.asking import Asker, checked
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.forum import NAME, first_of, take
from seawall.sources.gather import Gather
from seawall.sources.kinds import Ask, Checked
from seawall.sources.loading import Followed

_MOST_PAGES = 10_000  # of a list of threads: no forum has more, and a server that repeats itself would never end


class _Moved(NamedTuple):
    """A thread, and where its last post stands in the forum's order."""

    thread: int | str
    last: int


class _Page(NamedTuple):
    """A page of a thread with its new posts alone, and the thread's first post where that must be told."""

    raw: bytes
    first_id: int | None


class _Software(Protocol):
    """How one kind of forum is asked."""

    def moved(self, asker: Asker) -> Iterator[list[_Moved]]:
        """Pages of threads, the one that moved last first; pinned ones may stand before them."""

    def pages(self, asker: Asker, thread: int | str, after: int) -> Iterator[_Page]:
        """Pages of a thread with posts after some place, the newest first."""


class ForumLive(Followed):
    """Follows a forum by asking for what is new."""

    name = NAME
    pause: float = 60.0
    ASKS = (
        Ask("url", "The forum's address, such as https://forum.example.org"),
        Ask("seconds", "Seconds between two looks", default="60"),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = NAME) -> None:
        self._url, self.platform = checked(settings["url"]), platform
        try:
            self.pause = float(settings["seconds"])
        except ValueError as error:
            raise SourceError(f"'{settings['seconds']}' is no number of seconds") from error
        if not 1 <= self.pause <= 86_400:
            raise SourceError("there must be a second or more, and a day or less, between two looks")

    @staticmethod
    def check(settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Whether the address is that of a forum, and shows threads to somebody who is not logged in."""
        try:
            asker = Asker(settings["url"])
        except SourceError as error:
            yield Checked(False, str(error))
            return
        try:
            software = _which(asker)
            yield Checked(True, f"{asker.host} runs {type(software).__name__}")
            threads = next(software.moved(asker), [])
            yield Checked(True, f"it shows threads without logging in, {len(threads)} on its first page")
        except SourceError as error:
            yield Checked(False, str(error))
        finally:
            asker.close()

    @property
    def address(self) -> str:
        """The forum."""
        return self._url

    def fingerprint(self) -> str:
        """The platform's name and the forum."""
        return f"{self.platform}:{self._url}"

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """New posts of threads that moved, thread by thread."""
        after = int(str(cursor["after"])) if cursor else -1
        done = int(str(cursor["done"])) if cursor else -1
        asker = Asker(self._url)
        try:
            software = _which(asker)
            moved = _since(software, asker, done)
            number = 0
            for thread, last in sorted(moved.items(), key=lambda item: item[1]):
                gather, now = Gather(self.platform, self.name), datetime.now(UTC)
                for page in software.pages(asker, thread, after):
                    number += 1
                    take(gather, number, page.raw, now, page.first_id)
                yield gather.done({"after": after, "done": last}, number)
            top = max([done, *moved.values()])
            yield Batch({}, [], 0, {"after": top, "done": top}, number)
        finally:
            asker.close()


def _since(software: _Software, asker: Asker, done: int) -> dict[int | str, int]:
    """Threads that moved, and where to. Those that move while the list is read are found when it is read once more."""
    found: dict[int | str, int] = {}
    for stop in (done, None):
        known = max(found.values(), default=done) if stop is None else stop
        for threads in software.moved(asker):
            for thread, last in threads:
                if last > done:
                    found.setdefault(thread, last)
            if not threads or min(last for _, last in threads) <= known:
                break
    return found


def _which(asker: Asker) -> _Software:
    """What a forum runs. Raises SourceError if neither is known there."""
    refusals = []
    for path, name, software in (("/api/threads/", "results", Misago), ("/api/recent", "topics", NodeBB)):
        try:
            given = asker.get_as(dict[str, Any], path)
        except SourceError as error:
            if error.after or "cannot read" in str(error) or "in time" in str(error):
                raise
            refusals.append(str(error))
        else:
            if isinstance(given.get(name), list):
                return software()
    raise SourceError(f"{asker.host} is neither Misago nor NodeBB, or hides its threads: {'; '.join(refusals)[:300]}")


class Misago:
    """Misago: the posts of a forum are numbered together, and a thread shows the number of its last one."""

    def moved(self, asker: Asker) -> Iterator[list[_Moved]]:
        """Pages of threads; each begins where the one before says."""
        start: int | None = 0
        for _ in range(_MOST_PAGES):
            page = asker.get_as(_Threads, "/api/threads/", **({"start": start} if start else {}))
            yield [_Moved(thread.id, thread.last_post or 0) for thread in page.results]
            start = page.next
            if not start:
                return

    def pages(self, asker: Asker, thread: int | str, after: int) -> Iterator[_Page]:
        """Pages from the last back to the one that holds no new post."""
        path = f"/api/threads/{thread}/posts/"
        first = self._thread(asker, path, 1)
        first_id = first_of(first)
        number = _whole(first["post_set"].get("pages"))
        while number >= 1:
            page = first if number == 1 else self._thread(asker, path, number)
            shown = page["post_set"]
            posts = shown.get("results") or []
            new = [post for post in posts if _number(post) > after]
            if new:
                kept = {**page, "post_set": {**shown, "results": new}}
                yield _Page(msgspec.json.encode(kept), first_id)
            if len(new) < len(posts):
                return
            number -= 1

    @staticmethod
    def _thread(asker: Asker, path: str, page: int) -> dict[str, Any]:
        given = asker.get_as(dict[str, Any], path, **({"page": page} if page > 1 else {}))
        if not isinstance(given.get("post_set"), dict) or not isinstance(given["post_set"].get("results"), list):
            raise SourceError(f"{asker.host} answers {path} in a form that Seawall does not know")
        return given


class NodeBB:
    """NodeBB: topics and posts are ordered by their moments, in milliseconds."""

    def moved(self, asker: Asker) -> Iterator[list[_Moved]]:
        """Pages of recent topics."""
        for page in range(1, _MOST_PAGES):
            given = asker.get_as(_Recent, "/api/recent", page=page)
            if not given.topics:
                return
            yield [_Moved(topic.tid, topic.lastposttime or 0) for topic in given.topics]

    def pages(self, asker: Asker, thread: int | str, after: int) -> Iterator[_Page]:
        """Pages from the last back to the one that holds no new post."""
        path = f"/api/topic/{thread}"
        first = asker.get_as(dict[str, Any], path)
        pagination = first.get("pagination")
        number = _whole(pagination.get("pageCount")) if isinstance(pagination, dict) else 1
        while number >= 1:
            page = first if number == 1 else asker.get_as(dict[str, Any], path, page=number)
            posts = page.get("posts")
            if not isinstance(posts, list):
                raise SourceError(f"{asker.host} answers {path} in a form that Seawall does not know")
            new = [post for post in posts if _number(post, "timestamp") > after]
            if new:
                yield _Page(msgspec.json.encode({**page, "posts": new}), None)
            if len(new) < len(posts):
                return
            number -= 1


class _Thread(msgspec.Struct):
    id: int
    last_post: int | None = None


class _Threads(msgspec.Struct):
    results: list[_Thread]
    next: int | None = None


class _Topic(msgspec.Struct):
    tid: int | str
    lastposttime: int | None = None


class _Recent(msgspec.Struct):
    topics: list[_Topic]


def _whole(pages: object) -> int:
    return pages if isinstance(pages, int) and 0 < pages < _MOST_PAGES else 1


def _number(post: object, name: str = "id") -> float:
    """Where a post stands; one that does not say is taken for new, so that it is told as a reject."""
    found = post.get(name) if isinstance(post, Mapping) else None
    return found if isinstance(found, int | float) else float("inf")
