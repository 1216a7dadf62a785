"""seawall evaluate on real data: what benches say of a signal, a user's own truth file says too. Names nobody.

Needs the shared data folder and skips visibly without it.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from bench.coordination_data import Design, german_elections, planted

from command import Command
from seawall.records.facts import POSTS

WEEK = datetime(2017, 2, 22, tzinfo=UTC), datetime(2017, 3, 1, tzinfo=UTC)


def _truth(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def test_planted_groups_are_measured_as_the_bench_does(shared: Path, tmp_path: Path) -> None:
    more, group = planted(german_elections(shared / "coordination" / "german_elections.csv.gz"), Design(60), seed=7)
    posts = more.posts.collect()
    command = Command(tmp_path / "home")
    command.ok("init")
    with command.lake() as lake:
        lake.append({"posts": posts.select(POSTS.schema.names).to_arrow().cast(POSTS.schema)})
    accounts = posts.select("platform", "account_id").unique().sort("platform", "account_id")
    rows = [(platform, account, group.get(account, "")) for platform, account in accounts.iter_rows()]
    truth = _truth(tmp_path / "truth.csv", ("platform", "account", "group"), rows)
    found = command.ok("evaluate", "coordination", "--truth", truth, "--json").json()
    assert (len(found["groups"]), found["accounts_in_groups"], found["accounts_not_in_lake"]) == (20, 160, 0)
    at = found["metrics"]
    assert at["recall"]["low"] > 0.97
    assert at["groups_alone"]["value"] == at["pair_recall"]["value"] == 1
    # what is flagged anyhow: the collection was gathered by people who looked for coordination
    assert at["flagged_of_none"]["high"] < 0.005


@pytest.fixture(scope="module")
def about(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    command = Command(tmp_path_factory.mktemp("about") / "home")
    command.ok("init")
    command.ok("load", "x", shared / "x" / "about_isis_2017.jsonl.gz")
    return command


def test_the_week_that_followed_is_held_as_the_bench_says(about: Command, tmp_path: Path) -> None:
    with about.lake() as lake, lake.snapshot() as snapshot:
        reposts = (
            snapshot.scan("posts")
            .filter(pl.col("kind") == "repost", pl.col("at").is_between(*WEEK, closed="left"))
            .select("platform", "of_account_id", "account_id", pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S+00:00"))
            .drop_nulls()
            .collect()
        )
    truth = _truth(tmp_path / "later.csv", ("platform", "account", "by", "at"), list(reposts.iter_rows()))
    found = about.ok("evaluate", "distributors", "--truth", truth, "--k", "20", "--json").json()
    at = found["k"]["20"]
    assert found["reposts"] == reposts.height > 7_000
    assert at["signal"]["value"] == pytest.approx(0.599, abs=0.002)
    assert at["plain"]["value"] == pytest.approx(0.590, abs=0.002)
    assert at["signal_minus_plain"]["low"] > 0
    assert at["best_in_hindsight"] == pytest.approx(0.691, abs=0.002)


def test_a_picture_turned_and_changed_is_one_picture(shared: Path, tmp_path: Path) -> None:
    folder = shared / "media"
    turned = sorted((folder / "dih").glob("*.jpg"))
    changed = sorted((folder / "bridge-mods").glob("*.jpg"))
    rows = [(its[0].relative_to(folder), one.relative_to(folder), 1) for its in (turned, changed) for one in its[1:]]
    truth = _truth(tmp_path / "pairs.csv", ("first", "second", "same"), rows)
    found = Command(tmp_path / "home").ok("evaluate", "media", "--truth", truth, "--files", folder, "--json").json()
    assert found["same"] == len(rows)
    assert found["metrics"]["recall"]["value"] == 1
    assert found["furthest_same_bits"] <= 31
