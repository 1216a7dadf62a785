"""A Mastodon server that is followed: first the timeline's pages since the cursor, then the stream, which is opened
before them so that nothing falls between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from seawall.sources.asking import Asker, checked
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.gather import Gather
from seawall.sources.kinds import Ask, Checked
from seawall.sources.loading import Followed
from seawall.sources.mastodon import NAME, silent, take
from seawall.sources.mastodon.sse import Event, Stream

_PAGE = 40  # posts of a page, the most that servers give
_SNOWFLAKE = 1 << 50  # from here on an id holds the moment of its post, in milliseconds above 16 bits
_OVERLAP = 60_000 << 16  # posts of other servers come late, with the ids of their own moment
_KNOWN = 20_000  # ids of the timeline that are remembered while the stream may give them again


class _Place(NamedTuple):
    """Where a timeline and its stream stand."""

    timeline: str
    timeline_params: dict[str, str]
    stream: str
    stream_params: dict[str, str]


class _Head(msgspec.Struct):
    id: str = ""


class MastodonLive(Followed):
    """Follows one stream of a server that speaks Mastodon's API."""

    name = NAME
    ASKS = (
        Ask("url", "The server's address, such as https://social.example"),
        Ask("token", "An access token that may read statuses", secret=True),
        Ask("stream", "Follow public, public:local, public:remote, home, list:ID or #hashtag", default="public"),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = NAME) -> None:
        self._url, self._token, self.platform = checked(settings["url"]), settings["token"], platform
        self._stream = settings["stream"].strip()
        self._place = _place(self._stream)
        Asker(self._url, self._token).close()

    @staticmethod
    def check(settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Whether the server answers, knows the token, and lets it read the timeline and the stream."""
        try:
            place = _place(settings["stream"].strip())
            asker = Asker(settings["url"], settings["token"])
        except SourceError as error:
            yield Checked(False, str(error))
            return
        try:
            about = asker.get_as(dict[str, Any], "/api/v2/instance")
            yield Checked(True, f"{asker.host} speaks Mastodon's API, version {str(about.get('version'))[:60]}")
            me = asker.get_as(dict[str, Any], "/api/v1/accounts/verify_credentials")
            yield Checked(True, f"the token is that of @{str(me.get('acct'))[:60]}")
            asker.get_as(list[Any], place.timeline, **place.timeline_params, limit=1)
            yield Checked(True, f"it may read {place.timeline}")
            stream = _open(asker, place)
            try:
                stream.opened()
            finally:
                stream.close()
            yield Checked(True, f"its stream {place.stream} opens")
        except SourceError as error:
            yield Checked(False, str(error))
        finally:
            asker.close()

    @property
    def address(self) -> str:
        """The server and what is followed there."""
        return f"{self._url} {self._stream}"

    def fingerprint(self) -> str:
        """The platform's name, the server and what is followed there."""
        return f"{self.platform}:{self._url}:{self._stream}"

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """The newest page, or all since the cursor; then what comes."""
        asker = Asker(self._url, self._token)
        stream = None
        try:
            stream = _open(asker, self._place)
            stream.opened()
            reading = _Reading(self.platform, str(cursor["newest"]) if cursor else "")
            yield from reading.timeline(asker, self._place)
            while True:
                yield reading.events(stream.events())
        finally:
            if stream:
                stream.close()
            asker.close()


class _Reading:
    """What is read in one go: how far it came, and which posts the timeline gave."""

    def __init__(self, platform: str, newest: str) -> None:
        self._platform, self._newest, self._number = platform, newest, 0
        self._known: dict[str, None] = {}

    def timeline(self, asker: Asker, place: _Place) -> Iterator[Batch]:
        """Pages since the newest post that is known, oldest first; the newest page if none is."""
        after = _before(self._newest)
        while True:
            since = {"min_id": after} if after else {}
            page = asker.get_as(list[msgspec.Raw], place.timeline, **place.timeline_params, **since, limit=_PAGE)
            ids = [_id(bytes(raw)) for raw in page]
            yield self._batch([Event("update", bytes(raw)) for raw in reversed(page)])
            newest = max((one for one in ids if one), key=_order, default="")
            if not after or not newest or _order(newest) <= _order(after):
                return
            after = newest

    def events(self, events: list[Event]) -> Batch:
        """What came on the stream."""
        return self._batch(events)

    def _batch(self, events: list[Event]) -> Batch:
        gather, now = Gather(self._platform, NAME), datetime.now(UTC)
        for event in events:
            self._number += 1
            what = silent(event.name)
            post_id = _id(event.data) if event.name == "update" else ""
            if what is None and post_id and post_id in self._known:
                what = "a post that was read before"
            if what is not None:
                with gather.reading(self._number, b""):
                    gather.ignore(what)
                continue
            data = msgspec.json.encode(event.data.decode("utf-8", "replace")) if event.name == "delete" else event.data
            take(gather, self._number, data, now, event.name)
            if post_id:
                self._newest = max(self._newest, post_id, key=_order)
                self._known[post_id] = None
                if len(self._known) > _KNOWN:
                    del self._known[next(iter(self._known))]
        cursor: Cursor = {"newest": self._newest}
        return gather.done(cursor, self._number) if events else Batch({}, [], 0, cursor, self._number)


def _open(asker: Asker, place: _Place) -> Stream:
    """The stream, at the address that the server names for it: large ones stream from another host."""
    base = asker.base
    told = asker.get_as(dict[str, Any], "/api/v2/instance").get("configuration")
    urls = told.get("urls") if isinstance(told, dict) else None
    named = urls.get("streaming") if isinstance(urls, dict) else None
    if isinstance(named, str) and re.match(r"wss?://[^/@?#]+/?$", named):
        other = "http" + named.removeprefix("ws").rstrip("/")
        base = (
            other if other.startswith("https:") or base.startswith("http:") else base
        )  # the token never goes in clear
    return Stream(base + place.stream, asker.headers, place.stream_params)


def _place(stream: str) -> _Place:
    """Where something that is to be followed stands. Raises SourceError if there is no such thing."""
    public, streaming = "/api/v1/timelines/public", "/api/v1/streaming"
    if stream == "public":
        return _Place(public, {}, f"{streaming}/public", {})
    if stream == "public:local":
        return _Place(public, {"local": "true"}, f"{streaming}/public/local", {})
    if stream == "public:remote":
        return _Place(public, {"remote": "true"}, f"{streaming}/public/remote", {})
    if stream == "home":
        return _Place("/api/v1/timelines/home", {}, f"{streaming}/user", {})
    if re.fullmatch(r"list:\w+", stream):
        number = stream.removeprefix("list:")
        return _Place(f"/api/v1/timelines/list/{number}", {}, f"{streaming}/list", {"list": number})
    if re.fullmatch(r"#\w+", stream):
        tag = stream.removeprefix("#")
        return _Place(f"/api/v1/timelines/tag/{tag}", {}, f"{streaming}/hashtag", {"tag": tag})
    raise SourceError(f"'{stream[:60]}' is none of public, public:local, public:remote, home, list:ID, #hashtag")


def _before(newest: str) -> str:
    """The id from which on to ask again: a minute before the newest, where ids hold moments."""
    number = int(newest[:30]) if newest.isdecimal() else 0
    return str(number - _OVERLAP) if number > _SNOWFLAKE else newest


def _order(post_id: str) -> tuple[int, str]:
    """Later posts have greater ids, as numbers or as words of one length."""
    return len(post_id), post_id


def _id(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=_Head).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
