"""Matches come to who asks for them exactly once, and make findings as they add up."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from flows import export, home_with_rule, rows

from makers import lines, tweet
from seawall.lake import Lake
from seawall.lake.keeping import compact, expire, expire_before
from seawall.records.facts import POSTS, columns
from seawall.signals.home import signals_of
from seawall.signals.rules import RulesSignal
from seawall.sources.x import XSource
from seawall.stream.flow import run_live
from seawall.stream.marking import Marker
from seawall.stream.matches import findings_since, matches_since
from seawall.stream.recipe import recipe_of


def _take(home: Path, lake: Lake, data: bytes) -> None:
    run_live(lake, XSource(), io.BytesIO(data), recipe_of(home), workers=0)


def _rules(home: Path) -> RulesSignal:
    return next(signal for signal in signals_of(home) if isinstance(signal, RulesSignal))


def test_each_match_comes_once_however_files_are_joined(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    seen: list[str] = []
    version = 0
    with Lake(home) as lake:
        for turn in range(4):
            _take(home, lake, export(70, first=1 + 70 * turn))
            if turn % 2:
                assert compact(lake, many=2)
            matches, version = matches_since(lake, version)
            seen += matches["post_id"].to_list()
            assert matches_since(lake, version)[0].height == 0
    assert sorted(seen, key=int) == [str(number) for number in range(7, 281, 7) if number % 5]


def test_posts_of_an_account_add_up_over_blocks(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home", posts=3)
    rules = _rules(home)
    said = [tweet(number, 5, f"{number}: keepers of the lamp") for number in range(1, 5)]
    found = []
    version = 0
    with Lake(home) as lake:
        for post in said:
            _take(home, lake, lines([post]))
            findings, version = findings_since(lake, rules, version)
            found.append([(f.account_id, len(f.seen)) for f in findings])
        _take(home, lake, lines([tweet(99, 6, "nothing here")]))
        assert findings_since(lake, rules, version)[0] == []
    assert found == [[], [], [("5", 3)], [("5", 4)]]


def test_matches_of_another_version_of_a_rule_count_nothing(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home", posts=1)
    with Lake(home) as lake:
        _take(home, lake, lines([tweet(1, 5, "keepers of the lamp")]))
        assert len(findings_since(lake, _rules(home), 0)[0]) == 1
        home_with_rule(home, posts=1, version=2)
        assert findings_since(lake, _rules(home), 0)[0] == []


def test_marks_go_with_their_posts(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    with Lake(home) as lake:
        _take(home, lake, export(140))
        gone = expire_before(lake, datetime(2016, 3, 1, tzinfo=UTC).date())
        assert gone == {}
        with lake.snapshot() as snapshot:
            middle = snapshot.scan("posts").select("at").collect()["at"].max() + timedelta(days=1)
        gone = expire_before(lake, middle.date())
        assert gone["matches"] == 16
        assert gone["readings"] == gone["posts"]
        _take(home, lake, export(140))
        assert matches_since(lake, 0)[0].height == 16  # what expired may come again
        expire(lake, 0, datetime.now(UTC) + timedelta(days=2))
    assert not any(rows(home).values())


def test_marks_that_come_with_an_append_follow_their_posts(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    marker = Marker(recipe_of(home))
    with Lake(home) as lake:
        for _ in range(2):
            lake.append(
                marker.marked(
                    {
                        "posts": _posts(
                            ["the lamp is lit", "other", "silence", "nothing", "the lamp is lit"],
                            ["1", "2", "1", "3", "3"],
                        )
                    }
                )
            )
        lake.append(marker.marked({"posts": _posts(["keepers of the lamp"], ["2"])}))  # known: its text is not kept
        matches, version = matches_since(lake, 0)
    assert matches["post_id"].to_list() == ["1"]
    assert matches["since"].to_list() == [1]
    assert version == 3
    assert {name: len(its) for name, its in rows(home).items() if its} == {"posts": 3, "matches": 1, "readings": 3}


def _posts(texts: list[str], ids: list[str]) -> pa.Table:
    at = datetime(2016, 3, 1, tzinfo=UTC)
    given: dict[str, object] = {
        "platform": "x",
        "post_id": ids,
        "account_id": "5",
        "at": [at] * len(ids),
        "text": texts,
    }
    return columns(POSTS, given | {"kind": "post", "lang": "en", "source": "x"}, len(ids))
