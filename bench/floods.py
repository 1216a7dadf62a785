"""floods: injected floods in a synthetic stream (bench/flood_stream.py), labelled series, and the meter's speed.

The settings were fixed on stream 1, and on the first three series of `bursts`; streams 11 to 15 and the other series
were first looked at when they were. Streams need two minutes; the series need the shared data folder.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from bench.flood_stream import START, Planted, World, world
from bench.payloads import SHARED
from bench.report import Result, median, process
from bench.scan import COMMAND
from seawall.signals.floods import FloodsSurvey, Meter, Settings
from seawall.signals.floods.series import uses
from seawall.signals.floods.survey import counts_of

STREAMS = (11, 12, 13, 14, 15)
BEFORE, AFTER = 60, 1_800  # seconds around a planted flood in which a burst of its series is its
SIZES = (30, 100, 300, 1_000, 3_001)
TUNED = 3


@dataclass(slots=True)
class Tally:
    """What became of all that was planted, over streams."""

    floods: int = 0
    raised: list[float] = field(default_factory=list)  # minutes to the first burst
    shown: list[float] = field(default_factory=list)  # minutes to the verdict pushed or unclear
    pushed: int = 0
    two_marks: int = 0  # floods whose accounts do at least two things alike
    two_marks_pushed: int = 0
    sizes: dict[str, list[bool]] = field(default_factory=dict)
    starters: list[bool] = field(default_factory=list)  # first posts: by the flood's own accounts?
    organic: int = 0
    organic_raised: int = 0
    organic_shown: int = 0
    quiet_raised: int = 0  # bursts where nothing was planted
    quiet_shown: int = 0
    weeks: float = 0.0  # of a thousand series


def run() -> list[Result]:
    """Recall, false floods, delay, verdicts; event F1 beside the plain rule; counts a second."""
    tally = Tally()
    for number in STREAMS:
        made = world(number)
        _tally(tally, made, pl.DataFrame(FloodsSurvey().survey(made.facts)).to_dicts())
    return [*_synthetic(tally), *_events(), _speed()]


def _tally(tally: Tally, made: World, rows: list[dict[str, Any]]) -> None:
    number = {name: n for n, name in enumerate(made.names)}
    by_series: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_series.setdefault(number[row["kind"], row["value"]], []).append(row)
    account = dict(made.facts.posts.select("post_id", "account_id").collect().iter_rows())
    taken: set[int] = set()
    new = 20_000  # accounts of floods come after people
    for flood in made.floods:
        its = _of(flood, by_series)
        taken |= {id(row) for row in its}
        _flood(tally, flood, its)
        tally.starters += [int(account[post][1:]) >= new for row in its[:1] for post in row["first"]]
    for organic in (*made.news, *made.goals):
        its = [row for row in _of(organic, by_series) if id(row) not in taken]
        taken |= {id(row) for row in its}
        tally.organic += 1
        tally.organic_raised += bool(its)
        tally.organic_shown += any(row["verdict"] != "organic" for row in its)
    rest = [row for row in rows if id(row) not in taken]
    tally.quiet_raised += len(rest)
    tally.quiet_shown += sum(row["verdict"] != "organic" for row in rest)
    tally.weeks += made.weeks * made.series / 1_000


def _of(planted: Planted, by_series: dict[int, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    its = by_series.get(planted.series, [])
    inside = [row for row in its if planted.begin - BEFORE <= _since(row["raised"]) <= planted.end + AFTER]
    return sorted(inside, key=lambda row: row["raised"])


def _since(moment: Any) -> float:
    return float((moment - START).total_seconds())


def _flood(tally: Tally, flood: Planted, its: list[dict[str, Any]]) -> None:
    tally.floods += 1
    size = next(f"{low:,}-{high - 1:,}" for low, high in pairwise(SIZES) if flood.accounts < high)
    shown = [row for row in its if row["verdict"] != "organic"]
    tally.sizes.setdefault(size, []).append(bool(shown))
    pushed = any(row["verdict"] == "pushed" for row in its)
    tally.pushed += pushed
    tally.two_marks += len(flood.marks) >= 2
    tally.two_marks_pushed += len(flood.marks) >= 2 and pushed
    if its:
        tally.raised.append((_since(its[0]["raised"]) - flood.begin) / 60)
    if shown:
        tally.shown.append((_since(shown[0]["told"]) - flood.begin) / 60)


def _synthetic(t: Tally) -> list[Result]:
    sizes = {size: round(sum(found) / len(found), 3) for size, found in sorted(t.sizes.items(), key=_first_number)}
    week = "a week, 1,000 series"
    return [
        Result("floods_recall_raised", len(t.raised) / t.floods, f"of {t.floods} floods"),
        Result("floods_recall_shown", len(t.shown) / t.floods, "pushed or unclear", sizes=sizes),
        Result("floods_recall_pushed", t.pushed / t.floods, "said to be pushed"),
        Result("floods_pushed_of_marked", t.two_marks_pushed / t.two_marks, f"of {t.two_marks} with two marks or more"),
        _delay("floods_delay_raised", t.raised),
        _delay("floods_delay_shown", t.shown),
        Result("floods_first_posts", float(np.mean(t.starters)), "of first ten posts, the flood's own"),
        Result("floods_false_shown", (t.organic_shown + t.quiet_shown) / t.weeks, f"{week}; {t.organic_shown} organic"),
        Result("floods_quiet_raised", t.quiet_raised / t.weeks, f"{week}; nothing planted, said to be organic"),
        Result("floods_organic_raised", t.organic_raised / t.organic, f"of {t.organic} news and goals"),
        Result("floods_organic_shown", t.organic_shown / t.organic, f"of {t.organic} news and goals"),
    ]


def _first_number(size: tuple[str, object]) -> int:
    return int(size[0].partition("-")[0].replace(",", ""))


def _delay(name: str, minutes: list[float]) -> Result:
    return Result(name, float(np.median(minutes)), "min, median", sizes={"p90": float(np.quantile(minutes, 0.9))})


def _events() -> list[Result]:
    folder = SHARED.parent / "bursts"
    files = sorted(folder.glob("*.csv"))
    if not files:
        print("floods: the series need the shared data folder; not measured")
        return []
    results = []
    for name, some in (("tuned", files[:TUNED]), ("held_out", files[TUNED:]), ("all", files)):
        words = ("evaluate", "floods", "--truth", folder / "combined_windows.json", *some, "--json")
        found = json.loads(process(COMMAND, *words).out)
        ours, plain = found["floods"], found["quantile"]
        told = {"recall": ours["recall"], "false": ours["false_events"], "min from middle": ours["median_from_middle"]}
        unit, peer = f"{ours['windows']} windows", ".999 quantile of 7 days"
        results.append(Result(f"floods_event_f1_{name}", ours["f1"], unit, peer, plain["f1"], sizes=told))
    return results


def _speed() -> Result:
    facts = world(1).facts
    counts, names = counts_of(uses(facts.posts), facts.posts, Settings())
    columns = [counts[name].to_numpy() for name in ("bin", "series", "accounts")]

    def once() -> float:
        meter = Meter(names.height, everybody=True)
        begun = time.perf_counter()
        meter.add(*columns)
        return len(columns[0]) / (time.perf_counter() - begun) / 1e6

    once()
    return Result("floods_meter", median(once), "million counts a second")
