"""Newcomers at first sight: every new or renamed account as it comes, against an index of the suspended.

What is said of an account here is the same kind of hypothesis as `find_returns` gives, over what has come of it by now.
It is handed on and forgotten: nothing here remembers who was asked about, only hashes that tell who was seen before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from seawall.signals.contract import Facts
from seawall.signals.returns.kept import Kept, fuller
from seawall.signals.returns.known import Known
from seawall.signals.returns.posterior import Hypothesis, hypothesis
from seawall.signals.returns.profiles import gather, whole
from seawall.signals.returns.signal import BEFORE, newcomers, suspended

OTHERS = 5_000  # latest newcomers that tell, beside the suspended, what is common
AGAIN = (5, 20, 80, 200)  # posts of a newcomer that were seen, after which it is asked about again
YOUNG = 200_000  # newcomers whose posts are counted; those that came first are let go first
_ABOUT = ["platform", "account_id"]


class Index:
    """The suspended accounts of a moment, ready to be compared with."""

    def __init__(self, facts: Facts, kept: Kept | None = None) -> None:
        self.gone = suspended(facts, kept)
        self.accounts = frozenset(hash(row) for row in self.gone.select(_ABOUT).iter_rows())
        first = self.gone["at"].min()
        self.since = first - BEFORE if isinstance(first, datetime) else None
        self._known: Known | None = None
        if self.gone.height:
            old = gather(facts, whole(self.gone))
            come = newcomers(facts, self.gone).sort("newest").tail(OTHERS)
            self._known = Known(fuller(old, kept.profiles) if kept else old, gather(facts, whole(come)))

    def asked(self, facts: Facts, accounts: Sequence[tuple[str, str]]) -> list[Hypothesis]:
        """Hypotheses about accounts over these facts; none where nobody is suspended."""
        if not self._known or not accounts:
            return []
        new = gather(facts, whole(pl.DataFrame(list(accounts), schema=dict.fromkeys(_ABOUT, pl.String), orient="row")))
        return [hypothesis(self._known, new, row) for row in range(len(new))]


class Due(NamedTuple):
    """Who is to be asked about: at first sight, over what came just now; and again, over all that is known."""

    first: list[tuple[str, str]]
    again: list[tuple[str, str]]


class Seen:
    """Which accounts were seen before, under which handle, and how much newcomers have posted: hashes and numbers."""

    def __init__(self) -> None:
        self._handles: dict[int, int] = {}
        self._young: dict[int, int] = {}

    def learn(self, facts: Facts) -> None:
        """Accounts that are no newcomers: they were there before this began to look."""
        for platform, account, handle, *_ in _shown(facts).iter_rows():
            self._handles[hash((platform, account))] = hash(handle) if handle else 0

    def due(self, come: Facts, index: Index, *, counted: bool = True) -> Due:
        """Whom of those that came to ask about. `counted`: these posts were not given before."""
        first: list[tuple[str, str]] = []
        again: list[tuple[str, str]] = []
        for platform, account, handle, began, posts in _shown(come).iter_rows():
            key, spelt = hash((platform, account)), hash(handle) if handle else 0
            if key in index.accounts:
                continue
            if key not in self._handles:
                self._handles[key] = spelt
                if index.since and began and began >= index.since:
                    first.append((platform, account))
                    self._young[key] = posts
            elif spelt and self._handles[key] != spelt:
                renamed, self._handles[key] = self._handles[key] != 0, spelt
                if renamed:
                    again.append((platform, account))
                    self._young.setdefault(key, 0)
            elif counted and key in self._young:
                before, self._young[key] = self._young[key], self._young[key] + posts
                if any(before < enough <= before + posts for enough in AGAIN):
                    again.append((platform, account))
        while len(self._young) > YOUNG:
            del self._young[next(iter(self._young))]
        return Due(first, again)


def _shown(facts: Facts) -> pl.DataFrame:
    """Each account with its last handle, when it began as far as these facts tell, and its posts among them."""
    profiles = facts.accounts.select(
        *_ABOUT, "handle", "seen_at", began=pl.coalesce("created_at", "seen_at"), posts=pl.lit(0)
    )
    posts = facts.posts.select(*_ABOUT, "handle", seen_at="at", began="at", posts=pl.lit(1))
    made: Any = facts.accounts.group_by(_ABOUT).agg(made=pl.col("created_at").min())
    return (
        pl.concat([profiles, posts])
        .filter(pl.col("account_id").is_not_null())
        .sort("seen_at")
        .group_by(_ABOUT, maintain_order=True)
        .agg(pl.col("handle").drop_nulls().last(), pl.col("began").min(), pl.col("posts").sum())
        .join(made, on=_ABOUT, how="left", maintain_order="left")
        .select(*_ABOUT, "handle", pl.coalesce("made", "began"), "posts")
        .collect()
    )
