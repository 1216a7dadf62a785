"""What happens in a room besides messages: who joins it, what it calls itself, what is redacted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from seawall.sources.matrix.event import USER, Event, text_of

_SAYS = {  # what a room says of itself, and the column that it is
    "m.room.name": ("name", "name"),
    "m.room.topic": ("topic", "bio"),
    "m.room.avatar": ("url", "picture"),
    "m.room.canonical_alias": ("alias", "handle"),
}
KINDS = ("m.room.member", "m.room.redaction", *_SAYS)


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody came into a room, under a name."""

    account_id: str
    room_id: str
    at: int  # milliseconds
    name: str | None
    picture: str | None


@dataclass(frozen=True, slots=True)
class Naming:
    """A room says one thing of itself."""

    room_id: str
    at: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Redaction:
    """Something was taken away. Whose it was, and whether it was a message, the event does not say."""

    room_id: str
    event_id: str
    at: int


Happening = Joining | Naming | Redaction


def happening(event: Event, content: dict[str, Any]) -> Happening | str:
    """What an event of one of KINDS says; or, in words to be counted, why it says nothing that is read.

    Raises msgspec.ValidationError for one that is not as the specification has it.
    """
    if event.type == "m.room.member":
        return _joining(event, content)
    if event.type == "m.room.redaction":
        return _redaction(event, content)
    name, column = _SAYS[event.type]
    value = text_of(content.get(name))
    if value is None or event.state_key != "":
        return f"event {event.type} that says nothing"
    return Naming(event.room_id, event.origin_server_ts, column, value.removeprefix("#") if name == "alias" else value)


def _joining(event: Event, content: dict[str, Any]) -> Joining | str:
    if content.get("membership") != "join":
        return "membership that is no joining"
    who = event.state_key
    if not isinstance(who, str) or not re.match(USER, who) or len(who) > 255:
        raise msgspec.ValidationError("it does not say who joins - at `$.state_key`")
    name, picture = text_of(content.get("displayname")), text_of(content.get("avatar_url"))
    return Joining(who, event.room_id, event.origin_server_ts, name, picture)


def _redaction(event: Event, content: dict[str, Any]) -> Redaction:
    """Newer rooms have what is redacted in the content, older ones beside it."""
    for what in (content.get("redacts"), event.redacts):
        if isinstance(what, str) and re.fullmatch(r"\$\S{1,254}", what):
            return Redaction(event.room_id, what, event.origin_server_ts)
    raise msgspec.ValidationError("it does not say what it redacts - at `$.content.redacts`")
