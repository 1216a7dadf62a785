"""seawall floods and seawall evaluate floods, as people run them."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from command import Command
from crowds import Crowd
from seawall.lake.keeping import expire_before

WEEK = datetime(2026, 3, 2)


@pytest.fixture
def flooded(seawall):
    seawall.ok("init")
    crowd = Crowd().ordinary().flood(80, hashtags=["bread"]).news(accounts=150, hashtags=["trains"])
    with seawall.lake() as lake:
        lake.append(crowd.tables())
    return seawall


def test_before_a_scan_it_says_what_to_do(seawall) -> None:
    seawall.ok("init")
    assert "seawall scan" in seawall.ok("floods").out
    assert seawall.ok("floods", "--json").out == ""


def test_without_a_lake_it_says_what_to_do(tmp_path) -> None:
    assert "seawall init" in Command(tmp_path / "none").fails("floods")


def test_a_scan_keeps_floods_and_lists_nobody_for_them(flooded) -> None:
    report = flooded.ok("scan", "--json").json()
    assert report["surveys"]["found"]["floods"] == 2
    assert report["accounts_above_line"] == 0
    assert flooded.ok("findings", "--json").out == ""
    (row,) = flooded.ok("floods", "--json").json_lines()
    assert (row["kind"], row["value"], row["verdict"], row["hijack"]) == ("hashtag", "bread", "pushed", True)
    said = flooded.ok("floods").out
    assert "x:#bread" in said
    assert "same text" in said
    assert "pushed1" not in said  # no account is named
    assert "pushed1" not in json.dumps(row)


def test_organic_bursts_are_shown_when_asked_for(flooded) -> None:
    flooded.ok("scan")
    both = flooded.ok("floods", "--all", "--json").json_lines()
    assert {row["value"]: row["verdict"] for row in both} == {"bread": "pushed", "trains": "organic"}
    assert [row["value"] for row in flooded.ok("floods", "--verdict", "organic", "--json").json_lines()] == ["trains"]
    assert len(flooded.ok("floods", "--all", "--limit", "1", "--json").json_lines()) == 1
    assert "1 more" in flooded.ok("floods", "--all", "--limit", "1").out
    assert "2 bursts of other kinds" in flooded.ok("floods", "--kind", "link").out


@pytest.mark.parametrize("words", [("--kind", "person"), ("--verdict", "guilty")])
def test_unknown_words_are_refused_with_the_known_ones(flooded, words) -> None:
    assert "Known are" in flooded.fails("floods", *words)


def test_a_second_scan_replaces_and_expiry_takes_away(flooded) -> None:
    flooded.ok("scan")
    flooded.ok("scan")
    assert len(flooded.ok("floods", "--all", "--json").json_lines()) == 2
    with flooded.lake() as lake:
        expire_before(lake, (WEEK + timedelta(days=1)).date())
    assert flooded.ok("floods", "--all", "--json").out == ""


def _series(folder: Path, name: str, spikes: dict[int, int], width: int = 300) -> Path:
    """Twenty days of ten a bin, with an hour of more at some bins."""
    path = folder / name
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["timestamp", "value"])
        for n in range(20 * 288):
            extra = sum(size for begin, size in spikes.items() if begin <= n < begin + 12)
            writer.writerow([WEEK + timedelta(seconds=width * n), 10 + n % 3 + extra])
    return path


def _truth(folder: Path, windows: dict[str, list[tuple[int, int]]]) -> Path:
    path = folder / "windows.json"
    at = {
        f"some/{name}": [[str(WEEK + timedelta(minutes=5 * a)), str(WEEK + timedelta(minutes=5 * b))] for a, b in its]
        for name, its in windows.items()
    }
    path.write_text(json.dumps(at))
    return path


def test_windows_found_false_events_and_delay_are_counted(seawall, tmp_path) -> None:
    # one spike in a window, one outside, one in the days of learning, and a window in which nothing happens
    series = _series(tmp_path, "a.csv", {2_000: 200, 4_000: 900, 300: 200})
    truth = _truth(tmp_path, {"a.csv": [(1_988, 2_100), (3_000, 3_100), (250, 350)]})
    found = seawall.ok("evaluate", "floods", "--truth", truth, series, "--json").json()["floods"]
    assert (found["windows"], found["false_events"]) == (2, 1)
    assert (found["recall"], found["precision"], found["f1"]) == (0.5, 0.5, 0.5)
    assert 60 <= found["median_minutes"] <= 65  # an hour after the window begins, the spike does
    assert found["low"] is None  # one series has no interval


def test_a_quiet_series_without_windows_counts_as_nothing(seawall, tmp_path) -> None:
    series = _series(tmp_path, "a.csv", {})
    said = seawall.ok("evaluate", "floods", "--truth", _truth(tmp_path, {"a.csv": []}), series)
    assert "0 false events" in said.out
    assert "plain rule" in said.out


def test_what_cannot_be_evaluated_is_said(seawall, tmp_path) -> None:
    series = _series(tmp_path, "a.csv", {})
    truth = _truth(tmp_path, {"b.csv": []})
    assert "no windows for a.csv" in seawall.fails("evaluate", "floods", "--truth", truth, series)
    assert "SERIES.csv" in seawall.fails("evaluate", "floods", "--truth", truth)
    wide = _series(tmp_path, "b.csv", {}, width=600)
    assert "600 seconds wide" in seawall.fails("evaluate", "floods", "--truth", truth, wide)
    (tmp_path / "b.csv").write_text("when,how\n1,2\n")
    assert "timestamp" in seawall.fails("evaluate", "floods", "--truth", truth, tmp_path / "b.csv")
    truth.write_text("[1]")
    assert "not a JSON object" in seawall.fails("evaluate", "floods", "--truth", truth, series)
    assert "takes none" in seawall.fails("evaluate", "supporters", "--truth", truth, series)


def test_rows_and_windows_that_cannot_be_used_cost_only_themselves(seawall, tmp_path) -> None:
    series = _series(tmp_path, "a.csv", {2_000: 200})
    truth = _truth(tmp_path, {"a.csv": [(1_988, 2_100)]})
    asked = ("evaluate", "floods", "--truth", truth, series, "--json")
    plain = seawall.ok(*asked).json()
    lines = series.read_text().splitlines()
    wrong = ["noon,12", f"{WEEK},-3", f"{WEEK},nan", f"{WEEK - timedelta(days=1)},4"]
    series.write_text("\n".join([lines[0], wrong[0], lines[1], *wrong[1:], *lines[2:]]) + "\n")
    given = json.loads(truth.read_text())
    given["some/a.csv"] += [["2026-03-09", "2026-03-08"], ["soon", "later"], [1, 2], "always"]
    truth.write_text(json.dumps(given))
    ran = seawall.ok(*asked, "--rejects", tmp_path / "out.csv")
    assert ran.json() == plain
    assert "8 lines cannot be used" in ran.err
    told = list(csv.DictReader((tmp_path / "out.csv").open(newline="")))
    assert [row["line"] for row in told] == [""] * 4 + ["2", "4", "5", "6"]
    assert [row["reason"].split("(")[0].strip() for row in told[4:]] == [
        "a.csv: needs a timestamp",
        "a.csv: a count is never negative",
        "a.csv: needs a timestamp",
        "a.csv: comes before the row above it",
    ]
    assert "ends before it begins" in told[0]["reason"]
