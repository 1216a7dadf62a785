"""NodeBB's topics, posts and users as facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from seawall.records.terms import PostKind, State, TieKind
from seawall.sources.cells import CellError, count, epoch
from seawall.sources.fields import Fields
from seawall.sources.forum.markup import joined, said
from seawall.sources.gather import Gather

_GONE = "[[topic:post_is_deleted]]"  # what stands in place of a deleted post's words
Id = int | str  # other servers' posts and users have addresses


class User(msgspec.Struct):
    """A user, as posts and lists show one. User 0 is whoever was not logged in."""

    uid: Id
    username: str | None = None
    displayname: str | None = None
    picture: str | None = None
    banned: int | bool | None = None
    aboutme: str | None = None
    website: str | None = None
    location: str | None = None
    joindate: int | None = None
    postcount: int | None = None
    followerCount: int | None = None  # noqa: N815 - NodeBB's own name
    followingCount: int | None = None  # noqa: N815


class Topic(msgspec.Struct):
    """The topic that posts stand in."""

    tid: Id
    uid: Id | None = None
    mainPid: Id | None = None  # noqa: N815 - its first post
    title: str = ""
    titleRaw: str | None = None  # noqa: N815
    deleted: int | bool | None = None


class Post(msgspec.Struct):
    """A post. Where `toPid` is given it answers that post, else the topic's first."""

    pid: Id
    uid: Id
    timestamp: int
    content: str
    toPid: Id | None = None  # noqa: N815
    deleted: int | bool | None = None
    upvotes: int | None = None
    replies: Any = None
    user: User | None = None


USER_FIELDS = Fields(
    "nodebb user",
    "uid username displayname picture banned aboutme website location joindate postcount followerCount followingCount",
    # who somebody is and how to reach them
    "email email:* email:confirmed email:expired email:pending email:disableEdit fullname birthday age ips signature"
    " aboutmeParsed moderationNote sso.* emailHidden emailClass emailChanged"
    " userslug status icon:text icon:bgColor reputation topiccount lastonline lastonlineISO lastposttime joindateISO"
    " banned:expire banned_until banned_until_readable muted mutedUntil mutedReason groupTitle groupTitleArray.*"
    " selectedGroups.* custom_profile_info.* uploadedpicture profileviews flags cover:url cover:position isLocal"
    " administrator isAdmin"
    " isGlobalModerator isModerator counts.* groups.* websiteLink websiteName blocksCount"
    " isBlocked yourid theirid isTargetAdmin isSelf isFollowing hasPrivateChat showHidden canEdit canBan canMute"
    " canFlag"
    " canChangePassword allowProfilePicture allowCoverPicture allowProfileImageUploads profile_links.*"
    " allowedProfileImageExtensions isAdminOrGlobalModerator isAdminOrGlobalModeratorOrModerator selectedGroup.*"
    " isSelfOrAdminOrGlobalModerator disableSignatures reputation:disabled downvote:disabled username:disableEdit",
)
POST_FIELDS = Fields(
    "nodebb post",
    "pid uid timestamp content toPid deleted upvotes replies.* user.* topic.*",
    "tid timestampISO votes downvotes announces bookmarks deleterUid edited editedISO editor.* index bookmarked upvoted"
    " downvoted attachments.* uploads.* selfPost events.* topicOwnerPost display_edit_tools display_delete_tools"
    " display_moderator_tools display_move_tools display_post_menu flagId sourceContent url category.* isMainPost"
    " parent.* handle ip ipCount eventStart eventEnd resolved",
)
TOPIC_FIELDS = Fields(
    "nodebb topic",
    "tid uid mainPid title titleRaw deleted posts.*",
    "cid slug postcount viewcount postercount deleterUid locked pinned timestamp timestampISO lastposttime"
    " lastposttimeISO pinExpiry pinExpiryISO upvotes downvotes votes teaserPid teaser.* thumbs.* thumb numThumbs tags.*"
    " scheduled oldTitle isMainPost renamed events.* category.* tagWhitelist.* minTags maxTags thread_tools.*"
    " isFollowing"
    " isNotFollowing isIgnoring bookmark postSharing.* deleter.* merger.* related.* unreplied icons.* privileges.*"
    " topicStaleDays reputation:disabled downvote:disabled feeds:disableRSS bookmarkThreshold necroThreshold"
    " postEditDuration postDeleteDuration scrollToMyPost updateUrlWithPostIndex allowMultipleBadges privateUploads"
    " rssFeedUrl postIndex loggedInUser.* pagination.* breadcrumbs.* loggedIn relative_path template.* url"
    " bodyClass _header.* widgets.* user.* isOwner ignored unread index title:* browserTitle crossposts.* mergerUid"
    " mergedTimestamp mergeIntoTid forkedTimestamp forkerUid",
)


def topic(item: Mapping[str, Any]) -> Topic:
    """The head of a topic. Raises ValidationError if it is none."""
    return msgspec.convert(item, Topic)


def post(gather: Gather, item: Mapping[str, Any], of: Topic | None, seen_at: datetime) -> None:
    """A post: the first of its topic, with the topic's title, or a reply."""
    gather.check(POST_FIELDS, item)
    gather.check(USER_FIELDS, item.get("user"))
    given = msgspec.convert(item, Post)
    if of is None and isinstance(item.get("topic"), Mapping):
        of = topic(item["topic"])
    if of is None:
        raise CellError("it does not say which topic it stands in: save the topic")
    at, post_id, author = epoch(given.timestamp, 1000), str(given.pid), str(given.uid)
    first = of.mainPid is not None and str(of.mainPid) == post_id
    if given.user:
        _seen(gather, given.user, at, seen_at)
    if given.deleted or (first and of.deleted):
        gather.state(author, State.DELETED, seen_at, post_id=post_id)
    if given.content == _GONE:
        return
    found = said(given.content, (of.titleRaw or of.title) if first else "")
    answers = given.toPid or (None if first else of.mainPid)
    to = str(of.uid) if answers is not None and answers == of.mainPid and of.uid else None
    name = given.user.username if given.user else None
    gather.post(
        post_id, author, at, PostKind.POST if first else PostKind.REPLY, handle=name, text=found.text,
        links=found.links, hashtags=found.hashtags, mentions=[handle for _, handle in found.names],
        reply_to_post_id=str(answers) if answers is not None else None, reply_to_account_id=to,
        media=len(found.images), likes=count(given.upvotes), replies=_answers(given.replies),
    )  # fmt: skip
    if to:
        gather.tie(TieKind.REPLY, author, at, to_id=to, post_id=post_id)
    joined(gather, found, author, at, post_id)
    for place, (address, caption) in enumerate(found.images):
        gather.medium(f"{post_id}#{place}", post_id, author, at, kind="photo", url=address, alt_text=caption)


def user(gather: Gather, item: Mapping[str, Any], seen_at: datetime) -> None:
    """A user's profile."""
    gather.check(USER_FIELDS, item)
    _seen(gather, msgspec.convert(item, User), seen_at, seen_at)


def _seen(gather: Gather, given: User, at: datetime, seen_at: datetime) -> None:
    gather.once(
        str(given.uid), at, handle=given.username, name=given.displayname or None, picture=given.picture,
        bio=given.aboutme or None, url=given.website or None, place=given.location or None,
        posts=count(given.postcount), followers=count(given.followerCount), following=count(given.followingCount),
        created_at=epoch(given.joindate, 1000) if given.joindate else None,
    )  # fmt: skip
    if given.banned:
        gather.state(str(given.uid), State.SUSPENDED, seen_at, note="banned")


def _answers(replies: object) -> int | None:
    return count(replies.get("count")) if isinstance(replies, Mapping) else count(replies)
