"""Facebook's objects as facts. A post's id begins with the id of the account on whose page or group it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from seawall.records.terms import AccountKind, MediaKind, PostKind, TieKind
from seawall.sources.cells import CellError, count, hashtags_in, iso, links_in
from seawall.sources.facebook.payload import Account, Answers, Attachment, Comment, Named, Post, Tag, Video
from seawall.sources.gather import Gather

_SHOWN = {"photo": MediaKind.PHOTO, "video": MediaKind.VIDEO, "animated_image": MediaKind.ANIMATION}
_ACCOUNTS = ("user", "page", "group")  # kinds of what a text may name that are accounts
_VERIFIED = {"blue_verified": True, "gray_verified": True, "not_verified": False}


def post(gather: Gather, given: Post) -> None:
    """A post; one that passes another on is a quote, for the Graph API tells it only with its own words."""
    wall = given.id.partition("_")[0] if "_" in given.id else None
    author = given.author.id if given.author else wall
    if author is None:
        raise CellError("it says neither who wrote it nor on whose page it stands")
    at, text = iso(given.created_time), given.message or given.story or ""
    attached = list(_flat(given.attachments.data if given.attachments else []))
    links = _links(text, attached, given.link)
    media = list(_media(attached))
    origin = given.parent_id.partition("_")[0] if given.parent_id and "_" in given.parent_id else None
    gather.post(
        given.id, author, at, PostKind.QUOTE if given.parent_id else PostKind.POST, text=text,
        hashtags=hashtags_in(text), links=links, mentions=[], of_post_id=given.parent_id, of_account_id=origin,
        media=len(media), reposts=_many(given.shares), replies=_many(given.comments),
        likes=_many(given.reactions) if given.reactions else _many(given.likes),
    )  # fmt: skip
    if origin:
        gather.tie(TieKind.QUOTE, author, at, to_id=origin, post_id=given.id)
    _said(gather, given.author, author, given.id, at, given.message_tags, links, media)


def comment(gather: Gather, given: Comment) -> None:
    """A comment: a reply to the comment it answers, else to the post it stands below."""
    if given.is_private:
        gather.ignore("private comment")
        return
    post_id, _, _ = given.id.rpartition("_")
    at = iso(given.created_time)
    if given.author is None:
        raise CellError("a comment without its author: the page's token does not see who wrote it")
    to_post = given.parent.id if given.parent else post_id or None
    to_account = given.parent.author.id if given.parent and given.parent.author else None
    if to_account is None and not given.parent and post_id.count("_") == 1:
        to_account = post_id.partition("_")[0]
    attached = list(_flat([given.attachment] if given.attachment else []))
    links, media = _links(given.message, attached, None), list(_media(attached))
    gather.post(
        given.id, given.author.id, at, PostKind.REPLY, text=given.message, hashtags=hashtags_in(given.message),
        links=links, mentions=[], reply_to_post_id=to_post, reply_to_account_id=to_account, media=len(media),
        likes=count(given.like_count), replies=count(given.comment_count),
    )  # fmt: skip
    if to_account:
        gather.tie(TieKind.REPLY, given.author.id, at, to_id=to_account, post_id=given.id)
    _said(gather, given.author, given.author.id, given.id, at, given.message_tags, links, media)


def video(gather: Gather, given: Video) -> None:
    """A video that an account published is a post of it."""
    at = iso(given.created_time)
    text = "\n".join(part for part in (given.title, given.description) if part)
    links = links_in(text)
    gather.post(given.id, given.author.id, at, text=text, hashtags=hashtags_in(text), links=links, mentions=[], media=1)
    shown = [(MediaKind.VIDEO, given.id, given.source or given.permalink_url, given.title)]
    _said(gather, given.author, given.author.id, given.id, at, [], links, shown)


def account(gather: Gather, given: Account, kind: AccountKind, seen_at: datetime) -> None:
    """The profile of a page, a group or a person."""
    verified = given.is_verified if given.is_verified is not None else _VERIFIED.get(given.verification_status or "")
    followers = (given.followers_count, given.fan_count, given.member_count)
    gather.account(
        given.id, seen_at, kind, handle=given.username, name=given.name, bio=given.about or given.description or None,
        url=given.website or given.link, verified=verified,
        picture=given.picture.data.url if given.picture and given.picture.data else None,
        followers=next((count(n) for n in followers if n is not None), None),
        created_at=iso(given.created_time) if given.created_time else None,
    )  # fmt: skip


def _many(given: Answers | int | None) -> int | None:
    if given is None or isinstance(given, int):
        return count(given)
    if given.summary and given.summary.total_count is not None:
        return count(given.summary.total_count)
    return count(given.count) if given.count is not None else len(given.data)


def _flat(attachments: Sequence[Attachment]) -> Iterator[Attachment]:
    for attachment in attachments:
        if attachment.subattachments and attachment.subattachments.data:
            yield from _flat(attachment.subattachments.data)
        else:
            yield attachment


def _kind(attachment: Attachment) -> MediaKind | None:
    return next((kind for name, kind in _SHOWN.items() if name in (attachment.media_type or attachment.type)), None)


def _media(attachments: Sequence[Attachment]) -> Iterator[tuple[MediaKind, str, str | None, str | None]]:
    for attachment in attachments:
        kind = _kind(attachment)
        media_id = attachment.target.id if attachment.target else None
        if kind and media_id:
            media = attachment.media
            url = (media.source or (media.image.src if media.image else None)) if media else None
            yield kind, media_id, url, attachment.title


def _links(text: str, attachments: Sequence[Attachment], link: str | None) -> list[str]:
    shared = [a.unshimmed_url or a.url for a in attachments if _kind(a) is None]
    return list(dict.fromkeys([*links_in(text), *(url for url in [*shared, link] if url and url.startswith("http"))]))


def _said(
    gather: Gather,
    named: Named | None,
    author: str,
    post_id: str,
    at: datetime,
    tags: Sequence[Tag],
    links: Sequence[str],
    media: Sequence[tuple[MediaKind, str, str | None, str | None]],
) -> None:
    """What goes with a post: its author's name, whom it names, what it links to, what it shows."""
    if named:
        gather.once(author, at, name=named.name)
    for tag in tags:
        if tag.id and tag.type in _ACCOUNTS:
            gather.tie(TieKind.MENTION, author, at, to_id=tag.id, post_id=post_id)
    gather.links_of(author, at, post_id, *links)
    for kind, media_id, url, title in media:
        gather.medium(media_id, post_id, author, at, kind=kind.value, url=url, alt_text=title)
