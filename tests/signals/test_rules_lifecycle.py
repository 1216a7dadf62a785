"""A rule's life in a home: draft, shadow, live, stopped; back-tested, published, taken over without a restart."""

from __future__ import annotations

import json

import polars as pl
import pytest

from makers import lines, tweet, write
from seawall.grounds.seeds import Seeds
from seawall.records.labels import Label
from seawall.records.terms import RuleState
from seawall.signals.contract import Facts
from seawall.signals.control import sentences
from seawall.signals.home import signals_of
from seawall.signals.rules import Reloading, RuleError, RulesSignal, read_book, read_lists
from seawall.signals.rules import backtest as backtesting
from seawall.signals.rules.backtest import backtest
from seawall.signals.rules.files import read_rule
from seawall.signals.rules.lists import SHIPPED_LISTS
from seawall.signals.rules.publishing import publish, versions
from seawall.signals.rules.stops import Stops

RULE = """
id = "own"
version = {version}
conduct = "propaganda"
title = "Says the marker"
author = "me"
why = "a marker stands for a slogan of our platform"
languages = ["en"]
where = "hits('marker') >= 1{more}"
posts = {posts}
weight = {weight}
matches = ["the {word} shines"]
silent = ["nothing here"]
"""


@pytest.fixture
def put(seawall):
    """Writes people's own rule and list into the home, and says where."""

    def put_rule(
        state: str = "", more: str = "", version: int = 1, posts: int = 1, folder=None, word: str = "marker", weight=0.7
    ):
        path = (folder or seawall.home / "rules") / "own.toml"
        extra = f'state = "{state}"\n' if state else ""
        path.write_text(RULE.format(version=version, more=more, posts=posts, word=word, weight=weight) + extra, "utf-8")
        (seawall.home / "lists" / "marker.txt").write_text("# kind: phrases\nmarker\nbeacon\n", "utf-8")
        return path

    return put_rule


@pytest.fixture
def posted(seawall, tmp_path):
    """Twelve posts of four accounts; those of accounts 1 and 2 hold the marker, three each."""
    texts = {1: "the marker shines", 2: "a marker again", 3: "nothing", 4: "nothing at all"}
    tweets = [tweet(author * 100 + n, author=author, text=text) for author, text in texts.items() for n in range(3)]
    seawall.ok("load", "x", write(tmp_path / "posts.jsonl", lines(tweets)))


def _listed(seawall) -> list[str]:
    seawall.ok("scan")
    return [a["account_id"] for a in seawall.ok("findings", "--json", "--signal", "rules").json_lines()]


def test_only_a_live_rule_lists_anybody(seawall, put, posted) -> None:
    put()
    assert _listed(seawall) == ["1", "2"]
    for state in ("draft", "shadow", "stopped"):
        put(state)
        assert _listed(seawall) == [], state


def test_a_shadow_rule_is_counted_and_kept_nowhere(seawall, put, posted) -> None:
    put("shadow", posts=3)
    ran = seawall.ok("scan", "--json").json()
    assert ran["shadow"] == {"own": 2}
    assert "shadow" not in ran["findings"]
    assert seawall.ok("findings", "--json").out == ""
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        assert snapshot.rows("findings") == 0
    assert "would be listed by own" in seawall.ok("scan").out


def test_what_a_shadow_rule_finds_lists_nobody_whoever_asks(seawall, put, posted) -> None:
    put("shadow")
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        found = [
            f for s in signals_of(seawall.home) if s.name == "shadow" for f in s.find(Facts(snapshot.scan("posts")))
        ]
    assert [(finding.signal, finding.above_line) for finding in found] == [("shadow.own", False)] * 2


def test_a_shadow_rule_need_not_leave_the_control_corpus_silent(seawall, put, posted) -> None:
    path = put("shadow")
    sentence = next(iter(sentences()["en"])).rstrip(".")
    (seawall.home / "lists" / "marker.txt").write_text(f"# kind: phrases\nmarker\n{sentence}\n", "utf-8")
    assert seawall.ok("scan", "--json").json()["shadow"] == {"own": 2}
    path.write_text(path.read_text().replace("shadow", "live"))
    assert "control corpus" in seawall.fails("scan")


def test_a_draft_that_cannot_be_read_stops_nothing_and_is_told(seawall, put, posted) -> None:
    put("draft", more=" AND religion = 'x'")
    seawall.ok("scan")
    (told,) = [row for row in seawall.ok("rules", "list", "--json").json_lines() if row["rule"] == "own"]
    assert "a rule is about what was done" in told["unread"]
    put("live", more=" AND religion = 'x'")
    assert "a rule is about what was done" in seawall.fails("scan")


def test_an_unknown_state_is_refused(seawall, put) -> None:
    put("retired")
    assert "$.state" in seawall.fails("scan")


def test_a_stopped_rule_lists_nobody_until_it_is_started(seawall, put, posted) -> None:
    rule = read_rule(put(), read_lists(seawall.home / "lists"))
    Stops(seawall.home).stop(rule, "it fires on a song", "me")
    assert _listed(seawall) == []
    (told,) = [row for row in seawall.ok("rules", "list", "--json").json_lines() if row["rule"] == "own"]
    assert (told["state"], told["stopped"]["why"], told["stopped"]["by"]) == ("stopped", "it fires on a song", "me")
    assert "it fires on a song" in seawall.ok("rules", "list").out
    Stops(seawall.home).start(rule, "the song is out", "me")
    assert _listed(seawall) == ["1", "2"]


def test_only_a_rule_that_is_stopped_is_started(seawall, put) -> None:
    put()
    assert "is not stopped" in seawall.fails("rules", "start", "own", "--why", "again")
    assert "there is no rule" in seawall.fails("rules", "stop", "nobody", "--why", "x")


def test_a_stop_is_of_one_version(seawall, put, posted) -> None:
    Stops(seawall.home).stop(read_rule(put(), read_lists(seawall.home / "lists")), "wrong", "me")
    assert _listed(seawall) == []
    put(version=2)
    assert _listed(seawall) == ["1", "2"]


def test_a_damaged_line_of_stops_is_named(seawall, put) -> None:
    put()
    (seawall.home / "rules" / "stops.jsonl").write_text('{"change": "stop"\n')
    assert "line 1 is damaged" in seawall.fails("rules", "list")


# Back-test ------------------------------------------------------------------------------------------------------


def _tested(seawall, path, decided=(), most: int = 20):
    lists = read_lists(SHIPPED_LISTS, seawall.home / "lists")
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        return backtest(snapshot, read_rule(path, lists), lists, decided, most), snapshot.scan("posts").collect()


def test_a_back_test_says_what_the_rule_matches(seawall, put, posted, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(backtesting, "_STRETCH", 5)  # several stretches
    path = put("draft", posts=3, folder=tmp_path)
    said, posts = _tested(seawall, path, most=4)
    matched = RulesSignal(
        [read_rule(path, read_lists(seawall.home / "lists"))], read_lists(seawall.home / "lists")
    ).match(posts)
    assert (said.posts, said.matches, said.accounts, said.found) == (12, matched.height, 2, 2)
    assert said.days == dict(sorted(matched.group_by(pl.col("at").dt.date()).len().iter_rows()))
    assert said.busiest_hour == max(matched.group_by(pl.col("at").dt.truncate("1h")).len()["len"])
    assert len({(post.platform, post.post_id) for post in said.sample}) == 4
    assert {post.account_id for post in said.sample} <= {"1", "2"}
    assert said.undated == 0


def test_a_back_test_says_what_each_condition_does(seawall, put, posted, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(backtesting, "_STRETCH", 5)
    said, _ = _tested(seawall, put("draft", more=" AND hits('marker') = 1 AND kind = 'reply'", folder=tmp_path))
    assert (said.matches, said.any_of) == (0, False)
    assert [(part.text, part.holds, part.alone) for part in said.conditions] == [
        ("hits('marker') >= 1", 6, 0),
        ("hits('marker') = 1", 6, 0),
        ("kind = 'reply'", 0, 6),
    ]
    path = put("draft", more=" OR hits('marker') >= 2", folder=tmp_path)
    said, _ = _tested(seawall, path)
    assert (said.matches, said.any_of) == (6, True)
    assert [(part.holds, part.alone) for part in said.conditions] == [(6, 6), (0, 0)]
    assert "holds of 6, 6 brought in by it alone: hits('marker') >= 1" in seawall.ok("rules", "backtest", path).out


def test_the_sample_is_the_same_however_the_lake_lies(seawall, put, posted, tmp_path, monkeypatch) -> None:
    path = put("draft", folder=tmp_path)
    whole, _ = _tested(seawall, path, most=3)
    monkeypatch.setattr(backtesting, "_STRETCH", 2)
    parts, _ = _tested(seawall, path, most=3)
    assert whole == parts


def test_an_account_with_too_few_matches_is_not_found(seawall, put, posted, tmp_path) -> None:
    said, _ = _tested(seawall, put("draft", posts=4, folder=tmp_path))
    assert (said.accounts, said.found) == (2, 0)


@pytest.mark.parametrize(("weight", "found"), [(0.5, 2), (0.2, 0)])  # three matches of each: .88 and .49
def test_an_account_below_the_line_is_not_found_either(seawall, put, posted, tmp_path, weight, found) -> None:
    said, _ = _tested(
        seawall, put("draft", weight=weight, folder=tmp_path), [Label("x", "1", "s", "g", "-", "m", None)]
    )
    assert (said.accounts, said.found, said.overlap.found) == (2, found, found // 2)


def test_it_says_whom_of_those_decided_about_the_rule_finds(seawall, put, posted, tmp_path) -> None:
    def label(account: str, withdrawn: str | None = None, platform: str = "x") -> Label:
        return Label(platform, account, "supporter", "g", "2016-01-01", "me", withdrawn)

    decided = [label("1"), label("4"), label("ACCOUNT2", "2016-02-01"), label("1", platform="vk")]
    overlap = _tested(seawall, put("draft", folder=tmp_path), decided)[0].overlap
    assert (overlap.decided, overlap.found, overlap.taken_back) == (3, 1, 1)
    none = _tested(seawall, put("draft", posts=9, folder=tmp_path), decided)[0].overlap
    assert (none.decided, none.found, none.taken_back) == (3, 0, 0)


def test_a_back_test_of_nothing(seawall, put, tmp_path) -> None:
    said, _ = _tested(seawall, put("draft", folder=tmp_path))
    assert (said.posts, said.matches, said.days, said.sample) == (0, 0, {}, [])


def test_the_command_shows_texts_only_when_asked_and_notes_that(seawall, put, posted, tmp_path) -> None:
    path = put("draft", folder=tmp_path)
    Seeds(seawall.home).add([("x", "1")], "an earlier decision", "me")
    said = seawall.ok("rules", "backtest", path, "--json")
    found = said.json()
    assert (found["matches"], found["overlap"]) == (6, {"decided": 1, "found": 1, "taken_back": 0})
    assert "marker" not in said.out
    shown = seawall.ok("rules", "backtest", path)
    assert "6 posts match, of 2 accounts" in shown.out
    assert "marker" not in shown.out


def test_a_file_is_checked_before_it_goes_live(seawall, put, tmp_path) -> None:
    path = put("draft", folder=tmp_path)
    assert seawall.ok("rules", "check", path, "--json").json()["may_go_live"] is True
    path.write_text(path.read_text().replace("nothing here", "a marker here"))
    assert "must not match and does" in seawall.fails("rules", "check", path)


# Publishing and reloading ---------------------------------------------------------------------------------------


def test_publishing_puts_the_file_in_place_and_keeps_the_version_before(seawall, put, posted, tmp_path) -> None:
    assert publish(seawall.home, put(folder=tmp_path)).before is None
    assert _listed(seawall) == ["1", "2"]
    first = (seawall.home / "rules" / "own.toml").read_bytes()
    with pytest.raises(RuleError, match="give this a higher one"):
        publish(seawall.home, put(folder=tmp_path, posts=2))
    assert publish(seawall.home, put(version=2, folder=tmp_path)).before == 1
    assert (seawall.home / "rules" / "versions" / "own" / "1.toml").read_bytes() == first
    assert _running(seawall) == (2, [])


def test_a_shadow_version_runs_beside_the_live_one_until_it_takes_its_place(seawall, put, posted, tmp_path) -> None:
    publish(seawall.home, put(folder=tmp_path))
    assert publish(seawall.home, put("shadow", version=2, folder=tmp_path)).before == 1
    assert _running(seawall) == (1, [2])
    assert _listed(seawall) == ["1", "2"]
    assert seawall.ok("scan", "--json").json()["shadow"] == {"own": 2}
    with pytest.raises(RuleError, match="give this a higher one"):
        publish(seawall.home, put(version=2, folder=tmp_path))
    publish(seawall.home, put("shadow", version=3, folder=tmp_path))
    publish(seawall.home, put(version=4, folder=tmp_path))
    assert _running(seawall) == (4, [])
    held = versions(seawall.home, "own")
    assert [(v.number, v.stands) for v in held] == [(4, "runs"), (3, "kept"), (2, "kept"), (1, "kept")]
    assert 'state = "shadow"' in held[2].path.read_text()


def _running(seawall) -> tuple[int, list[int]]:
    book = read_book(seawall.home)
    (live,) = [rule.version for rule in book.of(RuleState.LIVE) if rule.id == "own"]
    return live, [rule.version for rule in book.of(RuleState.SHADOW)]


def test_what_may_not_go_live_is_not_published(seawall, put, tmp_path) -> None:
    path = put(folder=tmp_path, word="lamp")
    assert "must match and does not" in seawall.fails("rules", "publish", path)
    assert not (seawall.home / "rules" / "own.toml").exists()
    path.write_text(path.read_text() + 'state = "draft"\n')
    publish(seawall.home, path)
    assert [rule.id for rule in read_book(seawall.home).of(RuleState.DRAFT)] == ["own"]


def test_a_broken_file_is_mended_by_publishing(seawall, put, tmp_path) -> None:
    good = put(folder=tmp_path)
    (seawall.home / "rules" / "own.toml").write_text("id = ")
    publish(seawall.home, good)
    assert [rule.id for rule in read_book(seawall.home).of(RuleState.LIVE) if rule.id == "own"] == ["own"]


def _matches(rules: Reloading, posts: pl.DataFrame) -> int:
    return rules.signal.match(posts).filter(pl.col("rule") == "own").height


def test_a_changed_file_is_taken_over_without_a_restart(seawall, put, posted) -> None:
    put("draft")
    rules = Reloading(seawall.home)
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").collect()
    assert _matches(rules, posts) == 0
    same = rules.signal
    assert not rules.renew()
    assert rules.signal is same
    put(version=2)
    assert rules.renew()
    assert _matches(rules, posts) == 6
    (seawall.home / "lists" / "marker.txt").write_text("# kind: phrases\nmarker\nnothing\n")
    assert not rules.renew()
    assert "must not match and does" in rules.refused
    path = put(version=2)
    Stops(seawall.home).stop(read_rule(path, read_lists(seawall.home / "lists")), "enough", "me")
    assert rules.renew()
    assert _matches(rules, posts) == 0


def test_a_change_that_may_not_go_live_is_not_taken_over(seawall, put, posted) -> None:
    put()
    rules = Reloading(seawall.home)
    before = rules.signal
    put(version=2, more=" AND religion = 'x'")
    assert not rules.renew()
    assert rules.signal is before
    assert "a rule is about what was done" in rules.refused
    rules.refused = "told"
    assert not rules.renew()
    assert rules.refused == "told"  # it is not tried again until it changes
    put(version=3)
    assert rules.renew()
    assert rules.refused is None


def test_reloading_begins_with_rules_that_may_go_live(seawall, put) -> None:
    put(more=" AND religion = 'x'")
    with pytest.raises(RuleError):
        Reloading(seawall.home)


def test_the_json_of_a_back_test_is_json(seawall, put, posted, tmp_path) -> None:
    said, _ = _tested(seawall, put("draft", folder=tmp_path))
    assert json.loads(json.dumps(said.as_dict()))["sample"][0]["at"]
