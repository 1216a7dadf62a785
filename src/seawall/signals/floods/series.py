"""From posts to series: who used which hashtag or link, or mentioned whom, and when."""

from __future__ import annotations

import polars as pl

from seawall.records.terms import FloodKind
from seawall.signals.text import plain

SERIES = ("kind", "value")
_BARE = r"(?i)^https?://(www\.)?|#.*$|/+$"


def uses(posts: pl.LazyFrame) -> pl.LazyFrame:
    """One row per post and series it is in: kind, value, account_id, at, post_id. Reposts mention nobody: the names
    in them are their authors'."""
    own = pl.col("kind") != "repost"
    lower = pl.element().str.to_lowercase()
    return pl.concat(
        [
            _exploded(posts, FloodKind.HASHTAG, pl.col("hashtags").list.eval(lower)),
            _exploded(posts, FloodKind.LINK, pl.col("links").list.eval(pl.element().str.replace_all(_BARE, ""))),
            _exploded(
                posts.filter(own),
                FloodKind.MENTION,
                pl.col("mentions").fill_null([]).list.concat(pl.concat_list("reply_to_handle")).list.eval(lower),
            ),
        ]
    )


def _exploded(posts: pl.LazyFrame, kind: FloodKind, values: pl.Expr) -> pl.LazyFrame:
    return (
        posts.select(
            pl.lit(kind.value).alias("kind"),
            values.list.drop_nulls().list.unique().alias("value"),
            "account_id",
            "at",
            "post_id",
        )
        .explode("value", empty_as_null=False, keep_nulls=False)
        .filter(pl.col("value") != "")
    )


def words_hash() -> pl.Expr:
    """What an account's own words hash to, without names, tags, links, case and signs; null where little is left."""
    words = plain(pl.col("text").str.replace_all(r"#\S+", " "))
    own = (pl.col("kind") != "repost") & (words.str.len_chars() >= 12)
    return pl.when(own).then(words.hash(7))
