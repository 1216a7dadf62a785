"""Parts of an account's archive and what they become. Its posts carry no author: that is whoever the archive is of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from seawall.records.terms import MediaKind, State, TieKind
from seawall.sources.cells import CellError, count, hashtags_in, iso, mentions_in
from seawall.sources.fields import Fields
from seawall.sources.gather import Gather
from seawall.sources.x import payload
from seawall.sources.x.post import MEDIA, Medium, Post, Ref, record, retell, shown

_DATE = "%a %b %d %H:%M:%S %z %Y"
_STATUS = re.compile(r"https?://(?:www\.|mobile\.)?(?:twitter|x)\.com/(\w{1,50})/status(?:es)?/(\d{1,20})(?:$|[?#/])")
_END = re.compile(r"(?:\u2026|\s*https://t\.co/\w+)*\s*$")  # what follows the words of a text that was cut


class Tweet(msgspec.Struct):
    """A post; an archive writes its numbers as text."""

    created_at: str
    full_text: str | None = None
    text: str | None = None
    id_str: str | None = None
    id: str | int | None = None
    lang: str | None = None
    source: str | None = None
    entities: payload.Entities = msgspec.field(default_factory=payload.Entities)
    extended_entities: payload.Entities | None = None
    in_reply_to_status_id: str | int | None = None
    in_reply_to_user_id: str | int | None = None
    in_reply_to_screen_name: str | None = None
    retweet_count: str | int | None = None
    favorite_count: str | int | None = None
    withheld_in_countries: list[str] | str | None = None
    deleted_at: str | None = None


class Link(msgspec.Struct, rename="camel"):
    """A link of a long post."""

    short_url: str | None = None
    expanded_url: str | None = None


class Core(msgspec.Struct):
    """The whole text of a long post."""

    text: str
    urls: list[Link] = []


class Note(msgspec.Struct, rename="camel"):
    """A long post's whole text; which post it is of, only its time and its beginning say."""

    note_tweet_id: str
    created_at: str
    core: Core


class Account(msgspec.Struct, rename="camel"):
    """Whose archive it is."""

    account_id: str
    username: str
    account_display_name: str | None = None
    created_at: str | None = None


class Description(msgspec.Struct):
    """What an account says of itself."""

    bio: str | None = None
    website: str | None = None
    location: str | None = None


class Profile(msgspec.Struct, rename="camel"):
    """The rest of its profile."""

    description: Description = msgspec.field(default_factory=Description)
    avatar_media_url: str | None = None


class Followed(msgspec.Struct, rename="camel"):
    """An account that follows, or is followed."""

    account_id: str


@dataclass(slots=True)
class Owner:
    """Whose archive it is, when it was made, and the whole texts of its long posts by the ids of those posts."""

    account: Account
    profile: Profile
    made: datetime
    whole: dict[str, Note] = field(default_factory=dict)
    matched: set[str] = field(default_factory=set)  # ids of those whole texts

    @property
    def account_id(self) -> str:
        """The id of the account."""
        return self.account.account_id


def moment(text: str) -> datetime:
    """A time in either of the forms that archives use. Raises CellError."""
    try:
        return iso(datetime.strptime(text, _DATE).isoformat())
    except ValueError:
        return iso(text)


def tweet_id(tweet: Tweet) -> str:
    """Raises CellError if a post has no id."""
    found = tweet.id_str or tweet.id
    if not found:
        raise CellError("a post without its id")
    return str(found)


def begins(tweet: Tweet, note: Note) -> bool:
    """Whether a post is the beginning of a longer text."""
    said = tweet.full_text or tweet.text or ""
    stem = said[: _END.search(said).start()]  # type: ignore[union-attr]
    return bool(stem) and len(note.core.text) > len(stem) and shown(note.core.text).startswith(shown(stem))


def _post(gather: Gather, tweet: Tweet, owner: Owner) -> None:
    at, number, note = moment(tweet.created_at), tweet_id(tweet), owner.whole.get(tweet_id(tweet))
    entities = tweet.entities
    links = [link for u in entities.urls if (link := u.expanded_url or u.url)]
    replied = tweet.in_reply_to_status_id or tweet.in_reply_to_user_id
    attached = (tweet.extended_entities or entities).media
    post = Post(
        number, owner.account_id, at, shown(tweet.full_text or tweet.text or ""), owner.account.username, tweet.lang,
        _client(tweet.source),
        hashtags=[tag.text for tag in entities.hashtags],
        links=links,
        mentions=[Ref(None, m.id_str, m.screen_name) for m in entities.user_mentions],
        quoted=_quoted(links),
        replied=Ref(_text(tweet.in_reply_to_status_id), _text(tweet.in_reply_to_user_id),
                    tweet.in_reply_to_screen_name) if replied else None,
        media=[Medium(m.id_str, MEDIA.get(m.type, MediaKind.FILE), m.media_url_https, m.ext_alt_text)
               for m in attached],
        carried=len(attached),
        reposts=count(tweet.retweet_count), likes=count(tweet.favorite_count),
    )  # fmt: skip
    if note:
        post.text = shown(note.core.text)
        post.hashtags = hashtags_in(post.text)
        post.links = list(dict.fromkeys(links + _links(note)))
        known = {(m.handle or "").lower() for m in post.mentions}
        post.mentions += [Ref(handle=handle) for handle in mentions_in(post.text) if handle.lower() not in known]
    retell(post)
    record(gather, post)
    if tweet.deleted_at:
        gather.state(owner.account_id, State.DELETED, moment(tweet.deleted_at), post_id=number)
    if tweet.withheld_in_countries:
        where = tweet.withheld_in_countries
        note_of = "in " + (where if isinstance(where, str) else ", ".join(where))
        gather.state(owner.account_id, State.WITHHELD, owner.made, post_id=number, note=note_of)


def _deleted(gather: Gather, tweet: Tweet, owner: Owner) -> None:
    """A post of the file of deleted posts. The archive may not say when that was."""
    if not tweet.deleted_at:
        gather.state(owner.account_id, State.DELETED, owner.made, post_id=tweet_id(tweet))
    _post(gather, tweet, owner)


def _note(gather: Gather, note: Note, owner: Owner) -> None:
    """A long post's whole text stands in that post; one whose post is not there is a post of its own."""
    if note.note_tweet_id in owner.matched:
        gather.ignore("the whole text of a long post, which stands in that post")
        return
    text = shown(note.core.text)
    record(
        gather,
        Post(
            f"note{note.note_tweet_id}", owner.account_id, moment(note.created_at), text, owner.account.username,
            hashtags=hashtags_in(text), links=list(dict.fromkeys(_links(note))),
            mentions=[Ref(handle=handle) for handle in mentions_in(text)],
        ),
    )  # fmt: skip


def _profile(gather: Gather, _given: object, owner: Owner) -> None:
    said = owner.profile.description
    gather.once(
        owner.account_id, owner.made, handle=owner.account.username, name=owner.account.account_display_name,
        bio=said.bio or None, place=said.location or None, url=said.website or None,
        picture=owner.profile.avatar_media_url,
        created_at=moment(owner.account.created_at) if owner.account.created_at else None,
    )  # fmt: skip


def _follower(gather: Gather, given: Followed, owner: Owner) -> None:
    gather.tie(TieKind.FOLLOW, given.account_id, owner.made, to_id=owner.account_id)


def _following(gather: Gather, given: Followed, owner: Owner) -> None:
    gather.tie(TieKind.FOLLOW, owner.account_id, owner.made, to_id=given.account_id)


def _like(gather: Gather, _given: object, _owner: Owner) -> None:
    gather.ignore("a like: the archive says neither whose post it is nor when")


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _client(source: str | None) -> str | None:
    """The app's name out of the link that it is wrapped in."""
    return source[source.find(">") + 1 : source.rfind("<")] if source and "<" in source else source


def _quoted(links: list[str]) -> Ref | None:
    """The post that is quoted: a text whose last link is a post shows that post."""
    found = _STATUS.match(links[-1]) if links else None
    return Ref(found[2], None, found[1]) if found else None


def _links(note: Note) -> list[str]:
    return [link for u in note.core.urls if (link := u.expanded_url or u.short_url)]


class Part(NamedTuple):
    """A kind of file of an archive: what its elements are wrapped in and called, and what is made of them."""

    wrapper: str
    called: str
    fields: Fields
    struct: Any
    make: Callable[[Gather, Any, Owner], None]


_TWEET = Fields(
    "x archived post",
    "created_at full_text text id_str id lang source entities.hashtags.* entities.urls.* entities.user_mentions.* "
    "entities.media.* extended_entities.media.* in_reply_to_status_id in_reply_to_user_id in_reply_to_screen_name "
    "retweet_count favorite_count withheld_in_countries deleted_at",
    # positions, what the reader of the archive did, the same ids again, earlier versions
    "in_reply_to_status_id_str in_reply_to_user_id_str entities.symbols.* entities.polls.* edit_info.* retweeted "
    "favorited truncated display_text_range possibly_sensitive coordinates.* geo.* place.* contributors scopes.* "
    "community_id community_id_str withheld_copyright withheld_scope is_quote_status quoted_status_id "
    "quoted_status_id_str quoted_status_permalink.* card.* conversation_control.* edit_control.* card_uri",
)
_NOTE = Fields(
    "x archived note",
    "noteTweetId createdAt core.text core.urls.*",
    "updatedAt lifecycle.* core.styletags.* core.mentions.* core.cashtags.* core.hashtags.*",
)
_ACCOUNT = Fields("x archived account", "accountId username accountDisplayName createdAt", "email createdVia phone")
_PROFILE = Fields("x archived profile", "description.* avatarMediaUrl", "headerMediaUrl")
_FOLLOW = Fields("x archived follow", "accountId", "userLink")
_LIKE = Fields("x archived like", "", "tweetId fullText expandedUrl")
_POST_PART = Part("tweet", "an archived X post", _TWEET, Tweet, _post)
_DELETED_PART = Part("tweet", "an archived X post", _TWEET, Tweet, _deleted)
POSTS = ("tweets", "tweet", "community-tweet", "deleted-tweets", "deleted-tweet")
PARTS = {  # in the order they are read
    "account": Part("account", "an archived X account", _ACCOUNT, Account, _profile),
    "profile": Part("profile", "an archived X profile", _PROFILE, Profile, _profile),
    "tweets": _POST_PART,
    "tweet": _POST_PART,
    "community-tweet": _POST_PART,
    "deleted-tweets": _DELETED_PART,
    "deleted-tweet": _DELETED_PART,
    "note-tweet": Part("noteTweet", "an archived long X post", _NOTE, Note, _note),
    "follower": Part("follower", "an archived X follower", _FOLLOW, Followed, _follower),
    "following": Part("following", "an archived X follow", _FOLLOW, Followed, _following),
    "like": Part("like", "an archived X like", _LIKE, dict[str, Any], _like),
}
