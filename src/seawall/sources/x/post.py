"""A post of an archive or of API v2 as facts, by the same conventions as v1.1 payloads.

A repost carries the whole text of the post it spreads, and what that text names is the first author's. A post that is
two things is what comes first of repost, quote, reply, post; each still makes its own ties.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import NamedTuple

from seawall.records.terms import MediaKind, PostKind, TieKind
from seawall.sources.gather import Gather

MEDIA = {"photo": MediaKind.PHOTO, "video": MediaKind.VIDEO, "animated_gif": MediaKind.ANIMATION}
_RETOLD = re.compile(r"RT @(\w{1,50}): ")
_CUT = "\u2026"


class Ref(NamedTuple):
    """Another post and its author, as far as they are known."""

    post_id: str | None = None
    account_id: str | None = None
    handle: str | None = None


class Medium(NamedTuple):
    """A picture, video or animation that a post carries."""

    media_id: str
    kind: MediaKind
    url: str | None
    alt_text: str | None


@dataclass(slots=True)
class Post:
    """What is known of a post; of a repost, `text` and what was read out of it are those of the post it spreads."""

    post_id: str
    account_id: str
    at: datetime
    text: str
    handle: str | None = None
    lang: str | None = None
    client: str | None = None
    truncated: bool = False
    hashtags: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    mentions: list[Ref] = field(default_factory=list)
    spread: Ref | None = None
    quoted: Ref | None = None
    replied: Ref | None = None
    carried: int = 0
    media: list[Medium] = field(default_factory=list)
    reposts: int | None = None
    likes: int | None = None
    replies: int | None = None


def shown(text: str) -> str:
    """A text as people see it: the platform escapes it once."""
    return unescape(text) if "&" in text else text


def retell(post: Post, of_post_id: str | None = None) -> None:
    """Make a post whose text is of the form 'RT @handle: ...' the repost that it is. That text is all there is of the
    post it spreads, and the platform cuts it short."""
    found = _RETOLD.match(post.text)
    if not found:
        if of_post_id:
            post.spread = Ref(of_post_id)
        return
    handle = found[1]
    origin = next((m for m in post.mentions if (m.handle or "").lower() == handle.lower()), Ref(handle=handle))
    post.truncated = post.text.endswith(_CUT)
    post.text = post.text[found.end() :]
    post.spread = Ref(of_post_id, origin.account_id, origin.handle)
    post.mentions = [m for m in post.mentions if m is not origin or f"@{m.handle}" in post.text]


def record(gather: Gather, post: Post) -> None:
    """Add a post, its ties and its media."""
    of = post.spread or post.quoted or Ref()
    replied = post.replied or Ref()
    gather.post(
        post.post_id, post.account_id, post.at, _kind(post), handle=post.handle, text=post.text, lang=post.lang,
        hashtags=post.hashtags, links=post.links, mentions=[m.handle for m in post.mentions if m.handle],
        of_post_id=of.post_id, of_account_id=of.account_id, of_handle=of.handle,
        reply_to_post_id=replied.post_id, reply_to_account_id=replied.account_id, reply_to_handle=replied.handle,
        media=post.carried, reposts=post.reposts, likes=post.likes, replies=post.replies, client=post.client,
        truncated=post.truncated,
    )  # fmt: skip
    for kind, other in _ties(post):
        gather.tie(kind, post.account_id, post.at, to_id=other.account_id, to_handle=other.handle, post_id=post.post_id)
    gather.links_of(post.account_id, post.at, post.post_id, *post.links)
    if post.spread is None:  # a repost's media belong to the post it spreads
        for medium in post.media:
            gather.medium(
                medium.media_id, post.post_id, post.account_id, post.at,
                kind=medium.kind.value, url=medium.url, alt_text=medium.alt_text,
            )  # fmt: skip


def _kind(post: Post) -> PostKind:
    if post.spread:
        return PostKind.REPOST
    if post.quoted:
        return PostKind.QUOTE
    return PostKind.REPLY if post.replied else PostKind.POST


def _ties(post: Post) -> list[tuple[TieKind, Ref]]:
    """Whom a post joins its author to, where the account or its handle is known."""
    if post.spread:
        found = [(TieKind.REPOST, post.spread)]
    else:
        answered = post.replied.account_id if post.replied else None
        found = [(TieKind.QUOTE, post.quoted)] if post.quoted else []
        found += [(TieKind.REPLY, post.replied)] if post.replied else []
        found += [(TieKind.MENTION, m) for m in post.mentions if m.account_id and m.account_id != answered]
    return [(kind, other) for kind, other in found if other.account_id or other.handle]
