"""Campaigns: groups of the backbone, one row each, with what makes them one. About no person; no ground."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from seawall.graph import coaction
from seawall.graph.groups import groups
from seawall.records.campaigns import CAMPAIGNS
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.coordination.acts import TOGETHER, Acts, acts_of, starts_of
from seawall.signals.coordination.backbone import WINDOWS, backbone

Array = npt.NDArray[Any]
SMALLEST = 3  # accounts: two may be one person's
STEP, AROUND = 10, 3600  # seconds: posts in step, held against the same pair's posts of the hour around
_IN_STEP = -3.0  # log10 of the chance below which a pair is said to post in step
_SHOWN = 12
MOST_DRAWN = 2000  # acts of a campaign that are kept to draw it
_CALLED = {
    "repost": "reposts of the same posts", "link": "the same links", "hashtags": "the same rows of hashtags",
    "text": "nearly the same words", "picture": "the same pictures", TOGETHER: "different things together",
}  # fmt: skip


class CoordinationSurvey:
    """Finds campaigns."""

    name = "coordination"
    table = "campaigns"
    version = "1"
    of_listed = False

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        """One row a campaign, the largest first."""
        tell("coordination: acts", 0, 1)
        acts = acts_of(facts)
        tell("coordination: acts", 1, 1)
        return pa.Table.from_pylist(campaigns(acts, backbone(acts, tell), self.version), schema=CAMPAIGNS)


def campaigns(acts: Acts, tested: pl.DataFrame, version: str) -> list[dict[str, Any]]:
    """Campaigns of a backbone, the largest first."""
    pairs = _pairs(tested)
    nodes = acts.accounts.height
    group = groups(pairs["first"].to_numpy(), pairs["second"].to_numpy(), pairs["co_acts"].to_numpy(), nodes)
    pairs = pairs.with_columns(group=group[pairs["first"].to_numpy()], other=group[pairs["second"].to_numpy()])
    pairs = pairs.filter(pl.col("group") == pl.col("other")).drop("other")
    pairs = pairs.with_columns(in_step=_in_step(acts, pairs))
    found = []
    for _, its in pairs.group_by("group", maintain_order=True):
        members = np.unique(np.concatenate([its["first"].to_numpy(), its["second"].to_numpy()]))
        if len(members) >= SMALLEST:
            channels = tested.join(its.select("first", "second"), on=["first", "second"])
            found.append(_campaign(acts, its, channels, members, version))
    return sorted(found, key=lambda row: (-row["accounts"], -row["co_acts"], row["campaign"]))


def _pairs(tested: pl.DataFrame) -> pl.DataFrame:
    """Each pair once, by its widest count: of what it did in several channels only 'together' counts posts once."""
    return (
        tested.with_columns(fused=pl.col("channel") == TOGETHER)
        .sort("first", "second", "fused", "co_acts", "window", descending=[False, False, True, True, True])
        .unique(["first", "second"], keep="first", maintain_order=True)
        .select("first", "second", "co_acts", "expected", "log10p")
    )


def _in_step(acts: Acts, pairs: pl.DataFrame) -> pl.Series:
    """Whether two accounts post within seconds of each other more than their posts of the same hour explain.

    The interval jitter null of neuroscience (Amarasingham et al. 2012): whatever moves slower than an hour, the day,
    the hour, the news, is in both counts. The share is that of all posts, so that full hours are nobody's evidence.
    """
    posts = acts.posts.sort("account", "seconds")
    starts, times = starts_of(posts["account"], acts.accounts.height), posts["seconds"].to_numpy()
    first, second = (pairs[side].to_numpy() for side in ("first", "second"))
    close = coaction.near(starts, times, first, second, STEP)
    around = coaction.near(starts, times, first, second, AROUND)
    everybody = np.zeros(len(times), np.uint32)
    everything = coaction.actions(everybody, everybody, times, 1)
    share = (coaction.size(everything, STEP) + 1) / (coaction.size(everything, AROUND) + 2)
    return pl.Series(coaction.binomial_tail(close, around, np.full(len(close), share)) <= _IN_STEP)


def _campaign(acts: Acts, pairs: pl.DataFrame, channels: pl.DataFrame, members: Array, version: str) -> dict[str, Any]:
    named = acts.accounts[members]
    sides = pl.concat([pairs.select(account=side, co_acts="co_acts") for side in ("first", "second")])
    each = sides.group_by("account").agg(partners=pl.len(), co_acts=pl.col("co_acts").sum()).sort("account")
    by_channel = (
        channels.unique(["first", "second", "channel"])
        .group_by("channel")
        .len("pairs")
        .sort("pairs", "channel", descending=[True, False])
    )
    shared = _shared(acts, members)
    row = {
        "campaign": _name(named),
        "version": version,
        "accounts": len(members),
        "pairs": pairs.height,
        "dense": pairs.height / (len(members) * (len(members) - 1) / 2),
        "co_acts": int(pairs["co_acts"].sum()),
        "expected": float(pairs["expected"].sum()),
        "in_step": pairs.select(pl.col("in_step").mean()).item(),
        "first": _time(shared["at"].min()),
        "last": _time(shared["at"].max()),
        "channels": by_channel.to_dicts(),
        "members": [{**a, **b} for a, b in zip(named.to_dicts(), each.drop("account").to_dicts(), strict=True)],
        "seen": _seen(acts, shared),
        "acts": _drawn(shared, members),
    }
    return {**row, "because": _because(row)}


def _name(named: pl.DataFrame) -> str:
    keys = "\n".join(f"{platform} {account}" for platform, account, _ in named.iter_rows())
    return sha256(keys.encode()).hexdigest()[:10]


def _shared(acts: Acts, members: Array) -> pl.DataFrame:
    """What at least two members did within the widest window, the most shared first."""
    its = acts.rows.filter(pl.col("channel") == TOGETHER, pl.col("account").is_in(members.tolist()))
    near = pl.col("at") - pl.col("at").shift(1).over("object") <= max(WINDOWS)
    its = its.sort("object", "at").with_columns(near=near.fill_null(False))
    met = its.with_columns(near=pl.col("near") | pl.col("near").shift(-1).over("object").fill_null(False))
    met = met.filter(pl.col("near")).with_columns(sharers=pl.len().over("object"))
    return met.sort("sharers", "object", "at", descending=[True, False, False])


def _seen(acts: Acts, shared: pl.DataFrame) -> list[dict[str, str]]:
    posts = acts.posts[shared.head(_SHOWN)["post"].to_numpy()]
    return [
        {"platform": platform, "post_id": post, "at": at.isoformat()}
        for platform, post, at in posts.select("platform", "post_id", "at").iter_rows()
    ]


def _drawn(shared: pl.DataFrame, members: Array) -> list[dict[str, Any]]:
    """Acts to draw, by time: of the things that most members shared, whole."""
    its = shared.with_columns(
        thing=pl.col("object").rle_id(), member=pl.Series(np.searchsorted(members, shared["account"]))
    )
    if its.height > MOST_DRAWN:
        its = its.filter(pl.col("thing") < its["thing"][MOST_DRAWN])
    rows = its.select(at=pl.from_epoch("at").dt.replace_time_zone("UTC"), member="member", thing="thing")
    return rows.sort("at", "member", "thing").to_dicts()


def _time(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _because(row: dict[str, Any]) -> str:
    spread = ", ".join(f"{_CALLED[c['channel']]} ({c['pairs']} pairs)" for c in row["channels"])
    said = (
        f"{row['accounts']} accounts spread within minutes of each other, more than their volume, their hours and the "
        f"popularity of what they spread explain: {spread}; {row['co_acts']} times where chance gives "
        f"{row['expected']:.2g}"
    )
    return said + (f"; {row['in_step']:.0%} of pairs post in step" if row["in_step"] >= 0.005 else "")
