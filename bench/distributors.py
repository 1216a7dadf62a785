"""distributors: the following week's reposts held by the top 20, beside plain repost counts.

Needs the shared data folder: learned on 16 to 21 February 2017, asked on 22 to 28 February. Settings were fixed on
other days and another set.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.load import LOAD
from bench.payloads import REAL
from bench.report import Result, process
from seawall.lake import Lake
from seawall.signals.contract import Facts
from seawall.signals.distributors import Spreading
from seawall.signals.distributors.roles import strength

TOP, DRAWS = 20, 2000
CUT, END = datetime(2017, 2, 22, tzinfo=UTC), datetime(2017, 3, 1, tzinfo=UTC)


def run() -> list[Result]:
    """The ranking on real posts, where they are."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        return _ranking(folder / "home")
    finally:
        shutil.rmtree(folder)


def _ranking(home: Path) -> list[Result]:
    if not REAL.exists():
        print("distributors: the ranking needs the shared data folder; not measured")
        return []
    process(LOAD, home, REAL)
    with Lake(home) as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").filter(pl.col("at") < END).collect()
    before = posts.filter(pl.col("at") < CUT)
    reposts = posts.filter(pl.col("kind") == "repost").drop_nulls("of_account_id")
    past, coming = reposts.filter(pl.col("at") < CUT), reposts.filter(pl.col("at") >= CUT)
    found = Spreading.of(Facts(before.lazy()))
    best = np.argsort(-strength(found), kind="stable")[:TOP]
    ours = found.accounts[best.tolist()]["account_id"].to_list()
    share, plain = _held(coming, ours), _held(coming, _most(past))
    _, group = np.unique(coming["account_id"].to_numpy(), return_inverse=True)
    apart = _bootstrap(group, share.astype(float) - plain)
    return [
        Result(
            "distributors_top20_following_week",
            float(share.mean()),
            f"share; apart {share.mean() - plain.mean():+.4f} [{apart[0]:+.4f}, {apart[1]:+.4f}]",
            "plain repost counts",
            float(plain.mean()),
            sizes={"oracle": float(_held(coming, _most(coming)).mean()), "reposts": float(coming.height)},
        )
    ]


def _most(reposts: pl.DataFrame) -> list[str]:
    counts = reposts.group_by("of_account_id").len().sort("len", "of_account_id", descending=True)
    return counts.head(TOP)["of_account_id"].to_list()


def _held(reposts: pl.DataFrame, names: list[str]) -> npt.NDArray[np.bool_]:
    return reposts["of_account_id"].is_in(names).to_numpy()


def _bootstrap(group: npt.NDArray[np.int64], apart: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The 95% interval of a mean, by accounts drawn with all their reposts."""
    sums, sizes = np.bincount(group, apart), np.bincount(group)
    draw = np.random.default_rng(7)
    means = []
    for _ in range(DRAWS):
        drawn = draw.integers(0, len(sums), len(sums))
        means.append(sums[drawn].sum() / sizes[drawn].sum())
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
