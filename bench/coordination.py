"""coordination: planted groups found, nobody else; real groups; pairs per second against coordination-network-toolkit.

The toolkit (PyPI coordination-network-toolkit, MIT) is not part of this project. To measure against it:

    uv venv ../toolkit && uv pip install --python ../toolkit/bin/python coordination-network-toolkit
    TOOLKIT_PYTHON=../toolkit/bin/python make bench ONLY=coordination

Both read the same CSV and keep pairs that reposted at least two of the same posts within 60 seconds; their pairs and
weights are compared before anything is reported.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from bench.coordination_data import Design, german_elections, planted, russian_tweets
from bench.payloads import SHARED
from bench.report import RUNS, Result, process
from seawall.signals.contract import Facts
from seawall.signals.coordination.acts import Acts, acts_of
from seawall.signals.coordination.backbone import backbone
from seawall.signals.coordination.campaigns import campaigns

COLLECTIONS = {"german_elections": german_elections, "russian_coord_tweets": russian_tweets}  # the second: held out
JITTERS = (30, 60, 300)
SEEDS = range(3)
HARDER = {
    "5 moments": Design(0, moments=5),
    "3 moments": Design(0, moments=3),
    "half take part": Design(0, takes_part=0.5),
    "a third takes part": Design(0, takes_part=0.33),
    "30 ordinary posts beside": Design(0, beside=30),
    "30 beside, half take part": Design(0, beside=30, takes_part=0.5),
}
LATE = {"jitter of 10 minutes": 600, "jitter of half an hour": 1800, "jitter of an hour": 3600}
WINDOW = 60
PEER_SIZES = (200_000, 1_000_000)
SIZES = (200_000, 1_000_000, 5_000_000, 20_000_000)

GROW = """
import sys, time
import numpy as np, pyarrow.parquet as pq
from seawall.graph import coaction
coaction.pairs(coaction.actions(np.arange(3, dtype=np.uint32), np.zeros(3, np.uint32), np.arange(3), 3), 1)
rows = pq.read_table(sys.argv[1])
who, what, when = (rows[name].to_numpy() for name in ("who", "what", "when"))
used = time.process_time()
found = coaction.pairs(coaction.actions(who, what, when, int(who.max()) + 1), 60, 2)
print(time.process_time() - used, len(found))
"""
MAKE = "import sys; from bench.coordination import synthetic; synthetic(int(sys.argv[1])).write_parquet(sys.argv[2])"


def run() -> list[Result]:
    """Recall and who is flagged beside; pairs per second; growth and memory."""
    results = []
    for name, read in COLLECTIONS.items():
        path = SHARED.parent / "coordination" / f"{name}.csv.gz"
        results += _planted(name, read(path)) if path.exists() else []
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        return [*results, *_against_toolkit(folder), *_growth(folder)]
    finally:
        shutil.rmtree(folder)


def _found(acts: Acts) -> list[set[str]]:
    return [{m["account_id"] for m in c["members"]} for c in campaigns(acts, backbone(acts), "bench")]


def _planted(where: str, facts: Facts) -> list[Result]:
    acts = acts_of(facts)
    before = set().union(*_found(acts))
    chance = {"dealt out anew": _dealt(acts), "moved by half an hour": _moved(acts)}
    flagged = {name: len(set().union(*_found(its))) for name, its in chance.items()}
    ordinary = facts.posts.select(pl.col("account_id").n_unique()).collect().item()
    results = []
    for jitter in JITTERS:
        runs = [_one(facts, Design(jitter), seed, before, ordinary) for seed in SEEDS]
        recall, beyond, alone = (list(column) for column in zip(*runs, strict=True))
        spread = {"lowest of 3": min(recall), "most others, %": max(beyond), "groups by themselves": min(alone)}
        results.append(Result(f"{where}_recall_{jitter}s", statistics.mean(recall), "of 160 accounts", sizes=spread))
    for name, harder in HARDER.items():
        designs = {f"{jitter} s": replace(harder, jitter=jitter) for jitter in JITTERS}
        at = {each: _one(facts, design, 0, before, ordinary)[0] for each, design in designs.items()}
        results.append(Result(f"{where}: {name}", min(at.values()), "recall", sizes=at))
    late = {name: _one(facts, Design(jitter), 0, before, ordinary)[0] for name, jitter in LATE.items()}
    results.append(Result(f"{where}: later than any window", min(late.values()), "recall", sizes=late))
    return [
        *results,
        Result(f"{where}_flagged", len(before), f"of {ordinary:,} accounts as they are", sizes=flagged),
    ]


def _one(facts: Facts, design: Design, seed: int, before: set[str], ordinary: int) -> tuple[float, float, float]:
    """Recall, per cent of others flagged beyond those flagged anyhow, and share of groups found by themselves."""
    more, truth = planted(facts, design, seed)
    found = _found(acts_of(more))
    flagged = set().union(*found)
    kinds = [{truth.get(account, -1) for account in members} for members in found]
    alone = {next(iter(kind)) for kind in kinds if len(kind) == 1} - {-1}
    beyond = len(flagged - set(truth) - before) / ordinary * 100
    return len(flagged & set(truth)) / len(truth), beyond, len(alone) / design.groups


def _dealt(acts: Acts) -> Acts:
    """Each channel's acts of an hour of the day dealt out anew: who is busy when stays, and what is popular when."""
    draw = np.random.default_rng(0)
    hour = pl.col("at") % 86_400 // 3600
    rows = acts.rows.with_columns(hour=hour, drawn=pl.Series(draw.random(acts.rows.height))).sort("channel", "hour")
    dealt = rows.sort("channel", "hour", "drawn")["account"]
    rows = rows.with_columns(dealt).unique(["channel", "account", "object"], keep="first", maintain_order=True)
    return Acts(acts.accounts, acts.posts, rows.drop("hour", "drawn"))


def _moved(acts: Acts) -> Acts:
    """Each act moved by up to half an hour either way: who shared what about when stays, and no more."""
    draw = np.random.default_rng(0)
    moved = pl.Series(draw.integers(-1800, 1801, acts.rows.height))
    return Acts(acts.accounts, acts.posts, acts.rows.with_columns(pl.col("at") + moved))


def synthetic(acts: int) -> pl.DataFrame:
    """Reposts over a week, the more acts the more accounts and posts, each account once a post, with 20 groups."""
    draw = np.random.default_rng(3)
    accounts, objects = acts // 8, acts // 5
    busy = np.minimum(draw.pareto(1.2, accounts) + 0.3, 2000)
    wanted = np.minimum(draw.pareto(0.9, objects) + 0.2, 3000)
    who = draw.choice(accounts, acts, p=busy / busy.sum())
    what = draw.choice(objects, acts, p=wanted / wanted.sum())
    when = draw.integers(0, 7 * 86_400, objects)[what] + draw.exponential(5 * 3600, acts).astype(np.int64)
    member = np.repeat(np.arange(20 * 15), 40)
    moment = np.tile(np.arange(40), 20 * 15) + member // 15 * 40
    group = pl.DataFrame(
        {
            "who": (accounts + member).astype(np.uint32),
            "what": (objects + moment).astype(np.uint32),
            "when": draw.integers(0, 7 * 86_400, 20 * 40)[moment] + draw.integers(0, 30, len(member)),
        }
    )
    rows = pl.DataFrame({"who": who.astype(np.uint32), "what": what.astype(np.uint32), "when": when})
    return pl.concat([rows, group]).unique(["who", "what"], keep="first", maintain_order=True)


def _against_toolkit(folder: Path) -> list[Result]:
    peer = os.environ.get("TOOLKIT_PYTHON")
    if not peer:
        print("coordination: TOOLKIT_PYTHON names no environment; measured without it. To get it:", __doc__, sep="\n")
    results = []
    for size in PEER_SIZES:
        rows = synthetic(size)
        path = folder / f"reposts{size}.csv"
        _as_csv(rows, path)
        ours = [_job(sys.executable, "coordination_peer_job.py", path, folder / "ours") for _ in range(RUNS)]
        times = [tuple(statistics.median(column) for column in zip(*ours, strict=True))]
        if peer:
            runs = RUNS if size == PEER_SIZES[0] else 1
            theirs = [_job(peer, "coordination_peer.py", path, folder / "theirs") for _ in range(runs)]
            times.append(tuple(statistics.median(column) for column in zip(*theirs, strict=True)))
            same = sorted((folder / "ours").read_text().split()) == sorted((folder / "theirs").read_text().split())
            if not same:
                raise RuntimeError("the toolkit's pairs are not ours")
            print(f"{size:,} reposts: {len((folder / 'ours').read_text().split()):,} pairs, the same on both sides")
        whole = [rows.height / sum(each) for each in times]
        alone = [rows.height / each[1] for each in times]
        named = ("coordination-network-toolkit",) if peer else ()
        results.append(
            Result(f"coordination_pairs_{size}", whole[0], "reposts/s from CSV to pairs", *named, *whole[1:])
        )
        results.append(
            Result(f"coordination_pairs_{size}_alone", alone[0], "reposts/s, reading left out", *named, *alone[1:])
        )
    return results


def _as_csv(rows: pl.DataFrame, path: Path) -> None:
    """The toolkit's columns."""
    rows.with_row_index("n").select(
        message_id=pl.concat_str(pl.lit("m"), "n"),
        user_id=pl.col("who").cast(pl.String).str.zfill(9),
        username=pl.concat_str(pl.lit("n"), "who"),
        repost_id=pl.concat_str(pl.lit("o"), "what"),
        reply_id=pl.lit(""),
        message=pl.lit("RT x"),
        timestamp="when",
        urls=pl.lit(""),
    ).write_csv(path)


def _job(python: str, script: str, source: Path, pairs: Path) -> tuple[float, float]:
    words = [python, str(Path(__file__).with_name(script)), str(source), str(WINDOW), str(pairs)]
    read, found = subprocess.run(
        words, check=True, capture_output=True, text=True, env=os.environ.copy()
    ).stdout.split()
    return float(read), float(found)


def _growth(folder: Path) -> list[Result]:
    rates, peaks = {}, {}
    for size in SIZES:
        path = folder / f"{size}.parquet"
        process(MAKE, size, path)
        runs = [process(GROW, path) for _ in range(RUNS if size <= 1_000_000 else 1)]
        rates[f"{size:,}"] = round(size / statistics.median(float(run.out.split()[0]) for run in runs))
        peaks[f"{size:,}"] = round(statistics.median(run.peak for run in runs))
        path.unlink()
    first, last = rates[f"{SIZES[0]:,}"], rates[f"{SIZES[-1]:,}"]
    return [
        Result("coordination_growth", last, "acts/CPU-s at 100×", "the same at 1×", first, sizes=rates),
        Result("coordination_memory", peaks[f"{SIZES[-1]:,}"], "MiB peak at 100×", sizes=peaks),
    ]
