"""Messages of Matrix, and what happens in its rooms, as tables of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa

from seawall.records.facts import ACCOUNTS, MEDIA, POSTS, STATES, TIES, columns
from seawall.records.terms import AccountKind, MediaKind, PostKind, State, TieKind
from seawall.sources.matrix.happenings import Joining, Naming, Redaction
from seawall.sources.matrix.payload import Decoded, Message, links_in, media_of, post_id_of

NAME = "matrix"
_KINDS = {
    "m.image": MediaKind.PHOTO.value,
    "m.video": MediaKind.VIDEO.value,
    "m.audio": MediaKind.AUDIO.value,
    "m.file": MediaKind.FILE.value,
    "m.sticker": MediaKind.PHOTO.value,
}
_TIME = pa.timestamp("ms", tz="UTC")


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of an account at a moment: of somebody, or of a room."""

    account_id: str
    seen_at: datetime
    name: str | None = None
    picture: str | None = None
    created_at: datetime | None = None
    states: tuple[tuple[State, str | None], ...] = ()  # each with a note
    handle: str | None = None  # of a room, where it has one; somebody's is their id
    bio: str | None = None
    followers: int | None = None

    @property
    def kind(self) -> AccountKind:
        """A room's id begins with '!'."""
        return AccountKind.GROUP if self.account_id.startswith("!") else AccountKind.PERSON


def handle_of(account_id: str) -> str:
    """A user id without its mark."""
    return account_id.removeprefix("@")


def moment(milliseconds: int) -> datetime:
    """When an event was."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


class Flat:
    """Messages in columns."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        self.at = _times([m.at for m in messages])
        text = pl.Series([m.text for m in messages], dtype=pl.String)
        self.hashtags = _hashtags(text)
        written = text.str.extract_all(r"https?://[^\s<>\"…]+").to_list()
        self.links = [
            list(dict.fromkeys([*(links or ()), *links_in(m.formatted)]))
            for m, links in zip(messages, written, strict=True)
        ]
        self.media = [media_of(m.content) for m in messages]


def _times(milliseconds: list[int]) -> pa.Array:
    return pa.array(milliseconds, pa.int64()).cast(_TIME).cast(pa.timestamp("us", tz="UTC"))


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


def follows(joinings: Sequence[Joining], platform: str) -> pa.Table:
    """Who joined a room follows it: as far as an event shows it, for whoever leaves and comes again does it once."""
    first = list({(j.account_id, j.room_id): j for j in reversed(joinings)}.values())[::-1]
    return columns(
        TIES,
        {
            "platform": platform,
            "kind": TieKind.FOLLOW.value,
            "from_id": [j.account_id for j in first],
            "to_id": [j.room_id for j in first],
            "at": _times([j.at for j in first]),
            "source": NAME,
        },
        len(first),
    )


def shown(decoded: Decoded) -> list[Profile]:
    """Accounts and rooms as far as events show them. One that says nothing of itself has one profile a day."""
    found: dict[tuple[object, ...], Profile] = {}
    for one in decoded.happenings:
        at = moment(one.at)
        if isinstance(one, Joining):
            profile = Profile(one.account_id, at, one.name, one.picture)
            found.setdefault((one.account_id, at.date(), one.name, one.picture), profile)
        elif isinstance(one, Naming):
            profile = Profile(one.room_id, at, **{one.column: one.value})  # type: ignore[arg-type]
            found.setdefault((one.room_id, at.date(), one.column, one.value), profile)
    known = {key[:2] for key in found}
    for message in decoded.messages:
        at = moment(message.at)
        for account in (message.sender, message.room_id):
            if (account, at.date()) not in known:
                found.setdefault((account, at.date()), Profile(account, at))
    return list(found.values())


def accounts(profiles: list[Profile], platform: str) -> pa.Table:
    """One row a profile."""
    return columns(
        ACCOUNTS,
        {
            "platform": platform,
            "account_id": [p.account_id for p in profiles],
            "handle": [p.handle if p.kind == AccountKind.GROUP else handle_of(p.account_id) for p in profiles],
            "name": [p.name for p in profiles],
            "bio": [p.bio for p in profiles],
            "picture": [p.picture for p in profiles],
            "kind": [p.kind.value for p in profiles],
            "created_at": [p.created_at for p in profiles],
            "followers": [p.followers for p in profiles],
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


def redactions(found: Sequence[Redaction], platform: str) -> pa.Table:
    """What was redacted, as the state of the post; whose it was the event does not say."""
    return columns(
        STATES,
        {
            "platform": platform,
            "post_id": [post_id_of(one.room_id, one.event_id) for one in found],
            "state": State.DELETED.value,
            "at": _times([one.at for one in found]),
            "source": NAME,
        },
        len(found),
    )


def tables(decoded: Decoded, profiles: list[Profile], platform: str) -> dict[str, pa.Table]:
    """All facts of a stretch."""
    flat = Flat(decoded.messages)
    joinings = [one for one in decoded.happenings if isinstance(one, Joining)]
    gone = [one for one in decoded.happenings if isinstance(one, Redaction)]
    return {
        "accounts": accounts(profiles, platform),
        "posts": posts(flat, platform),
        "ties": pa.concat_tables([ties(flat, platform), follows(joinings, platform)]),
        "media": media(flat, platform),
        "states": pa.concat_tables([states(profiles, platform), redactions(gone, platform)]),
    }
