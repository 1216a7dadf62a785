"""A network plan: the K accounts whose joint removal would cut most of what goes through a network.

Only given accounts are chosen from, those with conduct of their own. Choosing is joint: an account whose acts all come
through one chosen already is not chosen. What it would cut is foretold from what plans made earlier would have cut in
the week that followed, as if everybody else went on as before. They would not: material finds other ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from scipy.special import ndtri, stdtrit

from seawall.graph.chains import cover, cut_by
from seawall.graph.compiled import Array
from seawall.signals.distributors.acts import ABOUT, Spreading
from seawall.signals.distributors.roles import act_weights, parts

WEEK = timedelta(days=7)
HALF_LIFE = 14.0  # days after which an act counts half when accounts are chosen
AGAIN = 0.5  # what an act that is cut already counts for the next account
DRAWS = 1000
FEWEST_WEEKS = 5  # with fewer, the interval is over items, not weeks
RANDOM_PLANS = 50
METHODS = ("plan", "degree", "followers", "random")


@dataclass(frozen=True, slots=True)
class Listed:
    """One account of a plan."""

    platform: str
    account_id: str
    handle: str | None
    part: str
    reach: int  # acts that came through it, its own too
    adds: float  # share of the network's acts that it cuts beside those before it


@dataclass(frozen=True, slots=True)
class Forecast:
    """The share of the following week's acts that the plan would cut, and the interval that holds 95% of such weeks."""

    value: float
    low: float
    high: float
    weeks: int  # that an earlier plan was tried on
    over: str  # what the interval is drawn over: 'weeks' or 'items'


@dataclass(frozen=True, slots=True)
class Plan:
    """What to remove together, and what that would do."""

    budget: int
    candidates: int  # accounts with conduct of their own that are part of the spreading
    acts: int  # of spreading that go through candidates: the network's reach
    acts_of_all: int  # of spreading in the lake
    listed: tuple[Listed, ...]
    cut: dict[str, float]  # method -> share of the network's acts so far that it would have cut
    following: dict[str, float]  # method -> share of the following weeks' acts that its earlier plans would have cut
    forecast: Forecast | None  # None where there are not two weeks to learn from


def plan(spreading: Spreading, candidates: pl.DataFrame, followers: pl.DataFrame, budget: int, seed: int = 7) -> Plan:
    """The best accounts to remove together. `candidates` names accounts by platform and account_id, `followers` adds
    how many an account has. The same facts give the same plan."""
    numbered = spreading.accounts.with_row_index("number").join(candidates.unique(), on=ABOUT, how="semi")
    allowed = np.zeros(spreading.accounts.height, bool)
    allowed[numbered["number"].to_numpy()] = True
    known = spreading.accounts.join(followers, on=ABOUT, how="left", maintain_order="left")
    audience = known["followers"].fill_null(0).to_numpy()
    chosen = choices(spreading, allowed, audience, budget, seed)
    its = cut_by(spreading.chains, allowed)
    whole = int(its.sum())
    table = parts(spreading)
    tried = list(_tried(spreading, allowed, audience, budget, seed))
    return Plan(
        budget=budget,
        candidates=numbered.height,
        acts=whole,
        acts_of_all=spreading.acts.height,
        listed=tuple(_listed(spreading, table, chosen["plan"][0], whole)),
        cut={method: _share(spreading, plans, its) for method, plans in chosen.items()},
        following=_following(tried),
        forecast=_forecast(tried, seed),
    )


def _listed(spreading: Spreading, table: pl.DataFrame, picked: Array, whole: int) -> Iterator[Listed]:
    removed = np.zeros(table.height, bool)
    before = 0
    for number in picked:
        removed[number] = True
        now = int(cut_by(spreading.chains, removed).sum())
        row = table.row(int(number), named=True)
        yield Listed(
            row["platform"], row["account_id"], row["handle"], row["part"], row["reach"], (now - before) / whole
        )
        before = now


def choices(spreading: Spreading, allowed: Array, audience: Array, budget: int, seed: int) -> dict[str, list[Array]]:
    """What each method would remove; chance is asked many times."""
    picked = cover(spreading.chains, act_weights(spreading, HALF_LIFE), allowed, budget, AGAIN)
    pairs = spreading.acts.select("by", "of").filter(pl.col("of") >= 0).unique()
    degree = np.bincount(pairs["by"].to_numpy(), minlength=len(allowed))
    degree += np.bincount(pairs["of"].to_numpy(), minlength=len(allowed))
    draw = np.random.default_rng(seed)
    names = np.flatnonzero(allowed)
    few = min(budget, len(names))
    return {
        "plan": [picked],
        "degree": [_top(degree, allowed, budget)],
        "followers": [_top(audience, allowed, budget)],
        "random": [draw.choice(names, few, replace=False) for _ in range(RANDOM_PLANS if few else 0)],
    }


def _top(score: Array, allowed: Array, budget: int) -> Array:
    names = np.flatnonzero(allowed)
    return names[np.argsort(-score[names], kind="stable")[:budget]]


def _cut(spreading: Spreading, removed: Array) -> Array:
    flags = np.zeros(spreading.accounts.height, bool)
    flags[removed] = True
    return cut_by(spreading.chains, flags)


def _share(spreading: Spreading, plans: list[Array], its: Array) -> float:
    whole = its.sum()
    return float(np.mean([_cut(spreading, removed).sum() / whole for removed in plans])) if whole and plans else 0.0


@dataclass(frozen=True, slots=True)
class _Week:
    """Plans made before a week, and what they would have cut in it."""

    item: Array  # of the network's acts in the week
    cut: dict[str, list[Array]]  # method -> for each of its plans, which of these acts


def _tried(spreading: Spreading, allowed: Array, audience: Array, budget: int, seed: int) -> Iterator[_Week]:
    for start in _weeks(spreading):
        chosen = choices(spreading.between(None, start), allowed, audience, budget, seed)
        week = spreading.between(start, start + WEEK)
        its = cut_by(week.chains, allowed)
        if its.any() and len(chosen["plan"][0]):
            cut = {method: [_cut(week, removed)[its] for removed in plans] for method, plans in chosen.items()}
            yield _Week(week.acts["item"].to_numpy()[its], cut)


def _weeks(spreading: Spreading) -> Iterator[datetime]:
    """Where weeks begin, counted back from the newest act, each with acts before it."""
    if not spreading.acts.height:
        return
    times = spreading.acts["at"]
    first, last = times.min(), times.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    start = last + timedelta(microseconds=1) - WEEK
    while start > first:
        yield start
        start -= WEEK


def _following(tried: list[_Week]) -> dict[str, float]:
    acts = sum(len(week.item) for week in tried)
    if not acts:
        return {}
    return {
        method: float(sum(np.mean([cut.sum() for cut in week.cut[method]]) for week in tried) / acts)
        for method in METHODS
    }


def _forecast(tried: list[_Week], seed: int) -> Forecast | None:
    """Earlier plans' share, and where a coming week's falls: bootstrap of one week and of the mean that foretells it,
    over weeks, or with few weeks over items within them."""
    if not tried:
        return None
    if len(tried) >= FEWEST_WEEKS:
        groups, over = np.repeat(np.arange(len(tried)), [len(week.item) for week in tried]), "weeks"
    else:
        tops = np.cumsum([0] + [int(week.item.max()) + 1 for week in tried])
        groups, over = np.concatenate([week.item + top for week, top in zip(tried, tops, strict=False)]), "items"
    cut = np.concatenate([week.cut["plan"][0] for week in tried])
    _, group = np.unique(groups, return_inverse=True)
    its, all_of = np.bincount(group, cut), np.bincount(group)
    draw, mean = np.random.default_rng(seed), float(cut.mean())

    def shares(count: int) -> Array:
        times = draw.multinomial(count, np.full(len(its), 1 / len(its)), DRAWS)
        return np.asarray((times @ its) / (times @ all_of))

    week = max(1, round(len(its) / len(tried)))  # weeks, or items of a week
    apart = _stretched(len(its)) * (shares(week) - shares(len(its)))
    low, high = (float(end) for end in np.quantile(mean + apart, (0.025, 0.975)))
    return Forecast(mean, max(0.0, min(low, mean)), min(1.0, max(high, mean)), len(tried), over)


def _stretched(drawn_from: int) -> float:
    """How much wider than the bootstrap's an interval must be that was learned from so few (Student's t)."""
    if drawn_from < 2:
        return 1.0
    least = drawn_from - 1
    return float(np.sqrt(drawn_from / least) * stdtrit(least, 0.975) / ndtri(0.975))
