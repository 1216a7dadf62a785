"""A synthetic stream for floods: a thousand tags, links and targets for three weeks, all drawn from one number.

Ordinary traffic has a day and a week, tags of their own hours, slow trends and regular weekly events. Organic bursts
are heavy-tailed: news that spreads for hours, goals of matches that come within two minutes. Floods are injected with
30 to 3,000 accounts; how they are made (copied texts, one program, new accounts, repeats, accounts with nothing else,
or none of it) is drawn for each. What is drawn here is an assumption of this project, not a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.records.facts import ACCOUNTS, POSTS
from seawall.signals.contract import Facts

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = 86_400
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Planted:
    """One thing that truly happened to a series."""

    series: int
    begin: float  # seconds since the stream's start
    end: float
    accounts: int
    marks: tuple[str, ...] = ()  # what its accounts do alike; floods only


@dataclass(slots=True)
class World:
    """The stream as facts, and what is true of it."""

    facts: Facts
    names: list[tuple[str, str]]  # kind and value of each series
    floods: list[Planted]
    news: list[Planted]
    goals: list[Planted]
    weeks: float
    series: int
    posts: int


@dataclass(slots=True)
class _Draw:
    rng: np.random.Generator
    at: list[Array] = field(default_factory=list)
    series: list[Array] = field(default_factory=list)
    account: list[Array] = field(default_factory=list)
    text: list[Array] = field(default_factory=list)  # 0: a text of its own; below 0: a repost
    client: list[Array] = field(default_factory=list)

    def add(self, at: Array, series: Array | int, account: Array, text: Array | int, client: Array | int) -> None:
        """Posts of one kind."""
        for column, value in ((self.series, series), (self.account, account), (self.text, text), (self.client, client)):
            column.append(np.broadcast_to(value, at.shape))
        self.at.append(at)

    def clients(self, accounts: Array) -> Array:
        """Four programs that people use; each account has one."""
        return np.searchsorted([0.45, 0.8, 0.95], (accounts * 2_654_435_761 % 1_000) / 1_000)


def world(seed: int, series: int = 1_000, days: int = 21, people: int = 20_000, floods: int = 120) -> World:
    """A stream. The same number gives the same stream."""
    rng = np.random.default_rng(seed)
    draw = _Draw(rng)
    rates = np.minimum(rng.lognormal(np.log(10), 1.6, series), 3_000)  # posts a day
    crowd = _Crowd(rng, people, series)
    _ordinary(draw, crowd, rates, days)
    news = [_news(draw, crowd, series, days) for _ in range(series * days // 350)]
    goals = _matches(draw, crowd, series, days)
    fresh = series  # new series come after those in use
    planted, born = [], crowd.born.tolist()
    for _ in range(floods):
        target = int(rng.integers(series)) if rng.random() < 0.6 else fresh
        fresh += target == fresh
        planted.append(_flood(draw, crowd, target, days, born))
    kinds = rng.choice(["hashtag", "link", "mention"], fresh, p=[0.7, 0.15, 0.15]).tolist()
    names = [(kind, f"{kind}{n}" if kind != "link" else f"site{n}.example/page") for n, kind in enumerate(kinds)]
    facts = _facts(draw, names, np.array(born))
    return World(facts, names, planted, news, goals, days / 7, series, sum(map(len, draw.at)))


class _Crowd:
    """People, how active they are, and which of them use a series."""

    def __init__(self, rng: np.random.Generator, people: int, series: int) -> None:
        self.rng, self.people = rng, people
        weight = rng.pareto(1.2, people) + 0.05
        self.upto = np.cumsum(weight / weight.sum())
        self.born = -rng.integers(30, 2_500, people)
        self.home = rng.integers(0, people, (series, 40))

    def anybody(self, count: int) -> Array:
        """Accounts by how active they are."""
        return np.minimum(np.searchsorted(self.upto, self.rng.random(count)), self.people - 1)

    def of(self, series: Array, familiar: float) -> Array:
        """For each post an account: one of the series' usual ones, or anybody."""
        usual = self.home[series, (40 * self.rng.random(len(series)) ** 2).astype(int)]
        return np.where(self.rng.random(len(series)) < familiar, usual, self.anybody(len(series)))


def _ordinary(draw: _Draw, crowd: _Crowd, rates: Array, days: int) -> None:
    rng, n = draw.rng, len(rates)
    hours = days * 24
    hour = np.arange(hours)
    shift = np.where(rng.random(n) < 0.2, rng.integers(0, 24, n), 0)  # some tags live in another time zone
    depth = rng.uniform(0.3, 0.9, n)
    shape = 1 + depth[:, None] * np.cos(2 * np.pi * (hour[None, :] - 19 - shift[:, None]) / 24)
    shape *= np.where((hour // 24) % 7 >= 5, rng.uniform(0.6, 1.5, n)[:, None], 1.0)
    trend = np.where(rng.random(n) < 0.2, rng.normal(0, 0.7, n), 0.0)
    shape *= np.exp(trend[:, None] * hour[None, :] / hours)
    weekly = np.flatnonzero(rng.random(n) < 0.05)
    for s in weekly:
        begin = rng.integers(0, 7 * 24)
        for k in range(begin, hours, 7 * 24):
            shape[s, k : k + 2] *= 8
    shape *= rng.gamma(4, 0.25, shape.shape)  # no hour is like another
    counts = rng.poisson(rates[:, None] / 24 * shape)
    series = np.repeat(np.repeat(np.arange(n), hours), counts.ravel())
    at = np.repeat(np.tile(hour, n), counts.ravel()) * 3_600 + rng.random(len(series)) * 3_600
    account = crowd.of(series, 0.7)
    draw.add(at, series, account, np.where(rng.random(len(at)) < 0.4, -1, 0), draw.clients(account))


def _moment(rng: np.random.Generator, days: int) -> float:
    """A moment after the first four days, by day rather than by night."""
    return float(rng.integers(4, days) * DAY + np.clip(rng.normal(15, 5), 0, 22) * 3_600)


def _news(draw: _Draw, crowd: _Crowd, series: int, days: int) -> Planted:
    rng = draw.rng
    target, begin = int(rng.integers(series)), _moment(rng, days)
    count = int(min(30 * (1 + rng.pareto(1.1)), 5_000))
    rise, long = rng.uniform(120, 1_800), rng.lognormal(np.log(3_600), 0.7)
    at = begin + rng.exponential(rise, count) + long * rng.pareto(1.5, count)
    at = at[at < begin + 12 * 3_600]
    account = crowd.of(np.full(len(at), target), 0.3)
    kind = rng.random(len(at))
    headline = -(10**6) - rng.integers(0, 3, len(at))  # people paste headlines, too
    text = np.where(kind < 0.6, -1, np.where(kind < 0.68, headline, 0))
    draw.add(at, target, account, text, draw.clients(account))
    return Planted(target, begin, float(at.max()), len(np.unique(account)))


def _matches(draw: _Draw, crowd: _Crowd, series: int, days: int) -> list[Planted]:
    rng, goals = draw.rng, []
    for target in rng.choice(series, max(series // 100, 1), replace=False):
        hour = rng.integers(12, 21)
        for day in range(int(rng.integers(7)), days, 7):
            for _ in range(rng.poisson(2.5)):
                begin = day * DAY + hour * 3_600 + rng.uniform(0, 6_300)
                count = int(min(60 * (1 + rng.pareto(1.2)), 3_000))
                at = begin + rng.gamma(2, 60, count)
                account = crowd.of(np.full(count, target), 0.4)
                draw.add(at, int(target), account, np.where(rng.random(count) < 0.3, -1, 0), draw.clients(account))
                goals.append(Planted(int(target), begin, float(at.max()), len(np.unique(account))))
    return goals


def _flood(draw: _Draw, crowd: _Crowd, target: int, days: int, born: list[int]) -> Planted:
    rng = draw.rng
    count = round(float(np.exp(rng.uniform(np.log(30), np.log(3_000)))))
    begin, lasts = _moment(rng, days), float(np.exp(rng.uniform(np.log(300), np.log(3_600))))
    chance = {"copies": 0.7, "client": 0.5, "born": 0.5, "again": 0.4, "only": 0.5}
    marks = tuple(mark for mark, p in chance.items() if rng.random() < p)
    first = len(born)
    made = rng.integers(0, 3, count) - rng.integers(5, 200) if "born" in marks else -rng.integers(5, 2_500, count)
    born.extend(made.tolist())
    accounts = first + np.arange(count)
    times = 1 + (rng.poisson(2.5, count) if "again" in marks else rng.poisson(0.2, count))
    account = np.repeat(accounts, times)
    at = begin + lasts * rng.random(len(account))
    at[:count] = np.where(np.arange(len(at))[:count] % 10 == 0, begin + rng.exponential(60, count), at[:count])
    own = -(10**6) - 10 * (first + rng.integers(0, rng.integers(2, 20), len(at)))
    copies = np.where(rng.random(len(at)) < rng.uniform(0.4, 1), own, 0) if "copies" in marks else 0
    text = np.where(rng.random(len(at)) < (0.1 if "copies" in marks else 0.6), -1, copies)
    client = (
        np.where(rng.random(len(at)) < rng.uniform(0.65, 1), 9, draw.clients(account))
        if "client" in marks
        else draw.clients(account)
    )
    draw.add(at, target, account, text, client)
    if "only" not in marks:  # they live like others, too
        other = np.repeat(accounts, rng.poisson(4, count))
        draw.add(
            begin + rng.uniform(-6, 0.5, len(other)) * DAY,
            rng.integers(0, len(crowd.home), len(other)),
            other,
            0,
            draw.clients(other),
        )
    return Planted(target, begin, begin + lasts, count, marks)


def _facts(draw: _Draw, names: list[tuple[str, str]], born: Array) -> Facts:
    at, series, account, text, client = map(
        np.concatenate, (draw.at, draw.series, draw.account, draw.text, draw.client)
    )
    order = np.argsort(at, kind="stable")
    order = order[at[order] >= 0]
    at, series, account, text, client = (column[order] for column in (at, series, account, text, client))
    rows = np.arange(len(at))
    value = pl.Series([value for _, value in names])[series]
    kind = pl.Series([kind for kind, _ in names])[series]
    number = pl.Series(np.where(text == 0, rows, np.abs(text))).cast(pl.String)
    said = "written here " + number.str.replace_many(list("0123456789"), list("abcdefghij"))
    frame = pl.DataFrame({"n": rows, "value": value, "in": kind, "account": account, "client": client, "text": said})
    one = pl.concat_list("value")
    none = pl.lit([], dtype=pl.List(pl.String))
    posts = frame.select(
        pl.lit("x").alias("platform"),
        pl.format("p{}", "n").alias("post_id"),
        pl.format("a{}", "account").alias("account_id"),
        pl.format("a{}", "account").alias("handle"),
        pl.Series("at", (at * 1e6).astype(np.int64) + int(START.timestamp() * 1e6)).cast(pl.Datetime("us", "UTC")),
        pl.Series("kind", np.where(text == -1, "repost", "post")),
        "text",
        *(pl.when(pl.col("in") == k).then(one).otherwise(none).alias(k + "s") for k in ("hashtag", "link", "mention")),
        pl.format("app{}", "client").alias("client"),
    )
    accounts = pl.DataFrame({"n": np.arange(len(born)), "born": born}).select(
        pl.lit("x").alias("platform"),
        pl.format("a{}", "n").alias("account_id"),
        (pl.lit(START) + pl.duration(days="born")).alias("created_at"),
    )
    return Facts(posts=_whole(posts, POSTS), accounts=_whole(accounts, ACCOUNTS))


def _whole(rows: pl.DataFrame, table: Any) -> pl.LazyFrame:
    empty = pl.DataFrame(table.schema.empty_table())
    return pl.concat([empty, rows], how="diagonal_relaxed").lazy()
