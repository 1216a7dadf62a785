"""Floods of a lake: every series metered minute by minute, every burst judged. Results are about tags and targets."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from seawall.records.floods import FLOODS
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.floods.curve import curve
from seawall.signals.floods.judging import PUSHED, by_account, judge, programs
from seawall.signals.floods.meter import EVERYBODY, Burst, Meter, Settings
from seawall.signals.floods.scenes import LOOKS, TIMES, Scenes, looks
from seawall.signals.floods.series import SERIES, uses

TOGETHER, SAME = timedelta(minutes=15), 0.8  # bursts by so large a share of the same accounts are one
FIRST = 10  # posts that started it
IN_USE, IN_USE_DAYS, HIJACK = 20, 3, 0.2  # accounts and days that make a series one in use; share of them in the burst


Row = dict[str, Any]


class FloodsSurvey:
    """Looks at all posts at once. The bursts are those that the meter raises when posts come minute by minute."""

    name = table = "floods"
    version = "2"
    of_listed = False

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        """Bursts as rows of `records.floods`, newest first."""
        platforms = facts.posts.select(pl.col("platform").drop_nulls().unique().sort()).collect()["platform"].to_list()
        rows: list[Row] = []
        for platform in platforms:
            rows += self._floods(platform, facts, tell)
        rows.sort(key=lambda row: (row["raised"], row["platform"], row["kind"], row["value"]), reverse=True)
        return pa.Table.from_pylist(rows, schema=FLOODS)

    def _floods(self, platform: str, facts: Facts, tell: Tell) -> list[Row]:
        posts = facts.posts.filter(pl.col("platform") == platform, pl.col("at").is_not_null())
        tell(f"Counting on {platform}", 0, 3)
        counts, names = counts_of(uses(posts), posts, self._settings)
        if not names.height:
            return []
        tell(f"Counting on {platform}", 1, 3)
        meter = Meter(names.height, self._settings, everybody=True)
        bursts = meter.add(*(counts[name].to_numpy() for name in ("bin", "series", "accounts")))
        if not bursts:
            return []
        tell(f"Judging bursts on {platform}", 2, 3)
        accounts = facts.accounts.filter(pl.col("platform") == platform)
        rows = judged(platform, bursts, names, posts, accounts, self._settings.least)
        tell(f"Judging bursts on {platform}", 3, 3)
        return rows


def judged(
    platform: str, bursts: list[Burst], names: pl.DataFrame, posts: pl.LazyFrame, accounts: pl.LazyFrame, least: int
) -> list[Row]:
    """What is said of bursts, as rows: `names` are the series by number, the rest is all of one platform."""
    raised = names.filter(pl.col("series").is_in([burst.series for burst in bursts]))
    called = {row["series"]: row for row in raised.iter_rows(named=True)}
    scenes = Scenes.of(posts, accounts, raised)
    told = _told(bursts, scenes, least)
    rows = [({"platform": platform, **called[burst.series], **row}, who) for burst, row, who in told]
    kept = _joined(rows)
    for row in kept:
        row["curve"] = curve(scenes, row.pop("series"), row["onset"], row["raised"])
    return kept


def counts_of(used: pl.LazyFrame, posts: pl.LazyFrame, settings: Settings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Accounts per bin and series, by bin, everybody's among them; and the series by their numbers. Series that too
    few accounts ever used to be a burst are left out."""
    names = (
        used.group_by(SERIES)
        .agg(pl.col("account_id").n_unique().alias("users"))
        .filter(pl.col("users") >= settings.least)
        .sort(SERIES)
        .with_row_index("series", EVERYBODY + 1)
        .collect(engine="streaming")
    )
    at = (pl.col("at").dt.epoch("s") // settings.bin).alias("bin")
    each = (
        used.join(names.lazy().select("series", *SERIES), on=SERIES)
        .group_by(at, "series")
        .agg(pl.col("account_id").n_unique().alias("accounts"))
    )
    together = posts.group_by(at).agg(pl.col("account_id").n_unique().alias("accounts"))
    both = pl.concat(
        [
            each.select("bin", pl.col("series").cast(pl.Int64), pl.col("accounts").cast(pl.Int64)),
            together.select("bin", pl.lit(EVERYBODY, pl.Int64).alias("series"), pl.col("accounts").cast(pl.Int64)),
        ]
    )
    return both.sort("bin", "series").collect(engine="streaming"), names


def _told(bursts: list[Burst], scenes: Scenes, least: int) -> list[tuple[Burst, Row, frozenset[int]]]:
    """Bursts, what is said of each, and who was in it: judged at growing looks until one is told to be pushed, then
    counted."""
    columns = {name: [getattr(b, name) for b in bursts] for name in ("series", "onset", "raised")}
    posts = scenes.posts(pl.DataFrame({"burst": range(len(bursts)), **columns}).cast(pl.Int64), least)
    each = by_account(looks(posts))
    usual = programs(each).with_columns((pl.col("scene") // len(TIMES)).alias("burst"))
    asked = usual.select("burst", "client").unique(maintain_order=True)
    shares = [scenes.usually(posts.filter(burst=burst), client) for burst, client in asked.iter_rows()]
    asked = asked.with_columns(pl.Series("usually", shares, pl.Float64))
    verdicts = judge(each, usual.join(asked, on=["burst", "client"]), scenes.only)
    seen = {row["scene"]: row for row in verdicts.iter_rows(named=True)}
    told = []
    for number, its in posts.partition_by("burst", as_dict=True, maintain_order=True).items():
        n = int(number[0])
        *early, counted = (seen[n * len(TIMES) + look] for look in range(len(TIMES)))
        look = next((look for look, verdict in enumerate(early) if verdict["verdict"] == PUSHED), len(LOOKS) - 1)
        row = _row(bursts[n], its, early[look], counted)
        row["told"] += timedelta(minutes=LOOKS[look])
        row["hijack"] = row["verdict"] == PUSHED and early[look]["before"] <= HIJACK and _in_use(scenes, bursts[n])
        told.append((bursts[n], row, frozenset(its["account"].to_list())))
    return told


def _row(burst: Burst, posts: pl.DataFrame, verdict: Row, counted: Row) -> Row:
    raised = datetime.fromtimestamp(posts["raised"][0], UTC)
    shown = counted if counted["verdict"] == verdict["verdict"] else verdict
    return {
        "onset": datetime.fromtimestamp(burst.onset, UTC),
        "raised": raised,
        "told": raised,
        "accounts": counted["accounts"],
        "posts": posts.height,
        "expected": burst.expected,
        "evidence": burst.evidence,
        "verdict": verdict["verdict"],
        "because": shown["because"],
        "marks": shown["marks"],
        "organic": counted["accounts"] - counted["marked"],
        "used_before": counted["before"],
        "first": posts["post_id"].head(FIRST).to_list(),
        "also": [],
    }


def _in_use(scenes: Scenes, burst: Burst) -> bool:
    accounts, days = scenes.in_use(burst.series, burst.onset)
    return accounts >= IN_USE and days >= IN_USE_DAYS


def _joined(rows: list[tuple[Row, frozenset[int]]]) -> list[Row]:
    """Bursts of several series by the same accounts at the same time are one: the strongest, with the others' names."""
    kept: list[tuple[Row, frozenset[int]]] = []
    at: dict[int, list[int]] = defaultdict(list)  # which are kept, by quarters of an hour
    for row, who in sorted(rows, key=lambda each: (-each[0]["evidence"], each[0]["kind"], each[0]["value"])):
        quarter = int(row["raised"].timestamp() // TOGETHER.total_seconds())
        near = sorted(n for q in (quarter - 1, quarter, quarter + 1) for n in at[q])
        for other, others in (kept[n] for n in near):
            same = len(who & others) >= SAME * min(len(who), len(others))
            if same and abs(other["raised"] - row["raised"]) <= TOGETHER:
                other["also"].append(f"{row['kind']}:{row['value']}")
                break
        else:
            at[quarter].append(len(kept))
            kept.append((row, who))
    return [row for row, _ in kept]
