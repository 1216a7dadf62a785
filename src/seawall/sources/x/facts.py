"""Decoded payloads as tables of facts."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import polars as pl
import pyarrow as pa

from seawall.records.facts import ACCOUNTS, MEDIA, POSTS, STATES, TIES, columns
from seawall.records.terms import AccountKind, MediaKind, PostKind, State, TieKind
from seawall.sources.contract import EARLIEST, LATEST
from seawall.sources.x.payload import Decoded, Deletion, Entities, Medium, Tweet

NAME = "x"
_DAY = 86_400_000_000  # microseconds
_DATE = "%a %b %d %H:%M:%S %z %Y"
_DEEPEST = 8  # posts inside posts: a repost of a quote of a quote is 3 deep
# Looked up once: the words stand in every row, and an enum is slow to ask for its value.
_REPOST, _QUOTE, _REPLY, _POST = (kind.value for kind in PostKind)
_MENTION, _SHARED_LINK = TieKind.MENTION.value, TieKind.SHARED_LINK.value
_MEDIA = {
    "photo": MediaKind.PHOTO,
    "video": MediaKind.VIDEO,
    "animated_gif": MediaKind.ANIMATION,
}


_Tie = tuple[int, str, str | None, str | None, str | None]  # place of its post, kind, to id, to handle, link


class Flat:
    """Every post of a stretch, nested ones too, in columns; lines with a bad date or nested too deep are rejected."""

    def __init__(self, decoded: Decoded) -> None:
        self.tweets, lines, outer, bad = _unnest(decoded.tweets, decoded.lines)
        dates = _dates([t.created_at for t in self.tweets])
        for i in dates.is_null().arg_true() if dates.null_count() else ():
            bad[lines[i]] = f"created_at {self.tweets[i].created_at[:40]!r} is no date from 1990 to 2100"
        if bad:
            for line, why in bad.items():
                decoded.reject(line, f"not an X v1.1 post: {why}")
            kept = [i for i, line in enumerate(lines) if line not in bad]
            self.tweets = [self.tweets[i] for i in kept]
            outer = [outer[i] for i in kept]
            dates = dates.gather(kept)
        self.at = dates.to_arrow()
        self.seen_at = _dates([t.created_at for t in outer]).to_arrow()
        self.ids = [str(t.id) for t in self.tweets]
        self.authors = [str(t.user.id) for t in self.tweets]
        self.entities = [_entities(t.retweeted_status or t) for t in self.tweets]
        self.links = [_links(entities) for entities in self.entities]


def _unnest(
    tweets: Iterable[Tweet], lines: Iterable[int]
) -> tuple[list[Tweet], list[int], list[Tweet], dict[int, str]]:
    """All posts, the line each came from, the payload it was seen in; and lines whose posts are nested too deep."""
    flat: list[Tweet] = []
    numbers: list[int] = []
    outer: list[Tweet] = []
    bad: dict[int, str] = {}
    for tweet, line in zip(tweets, lines, strict=True):
        inner: Tweet | None = tweet
        deepest = len(flat) + _DEEPEST
        while inner is not None:
            if len(flat) == deepest:
                bad[line] = f"more than {_DEEPEST} posts, one inside the other"
                break
            flat.append(inner)
            numbers.append(line)
            outer.append(tweet)
            inner = inner.retweeted_status or inner.quoted_status
    return flat, numbers, outer, bad


def _dates(texts: list[str | None]) -> pl.Series:
    """Times in UTC; null where there is none that a platform can mean."""
    series = pl.Series(texts, dtype=pl.String)
    distinct = series.unique()
    parsed = distinct.str.to_datetime(_DATE, time_unit="us", time_zone="UTC", strict=False)
    parsed = parsed.set(~parsed.is_between(EARLIEST, LATEST), None)
    return series.replace_strict(distinct, parsed, return_dtype=pl.Datetime("us", "UTC"))


def _entities(tweet: Tweet) -> Entities:
    return tweet.extended_tweet.entities if tweet.extended_tweet else tweet.entities


def _text(tweet: Tweet) -> str:
    spread = tweet.retweeted_status or tweet
    if spread.extended_tweet:
        text = spread.extended_tweet.full_text
    else:
        text = spread.full_text or spread.text or ""
    return html.unescape(text) if "&" in text else text


def _cut(tweet: Tweet) -> bool:
    spread = tweet.retweeted_status or tweet
    return bool(spread.truncated) and spread.extended_tweet is None


def _kind(tweet: Tweet) -> str:
    if tweet.retweeted_status:
        return _REPOST
    if tweet.quoted_status or tweet.quoted_status_id:
        return _QUOTE
    if tweet.in_reply_to_status_id or tweet.in_reply_to_user_id:
        return _REPLY
    return _POST


def _text_of(value: int | None) -> str | None:
    return None if value is None else str(value)


def _client(source: str | None) -> str | None:
    """The app's name out of the link the payload wraps it in."""
    if not source or "<" not in source:
        return source
    return source[source.find(">") + 1 : source.rfind("<")]


def _links(entities: Entities) -> list[str]:
    return [link for u in entities.urls if (link := u.expanded_url or u.url)]


def _attached(tweet: Tweet) -> list[Medium]:
    spread = tweet.retweeted_status or tweet
    if spread.extended_tweet:
        spread_entities = spread.extended_tweet.extended_entities or spread.extended_tweet.entities
        return spread_entities.media
    return (spread.extended_entities or spread.entities).media


def posts(flat: Flat, platform: str) -> pa.Table:
    """Posts, nested ones too."""
    tweets, entities = flat.tweets, flat.entities
    of = [t.retweeted_status or t.quoted_status for t in tweets]
    return columns(
        POSTS,
        {
            "platform": platform,
            "post_id": flat.ids,
            "account_id": flat.authors,
            "handle": [t.user.screen_name for t in tweets],
            "at": flat.at,
            "kind": [_kind(t) for t in tweets],
            "text": [_text(t) for t in tweets],
            "lang": [t.lang for t in tweets],
            "hashtags": [[h.text for h in e.hashtags] for e in entities],
            "links": flat.links,
            "mentions": [[m.screen_name for m in e.user_mentions if m.screen_name] for e in entities],
            "of_post_id": [str(o.id) if o else _text_of(t.quoted_status_id) for o, t in zip(of, tweets, strict=True)],
            "of_account_id": [str(o.user.id) if o else None for o in of],
            "of_handle": [o.user.screen_name if o else None for o in of],
            "reply_to_post_id": [_text_of(t.in_reply_to_status_id) for t in tweets],
            "reply_to_account_id": [_text_of(t.in_reply_to_user_id) for t in tweets],
            "reply_to_handle": [t.in_reply_to_screen_name for t in tweets],
            "media": [len(_attached(t)) for t in tweets],
            "reposts": [t.retweet_count for t in tweets],
            "likes": [t.favorite_count for t in tweets],
            "replies": [t.reply_count for t in tweets],
            "client": [_client(t.source) for t in tweets],
            "truncated": [_cut(t) for t in tweets],
            "source": NAME,
        },
        len(tweets),
    )


def accounts(flat: Flat, platform: str) -> pa.Table:
    """One row per author, profile and day; the lake keeps the first, wherever a stretch begins and ends."""
    days = (flat.seen_at.cast(pa.int64()).to_numpy() // _DAY).tolist()
    first: dict[tuple[object, ...], int] = {}
    for i, (t, day) in enumerate(zip(flat.tweets, days, strict=True)):
        u = t.user
        profile = (u.screen_name, u.name, u.description, u.location, u.url, u.profile_image_url_https)
        first.setdefault((u.id, day, *profile), i)
    at = list(first.values())
    users = [flat.tweets[i].user for i in at]
    return columns(
        ACCOUNTS,
        {
            "platform": platform,
            "account_id": [str(u.id) for u in users],
            "handle": [u.screen_name for u in users],
            "name": [u.name for u in users],
            "bio": [u.description or None for u in users],
            "place": [u.location or None for u in users],
            "url": [u.url for u in users],
            "picture": [u.profile_image_url_https for u in users],
            "kind": AccountKind.PERSON.value,
            "created_at": _dates([u.created_at for u in users]).to_arrow(),
            "followers": [u.followers_count for u in users],
            "following": [u.friends_count for u in users],
            "posts": [u.statuses_count for u in users],
            "verified": [u.verified for u in users],
            "seen_at": flat.seen_at.take(pa.array(at, pa.int64())),
            "source": NAME,
        },
        len(users),
    )


def ties(flat: Flat, platform: str) -> pa.Table:
    """Whom and what each post joins its author to."""
    rows: list[_Tie] = []
    for i, (t, e) in enumerate(zip(flat.tweets, flat.entities, strict=True)):
        if t.retweeted_status:  # mentions inside a repost are the first author's, not the reposter's
            user = t.retweeted_status.user
            rows.append((i, _REPOST, str(user.id), user.screen_name, None))
        elif e.user_mentions or t.quoted_status or t.in_reply_to_user_id is not None:
            rows += _own_ties(i, t, e)
    rows += [(i, _SHARED_LINK, None, None, link) for i, its in enumerate(flat.links) if its for link in its]
    at = [row[0] for row in rows]
    return columns(
        TIES,
        {
            "platform": platform,
            "kind": [row[1] for row in rows],
            "from_id": [flat.authors[i] for i in at],
            "to_id": [row[2] for row in rows],
            "to_handle": [row[3] for row in rows],
            "link": [row[4] for row in rows],
            "post_id": [flat.ids[i] for i in at],
            "at": flat.at.take(pa.array(at, pa.int64())),
            "source": NAME,
        },
        len(rows),
    )


def _own_ties(i: int, tweet: Tweet, entities: Entities) -> Iterator[_Tie]:
    """Whom a post of one's own joins its author to."""
    replied = tweet.in_reply_to_user_id
    if tweet.quoted_status:
        user = tweet.quoted_status.user
        yield i, _QUOTE, str(user.id), user.screen_name, None
    if replied is not None:
        yield i, _REPLY, str(replied), tweet.in_reply_to_screen_name, None
    for mention in entities.user_mentions:
        if mention.id_str and mention.id_str != str(replied):
            yield i, _MENTION, mention.id_str, mention.screen_name, None


def media(flat: Flat, platform: str) -> pa.Table:
    """Media of posts; a repost's media belong to the post it spreads, which is here too."""
    at, media = [], []
    for i, t in enumerate(flat.tweets):
        if not t.retweeted_status:
            for item in _attached(t):
                at.append(i)
                media.append(item)
    return columns(
        MEDIA,
        {
            "platform": platform,
            "media_id": [m.id_str for m in media],
            "post_id": [flat.ids[i] for i in at],
            "account_id": [flat.authors[i] for i in at],
            "kind": [_MEDIA.get(m.type, MediaKind.FILE).value for m in media],
            "url": [m.media_url_https for m in media],
            "alt_text": [m.ext_alt_text for m in media],
            "at": flat.at.take(pa.array(at, pa.int64())),
            "source": NAME,
        },
        len(media),
    )


def states(flat: Flat, deletions: list[Deletion], platform: str) -> pa.Table:
    """Protected accounts, withheld accounts and posts, deleted posts."""
    rows = list(chain.from_iterable(_states_of(i, t, flat) for i, t in enumerate(flat.tweets)))
    for gone in deletions:
        at = int(gone.timestamp_ms) * 1000 if gone.timestamp_ms else None
        rows.append((str(gone.status.user_id), str(gone.status.id), State.DELETED.value, None, at))
    account, post, state, note, times = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return columns(
        STATES,
        {
            "platform": platform,
            "account_id": pa.array(account, pa.string()),
            "post_id": pa.array(post, pa.string()),
            "state": pa.array(state, pa.string()),
            "note": pa.array(note, pa.string()),
            "at": pa.array(times, pa.timestamp("us", tz="UTC")),
            "source": NAME,
        },
        len(rows),
    )


def _states_of(i: int, tweet: Tweet, flat: Flat) -> Iterator[tuple[Any, ...]]:
    if tweet.user.protected:
        yield flat.authors[i], None, State.PROTECTED.value, None, flat.seen_at[i].value
    if tweet.user.withheld_in_countries:
        note = "in " + _countries(tweet.user.withheld_in_countries)
        yield flat.authors[i], None, State.WITHHELD.value, note, flat.seen_at[i].value
    if tweet.withheld_in_countries:
        yield (
            flat.authors[i],
            flat.ids[i],
            State.WITHHELD.value,
            "in " + _countries(tweet.withheld_in_countries),
            flat.seen_at[i].value,
        )


def _countries(where: list[str] | str) -> str:
    return where if isinstance(where, str) else ", ".join(where)
