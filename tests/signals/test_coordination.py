"""Campaigns: who acts together is found, who only likes the same things is not, and nobody is listed for it."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import polars as pl
import pytest

from platforms import START, Post, facts, link, ordinary, told_by
from seawall.graph import coaction
from seawall.signals.contract import Facts
from seawall.signals.coordination import CoordinationSurvey, campaigns
from seawall.signals.coordination.acts import acts_of
from seawall.signals.coordination.backbone import by_timing


@pytest.fixture(scope="module")
def quiet() -> list[Post]:
    return ordinary(random.Random(1))


def _campaigns(made: list[Post]) -> list[dict[str, Any]]:
    return CoordinationSurvey().survey(facts(made)).to_pylist()


def _members(campaign: dict[str, Any]) -> set[str]:
    return {member["account_id"] for member in campaign["members"]}


def _group(draw: random.Random, name: str, moments: int = 6, jitter: int = 60, accounts: int = 5) -> list[Post]:
    made = []
    for moment in range(moments):
        at = draw.randrange(20 * 86_400)
        made += [link(f"{name}_{n}", at + draw.randrange(jitter), f"https://{name}/{moment}") for n in range(accounts)]
    return made


def test_ordinary_people_make_no_campaign(quiet) -> None:
    assert _campaigns(quiet) == []


def test_groups_are_found_each_by_itself_with_all_their_accounts(quiet) -> None:
    draw = random.Random(2)
    found = _campaigns(quiet + _group(draw, "lamp") + _group(draw, "oven", jitter=290))
    assert sorted(sorted(_members(c)) for c in found) == [
        [f"lamp_{n}" for n in range(5)],
        [f"oven_{n}" for n in range(5)],
    ]
    for campaign in found:
        assert campaign["accounts"] == 5
        assert campaign["pairs"] == 10
        assert campaign["dense"] == 1
        assert campaign["co_acts"] > 50 > campaign["expected"]
        assert "the same links (10 pairs)" in campaign["because"]
        assert {member["partners"] for member in campaign["members"]} == {4}


def test_seen_posts_are_the_groups_own(quiet) -> None:
    made = quiet + _group(random.Random(2), "lamp")
    (campaign,) = _campaigns(made)
    assert campaign["seen"]
    assert all(made[int(item["post_id"][1:])]["account"].startswith("lamp") for item in campaign["seen"])


def test_acts_to_draw_are_the_members_and_close_on_each_thing(quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    made = quiet + _group(random.Random(3), "lamp", moments=8)
    (found,) = _campaigns(made)
    acts = pl.DataFrame(found["acts"])
    assert acts.height == 8 * 5
    assert set(acts["member"]) == set(range(5))
    assert acts["at"].is_sorted()
    each = acts.group_by("thing").agg(pl.len(), apart=pl.col("at").max() - pl.col("at").min())
    assert each["len"].to_list() == [5] * 8
    assert each["apart"].max().total_seconds() <= 60
    times = {post["second"] for post in made if str(post["account"]).startswith("lamp")}
    assert {int((at - START).total_seconds()) for at in acts["at"]} == times
    monkeypatch.setattr(campaigns, "MOST_DRAWN", 12)
    assert len(_campaigns(made)[0]["acts"]) == 10  # whole things only


@pytest.mark.parametrize("hours", [1, 10])
def test_those_who_like_the_same_things_and_hear_of_them_in_the_same_hours_make_none(quiet, hours: int) -> None:
    draw, made = random.Random(3), list(quiet)
    for day in range(20):
        for n in range(4):
            for thing in range(3):
                at = day * 86_400 + (8 + thing) * 3600 + draw.randrange(hours * 3600)
                made.append(link(f"fan_{n}", at, f"https://club/{day}/{thing}"))
    assert _campaigns(made) == []


def test_one_thing_that_everybody_spreads_at_once_makes_none(quiet) -> None:
    draw = random.Random(4)
    rush = [link(f"ordinary_{n}", 700_000 + draw.randrange(200), "https://quake.example") for n in range(400)]
    assert _campaigns(quiet + rush) == []


def test_two_accounts_make_none(quiet) -> None:
    assert _campaigns(quiet + _group(random.Random(5), "pair", moments=12, accounts=2)) == []


def test_accounts_that_post_different_things_at_the_same_hours_make_none(quiet) -> None:
    made = list(quiet)
    for day in range(20):
        made += [link(f"clerk_{n}", day * 86_400 + 9 * 3600 + n, f"https://clerk/{day}/{n}") for n in range(6)]
    assert _campaigns(made) == []


@pytest.mark.parametrize("channel", ["repost", "link", "hashtags", "text"])
def test_every_channel_finds_a_group(quiet, channel: str) -> None:
    made = [told_by(channel, post) for post in quiet + _group(random.Random(6), "lamp")]
    (campaign,) = _campaigns(made)
    assert _members(campaign) == {f"lamp_{n}" for n in range(5)}
    assert {c["channel"] for c in campaign["channels"]} == {channel, "together"}


def test_what_is_too_little_in_each_channel_is_enough_together(quiet) -> None:
    draw, made = random.Random(7), list(quiet)
    for moment in range(6):
        at = draw.randrange(20 * 86_400)
        for n in range(5):
            post = {"account": f"lamp_{n}", "second": at + draw.randrange(60)}
            kinds = (
                {"kind": "repost", "of": f"o{moment}"},
                {"links": [f"u{moment}"]},
                {"hashtags": ["a", f"b{moment}"]},
            )
            made.append(post | kinds[moment % 3])
    (campaign,) = _campaigns(made)
    assert [c["channel"] for c in campaign["channels"]] == ["together"]


def test_a_post_that_is_copied_whole_counts_once(quiet) -> None:
    """Twice the same link, hashtags and words is twice, not six times: too little."""
    copied = [told_by("text", post) | told_by("hashtags", post) | post for post in _group(random.Random(9), "lamp", 2)]
    assert _campaigns(quiet + copied) == []


def test_what_a_reposted_post_holds_is_no_act_of_the_reposter(quiet) -> None:
    group = [
        {**told_by("repost", post), "hashtags": ["a", "b"]} | {"links": post["links"]}
        for post in _group(random.Random(8), "lamp")
    ]
    (campaign,) = _campaigns([told_by("repost", post) for post in quiet] + quiet + group)
    assert {c["channel"] for c in campaign["channels"]} == {"repost", "together"}


def test_being_close_is_judged_by_how_close_others_are_who_share_such_things(quiet) -> None:
    """Eight who spread the same things with everybody's delays, and eight who do so within minutes."""
    draw, made = random.Random(10), list(quiet)
    for thing in range(90):
        at = draw.randrange(20 * 86_400)
        made += [link(f"slow_{n}", at + int(draw.expovariate(1 / 20_000)), f"https://slow/{thing}") for n in range(8)]
        made += [link(f"fast_{n}", at + draw.randrange(120), f"https://fast/{thing}") for n in range(8)]
    acts = acts_of(facts(made))
    its = acts.channel("link")
    pairs = coaction.pairs(its, 300, 3)
    names = acts.accounts["account_id"]
    kind = np.array([names[int(a)][:4] for a in pairs.first])
    close = by_timing(its, pairs, np.arange(len(pairs)), 300)
    assert (kind == "slow").sum() > 5
    assert close[kind == "slow"].min() > -4 > close[kind == "fast"].max()


def test_neither_order_nor_a_second_export_of_the_same_changes_anything(quiet) -> None:
    its = facts(quiet + _group(random.Random(2), "lamp")).posts.collect()
    found = CoordinationSurvey().survey(Facts(its.lazy())).to_pylist()
    for other in (its.reverse(), its.sample(fraction=1, shuffle=True, seed=3), pl.concat([its, its])):
        assert CoordinationSurvey().survey(Facts(other.lazy())).to_pylist() == found


def test_no_posts_are_no_campaign() -> None:
    assert CoordinationSurvey().survey(Facts.none()).num_rows == 0
