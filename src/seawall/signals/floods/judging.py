"""Was a burst pushed, or did people come by themselves? Told by what its accounts do alike, never by what they say.

Five marks, each a share of the burst's accounts, held against what is usual in the same lake where that matters: the
same text from several accounts, one program that writes, accounts made in the same days, accounts that come again and
again, accounts that do nothing else. Reposting one post is what every cascade does, so reposts make no copies.
Such marks in campaigns that were real: Pacheco et al., ICWSM 2021; Elmas et al., EuroS&P 2021.

A burst is looked at again as more of it is seen: each look at each burst is a scene, and all scenes are judged at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from seawall.records.terms import FloodVerdict

PUSHED, UNCLEAR, ORGANIC = FloodVerdict.PUSHED.value, FloodVerdict.UNCLEAR.value, FloodVerdict.ORGANIC.value
COPIED, MUCH_COPIED = 0.3, 0.6  # shares of accounts
CLIENT, CLIENT_ABOVE = 0.6, 0.3
BORN, BORN_DAYS = 0.3, 3
AGAIN, AGAIN_POSTS = 0.3, 3
ONLY, ONLY_ABOVE = 0.5, 0.3
FEWEST = 8  # accounts that must carry a mark before it counts
BY = 3  # accounts that make a text a copy

MARKS = {  # what is said of each mark
    "copied": "{share:.0%} of accounts post the same text as others",
    "program": "{share:.0%} post with one program, which {beside:.0%} use elsewhere",
    "born": "{share:.0%} of accounts were made within {number} days of each other",
    "again": "{share:.0%} of accounts post {number} times or more",
    "only": "{share:.0%} of accounts post nothing else, {beside:.0%} of others do",
}
_TOLD = pl.List(pl.Struct({"mark": pl.String, "share": pl.Float64, "beside": pl.Float64, "number": pl.Int64}))
_NUMBERS = {"born": BORN_DAYS, "again": AGAIN_POSTS}


def by_account(posts: pl.DataFrame) -> pl.DataFrame:
    """What each account does in each scene, from one row a post, by time: `scene`, `account`, `copy` (a hash of the
    account's own words; null for reposts and posts without words), `client`, `born` (the day the account was made),
    `before` (the account used the series before), `elsewhere` (it posted outside the series)."""
    copies = (
        posts.drop_nulls("copy")
        .group_by("scene", "copy")
        .agg(pl.col("account").n_unique().alias("by"))
        .filter(pl.col("by") >= BY)
        .select("scene", "copy", pl.lit(True).alias("copied"))
    )
    return (
        posts.join(copies, on=["scene", "copy"], how="left", maintain_order="left")
        .group_by("scene", "account", maintain_order=True)
        .agg(
            pl.len().alias("posts"),
            pl.col("copied").fill_null(False).any(),
            pl.col("client").drop_nulls().first(),
            pl.col("born").first(),
            pl.col("before").any(),
            pl.col("elsewhere").any(),
        )
    )


def programs(each: pl.DataFrame) -> pl.DataFrame:
    """The program that most accounts of a scene post with, where enough do for a mark: `scene`, `client`."""
    share = pl.len() / pl.col("accounts").first()
    return (
        each.with_columns(pl.len().over("scene").alias("accounts"))
        .drop_nulls("client")
        .group_by("scene", "client")
        .agg(share.alias("share"))
        .filter(pl.col("share") >= CLIENT)  # above one half: one a scene
        .select("scene", "client")
        .sort("scene")
    )


def judge(each: pl.DataFrame, usual: pl.DataFrame, only: float) -> pl.DataFrame:
    """The verdict on each scene: `scene`, `verdict`, `because`, `marks`, `accounts`, `marked` (accounts that carry a
    mark which counts), `before` (share of accounts that used the series before).

    `usual` are `programs` with `usually`, the share of other accounts that post with them at that time, null where
    too few posted to know; `only` is the share of accounts of the lake that are in one series only.
    """
    carried = _carried(each, usual)
    shares = carried.group_by("scene", maintain_order=True).agg(
        pl.len().alias("accounts"),
        pl.col("before").mean(),
        pl.col("usually").max().fill_null(1.0),
        *(pl.col(mark).sum().alias(f"{mark}_accounts") for mark in MARKS),
        *(pl.col(mark).mean() for mark in MARKS),
    )
    points = {
        "copied": (pl.col("copied") >= COPIED).cast(pl.Int8) + (pl.col("copied") >= MUCH_COPIED),
        "program": (pl.col("program") >= CLIENT) & (pl.col("program") - pl.col("usually") >= CLIENT_ABOVE),
        "born": pl.col("born") >= BORN,
        "again": pl.col("again") >= AGAIN,
        "only": (pl.col("only") >= ONLY) & (pl.col("only") - only >= ONLY_ABOVE),
    }
    told = shares.with_columns(
        ((pl.col(f"{mark}_accounts") >= FEWEST) * points[mark].cast(pl.Int8)).alias(f"{mark}_points") for mark in MARKS
    )
    counts = told.select("scene", *(f"{mark}_points" for mark in MARKS))
    marked = (
        carried.join(counts, on="scene")
        .group_by("scene")
        .agg(pl.any_horizontal(pl.col(mark) & (pl.col(f"{mark}_points") > 0) for mark in MARKS).sum().alias("marked"))
    )
    total = pl.sum_horizontal(f"{mark}_points" for mark in MARKS)
    verdict = pl.when(total >= 2).then(pl.lit(PUSHED)).when(total > 0).then(pl.lit(UNCLEAR)).otherwise(pl.lit(ORGANIC))
    reasons = [_reasons(row, only) for row in told.iter_rows(named=True)]
    because = pl.Series("because", [[in_words(mark) for mark in marks] for marks in reasons], pl.List(pl.String))
    return (
        told.select(
            "scene", "accounts", "before", verdict.alias("verdict"), because, pl.Series("marks", reasons, _TOLD)
        )
        .join(marked, on="scene")
        .select("scene", "verdict", "because", "marks", "accounts", "marked", "before")
    )


def _carried(each: pl.DataFrame, usual: pl.DataFrame) -> pl.DataFrame:
    """Which account of which scene carries which mark."""
    its = usual.select("scene", "client", "usually", pl.lit(True).alias("program"))
    return (
        each.join(its, on=["scene", "client"], how="left", maintain_order="left")
        .join(_first_days(each), on="scene", how="left", maintain_order="left")
        .select(
            "scene",
            "before",
            "usually",
            "copied",
            pl.col("program").fill_null(False),
            (pl.col("born") - pl.col("first_day")).is_between(0, BORN_DAYS - 1).fill_null(False).alias("born"),
            (pl.col("posts") >= AGAIN_POSTS).alias("again"),
            pl.col("elsewhere").not_().alias("only"),
        )
    )


def _first_days(each: pl.DataFrame) -> pl.DataFrame:
    """The first of the few days in which most of a scene's accounts were made; none where days are mostly unknown."""
    accounts = each.group_by("scene").agg(pl.len().alias("accounts"), pl.col("born").count().alias("known"))
    days = each.drop_nulls("born").select("scene", "born").sort("scene", "born")
    key = days.select(pl.col("scene").cast(pl.Int64) * 2**32 + pl.col("born")).to_series().to_numpy()
    made = pl.Series("made", key.searchsorted(key + BORN_DAYS) - np.arange(len(key)))
    return (
        days.with_columns(made)
        .sort("scene", -pl.col("made"), "born")
        .unique("scene", keep="first", maintain_order=True)
        .join(accounts, on="scene")
        .filter(pl.col("known") * 2 >= pl.col("accounts"))
        .select("scene", pl.col("born").alias("first_day"))
    )


def _reasons(row: dict[str, float], only: float) -> list[dict[str, Any]]:
    """The marks that count, as `records.floods.MARK`."""
    beside = {"program": round(row["usually"], 2), "only": round(only, 2)}
    return [
        {"mark": mark, "share": round(row[mark], 2), "beside": beside.get(mark), "number": _NUMBERS.get(mark)}
        for mark in MARKS
        if row[f"{mark}_points"] > 0
    ]


def in_words(mark: dict[str, Any]) -> str:
    """A mark, as `records.floods.MARK`, as an English sentence without its stop."""
    return MARKS[mark["mark"]].format(**mark)
