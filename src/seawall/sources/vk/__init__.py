"""VK: answers of its API, as they came, one or many to a file; and events of a group's Callback or Long Poll API.

An answer's items are told apart by what they hold: wall posts, comments, videos, users and groups. VK groups are
accounts of kind group. Private messages are left out unread; so is all that says who somebody is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import msgspec

from seawall.records.terms import State
from seawall.sources.answers import Answers, decoded
from seawall.sources.cells import CellError, epoch
from seawall.sources.fields import Fields
from seawall.sources.gather import Gather
from seawall.sources.vk import facts, payload

_EVENTS = {  # events that are an object of the API; the others are told and left out
    "wall_post_new": "post",
    "wall_repost": "post",
    "wall_reply_new": "comment",
    "wall_reply_edit": "comment",
    "wall_reply_restore": "comment",
    "video_new": "video",
    "video_comment_new": "video comment",
    "video_comment_edit": "video comment",
    "video_comment_restore": "video comment",
    "board_post_new": "board comment",
    "board_post_edit": "board comment",
    "board_post_restore": "board comment",
}
_DELETED = {"wall_reply_delete": "wall", "video_comment_delete": "video", "board_post_delete": "topic"}
_WRAPPED = ("group", "profile", "user", "post", "video")  # an item that is another under the name of its type
_Object = dict[str, Any]


class VkExport(Answers):
    """Reads saved answers of VK's API, and recorded events."""

    name = "vk"

    def take(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:
        """Read one answer or event."""
        if (given := decoded(gather, number, raw)) is not msgspec.UNSET:
            _Answer(gather, number, raw, written).read(given)


class _Answer:
    """One answer or event while it is read. Profiles are dated by its newest item, else by when it was written."""

    def __init__(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:
        self._gather, self._number, self._raw, self._seen_at = gather, number, raw, written

    def read(self, given: object) -> None:
        """Read whatever the answer holds; nothing of it goes without a word."""
        if isinstance(given, dict) and "error" in given and "response" not in given:
            self._left("an error that the API answered")
        elif isinstance(given, dict) and isinstance(given.get("updates"), list):
            for event in given["updates"]:
                self._item(event)
        elif isinstance(given, dict) and "response" in given:
            self._response(given["response"])
        else:
            self._response(given)

    def _response(self, given: object) -> None:
        if isinstance(given, list):
            self._date(given)
            for item in given:
                self._item(item)
            if not given:
                self._left("an empty answer")
        elif isinstance(given, dict) and isinstance(given.get("items"), list):
            self._date(given["items"])
            parts = ((None, given["items"]), ("user", given.get("profiles")), ("group", given.get("groups")))
            for kind, items in parts:
                for item in items if isinstance(items, list) else ():
                    self._item(item, kind)
            if not any(items for _, items in parts):
                self._left("an empty answer")
        else:
            self._item(given)

    def _date(self, items: list[object]) -> None:
        dates = [item["date"] for item in items if isinstance(item, dict) and isinstance(item.get("date"), int)]
        with suppress(CellError):  # the item is rejected for it
            self._seen_at = epoch(max(dates)) if dates else self._seen_at

    def _left(self, what: str) -> None:
        with self._gather.reading(self._number, self._raw):
            self._gather.ignore(what)

    def _item(self, item: object, kind: str | None = None) -> None:
        raw = msgspec.json.encode(item)
        if isinstance(item, dict):
            if isinstance(item.get("type"), str) and isinstance(item.get("object"), dict):
                self._event(item["type"], item["object"], raw)
                return
            item, kind = _unwrapped(item, kind)
        kind = kind or _kind_of(item)
        with self._gather.reading(self._number, raw, f"a VK {kind}" if kind else ""):
            if kind:
                self._fact(kind, item)
            else:
                self._gather.ignore(_what(item))
        if kind == "comment" and isinstance(item, dict) and isinstance(item.get("thread"), dict):
            for answer in item["thread"].get("items") or ():
                self._item({"owner_id": item.get("owner_id"), "post_id": item.get("post_id"), **answer}
                           if isinstance(answer, dict) else answer, "comment")  # fmt: skip

    def _event(self, name: str, item: _Object, raw: bytes) -> None:
        with self._gather.reading(self._number, raw, f"a VK event {name[:40]}"):
            if name in _EVENTS:
                self._fact(_EVENTS[name], item)
            elif name in _DELETED:
                self._deleted(_DELETED[name], item)
            else:
                private = name.startswith("message_")
                self._gather.ignore("private message" if private else f"event '{name[:40]}'")

    def _fact(self, kind: str, item: object) -> None:
        fields, struct, make = _KINDS[kind]
        self._gather.check(fields, item)
        make(self._gather, msgspec.convert(item, struct), self._seen_at, item if isinstance(item, dict) else {})

    def _deleted(self, kind: str, item: _Object) -> None:
        """Somebody took a comment away: the post's state, under the wall it stood on."""
        owner = _first(item, "owner_id", "topic_owner_id", "video_owner_id")
        number = _first(item, "id")
        above = _first(item, "topic_id", "video_id", "post_id")
        if owner is None or number is None:
            raise CellError("it does not say which comment is gone")
        post_id = f"wall{owner}_{number}" if kind == "wall" else f"{kind}{owner}_{above}_r{number}"
        by = _first(item, "user_id", "deleter_id")
        self._gather.state(
            str(owner), State.DELETED, self._seen_at, post_id=post_id, note="by the group" if by else None
        )


def _unwrapped(item: _Object, kind: str | None) -> tuple[_Object, str | None]:
    """An item that stands under the name of its type or under `post`, and what it is, if that is said."""
    name = item.get("type")
    if isinstance(name, str) and name in _WRAPPED and isinstance(item.get(name), dict):
        return item[name], "user" if name == "profile" else name
    if isinstance(item.get("post"), dict) and "owner_id" in item["post"]:
        return item["post"], kind
    return item, kind


def _first(item: _Object, *names: str) -> int | None:
    return next((item[name] for name in names if isinstance(item.get(name), int)), None)


def _kind_of(item: object) -> str | None:
    """What an item is, by the fields that only such an item has."""
    if not isinstance(item, dict) or not item:
        return None
    has = item.keys()
    if "first_name" in has:
        return "user"
    if has & {"name", "screen_name"} and "id" in has and has & {"type", "is_closed", "members_count"}:
        return "group"
    if "player" in has or {"title", "duration", "owner_id"} <= has:
        return "video" if "date" in has else None
    if has & {"post_type", "copy_history"} or ("post_source" in has and "date" in has) or (
        "is_deleted" in has and "owner_id" in has
    ):  # fmt: skip
        return "post" if item.get("type", "post") == "post" else None
    if item.get("type") == "post" and {"source_id", "post_id"} <= has:
        return "post"
    if {"id", "from_id", "text"} <= has or "deleted" in has:
        return (
            "post" if has & {"owner_id", "to_id"} and not has & {"post_id", "reply_to_user", "video_id"} else "comment"
        )
    return None


def _what(item: object) -> str:
    """How an item that is none of ours is told."""
    if isinstance(item, int):
        return "an id alone"
    if isinstance(item, dict) and isinstance(item.get("type"), str):
        return f"item '{item['type'][:40]}'"
    return "an answer about nobody's account or post"


def _user(gather: Gather, given: payload.User, seen_at: datetime, _item: Mapping[str, Any]) -> None:
    facts.user(gather, given, seen_at)


def _group(gather: Gather, given: payload.Group, seen_at: datetime, _item: Mapping[str, Any]) -> None:
    facts.group(gather, given, seen_at)


def _post(gather: Gather, given: payload.Post, _seen_at: datetime, _item: Mapping[str, Any]) -> None:
    facts.post(gather, given)


def _video(gather: Gather, given: payload.Video, _seen_at: datetime, _item: Mapping[str, Any]) -> None:
    facts.video(gather, given)


def _comment(gather: Gather, given: payload.Comment, _seen_at: datetime, item: Mapping[str, Any]) -> None:
    owner, number = item.get("post_owner_id"), given.post_id
    facts.comment(gather, given, f"wall{owner}_{number}" if owner is not None and number is not None else None)


def _below(kind: str, owner: str, number: str) -> Callable[..., None]:
    def make(gather: Gather, given: payload.Comment, _seen_at: datetime, item: Mapping[str, Any]) -> None:
        whose, which = item.get(owner, item.get("owner_id")), item.get(number)
        if not isinstance(whose, int) or not isinstance(which, int):
            raise CellError("a comment that does not say what it stands below")
        facts.comment(gather, given, f"{kind}{whose}_{which}")

    return make


_KINDS: dict[str, tuple[Fields, Any, Callable[..., None]]] = {
    "user": (payload.USER_FIELDS, payload.User, _user),
    "group": (payload.GROUP_FIELDS, payload.Group, _group),
    "post": (payload.POST_FIELDS, payload.Post, _post),
    "video": (payload.VIDEO_FIELDS, payload.Video, _video),
    "comment": (payload.COMMENT_FIELDS, payload.Comment, _comment),
    "video comment": (payload.COMMENT_FIELDS, payload.Comment, _below("video", "video_owner_id", "video_id")),
    "board comment": (payload.COMMENT_FIELDS, payload.Comment, _below("topic", "topic_owner_id", "topic_id")),
}
