"""network_plan: what plans cut in a week that came after them, on synthetic worlds, and how often the forecast held it.

Each world's posts before its last week are loaded and scanned, and the plan is made. Then the last week comes. The plan
is held against what degree, followers and chance would have removed on the same day, and the share that it really cut
against its interval. In short worlds the interval is drawn over items, in long ones over weeks. It supposes what the
plan supposes: that everybody else goes on as before. In these worlds they do. Worlds 40, 41 and 46 were looked at.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from bench.report import Result
from bench.wargame import copy_rules, interval
from seawall.graph.chains import cut_by
from seawall.lake import Lake
from seawall.signals.contract import Facts
from seawall.signals.distributors import Spreading
from seawall.signals.distributors.acts import ABOUT
from seawall.signals.distributors.home import followers_of, plan_of
from seawall.signals.distributors.plan import METHODS, WEEK, Forecast, choices
from seawall.signals.home import signals_of
from seawall.signals.rules import RulesSignal
from seawall.signals.scan import listed, scan
from seawall.sources.loading import load
from seawall.sources.x import XSource
from seawall.wargame import build

SHORT, LONG = range(20, 30), range(74, 89)  # worlds' numbers
DAYS = {"items": 28, "weeks": 56}
BUDGETS = (5, 10, 20)
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Week:
    """What came true of one plan."""

    forecast: Forecast
    cut: dict[str, float]  # method -> share of the week's acts through accounts that could be listed

    @property
    def held(self) -> bool:
        """Whether the interval held what came."""
        return self.forecast.low <= self.cut["plan"] <= self.forecast.high


def run() -> list[Result]:
    """Shares cut beside each other method's, and coverage of the interval."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    weeks: dict[str, dict[int, list[Week]]] = {over: {budget: [] for budget in BUDGETS} for over in DAYS}
    try:
        for over, numbers in (("items", SHORT), ("weeks", LONG)):
            for number in numbers:
                for budget, week in played(folder / str(number), number, DAYS[over]).items():
                    weeks[over][budget].append(week)
                shutil.rmtree(folder / str(number))
    finally:
        shutil.rmtree(folder)
    both = {budget: weeks["items"][budget] + weeks["weeks"][budget] for budget in BUDGETS}
    return [
        *(_against(budget, other, both[budget]) for budget in BUDGETS for other in METHODS[1:]),
        *(_coverage(over, budget, its) for over in DAYS for budget, its in weeks[over].items()),
    ]


def played(folder: Path, number: int, days: int) -> dict[int, Week]:
    """A world up to its last week, the plans of that day, and what the week brought."""
    folder.mkdir()
    home, world = folder / "home", build(folder / "world", number, 1200, days)
    before, after, cut = _split(world.posts)
    with Lake.create(home) as lake:
        load(lake, XSource(), before)
        copy_rules(world, home)
        scan(
            lake, [its for its in signals_of(home) if isinstance(its, RulesSignal)], []
        )  # no other finds without seeds
        plans = {budget: plan_of(lake, budget) for budget in BUDGETS}
        with lake.snapshot() as snapshot:
            facts, known = Facts.of(snapshot), listed(snapshot)
            spreading, followers = Spreading.of(facts), followers_of(facts)
    allowed = _flags(spreading, known)
    audience = spreading.accounts.join(followers, on=ABOUT, how="left", maintain_order="left")["followers"]
    removed = {
        budget: {
            method: [spreading.accounts[picked.tolist()] for picked in some]
            for method, some in choices(spreading, allowed, audience.fill_null(0).to_numpy(), budget, seed=7).items()
        }
        for budget in BUDGETS
    }
    with Lake(home) as lake:
        load(lake, XSource(), after)
        with lake.snapshot() as snapshot:
            week = Spreading.of(Facts.of(snapshot)).between(cut, cut + WEEK)
    its = cut_by(week.chains, _flags(week, known))
    found = {}
    for budget, plan in plans.items():
        assert plan.forecast is not None
        shares = {
            method: float(np.mean([cut_by(week.chains, _flags(week, names))[its].mean() for names in some]))
            for method, some in removed[budget].items()
        }
        found[budget] = Week(plan.forecast, shares)
    return found


def _split(posts: Path) -> tuple[Path, Path, datetime]:
    """Posts before the last week, and of it."""
    with gzip.open(posts) as stream:
        lines = stream.readlines()
    at = [datetime.strptime(line[15:45].decode(), "%a %b %d %H:%M:%S %z %Y") for line in lines]
    cut = datetime.combine(max(at).date(), datetime.min.time(), UTC) + timedelta(days=1) - WEEK
    paths = posts.with_name("before.jsonl.gz"), posts.with_name("after.jsonl.gz")
    for path, wanted in zip(paths, (True, False), strict=True):
        with gzip.open(path, "wb", compresslevel=1) as stream:
            stream.writelines(line for line, when in zip(lines, at, strict=True) if (when < cut) == wanted)
    return *paths, cut


def _flags(spreading: Spreading, names: pl.DataFrame) -> npt.NDArray[np.bool_]:
    wanted = names.select(ABOUT).unique().with_columns(wanted=True)
    flags = spreading.accounts.join(wanted, on=ABOUT, how="left", maintain_order="left")["wanted"]
    return flags.fill_null(value=False).to_numpy()


def _against(budget: int, other: str, weeks: list[Week]) -> Result:
    apart = np.array([week.cut["plan"] - week.cut[other] for week in weeks])
    means = apart[np.random.default_rng(7).integers(0, len(apart), (DRAWS, len(apart)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return Result(
        f"network_plan_{budget}_vs_{other}",
        float(np.mean([week.cut["plan"] for week in weeks])),
        f"share cut in the week that came; apart {apart.mean():+.3f} [{low:+.3f}, {high:+.3f}]",
        other,
        float(np.mean([week.cut[other] for week in weeks])),
    )


def _coverage(over: str, budget: int, weeks: list[Week]) -> Result:
    hits = sum(week.held for week in weeks)
    low, high = interval(hits, len(weeks))
    return Result(
        f"network_plan_{budget}_forecast_over_{over}",
        hits / len(weeks),
        f"of {len(weeks)} worlds in the 95% interval [{low:.2f}, {high:.2f}]",
        sizes={
            "width": float(np.mean([week.forecast.high - week.forecast.low for week in weeks])),
            "came less forecast": float(np.mean([week.cut["plan"] - week.forecast.value for week in weeks])),
            "apart": float(np.mean([abs(week.cut["plan"] - week.forecast.value) for week in weeks])),
        },
    )
