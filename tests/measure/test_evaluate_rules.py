"""seawall evaluate rules: a home's live rules on posts and accounts that people have labelled."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from seawall.measure.metrics import precision_at
from stream.flows import home_with_rule

LIT, DARK = "The lamp is lit", "Nothing is lit"

THREAT = [["text", "label", "conduct"], [LIT, 1, "threat"], [DARK, 0, ""]]


def _csv(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


@pytest.fixture
def told(seawall: Any, tmp_path: Path) -> Any:
    """What the command prints of a truth file's rows, in a home with a rule that takes one post."""
    home_with_rule(seawall.home, posts=1)

    def ask(*rows: list[object], words: tuple[object, ...] = ()) -> Any:
        return seawall.ok("evaluate", "rules", "--truth", _csv(tmp_path / "truth.csv", list(rows)), "--json", *words)

    return ask


def test_posts_are_measured_with_intervals_that_never_claim_certainty(told: Any) -> None:
    rows = [[LIT, 1, "en"]] * 8 + [[DARK, 1, "en"]] * 2 + [[DARK, 0, "en"]] * 99 + [[LIT, 0, "ru"]]
    found = told(["text", "label", "lang"], *rows).json()
    assert (found["of"], found["positives"], found["negatives"]) == ("posts", 10, 100)
    at = {row["line"]: row for row in found["lines"]}
    assert (at[0.5]["recall"]["value"], at[0.5]["fpr"]["value"]) == (0.8, 0.01)
    assert at[0.8]["recall"]["value"] == 0.0, "the rule weighs .7"
    assert at[0.5]["recall"]["low"] < 0.8 < at[0.5]["recall"]["high"]
    assert at[0.8]["fpr"]["high"] > 0.02, "none of a hundred is not none"
    for share in (0.001, 0.01):
        told_precision = at[0.5]["precision"][str(share)]
        assert told_precision["value"] == round(precision_at(share, 0.8, 0.01), 4)
        assert told_precision["at_worst"] < told_precision["value"]
    assert found["languages"]["ru"] == {"positives": 0, "found": 0, "negatives": 1, "wrongly": 1}
    assert found["rules"] == {"lamp": {"positives": 8, "negatives": 1}}


def test_families_widen_the_interval(told: Any) -> None:
    rows = [[LIT if n < 10 else DARK, 1, f"f{n // 10}"] for n in range(20)] + [[DARK, 0, ""]] * 20
    of_two = told(["text", "label", "family"], *rows).json()["lines"][0]["recall"]
    alone = told(["text", "label", "family"], *[[t, la, ""] for t, la, _ in rows]).json()["lines"][0]["recall"]
    assert (of_two["low"], of_two["high"]) == (0.0, 1.0)
    assert 0.2 < alone["low"] < alone["high"] < 0.8


def test_one_conduct_leaves_other_rules_and_positives_out(told: Any) -> None:
    header = ["text", "label", "conduct"]
    rows = [[LIT, 1, "propaganda"], ["We will bomb the embassy tomorrow", 1, "threat"], [DARK, 0, ""], [LIT, 0, ""]]
    ran = told(header, *rows, words=("--conduct", "threat"))
    found = ran.json()
    assert (found["positives"], found["negatives"], found["left_out"]) == (1, 2, 1)
    assert set(found["rules"]) == {"direct-threat", "specific-threat"}
    assert found["lines"][0]["fpr"]["value"] == 0.0
    assert "1 row of other conduct" in ran.err


def test_kind_and_language_reach_the_rule(told: Any) -> None:
    threat = "We will bomb the embassy tomorrow"
    found = told(["text", "label", "kind"], [threat, 1, "post"], [threat, 0, "repost"]).json()
    assert found["rules"]["specific-threat"] == {"positives": 1, "negatives": 0}


def test_accounts_are_measured_on_their_posts_in_the_lake(seawall: Any, tmp_path: Path) -> None:
    home_with_rule(seawall.home, posts=2)
    posts = [["ann", f"2026-01-0{n} 10:00:00", LIT] for n in (1, 2)] + [["bob", "2026-01-01 10:00:00", LIT]]
    posts += [["eve", "2026-01-01 10:00:00", DARK]]
    seawall.ok(
        "load", "table", _csv(tmp_path / "p.csv", [["handle", "at", "text"], *posts]), "--platform", "x", "--yes"
    )
    names = [("ann", 1), ("@Bob", 1), ("eve", 0), ("nowhere", 0)]
    truth = _csv(tmp_path / "t.csv", [["platform", "account", "label"], *[["x", name, its] for name, its in names]])
    found = seawall.ok("evaluate", "rules", "--truth", truth, "--json").json()
    assert (found["of"], found["positives"], found["negatives"], found["left_out"]) == ("accounts", 2, 1, 1)
    assert found["lines"][1]["recall"]["value"] == 0.5, "bob's one post makes no finding"
    assert "nowhere" not in str(found)


def test_a_bad_line_costs_itself_and_is_told(told: Any) -> None:
    ran = told(["text", "label"], [LIT, 1], [DARK, "perhaps"], ["", 0], [DARK, 0])
    assert ran.json()["rejected"] == 2
    assert "line 3" in ran.err
    assert "label must be 1 or 0" in ran.err


@pytest.mark.parametrize(
    ("rows", "words", "why"),
    [
        ([["said", "label"], [LIT, 1]], (), "lacks the columns"),
        ([["text", "label"], [LIT, 1]], (), "needs both labels"),
        ([["text", "label"]], (), "no line that can be used"),
        (
            [["text", "label", "conduct"], [LIT, 1, "threat"], [DARK, 0, ""]],
            ("--conduct", "travel"),
            "no conduct 'travel'",
        ),
        (
            [["text", "label", "conduct"], [LIT, 1, "threat"], [DARK, 0, ""]],
            ("--conduct", "financing"),
            "nothing is left",
        ),
        ([["platform", "account", "label"], ["x", "a", 1], ["x", "a", 0]], (), "more than one line"),
    ],
)
def test_what_is_no_truth_file_is_refused(
    seawall: Any, tmp_path: Path, rows: list[list[object]], words: tuple[str, ...], why: str
) -> None:
    home_with_rule(seawall.home, posts=1)
    ran = seawall("evaluate", "rules", "--truth", _csv(tmp_path / "truth.csv", rows), *words)
    assert ran.code != 0
    assert why in ran.err


def test_only_rules_are_of_a_conduct(seawall: Any, tmp_path: Path) -> None:
    home_with_rule(seawall.home, posts=1)
    ran = seawall("evaluate", "supporters", "--truth", _csv(tmp_path / "t.csv", [["a"]]), "--conduct", "threat")
    assert "only rules are of a conduct" in ran.err


def test_it_is_shown_to_people_with_the_warning(seawall: Any, tmp_path: Path) -> None:
    home_with_rule(seawall.home, posts=1)
    rows = [["text", "label", "lang"], [LIT, 1, "en"], [DARK, 0, "en"]]
    shown = seawall.ok("evaluate", "rules", "--truth", _csv(tmp_path / "t.csv", rows)).out
    assert "precision at 0.1%" in shown
    assert "lamp" in shown
    assert "Measured on this file alone" in shown
