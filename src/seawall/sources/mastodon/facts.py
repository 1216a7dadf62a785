"""Mastodon's entities as facts. Ids are those of the server that was asked; what not everybody may read is no fact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape
from typing import Any

import msgspec

from seawall.records.terms import AccountKind, MediaKind, PostKind, State, TieKind
from seawall.sources.cells import count, iso, links_in
from seawall.sources.gather import Gather
from seawall.sources.mastodon.payload import ACCOUNT_FIELDS, PUBLIC, STATUS_FIELDS, Account, AdminAccount, Status
from seawall.sources.shown import shown

_MEDIA = {"image": MediaKind.PHOTO, "gifv": MediaKind.ANIMATION, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
_ANCHOR = re.compile(r"<a\b[^>]*>", re.IGNORECASE)
_HREF = re.compile(r"""\bhref=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_NAMES = re.compile(r"""\b(?:class|rel)=["'][^"']*\b(?:mention|hashtag|tag)\b""", re.IGNORECASE)


def is_public(item: Mapping[str, Any]) -> bool:
    """Whether everybody may read a post, and the post that it boosts."""
    boosted = item.get("reblog")
    return item.get("visibility") in PUBLIC and (
        not isinstance(boosted, Mapping) or boosted.get("visibility") in PUBLIC
    )


def status(gather: Gather, item: Mapping[str, Any]) -> Status:
    """A post; a boost is a repost with the words of the post it spreads, which is a post of its own, too."""
    gather.check(STATUS_FIELDS, item)
    gather.check(ACCOUNT_FIELDS, item.get("account"))
    given = msgspec.convert(item, Status)
    at, author = iso(given.created_at), given.account
    shown = _other(given.reblog) or (_other(given.quote.quoted_status) if given.quote else None)
    of = status(gather, shown) if shown else None
    of_id = of.id if of else given.quote.quoted_status_id if given.quote else None
    kind = _kind(given, of_id)
    text, links = _said(given)
    tags, names = [tag.name for tag in given.tags], [mention.acct for mention in given.mentions]
    answered = next((m.acct for m in given.mentions if m.id == given.in_reply_to_account_id), None)
    gather.post(
        given.id, author.id, at, kind, handle=author.acct, text=text, lang=given.language, hashtags=tags, links=links,
        mentions=names, of_post_id=of_id, of_account_id=of.account.id if of else None,
        of_handle=of.account.acct if of else None, reply_to_post_id=given.in_reply_to_id,
        reply_to_account_id=given.in_reply_to_account_id, reply_to_handle=answered, media=len(given.media_attachments),
        reposts=count(given.reblogs_count), likes=count(given.favourites_count), replies=count(given.replies_count),
        client=given.application.name if given.application else None,
    )  # fmt: skip
    profile(gather, author, at)
    if of:
        tie = TieKind.REPOST if kind is PostKind.REPOST else TieKind.QUOTE
        gather.tie(tie, author.id, at, to_id=of.account.id, to_handle=of.account.acct, post_id=given.id)
    if kind is PostKind.REPOST:
        return given  # whom the words name and what they link to was said by who wrote them
    if given.in_reply_to_account_id:
        to = given.in_reply_to_account_id
        gather.tie(TieKind.REPLY, author.id, at, to_id=to, to_handle=answered, post_id=given.id)
    for named in given.mentions:
        gather.tie(TieKind.MENTION, author.id, at, to_id=named.id, to_handle=named.acct, post_id=given.id)
    gather.links_of(author.id, at, given.id, *links)
    for shown_file in given.media_attachments:
        gather.medium(
            shown_file.id, given.id, author.id, at, kind=_MEDIA.get(shown_file.type, MediaKind.FILE).value,
            url=shown_file.remote_url or shown_file.url, alt_text=shown_file.description,
        )  # fmt: skip
    return given


def profile(gather: Gather, given: Account, seen_at: datetime) -> None:
    """A profile, and what the server says of the account."""
    bio, _ = shown(given.note)
    gather.once(
        given.id, seen_at, AccountKind.GROUP if given.group else AccountKind.PERSON, handle=given.acct,
        name=given.display_name or None, bio=bio or None, url=given.url, picture=given.avatar,
        created_at=iso(given.created_at) if given.created_at else None, followers=count(given.followers_count),
        following=count(given.following_count), posts=count(given.statuses_count),
    )  # fmt: skip
    if given.suspended:
        gather.state(given.id, State.SUSPENDED, seen_at)
    if given.limited:
        gather.state(given.id, State.WITHHELD, seen_at, note="limited by its server")
    if given.memorial:
        gather.state(given.id, State.ACTIVE, seen_at, note="in memory of somebody who died")
    if given.moved:
        gather.state(given.id, State.ACTIVE, seen_at, note=f"moved to {given.moved.acct}")


def admin_account(gather: Gather, item: Mapping[str, Any], seen_at: datetime) -> None:
    """An account as moderators see it: its profile and its states; never its e-mail or network address."""
    given = msgspec.convert(item, AdminAccount)
    gather.check(ACCOUNT_FIELDS, item["account"])
    profile(gather, msgspec.structs.replace(given.account, suspended=given.suspended, limited=False), seen_at)
    for is_so, what in (
        (given.silenced, "limited by its server"),
        (given.disabled, "its login is disabled"),
        (given.sensitized, "its media are marked as sensitive"),
    ):
        if is_so:
            gather.state(given.account.id, State.WITHHELD, seen_at, note=what)


def _other(item: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A post inside another, if everybody may read it."""
    return item if item and is_public(item) else None


def _kind(given: Status, of_id: str | None) -> PostKind:
    if given.reblog:
        return PostKind.REPOST
    if of_id:
        return PostKind.QUOTE
    return PostKind.REPLY if given.in_reply_to_id else PostKind.POST


def _said(given: Status) -> tuple[str, list[str]]:
    """What people see of a post, its warning and its poll included; and its links, without those of names and tags."""
    body, linked = shown(given.content)
    polled = [option.title for option in given.poll.options] if given.poll else []
    text = "\n".join(part for part in (given.spoiler_text, body, *polled) if part)
    names = {_address(anchor) for anchor in _ANCHOR.findall(given.content) if _NAMES.search(anchor)}
    names |= {mention.url for mention in given.mentions if mention.url}
    links = [link for link in linked if link not in names] if linked else links_in(body)
    return text, list(dict.fromkeys([*links, *links_in(given.spoiler_text)]))


def _address(anchor: str) -> str:
    found = _HREF.search(anchor)
    return unescape(found[1] or found[2] or "") if found else ""
