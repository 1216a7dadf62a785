"""Floods of a lake: every series metered minute by minute, every burst judged. Results are about tags and targets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from seawall.records.floods import FLOODS
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.floods.judging import COLUMNS, PUSHED, Usual, Verdict, judge
from seawall.signals.floods.meter import EVERYBODY, Burst, Meter, Settings
from seawall.signals.floods.series import SERIES, uses, words_hash

LOOKS = (0, 2, 5, 15)  # minutes after it was raised: a burst is judged again as more of it is seen
COUNTED = timedelta(minutes=60)  # after it was raised: so much of a burst is counted
HISTORY = timedelta(days=7)
ENOUGH = 50  # other accounts in that time, before it is known which programs are usual
TOGETHER, SAME = timedelta(minutes=15), 0.8  # bursts by so large a share of the same accounts are one
FIRST = 10  # posts that started it
IN_USE, IN_USE_DAYS, HIJACK = 20, 3, 0.2  # accounts and days that make a series one in use; share of them in the burst


class FloodsSurvey:
    """Looks at all posts at once. The bursts are those that the meter raises when posts come minute by minute."""

    name = table = "floods"
    version = "1"

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        """Bursts as rows of `records.floods`, newest first."""
        platforms = facts.posts.select(pl.col("platform").drop_nulls().unique().sort()).collect()["platform"].to_list()
        rows: list[dict[str, Any]] = []
        for platform in platforms:
            rows += _Platform(platform, facts, self._settings).floods(tell)
        rows.sort(key=lambda row: (row["raised"], row["platform"], row["kind"], row["value"]), reverse=True)
        return pa.Table.from_pylist(rows, schema=FLOODS)


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


@dataclass(slots=True)
class _Platform:
    platform: str
    facts: Facts
    settings: Settings

    def floods(self, tell: Tell) -> list[dict[str, Any]]:
        posts = self.facts.posts.filter(pl.col("platform") == self.platform, pl.col("at").is_not_null())
        used = uses(posts)
        tell(f"Counting on {self.platform}", 0, 2)
        counts, names = counts_of(used, posts, self.settings)
        if not names.height:
            return []
        tell(f"Counting on {self.platform}", 1, 2)
        meter = Meter(names.height, self.settings, everybody=True)
        bursts = meter.add(*(counts[name].to_numpy() for name in ("bin", "series", "accounts")))
        tell(f"Counting on {self.platform}", 2, 2)
        if not bursts:
            return []
        raised = names.filter(pl.col("series").is_in([b.series for b in bursts]))
        its_uses = used.join(raised.lazy().select("series", *SERIES), on=SERIES).collect(engine="streaming")
        scene = _Scene.of(posts, self.facts, its_uses)
        rows: list[tuple[dict[str, Any], frozenset[int]]] = []
        for n, burst in enumerate(bursts):
            tell(f"Judging bursts on {self.platform}", n, len(bursts))
            if told := scene.row(burst, self.settings.least):
                name = names.row(burst.series - 1, named=True)
                rows.append(
                    ({"platform": self.platform, "kind": name["kind"], "value": name["value"], **told[0]}, told[1])
                )
        tell(f"Judging bursts on {self.platform}", len(bursts), len(bursts))
        return _joined(rows)


def _joined(rows: list[tuple[dict[str, Any], frozenset[int]]]) -> list[dict[str, Any]]:
    """Bursts of several series by the same accounts at the same time are one: the strongest, with the others' names."""
    kept: list[tuple[dict[str, Any], frozenset[int]]] = []
    for row, who in sorted(rows, key=lambda each: -each[0]["evidence"]):
        for other, others in kept:
            if abs(other["raised"] - row["raised"]) <= TOGETHER and len(who & others) >= SAME * min(
                len(who), len(others)
            ):
                other["also"].append(f"{row['kind']}:{row['value']}")
                break
        else:
            kept.append((row, who))
    return [row for row, _ in kept]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(slots=True)
class _Scene:
    """What is looked at to judge bursts: uses of the series that burst, and all posts of those who took part."""

    by_series: dict[int, pl.DataFrame]  # uses, by time
    posts: (
        pl.DataFrame
    )  # account_id and its number, at, post_id, copy, client: of all accounts in these series, by time
    born: pl.DataFrame
    clients: pl.DataFrame  # at, client, account_id: of everybody, by time
    only: float

    @classmethod
    def of(cls, posts: pl.LazyFrame, facts: Facts, used: pl.DataFrame) -> _Scene:
        accounts = used.lazy().select("account_id").unique()
        theirs = posts.join(accounts, on="account_id", how="semi")
        known = facts.accounts.filter(pl.col("created_at").is_not_null())
        everybody = uses(posts).group_by("account_id").agg(pl.struct(SERIES).n_unique().alias("in"))
        total = posts.group_by("account_id").agg(pl.len().alias("posts"))
        only = (
            total.join(everybody, on="account_id")
            .select(((pl.col("in") == 1) & (pl.col("posts") > 0)).mean().alias("share"))
            .collect(engine="streaming")
        )
        return cls(
            {
                int(key[0]): part.sort("at", "post_id")
                for key, part in used.partition_by("series", as_dict=True).items()
            },
            theirs.select(
                "account_id",
                "at",
                "post_id",
                "client",
                words_hash().alias("copy"),
                pl.col("account_id").rank("dense").cast(pl.Int64).alias("number"),
            )
            .sort("at", "post_id")
            .collect(),
            known.join(accounts, on="account_id", how="semi")
            .group_by("account_id")
            .agg((pl.col("created_at").min().dt.epoch("s") // 86_400).cast(pl.Int32).alias("born"))
            .collect(),
            posts.select("at", "client", "account_id").sort("at").collect(),
            float(only["share"][0] or 0.0),
        )

    def row(self, burst: Burst, least: int) -> tuple[dict[str, Any], frozenset[int]] | None:
        """One burst as a row, and who was in it: judged at growing looks until it is told to be pushed, then counted.
        None where few accounts came again and again: that many come is what makes a burst."""
        onset, raised = _moment(burst.onset), _moment(burst.raised)
        used = self.by_series[burst.series]
        if _within(used, onset, raised)["account_id"].n_unique() < least:
            return None
        posts = self._as_judged(used, onset, raised)
        usual = self._usual(posts, onset)
        for look in LOOKS:
            told = raised + timedelta(minutes=look)
            verdict = judge(_within(posts, onset, told), usual)
            if verdict.verdict == PUSHED:
                break
        counted = judge(posts, usual)
        because = counted.because if counted.verdict == verdict.verdict else verdict.because
        row = {
            "onset": onset,
            "raised": raised,
            "told": told,
            "accounts": counted.accounts,
            "posts": posts.height,
            "expected": burst.expected,
            "evidence": burst.evidence,
            "verdict": verdict.verdict,
            "because": list(because),
            "organic": counted.accounts - counted.marked,
            "used_before": counted.before,
            "hijack": verdict.verdict == PUSHED and _hijack(used, verdict, onset),
            "first": posts["post_id"].head(FIRST).to_list(),
            "also": [],
        }
        return row, frozenset(posts["account"].to_list())

    def _as_judged(self, used: pl.DataFrame, onset: datetime, raised: datetime) -> pl.DataFrame:
        """The burst's posts as `judge` takes them, by time. What accounts did else is looked at until it was raised."""
        taking_part = _within(used, onset, raised + COUNTED)
        accounts = taking_part.select("account_id").unique()
        around = _within(self.posts, onset - HISTORY, raised).join(accounts, on="account_id", how="semi")
        inside = _within(used, onset - HISTORY, raised).select("post_id").unique()
        elsewhere = around.join(inside, on="post_id", how="anti")["account_id"].unique()
        before = used.filter(pl.col("at") < onset)["account_id"].unique()
        known = _within(self.posts, onset, raised + COUNTED).select("post_id", "client", "copy", "number")
        return (
            taking_part.select("account_id", "post_id", "at")
            .join(known, on="post_id", how="left", maintain_order="left")
            .join(self.born, on="account_id", how="left", maintain_order="left")
            .with_columns(
                pl.col("number").alias("account"),
                pl.col("account_id").is_in(before.implode()).alias("before"),
                pl.col("account_id").is_in(elsewhere.implode()).alias("elsewhere"),
            )
            .cast(COLUMNS)  # type: ignore[arg-type]
        )

    def _usual(self, posts: pl.DataFrame, onset: datetime) -> Usual:
        week = _within(self.clients, onset - HISTORY, onset)
        week = week.join(posts.select("account_id").unique(), on="account_id", how="anti")
        counts = week.group_by("client").agg(pl.col("account_id").n_unique().alias("n"))
        total = week["account_id"].n_unique()
        if total < ENOUGH:
            return Usual(None, self.only)
        return Usual({client: n / total for client, n in counts.iter_rows() if client is not None}, self.only)


def _hijack(used: pl.DataFrame, verdict: Verdict, onset: datetime) -> bool:
    earlier = used.filter(pl.col("at") < onset)
    return (
        verdict.before <= HIJACK
        and earlier["account_id"].n_unique() >= IN_USE
        and earlier["at"].dt.date().n_unique() >= IN_USE_DAYS
    )


def _within(rows: pl.DataFrame, first: datetime, last: datetime) -> pl.DataFrame:
    """Rows, sorted by time, from one moment up to and before another."""
    at = rows["at"]
    start = int(at.search_sorted(first, "left"))
    return rows.slice(start, int(at.search_sorted(last, "left")) - start)
