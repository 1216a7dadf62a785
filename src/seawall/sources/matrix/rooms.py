"""Rooms of a Synapse server, read with an admin's token and without joining them.

How nothing is lost or doubled. Every pass asks the server once for the point it has reached (`until`). A room is read
from the point where it was last read to the end, up to `until`; the next pass begins there. The cursor keeps that
point for every room, and, for a room that is only half read, its page. Points go by the order in which the server got
the events, so one that arrives late with an earlier place in the room is not missed. Not seen: older history that the
server fetches from other servers after the room was read.

Synapse gives no read-only token for its admin API. Keep a separate admin account for reading. The token is in no
cursor, reject or fact.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from seawall.records.terms import State
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.loading import Followed
from seawall.sources.matrix import facts
from seawall.sources.matrix.event import text_of
from seawall.sources.matrix.facts import Profile
from seawall.sources.matrix.happenings import Naming
from seawall.sources.matrix.payload import Decoded, decode
from seawall.sources.matrix.server import Server, ServerError

BATCH = 5_000  # events that go into one batch, as far as rooms have them
PAGE = 500  # events that are asked for at a time
FRESH = 60.0  # seconds that what a profile says is not asked for again
_ADMIN = "/_synapse/admin"
_STATES = (
    ("deactivated", State.DELETED, "deactivated"),
    ("suspended", State.SUSPENDED, None),
    ("locked", State.SUSPENDED, "locked"),
)


class _Messages(msgspec.Struct):
    """An answer with events; `end` is where the next one begins, none after the last."""

    chunk: list[msgspec.Raw]
    end: str | None = None


class _Room(msgspec.Struct):
    room_id: str
    join_rules: str | None = None
    name: str | None = None
    canonical_alias: str | None = None
    topic: str | None = None
    avatar: str | None = None
    joined_members: int | None = None


class _Rooms(msgspec.Struct):
    rooms: list[_Room]
    next_batch: int | None = None


class _Synced(msgspec.Struct):
    next_batch: str


@dataclass(slots=True)
class _Page:
    """Where a room that is half read goes on, and up to which point this pass reads it."""

    room: str
    at: str | None
    until: str


@dataclass(slots=True)
class _Place:
    """How far the reading is: the cursor, in parts."""

    rooms: dict[str, str] = field(default_factory=dict)  # each room's point: read up to here
    page: _Page | None = None
    line: int = 0  # events that were read, which numbers rejects

    def cursor(self) -> Cursor:
        return cast(Cursor, msgspec.to_builtins(self))


def reached(cursor: Cursor | None) -> int:
    """How many events had been read at a cursor."""
    return int(str(cursor["line"])) if cursor else 0


class MatrixRooms(Followed):
    """The public rooms of a server; or the rooms that are named, public or not."""

    name = facts.NAME

    def __init__(self, server: Server, rooms: Sequence[str] = (), platform: str = "matrix") -> None:
        wrong = [room for room in rooms if not re.fullmatch(r"![^\s/]+", room)]
        if wrong:
            raise SourceError(f"'{wrong[0]}' is no room: name rooms by their id, which begins with '!'.")
        self.platform = platform
        self._server = server
        self._named = list(dict.fromkeys(rooms))
        self._profiles: dict[str, tuple[float, Profile]] = {}  # each with when it was asked for

    @property
    def address(self) -> str:
        """The server, as reports and rejects name it."""
        return self._server.host

    def fingerprint(self) -> str:
        """The server and the platform name. A room that is named later is read from its beginning."""
        return f"{self.platform}:{self.address}"

    def follow(self, cursor: Cursor | None, rooms: Collection[str] | None = None) -> Iterator[Batch]:
        """Read what came since the cursor (None: everything), once through all rooms; or those of `rooms` it may read.

        Raises SourceError if the server does not give it; what was yielded before counts, and a later call goes on.
        """
        self._forget()
        try:
            yield from self._pass(msgspec.convert(cursor, _Place) if cursor else _Place(), rooms)
        except ServerError as error:
            raise SourceError(str(error)) from error

    def _pass(self, place: _Place, rooms: Collection[str] | None) -> Iterator[Batch]:
        events: list[msgspec.Raw] = []
        for found in self._events(place, rooms):
            events += found
            if len(events) >= BATCH:
                yield self._batch(events, place)
                events = []
        if events:
            yield self._batch(events, place)

    def _events(self, place: _Place, rooms: Collection[str] | None) -> Iterator[list[msgspec.Raw]]:
        """Pages of new events; `place` is always right behind the last one."""
        if place.page:
            yield from self._room(place, place.page)
        until = self._reached()
        for room in self._rooms() if rooms is None else filter(self._is_read, rooms):
            yield from self._room(place, _Page(room, place.rooms.get(room), until))

    def _room(self, place: _Place, page: _Page) -> Iterator[list[msgspec.Raw]]:
        """Pages of a room up to the point `until`. A page may be empty and not the last."""
        while True:
            answer = self._messages(page)
            if answer.end is None or answer.end == page.at:
                break
            page.at = answer.end
            place.page = page
            yield answer.chunk
        place.page = None
        place.rooms[page.room] = page.until
        yield answer.chunk

    def _messages(self, page: _Page) -> _Messages:
        since = {"from": page.at} if page.at else {}
        path = _ADMIN + "/v1/rooms/{}/messages"
        return self._server.get_as(_Messages, path, page.room, dir="f", limit=PAGE, to=page.until, **since)

    def _reached(self) -> str:
        """The point the server has reached."""
        # The server keeps answers to the same question for minutes: a room that is nowhere makes it a new one.
        rooms = {"rooms": [f"!{secrets.token_hex(8)}:nowhere.invalid"]}
        nothing: dict[str, Any] = {"types": []}
        wanted = {"room": rooms, "presence": nothing, "account_data": nothing}
        return self._server.get_as(
            _Synced,
            "/_matrix/client/v3/sync",
            timeout=0,
            set_presence="offline",
            filter=msgspec.json.encode(wanted).decode(),
        ).next_batch

    def _rooms(self) -> list[str]:
        """The rooms to read. All are listed before any is read, so that none moves to another page meanwhile."""
        if self._named:
            return list(map(self._known, self._named))
        found: dict[str, None] = {}
        after = 0
        while True:
            answer = self._server.get_as(_Rooms, _ADMIN + "/v1/rooms", limit=PAGE, **{"from": after})
            found.update({room.room_id: None for room in answer.rooms if room.join_rules == "public"})
            if answer.next_batch is None:
                return list(found)
            after = answer.next_batch

    def _is_read(self, room: str) -> bool:
        """Whether a room is one of those to read. One that the server does not have (any more) is none."""
        if self._named:
            return room in self._named
        try:
            return self._server.get_as(_Room, _ADMIN + "/v1/rooms/{}", room).join_rules == "public"
        except ServerError as error:
            if error.absent:
                return False
            raise

    def _known(self, room: str) -> str:
        """A room that was named. The server gives an empty answer for the messages of one that it does not have."""
        return self._server.get_as(_Room, _ADMIN + "/v1/rooms/{}", room).room_id

    def _batch(self, events: list[msgspec.Raw], place: _Place) -> Batch:
        decoded: Decoded = decode(events, place.line + 1)
        place.line += len(events)
        renamed = [one.room_id for one in decoded.happenings if isinstance(one, Naming)]
        for room in renamed:
            self._profiles.pop(room, None)
        seen = dict.fromkeys([*renamed, *(account for m in decoded.messages for account in (m.sender, m.room_id))])
        return Batch(
            tables=facts.tables(decoded, list(map(self._profile, seen)), self.platform),
            rejects=decoded.rejects,
            read=decoded.read,
            cursor=place.cursor(),
            position=place.line,
            ignored=decoded.ignored,
            unknown=decoded.unknown,
        )

    def _forget(self) -> None:
        """Let go of profiles that may say something else by now."""
        oldest = time.monotonic() - FRESH
        self._profiles = {account: held for account, held in self._profiles.items() if held[0] > oldest}

    def _profile(self, account_id: str) -> Profile:
        """What the server says of an account or a room, asked once a while."""
        if account_id not in self._profiles:
            asked = self._of_room(account_id) if account_id.startswith("!") else self._of_user(account_id)
            self._profiles[account_id] = time.monotonic(), asked
        return self._profiles[account_id][1]

    def _of_room(self, room_id: str) -> Profile:
        now = datetime.now(UTC)
        try:
            room = self._server.get_as(_Room, _ADMIN + "/v1/rooms/{}", room_id)
        except ServerError as error:
            if error.absent:  # it was deleted since
                return Profile(room_id, now)
            raise
        return Profile(
            room_id,
            now,
            name=room.name or None,
            picture=room.avatar or None,
            handle=(room.canonical_alias or "").removeprefix("#") or None,
            bio=room.topic or None,
            followers=room.joined_members,
        )

    def _of_user(self, account_id: str) -> Profile:
        now = datetime.now(UTC)
        try:
            user = self._server.get(_ADMIN + "/v2/users/{}", account_id)
        except ServerError as error:
            if error.status == 400 or error.absent:  # an account of another server, or of a bridge
                return Profile(account_id, now)
            raise
        return Profile(
            account_id,
            now,
            name=text_of(user.get("displayname")),
            picture=text_of(user.get("avatar_url")),
            created_at=_moment(user.get("creation_ts")),
            states=tuple((state, note) for flag, state, note in _STATES if user.get(flag)),
        )


def _moment(value: object) -> datetime | None:
    """A time in seconds or, as some answers have it, milliseconds."""
    if not isinstance(value, int) or value <= 0:
        return None
    return datetime.fromtimestamp(value / 1000 if value > 10**11 else value, UTC)
