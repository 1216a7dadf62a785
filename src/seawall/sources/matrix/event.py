"""The envelope of a Matrix event, and which of its fields are known.

Anybody may put anything into an event. A field in somebody's own namespace (`org.example.field`) is theirs and left
out; one that looks like the specification's own and is not known is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from seawall.sources.contract import EARLIEST, LATEST

_EARLIEST, _LATEST = (int(moment.timestamp() * 1000) for moment in (EARLIEST, LATEST))
USER = r"^@[^:\s]*:\S+\Z"
_OFFICIAL = re.compile(r"(?:m\.)?[a-z_]{1,40}(?:\.[a-z_]{1,40}){0,2}")


def _fields(names: str) -> frozenset[str]:
    return frozenset(names.split())


_ENVELOPE = _fields(
    "event_id room_id sender type origin_server_ts content unsigned redacted_because state_key redacts age user_id"
    " prev_content prev_sender replaces_state membership origin auth_events prev_events depth hashes signatures"
    " invite_room_state"
)
_MESSAGE = _fields(
    "msgtype body format formatted_body filename url file info m.relates_to m.mentions m.new_content m.text m.html"
    " m.message m.file m.image m.video m.audio m.voice m.caption m.thumbnail m.emote m.notice m.image_details"
    " m.video_details m.audio_details m.poll m.poll.start m.location m.asset m.ts m.url_previews geo_uri thumbnail_url"
    " thumbnail_info external_url server_notice_type admin_contact limit_type"
)
_FIELDS = {
    "m.room.member": _fields(
        "membership displayname avatar_url is_direct reason third_party_invite join_authorised_via_users_server"
    ),
    "m.room.redaction": _fields("redacts reason"),
    "m.room.name": _fields("name"),
    "m.room.topic": _fields("topic m.topic"),
    "m.room.avatar": _fields("url info"),
    "m.room.canonical_alias": _fields("alias alt_aliases"),
}


class Event(msgspec.Struct, gc=False):
    """An event; its content is looked at only where it says something about an account or a post."""

    event_id: Annotated[str, msgspec.Meta(pattern=r"^\$\S+\Z", max_length=255)]
    room_id: Annotated[str, msgspec.Meta(pattern=r"^![^\s/]+\Z", max_length=255)]
    sender: Annotated[str, msgspec.Meta(pattern=USER, max_length=255)]
    type: str
    origin_server_ts: Annotated[int, msgspec.Meta(ge=_EARLIEST, lt=_LATEST)]
    content: msgspec.Raw
    unsigned: msgspec.Raw = msgspec.Raw(b"{}")
    redacted_because: msgspec.Raw = msgspec.Raw(b"null")
    state_key: Any = None
    redacts: Any = None


class _Unsigned(msgspec.Struct, gc=False):
    """What the server adds to an event."""

    redacted_because: Any = None


event_of_line = msgspec.json.Decoder(Event).decode
content_of = msgspec.json.Decoder(dict[str, Any]).decode
_unsigned = msgspec.json.Decoder(_Unsigned).decode
_names = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def is_redacted(event: Event) -> bool:
    """Its content is gone; the server may say on whose account."""
    if re.fullmatch(rb"\s*\{\s*\}\s*", bytes(event.content)) or bytes(event.redacted_because) != b"null":
        return True
    try:
        return _unsigned(event.unsigned).redacted_because is not None
    except msgspec.DecodeError:
        return False


def unknown_fields(raw: bytes, event: Event, content: dict[str, Any]) -> Iterator[str]:
    """Names of fields that look like the specification's and are not known."""
    of = event.type if event.type in _FIELDS else "message"
    for kind, given, known in (("event", _names(raw), _ENVELOPE), (of, content, _FIELDS.get(of, _MESSAGE))):
        for name in given.keys() - known:
            if _OFFICIAL.fullmatch(name) and ("." not in name or name.startswith("m.")):
                yield f"{kind}.{name}"


def short(kind: str) -> str:
    """A type of event, fit to be counted and printed; anybody may make up new ones."""
    return kind if re.fullmatch(r"m\.[a-z._]{1,60}", kind) else "of a type of its own"


def text_of(value: object) -> str | None:
    """A text that says something."""
    return value if isinstance(value, str) and value else None
