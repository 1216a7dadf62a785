"""Voices: who argues against what they repeat is not listed for spreading it; nobody hides behind what others do."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.lake import Lake
from seawall.records.facts import POSTS
from seawall.records.findings import Finding, Seen, from_table
from seawall.signals.contract import Facts
from seawall.signals.rules import RulesSignal
from seawall.signals.rules.files import parse_rule
from seawall.signals.rules.grammar import lifted, parse, silencing
from seawall.signals.rules.lists import NamedList
from seawall.signals.rules.signal import as_posts
from seawall.signals.scan import scan
from seawall.signals.voices import Voice, against, at_risk, posterior, withhold
from seawall.signals.voices.acts import count_acts, turners
from seawall.signals.voices.model import ACTS, MET, OWN
from standings import LISTS, RULE, SLOGAN, Square, asker, critic, lamp_rules

RULES = lamp_rules("propaganda")


def scanned(square: Square, home: Path, rules=RULES) -> tuple[dict[str, set[str]], dict[str, int]]:
    """Who is listed by a scan, for what, and how many were withheld by voice."""
    with Lake.create(home) as lake:
        lake.append({"posts": square.frame().to_arrow().cast(POSTS.schema)})
        report = scan(lake, [rules], [])
        with lake.snapshot() as snapshot:
            found = from_table(snapshot.read("findings"))
    listed: dict[str, set[str]] = {}
    for finding in found:
        listed.setdefault(str(finding.handle), set()).add(finding.signal)
    assert report.accounts_above_line == len(listed)
    assert report.findings == {"rules": len(found)}
    return listed, report.withheld


def crowd() -> tuple[Square, list[str]]:
    square = Square()
    return square, square.member("keeper") + square.member("bearer")


def test_who_argues_with_members_is_not_listed_for_what_it_repeats(tmp_path: Path) -> None:
    square, members = crowd()
    critic(square, "critic", members)
    critic(square, "silent", members, argues=0)
    listed, withheld = scanned(square, tmp_path)
    assert set(listed) == {"keeper", "bearer", "silent"}
    assert sum(withheld.values()) == 1
    assert set(withheld) <= {"argues", "reports"}


def test_who_names_members_for_others_to_report_is_not_listed(tmp_path: Path) -> None:
    square, members = crowd()
    critic(square, "hunter", members, argues=2)
    for n in range(9):
        square.post("hunter", "and another one", names=(("keeper", "bearer")[n % 2],))
    listed, withheld = scanned(square, tmp_path)
    assert set(listed) == {"keeper", "bearer"}
    assert withheld == {"hunts": 1}


def test_a_member_who_answers_members_stays_listed(tmp_path: Path) -> None:
    """Answers without distance are what members give each other."""
    square, members = crowd()
    square.member("friend", 4)
    for n in range(20):
        square.post("friend", f"well said {n}", "reply", of=members[n % len(members)])
    square.post("friend", "police say we are few", "reply", of=members[0])
    listed, withheld = scanned(square, tmp_path)
    assert set(listed) == {"keeper", "bearer", "friend"}
    assert withheld == {}


def test_words_of_distance_at_nobody_hide_nobody(tmp_path: Path) -> None:
    """Only answers to the network show somebody who argues: words can be put anywhere."""
    square, _ = crowd()
    square.member("sly", 3)
    for n in range(12):
        square.post("sly", f"{n}: {SLOGAN}, police say")
    listed, _ = scanned(square, tmp_path)
    assert "sly" in listed


def test_words_that_keep_rules_over_other_conduct_silent_are_no_distance(tmp_path: Path) -> None:
    """'The match is lost' keeps a rule over threats silent: it says nothing against what a network spreads."""
    lists = {**LISTS, "play": NamedList("play", "phrases", "Games", ("the match",))}
    boast = RULE.format(id="boast", conduct="threat", form="hits('play') = 0")
    spreading = RULE.format(id="lamp", conduct="propaganda", form="kind IN ('post', 'repost')")
    rules = RulesSignal([parse_rule(text, lists) for text in (spreading, boast)], lists)
    posts = as_posts(["the match is lost", "police say so", f"{SLOGAN}, the match is lost"])
    assert rules.distant(posts).to_list() == [False, True, False]
    assert rules.distance(posts)["distant"].to_list() == [False, True, False]
    square, members = crowd()
    for who in ("keeper", "bearer"):
        for n in range(6):
            square.post(who, f"{n}: the match is lost", "reply", of=members[n % len(members)])
    listed, withheld = scanned(square, tmp_path, rules)
    assert listed["keeper"] == listed["bearer"] == {"rules.lamp", "rules.boast"}
    assert withheld == {}


def test_other_conduct_is_listed_whatever_they_argue(tmp_path: Path) -> None:
    square, members = crowd()
    critic(square, "critic", members)
    listed, _ = scanned(square, tmp_path, lamp_rules("propaganda", "threat"))
    assert listed["critic"] == {"rules.threat"}
    assert listed["keeper"] == {"rules.lamp", "rules.threat"}


def test_nothing_is_withheld_where_nobody_is_argued_with() -> None:
    square = Square()
    square.member("keeper")
    facts = Facts(square.frame().lazy())
    found = list(RULES.find(facts))
    assert withhold(facts, found, RULES).kept == found
    assert withhold(Facts.none(), [], RULES).kept == []


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["reply", "quote"]), st.sampled_from(["hello", "you will see"])), max_size=25)
)
def test_what_others_do_to_an_account_neither_lists_nor_hides_it(met: list[tuple[str, str]]) -> None:
    square, members = crowd()
    critic(square, "critic", members)
    square.member("friend", 4)
    bread = [square.post(who, "fresh bread") for who in ("friend", "critic", "neighbour")]
    for kind, text in met:
        for of in bread:
            square.post("keeper", text, kind, of=of)
    facts = Facts(square.frame().lazy())
    kept = withhold(facts, list(RULES.find(facts)), RULES).kept
    assert {finding.handle for finding in kept} == {"keeper", "bearer", "friend"}


def test_the_same_posts_in_another_order_tell_the_same_acts() -> None:
    square, members = crowd()
    critic(square, "critic", members)
    asker(square, "young", "keeper", members)
    frame = square.frame()
    network = pl.DataFrame({"platform": "x", "account_id": ["id-bearer", "id-keeper"]})
    asked = pl.DataFrame({"platform": "x", "account_id": ["id-critic", "id-young", "id-nobody"]})
    seen = pl.DataFrame(schema={"platform": pl.String, "post_id": pl.String})
    one, other = (
        count_acts(Facts(its.lazy()), network, asked, RULES, seen)
        for its in (frame, pl.concat([frame, frame]).sample(fraction=1, shuffle=True, seed=3))
    )
    assert one.equals(other)
    by = {row.pop("account_id"): row for row in one.to_dicts()}
    assert set(by) == {"id-critic", "id-young"}
    assert {act: by["id-critic"][act] for act in ACTS} == dict.fromkeys(ACTS, 0) | {"spread": 3, "argue": 6}
    assert {act: by["id-young"][act] for act in ACTS} == dict.fromkeys(ACTS, 0) | {"turn": 5, "courted": 5}
    assert turners(Facts(frame.lazy()), network)["account_id"].to_list() == ["id-critic", "id-young"]


def _row(**acts: int) -> pl.DataFrame:
    return pl.DataFrame({act: [acts.get(act, 0)] for act in ACTS})


@pytest.mark.parametrize(
    ("acts", "voice"),
    [
        ({"spread": 9}, None),
        ({"spread": 9, "turn": 12, "answer": 6, "name": 3}, None),  # members talk to each other
        ({"spread": 9, "distance": 9}, None),  # words of distance, at nobody
        ({"spread": 9, "argue": 1}, None),
        ({"spread": 4, "turn": 20, "argue": 1}, None),  # one answer may be chance
        ({"spread": 24, "argue": 4, "distance": 5, "turn": 13, "name": 1}, Voice.ARGUES),  # the benefit of the doubt
        ({"spread": 40, "argue": 4, "distance": 5, "turn": 13, "name": 1}, None),
        ({"spread": 4, "argue": 1, "distance": 5, "name": 4}, Voice.HUNTS),  # who hardly answers, and names
        ({"spread": 4, "distance": 6, "name": 4}, None),
        ({"spread": 7, "argue": 4, "distance": 8, "turn": 13}, Voice.ARGUES),
        ({"spread": 1, "argue": 9, "distance": 8, "turn": 2}, Voice.REPORTS),
        ({"spread": 2, "argue": 4, "distance": 2, "name": 9}, Voice.HUNTS),
        ({}, None),
    ],
)
def test_whom_their_own_acts_show_to_speak_against(acts: dict[str, int], voice: Voice | None) -> None:
    assert against(_row(**acts)) == [voice]
    assert against(_row(**acts, courted=30, targeted=30)) == [voice]  # what others do is not asked


@pytest.mark.parametrize(
    ("acts", "courted"),
    [
        ({"turn": 6, "courted": 4}, True),
        ({"turn": 6, "courted": 4, "spread": 1}, True),
        ({"turn": 6, "courted": 4, "spread": 3}, False),
        ({"turn": 6}, False),  # nobody answers: many ask, from curiosity
        ({"courted": 9}, False),  # answered without turning to it
        ({"argue": 6, "turn": 4, "courted": 4, "distance": 5}, False),
        ({"targeted": 8, "answer": 5}, False),
    ],
)
def test_who_is_courted(acts: dict[str, int], courted: bool) -> None:
    assert at_risk(_row(**acts)).tolist() == [courted]


@given(st.lists(st.integers(0, 200), min_size=len(ACTS), max_size=len(ACTS)))
def test_chances_are_chances(counts: list[int]) -> None:
    chances = posterior(_row(**dict(zip(ACTS, counts, strict=True))))
    assert chances.sum() == pytest.approx(1.0)
    assert ((chances >= 0) & (chances <= 1)).all()
    assert set(OWN) | set(MET) == set(ACTS)


@pytest.mark.parametrize(
    ("where", "lists", "open_"),
    [
        ("hits('a') >= 1 AND hits('b') = 0", {"b"}, ["a", "ab"]),
        ("hits('a') >= 2 AND NOT (hits('b') >= 1 OR hits('c') > 0)", {"b", "c"}, ["aa", "aab"]),
        ("hits('a') >= 1 AND hits('b') IN (0)", {"b"}, ["a", "ab"]),
        ("hits('a') >= 1 AND kind = 'post'", set(), ["a", "ab"]),
        ("hits('a') >= 1 AND hits('b') < 2", {"b"}, ["a", "ab"]),
    ],
)
def test_the_lists_that_keep_a_rule_silent(where: str, lists: set[str], open_: list[str]) -> None:
    tree = parse("r", where, ["a", "b", "c"])
    assert silencing(tree) == lists
    assert not silencing(lifted(tree))
    assert "a" in str(lifted(tree).sql())


def test_a_finding_of_a_person_for_whom_nothing_is_known_stands() -> None:
    ghost = Finding("x", "nobody", None, "rules.lamp", "1", 0.9, "says it", (Seen("gone", "2026-01-01"),), True)
    square, _ = crowd()
    assert withhold(Facts(square.frame().lazy()), [ghost], RULES).kept == [ghost]
