"""seawall evaluate distributors: parts in chains, and who holds the reposts that come; nobody is named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from seawall.records.facts import POSTS
from spreading import START, Row, facts, network


def _load(seawall, rows: list[Row]) -> None:
    with seawall.lake() as lake:
        lake.append({"posts": facts(rows).posts.collect().to_arrow().cast(POSTS.schema)})


def _truth(folder: Path, header: str, lines: list[str]) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


@pytest.fixture
def spread(seawall):
    _load(seawall, [*network(20), ("quiet", "post", 1.0, None, None)])
    return seawall


RIGHT = ["x,wing,origin", "x,carrier,distributor", "x,echo0,repeater", "x,echo1,repeater", "x,quiet,none"]


def test_parts_are_held_against_labels(spread, tmp_path) -> None:
    truth = _truth(tmp_path, "platform,account,part", [*RIGHT, "x,nowhere,origin"])
    ran = spread.ok("evaluate", "distributors", "--truth", truth, "--json")
    found = ran.json()
    assert "1 row of accounts that are not in the lake" in ran.err
    assert (found["accounts"], found["accounts_not_in_lake"]) == (5, 1)
    assert found["metrics"]["accuracy"]["value"] == found["metrics"]["mean_f1"]["value"] == 1
    assert found["metrics"]["accuracy"]["low"] < 0.6  # five accounts are five
    assert found["accuracy_of_the_commonest"] == 0.4
    assert found["confusion"]["repeater"] == {"origin": 0, "distributor": 0, "repeater": 2, "none": 0}
    lines = {line["line"]: line for line in found["reach"]}
    assert lines[20]["recall"]["value"] == 1
    assert lines[50]["fpr"]["value"] == 0


def test_wrong_labels_show(spread, tmp_path) -> None:
    wrong = [*RIGHT[:2], "x,echo0,distributor", *RIGHT[3:]]
    found = spread.ok(
        "evaluate", "distributors", "--truth", _truth(tmp_path, "platform,account,part", wrong), "--json"
    ).json()
    assert found["metrics"]["accuracy"]["value"] == 0.8
    assert found["metrics"]["distributor_recall"]["value"] == 0.5
    assert found["metrics"]["repeater_precision"]["value"] == 0.5
    assert found["confusion"]["distributor"]["repeater"] == 1


def _later(seawall, tmp_path: Path, of: dict[str, int], after: float = 24 * 30) -> Path:
    lines = [
        f"x,{name},fan{n % 7},{(START + timedelta(hours=after + n)).isoformat()}"
        for name, times in of.items()
        for n in range(times)
    ]
    return _truth(tmp_path, "platform,account,by,at", lines)


def test_reposts_that_came_later_are_held_by_the_chosen(spread, tmp_path) -> None:
    truth = _later(spread, tmp_path, {"carrier": 60, "wing": 20, "stranger": 20})
    found = spread.ok("evaluate", "distributors", "--truth", truth, "--k", "1,2", "--json").json()
    assert (found["reposts"], found["of_accounts_unknown_before"]) == (100, 20)
    one, two = found["k"]["1"], found["k"]["2"]
    assert one["signal"]["value"] == one["plain"]["value"] == one["best_in_hindsight"] == 0.6
    assert one["signal"]["low"] < 0.6 < one["signal"]["high"]
    assert one["signal_minus_plain"] == {"value": 0, "low": 0, "high": 0}
    assert two["signal"]["value"] == 0.8  # the wing, whose links the carrier took


def test_nothing_is_learned_from_the_time_that_is_asked_about(seawall, tmp_path) -> None:
    """A burst of reposts of somebody else, on the day after the first asked-about repost, changes nothing."""
    _load(seawall, network(20))
    truth = _later(seawall, tmp_path, {"carrier": 10}, after=200)
    before = seawall.ok("evaluate", "distributors", "--truth", truth, "--k", "1", "--json").json()
    late: list[Row] = [(f"crowd{n}", "repost", 201.0, f"https://late/{n}", "upstart") for n in range(300)]
    with seawall.lake() as lake:
        table = facts([*network(20), *late]).posts.collect().to_arrow().cast(POSTS.schema)
        lake.append({"posts": table})
    assert seawall.ok("evaluate", "distributors", "--truth", truth, "--k", "1", "--json").json() == before
    assert before["k"]["1"]["signal"]["value"] == 1


def test_the_tables_for_people_name_no_account(spread, tmp_path) -> None:
    out = spread.ok("evaluate", "distributors", "--truth", _truth(tmp_path, "platform,account,part", RIGHT)).out
    for words in ("5 accounts", "Accuracy", "commonest", "Is, and is said to be", "Reach", "another network"):
        assert words in out
    later = spread.ok("evaluate", "distributors", "--truth", _later(spread, tmp_path, {"carrier": 9}), "--k", "2").out
    for words in ("9 later reposts", "Share held by 2 accounts", "plain repost counts", "hindsight", "another network"):
        assert words in later
    assert "wing" not in out + later


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("platform,account\nx,a\n", "needs the columns platform, account, part, or platform"),
        ("platform,account,part\nx,wing,origin\n", "all its accounts have one part"),
        ("platform,account,part\nx,wing,boss\n", "part must be one of origin"),
        ("platform,account,part\nx,nobody,origin\nx,none,none\n", "no account of the truth file is in the lake"),
        ("platform,account,by,at\nx,wing,b,noon\n", "times are written"),
        ("platform,account,by,at\nx,wing,b,\n", "needs a time"),
        ("platform,account,by,at\nx,wing,b,2001-01-01\n", "holds no repost before 2001"),
        ("platform,account,by\nx,wing,b\n", "needs the columns"),
    ],
)
def test_a_truth_file_that_cannot_be_used_says_why(spread, tmp_path, text, reason) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    assert reason in spread.fails("evaluate", "distributors", "--truth", path)
