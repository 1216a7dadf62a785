"""The part each account has in spreading, by what was taken from it and what it took."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import polars as pl

from seawall.graph.compiled import Array
from seawall.signals.distributors.acts import Spreading

HALF_LIFE = 4.0  # days after which an act counts half
DAMP = 0.75  # an item passed on n times counts as n ** DAMP: one that went round once tells less of the next


class Part(StrEnum):
    """What an account is in a chain."""

    ORIGIN = "origin"  # brings what others pass on
    DISTRIBUTOR = "distributor"  # carries what others brought, and is taken from more than it takes
    REPEATER = "repeater"  # takes more than is taken from it
    NONE = "none"  # nothing was taken by it or from it


def parts(spreading: Spreading) -> pl.DataFrame:
    """One row an account, by its number: taken_from (acts of others), took, brought (items that others took), reach
    (acts that came through it, its own too) and its part."""
    size = spreading.accounts.height
    acts, chains = spreading.acts, spreading.chains
    by, of = acts["by"].to_numpy(), acts["of"].to_numpy()
    took = np.bincount(by[of >= 0], minlength=size)
    taken = np.bincount(of[of >= 0], minlength=size)
    reach = np.bincount(chains.way, minlength=size)
    first = np.zeros(size, np.int64)  # acts of others in items at whose head it stands
    ends = chains.starts[1:] - 1
    heads, alone = chains.way[ends], np.diff(chains.starts) == 1
    np.add.at(first, heads[~alone], 1)
    pairs = pl.DataFrame({"item": acts["item"], "head": heads}).filter(pl.Series(~alone)).unique()
    brought = np.bincount(pairs["head"].to_numpy(), minlength=size)
    part = np.where(
        (took == 0) & (taken == 0), Part.NONE,
        np.where(taken <= took, Part.REPEATER, np.where(first >= 2 * (reach - first), Part.ORIGIN, Part.DISTRIBUTOR)),
    )  # fmt: skip
    return spreading.accounts.with_columns(
        part=pl.Series(part.astype(str)),
        taken_from=pl.Series(taken),
        took=pl.Series(took),
        brought=pl.Series(brought),
        reach=pl.Series(reach),
    )


def act_weights(spreading: Spreading, half_life: float, damp: float = 1.0) -> Array:
    """What each act tells of the acts to come: less with age (days), and less in an item that went round much."""
    if not spreading.acts.height:
        return np.empty(0)
    acts = spreading.acts.select(
        age=(pl.col("at").max() - pl.col("at")).dt.total_seconds() / 86_400, size=pl.len().over("item")
    )
    weights = 0.5 ** (acts["age"].to_numpy() / half_life) * acts["size"].to_numpy() ** (damp - 1)
    return np.asarray(weights, np.float64)


def strength(spreading: Spreading) -> Array:
    """How much each account is likely to be taken from next: acts taken from it, weighted."""
    of = spreading.acts["of"].to_numpy()
    taken = of >= 0
    return np.bincount(of[taken], act_weights(spreading, HALF_LIFE, DAMP)[taken], minlength=spreading.accounts.height)
