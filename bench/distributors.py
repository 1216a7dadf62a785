"""distributors: the following week's reposts held by the top 20, beside plain repost counts; plans on worlds.

The first needs the shared data folder: learned on 16 to 21 February 2017, asked on 22 to 28 February. Settings were
fixed on other days and another set. Worlds are those with numbers 20 to 29; settings were chosen on 0 to 2.
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
from bench.scan import COMMAND
from seawall.lake import Lake
from seawall.signals.contract import Facts
from seawall.signals.distributors import Spreading
from seawall.signals.distributors.home import plan_of
from seawall.signals.distributors.roles import strength

TOP, DRAWS = 20, 2000
CUT, END = datetime(2017, 2, 22, tzinfo=UTC), datetime(2017, 3, 1, tzinfo=UTC)
WORLDS = range(20, 30)
BUDGETS = (5, 10, 20)


def run() -> list[Result]:
    """The ranking on real posts where they are, and plans on worlds."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        return [*_ranking(folder / "home"), *_plans(folder)]
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


def _plans(folder: Path) -> list[Result]:
    homes = [_world(folder / str(number), number) for number in WORLDS]
    results = []
    for budget in BUDGETS:
        plans = []
        for home in homes:
            with Lake(home) as lake:
                plans.append(plan_of(lake, budget))
        for other in ("degree", "followers", "random"):
            apart = np.array([plan.following["plan"] - plan.following[other] for plan in plans])
            low, high = _bootstrap(np.arange(len(apart)), apart)
            results.append(
                Result(
                    f"network_plan_{budget}_vs_{other}",
                    float(np.mean([plan.following["plan"] for plan in plans])),
                    f"share cut in weeks that followed; apart {apart.mean():+.3f} [{low:+.3f}, {high:+.3f}]",
                    other,
                    float(np.mean([plan.following[other] for plan in plans])),
                    sizes={"so far": float(np.mean([p.cut["plan"] / p.cut[other] for p in plans]))},
                )
            )
    return results


def _world(folder: Path, number: int) -> Path:
    folder.mkdir()
    home, world = folder / "home", folder / "world"
    process(COMMAND, "wargame", world, "--seed", number, "--accounts", 1200, "--days", 28)
    process(COMMAND, "init", "--home", home)
    for name in ("lists", "rules"):
        shutil.copytree(world / name, home / name, dirs_exist_ok=True)
    process(COMMAND, "load", "x", world / "posts.jsonl.gz", "--home", home)
    process(COMMAND, "scan", "--home", home)
    return home
