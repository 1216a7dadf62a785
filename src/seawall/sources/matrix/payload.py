"""Client events of Matrix, decoded: posts that can be read, what happens in rooms, and what is left out or rejected,
with the reason."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import msgspec

from seawall.sources.contract import Reject
from seawall.sources.matrix import happenings
from seawall.sources.matrix.event import USER, Event, content_of, event_of_line, is_redacted, short, unknown_fields
from seawall.sources.matrix.happenings import Happening, happening
from seawall.sources.matrix.polls import LEFT_OUT, POLLS, poll_text

_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_STICKER = "m.sticker"
_POSTS = ("m.room.message", _STICKER, *POLLS)
_LEFT_OUT = {**LEFT_OUT, "m.room.encrypted": "encrypted message", "m.reaction": "reaction"}
_HTML = "org.matrix.custom.html"
_NOT_READ = {  # msgtypes that say nothing to read
    "m.location": "message that is a place",
    "m.server_notice": "notice of the server itself",
    "m.key.verification.request": "message that only checks keys",
}
_USER_LINK = re.compile(r"""https://matrix\.to/#/((?:@|%40)[^/?\s"'<>]+)""", re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?(https?://[^\s"'<>]+)""", re.IGNORECASE)
_IMAGE = re.compile(r"""src\s*=\s*["']?(mxc://[^\s"'<>]+)""", re.IGNORECASE)
_FALLBACK = re.compile(
    r"\A> (?:\* )?<@[^\n]*(?:\n>[^\n]*)*\n*"
)  # lines of the message replied to, repeated by old clients
_MX_REPLY = re.compile(r"(?s)\A\s*<mx-reply>.*?</mx-reply>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/blockquote|/pre|/h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[/!a-zA-Z][^<>]*>")
_FILES = ("m.image", "m.video", "m.audio", "m.file", _STICKER)


class Content(msgspec.Struct, gc=False):
    """What a message says. Only type and body must be as the specification has them: whoever writes nonsense into
    another field shall not hide the message by it."""

    msgtype: str
    body: str
    format: Any = None
    formatted_body: Any = None
    filename: Any = None
    url: Any = None
    file: Any = None
    info: Any = None
    relates_to: Any = msgspec.field(default=None, name="m.relates_to")
    mentions: Any = msgspec.field(default=None, name="m.mentions")
    new_content: Any = msgspec.field(default=None, name="m.new_content")


@dataclass(slots=True)
class Message:
    """A message as people see it."""

    post_id: str
    room_id: str
    sender: str
    at: int  # milliseconds
    text: str
    formatted: str  # the same as HTML, "" where there is none
    reply_to: str | None
    mentions: list[str]
    content: Content


@dataclass(slots=True)
class Decoded:
    """A stretch of events."""

    messages: list[Message] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """Events that were loaded or rejected."""
        return len(self.messages) + len(self.happenings) + len(self.rejects)


def post_id_of(room_id: str, event_id: str) -> str:
    """The id of a post: its room and its event."""
    return f"{room_id}/{event_id}"


def event_of(post_id: str) -> tuple[str, str]:
    """The room and the event of a post's id. Raises ValueError if it is none of Matrix."""
    room, slash, event = post_id.partition("/$")
    if not (slash and event and re.fullmatch(r"![^\s/]+", room)):
        raise ValueError(f"'{post_id}' is no Matrix post: its id must look like !room:server/$event")
    return room, f"${event}"


def decode(lines: Sequence[bytes | msgspec.Raw], first: int) -> Decoded:
    """Decode events; whatever is no event or message lands in `rejects` with its reason, numbered from `first`."""
    out = Decoded()
    for number, line in enumerate(lines, first):
        raw = bytes(line)
        if not raw.strip():
            out.ignored["blank line"] += 1
            continue
        try:
            _decode_one(out, raw)
        except _NO_JSON as error:
            out.rejects.append(Reject(number, _reason(error), raw))
    return out


def _decode_one(out: Decoded, raw: bytes) -> None:
    event = event_of_line(raw)
    if event.type in _POSTS or event.type in happenings.KINDS:
        if event.type in _POSTS and is_redacted(event):
            out.ignored["redacted message"] += 1
            return
        content = content_of(event.content)
        _read_one(out, event, content)
        out.unknown.update(unknown_fields(raw, event, content))
    else:
        out.ignored[_LEFT_OUT.get(event.type) or f"event {short(event.type)}"] += 1


def _read_one(out: Decoded, event: Event, content: dict[str, Any]) -> None:
    if event.type in happenings.KINDS:
        found = happening(event, content)
        if isinstance(found, str):
            out.ignored[found] += 1
        else:
            out.happenings.append(found)
        return
    said = _content(event.type, content)
    if said.msgtype in _NOT_READ:
        out.ignored[_NOT_READ[said.msgtype]] += 1
    else:
        out.messages.append(_message(event, said))


def _content(kind: str, content: dict[str, Any]) -> Content:
    """What a post says, whatever kind of event it is."""
    if kind == _STICKER:
        return msgspec.convert({**content, "msgtype": kind}, Content)
    if kind in POLLS:
        return Content(kind, poll_text(content), relates_to=content.get("m.relates_to"))
    return msgspec.convert(content, Content)


def _reason(error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"not a Matrix event: {error}"
    if isinstance(error, RecursionError):
        return "damaged JSON: nested too deep"
    return f"damaged JSON: {error}"


def _message(event: Event, content: Content) -> Message:
    relation = _object(content.relates_to)
    content = _edited(content, relation)
    reply = _reply_to(relation)
    formatted = content.formatted_body if content.format == _HTML and isinstance(content.formatted_body, str) else ""
    body = content.body
    if reply:  # what others wrote is not said again by who answers them
        formatted, body = _MX_REPLY.sub("", formatted), _FALLBACK.sub("", body)
    return Message(
        post_id=post_id_of(event.room_id, event.event_id),
        room_id=event.room_id,
        sender=event.sender,
        at=event.origin_server_ts,
        text=_shown(content, body, formatted),
        formatted=formatted,
        reply_to=post_id_of(event.room_id, reply) if reply else None,
        mentions=_mentions(content, formatted),
        content=content,
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _edited(content: Content, relation: dict[str, Any]) -> Content:
    """An edit is a post of its own, with the text it puts in place of the first one's."""
    if relation.get("rel_type") != "m.replace":
        return content
    try:
        return msgspec.convert(content.new_content, Content)
    except msgspec.ValidationError:
        return content


def _reply_to(relation: dict[str, Any]) -> str | None:
    """The event that is answered. In a thread, a reply that stands there only for old clients is to the thread."""
    in_thread = relation.get("rel_type") == "m.thread"
    if in_thread and relation.get("is_falling_back") is True:
        event = relation.get("event_id")
    else:
        event = _object(relation.get("m.in_reply_to")).get("event_id") or (in_thread and relation.get("event_id"))
    return event if isinstance(event, str) and re.fullmatch(r"\$\S{1,254}", event) else None


def media_of(content: Content) -> list[str]:
    """The addresses (mxc://server/id) of a message's media: its file, and pictures between its words."""
    between = _IMAGE.findall(content.formatted_body) if isinstance(content.formatted_body, str) else []
    return _addresses(content.url, _object(content.file).get("url"), *map(html.unescape, between))


def media_in(raw: Any) -> list[str]:
    """The addresses of all media of a message's content as the server gives it, previews too; none if it is none."""
    try:
        content = msgspec.convert(raw, Content)
    except msgspec.ValidationError:
        return []
    info = _object(content.info)
    previews = _addresses(info.get("thumbnail_url"), _object(info.get("thumbnail_file")).get("url"))
    return list(dict.fromkeys(media_of(content) + previews))


def _addresses(*given: Any) -> list[str]:
    sound = (a for a in given if isinstance(a, str) and re.fullmatch(r"mxc://[^\s/]+/[^\s/]+", a))
    return list(dict.fromkeys(sound))


def _shown(content: Content, body: str, formatted: str) -> str:
    """The text that people see: the formatted one where there is one; of a file, its caption and not its name."""
    if content.msgtype in _FILES and content.filename in (None, body) and media_of(content):
        return ""
    return (_text_of(formatted) if formatted else body).strip()


def _text_of(formatted: str) -> str:
    """The words of an HTML text. Whatever is no tag, broken or not, is words."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", formatted)))


def _mentions(content: Content, formatted: str) -> list[str]:
    """The accounts a message names: by the specification's field, and by links to them."""
    named = _object(content.mentions).get("user_ids")
    given = [u for u in named if isinstance(u, str)] if isinstance(named, list) else []
    given += [unquote(html.unescape(user)) for user in _USER_LINK.findall(formatted)]
    return list(dict.fromkeys(user for user in given if re.match(USER, user) and len(user) <= 255))


def links_in(formatted: str) -> list[str]:
    """Where the links of an HTML text lead, whatever they are called; links to accounts and rooms are none."""
    found = (html.unescape(link) for link in _HREF.findall(formatted))
    return [link for link in found if not link.lower().startswith("https://matrix.to/")]
