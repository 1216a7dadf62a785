"""seawall evaluate coordination: groups that act together are found, with those taken for one, and nobody is named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from platforms import facts, link, ordinary
from seawall.records.facts import POSTS

GROUPS = ("lamp", "oven", "kite")


@pytest.fixture
def labelled(seawall, tmp_path: Path) -> Path:
    """Ordinary accounts, two groups that act together, one that shares its links over a day, and a truth file."""
    draw = random.Random(4)
    made = ordinary(draw, posts=3000)
    for name, jitter in zip(GROUPS, (60, 60, 86_400), strict=True):
        for moment in range(6):
            at = draw.randrange(18 * 86_400)
            made += [link(f"{name}_{n}", at + draw.randrange(jitter), f"https://{name}/{moment}") for n in range(5)]
    with seawall.lake() as lake:
        lake.append({"posts": facts(made).posts.collect().to_arrow().cast(POSTS.schema)})
    there = sorted({str(post["account"]) for post in made if str(post["account"]).startswith("ordinary")})
    lines = [f"x,{name}_{n},{name}" for name in GROUPS for n in range(5)] + [f"x,{who}," for who in there[:200]]
    path = tmp_path / "truth.csv"
    path.write_text("\n".join(["platform,account,group", *lines, "x,nowhere,lamp"]) + "\n")
    return path


def test_groups_are_held_against_campaigns(seawall, labelled) -> None:
    ran = seawall.ok("evaluate", "coordination", "--truth", labelled, "--json")
    found = ran.json()
    assert "1 row of accounts that are not in the lake" in ran.err
    assert found["ground"] is False
    assert (found["campaigns"], found["campaigns_without_labelled_accounts"]) == (2, 0)
    assert (found["accounts_in_groups"], found["accounts_in_none"], found["accounts_not_in_lake"]) == (15, 200, 1)
    at = found["metrics"]
    assert at["recall"]["value"] == pytest.approx(2 / 3, abs=1e-3)
    assert at["recall"]["low"] < 0.4
    assert at["recall"]["high"] > 0.9
    assert at["flagged_of_none"]["value"] == 0
    assert 0.01 < at["flagged_of_none"]["high"] < 0.03  # none of 200 is not none of all
    assert at["groups_found"]["value"] == at["groups_alone"]["value"] == pytest.approx(2 / 3, abs=1e-3)
    assert at["pair_recall"]["value"] == pytest.approx(2 / 3, abs=1e-3)
    assert at["pair_precision"]["value"] == 1
    assert found["groups"][0] == {"group": "kite", "accounts": 5, "found": 0, "together": 0, "others": 0}
    assert found["groups"][1] == {"group": "lamp", "accounts": 5, "found": 5, "together": 5, "others": 0}
    lines = {line["line"]: line for line in found["partners"]}
    assert lines[3]["recall"]["value"] == pytest.approx(2 / 3, abs=1e-3)
    assert lines[5]["recall"]["value"] == 0  # nobody has five partners in a group of five
    assert lines[1]["precision"]["0.1%"] == 1
    assert lines[1]["precision_at_most_false"]["0.1%"] < 0.1
    assert "another network" in found["transfer"]


def test_who_joins_two_groups_in_the_truth_lowers_pairs_and_groups_alone(seawall, labelled) -> None:
    """Labels that say something else than the lake shows are seen in what is measured."""
    labelled.write_text(
        labelled.read_text().replace("x,lamp_4,lamp", "x,lamp_4,oven").replace("x,oven_1,oven", "x,oven_1,")
    )
    found = seawall.ok("evaluate", "coordination", "--truth", labelled, "--json").json()
    by_name = {its["group"]: its for its in found["groups"]}
    assert (by_name["lamp"]["together"], by_name["lamp"]["others"]) == (4, 1)
    assert (by_name["oven"]["together"], by_name["oven"]["others"]) == (4, 1)
    assert found["metrics"]["groups_alone"]["value"] == 0
    assert found["metrics"]["pair_precision"]["value"] < 1
    assert found["metrics"]["flagged_of_none"]["value"] == pytest.approx(1 / 201, abs=1e-3)


def test_the_table_for_people_names_groups_and_no_account(seawall, labelled) -> None:
    out = seawall.ok("evaluate", "coordination", "--truth", labelled).out
    for words in ("15 accounts in 3 groups", "2 campaigns", "Accounts of no group", "Partners", "0.1%", "no ground",
                  "another network", "kite"):  # fmt: skip
        assert words in out
    assert "lamp_1" not in out
    assert "ordinary_" not in out


HEADER = "platform,account,group\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEADER + "x,a,g\nx,b,\n", "no group of two accounts"),
        (HEADER + "x,a,g\nx,A,g\n", "names an account that an earlier line names"),
        (HEADER + ",a,g\n", "no line that can be used"),
        ("platform,account\nx,a\n", "lacks the columns group"),
        (HEADER + "x,a,g\nx,b,g\n", "no account of a group is in the lake"),
    ],
)
def test_a_truth_file_that_cannot_be_used_says_why(seawall, tmp_path, text, reason) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    assert reason in seawall.fails("evaluate", "coordination", "--truth", path)


def test_bad_lines_cost_only_themselves(seawall, labelled, tmp_path) -> None:
    plain = seawall.ok("evaluate", "coordination", "--truth", labelled, "--json").json()
    labelled.write_text(labelled.read_text() + "x,,lamp\nx,lamp_1,oven\n")
    out = tmp_path / "rejects.csv"
    ran = seawall.ok("evaluate", "coordination", "--truth", labelled, "--json", "--rejects", out)
    assert ran.json() == plain
    assert "2 lines" in ran.err
    assert out.read_text().count("\n") == 3


def test_what_goes_with_other_signals_is_refused(seawall, labelled, tmp_path) -> None:
    assert "leave out --scores" in seawall.fails(
        "evaluate", "coordination", "--truth", labelled, "--scores", tmp_path / "s.csv"
    )
    assert "--files goes with" in seawall.fails("evaluate", "coordination", "--truth", labelled, "--files", tmp_path)
    assert "takes none" in seawall.fails("evaluate", "coordination", "--truth", labelled, tmp_path / "series.csv")
