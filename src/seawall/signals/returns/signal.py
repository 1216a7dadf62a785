"""Who may be back: every new or renamed account of a lake against every suspended one.

A hypothesis is over facts and nothing else: the same lake gives the same ones. It expires a month after the newest fact
about its account, unless a newer one comes. It is no finding and lists nobody: whoever reads it sees beside it whether
the account's own conduct brought something up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from seawall.records.findings import LINE
from seawall.records.terms import State
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.returns.kept import Kept, fuller
from seawall.signals.returns.known import Known
from seawall.signals.returns.posterior import Hypothesis, hypothesis
from seawall.signals.returns.profiles import gather, whole

VERSION = "1"
EXPIRES = timedelta(days=30)  # after the newest fact about the account
BEFORE = timedelta(days=30)  # an account may be made so long before the first suspension and be a return
_ABOUT = ["platform", "account_id"]


@dataclass(frozen=True, slots=True)
class Found:
    """Hypotheses above the line, likeliest first, and how many accounts were compared."""

    suspended: int
    compared: int
    expired: int
    hypotheses: tuple[Hypothesis, ...]


def suspended(facts: Facts, kept: Kept | None = None) -> pl.DataFrame:
    """Accounts that are suspended, since when: platform, account_id, at. That is whose latest state is, and whose
    profile is `kept`, unless a later state says otherwise."""
    states = (
        facts.states.filter(pl.col("post_id").fill_null("") == "", pl.col("account_id").is_not_null())
        .select(pl.col("platform").cast(pl.String), "account_id", pl.col("state").cast(pl.String), "at")
        .collect()
    )
    if kept:
        states = pl.concat(
            [states, kept.accounts().with_columns(pl.lit(State.SUSPENDED.value).alias("state"))], how="diagonal"
        )
    return (
        states.sort("at", "state")
        .group_by(_ABOUT)
        .agg(pl.col("state").last(), pl.col("at").last())
        .filter(pl.col("state") == State.SUSPENDED.value)
        .drop("state")
        .sort(_ABOUT)
    )


def newcomers(facts: Facts, gone: pl.DataFrame) -> pl.DataFrame:
    """Accounts that began about when the first was suspended or later, or changed their handle: with their newest
    fact's time. None where nobody is suspended."""
    since = gone["at"].min()
    profiles = facts.accounts.group_by(_ABOUT).agg(
        made=pl.col("created_at").min(),
        newest=pl.col("seen_at").max(),
        handles=pl.col("handle").drop_nulls().n_unique(),
    )
    posts = facts.posts.group_by(_ABOUT).agg(
        began=pl.col("at").min(), said=pl.col("at").max(), called=pl.col("handle").drop_nulls().n_unique()
    )
    everybody = profiles.join(posts, on=_ABOUT, how="full", coalesce=True).with_columns(
        first=pl.coalesce("made", "began", "newest"), newest=pl.max_horizontal("newest", "said")
    )
    renamed = pl.max_horizontal("handles", "called") > 1
    began = pl.col("first") >= (pl.lit(since) - BEFORE)
    return (
        everybody.filter((began | renamed).fill_null(False), pl.col("account_id").is_not_null())
        .join(gone.lazy().select(_ABOUT), on=_ABOUT, how="anti")
        .select(*_ABOUT, "newest")
        .sort(_ABOUT)
        .collect()
    )


def find_returns(
    facts: Facts, only: tuple[str, str] | None = None, tell: Tell = silent, kept: Kept | None = None
) -> Found:
    """Hypotheses above the line. `only` one account, by platform and id or handle: then whatever is said of it. `kept`
    are profiles of accounts that people suspended, whose facts may have expired."""
    gone = suspended(facts, kept)
    if not gone.height:
        return Found(0, 0, 0, ())
    come = _only(facts, gone, only) if only else newcomers(facts, gone)
    come, expired = (come, 0) if only else _fresh(come)
    tell("returns: reading profiles", 0, 2)
    old = gather(facts, whole(gone))
    if kept:
        old = fuller(old, kept.profiles)
    tell("returns: reading profiles", 1, 2)
    new = gather(facts, whole(come))
    tell("returns: reading profiles", 2, 2)
    known = Known(old, new)
    said = []
    for row in range(len(new)):
        said.append(hypothesis(known, new, row))
        tell("returns: comparing", row + 1, len(new))
    likely = [h for h in said if only or h.probability >= LINE]
    likely.sort(key=lambda h: (-h.probability, h.platform, h.account_id))
    return Found(gone.height, come.height, expired, tuple(likely))


def _fresh(come: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Accounts of which something was seen lately, by the newest of all; and how many have had their time."""
    if not come.height:
        return come, 0
    kept = come.filter(pl.col("newest") >= pl.col("newest").max() - EXPIRES)
    return kept, come.height - kept.height


def _only(facts: Facts, gone: pl.DataFrame, only: tuple[str, str]) -> pl.DataFrame:
    platform, name = only
    plain = name.lstrip("@").lower()
    called = pl.col("handle").str.to_lowercase() == plain
    return (
        pl.concat([frame.select(*_ABOUT, "handle") for frame in (facts.accounts, facts.posts)])
        .filter(pl.col("platform") == platform, (pl.col("account_id").str.to_lowercase() == plain) | called)
        .join(gone.lazy().select(_ABOUT), on=_ABOUT, how="anti")
        .select(_ABOUT)
        .unique()
        .sort(_ABOUT)
        .collect()
    )
