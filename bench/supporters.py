"""supporters: false positives at recall .8 by the honest protocol, 20 splits, beside the plain baseline's in the run.

Needs the shared data folder. Slow (about ten minutes): the baseline is fitted 20 times for each K.
"""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import tempfile
from pathlib import Path

import polars as pl

from bench.payloads import REAL, SHARED
from bench.real_accounts import load_collections
from bench.report import Result, process
from bench.scan import COMMAND

SPLITS, KS = 20, "1,5,20"


def run() -> list[Result]:
    """One result per metric and K; the peer is the plain baseline."""
    if not REAL.exists():
        print("supporters: needs the shared data folder; not measured")
        return []
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        home, truth = folder / "home", folder / "truth.csv"
        load_collections(home)
        write_truth(truth)
        words = ("evaluate", "supporters", "--truth", truth, "--home", home, "--splits", SPLITS, "--k", KS, "--json")
        found = json.loads(process(COMMAND, *words).out)
    finally:
        shutil.rmtree(folder)
    return [
        Result(
            f"supporters_{metric}_k{k}",
            at["signal"][metric]["value"],
            f"[{at['signal'][metric]['low']:.3f}, {at['signal'][metric]['high']:.3f}]",
            f"plain baseline [{at['baseline'][metric]['low']:.3f}, {at['baseline'][metric]['high']:.3f}]",
            at["baseline"][metric]["value"],
            sizes={"post count": at["post_count"][metric]["value"]},
        )
        for k, at in found["k"].items()
        for metric in ("fpr_at_recall_80", "auc", "ap")
    ]


def write_truth(path: Path) -> None:
    """The truth file of the honest protocol: half the families are seeds; the splits deal them anew."""
    with gzip.open(SHARED / "fifth_tribe.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        listed = sorted({row["username"] for row in csv.DictReader(stream)})
    with (SHARED / "fifth_tribe_returns.csv").open(newline="") as stream:
        family = {row["username"]: row["family"] for row in csv.DictReader(stream)}
    families = sorted({family.get(account, account) for account in listed})
    seeds = set(families[::2])
    with gzip.open(REAL) as lines:
        others = sorted({str(json.loads(line)["user"]["id"]) for line in lines})
    background = pl.read_parquet(SHARED / "background_2015.parquet")["author_id"].unique().sort().to_list()
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["platform", "account", "role", "label", "family"])
        for account in listed:
            its = family.get(account, account)
            writer.writerow(["x", account, "seed" if its in seeds else "test", 1, its])
        writer.writerows(["x", account, "background", 0, ""] for account in background)
        writer.writerows(["x", account, "test", 0, ""] for account in others)
