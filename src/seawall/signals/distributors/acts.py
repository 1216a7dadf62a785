"""Acts of spreading, as columns: who passed on which item when, and from whom.

Only spreading counts: reposts, and own posts that share a link. Quotes, replies, mentions and follows are not looked
at: those who report, refute or are talked to do that. An item is a link where a post has one, else the post that was
reposted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from seawall.graph import Graph
from seawall.graph.chains import NOBODY, Chains, rebuild
from seawall.graph.compiled import Array
from seawall.records.terms import PostKind
from seawall.signals.contract import Facts

ABOUT = ["platform", "account_id"]


@dataclass(frozen=True, slots=True)
class Spreading:
    """Every act of spreading, sorted by item and time, with its chain."""

    accounts: pl.DataFrame  # platform, account_id, handle; its row is the account's number
    acts: pl.DataFrame  # item, by, of (-1: nobody), at
    chains: Chains

    @classmethod
    def of(cls, facts: Facts) -> Spreading:
        """Rebuild chains from posts. An account passes an item on once, the first time."""
        acts = _acts(facts)
        accounts = _accounts(acts, facts)
        numbers = accounts.select(*ABOUT).with_row_index("number").lazy()
        numbered = (
            acts.lazy()
            .join(numbers.rename({"account_id": "by_id", "number": "by"}), on=["platform", "by_id"], how="left")
            .join(numbers.rename({"account_id": "of_id", "number": "of"}), on=["platform", "of_id"], how="left")
            .select(
                pl.struct("platform", "what").rank("dense").cast(pl.Int64).alias("item"),
                pl.col("by").cast(pl.Int64),
                pl.col("of").cast(pl.Int64).fill_null(NOBODY),
                "at",
            )
            .sort("item", "at", "by", "of")
            .unique(["item", "by"], keep="first", maintain_order=True)
            .collect()
        )
        item, by, given = (numbered[name].to_numpy() for name in ("item", "by", "of"))
        chains = rebuild(item, by, given, _known(item, by, given, accounts.height))
        return cls(accounts, numbered.with_columns(of=pl.Series(chains.source)), chains)

    def between(self, start: datetime | None, end: datetime | None) -> Spreading:
        """Only acts from `start` up to `end`, with the chains that they came by."""
        kept = np.ones(self.acts.height, bool)
        if start is not None:
            kept &= (self.acts["at"] >= start).to_numpy()
        if end is not None:
            kept &= (self.acts["at"] < end).to_numpy()
        lengths = np.diff(self.chains.starts)
        starts = np.concatenate([[0], np.cumsum(lengths[kept])]).astype(np.int64)
        way = self.chains.way[np.repeat(kept, lengths)]
        return Spreading(self.accounts, self.acts.filter(kept), Chains(self.chains.source[kept], starts, way))


def _acts(facts: Facts) -> pl.DataFrame:
    """platform, what, by_id, of_id, at: reposts, and posts with a link."""
    repost = pl.col("kind") == PostKind.REPOST.value
    link = pl.col("links").list.drop_nulls().list.first()
    whose = facts.posts.filter(pl.col("handle").is_not_null()).select(
        "platform", of_key=pl.col("handle").str.to_lowercase(), known_id="account_id", seen_at="at"
    )
    whose = whose.sort("seen_at", "known_id").unique(["platform", "of_key"], keep="last")
    rows = (
        facts.posts.filter(repost | ((pl.col("kind") == PostKind.POST.value) & link.is_not_null()))
        .filter(pl.col("account_id").is_not_null(), pl.col("at").is_not_null())
        .unique(["platform", "post_id"], keep="any")
        .with_columns(of_key=pl.col("of_handle").str.to_lowercase())
        .join(whose, on=["platform", "of_key"], how="left")
        .select(
            "platform",
            by_id="account_id",
            at="at",
            repost=repost,
            of_id=pl.when(repost).then(pl.coalesce("of_account_id", "known_id", pl.format("@{}", "of_key"))),
            link=link,
            post=pl.coalesce("of_post_id", "text"),
        )
        .filter(~pl.col("repost") | pl.col("of_id").is_not_null())
        .with_columns(
            what=pl.when(pl.col("link").is_not_null())
            .then(pl.format("l {}", "link"))
            .otherwise(pl.format("p {} {}", "of_id", "post"))
        )
        .filter(pl.col("what").is_not_null())
    )
    return rows.select("platform", "what", "by_id", "of_id", "at").collect()


def _accounts(acts: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    ids = pl.concat([acts.select("platform", account_id=name) for name in ("by_id", "of_id")]).drop_nulls().unique()
    handles = (
        facts.posts.select(*ABOUT, "handle", "at")
        .drop_nulls("handle")
        .sort("at", "handle")
        .unique(ABOUT, keep="last")
        .select(*ABOUT, "handle")
    )
    return ids.lazy().join(handles, on=ABOUT, how="left").sort(ABOUT).collect()


def _known(item: Array, by: Array, given: Array, accounts: int) -> Graph:
    """Whom each account takes from: whom it reposts, and who brought a link that it shared later."""
    if not len(item):
        return Graph.build(accounts, np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))
    begins = np.flatnonzero(np.concatenate([[True], item[1:] != item[:-1]]))
    which = np.repeat(np.arange(len(begins)), np.diff(np.concatenate([begins, [len(item)]])))
    brought = np.where(given[begins] >= 0, given[begins], by[begins])[which]
    source = np.where(given >= 0, given, brought)
    other = source != by
    weights = np.ones(int(other.sum()), np.float32)
    return Graph.build(accounts, by[other], source[other], weights).merged()
