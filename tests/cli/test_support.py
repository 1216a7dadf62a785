"""seawall support, as people run it: how many are courted and where; nobody by name, and nobody in a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import Command
from seawall.lake.keeping import expire_before
from seawall.records.facts import POSTS
from seawall.records.support import SUPPORT
from seawall.signals.voices.offer import languages, offer
from standings import LIST, RULE_FILE, SLOGAN, Square, asker, critic


def platform(seawall, askers: int = 12, russian: int = 11) -> Square:
    """A home with the lamp's rule, its members, one critic, one curious neighbour and so many who are courted."""
    seawall.ok("init")
    for name, text in (("lists/slogans.txt", LIST), ("rules/lamp.toml", RULE_FILE)):
        (seawall.home / name).parent.mkdir(exist_ok=True)
        (seawall.home / name).write_text(text)
    square = Square()
    members = square.member("keeper") + square.member("bearer")
    critic(square, "critic", members)
    for n in range(5):
        square.post("curious", "who are you?", "reply", of=members[n])
    for n in range(askers):
        asker(square, f"young{n}", "keeper", members)
    for n in range(russian):
        asker(square, f"other{n}", "bearer", members, lang="ru")
    with seawall.lake() as lake:
        lake.append({"posts": square.frame().to_arrow().cast(POSTS.schema)})
    return square


def test_before_a_scan_it_says_what_to_do(seawall) -> None:
    seawall.ok("init")
    assert "seawall scan" in seawall.ok("support").out
    assert seawall.ok("support", "--json").out == ""


def test_without_a_lake_it_says_what_to_do(tmp_path: Path) -> None:
    assert "seawall init" in Command(tmp_path / "none").fails("support")


def test_it_counts_who_is_courted_and_lists_nobody(seawall) -> None:
    platform(seawall, 11, 12)
    report = seawall.ok("scan", "--json").json()
    assert report["surveys"]["found"]["support"] == 3
    every, russian, english = seawall.ok("support", "--json").json_lines()
    assert (every["language"], every["accounts"], every["tags"]) == (None, 23, ["lamp"])
    assert (english["language"], english["accounts"]) == ("en", 11)
    assert (russian["language"], russian["accounts"]) == ("ru", 12)  # the most people first
    assert every["first"] == every["last"] == "2016-01-02"
    listed = {line["handle"] for line in seawall.ok("findings", "--json").json_lines()}
    assert listed == {"keeper", "bearer"}
    said = seawall.ok("support").out
    assert "x: 23 accounts" in said
    assert "#lamp" in said
    for name in ("young", "other", "id-", "curious", SLOGAN):
        assert name not in said + seawall.ok("support", "--json").out


def test_no_row_could_hold_an_account() -> None:
    """What is kept has no place for a name: nobody becomes a case by being courted."""
    assert set(SUPPORT.names) == {"platform", "language", "accounts", "first", "last", "tags"}


def test_fewer_than_ten_are_not_told_apart(seawall) -> None:
    platform(seawall, askers=6, russian=3)
    seawall.ok("scan")
    (row,) = seawall.ok("support", "--json").json_lines()
    assert (row["accounts"], row["language"], row["tags"]) == (None, None, [])
    assert "1 to 9 accounts" in seawall.ok("support").out


def test_who_spreads_is_not_counted_among_the_courted(seawall) -> None:
    square = platform(seawall, russian=0)
    seawall.ok("scan")
    assert seawall.ok("support", "--json").json_lines()[0]["accounts"] == 12
    more = Square()
    for n in range(6):
        more.post("young0", f"{n}: {SLOGAN}")
    frame = more.frame().with_columns(post_id="m" + more.frame()["post_id"])
    with seawall.lake() as lake:
        lake.append({"posts": frame.to_arrow().cast(POSTS.schema)})
    seawall.ok("scan")
    assert seawall.ok("support", "--json").json_lines()[0]["accounts"] == 11
    assert "young0" in {line["handle"] for line in seawall.ok("findings", "--json").json_lines()}
    assert square


def test_counts_go_when_posts_expire(seawall) -> None:
    square = platform(seawall)
    seawall.ok("scan")
    with seawall.lake() as lake:
        expire_before(lake, square.frame()["at"].max())
    assert seawall.ok("support", "--json").out == ""


@pytest.mark.parametrize("language", languages())
def test_the_message_names_the_help_and_accuses_nobody(seawall, language: str) -> None:
    said = seawall.ok("support", "--message", language, "--link", "https://help.example.org/a").out
    assert said.strip() == offer(language, "https://help.example.org/a")
    assert "{" not in said
    assert "{link}" in seawall.ok("support", "--message", language).out


def test_a_language_without_a_message_is_told(seawall) -> None:
    assert "en, ar, ru" in seawall.fails("support", "--message", "xx")
    seawall.ok("init")
    assert "--message" in seawall.fails("support", "--link", "https://help.example.org")
