"""returns: real timelines split in two, real families, synthetic scenes with everything, look-ups among a million.

The real parts need the shared data folder. No author that weights were learned from is in any test.
"""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np

from bench.payloads import REAL, SHARED
from bench.real_accounts import load_collections
from bench.report import Result, process
from bench.returns_data import is_learned_from, split_truth, timelines
from bench.scan import COMMAND

AMOUNT, SPLITS = 75, 5  # posts of each half; how often roles are dealt anew
SCENES = range(100, 105)  # seeds that nothing was learned from
MILLION, LOOK_UPS = 1_000_000, 1000

_SCENE = """
import json, sys
import numpy as np
from bench.returns_world import scene
from seawall.measure.returns import judge, summary
from seawall.signals.returns.known import Known
from seawall.signals.returns.profiles import gather
judged, handles = [], []
for seed in map(int, sys.argv[1:]):
    of = scene(seed, 600, 600)
    old, new = gather(of.facts, of.wanted(of.suspended)), gather(of.facts, of.wanted(of.newcomers))
    people = [[f"{seed}:{of.person[a]}" for a in its] for its in (of.suspended, of.newcomers)]
    judged += judge(Known(old, new), new, *people)
print(json.dumps(summary("", judged, len(old), 0).as_dict()))
"""

_LOOK_UP = """
import json, sys, time
import numpy as np
from bench.returns_million import newcomers, suspended
from seawall.signals.returns.known import Known
from seawall.signals.returns.posterior import hypothesis
many, asked = int(sys.argv[1]), int(sys.argv[2])
old = suspended(many)
began = time.perf_counter()
known = Known(old)
built = time.perf_counter() - began
new, parents = newcomers(old, asked)
for row in range(20):
    hypothesis(known, new, row)
took, used, right = [], [], 0
for row in range(asked):
    began, cpu = time.perf_counter(), time.thread_time()
    said = hypothesis(known, new, row)
    took.append(time.perf_counter() - began)
    used.append(time.thread_time() - cpu)
    right += parents[row] >= 0 and said.candidates[:1] != () and said.candidates[0].account_id == str(parents[row])
ms, cpu = (np.quantile(its, (0.5, 0.99)) * 1000 for its in (took, used))
found = {"p50": ms[0], "p99": ms[1], "cpu50": cpu[0], "cpu99": cpu[1], "built": built, "right": int(right)}
print(json.dumps({**found, "back": int((parents >= 0).sum())}))
"""

_FIRST_SIGHT = """
import json, statistics, sys, time
import polars as pl
from bench.returns_million import suspended
from bench.returns_world import scene
from seawall.signals.returns.known import Known
from seawall.signals.returns.posterior import hypothesis
from seawall.signals.returns.profiles import gather
known, of = Known(suspended(100_000)), scene(100, 20, 60)
took = []
for account in of.newcomers:
    began = time.perf_counter()
    new = gather(of.facts, of.wanted([account]))
    hypothesis(known, new, 0)
    took.append(time.perf_counter() - began)
print(json.dumps({"median": statistics.median(took[5:]), "most": max(took[5:])}))
"""


def real() -> list[Result]:
    """Split timelines of three collections, and the real families. Needs the shared data folder."""
    if not REAL.exists():
        print("returns: split timelines and families need the shared data folder; not measured")
        return []
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        home, truth = folder / "home", folder / "truth.csv"
        load_collections(home)
        results = []
        for name, its in timelines(home).items():
            tested = {a: at for a, at in its.items() if not is_learned_from(a)}
            runs = []
            for number in range(SPLITS):
                split_truth(tested, truth, AMOUNT, number)
                runs.append(_evaluated(truth, home))
            results += _told(f"split timelines, {name}", runs)
        _families(truth)
        results += _told("families", [_evaluated(truth, home)])
        return results
    finally:
        shutil.rmtree(folder)


def _evaluated(truth: Path, home: Path) -> dict[str, dict[str, dict[str, float]]]:
    words = ("evaluate", "returns", "--truth", truth, "--home", home, "--json")
    return dict(json.loads(process(COMMAND, *words).out))


def _told(name: str, runs: list[dict[str, dict[str, dict[str, float]]]]) -> list[Result]:
    """Means over splits; intervals are the widest of any."""
    shown = []
    for metric in (
        "precision_at_recall_80",
        "recall_at_precision_95",
        "precision_at_line",
        "recall_at_line",
        "mrr_of_50",
    ):
        its = [run["metrics"][metric] for run in runs]
        low, high = np.nanmin([i["low"] for i in its]), np.nanmax([i["high"] for i in its])
        value = float(np.nanmean([i["value"] for i in its]))
        shown.append(Result(f"returns, {name}: {metric}", value, f"[{low:.3f}, {high:.3f}]"))
    return shown


def _families(truth: Path) -> None:
    """The last account of each real family is a newcomer, the ones before are suspended. Of the listed accounts without
    a family every second is suspended, the others are newcomers without a parent."""
    with (SHARED / "fifth_tribe_returns.csv").open(newline="") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: (row["family"], row["first"]))
    last = {row["family"]: row["username"] for row in rows}
    with truth.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["platform", "account", "role", "family"])
        family = {row["username"]: row["family"] for row in rows}
        for number, account in enumerate(_listed()):
            new = account in last.values() if account in family else number % 2
            role = "newcomer" if new else "suspended"
            writer.writerow(["x", account, role, family.get(account, account)])


def _listed() -> list[str]:
    with gzip.open(SHARED / "fifth_tribe.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return sorted({row["username"] for row in csv.DictReader(stream)})


def scenes() -> list[Result]:
    """Synthetic scenes with handles, pictures and audiences."""
    return _told(f"{len(SCENES)} synthetic scenes", [json.loads(process(_SCENE, *SCENES).out)])


def million() -> list[Result]:
    """Looking up one newcomer among a million, and how long a newcomer's rows take to become a hypothesis."""
    ran = process(_LOOK_UP, MILLION, LOOK_UPS)
    found, sight = json.loads(ran.out), json.loads(process(_FIRST_SIGHT).out)
    return [
        Result("returns, look-up among 1,000,000: p50", found["p50"], f"ms, wall; {found['cpu50']:.2f} ms of CPU"),
        Result("returns, look-up among 1,000,000: p99", found["p99"], f"ms, wall; {found['cpu99']:.2f} ms of CPU"),
        Result("returns, parents found first", found["right"] / found["back"], f"of {found['back']}"),
        Result("returns, index of 1,000,000", found["built"], f"s, wall; {ran.peak:,.0f} MiB peak of the process"),
        Result(
            "returns, from a newcomer's rows to a hypothesis", sight["median"], f"s, median; {sight['most']:.2f} most"
        ),
    ]
