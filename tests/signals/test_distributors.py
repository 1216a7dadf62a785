"""Chains of spreading, the part of each account in them, and the plan over them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.signals.distributors import Plan, Spreading, plan
from seawall.signals.distributors.roles import parts, strength
from spreading import LINK, START, Row
from spreading import facts as _facts
from spreading import network as _network


def _part(rows: list[Row]) -> dict[str, str]:
    table = parts(Spreading.of(_facts(rows)))
    return dict(zip(table["account_id"], table["part"], strict=True))


def _plan(rows: list[Row], candidates: set[str], budget: int = 3) -> Plan:
    names = pl.DataFrame(
        {"platform": ["x"] * len(candidates), "account_id": sorted(candidates)},
        schema={"platform": pl.String, "account_id": pl.String},
    )
    none = pl.DataFrame(schema={"platform": pl.String, "account_id": pl.String, "followers": pl.Int64})
    return plan(Spreading.of(_facts(rows)), names, none, budget)


def test_the_chain_leads_from_the_wing_over_the_carrier_to_those_who_repeat() -> None:
    assert _part(_network(4)) == {
        "wing": "origin",
        "carrier": "distributor",
        "echo0": "repeater",
        "echo1": "repeater",
    }


def test_one_link_in_common_makes_no_chain() -> None:
    assert _part([("a", "post", 0, LINK.format(0), None), ("b", "post", 1, LINK.format(0), None)]) == {
        "a": "none",
        "b": "none",
    }


def test_who_is_not_in_an_item_is_nobodys_source_there() -> None:
    rows = [*_network(4), ("stranger", "post", 50, LINK.format(9), None), ("echo0", "post", 51, LINK.format(9), None)]
    found = Spreading.of(_facts(rows))
    assert found.acts.filter(pl.col("at") == START + timedelta(hours=51))["of"].item() == -1


@pytest.mark.parametrize("kind", ["quote", "reply"])
def test_quoting_and_answering_pass_nothing_on(kind: str) -> None:
    rows = [*_network(4), *[("reporter", kind, 6 * n + 3, LINK.format(n), "wing") for n in range(4)]]
    assert "reporter" not in _part(rows)


def test_who_was_later_is_nobodys_source() -> None:
    rows = [*_network(4), *[("early", "post", 6 * n - 1, LINK.format(n), None) for n in range(4)]]
    table = parts(Spreading.of(_facts(rows)))
    assert table.filter(pl.col("account_id") == "early")["took"].item() == 0
    assert _part(rows)["early"] == "origin"


def test_only_candidates_are_listed_and_each_adds_something() -> None:
    found = _plan(_network(4), {"carrier", "echo0", "echo1", "bystander"})
    assert [one.account_id for one in found.listed] == ["carrier"]  # everything of the echoes came through it
    assert found.candidates == 3
    assert found.acts == 12  # the wing's own four posts go through no candidate
    assert found.acts_of_all == 16
    assert found.cut["plan"] == 1.0


def test_accounts_are_chosen_together_and_not_one_by_one() -> None:
    """Two carriers of the same things hold more than a third each, but the second adds nothing."""
    rows: list[Row] = []
    for n in range(6):
        link = LINK.format(n)
        rows += [("big", "post", 6 * n, link, None), ("twin", "repost", 6 * n + 1, link, "big")]
        rows += [(f"echo{i}", "repost", 6 * n + 2, link, "twin") for i in range(3)]
    rows += [("small", "post", n, LINK.format(f"s{n}"), None) for n in range(6)]
    rows += [("other", "repost", n + 1, LINK.format(f"s{n}"), "small") for n in range(6)]
    found = _plan(rows, {"big", "twin", "small"}, 2)
    assert {one.account_id for one in found.listed} == {"big", "small"}
    assert found.cut["plan"] == 1.0
    assert found.cut["degree"] < 1.0


def test_no_candidates_no_plan() -> None:
    found = _plan(_network(4), {"bystander"})
    assert (found.candidates, found.acts, found.listed, found.forecast) == (0, 0, (), None)
    assert _plan([], set()).listed == ()


@pytest.mark.parametrize(("days", "weeks", "over"), [(3, 0, ""), (16, 2, "items"), (50, 7, "weeks")])
def test_a_forecast_needs_two_weeks_and_its_interval_says_what_it_is_over(days: int, weeks: int, over: str) -> None:
    found = _plan(_network(days, every=24), {"carrier", "echo0"}, 1)
    if not weeks:
        assert found.forecast is None
        return
    assert found.forecast is not None
    assert (found.forecast.weeks, found.forecast.over) == (weeks, over)
    assert found.forecast.low <= found.forecast.value <= found.forecast.high
    assert found.following["plan"] == pytest.approx(found.forecast.value)
    assert found.following["plan"] >= found.following["random"]


def test_the_interval_holds_weeks_as_they_come_and_not_their_mean_alone() -> None:
    rows: list[Row] = []
    for week in range(16):
        big = 6 if week % 2 else 9  # of ten acts of the week
        rows += [
            ("big" if n < big else "small", "post", 168.0 * week + 10 * n, LINK.format(f"{week} {n}"), None)
            for n in range(10)
        ]
    found = _plan(rows, {"big", "small"}, 1)
    assert [one.account_id for one in found.listed] == ["big"]
    assert found.forecast is not None
    assert (found.forecast.weeks, found.forecast.over) == (15, "weeks")
    assert found.forecast.value == pytest.approx(0.74, abs=0.01)
    assert found.forecast.low < 0.6
    assert found.forecast.high > 0.9


def test_what_was_taken_long_ago_or_in_one_great_wave_tells_less_of_what_comes() -> None:
    old = [(f"fan{n}", "repost", n, LINK.format(n), "old") for n in range(6)]
    new = [(f"fan{n}", "repost", 24 * 30 + n, LINK.format(f"n{n}"), "new") for n in range(6)]
    wave = [(f"fan{n}", "repost", 24 * 30 + n, LINK.format("wave"), "wave") for n in range(6)]
    spreading = Spreading.of(_facts([*old, *new, *wave]))
    by_name = dict(zip(spreading.accounts["account_id"], strength(spreading), strict=True))
    assert by_name["new"] > by_name["wave"] > by_name["old"]


ACTS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.sampled_from(["post", "repost"]), st.integers(0, 48), st.integers(0, 3),
        st.sampled_from("abcdef"),
    ),
    max_size=30,
)  # fmt: skip


@given(ACTS, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_chains_hold_together_whatever_came(acts: list[tuple[str, str, int, int, str]], shuffle) -> None:
    rows = [(a, kind, float(h), LINK.format(n), of if kind == "repost" else None) for a, kind, h, n, of in acts]
    found = Spreading.of(_facts(rows))
    again = Spreading.of(_facts(shuffle.sample(rows, len(rows))))
    assert found.acts.equals(again.acts)  # whatever the order of rows
    chains = found.chains
    for act, who in enumerate(found.acts["by"]):
        way = chains.way[chains.starts[act] : chains.starts[act + 1]].tolist()
        assert way[0] == who
        assert len(set(way)) == len(way)
        if chains.source[act] >= 0:
            assert way[1] == chains.source[act]
    everybody = set(found.accounts["account_id"])
    if rows:
        assert _plan(rows, everybody, len(everybody)).cut["plan"] == pytest.approx(1.0)
    whole = found.between(None, None)
    assert np.array_equal(whole.chains.way, chains.way)
