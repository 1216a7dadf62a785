"""Acts of accounts, by channel: what each spread, on which day, and when first.

Channels: reposts of a post, a link, a row of hashtags, near-duplicate words, a picture. An object is one such thing on
one day, and of hashtags and words, which people use all day long, in one hour: what comes back counts again. An account
acts on it once, when it first did. Reposts are acts of the repost channel alone: what the original post holds was not
chosen anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from seawall.graph import coaction
from seawall.graph.minhash import alike
from seawall.records.terms import PostKind
from seawall.signals.contract import Facts
from seawall.signals.text import plain
from seawall.signals.text.columns import as_bytes

CHANNELS = ("repost", "link", "hashtags", "text", "picture")
TOGETHER = "together"  # each post once, by the rarest of what it shares
FEWEST_TAGS = 2  # of a row of hashtags: one alone is a topic
FEWEST_WORDS = 6  # fewer words are the same by chance
_DAY, _HOUR = 86_400, 3600
_FRAME = {"channel": pl.String, "account": pl.UInt32, "object": pl.UInt64, "at": pl.Int64, "post": pl.UInt32}


@dataclass(frozen=True, slots=True)
class Acts:
    """Acts of all accounts that share something with another account."""

    accounts: pl.DataFrame  # platform, account_id, handle; an account's number is its row
    posts: pl.DataFrame  # platform, post_id, account, at, kind; a post's number is its row
    rows: pl.DataFrame  # channel, account, object, at (seconds), post

    def channel(self, name: str) -> coaction.Actions:
        """The acts of one channel; objects are numbered anew."""
        its = self.rows.filter(pl.col("channel") == name).with_columns(what=_numbered(pl.col("object")))
        who, what, when = (its[column].to_numpy() for column in ("account", "what", "at"))
        return coaction.actions(who, what, when, self.accounts.height)


def acts_of(facts: Facts) -> Acts:
    """Every act on something that at least two accounts acted on."""
    posts = (
        facts.posts.select(
            "platform", "post_id", "account_id", "handle", "at", "kind", "text", "hashtags", "links", "of_post_id"
        )
        .filter(pl.col("account_id").is_not_null(), pl.col("at").is_not_null())
        .unique(["platform", "post_id"], keep="any")
        .sort("platform", "at", "post_id")
        .collect()
        .with_row_index("post")
    )
    accounts = (
        posts.group_by("platform", "account_id").agg(pl.col("handle").last()).sort("platform", "account_id")
    ).with_row_index("account")
    posts = posts.join(accounts.select("platform", "account_id", "account"), on=["platform", "account_id"], how="left")
    posts = posts.sort("post").with_columns(seconds=pl.col("at").dt.epoch("s"))
    found = [_reposts(posts), _links(posts), _hashtags(posts), _texts(posts), _pictures(posts, facts.pictures)]
    rows = _shared(pl.concat(found))
    together = _shared(_rarest(rows).with_columns(channel=pl.lit(TOGETHER)))
    kept = posts.select("platform", "post_id", "account", "at", "kind", "seconds")
    return Acts(accounts.drop("account"), kept, pl.concat([rows, together]))


def _numbered(column: pl.Expr) -> pl.Expr:
    return (column.rank("dense") - 1).cast(pl.UInt32)


def _acts(posts: pl.DataFrame, channel: str, what: pl.Expr, apart: int = _DAY) -> pl.DataFrame:
    """One act a row: the same thing in the same stretch of time is one object."""
    stretch = pl.col("seconds") // apart
    return posts.select(
        channel=pl.lit(channel),
        account="account",
        object=pl.struct(pl.lit(channel), what, stretch).hash(),
        at="seconds",
        post="post",
    ).select(pl.col(name).cast(kind) for name, kind in _FRAME.items())


def _own(posts: pl.DataFrame) -> pl.DataFrame:
    return posts.filter(pl.col("kind") != PostKind.REPOST.value)


def _reposts(posts: pl.DataFrame) -> pl.DataFrame:
    reposts = posts.filter(pl.col("kind") == PostKind.REPOST.value, pl.col("of_post_id").is_not_null())
    return _acts(reposts, "repost", pl.concat_str("platform", pl.lit(" "), "of_post_id"))


def _links(posts: pl.DataFrame) -> pl.DataFrame:
    linked = _own(posts).select("account", "seconds", "post", "links").explode("links").drop_nulls("links")
    return _acts(linked, "link", pl.col("links"))


def _hashtags(posts: pl.DataFrame) -> pl.DataFrame:
    tagged = _own(posts).filter(pl.col("hashtags").list.len() >= FEWEST_TAGS)
    return _acts(tagged, "hashtags", pl.col("hashtags").list.join(" ").str.to_lowercase(), _HOUR)


def _texts(posts: pl.DataFrame) -> pl.DataFrame:
    own = _own(posts).select("account", "seconds", "post", words=plain(pl.col("text").fill_null("")))
    own = own.filter(pl.col("words").str.count_matches(" ") >= FEWEST_WORDS - 1)
    if own.is_empty():
        return pl.DataFrame(schema=_FRAME)
    texts = own["words"].unique().sort()
    groups = pl.DataFrame({"words": texts, "group": alike(*as_bytes(texts))})
    return _acts(own.join(groups, on="words", how="left"), "text", pl.col("group"), _HOUR)


def _pictures(posts: pl.DataFrame, pictures: pl.LazyFrame) -> pl.DataFrame:
    shown = pictures.select("platform", "post_id", "picture").drop_nulls().unique().collect()
    return _acts(_own(posts).join(shown, on=["platform", "post_id"]), "picture", pl.col("picture"))


def _shared(rows: pl.DataFrame) -> pl.DataFrame:
    """First acts of each account on each object, where at least two accounts acted on it."""
    firsts = rows.sort("at", "post").unique(["channel", "account", "object"], keep="first", maintain_order=True)
    return firsts.filter(pl.len().over("channel", "object") > 1)


def _rarest(rows: pl.DataFrame) -> pl.DataFrame:
    """Of what a post shares with others, what the fewest share: a post that is copied whole counts once."""
    sharers = pl.len().over("object")
    return (
        rows.with_columns(sharers=sharers)
        .sort("sharers", "channel", "object")
        .unique("post", keep="first", maintain_order=True)
        .drop("sharers")
    )


def starts_of(accounts: pl.Series, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where each account's rows begin, in rows sorted by account."""
    return np.searchsorted(accounts.to_numpy(), np.arange(count + 1)).astype(np.int64)
