"""What every signal promises, run on all of them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from seawall.records.facts import POSTS
from seawall.records.findings import Finding
from seawall.records.labels import Label
from seawall.signals.contract import Facts, Signal
from seawall.signals.rules.files import shipped_rules
from seawall.signals.rules.signal import checked
from seawall.signals.supporters import SupportersSignal
from worlds import network

SIGNALS: dict[str, Signal] = {"rules": checked(*shipped_rules()), "supporters": SupportersSignal()}
DOCS = Path(__file__).parents[2] / "docs" / "signals.md"


@pytest.fixture(params=SIGNALS)
def signal(request: pytest.FixtureRequest) -> Signal:
    return SIGNALS[request.param]


@pytest.fixture(scope="module")
def world() -> tuple[pl.DataFrame, list[Label]]:
    return network()


def _found(signal: Signal, posts: pl.DataFrame, seeds: list[Label]) -> list[Finding]:
    return sorted(signal.find(Facts(posts.lazy(), seeds)), key=lambda f: (f.signal, f.account_id))


def test_it_finds_the_network_and_nobody_else(signal: Signal, world) -> None:
    found = {f.handle for f in _found(signal, *world) if f.above_line}
    roles = {handle.rsplit("_", 1)[0] for handle in found if handle}
    assert len([handle for handle in found if handle and handle.startswith("member")]) >= 9  # of 10
    assert roles <= {"member", "seed"}  # no neighbour, reporter, hunter, victim or devout account


def test_order_does_not_matter(signal: Signal, world) -> None:
    posts, seeds = world
    assert _found(signal, posts, seeds) == _found(signal, posts.reverse(), seeds[::-1])
    assert _found(signal, posts, seeds) == _found(signal, posts.sample(fraction=1, shuffle=True, seed=3), seeds)


def test_a_post_that_two_exports_hold_counts_once(signal: Signal, world) -> None:
    posts, seeds = world
    assert _found(signal, pl.concat([posts, posts]), seeds) == _found(signal, posts, seeds)


def test_it_points_only_at_the_accounts_own_posts_and_says_why(signal: Signal, world) -> None:
    posts, seeds = world
    owner = dict(posts.select("post_id", "account_id").iter_rows())
    found = _found(signal, posts, seeds)
    assert found
    for finding in found:
        assert finding.seen
        assert all(owner[item.post_id] == finding.account_id for item in finding.seen)
        assert len(finding.because) > 20
        assert 0 < finding.score < 1
        assert finding.version


def test_its_result_is_the_same_twice(signal: Signal, world) -> None:
    assert _found(signal, *world) == _found(signal, *world)


def test_it_is_documented_and_says_what_it_is(signal: Signal) -> None:
    assert f"## {signal.name}" in DOCS.read_text("utf-8")
    assert signal.cost in ("batch", "stream")
    assert signal.languages


def test_rules_find_nothing_in_an_empty_lake() -> None:
    assert list(SIGNALS["rules"].find(Facts.none())) == []


def test_facts_without_posts_keep_their_columns() -> None:
    assert Facts.none().posts.collect_schema().names() == POSTS.schema.names
