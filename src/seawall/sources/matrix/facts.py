"""Messages of Matrix as tables of facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa

from seawall.records.facts import ACCOUNTS, MEDIA, POSTS, STATES, TIES, columns
from seawall.records.terms import AccountKind, MediaKind, PostKind, State, TieKind
from seawall.sources.matrix.payload import Message, links_in, media_of

NAME = "matrix"
_KINDS = {
    "m.image": MediaKind.PHOTO.value,
    "m.video": MediaKind.VIDEO.value,
    "m.audio": MediaKind.AUDIO.value,
    "m.file": MediaKind.FILE.value,
}
_TIME = pa.timestamp("ms", tz="UTC")


@dataclass(frozen=True, slots=True)
class Profile:
    """What the server says of an account at a moment."""

    account_id: str
    seen_at: datetime
    name: str | None = None
    picture: str | None = None
    created_at: datetime | None = None
    states: tuple[tuple[State, str | None], ...] = ()  # each with a note


def handle_of(account_id: str) -> str:
    """A user id without its mark."""
    return account_id.removeprefix("@")


class Flat:
    """Messages in columns."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        self.at = pa.array([m.at for m in messages], pa.int64()).cast(_TIME).cast(pa.timestamp("us", tz="UTC"))
        text = pl.Series([m.text for m in messages], dtype=pl.String)
        self.hashtags = _hashtags(text)
        written = text.str.extract_all(r"https?://[^\s<>\"…]+").to_list()
        self.links = [
            list(dict.fromkeys([*(links or ()), *links_in(m.formatted)]))
            for m, links in zip(messages, written, strict=True)
        ]
        self.media = [media_of(m.content) for m in messages]


def _hashtags(text: pl.Series) -> list[list[str]]:
    """Hashtags without their mark; #room:server is the address of a room and none."""
    found = text.str.extract_all(r"#[\p{L}\p{M}\p{N}_]+(?::[\p{L}\p{N}])?").to_list()
    return [[tag[1:] for tag in tags or () if ":" not in tag] for tags in found]


def posts(flat: Flat, platform: str) -> pa.Table:
    """One post a message."""
    messages = flat.messages
    return columns(
        POSTS,
        {
            "platform": platform,
            "post_id": [m.post_id for m in messages],
            "account_id": [m.sender for m in messages],
            "handle": [handle_of(m.sender) for m in messages],
            "at": flat.at,
            "kind": [PostKind.REPLY.value if m.reply_to else PostKind.POST.value for m in messages],
            "text": [m.text for m in messages],
            "hashtags": flat.hashtags,
            "links": flat.links,
            "mentions": [[handle_of(user) for user in m.mentions] for m in messages],
            "reply_to_post_id": [m.reply_to for m in messages],
            "media": [len(media) for media in flat.media],
            "source": NAME,
        },
        len(messages),
    )


def ties(flat: Flat, platform: str) -> pa.Table:
    """Whom each message names and what it links to. Whom it answers is known by the post alone, so that is no tie."""
    mention, link = TieKind.MENTION.value, TieKind.SHARED_LINK.value
    rows: list[tuple[int, str, str | None, str | None]] = []
    for i, m in enumerate(flat.messages):
        rows += [(i, mention, user, None) for user in m.mentions if user != m.sender]
        rows += [(i, link, None, shared) for shared in flat.links[i]]
    its = [flat.messages[row[0]] for row in rows]
    return columns(
        TIES,
        {
            "platform": platform,
            "kind": [row[1] for row in rows],
            "from_id": [m.sender for m in its],
            "to_id": [row[2] for row in rows],
            "to_handle": [handle_of(row[2]) if row[2] else None for row in rows],
            "link": [row[3] for row in rows],
            "post_id": [m.post_id for m in its],
            "at": flat.at.take(pa.array([row[0] for row in rows], pa.int64())),
            "source": NAME,
        },
        len(rows),
    )


def media(flat: Flat, platform: str) -> pa.Table:
    """The files of messages, by their mxc address."""
    rows = [(i, address) for i, its in enumerate(flat.media) for address in its]
    its = [flat.messages[i] for i, _ in rows]
    return columns(
        MEDIA,
        {
            "platform": platform,
            "media_id": [address.removeprefix("mxc://") for _, address in rows],
            "post_id": [m.post_id for m in its],
            "account_id": [m.sender for m in its],
            "kind": [_kind(m, address) for m, (_, address) in zip(its, rows, strict=True)],
            "url": [address for _, address in rows],
            "alt_text": [m.content.body or None for m in its],
            "at": flat.at.take(pa.array([i for i, _ in rows], pa.int64())),
            "source": NAME,
        },
        len(rows),
    )


def _kind(message: Message, address: str) -> str:
    """A message's own file is what the message says it is; a preview or a picture between words is a picture."""
    content = message.content
    encrypted = content.file.get("url") if isinstance(content.file, dict) else None
    if address not in (content.url, encrypted):
        return MediaKind.PHOTO.value
    return _KINDS.get(content.msgtype, MediaKind.FILE.value)


def seen_authors(messages: list[Message]) -> list[Profile]:
    """Authors as far as their messages show them: one profile an author and day."""
    first: dict[tuple[str, int], Message] = {}
    for message in messages:
        first.setdefault((message.sender, message.at // 86_400_000), message)
    return [Profile(m.sender, datetime.fromtimestamp(m.at / 1000, UTC)) for m in first.values()]


def accounts(profiles: list[Profile], platform: str) -> pa.Table:
    """One row a profile."""
    return columns(
        ACCOUNTS,
        {
            "platform": platform,
            "account_id": [p.account_id for p in profiles],
            "handle": [handle_of(p.account_id) for p in profiles],
            "name": [p.name for p in profiles],
            "picture": [p.picture for p in profiles],
            "kind": AccountKind.PERSON.value,
            "created_at": [p.created_at for p in profiles],
            "seen_at": [p.seen_at for p in profiles],
            "source": NAME,
        },
        len(profiles),
    )


def states(profiles: list[Profile], platform: str) -> pa.Table:
    """What the server says of accounts that are not simply active."""
    rows = [(p, state, note) for p in profiles for state, note in p.states]
    return columns(
        STATES,
        {
            "platform": platform,
            "account_id": [p.account_id for p, _, _ in rows],
            "state": [state.value for _, state, _ in rows],
            "note": [note for _, _, note in rows],
            "at": [p.seen_at for p, _, _ in rows],
            "source": NAME,
        },
        len(rows),
    )


def tables(messages: list[Message], profiles: list[Profile], platform: str) -> dict[str, pa.Table]:
    """All facts of a stretch."""
    flat = Flat(messages)
    return {
        "accounts": accounts(profiles, platform),
        "posts": posts(flat, platform),
        "ties": ties(flat, platform),
        "media": media(flat, platform),
        "states": states(profiles, platform),
    }
