"""An answer of YouTube's Data API, item by item: what each is says its own `kind`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from seawall.sources.fields import Fields
from seawall.sources.gather import Gather
from seawall.sources.youtube import facts, payload

_Object = dict[str, Any]


class Answer:
    """One answer while it is read. What is not dated by itself is dated `seen_at`."""

    def __init__(
        self, gather: Gather, number: int, seen_at: datetime, authors: Mapping[str, str] | None = None
    ) -> None:
        self._gather, self._number, self._seen_at = gather, number, seen_at
        self._authors = dict(authors or {})  # of the comments in this answer, and of those known before

    def read(self, given: object) -> None:
        """Read whatever the answer holds; nothing of it goes without a word."""
        if isinstance(given, dict) and "error" in given and "items" not in given:
            self._left(given, "an error that the API answered")
        elif isinstance(given, dict) and isinstance(given.get("items"), list):
            self._gather.check(payload.ANSWER_FIELDS, dict.fromkeys(given))
            self._page(given["items"])
            if not given["items"]:
                self._left(given, "an empty answer")
        elif isinstance(given, list):
            self._page(given)
        else:
            self._page([given])

    def _page(self, items: list[Any]) -> None:
        for item in items:
            self._note_authors(item)
        for item in items:
            self._item(item)

    def _left(self, given: object, what: str) -> None:
        with self._gather.reading(self._number, msgspec.json.encode(given)):
            self._gather.ignore(what)

    def _item(self, item: object) -> None:
        kind = _kind_of(item)
        with self._gather.reading(self._number, msgspec.json.encode(item), f"a YouTube {kind}" if kind else ""):
            if kind:
                self._fact(kind, item)
            else:
                self._gather.ignore(_what(item))
        if kind == "comment thread":
            for answer in _answers(item):
                self._item(answer)

    def _fact(self, kind: str, item: object) -> None:
        fields, struct, make = _KINDS[kind]
        self._gather.check(fields, item)
        if kind == "comment thread":
            self._gather.check(payload.COMMENT_FIELDS, inside(item, "snippet", "topLevelComment"))
        given = msgspec.convert(item, struct)
        make(self._gather, given, self._seen_at, *((self._authors,) if kind == "comment" else ()))

    def _note_authors(self, item: object) -> None:
        """Remember who wrote which comment: an answer names the comment above it, and not that one's author."""
        if _kind_of(item) == "comment thread":
            for one in (inside(item, "snippet", "topLevelComment"), *_answers(item)):
                self._note_authors(one)
        number, author = text(item, "id"), text(item, "snippet", "authorChannelId", "value")
        if number and author:
            self._authors[number] = author


def inside(item: object, *names: str) -> object:
    """What stands in an item under these names; None if nothing does."""
    for name in names:
        item = item.get(name) if isinstance(item, dict) else None
    return item


def text(item: object, *names: str) -> str:
    """The text that stands in an item under these names; empty if none does."""
    found = inside(item, *names)
    return found if isinstance(found, str) else ""


def _answers(item: object) -> list[Any]:
    """The answers that a comment thread shows; they may be fewer than there are."""
    found = inside(item, "replies", "comments")
    return found if isinstance(found, list) else []


def _kind_of(item: object) -> str | None:
    return _NAMES.get(text(item, "kind"))


def _what(item: object) -> str:
    """How an item that is none of ours is told."""
    given = text(item, "kind")
    if given:
        return "live chat" if given.startswith("youtube#liveChat") else f"item '{given.removeprefix('youtube#')[:40]}'"
    return "an answer about nobody's account or post"


_KINDS: dict[str, tuple[Fields, Any, Callable[..., None]]] = {
    "video": (payload.VIDEO_FIELDS, payload.Video, facts.video),
    "channel": (payload.CHANNEL_FIELDS, payload.Channel, facts.channel),
    "comment": (payload.COMMENT_FIELDS, payload.Comment, facts.comment),
    "comment thread": (payload.THREAD_FIELDS, payload.Thread, facts.thread),
    "playlist item": (payload.PLAYLIST_ITEM_FIELDS, payload.PlaylistItem, facts.playlist_item),
    "search result": (payload.SEARCH_FIELDS, payload.SearchResult, facts.search_result),
    "subscription": (payload.SUBSCRIPTION_FIELDS, payload.Subscription, facts.subscription),
    "activity": (payload.ACTIVITY_FIELDS, payload.Activity, facts.activity),
}
_NAMES = {  # the API's words
    "youtube#video": "video",
    "youtube#channel": "channel",
    "youtube#comment": "comment",
    "youtube#commentThread": "comment thread",
    "youtube#playlistItem": "playlist item",
    "youtube#searchResult": "search result",
    "youtube#subscription": "subscription",
    "youtube#activity": "activity",
}
