"""VK's objects as facts. Users have positive ids and groups negative ones, as everywhere in VK's API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from seawall.records.terms import AccountKind, MediaKind, PostKind, State, TieKind
from seawall.sources.cells import CellError, count, epoch, hashtags_in, links_in
from seawall.sources.gather import Gather
from seawall.sources.vk.payload import Attachment, Comment, Group, Post, User, Video

_NAMED = re.compile(r"\[(id|club|public|event)(\d{1,18})(?::[^|\]]*)?\|([^\]]*)\]")  # how VK writes a mention
_GONE = {"banned": State.SUSPENDED, "deleted": State.DELETED}
_MEDIA = {"photo": MediaKind.PHOTO, "video": MediaKind.VIDEO, "doc": MediaKind.FILE, "audio": MediaKind.AUDIO}
_PHOTOS = ("photo_2560", "photo_1280", "photo_807", "photo_604", "photo_130")  # sizes of older answers, largest first


def user(gather: Gather, given: User, seen_at: datetime) -> None:
    """A person's profile and what VK says of the account."""
    account_id = str(given.id)
    gather.account(
        account_id,
        seen_at,
        handle=given.screen_name or given.domain,
        name=f"{given.first_name} {given.last_name}".strip() or None,
        bio=given.status or given.about or None,
        place=given.city.title if given.city else None,
        url=given.site or None,
        picture=given.photo_200 or given.photo_100,
        followers=count(given.followers_count),
        verified=None if given.verified is None else bool(given.verified),
    )
    _state(gather, account_id, given.deactivated, given.is_closed, seen_at)


def group(gather: Gather, given: Group, seen_at: datetime) -> None:
    """A group's profile and what VK says of it."""
    account_id = f"-{abs(given.id)}"
    gather.account(
        account_id,
        seen_at,
        AccountKind.GROUP,
        handle=given.screen_name,
        name=given.name or None,
        bio=given.description or given.status or None,
        place=given.city.title if given.city else None,
        url=given.site or None,
        picture=given.photo_200 or given.photo_100,
        followers=count(given.members_count),
        verified=None if given.verified is None else bool(given.verified),
    )
    _state(gather, account_id, given.deactivated, given.is_closed, seen_at)


def _state(gather: Gather, account_id: str, deactivated: str | None, closed: object, at: datetime) -> None:
    if deactivated:
        gather.state(account_id, _GONE.get(deactivated, State.DELETED), at, note=deactivated)
    elif closed:
        gather.state(account_id, State.PROTECTED, at)


def post(gather: Gather, given: Post) -> None:
    """A wall post. One that only passes another on is a repost and carries that one's text; with words, a quote."""
    owner = next((i for i in (given.owner_id, given.to_id, given.source_id) if i is not None), given.from_id)
    number = given.id if given.id is not None else given.post_id
    if owner is None or number is None:
        raise CellError("it does not say on whose wall it stands, or its number there")
    post_id, at = f"wall{owner}_{number}", epoch(given.date)
    author = str(given.from_id if given.from_id is not None else owner)
    if given.is_deleted:
        gather.state(author, State.DELETED, at, post_id=post_id)
        return
    origin = given.copy_history[0] if given.copy_history else None
    kind = PostKind.POST if origin is None else PostKind.QUOTE if given.text.strip() else PostKind.REPOST
    said = given.text if origin is None or kind is PostKind.QUOTE else origin.text
    text, named = _said(said)
    links = _links(text, given.attachments)
    media = list(_media(given.attachments))
    of_post, of_account = _origin(origin)
    gather.post(
        post_id, author, at, kind, text=text, hashtags=hashtags_in(text), links=links, mentions=[],
        of_post_id=of_post, of_account_id=of_account, media=len(media),
        likes=_number(given.likes), reposts=_number(given.reposts), replies=_number(given.comments),
    )  # fmt: skip
    if of_account:
        gather.tie(TieKind.REPOST if kind is PostKind.REPOST else TieKind.QUOTE, author, at, to_id=of_account,
                   post_id=post_id)  # fmt: skip
    _ties(gather, author, at, post_id, named if kind is not PostKind.REPOST else [], links)
    _carried(gather, media, post_id, author, at)
    if origin is not None:
        post(gather, origin)


def comment(gather: Gather, given: Comment, below: str | None = None) -> None:
    """A comment: a reply to the post, video, photo or topic it stands below, or to another comment.

    `below` is the post that the caller knows it stands below.
    """
    above = below or _above(given)
    wall = above.partition("_")[0]
    post_id = f"{wall}_{given.id}" if above.startswith("wall") else f"{above}_r{given.id}"
    if given.from_id is None or given.date is None:
        raise CellError("a comment without its author or its time")
    author, at = str(given.from_id), epoch(given.date)
    if given.deleted:
        gather.state(author, State.DELETED, at, post_id=post_id)
        return
    text, named = _said(given.text)
    links, media = _links(text, given.attachments), list(_media(given.attachments))
    owner = re.sub(r"^[a-z]+", "", wall)
    answers = str(given.reply_to_user) if given.reply_to_user else owner
    to_comment = given.reply_to_comment
    gather.post(
        post_id, author, at, PostKind.REPLY, text=text, hashtags=hashtags_in(text), links=links, mentions=[],
        reply_to_post_id=(f"{wall}_{to_comment}" if above.startswith("wall") else f"{above}_r{to_comment}")
        if to_comment else above,
        reply_to_account_id=answers, media=len(media), likes=_number(given.likes),
    )  # fmt: skip
    gather.tie(TieKind.REPLY, author, at, to_id=answers, post_id=post_id)
    _ties(gather, author, at, post_id, [name for name in named if name != answers], links)
    _carried(gather, media, post_id, author, at)


def video(gather: Gather, given: Video) -> None:
    """A video that an account published is a post of it."""
    author, at, post_id = str(given.owner_id), epoch(given.date), f"video{given.owner_id}_{given.id}"
    text, named = _said("\n".join(part for part in (given.title, given.description) if part))
    links = links_in(text)
    gather.post(
        post_id, author, at, text=text, hashtags=hashtags_in(text), links=links, mentions=[], media=1,
        likes=_number(given.likes), replies=count(given.comments),
    )  # fmt: skip
    _ties(gather, author, at, post_id, named, links)
    gather.medium(post_id, post_id, author, at, kind=MediaKind.VIDEO.value, url=given.player)


def _above(given: Comment) -> str:
    if given.owner_id is not None:
        for kind, number in (("wall", given.post_id), ("video", given.video_id), ("photo", given.photo_id)):
            if number is not None:
                return f"{kind}{given.owner_id}_{number}"
    raise CellError("a comment that does not say what it stands below: ask for it with a newer version of the API")


def _origin(origin: Post | None) -> tuple[str | None, str | None]:
    if origin is None:
        return None, None
    owner = origin.owner_id if origin.owner_id is not None else origin.to_id
    number = origin.id if origin.id is not None else origin.post_id
    author = origin.from_id if origin.from_id is not None else owner
    return f"wall{owner}_{number}", None if author is None else str(author)


def _said(text: str) -> tuple[str, list[str]]:
    """A text as people see it, and the accounts it names."""
    named = [f"{'' if kind == 'id' else '-'}{number}" for kind, number, _ in _NAMED.findall(text)]
    return _NAMED.sub(r"\3", text), list(dict.fromkeys(named))


def _links(text: str, attachments: Sequence[Attachment]) -> list[str]:
    shared = [a.link["url"] for a in attachments if a.link and isinstance(a.link.get("url"), str)]
    return list(dict.fromkeys([*links_in(text), *shared]))


def _media(attachments: Sequence[Attachment]) -> Iterator[tuple[MediaKind, str, str | None, str | None]]:
    """Kind, id, address and title of what is attached and can be looked at or heard."""
    for attachment in attachments:
        given = getattr(attachment, attachment.type, None) if attachment.type in _MEDIA else None
        if isinstance(given, dict) and "id" in given:
            owner = given.get("owner_id", "")
            title = given.get("title") or given.get("text")
            yield (
                _MEDIA[attachment.type], f"{attachment.type}{owner}_{given['id']}", _address(given),
                title if isinstance(title, str) else None,
            )  # fmt: skip


def _address(given: dict[str, object]) -> str | None:
    sizes = given.get("sizes")
    if isinstance(sizes, list):
        by_width = [s for s in sizes if isinstance(s, dict) and isinstance(s.get("url"), str)]
        widest = max(by_width, key=lambda s: count(s.get("width")) or 0, default=None)
        if widest:
            return str(widest["url"])
    named = [given[name] for name in (*_PHOTOS, "url", "player") if isinstance(given.get(name), str)]
    return str(named[0]) if named else None


def _carried(
    gather: Gather, media: list[tuple[MediaKind, str, str | None, str | None]], post_id: str, author: str, at: datetime
) -> None:
    for kind, media_id, url, title in media:
        gather.medium(media_id, post_id, author, at, kind=kind.value, url=url, alt_text=title)


def _ties(gather: Gather, author: str, at: datetime, post_id: str, named: Sequence[str], links: Sequence[str]) -> None:
    for account in named:
        gather.tie(TieKind.MENTION, author, at, to_id=account, post_id=post_id)
    gather.links_of(author, at, post_id, *links)


def _number(given: object) -> int | None:
    return count(getattr(given, "count", None))
