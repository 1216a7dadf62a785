"""The network map: who stands in the chains of what goes through accounts above the line, and where to draw them."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa

from seawall.graph.chains import cut_by
from seawall.graph.compiled import Array
from seawall.graph.layout import places
from seawall.records.network import NETWORK
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.distributors.acts import ABOUT, Spreading
from seawall.signals.distributors.roles import parts

MOST = 10_000  # accounts that are drawn: all that have a name, then those with the largest reach
MOST_TIES = 30_000  # by acts that came over them
STEPS = 60  # stretches of time, of whole hours


class NetworkSurvey:
    """Draws the network around accounts with conduct of their own, and names nobody else."""

    name = table = "network"
    version = "1"
    of_listed = True

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        """One row an account, the largest reach first."""
        if not facts.listed.height:
            return NETWORK.empty_table()
        tell("network: chains", 0, 2)
        spreading = Spreading.of(facts)
        has_name = (
            spreading.accounts.select(ABOUT)
            .join(facts.listed.with_columns(named=True), on=ABOUT, how="left", maintain_order="left")["named"]
            .fill_null(False)
            .to_numpy()
        )
        ways = _ways(spreading, has_name)
        if not ways.height:
            return NETWORK.empty_table()
        tell("network: places", 1, 2)
        rows = _rows(spreading, ways, has_name)
        tell("network: places", 2, 2)
        return rows


def _ways(spreading: Spreading, has_name: Array) -> pl.DataFrame:
    """Every account in the way of an act that goes through a named one: act, at, who, and whom it took it from."""
    chains = spreading.chains
    through = cut_by(chains, has_name)
    lengths = np.diff(chains.starts)
    kept = np.repeat(through, lengths)
    act = np.repeat(np.arange(len(lengths)), lengths)[kept]
    who = chains.way[kept]
    last = np.ones(len(who), bool)
    last[:-1] = act[1:] != act[:-1]
    source = np.where(last, -1, np.append(who[1:], -1))
    return pl.DataFrame({"at": spreading.acts["at"].gather(act), "who": who, "of": source})


def _rows(spreading: Spreading, ways: pl.DataFrame, has_name: Array) -> pa.Table:
    reach = np.bincount(ways["who"].to_numpy(), minlength=len(has_name))
    drawn = np.lexsort((-reach, ~has_name))[: min(MOST, int((reach > 0).sum()))]
    drawn = drawn[np.argsort(-reach[drawn], kind="stable")]
    nodes = pl.DataFrame({"number": drawn}).with_row_index("row")
    ways = ways.join(nodes.select(who="number", row="row"), on="who")
    ties = _ties(ways, nodes)
    at = places(len(drawn), ties["row"].to_numpy(), ties["of"].to_numpy(), ties["acts"].to_numpy())
    part = parts(spreading)["part"]
    names = [spreading.accounts[name].gather(drawn) for name in ABOUT]
    hidden = pl.Series(~has_name[drawn])
    table = nodes.select(
        pl.col("row"),
        *(pl.when(~hidden).then(name).alias(name.name) for name in names),
        part=part.gather(drawn),
        reach=pl.Series(reach[drawn]),
        x=pl.Series(at[:, 0]),
        y=pl.Series(at[:, 1]),
    )
    takes = ties.group_by("row").agg(takes=pl.struct("of", "acts", "first").sort_by("of"))
    whole = table.join(_steps(ways), on="row", how="left").join(takes, on="row", how="left").sort("row")
    lists = [pl.col(name).fill_null(pl.lit([])) for name in ("steps", "takes")]
    return whole.with_columns(lists).drop("row").to_arrow().select(NETWORK.names).cast(NETWORK)


def _ties(ways: pl.DataFrame, nodes: pl.DataFrame) -> pl.DataFrame:
    """Who took from whom, by rows: how many acts came over it, and since when; the strongest, in order."""
    return (
        ways.join(nodes.select(of="number", source="row"), on="of")
        .group_by("row", of="source")
        .agg(acts=pl.len().cast(pl.Int32), first=pl.col("at").min())
        .sort("acts", "row", "of", descending=[True, False, False])
        .head(MOST_TIES)
        .cast({"of": pl.Int32})
    )


def _steps(ways: pl.DataFrame) -> pl.DataFrame:
    """How much came through each account in each stretch of time."""
    first, last = ways["at"].min(), ways["at"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    hours = max(1, -(-int((last - first).total_seconds() + 1) // (STEPS * 3600)))
    since = first.replace(minute=0, second=0, microsecond=0)
    step = (pl.col("at") - since).dt.total_seconds() // (hours * 3600)
    return (
        ways.group_by("row", at=since + step * timedelta(hours=hours))
        .agg(reach=pl.len().cast(pl.Int32))
        .group_by("row")
        .agg(steps=pl.struct("at", "reach").sort_by("at"))
    )
