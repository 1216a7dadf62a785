"""Which pairs co-act more than chance allows: the backbone of coordination.

Two questions are asked of a pair, in each channel and window.

1. *Would two accounts this busy, at these hours, meet so often?* All co-acts of an hour of the day are dealt out to
   pairs by how much each account acts in that hour (a bipartite configuration model by hour; an account's hours are
   drawn to everybody's by ten acts). The count is held against a Poisson number of that mean.
2. *Given what both spread within three hours, would they be so close?* Of the pairs who spread a thing of this
   popularity within three hours of each other, some are within the window anyhow; how many is told by the pairs that
   did not pass the first question (an empirical null: Efron 2004). So taste, topic, the hours of the day and popularity
   are no evidence: only being closer than these hours explain is. Binomial tail.

Benjamini and Hochberg (1995) over all pairs that could have met for the first, over those that pass for the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.graph import coaction
from seawall.signals.contract import Tell, silent
from seawall.signals.coordination.acts import CHANNELS, TOGETHER, Acts, starts_of

Array = npt.NDArray[Any]
WINDOWS = (60, 300)  # seconds
AROUND = 3 * 3600  # what is close is held against what is within so many seconds
LEAST = 3  # co-acts of a pair
RATE = 0.01  # false discoveries among the pairs that are kept
_OWN_HOURS = 10.0  # acts that everybody's hours weigh


@dataclass(frozen=True, slots=True)
class Null:
    """What co-acts of a channel would be by chance."""

    means: Array  # expected co-acts of each pair
    surprise: Array  # log10 of the chance of so many, by volume and hours


def backbone(acts: Acts, tell: Tell = silent) -> pl.DataFrame:
    """Pairs that pass both questions: first, second, channel, window, co_acts, expected, log10p, in order."""
    names = (*CHANNELS, TOGETHER)
    found = []
    for done, name in enumerate(names):
        tell("coordination: pairs", done, len(names))
        its = acts.channel(name)
        if len(its):
            found += [_tested(its, name, window, len(names) * len(WINDOWS)) for window in WINDOWS]
    tell("coordination: pairs", len(names), len(names))
    schema = {
        "first": pl.UInt32, "second": pl.UInt32, "channel": pl.String, "window": pl.Int64,
        "co_acts": pl.Int64, "expected": pl.Float64, "log10p": pl.Float64,
    }  # fmt: skip
    return pl.concat([pl.DataFrame(schema=schema), *found]).sort("first", "second", "channel", "window")


def _tested(its: coaction.Actions, channel: str, window: int, questions: int) -> pl.DataFrame:
    pairs = coaction.pairs(its, window, LEAST)
    null = by_volume(its, pairs)
    busy = np.bincount(its.who, minlength=its.accounts)
    able = int((busy >= LEAST).sum())  # nobody else could have been found
    kept = np.flatnonzero(_discoveries(null.surprise, questions * able * (able - 1) / 2))
    close = by_timing(its, pairs, kept, window)
    kept = kept[_discoveries(close, len(kept) * questions)]
    return pl.DataFrame(
        {
            "first": pairs.first[kept],
            "second": pairs.second[kept],
            "channel": pl.repeat(channel, len(kept), eager=True),
            "window": pl.repeat(window, len(kept), dtype=pl.Int64, eager=True),
            "co_acts": pairs.weight[kept],
            "expected": null.means[kept],
            "log10p": null.surprise[kept],
        }
    )


def by_volume(its: coaction.Actions, pairs: coaction.Pairs) -> Null:
    """The first question, for each pair."""
    wanted = np.unique(np.concatenate([pairs.first, pairs.second]))
    hour = ((its.when % 86_400) // 3600).astype(np.int64)
    all_hours = np.bincount(hour, minlength=24).astype(np.float64)
    at = np.searchsorted(wanted, its.who)
    of = np.minimum(at, max(len(wanted) - 1, 0))
    mine = wanted[of] == its.who if len(wanted) else np.zeros(len(its), bool)
    own = np.bincount(of[mine] * 24 + hour[mine], minlength=len(wanted) * 24).reshape(-1, 24).astype(np.float64)
    volume = own.sum(axis=1, keepdims=True)
    drawn = volume * (own + _OWN_HOURS * all_hours / all_hours.sum()) / (volume + _OWN_HOURS)
    share = drawn / np.maximum(all_hours, 1.0)
    first, second = np.searchsorted(wanted, pairs.first), np.searchsorted(wanted, pairs.second)
    means = np.zeros(len(pairs))
    for h in range(24):  # column by column: pairs may be many
        means += 2.0 * pairs.hours[h] * share[first, h] * share[second, h]
    return Null(means, coaction.poisson_tail(pairs.weight, means))


def by_timing(its: coaction.Actions, pairs: coaction.Pairs, kept: Array, window: int) -> Array:
    """The second question, for the pairs that passed the first: log10 of the chance of being so close so often."""
    first, second = pairs.first[kept], pairs.second[kept]
    sharers = np.bincount(its.what).astype(np.int64)
    order = np.lexsort((its.what, its.who))
    objects, times = its.what[order].astype(np.int64), its.when[order]
    starts = starts_of(pl.Series(its.who[order]), its.accounts)
    size = np.floor(2 * np.log2(sharers)).astype(np.int64)  # 2, 3, 4 to 5, 6 to 7, 8 to 11 sharers and so on
    close, around = (
        np.bincount(
            size,
            weights=coaction.close(its, seconds)
            - coaction.made_by(starts, objects, times, first, second, seconds, len(sharers)),
        )
        for seconds in (window, AROUND)
    )
    chance = ((close + 1) / (around + 2))[size]
    met, mean = coaction.together(starts, objects, times, first, second, AROUND, chance)
    return coaction.binomial_tail(pairs.weight[kept], met, mean)


def _discoveries(log10p: Array, tests: float) -> npt.NDArray[np.bool_]:
    """Benjamini and Hochberg: marks what is kept."""
    if not len(log10p):
        return np.zeros(0, bool)
    order = np.argsort(log10p, kind="stable")
    lines = np.log10(RATE * np.arange(1, len(order) + 1) / max(tests, 1.0))
    below = np.flatnonzero(log10p[order] <= lines)
    marked = np.zeros(len(log10p), bool)
    if len(below):
        marked[order[: below[-1] + 1]] = True
    return marked
