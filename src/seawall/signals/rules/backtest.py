"""Back-test: what a rule would have matched in the lake, had it been there.

Reads the lake at one version, a stretch at a time; memory does not grow with the lake, but by twelve bytes an account
that matches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

import polars as pl
import pyarrow.parquet as pq

from seawall.lake.snapshot import Snapshot
from seawall.records.labels import Label
from seawall.signals.contract import Tell, silent
from seawall.signals.rules.files import Rule
from seawall.signals.rules.lists import NamedList
from seawall.signals.rules.parts import Part, Parts
from seawall.signals.rules.scoring import enough
from seawall.signals.rules.signal import NEEDED, RulesSignal

_STRETCH = 50_000  # posts
_ACCOUNT = ["platform", "account_id"]
_SEED = 20_160_101  # of the hash that draws the sample


@dataclass(frozen=True, slots=True)
class Sampled:
    """A matching post, drawn by chance; always the same ones of the same lake."""

    platform: str
    account_id: str
    handle: str | None
    post_id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Accounts that this rule would list among those that people decided about."""

    decided: int  # accounts with a decision that holds
    found: int  # of these, how many the rule finds
    taken_back: int  # accounts whose decision was taken back, which the rule finds: each speaks against it


@dataclass(slots=True)
class Backtest:
    """What a rule would have done."""

    rule: str
    version: int
    lake_version: int
    posts: int = 0
    matches: int = 0
    accounts: int = 0  # that match
    found: int = 0  # accounts with matches enough to be listed
    days: dict[date, int] = field(default_factory=dict)  # matches a day, in order of time; days without any left out
    undated: int = 0
    busiest_hour: int = 0  # matches in the fullest hour, beside the quota
    quota: int = 0
    sample: list[Sampled] = field(default_factory=list)
    overlap: Overlap = field(default_factory=lambda: Overlap(0, 0, 0))
    any_of: bool = False  # whether any of its conditions will do
    conditions: list[Part] = field(default_factory=list)  # none where it has but one

    def as_dict(self) -> dict[str, object]:
        """The form that `seawall rules backtest --json` prints."""
        days = {day.isoformat(): count for day, count in self.days.items()}
        sample = [{**asdict(post), "at": post.at.isoformat() if post.at else None} for post in self.sample]
        whole = {name: getattr(self, name) for name in ("rule", "version", "lake_version", "posts", "matches")}
        more = {name: getattr(self, name) for name in ("accounts", "found", "undated", "busiest_hour", "quota")}
        parts = {"any_of": self.any_of, "conditions": [asdict(part) for part in self.conditions]}
        return {**whole, **more, "days": days, "sample": sample, "overlap": asdict(self.overlap), **parts}


def backtest(
    snapshot: Snapshot,
    rule: Rule,
    lists: Mapping[str, NamedList],
    decided: Sequence[Label] = (),
    most: int = 20,
    tell: Tell = silent,
) -> Backtest:
    """Run one rule, whatever its state, over the whole lake. `most` posts are drawn as a sample."""
    signal = RulesSignal([rule], lists)
    said = Backtest(rule.id, rule.version, snapshot.version, quota=rule.quota)
    tally, parts, total = _Tally(decided, most), Parts(rule.where, rule.predicate), snapshot.rows("posts")
    for posts in _stretches(snapshot):
        tell("back-test", said.posts, total)
        hits = signal.hits(posts)
        tally.add(signal.match(posts, hits))
        parts.add(posts, hits)
        said.posts += posts.height
    tell("back-test", total, total)
    said.any_of, said.conditions = parts.any_of, parts.counted()
    return tally.into(said, enough(rule.posts, rule.weight))


def _stretches(snapshot: Snapshot) -> Iterator[pl.DataFrame]:
    for path in snapshot.files("posts"):
        with pq.ParquetFile(path) as file:
            for part in file.iter_batches(_STRETCH, columns=NEEDED):
                yield pl.DataFrame(part)


class _Tally:
    """What is kept of the matches as they pass."""

    def __init__(self, decided: Sequence[Label], most: int) -> None:
        self._most = most
        self._days: Counter[date | None] = Counter()
        self._hours: Counter[datetime | None] = Counter()
        self._counts = pl.DataFrame(schema={"account": pl.UInt64, "len": pl.UInt32})  # matches by account's hash
        self._sample = pl.DataFrame()
        self._live, self._gone = ({_named(d) for d in decided if d.live is live} for live in (True, False))
        self._labelled: dict[int, tuple[str, str, str | None]] = {}  # matching accounts that somebody decided about

    def add(self, matched: pl.DataFrame) -> None:
        """Take in the matches of a stretch."""
        if not matched.height:
            return
        self._days.update(dict(matched.group_by(pl.col("at").dt.date()).len().iter_rows()))
        self._hours.update(dict(matched.group_by(pl.col("at").dt.truncate("1h")).len().iter_rows()))
        hashed = matched.with_columns(
            account=pl.struct(_ACCOUNT).hash(_SEED), drawn=pl.struct("platform", "post_id").hash(_SEED)
        )
        parts = [self._counts, hashed.group_by("account").len()]
        self._counts = pl.concat(parts).group_by("account").agg(pl.col("len").sum())
        drawn = hashed.select("drawn", *_ACCOUNT, "handle", "post_id", "at").bottom_k(self._most, by="drawn")
        self._sample = (
            pl.concat([self._sample, drawn]).bottom_k(self._most, by="drawn") if self._sample.height else drawn
        )
        if self._live or self._gone:
            for account, platform, number, handle in hashed.select("account", *_ACCOUNT, "handle").unique().iter_rows():
                if self._names(platform, number, handle) & (self._live | self._gone):
                    self._labelled[account] = platform, number, handle

    def into(self, said: Backtest, posts: int) -> Backtest:
        """The result, for a rule that lists an account for so many matching posts."""
        said.matches = self._days.total()
        said.undated = self._days.pop(None, 0)
        said.days = {day: self._days[day] for day in sorted(day for day in self._days if day)}
        said.busiest_hour = max((count for hour, count in self._hours.items() if hour), default=0)
        said.accounts = self._counts.height
        listed = self._counts.filter(pl.col("len") >= posts)["account"]
        said.found = listed.len()
        said.sample = (
            [Sampled(*row[1:]) for row in self._sample.sort("drawn").iter_rows()] if self._sample.height else []
        )
        said.overlap = self._overlap(set(listed) & set(self._labelled) if self._labelled else set())
        return said

    def _overlap(self, found: set[int]) -> Overlap:
        named = [self._names(*self._labelled[account]) for account in found]
        held = sum(bool(names & self._live) for names in named)
        gone = sum(bool(names & self._gone) and not names & self._live for names in named)
        return Overlap(len(self._live), held, gone)

    def _names(self, platform: str, account: str, handle: str | None) -> set[tuple[str, str]]:
        return {(platform, name.casefold()) for name in (account, handle) if name}


def _named(label: Label) -> tuple[str, str]:
    return label.platform, label.account.casefold()
