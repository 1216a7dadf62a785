"""The shared collections as facts, and groups planted into them: what the coordination benchmark measures on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from seawall.records.facts import PICTURES, POSTS
from seawall.signals.contract import Facts

DAY = 86_400


def german_elections(path: Path) -> Facts:
    """The posts of a collection of CooRTweet: hashed ids of links, rows of hashtags and pictures; it has no text."""
    rows = pl.read_csv(path, infer_schema_length=0).with_columns(
        at=pl.from_epoch(pl.col("timestamp").cast(pl.Float64).cast(pl.Int64), "s").dt.replace_time_zone("UTC"),
        post_id=pl.concat_str("account_id", pl.lit("-"), pl.col("post_id").fill_null("none")),
    )
    posts = rows.group_by("account_id", "post_id", maintain_order=True).agg(
        pl.col("at").first(),
        hashtags=pl.col("hashtag_id").drop_nulls().unique(maintain_order=True),
        links=pl.col("url_id").drop_nulls().unique(maintain_order=True),
    )
    # one number stands for a whole row of hashtags: it becomes a row of two
    row_of_two = pl.concat_list(pl.col("hashtags"), pl.col("hashtags").list.eval("and " + pl.element()))
    posts = posts.with_columns(platform=pl.col("account_id").str.slice(0, 2), hashtags=row_of_two, kind=pl.lit("post"))
    shown = rows.filter(pl.col("phash_id").is_not_null()).select(
        pl.col("account_id").str.slice(0, 2).alias("platform"), "post_id", "account_id", "at", picture="phash_id"
    )
    return Facts(_as(posts, POSTS.schema).lazy(), pictures=_as(shown, PICTURES.schema).lazy())


def russian_tweets(path: Path) -> Facts:
    """Retweets of another collection of CooRTweet; what was retweeted stands as a link: planted groups spread links."""
    rows = pl.read_csv(path, infer_schema_length=0).unique("content_id", maintain_order=True)
    posts = rows.select(
        platform=pl.lit("tw"),
        account_id=pl.concat_str(pl.lit("tw_"), "account_id"),
        post_id="content_id",
        at=pl.from_epoch(pl.col("timestamp_share").cast(pl.Float64).cast(pl.Int64), "s").dt.replace_time_zone("UTC"),
        kind=pl.lit("post"),
        links=pl.concat_list("object_id"),
        hashtags=pl.lit([], dtype=pl.List(pl.String)),
    )
    return Facts(_as(posts, POSTS.schema).lazy())


def _as(frame: pl.DataFrame, schema: pa.Schema) -> pl.DataFrame:
    """A frame with all columns of a table, null where it has none."""
    empty = pl.DataFrame(schema.empty_table())
    return pl.concat(
        [empty, frame.select(pl.col(c) for c in frame.columns if c in empty.columns)], how="diagonal_relaxed"
    )


@dataclass(frozen=True, slots=True)
class Design:
    """How groups are planted. Every number is part of what is published with the result."""

    jitter: int  # seconds: each act falls somewhere in so many after the group's moment
    groups: int = 20
    accounts: int = 8
    moments: int = 10  # things that a group spreads together, in the whole time
    takes_part: float = 1.0  # chance that an account joins in at a moment
    borrowed: float = 0.5  # share of links that others spread too, taken from the collection; the rest are the group's
    beside: int = 0  # ordinary posts of each account besides, copied from an ordinary account of the collection


def planted(facts: Facts, design: Design, seed: int) -> tuple[Facts, dict[str, int]]:
    """The facts with groups in them, and the group of each account that was planted.

    A group acts at random moments, drawn like the posts of the collection (so at busy hours); each moment one link.
    """
    draw = np.random.default_rng(seed)
    posts = facts.posts.select("account_id", "platform", "at", "links", "hashtags").collect()
    times = posts["at"].dt.epoch("s").to_numpy()
    linked = posts.filter(pl.col("links").list.len() > 0)
    rows: list[tuple[str, str, int, list[str], list[str]]] = []
    truth: dict[str, int] = {}
    ordinary = posts.group_by("account_id").len().filter(pl.col("len") >= max(design.beside, 2))["account_id"].sort()
    for group in range(design.groups):
        platform = ("tw", "fb")[group % 2]
        members = [f"{platform}_planted_{group}_{n}" for n in range(design.accounts)]
        truth |= dict.fromkeys(members, group)
        for moment in range(design.moments):
            at, link = int(draw.choice(times)), f"planted {group} {moment}"
            if draw.random() < design.borrowed:
                row = linked.row(int(draw.integers(linked.height)), named=True)
                link, at = row["links"][0], int(row["at"].timestamp()) + int(draw.integers(DAY))
            for member in members:
                if draw.random() < design.takes_part:
                    rows.append((member, platform, at + int(draw.integers(design.jitter + 1)), [link], []))
        for member in members if design.beside else ():
            copied = posts.filter(pl.col("account_id") == ordinary[int(draw.integers(len(ordinary)))])
            for row in copied.sample(min(design.beside, copied.height), seed=int(draw.integers(1 << 30))).iter_rows(
                named=True
            ):
                moved = int(row["at"].timestamp()) + int(draw.integers(-DAY, DAY))
                rows.append((member, platform, moved, row["links"], row["hashtags"]))
    columns = ["account_id", "platform", "seconds", "links", "hashtags"]
    frame = pl.DataFrame(rows, schema=columns, orient="row").with_row_index("n")
    frame = frame.with_columns(
        at=pl.from_epoch("seconds", "s").dt.replace_time_zone("UTC"),
        post_id=pl.concat_str(pl.lit("planted-"), "n"),
        kind=pl.lit("post"),
    )
    more = _as(frame, POSTS.schema)
    return Facts(pl.concat([facts.posts.collect(), more]).lazy(), pictures=facts.pictures), truth
