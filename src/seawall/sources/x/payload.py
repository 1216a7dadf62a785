"""The parts of X v1.1 payloads that are read, and decoding lines into them. All other parts are left out on purpose.

A line that is no v1.1 payload may be an answer of API v2; it is put aside for its own reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

from seawall.sources.contract import Reject
from seawall.sources.x.v2 import is_answer

_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_Count = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]  # what a column of whole numbers holds


class Part(msgspec.Struct, gc=False):
    """A part of a payload: only the fields that are read. All others are left out on purpose."""


class Hashtag(Part, gc=False):
    """A hashtag, without its mark."""

    text: str


class Link(Part, gc=False):
    """A link, short and expanded."""

    url: str | None = None
    expanded_url: str | None = None


class Mention(Part, gc=False):
    """An account a post names."""

    screen_name: str | None = None
    id_str: str | None = None


class Medium(Part, gc=False):
    """A picture, video or animation."""

    id_str: str
    type: str = "photo"
    media_url_https: str | None = None
    ext_alt_text: str | None = None


class Entities(Part, gc=False):
    """What the platform read out of a text."""

    hashtags: list[Hashtag] = []
    urls: list[Link] = []
    user_mentions: list[Mention] = []
    media: list[Medium] = []


class User(Part, gc=False):
    """The author of a post, as the payload shows the account."""

    id: int
    screen_name: str
    name: str | None = None
    description: str | None = None
    location: str | None = None
    url: str | None = None
    profile_image_url_https: str | None = None
    created_at: str | None = None
    followers_count: _Count | None = None
    friends_count: _Count | None = None
    statuses_count: _Count | None = None
    verified: bool | None = None
    protected: bool | None = None
    withheld_in_countries: list[str] | str | None = None


class Extended(Part, gc=False):
    """The rest of a post that the payload cut."""

    full_text: str
    entities: Entities = msgspec.field(default_factory=Entities)
    extended_entities: Entities | None = None


class Tweet(Part, gc=False):
    """A post, with the posts it spreads or quotes inside it."""

    id: int
    created_at: str
    user: User
    text: str | None = None
    full_text: str | None = None
    truncated: bool | None = None
    extended_tweet: Extended | None = None
    entities: Entities = msgspec.field(default_factory=Entities)
    extended_entities: Entities | None = None
    in_reply_to_status_id: int | None = None
    in_reply_to_user_id: int | None = None
    in_reply_to_screen_name: str | None = None
    retweeted_status: Tweet | None = None
    quoted_status: Tweet | None = None
    quoted_status_id: int | None = None
    lang: str | None = None
    source: str | None = None
    retweet_count: _Count | None = None
    favorite_count: _Count | None = None
    reply_count: _Count | None = None
    withheld_in_countries: list[str] | str | None = None


class Gone(Part, gc=False):
    """A post that was deleted, and its author."""

    id: int
    user_id: int


class Deletion(Part, gc=False):
    """A stream's word that a post was deleted."""

    status: Gone
    timestamp_ms: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12,13}\Z")] | None = None  # from 1973 to 2286


class Message(Part, gc=False):
    """What a v1.1 stream or a search answer says besides posts."""

    delete: Deletion | None = None
    statuses: list[Tweet] | None = None
    limit: Any = None
    scrub_geo: Any = None
    warning: Any = None
    disconnect: Any = None
    friends: Any = None


_IGNORED = ("limit", "scrub_geo", "warning", "disconnect", "friends")  # nothing about an account or a post
_tweet = msgspec.json.Decoder(Tweet).decode
_message = msgspec.json.Decoder(Message).decode


@dataclass(slots=True)
class Decoded:
    """A stretch of an export, decoded: tweets with the line each came from."""

    raw: Sequence[bytes]  # the stretch itself
    first: int  # number of its first line
    tweets: list[Tweet] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    deletions: list[Deletion] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    read: int = 0
    answers: list[tuple[int, bytes, dict[str, Any]]] = field(default_factory=list)  # of API v2; not counted in `read`

    def reject(self, number: int, why: str) -> None:
        """Reject a line of this stretch, as it stands there."""
        self.rejects.append(Reject(number, why, self.raw[number - self.first]))


def decode(lines: Sequence[bytes], first: int) -> Decoded:
    """Decode lines; whatever is no payload lands in `rejects` with its reason, numbered from `first`."""
    out = Decoded(lines, first, read=len(lines))
    tweets, numbers, one = out.tweets.append, out.lines.append, _tweet
    for number, line in enumerate(lines, first):
        try:
            tweets(one(line))
            numbers(number)
        except _NO_JSON as error:
            _other(out, line, number, error)
    return out


def _other(out: Decoded, line: bytes, number: int, error: Exception) -> None:
    """A line that is no tweet: a blank, a stream message, a search answer, or a reject."""
    if not line.strip():
        _ignore(out, "blank line")
        return
    try:
        message = _message(line)
    except _NO_JSON as worse:
        out.reject(number, _reason(worse))
        return
    known = next((name for name in _IGNORED if getattr(message, name) is not None), None)
    if message.delete is not None:
        out.deletions.append(message.delete)
    elif message.statuses is not None:
        out.tweets.extend(message.statuses)
        out.lines.extend([number] * len(message.statuses))
    elif known:
        _ignore(out, f"stream message '{known}'")
    elif (answer := _answer(line)) is not None:
        out.answers.append((number, line, answer))
        out.read -= 1
    else:
        out.reject(number, _reason(error))


def _answer(line: bytes) -> dict[str, Any] | None:
    try:
        given = msgspec.json.decode(line)
    except _NO_JSON:
        return None
    return given if is_answer(given) else None


def _ignore(out: Decoded, what: str) -> None:
    """A line that says nothing about an account or a post is neither loaded nor rejected."""
    out.read -= 1
    out.ignored[what] += 1


def _reason(error: Exception) -> str:
    if isinstance(error, msgspec.ValidationError):
        return f"not an X v1.1 post: {error}"
    if isinstance(error, RecursionError):
        return "damaged JSON: nested too deep"
    return f"damaged JSON: {error}"
