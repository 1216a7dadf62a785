"""The three real files in one lake: every line accounted for, loaded twice, scanned, and nobody innocent listed.

Needs the shared data folder and skips visibly without it. Names no account and shows no post.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from command import Command
from seawall.signals.rules import RulesSignal, shipped_rules
from seawall.signals.rules.signal import as_posts

LINES = {"about_isis_2017.jsonl.gz": 56_956, "fifth_tribe.csv.gz": 9_046, "background_2015.parquet": 102_809}


@pytest.fixture(scope="module")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Command, list[dict], list[dict]]:
    """All three loaded twice, 26 listed accounts as seeds, scanned."""
    command = Command(tmp_path_factory.mktemp("real") / "home")
    command.ok("init")
    reports = []
    for _ in range(2):
        reports.append([_load(command, shared / "x" / name) for name in LINES])
    seeds = [f"x:{handle}" for handle in _listed(shared)[::2]]
    command.ok("seeds", "add", *seeds)
    command.ok("scan")
    return command, *reports


def _load(command: Command, path: Path) -> dict:
    words = ["load", "x", path] if ".jsonl" in path.name else ["load", "table", path, "--platform", "x", "--yes"]
    return command.ok(*words, "--json").json()


def _listed(shared: Path) -> list[str]:
    with gzip.open(shared / "x" / "fifth_tribe.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        return sorted({row["username"] for row in csv.DictReader(stream)})


def test_loaded_and_rejected_is_what_was_read(real) -> None:
    _, first, _ = real
    for report, lines in zip(first, LINES.values(), strict=True):
        assert report["read"] == lines
        assert report["loaded"] + report["rejected"] == lines
        assert report["rejected"] == sum(report["reject_reasons"].values()) == 0


def test_a_second_load_adds_nothing(real) -> None:
    _, first, second = real
    assert all(sum(report["added"].values()) > 0 for report in first)
    assert [sum(report["added"].values()) for report in second] == [0, 0, 0]


def test_what_the_lake_holds(real) -> None:
    command, *_ = real
    stats = command.stats()
    assert stats["posts"] == 62_109 + 9_046 + 102_783  # 26 background rows stand twice in the file
    assert stats["rejects"] == 0
    with command.lake() as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts")
        authored = posts.filter(pl.col("source") == "x").select(pl.col("account_id").n_unique()).collect().item()
        assert authored == 26_956
        assert posts.filter(pl.col("at").is_null() | pl.col("account_id").is_null()).collect().height == 0


def test_rules_list_supporters_and_hardly_anyone_else(real, shared: Path) -> None:
    command, *_ = real
    listed = set(_listed(shared))
    kinds = Counter(_kind(a, listed) for a in command.ok("findings", "--json", "--signal", "rules").json_lines())
    assert kinds["listed"] >= 14
    assert kinds["background"] == 0
    assert kinds["about"] <= 3  # of 26,956


def test_supporters_list_more_and_stay_off_who_talks_about_it(real, shared: Path) -> None:
    command, *_ = real
    listed = set(_listed(shared))
    kinds = Counter(_kind(a, listed) for a in command.ok("findings", "--json", "--signal", "supporters").json_lines())
    assert kinds["listed"] >= 8  # of 25 that are no seeds
    assert kinds["background"] <= 2  # of 1,112
    assert kinds["about"] <= 30  # of 1,562 with five posts or more


def _kind(account: dict, listed: set[str]) -> str:
    if account["account_id"] in listed:
        return "listed"
    return "about" if account["account_id"].isdigit() else "background"


@pytest.mark.parametrize("language", ["en", "arabic", "french", "hindi"])
def test_no_rule_fires_on_hatecheck(shared: Path, language: str) -> None:
    """Its counter-speech and quotation cases above all (Röttger et al. 2021, 2022)."""
    cases = pl.read_csv(shared / "text" / f"hatecheck_{language}.csv", infer_schema_length=0)["test_case"].drop_nulls()
    assert len(cases) > 3000
    assert RulesSignal(*shipped_rules()).match(as_posts(cases.to_list())).height == 0
