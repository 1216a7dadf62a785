"""Floods on series that others labelled, and on real posts. Counts only: nothing of the data is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Command


@pytest.fixture(scope="module")
def evaluated(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    folder = shared / "bursts"
    series = sorted(folder.glob("*.csv"))
    command = Command(tmp_path_factory.mktemp("floods"))
    return command.ok("evaluate", "floods", "--truth", folder / "combined_windows.json", *series, "--json").json()


def test_events_of_labelled_series_are_found_better_than_by_a_quantile(evaluated) -> None:
    floods, plain = evaluated["floods"], evaluated["quantile"]
    assert floods["windows"] >= 13
    assert floods["f1"] >= 0.65
    assert floods["f1"] > plain["f1"] + 0.2


def test_every_series_has_something_found(evaluated) -> None:
    assert all(told["found"] > 0 for told in evaluated["floods"]["series"].values())


def test_a_scan_of_real_posts_says_of_bursts_only_what_is_so(shared: Path, tmp_path_factory) -> None:
    command = Command(tmp_path_factory.mktemp("real-floods"))
    command.ok("init")
    command.ok("load", "x", shared / "x" / "about_isis_2017.jsonl.gz")
    command.ok("scan")
    rows = command.ok("floods", "--all", "--json").json_lines()
    assert rows
    for row in rows:
        assert row["onset"] < row["raised"] <= row["told"]
        assert row["accounts"] >= 12
        assert 0 <= row["organic"] <= row["accounts"] <= row["posts"]
        assert bool(row["because"]) == (row["verdict"] != "organic")
        assert row["verdict"] == "pushed" or not row["hijack"]
