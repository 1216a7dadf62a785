"""The real families of accounts that came back: case by case, and nobody else said to be back.

Needs the shared data folder and skips visibly without it. Names no account and shows no post.
"""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from command import Command


@pytest.fixture(scope="module")
def evaluated(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, list[dict[str, str]]]:
    """The last account of each family, and every second listed one without a family, against the others."""
    folder = tmp_path_factory.mktemp("returns")
    command = Command(folder / "home")
    command.ok("init")
    posts = shared / "x" / "fifth_tribe.csv.gz"
    command.ok("load", "table", posts, "--platform", "x", "--yes")
    with (shared / "x" / "fifth_tribe_returns.csv").open(newline="") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: (row["family"], row["first"]))
    family = {row["username"]: row["family"] for row in rows}
    last = {row["family"]: row["username"] for row in rows}
    with gzip.open(posts, "rt", encoding="utf-8", newline="") as stream:
        listed = sorted({row["username"] for row in csv.DictReader(stream)})
    truth = folder / "truth.csv"
    with truth.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["platform", "account", "role", "family"])
        for number, account in enumerate(listed):
            new = account in last.values() if account in family else number % 2
            writer.writerow(["x", account, "newcomer" if new else "suspended", family.get(account, account)])
    scores = folder / "scores.csv"
    found = command.ok("evaluate", "returns", "--truth", truth, "--scores", scores, "--json").json()
    return found, list(csv.DictReader(scores.open()))


def test_three_of_four_real_returns_have_their_parent_first(evaluated) -> None:
    found, scores = evaluated
    assert (found["with_parent"], found["accounts_not_in_lake"]) == (4, 0)
    ranks = [float(row["rank_of_50"]) for row in scores if row["has_parent"] == "1"]
    assert sorted(ranks)[:3] == [1, 1, 1]
    assert max(ranks) <= 2


def test_half_of_them_are_above_the_line_and_nobody_else_is(evaluated) -> None:
    _, scores = evaluated
    above = [row for row in scores if float(row["probability"]) >= 0.5]
    assert len(above) >= 2
    assert all(row["right"] == "1" for row in above)
    assert sum(row["has_parent"] == "0" for row in scores) > 20
