"""Answers of X API v2, and objects of its streams: posts with what they refer to, accounts, and what became of them.

An answer holds `data` (one thing or many) and `includes`: the accounts, posts and media that the data refer to. Parts
of `includes` that cannot be read are rejects; else they count with what refers to them. Direct messages are left out
unread; Spaces, lists, rules, counts and jobs are told and left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from seawall.records.terms import MediaKind, State
from seawall.sources.cells import CellError, count, epoch, hashtags_in, iso, links_in, mentions_in
from seawall.sources.fields import Fields
from seawall.sources.gather import Gather
from seawall.sources.x import v2_payload as payload
from seawall.sources.x.post import MEDIA, Medium, Post, Ref, record, retell, shown

_Object = dict[str, Any]
_Part = TypeVar("_Part", payload.Tweet, payload.User, payload.Medium)
_INCLUDES = {"users", "tweets", "media", "places", "polls"}
_TOP = {"data", "includes", "errors", "meta", "media_key", "access_token", "result_count", "sent", "event_type"}
_MESSAGE = {"dm_conversation_id", "dm_event_id", "event_type", "participant_ids"}
_LEFT = (  # by which field a thing that is neither account nor post is known, and how it is told
    ("access_token", "a token, unread"),
    ("host_ids", "a Space"),
    ("upload_url", "a job of the platform"),
    ("trend_name", "a trend"),
    ("tweet_count", "a count of posts"),
    ("media_key", "a file"),
    ("value", "a rule of the stream"),
    ("options", "a poll"),
    ("country_code", "a place"),
    ("owner_id", "a list"),
    ("name", "a list"),
)
_EVENTS = {  # of the compliance streams
    "delete": State.DELETED,
    "withheld": State.WITHHELD,
    "user_withheld": State.WITHHELD,
    "user_suspend": State.SUSPENDED,
    "user_unsuspend": State.ACTIVE,
    "user_protect": State.PROTECTED,
    "user_unprotect": State.ACTIVE,
    "user_delete": State.DELETED,
    "user_undelete": State.ACTIVE,
}
_FIRST_ID = 1 << 22  # ids since November 2010 hold their time, in milliseconds, above 22 bits
_ID_EPOCH, _OLDEST = 1_288_834_974_657, 29_700_000_000_000_000


def is_answer(given: object) -> bool:
    """Whether a JSON value is of API v2: an answer, or a single object of one."""
    if not isinstance(given, dict):
        return False
    if given.keys() & _TOP or (given and given.keys() <= _INCLUDES):
        return True
    return isinstance(given.get("id"), str) and len(given) > 1 and not given.keys() & {"id_str", "user"}


@dataclass(slots=True)
class _Known:
    """What an answer says besides: its accounts, posts and media by id, and authors that posts do not name."""

    users: dict[str, payload.User]
    tweets: dict[str, payload.Tweet]
    media: dict[str, payload.Medium]
    authors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for user in self.users.values():
            if user.pinned_tweet_id:
                self.authors[user.pinned_tweet_id] = user.id
        for tweet in self.tweets.values():
            above = _above(tweet, "replied_to")
            if above and tweet.in_reply_to_user_id:
                self.authors[above] = tweet.in_reply_to_user_id

    def author(self, tweet: payload.Tweet) -> str | None:
        return tweet.author_id or self.authors.get(tweet.id)

    def ref(self, post_id: str | None, account_id: str | None = None, named: Iterable[Ref] = ()) -> Ref:
        """Another post with its author, as far as the answer says."""
        tweet = self.tweets.get(post_id) if post_id else None
        account_id = account_id or (self.author(tweet) if tweet else self.authors.get(post_id or ""))
        user = self.users.get(account_id) if account_id else None
        handle = user.username if user else next((m.handle for m in named if m.account_id == account_id), None)
        return Ref(post_id, account_id, handle if account_id else None)


class Answers:
    """Reads the answers of one stretch into its rows. `asked` dates those that hold no post."""

    def __init__(self, gather: Gather, asked: datetime) -> None:
        self._gather, self._asked = gather, asked
        self._given: set[str] = set()  # posts that are there; those that only come along are not given twice

    def read(self, number: int, raw: bytes, given: _Object) -> None:
        """Read whatever an answer holds; nothing of it goes without a word."""
        items, includes = _parts(given)
        if any(isinstance(item, dict) and item.keys() & _MESSAGE for item in items):
            self._left(number, raw, "direct messages, unread")
            return
        if "data" in given or "includes" in given:
            self._gather.check(payload.ANSWER_FIELDS, given)
        tweets: list[object] = [item for item in items if _kind_of(item) == "post"]
        users = [item for item in items if _kind_of(item) == "user"]
        known = _Known(
            _known(payload.User, [*_listed(includes, "users"), *users]),
            _known(payload.Tweet, [*_listed(includes, "tweets"), *tweets]),
            _known(payload.Medium, _listed(includes, "media")),
        )
        seen_at = self._newest(tweets)
        for item in items:
            self._item(number, item, known, seen_at)
        self._included(number, includes, known, seen_at)
        errors = given.get("errors")
        for error in errors if isinstance(errors, list) else ():
            self._error(number, error, seen_at)
        if not items and not includes and not errors:
            self._left(number, raw, "an empty answer" if given.keys() & {"data", "meta"} else _what(given))

    def _newest(self, tweets: list[object]) -> datetime:
        found = []
        for item in tweets:
            with suppress(CellError, msgspec.ValidationError):
                found.append(_at(msgspec.convert(item, payload.Tweet)))
        return max(found, default=self._asked)

    def _item(self, number: int, item: object, known: _Known, seen_at: datetime) -> None:
        kind = _kind_of(item)
        with self._gather.reading(number, msgspec.json.encode(item), f"an X {kind}" if kind else ""):
            if kind == "post":
                tweet = self._convert(item, payload.Tweet, payload.TWEET_FIELDS)
                _tweet(self._gather, tweet, known, seen_at)
                self._given.add(tweet.id)
            elif kind == "user":
                _user(self._gather, self._convert(item, payload.User, payload.USER_FIELDS), seen_at)
            elif kind == "event":
                self._event(item)
            else:
                self._gather.ignore(_what(item))

    def _included(self, number: int, includes: _Object, known: _Known, seen_at: datetime) -> None:
        for item in _listed(includes, "users"):
            with self._along(number, item, "an X user"):
                _user(self._gather, self._convert(item, payload.User, payload.USER_FIELDS), seen_at)
        for item in _listed(includes, "tweets"):
            if isinstance(item, dict) and item.get("id") in self._given:
                continue
            with self._along(number, item, "an X post"):
                tweet = self._convert(item, payload.Tweet, payload.TWEET_FIELDS)
                _tweet(self._gather, tweet, known, seen_at)
                self._given.add(tweet.id)
        for item in _listed(includes, "media"):
            with self._along(number, item, "X media"):
                self._convert(item, payload.Medium, payload.MEDIA_FIELDS)

    @contextmanager
    def _along(self, number: int, item: object, what: str) -> Iterator[None]:
        """Read a part that came along: counted only where it cannot be read."""
        with self._gather.reading(number, msgspec.json.encode(item), what):
            yield
            self._gather.read -= 1

    def _convert(self, item: object, struct: type[_Part], fields: Fields) -> _Part:
        self._gather.check(fields, item)
        return msgspec.convert(item, struct)

    def _left(self, number: int, raw: bytes, what: str) -> None:
        with self._gather.reading(number, raw):
            self._gather.ignore(what)

    def _error(self, number: int, error: object, seen_at: datetime) -> None:
        """Something that the answer says is missing. Of an account that is named by its id it may say why."""
        with self._gather.reading(number, msgspec.json.encode(error)):
            given = error if isinstance(error, dict) else {}
            account = str(given.get("resource_id") or given.get("value") or "")
            suspended = given.get("resource_type") == "user" and "suspended" in str(given.get("detail"))
            if suspended and account.isdecimal() and account.isascii():
                self._gather.state(account, State.SUSPENDED, seen_at)
            self._gather.ignore("an error that the API answered")

    def _event(self, item: object) -> None:
        """An event of the compliance streams: what became of a post or an account."""
        ((name, event),) = item.items() if isinstance(item, dict) else (("", None),)
        if name not in _EVENTS:
            self._gather.ignore(f"event '{name[:40]}'")
            return
        given = msgspec.convert(event, _Event)
        account = given.tweet.author_id if given.tweet else given.user.id if given.user else None
        if not account:
            raise CellError("an event that does not say whom it is about")
        note = f"in {', '.join(given.withheld_in_countries)}" if given.withheld_in_countries else None
        self._gather.state(
            account, _EVENTS[name], iso(given.event_at), post_id=given.tweet.id if given.tweet else None, note=note
        )


class _OfPost(msgspec.Struct):
    id: payload.Id
    author_id: payload.Id


class _OfUser(msgspec.Struct):
    id: payload.Id


class _Event(msgspec.Struct):
    event_at: str
    tweet: _OfPost | None = None
    user: _OfUser | None = None
    withheld_in_countries: list[str] = []


def _parts(given: _Object) -> tuple[list[object], _Object]:
    """The things an answer is about, and what comes along with them."""
    includes = given.get("includes")
    includes = includes if isinstance(includes, dict) else {}
    if "data" in given:
        data = given["data"]
        return data if isinstance(data, list) else [data], includes
    if given and given.keys() <= _INCLUDES:
        return [*_listed(given, "users"), *_listed(given, "tweets")], {"media": given.get("media")}
    return [] if includes or given.keys() & {"errors", "meta"} else [given], includes


def _listed(includes: _Object, name: str) -> list[object]:
    found = includes.get(name)
    return found if isinstance(found, list) else []


def _kind_of(item: object) -> str | None:
    """What a thing is, by the fields that only such a thing has."""
    if not isinstance(item, dict):
        return None
    if "username" in item and "id" in item and "text" not in item:
        return "user"
    if "text" in item and "id" in item:
        return "post"
    if len(item) == 1 and isinstance(next(iter(item.values())), dict):
        return "event"
    return None


def _what(item: object) -> str:
    """How a thing that is none of ours is told."""
    if isinstance(item, dict):
        return next((words for name, words in _LEFT if name in item), "an answer about nobody's account or post")
    return "an answer about nobody's account or post"


def _known(struct: type[_Part], items: Iterable[object]) -> dict[str, _Part]:
    """Parts by their id; those that are unfit are rejects where they are read."""
    found = {}
    for item in items:
        with suppress(msgspec.ValidationError):
            part = msgspec.convert(item, struct)
            found[part.media_key if isinstance(part, payload.Medium) else part.id] = part
    return found


def _above(tweet: payload.Tweet, kind: str) -> str | None:
    return next((other.id for other in tweet.referenced_tweets if other.type == kind), None)


def _at(tweet: payload.Tweet) -> datetime:
    """When a post was written; where the answer leaves it out its id says so."""
    if tweet.created_at:
        return iso(tweet.created_at)
    if tweet.id.isdecimal() and tweet.id.isascii() and _OLDEST <= int(tweet.id) < 1 << 63:
        return epoch(int(tweet.id) // _FIRST_ID + _ID_EPOCH, 1000)
    raise CellError("a post without its time: ask for it with tweet.fields=created_at")


def _tweet(gather: Gather, tweet: payload.Tweet, known: _Known, seen_at: datetime) -> None:
    author, at = known.author(tweet), _at(tweet)
    if not author:
        raise CellError("a post without its author: ask for it with tweet.fields=author_id")
    metrics = tweet.public_metrics or payload.PostMetrics()
    spread, quoted, above = (_above(tweet, kind) for kind in ("retweeted", "quoted", "replied_to"))
    said = known.tweets.get(spread, tweet) if spread else tweet
    text, entities = _said(said)
    named = [Ref(None, m.id, m.username) for m in entities.mentions]
    user = known.users.get(author)
    post = Post(
        tweet.id, author, at, text, user.username if user else None, tweet.lang, tweet.source,
        hashtags=[tag.tag for tag in entities.hashtags],
        links=list(dict.fromkeys(u for link in entities.urls if not link.media_key
                                 and (u := link.expanded_url or link.url))),
        mentions=named,
        quoted=known.ref(quoted) if quoted else None,
        replied=known.ref(above, tweet.in_reply_to_user_id, named) if above or tweet.in_reply_to_user_id else None,
        media=_media(said, known), carried=len(said.attachments.media_keys) if said.attachments else 0,
        reposts=count(metrics.retweet_count), likes=count(metrics.like_count), replies=count(metrics.reply_count),
    )  # fmt: skip
    if spread and said is not tweet:
        post.spread = known.ref(spread)
    elif spread or not tweet.referenced_tweets:
        retell(post, spread)
    record(gather, post)
    if tweet.withheld:
        gather.state(author, State.WITHHELD, seen_at, post_id=tweet.id, note=_where(tweet.withheld))


def _said(tweet: payload.Tweet) -> tuple[str, payload.Entities]:
    """The whole text of a post and what it names; read out of the text where the answer leaves that out."""
    note = tweet.note_tweet
    text = shown(note.text if note else tweet.text)
    entities = (note.entities if note else None) or tweet.entities
    return text, entities or payload.Entities(
        [payload.Hashtag(tag) for tag in hashtags_in(text)],
        [payload.Link(link) for link in links_in(text)],
        [payload.Mention(handle) for handle in mentions_in(text)],
    )


def _media(tweet: payload.Tweet, known: _Known) -> list[Medium]:
    keys = dict.fromkeys(tweet.attachments.media_keys) if tweet.attachments else {}
    found = [known.media[key] for key in keys if key in known.media]
    return [
        Medium(m.media_key.rpartition("_")[2] or m.media_key, MEDIA.get(m.type, MediaKind.FILE),
               m.url or m.preview_image_url, m.alt_text)
        for m in found
    ]  # fmt: skip


def _user(gather: Gather, user: payload.User, seen_at: datetime) -> None:
    metrics = user.public_metrics or payload.UserMetrics()
    urls = user.entities.url.urls if user.entities and user.entities.url else []
    gather.once(
        user.id, seen_at, handle=user.username, name=user.name, bio=user.description or None,
        place=user.location or None, url=next((u.expanded_url for u in urls if u.expanded_url), user.url or None),
        picture=user.profile_image_url, created_at=iso(user.created_at) if user.created_at else None,
        followers=count(metrics.followers_count), following=count(metrics.following_count),
        posts=count(metrics.tweet_count), verified=user.verified,
    )  # fmt: skip
    if user.protected:
        gather.state(user.id, State.PROTECTED, seen_at)
    if user.withheld:
        gather.state(user.id, State.WITHHELD, seen_at, note=_where(user.withheld))


def _where(withheld: payload.Withheld) -> str | None:
    countries = f"in {', '.join(withheld.country_codes)}" if withheld.country_codes else ""
    return " ".join(filter(None, (countries, "for copyright" if withheld.copyright else ""))) or None
