"""YouTube's objects as facts. Whoever publishes or comments is a channel, and its id is the account's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from html import unescape

from seawall.records.terms import AccountKind, MediaKind, PostKind, State, TieKind
from seawall.sources.cells import CellError, count, hashtags_in, iso, links_in
from seawall.sources.gather import Gather
from seawall.sources.shown import shown
from seawall.sources.youtube.payload import (
    Activity,
    Channel,
    Comment,
    Picture,
    PlaylistItem,
    SearchResult,
    Snippet,
    Subscription,
    Thread,
    Video,
    VideoStatus,
)

WATCH = "https://www.youtube.com/watch?v="
_MENTION = re.compile(r"(?<![\w@/.])@{1,2}(\w(?:[\w.\u00b7-]{0,28}\w)?)")  # handles are of letters of any alphabet
_OWN_LINK = re.compile(r"https?://(www\.)?youtube\.com/(hashtag/|results\?|@|watch\?v=[^&]+&(amp;)?t=\d)")
_SIZES = ("high", "medium", "default")
_GONE = {"Deleted video": State.DELETED, "Private video": State.PROTECTED}  # how a playlist shows what is gone
_BY_ACCOUNT = {"uploaderAccountSuspended": State.SUSPENDED, "uploaderAccountClosed": State.DELETED}
_HELD = {"heldForReview": "held for review", "likelySpam": "likely spam", "rejected": "rejected"}


def channel(gather: Gather, given: Channel, seen_at: datetime) -> None:
    """A channel's profile, and whether it is private."""
    said, counts = given.snippet, given.statistics
    gather.account(
        given.id,
        seen_at,
        AccountKind.CHANNEL,
        handle=_handle(said.custom_url),
        name=said.title or None,
        bio=said.description or None,
        place=said.country,
        picture=_picture(said.thumbnails),
        created_at=iso(said.published_at) if said.published_at else None,
        followers=count(counts.subscriber_count) if counts and not counts.hidden_subscriber_count else None,
        posts=count(counts.video_count) if counts else None,
    )
    if given.status and given.status.privacy_status == "private":
        gather.state(given.id, State.PROTECTED, seen_at)


def video(gather: Gather, given: Video, seen_at: datetime) -> None:
    """A video is a post of its channel; what YouTube did with it is its state."""
    counts = given.statistics
    _video(
        gather, given.id, given.snippet,
        likes=count(counts.like_count) if counts else None, replies=count(counts.comment_count) if counts else None,
    )  # fmt: skip
    if given.status:
        _status(gather, given.id, given.snippet.channel_id, given.status, seen_at)


def search_result(gather: Gather, given: SearchResult, seen_at: datetime) -> None:
    """A video or channel that was found. Search cuts descriptions short and writes letters as HTML does."""
    said = given.snippet
    said.title, said.description = unescape(said.title), unescape(said.description)
    if given.id.video_id:
        _video(gather, given.id.video_id, said, truncated=said.description.endswith("..."))
    elif given.id.channel_id:
        gather.once(
            given.id.channel_id, seen_at, AccountKind.CHANNEL, name=said.title or None, bio=said.description or None,
            picture=_picture(said.thumbnails),
        )  # fmt: skip
    else:
        gather.ignore("playlist")


def playlist_item(gather: Gather, given: PlaylistItem, seen_at: datetime) -> None:
    """A video in its own channel's playlist is that video; another's video is passed on by whose playlist it is."""
    said, details = given.snippet, given.content_details
    number = (details.video_id if details else None) or (said.resource_id.video_id if said.resource_id else None)
    if number is None:
        raise CellError("it does not say which video it is: ask for its snippet")
    owner = said.video_owner_channel_id
    if owner is None and said.playlist_id == uploads_of(said.channel_id):
        owner = said.channel_id
    published = details.video_published_at if details else None
    if said.title in _GONE and published is None:
        if owner:
            gather.state(owner, _GONE[said.title], seen_at, post_id=number)
        else:
            gather.ignore("a video that is gone, in a playlist that does not say whose it was")
    elif owner == said.channel_id:
        _video(gather, number, said, at=published)
    else:
        _passed_on(gather, given.id, number, said, owner)
    if owner not in (None, said.channel_id) and published is not None:
        title = said.video_owner_channel_title
        whose = Snippet(
            published_at=published, channel_id=owner, title=said.title, description=said.description,
            channel_title=title, thumbnails=said.thumbnails,
        )  # fmt: skip
        _video(gather, number, whose)


def activity(gather: Gather, given: Activity, _seen_at: datetime) -> None:
    """What a channel did: an upload is the video, a subscription a tie, a video put into a playlist is passed on."""
    said, details = given.snippet, given.content_details
    upload, playlist = (details.upload, details.playlist_item) if details else (None, None)
    subscription = details.subscription if details else None
    if upload and upload.video_id:
        _video(gather, upload.video_id, said)
    elif subscription and subscription.resource_id and subscription.resource_id.channel_id:
        at = iso(said.published_at)
        _shown(gather, said.channel_id, at, said.channel_title)
        gather.tie(TieKind.FOLLOW, said.channel_id, at, to_id=subscription.resource_id.channel_id)
    elif playlist and playlist.playlist_item_id and playlist.resource_id and playlist.resource_id.video_id:
        _passed_on(gather, playlist.playlist_item_id, playlist.resource_id.video_id, said, None)
    elif said.type in ("upload", "subscription", "playlistItem"):
        raise CellError("it does not say what was done: ask for it with part=snippet,contentDetails")
    else:
        gather.ignore(f"activity '{said.type[:40]}'")


def subscription(gather: Gather, given: Subscription, seen_at: datetime) -> None:
    """A channel follows another; both show themselves."""
    said, who = given.snippet, given.subscriber_snippet
    to, at = said.resource_id.channel_id, iso(said.published_at)
    if to is None:
        raise CellError("it does not say which channel is subscribed to")
    gather.once(to, seen_at, AccountKind.CHANNEL, name=said.title or None, bio=said.description or None,
                picture=_picture(said.thumbnails))  # fmt: skip
    if who:
        gather.once(who.channel_id, seen_at, AccountKind.CHANNEL, name=who.title or None, bio=who.description or None,
                    picture=_picture(who.thumbnails))  # fmt: skip
    gather.tie(TieKind.FOLLOW, who.channel_id if who else said.channel_id, at, to_id=to)


def thread(gather: Gather, given: Thread, seen_at: datetime) -> None:
    """The comment that a thread begins with; what it stands below is said by the thread."""
    top = given.snippet.top_level_comment
    top.snippet.channel_id = top.snippet.channel_id or given.snippet.channel_id
    top.snippet.video_id = top.snippet.video_id or given.snippet.video_id
    comment(gather, top, seen_at, {}, count(given.snippet.total_reply_count))


def comment(
    gather: Gather, given: Comment, seen_at: datetime, authors: Mapping[str, str], answers: int | None = None
) -> None:
    """A comment is a reply: to the video's channel, or to the author of the comment above it, as far as `authors` (by
    comment) say who that is."""
    said = given.snippet
    if said.author_channel_id is None:
        raise CellError("a comment without its author's channel")
    author, at = said.author_channel_id.value, iso(said.published_at)
    text, links = _text(said.text_original, said.text_display)
    mentions = list(dict.fromkeys(_MENTION.findall(text)))
    above = said.parent_id or said.video_id
    whom = authors.get(said.parent_id) if said.parent_id else said.channel_id
    named = said.author_display_name or ""
    gather.once(
        author, at, AccountKind.CHANNEL, handle=_handle(named), name=None if named.startswith("@") else named or None,
        picture=said.author_profile_image_url or None,
    )  # fmt: skip
    gather.post(
        given.id, author, at, PostKind.REPLY if above or whom else PostKind.POST, handle=_handle(named), text=text,
        hashtags=hashtags_in(text), links=links, mentions=mentions, reply_to_post_id=above, reply_to_account_id=whom,
        media=0, likes=count(said.like_count), replies=answers,
    )  # fmt: skip
    if whom:
        gather.tie(TieKind.REPLY, author, at, to_id=whom, post_id=given.id)
    gather.ties_of(TieKind.MENTION, author, at, given.id, *mentions)
    gather.links_of(author, at, given.id, *links)
    if said.moderation_status in _HELD:
        gather.state(author, State.WITHHELD, seen_at, post_id=given.id, note=_HELD[said.moderation_status])


def uploads_of(channel_id: str) -> str:
    """The playlist of all that a channel published."""
    return "UU" + channel_id[2:]


def _video(
    gather: Gather, video_id: str, said: Snippet, *, at: str | None = None,
    likes: int | None = None, replies: int | None = None, truncated: bool | None = None,
) -> None:  # fmt: skip
    author, moment = said.channel_id, iso(at or said.published_at)
    text = "\n".join(part for part in (said.title, said.description) if part)
    links, mentions = links_in(text), list(dict.fromkeys(_MENTION.findall(text)))
    _shown(gather, author, moment, said.channel_title)
    gather.post(
        video_id, author, moment, text=text, lang=said.default_language or said.default_audio_language,
        hashtags=hashtags_in(text), links=links, mentions=mentions, media=1,
        likes=likes, replies=replies, truncated=truncated,
    )  # fmt: skip
    gather.ties_of(TieKind.MENTION, author, moment, video_id, *mentions)
    gather.links_of(author, moment, video_id, *links)
    gather.medium(video_id, video_id, author, moment, kind=MediaKind.VIDEO.value, url=WATCH + video_id)


def _passed_on(gather: Gather, post_id: str, video_id: str, said: Snippet, owner: str | None) -> None:
    """A channel put a video, of another channel or of one that is not said, into a playlist of its own."""
    at = iso(said.published_at)
    text = "\n".join(part for part in (said.title, said.description) if part)
    _shown(gather, said.channel_id, at, said.channel_title)
    gather.post(
        post_id, said.channel_id, at, PostKind.REPOST, text=text, hashtags=hashtags_in(text), links=links_in(text),
        mentions=[], of_post_id=video_id, of_account_id=owner, media=0,
    )  # fmt: skip
    if owner:
        gather.tie(TieKind.REPOST, said.channel_id, at, to_id=owner, post_id=post_id)


def _status(gather: Gather, video_id: str, author: str, given: VideoStatus, at: datetime) -> None:
    if given.upload_status == "rejected":
        gather.state(author, State.WITHHELD, at, post_id=video_id, note=given.rejection_reason)
        whole = _BY_ACCOUNT.get(given.rejection_reason or "")
        if whole:
            gather.state(author, whole, at, note=given.rejection_reason)
    elif given.upload_status == "deleted":
        gather.state(author, State.DELETED, at, post_id=video_id)
    elif given.privacy_status == "private":
        gather.state(author, State.PROTECTED, at, post_id=video_id)


def _shown(gather: Gather, account_id: str, at: datetime, name: str | None) -> None:
    gather.once(account_id, at, AccountKind.CHANNEL, name=name or None)


def _text(original: str | None, display: str | None) -> tuple[str, list[str]]:
    """A comment's words and links; links that YouTube makes of hashtags, handles and times are none of its author's."""
    if original is not None:
        return original, links_in(original)
    text, marked = shown(display)
    found = [link for link in [*links_in(text), *marked] if not _OWN_LINK.match(link)]
    return text, list(dict.fromkeys(found))


def _handle(written: str | None) -> str | None:
    """A handle without its mark; a name is none."""
    return written[1:] if written and written.startswith("@") and len(written) > 1 else None


def _picture(sizes: Mapping[str, Picture]) -> str | None:
    return next((sizes[size].url for size in _SIZES if size in sizes and sizes[size].url), None)
