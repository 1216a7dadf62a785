"""Facebook: answers of the Graph API as they came, and posts that Meta's Content Library gives as CSV.

An answer's objects are told apart by what they hold. Pages and groups are accounts of kind channel and group. Private
messages, private comments and all that says who somebody is are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from seawall.records.terms import AccountKind
from seawall.sources.answers import Answers, decoded
from seawall.sources.cells import CellError
from seawall.sources.contract import Batch, Cursor
from seawall.sources.facebook import facts, payload
from seawall.sources.facebook.library import is_library, read_library
from seawall.sources.fields import Fields
from seawall.sources.gather import Gather

_GROUP = ("member_count", "member_request_count", "privacy", "archived")  # fields that only groups have
_PAGE = (
    "fan_count",
    "followers_count",
    "checkins",
    "global_brand_root_id",
    "category_list",
    "were_here_count",
    "tasks",
)
_PERSON = ("first_name", "short_name", "name_format", "profile_type", "pic")


class FacebookExport(Answers):
    """Reads saved answers of the Graph API, and CSV of the Content Library."""

    name = "facebook"

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read answers or rows; see `Source.read`."""
        if is_library(location):
            yield from read_library(self.platform, location, cursor)
        else:
            yield from super().read(location, cursor)

    def take(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:
        """Read one answer."""
        if (given := decoded(gather, number, raw)) is not msgspec.UNSET:
            _Answer(gather, number, written).read(given)


class _Answer:
    """One answer while it is read."""

    def __init__(self, gather: Gather, number: int, written: datetime) -> None:
        self._gather, self._number, self._written = gather, number, written

    def read(self, given: object) -> None:
        """Read an object, a page of them, or several by their ids."""
        if isinstance(given, dict) and "error" in given and "id" not in given:
            self._left(given, "an error that the API answered")
        elif isinstance(given, dict) and isinstance(given.get("data"), list) and "id" not in given:
            for item in given["data"]:
                self._object(item)
            if not given["data"]:
                self._left(given, "an empty answer")
        elif isinstance(given, dict) and given and "id" not in given and _by_id(given):
            for item in given.values():
                self.read(item)
        else:
            self._object(given)

    def _left(self, given: object, what: str) -> None:
        with self._gather.reading(self._number, msgspec.json.encode(given)):
            self._gather.ignore(what)

    def _object(self, item: object) -> None:
        kind = _kind_of(item)
        with self._gather.reading(self._number, msgspec.json.encode(item), f"a Facebook {kind}" if kind else ""):
            if kind is None or not isinstance(item, dict):
                self._gather.ignore(_what(item))
            else:
                self._fact(kind, item)
        if kind in ("post", "comment") and isinstance(item, dict):
            below = item.get("comments")
            for answer in below.get("data") or () if isinstance(below, dict) else ():
                self._object(answer)

    def _fact(self, kind: str, item: dict[str, Any]) -> None:
        fields, struct = _KINDS[kind]
        self._gather.check(fields, item)
        if kind == "video" and "creation_time" in item:  # so a live video calls it
            item = {**item, "created_time": item["creation_time"]}
        if kind in ("video", "post", "comment") and "created_time" not in item:
            raise CellError("it does not say when it was written: ask for the field created_time")
        given = msgspec.convert(item, struct)
        if kind == "post":
            facts.post(self._gather, given)
        elif kind == "comment":
            facts.comment(self._gather, given)
        elif kind == "video":
            facts.video(self._gather, given)
        else:
            facts.account(self._gather, given, _ACCOUNTS[kind], self._written)


def _by_id(given: dict[str, Any]) -> bool:
    """Whether an answer is several objects, each under its id."""
    return all(isinstance(item, dict) and (item.get("id") == name or "data" in item) for name, item in given.items())


def _kind_of(item: object) -> str | None:
    """What an object is, by the fields that only such an object has."""
    if not isinstance(item, dict) or not isinstance(item.get("id"), str):
        return None
    has, parts = item.keys(), item["id"].split("_")
    if has & {"can_reply_privately", "like_count", "comment_count", "parent", "is_private"} or len(parts) > 2:
        return "comment"
    if has & {"embed_html", "content_category", "length", "embeddable", "live_views"} or (
        "title" in has and "from" in has
    ):
        return "video"
    if "created_time" in has and has & {"message", "story", "status_type", "attachments", "shares"}:
        return "post"
    if len(parts) == 2 and all(part.isdecimal() for part in parts):
        return "post"
    for kind, names in (("group", _GROUP), ("page", _PAGE), ("person", _PERSON)):
        if has & set(names):
            return kind
    return None


def _what(item: object) -> str:
    if isinstance(item, dict) and item.keys() & {"conversation", "to", "participants", "snippet"}:
        return "private message"
    return "an answer about nobody's account or post"


_ACCOUNTS = {"page": AccountKind.CHANNEL, "group": AccountKind.GROUP, "person": AccountKind.PERSON}
_KINDS: dict[str, tuple[Fields, Any]] = {
    "post": (payload.POST_FIELDS, payload.Post),
    "comment": (payload.COMMENT_FIELDS, payload.Comment),
    "video": (payload.VIDEO_FIELDS, payload.Video),
    "page": (payload.ACCOUNT_FIELDS, payload.Account),
    "group": (payload.ACCOUNT_FIELDS, payload.Account),
    "person": (payload.ACCOUNT_FIELDS, payload.Account),
}
