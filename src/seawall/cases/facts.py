"""What the lake knows about one account, for the people who work on its case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from seawall.evidence.services import Captured
from seawall.lake import Lake
from seawall.lake.snapshot import Snapshot
from seawall.ledger import home

MOST_NEIGHBOURS = 24
_SPREADING = ("repost", "quote", "reply", "mention", "follow")


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another account that this one's posts tie it to: how, and how often. It is not scored."""

    account: str
    kind: str
    times: int


@dataclass(frozen=True, slots=True)
class Day:
    """What the account posted on a day."""

    day: str
    posts: int
    reposts: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The account's surroundings: ties outward, strongest first, and its days."""

    neighbours: tuple[Neighbour, ...]
    days: tuple[Day, ...]


def profile(platform: str, account_id: str) -> dict[str, Any] | None:
    """The newest profile of an account; None where the lake has none any more."""
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        rows = _of(snapshot, "accounts", platform, account_id).sort("seen_at", descending=True).head(1).collect()
    return rows.to_dicts()[0] if rows.height else None


def posts(platform: str, account_id: str, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """The account's own posts with these ids, oldest first; those that expired are missing."""
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        rows = _of(snapshot, "posts", platform, account_id).filter(pl.col("post_id").is_in(list(wanted)))
        return rows.sort("at", "post_id").collect().to_dicts()


def latest_posts(
    platform: str, account_id: str, before: datetime | None = None, count: int = 30
) -> list[dict[str, Any]]:
    """The account's newest posts, newest first; `before` goes on from an earlier page. No second is cut in two."""
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        rows = _of(snapshot, "posts", platform, account_id)
        if before is not None:
            rows = rows.filter(pl.col("at") < before)
        newest = rows.sort("at", "post_id", descending=True).collect()
        if newest.height > count:
            newest = newest.filter(pl.col("at") >= newest["at"][count - 1])
        return newest.to_dicts()


def media_of(platform: str, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """Media of posts, as the platform named them, and `words` read in a picture; the files are not fetched."""
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        ours = (pl.col("platform") == platform) & pl.col("post_id").is_in(list(wanted))
        rows = snapshot.scan("media").filter(ours).select("post_id", "media_id", "kind", "url", "alt_text")
        read = snapshot.scan("pictures").filter(ours, pl.col("text") != "")
        words = read.group_by("post_id", "media_id").agg(words=pl.col("text").unique().sort().str.join("\n"))
        return rows.join(words, on=["post_id", "media_id"], how="left").collect().to_dicts()


def picture(platform: str, account_id: str) -> Picture:
    """Whom the account reposts, quotes, answers, mentions and follows most, and how much it posts a day."""
    with Lake(home()) as lake, lake.snapshot() as snapshot:
        ties = (
            snapshot.scan("ties")
            .filter(pl.col("platform") == platform, pl.col("from_id") == account_id, pl.col("kind").is_in(_SPREADING))
            .group_by(pl.coalesce("to_handle", "to_id").alias("account"), "kind")
            .len("times")
            .filter(pl.col("account").is_not_null())
            .sort("times", "account", descending=[True, False])
            .head(MOST_NEIGHBOURS)
            .collect()
        )
        days = (
            _of(snapshot, "posts", platform, account_id)
            .group_by(pl.col("at").dt.date().cast(pl.String).alias("day"))
            .agg(posts=(pl.col("kind") != "repost").sum(), reposts=(pl.col("kind") == "repost").sum())
            .sort("day")
            .collect()
        )
    return Picture(
        tuple(Neighbour(**row) for row in ties.to_dicts()),
        tuple(Day(**row) for row in days.to_dicts()),
    )


def return_profile(platform: str, account_id: str) -> bytes:
    """What would tell the account's return: hashes and spellings, no text. Empty where no post of it is known."""
    from seawall.signals.contract import Facts  # noqa: PLC0415 - compiled loops take a second to import
    from seawall.signals.returns import profile_of  # noqa: PLC0415

    with Lake(home()) as lake, lake.snapshot() as snapshot:
        return profile_of(Facts.of(snapshot), platform, account_id)


def to_seal(platform: str, account_id: str, wanted: Iterable[str]) -> list[Captured]:
    """What a proposal rests on, as things to seal: the profile, and the account's own posts with these ids.

    Words read in a post's pictures are sealed with it, apart from its text.
    """
    wanted = list(wanted)
    read: dict[str, list[dict[str, Any]]] = {}
    for item in media_of(platform, wanted):
        if item["words"]:
            read.setdefault(item["post_id"], []).append({name: item[name] for name in ("media_id", "url", "words")})
    things = [
        Captured("post", platform, account_id, post_id, {**post, **({"pictures": its} if its else {})})
        for post in posts(platform, account_id, wanted)
        for post_id in [str(post["post_id"])]
        for its in [read.get(post_id)]
    ]
    known = profile(platform, account_id)
    return [*([Captured("profile", platform, account_id, "", known)] if known and things else []), *things]


def _of(snapshot: Snapshot, table: str, platform: str, account_id: str) -> pl.LazyFrame:
    return snapshot.scan(table).filter(pl.col("platform") == platform, pl.col("account_id") == account_id)
