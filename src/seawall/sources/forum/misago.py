"""Misago's threads, posts and users as facts. Of a hidden post only its state is kept, unless its words are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from seawall.records.terms import MediaKind, PostKind, State, TieKind
from seawall.sources.cells import CellError, count, iso
from seawall.sources.fields import Fields
from seawall.sources.forum.markup import joined, said
from seawall.sources.gather import Gather


class Avatar(msgspec.Struct):
    """A picture in one size."""

    url: str | None = None


class Standing(msgspec.Struct):
    """Whether a user is banned."""

    is_banned: bool | None = None
    banned_until: str | None = None


class User(msgspec.Struct):
    """A user, as posts and lists show one."""

    id: int
    username: str
    real_name: str | None = None
    avatars: list[Avatar] | None = None
    status: Standing | None = None
    joined_on: str | None = None
    followers: int | None = None
    following: int | None = None
    posts: int | None = None


class Attachment(msgspec.Struct):
    """A file of a post."""

    id: int
    filename: str | None = None
    is_image: bool | None = None
    url: dict[str, str | None] = {}


class Post(msgspec.Struct):
    """A post; without its words where it is hidden."""

    id: int
    posted_on: str
    poster_name: str
    poster: User | None
    content: str | None = None
    attachments: list[Attachment] | None = None
    hidden_on: str | None = None
    is_unapproved: bool | None = None
    is_hidden: bool | None = None
    likes: int | None = None


class Thread(msgspec.Struct):
    """The thread that posts stand in."""

    id: int
    title: str = ""
    starter: User | None = None
    starter_name: str | None = None
    is_hidden: bool | None = None


_USER_LEFT = (
    # who somebody is and how to reach them, and what the user that asked may do
    "email signature title rank.* slug url api.* api_url acl.* short_title is_active is_staff hide_presence"
    " is_avatar_locked is_signature_locked is_followed is_blocked is_following is_hiding_presence can_follow"
    " threads profile_fields.* agreements.* meta.* limits_private_thread_invites_to notifications unread_notifications"
    " unread_private_threads watch_started_threads watch_replied_threads watch_new_private_threads_by_followed"
    " watch_new_private_threads_by_other_users notify_new_private_threads_by_followed"
    " notify_new_private_threads_by_other_users notify_watched_threads absolute_url logout_url options_url"
)
USER_FIELDS = Fields(
    "misago user", "id username real_name avatars.* status.* joined_on followers following posts", _USER_LEFT
)
POST_FIELDS = Fields(
    "misago post",
    "id posted_on poster_name poster.* content attachments.* hidden_on is_unapproved is_hidden is_event likes",
    "updated_on edits last_editor last_editor_name last_editor_slug hidden_by hidden_by_name hidden_by_slug"
    " is_protected event_type event_context.* acl.* is_liked is_new is_read last_likes.* api.* url.* category.*"
    " thread.*",
)
THREAD_FIELDS = Fields(
    "misago thread",
    "id title starter.* starter_name is_hidden post_set.*",
    "category.* replies has_unapproved_posts started_on last_post_on last_post_is_event last_post last_poster_name"
    " is_unapproved is_closed weight best_answer best_answer_is_protected best_answer_marked_on best_answer_marked_by"
    " best_answer_marked_by_name best_answer_marked_by_slug acl.* is_new is_read path.* poll.* notifications"
    " last_poster.* pages api.* url.* has_poll participants.*",
)


def thread(item: Mapping[str, Any]) -> Thread:
    """The head of a thread. Raises ValidationError if it is none."""
    return msgspec.convert(item, Thread)


def post(gather: Gather, item: Mapping[str, Any], of: Thread | None, first_id: int | None, seen_at: datetime) -> None:
    """A post: the first of its thread, with the thread's title, or a reply to it."""
    gather.check(POST_FIELDS, item)
    if item.get("is_event"):
        gather.ignore("an event of a thread")
        return
    if "poster" not in item:
        raise CellError("it names its author without the id: save the thread that it stands in")
    given = msgspec.convert(item, Post)
    gather.check(USER_FIELDS, item["poster"])
    at, post_id = iso(given.posted_on), str(given.id)
    author = str(given.poster.id) if given.poster else given.poster_name  # a user that is gone has a name alone
    first = first_id == given.id
    if given.is_hidden or (first and of and of.is_hidden):
        hidden_at = iso(given.hidden_on) if given.is_hidden and given.hidden_on else seen_at
        gather.state(author, State.WITHHELD, hidden_at, post_id=post_id, note="hidden by a moderator")
    if given.is_unapproved:
        gather.state(author, State.WITHHELD, seen_at, post_id=post_id, note="awaits approval")
    _seen(gather, given.poster, at, seen_at)
    if given.content is None:
        return
    found = said(given.content, of.title if of and first else "")
    to = None if first or not of or not of.starter else str(of.starter.id)
    files = given.attachments or []
    shown = [
        (address, caption) for address, caption in found.images if not any(address in f.url.values() for f in files)
    ]
    gather.post(
        post_id, author, at, PostKind.POST if first else PostKind.REPLY, handle=given.poster_name, text=found.text,
        links=found.links, hashtags=found.hashtags, mentions=[name for _, name in found.names],
        reply_to_post_id=None if first or first_id is None else str(first_id), reply_to_account_id=to,
        reply_to_handle=of.starter_name if of and to else None, media=len(files) + len(shown), likes=count(given.likes),
    )  # fmt: skip
    if to:
        gather.tie(TieKind.REPLY, author, at, to_id=to, to_handle=of.starter_name if of else None, post_id=post_id)
    joined(gather, found, author, at, post_id)
    for file in files:
        kind = MediaKind.PHOTO if file.is_image else MediaKind.FILE
        gather.medium(
            str(file.id), post_id, author, at, kind=kind.value, url=file.url.get("index"), alt_text=file.filename
        )
    for place, (address, caption) in enumerate(shown):
        gather.medium(f"{post_id}#{place}", post_id, author, at, kind="photo", url=address, alt_text=caption)


def user(gather: Gather, item: Mapping[str, Any], seen_at: datetime) -> None:
    """A user's profile."""
    gather.check(USER_FIELDS, item)
    given = msgspec.convert(item, User)
    _seen(gather, given, seen_at, seen_at)


def _seen(gather: Gather, given: User | None, at: datetime, seen_at: datetime) -> None:
    if given is None:
        return
    gather.once(
        str(given.id), at, handle=given.username, name=given.real_name or None,
        picture=given.avatars[0].url if given.avatars else None, followers=count(given.followers),
        following=count(given.following), posts=count(given.posts),
        created_at=iso(given.joined_on) if given.joined_on else None,
    )  # fmt: skip
    if given.status and given.status.is_banned:
        until = given.status.banned_until
        gather.state(str(given.id), State.SUSPENDED, seen_at, note=f"banned until {until}" if until else "banned")
