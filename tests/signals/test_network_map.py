"""The network map: who stands in the way of what accounts above the line spread, without anybody else's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from seawall.signals.contract import Facts
from seawall.signals.distributors import NetworkSurvey
from seawall.signals.distributors import map as network_map
from spreading import LINK
from spreading import facts as _facts
from spreading import network as _network

STRANGERS = [("stranger", "post", 1.0, LINK.format(99), None), ("friend", "repost", 2.0, LINK.format(99), "stranger")]


def _map(facts: Facts, *listed: str) -> list[dict[str, Any]]:
    names = {"platform": ["x"] * len(listed), "account_id": list(listed)}
    named = pl.DataFrame(names, schema={"platform": pl.String, "account_id": pl.String})
    return NetworkSurvey().survey(replace(facts, listed=named)).to_pylist()


def test_it_draws_what_goes_through_accounts_above_the_line_and_nobody_else() -> None:
    rows = _map(_facts(_network(5) + STRANGERS), "carrier")
    assert [(row["account_id"], row["part"], row["reach"]) for row in rows] == [
        ("carrier", "distributor", 15),
        (None, "origin", 15),
        (None, "repeater", 5),
        (None, "repeater", 5),
    ]
    assert [row["platform"] for row in rows] == ["x", None, None, None]
    assert rows[0]["takes"][0]["of"] == 1
    assert [row["takes"][0]["of"] for row in rows[2:]] == [0, 0]
    assert [row["takes"][0]["acts"] for row in rows[2:]] == [5, 5]


def test_steps_add_up_to_the_reach_and_are_few() -> None:
    for row in _map(_facts(_network(40)), "carrier"):
        assert sum(step["reach"] for step in row["steps"]) == row["reach"]
        assert len(row["steps"]) <= network_map.STEPS + 1
        assert [step["at"] for step in row["steps"]] == sorted(step["at"] for step in row["steps"])


def test_without_anybody_above_the_line_or_without_their_spreading_there_is_no_map() -> None:
    assert _map(_facts(_network(5))) == []
    assert _map(_facts(_network(5)), "nobody") == []
    assert _map(Facts.none(), "carrier") == []


def test_named_accounts_stay_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_map, "MOST", 2)
    rows = _map(_facts(_network(5)), "echo1")
    assert [row["account_id"] for row in rows] == ["echo1", None]
    assert all(take["of"] < 2 for row in rows for take in row["takes"])


def test_the_order_of_facts_changes_nothing() -> None:
    facts = _facts(_network(6) + STRANGERS)
    turned = replace(facts, posts=facts.posts.reverse())
    assert _map(facts, "carrier", "echo0") == _map(turned, "carrier", "echo0")
