"""Floods: what is raised and what is not, when, and what is said of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowds import FLOOD_AT, START, Crowd, portions
from seawall.signals.contract import Facts
from seawall.signals.floods import FloodsSurvey, Meter, Settings
from seawall.signals.floods.judging import in_words
from seawall.signals.floods.series import uses
from seawall.signals.floods.survey import counts_of


def floods(crowd: Crowd) -> list[dict]:
    return FloodsSurvey().survey(Facts(**crowd.frames())).to_pylist()


def only(crowd: Crowd) -> dict:
    (row,) = floods(crowd)
    return row


def test_people_who_use_tags_day_and_night_are_no_flood() -> None:
    assert floods(Crowd().ordinary()) == []


def test_no_post_no_flood() -> None:
    assert FloodsSurvey().survey(Facts.none()).num_rows == 0


@pytest.mark.parametrize("accounts", [30, 300])
def test_a_flood_is_told_within_five_minutes_with_its_reasons(accounts: int) -> None:
    row = only(Crowd().ordinary().flood(accounts, hashtags=["NewTag"]))
    assert (row["kind"], row["value"], row["verdict"]) == ("hashtag", "newtag", "pushed")
    assert FLOOD_AT < row["raised"] <= row["told"] <= FLOOD_AT + timedelta(minutes=5)
    assert any("same text" in reason for reason in row["because"])
    assert [in_words(mark) for mark in row["marks"]] == row["because"]
    assert not row["hijack"]  # nobody had the tag in use


def test_fewer_accounts_than_a_flood_needs_are_none() -> None:
    assert floods(Crowd().ordinary().flood(10, hashtags=["newtag"])) == []


def test_who_started_it_is_told_by_the_first_posts() -> None:
    crowd = Crowd().ordinary()
    first = len(crowd.rows)
    row = only(crowd.flood(hashtags=["newtag"]))
    assert row["first"] == [f"p{first + n}" for n in range(10)]


def test_the_curve_counts_accounts_and_stands_against_the_same_hours_before() -> None:
    row = only(Crowd().ordinary().flood(60, minutes=10, hashtags=["bread"]))
    curve = {point["at"]: point for point in row["curve"]}
    assert min(curve) <= row["onset"] - timedelta(hours=12)
    assert max(curve) >= row["raised"] + timedelta(minutes=55)
    assert {(later - sooner) for sooner, later in pairwise(sorted(curve))} == {timedelta(minutes=5)}
    assert sum(curve[FLOOD_AT + timedelta(minutes=m)]["accounts"] for m in (0, 5)) >= 60
    usual = curve[FLOOD_AT]["usual"]
    assert 1 < usual < 2.5  # twenty an hour
    assert curve[min(curve)]["usual"] < usual  # fewer by night


def test_nothing_usual_is_known_before_the_second_day() -> None:
    early = START + timedelta(hours=15)
    row = only(Crowd().ordinary(1).flood(60, at=early, hashtags=["bread"]))
    assert {point["usual"] for point in row["curve"] if point["at"] >= START} == {None}


def test_a_tag_in_use_that_others_take_over_is_a_hijack() -> None:
    row = only(Crowd().ordinary().flood(200, hashtags=["bread"]))
    assert (row["value"], row["verdict"], row["hijack"]) == ("bread", "pushed", True)
    assert row["used_before"] < 0.2


def test_news_that_people_spread_is_raised_and_said_to_be_organic() -> None:
    row = only(Crowd().ordinary().news(hashtags=["bread"]))
    assert (row["verdict"], row["because"], row["organic"]) == ("organic", [], row["accounts"])


def test_people_who_join_a_flood_are_counted_as_organic() -> None:
    row = only(Crowd().ordinary().flood(100, hashtags=["bread"]).news(30, 4, hashtags=["bread"]))
    assert row["verdict"] == "pushed"
    assert row["accounts"] - row["organic"] == 100
    assert row["organic"] >= 30


def test_tags_that_the_same_accounts_fill_together_are_one_flood() -> None:
    row = only(Crowd().ordinary().flood(hashtags=["newtag", "bread"], links=["https://example.org/a"]))
    assert {f"{row['kind']}:{row['value']}", *row["also"]} == {"hashtag:newtag", "hashtag:bread", "link:example.org/a"}


def test_floods_of_others_at_the_same_time_stay_apart() -> None:
    crowd = Crowd().ordinary().flood(hashtags=["newtag"])
    assert len(floods(crowd.flood(hashtags=["other"]))) == 2


def test_few_accounts_that_come_again_and_again_are_no_flood() -> None:
    crowd = Crowd().ordinary()
    for minute in range(40):
        for n in range(5):
            crowd.post(f"chatty{n}", FLOOD_AT + timedelta(minutes=minute), hashtags=["bread"])
    assert floods(crowd) == []


def test_a_collection_that_begins_again_after_a_gap_is_no_flood() -> None:
    crowd = Crowd().ordinary()
    gap = (START + timedelta(days=2), START + timedelta(days=2, hours=8))
    crowd.rows = [row for row in crowd.rows if not gap[0] <= row["at"] < gap[1]]
    for n in range(5 * 40):  # everything of eight hours comes within ten minutes
        crowd.post(
            f"person{n}",
            gap[1] + timedelta(seconds=3 * n),
            hashtags=[["garden", "bread", "trains", "football", "weather"][n % 5]],
        )
    assert floods(crowd) == []


def test_links_are_one_series_however_they_are_written() -> None:
    crowd = Crowd().ordinary()
    for n, link in enumerate(["https://www.example.org/a/", "http://example.org/a", "HTTPS://example.org/a#top"]):
        crowd.flood(12, at=FLOOD_AT + timedelta(seconds=n), links=[link])
    row = only(crowd)
    assert (row["kind"], row["value"]) == ("link", "example.org/a")


def test_mentions_and_replies_at_one_target_are_one_flood() -> None:
    crowd = Crowd().ordinary()
    crowd.flood(20, mentions=["Town_Hall"]).flood(20, reply_to_handle="town_hall")
    row = only(crowd)
    assert (row["kind"], row["value"], row["verdict"]) == ("mention", "town_hall", "pushed")


def test_being_reposted_is_no_mention() -> None:
    assert floods(Crowd().ordinary().flood(200, kind="repost", mentions=["writer"])) == []


def test_nothing_is_raised_before_anything_is_known() -> None:
    early = START + timedelta(hours=3)
    assert floods(Crowd().ordinary().flood(at=early, hashtags=["newtag"])) == []


def test_a_program_is_a_mark_only_where_others_do_not_use_it() -> None:
    def verdict(usual: str) -> list[str]:
        crowd = Crowd().ordinary()
        frames = crowd.news(hashtags=["bread"]).frames()
        late = pl.col("at") >= FLOOD_AT
        pushed = late & pl.col("hashtags").list.contains("bread")
        client = pl.when(pushed).then(pl.lit("Poster")).otherwise(pl.lit(usual))
        frames["posts"] = frames["posts"].with_columns(client.alias("client"))
        return [" ".join(row["because"]) for row in FloodsSurvey().survey(Facts(**frames)).to_pylist()]

    assert any("one program" in reason for reason in verdict("Web"))
    assert not any("one program" in reason for reason in verdict("Poster"))


def test_the_order_of_posts_changes_nothing() -> None:
    frames = Crowd().ordinary().flood(hashtags=["newtag"]).frames()
    turned = {name: frame.reverse() for name, frame in frames.items()}
    assert FloodsSurvey().survey(Facts(**turned)) == FloodsSurvey().survey(Facts(**frames))


def test_accounts_of_another_platform_with_the_same_ids_say_nothing() -> None:
    frames = Crowd().ordinary().flood(hashtags=["newtag"]).frames()
    (row,) = FloodsSurvey().survey(Facts(**frames)).to_pylist()
    assert any("made within" in reason for reason in row["because"])
    frames["accounts"] = frames["accounts"].with_columns(pl.lit("vk").cast(pl.Categorical).alias("platform"))
    (row,) = FloodsSurvey().survey(Facts(**frames)).to_pylist()
    assert not any("made within" in reason for reason in row["because"])


def _counts() -> tuple[pl.DataFrame, int]:
    crowd = (
        Crowd().ordinary().flood(hashtags=["newtag"]).flood(120, at=FLOOD_AT + timedelta(hours=4), hashtags=["bread"])
    )
    posts = crowd.frames()["posts"]
    counts, names = counts_of(uses(posts), posts, Settings())
    return counts, names.height


COUNTS, SERIES = _counts()
FIRST, LAST = int(COUNTS["bin"][0]), int(COUNTS["bin"][-1])


def _bursts(parts: list[pl.DataFrame], series: int) -> list:
    meter = Meter(series, everybody=True)
    return [b for part in parts for b in meter.add(*(part[name].to_numpy() for name in ("bin", "series", "accounts")))]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(FIRST, LAST), max_size=60))
def test_minute_by_minute_tells_the_same_as_all_at_once(cuts: list[int]) -> None:
    whole = _bursts([COUNTS], SERIES)
    assert len(whole) == 2
    assert _bursts(list(portions(COUNTS, cuts)), 1) == whole  # the meter grows as series come


def test_as_many_bursts_are_told_whatever_room_there_is_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _bursts([COUNTS], SERIES)
    monkeypatch.setattr("seawall.signals.floods.meter.ROOM", 1)
    assert _bursts([COUNTS], SERIES) == whole


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 60))
def test_a_steady_rate_is_never_raised(seed: int, rate: float) -> None:
    counts = np.random.default_rng(seed).poisson(rate, 5 * 1_440)
    bins = np.flatnonzero(counts)
    meter = Meter(1, everybody=False)
    assert meter.add(bins, np.ones(len(bins), np.int64), counts[bins]) == []


@pytest.mark.parametrize("bins", [[5, 4], [5, 5, 3]])
def test_counts_out_of_order_are_refused(bins: list[int]) -> None:
    meter = Meter(1, everybody=False)
    ones = np.ones(len(bins), np.int64)
    with pytest.raises(ValueError, match="order"):
        meter.add(np.array(bins), ones, ones)
    meter.add(np.array([7]), ones[:1], ones[:1])
    with pytest.raises(ValueError, match="order"):
        meter.add(np.array([7]), ones[:1], ones[:1])  # a bin comes whole
