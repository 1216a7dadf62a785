"""seawall evaluate: fits on seeds and background, scores the test, never lets a family straddle."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from xml.etree import ElementTree

import pytest

from seawall.measure.truth import TruthError, read_truth, split_again
from seawall.records.terms import Role
from worlds import MEMBER, OTHERS

HEADER = "platform,account,role,label,family\n"


@pytest.fixture
def labelled(seawall, tmp_path: Path) -> Path:
    """A lake with members and others, and a truth file over them."""
    draw = random.Random(1)
    rows, truth = [], []
    plain = ["coffee first", "our team won", "new bread", "the train is late", "a long day at work", "rain again today"]

    def account(name: str, said: list[str], role: str, label: int, family: str = "", posts: int = 26) -> None:
        truth.append(["x", name, role, label, family])
        rows.extend(
            [name, f"2016-01-{d % 28 + 1:02d} 10:{draw.randrange(60):02d}:00", f"{draw.choice(said)} {d}"]
            for d in range(posts)
        )

    for n in range(8):
        account(f"seed{n}", MEMBER + plain, "seed", 1, f"family{n // 2}")
        account(f"member{n}", MEMBER + plain, "test", 1, f"other{n // 2}")
    for n in range(40):
        account(f"background{n}", plain, "background", 0)
        account(f"talker{n}", OTHERS["reporter"] + OTHERS["hunter"] + plain, "test", 0)
    account("quiet", MEMBER, "test", 1, posts=3)
    truth.append(["x", "nowhere", "test", 0, ""])
    _csv(tmp_path / "posts.csv", [["handle", "at", "text"], *rows])
    seawall.ok("load", "table", tmp_path / "posts.csv", "--platform", "x", "--yes")
    return _csv(tmp_path / "truth.csv", [HEADER.strip().split(","), *truth])


def _csv(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    return path


def test_it_measures_the_signal_beside_baseline_and_post_count(seawall, labelled, tmp_path) -> None:
    ran = seawall.ok(
        "evaluate",
        "supporters",
        "--truth",
        labelled,
        "--k",
        "5,20",
        "--scores",
        tmp_path / "out.csv",
        "--json",
        "--picture",
        tmp_path / "reliability.svg",
    )
    found = ran.json()
    assert "1 row without" in ran.err
    assert set(found["k"]) == {"5", "20"}
    at = found["k"]["20"]
    assert (at["positives"], at["negatives"], at["left_out"]) == (8, 40, 2)
    assert at["signal"]["auc"]["value"] > 0.95
    for method in ("signal", "baseline", "post_count"):
        for metric in ("auc", "ap", "fpr_at_recall_80"):
            assert 0 <= at[method][metric]["low"] <= at[method][metric]["value"] + 1e-9
            assert at[method][metric]["value"] - 1e-9 <= at[method][metric]["high"] <= 1
        assert set(at[method]["precision_at_recall_80"]) == {"0.1%", "1.0%"}
    assert at["post_count"]["auc"]["value"] == 0.5
    assert sum(b["accounts"] for b in at["reliability"]) == 48
    drawn = ElementTree.parse(tmp_path / "reliability.svg").getroot()
    titles = [node.text or "" for node in drawn.iter("{http://www.w3.org/2000/svg}title")][1:]
    bins = [b for k in ("5", "20") for b in found["k"][k]["reliability"]]
    assert titles == [f"score {b['mean_score']:.2f}: {b['positive_share']:.1%} of {b['accounts']}" for b in bins]
    assert [line["line"] for line in at["lines"]] == [n / 10 for n in range(1, 10)]
    for stricter, line in zip(at["lines"][1:], at["lines"], strict=False):
        assert stricter["recall"]["value"] <= line["recall"]["value"]
        assert stricter["fpr"]["value"] <= line["fpr"]["value"]
        assert line["precision"]["0.1%"] <= line["precision"]["1.0%"]
    assert "another network" in found["transfer"]
    with (tmp_path / "out.csv").open() as stream:
        scored = list(csv.DictReader(stream))
    assert {row["account"] for row in scored if row["k"] == "20"} == {f"member{n}" for n in range(8)} | {
        f"talker{n}" for n in range(40)
    }
    assert all(0 <= float(row["score"]) <= 1 for row in scored)


def test_it_never_learns_from_test_rows(seawall, labelled, tmp_path) -> None:
    """Relabelling the test changes what is measured, never a score."""
    changed = tmp_path / "changed.csv"
    text = labelled.read_text().replace("talker1,test,0", "talker1,test,1").replace("member2,test,1", "member2,test,0")
    changed.write_text(text)
    scores = []
    for truth in (labelled, changed):
        seawall.ok("evaluate", "supporters", "--truth", truth, "--k", "20", "--scores", tmp_path / "out.csv")
        with (tmp_path / "out.csv").open() as stream:
            scores.append({row["account"]: (row["score"], row["baseline"]) for row in csv.DictReader(stream)})
    assert scores[0] == scores[1]


def test_only_accounts_of_the_truth_file_are_scored(seawall, labelled, tmp_path) -> None:
    less = tmp_path / "less.csv"
    less.write_text("".join(line for line in labelled.read_text().splitlines(True) if "talker3" not in line))
    seawall.ok("evaluate", "supporters", "--truth", less, "--k", "20", "--scores", tmp_path / "out.csv")
    assert "talker3" not in (tmp_path / "out.csv").read_text()


def test_the_table_for_people(seawall, labelled) -> None:
    out = seawall.ok("evaluate", "supporters", "--truth", labelled, "--k", "20", "--splits", "3").out
    for words in ("K = 20", "AUC", "Average precision", "False positives at recall .8", "plain baseline", "post count",
                  "mean of 3 splits", "0.1%", "1.0%", "Where the line is drawn", "Reliability", "ratio",
                  "another network"):  # fmt: skip
        assert words in out


def test_splits_keep_families_together_and_sizes_alike(labelled) -> None:
    rows = read_truth(labelled)
    divided = [split_again(rows, number) for number in range(12)]
    assert len({tuple(row.role for row in split) for split in divided}) > 6
    for split in divided:
        seeds = {row.family for row in split if row.role is Role.SEED}
        assert len(seeds) == 4
        assert not seeds & {row.family for row in split if row.role is Role.TEST}
        assert [row.role for row in split if not row.positive] == [row.role for row in rows if not row.positive]
    assert split_again(rows, 3) == split_again(rows, 3)


BASE = HEADER + "x,a,seed,1,f\nx,b,background,0,\nx,c,test,1,g\nx,d,test,0,\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BASE.replace("x,c,test,1,g", "x,c,test,1,f"), "families have rows to learn from"),
        (BASE.replace("x,b,background,0,", "x,b,background,0,g"), "families have rows to learn from"),
        (BASE.replace("x,a,seed,1", "x,a,seed,0"), "a seed's label is 1"),
        (BASE.replace("x,d,test,0", "x,d,test,"), "line 5: label must be 1 or 0, not ''"),
        (BASE.replace("x,b,background,0", "x,b,background,1"), "a seed's label is 1"),
        (BASE.replace("family", "clan"), "lacks the columns family"),
        (BASE.replace("background", "other"), "role must be one of"),
        (BASE.replace("x,d,test,0,", "x,d,test,maybe,"), "label must be 1 or 0"),
        (BASE.replace("x,b,background,0,\n", ""), "has no background rows"),
        (BASE.replace("x,d,test,0,\n", ""), "need both labels"),
        (BASE + "x,A,test,1,z\n", "more than one row"),
        (BASE.replace("x,a,seed", ",a,seed"), "needs a platform and an account"),
        ("", "lacks the columns"),
        (BASE, "with K = 20 there are 0 seeds"),
    ],
)
def test_a_truth_file_that_cannot_be_used_says_why(seawall, tmp_path, text: str, reason: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    assert reason in seawall.fails("evaluate", "supporters", "--truth", path, "--k", "20")


def test_one_account_by_id_and_by_handle_is_never_learned_from_and_tested_on(seawall, labelled, tmp_path) -> None:
    """Loaded once more with ids, so that a handle and an id name the same posts."""
    with (tmp_path / "ids.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["account_id", "handle", "at", "text"])
        writer.writerows(["id-1", "somebody", f"2016-01-{d:02d}", f"words {d}"] for d in range(1, 27))
    seawall.ok("load", "table", tmp_path / "ids.csv", "--platform", "x", "--yes")
    both = tmp_path / "both.csv"
    both.write_text(labelled.read_text() + "x,id-1,test,1,\nx,somebody,background,0,\n")
    out = tmp_path / "out.csv"
    ran = seawall.ok("evaluate", "supporters", "--truth", both, "--k", "20", "--scores", out)
    assert "Left out of the truth file: 2 rows" in ran.err  # this one, and the one without posts
    assert "id-1" not in out.read_text()
    both.write_text(labelled.read_text() + "x,id-1,seed,1,\nx,somebody,background,0,\n")
    assert "as seed and as background" in seawall.fails("evaluate", "supporters", "--truth", both, "--k", "20")


def test_words_that_mean_no_family_make_no_family(tmp_path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(
        BASE.replace("x,b,background,0,", "x,b,background,0,none").replace("x,d,test,0,", "x,d,test,0,none")
    )
    assert len({row.family for row in read_truth(path)}) == 4


def test_families_of_both_labels_cannot_be_dealt(seawall, tmp_path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(BASE + "x,e,test,0,g\n")
    with pytest.raises(TruthError, match="both labels"):
        split_again(read_truth(path), 0)


def test_wrong_words_say_what_is_known(seawall, labelled) -> None:
    assert "Known are: supporters" in seawall.fails("evaluate", "astrology", "--truth", labelled)
    assert "whole numbers" in seawall.fails("evaluate", "supporters", "--truth", labelled, "--k", "many")
    assert "cannot read" in seawall.fails("evaluate", "supporters", "--truth", "nowhere.csv")


def test_lines_that_cannot_be_used_are_counted_and_told_and_the_rest_goes_on(seawall, labelled, tmp_path) -> None:
    plain = seawall.ok("evaluate", "supporters", "--truth", labelled, "--k", "20", "--json").json()
    bad, out = tmp_path / "bad.csv", tmp_path / "rejects.csv"
    lines = labelled.read_text().splitlines()
    wrong = ["x,,seed,1,", "x,zoe,judge,1,", "x,yan,test,perhaps,", 'x,"wan, once",test,1,a,b']
    bad.write_text("\n".join([*lines[:3], *wrong[:2], *lines[3:], *wrong[2:]]) + "\n")
    ran = seawall.ok("evaluate", "supporters", "--truth", bad, "--k", "20", "--json", "--rejects", out)
    assert ran.json() == plain
    assert "4 lines cannot be used" in ran.err
    assert "line 4: needs a platform and an account" in ran.err
    with out.open(newline="") as stream:
        told = list(csv.DictReader(stream))
    assert [int(row["line"]) for row in told] == [4, 5, len(lines) + 3, len(lines) + 4]
    assert [row["raw"] for row in told] == wrong
    assert "label must be 1 or 0" in told[2]["reason"]
    assert "more cells" in told[3]["reason"]
    bad.write_text("\n".join([lines[0], *wrong]) + "\n")
    said = seawall.fails("evaluate", "supporters", "--truth", bad)
    assert "no line that can be used" in said
    assert "4 lines were rejected" in said
