"""Floods beside a watcher: told within minutes of their onset, the same as a survey tells, whatever is killed."""

from __future__ import annotations

import fcntl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowds import FLOOD_AT, START, Crowd
from seawall.lake import Lake
from seawall.lake.keeping import expire_before
from seawall.records.facts import ACCOUNTS, POSTS
from seawall.signals.contract import Facts
from seawall.signals.floods import FloodsSurvey
from seawall.signals.floods import live as live_floods
from seawall.signals.floods.live import LiveFloods
from seawall.signals.floods.told import floods_of
from seawall.signals.home import surveys
from seawall.signals.scan import above_line
from seawall.signals.surveys import survey
from seawall.stream.floods import LATE, Counting, read_now, whole
from seawall.stream.status import FloodsNow, Status, WatchState, lock_of, read_status, write_status
from sources.ticker import Ticks, tick
from stream.flows import home_with_rule
from stream.watching import until, watcher

END = FLOOD_AT + timedelta(minutes=200)
CROWD = (
    Crowd()
    .ordinary()
    .flood(60, hashtags=["NewTag"], links=["https://example.org/a"])
    .news(at=FLOOD_AT + timedelta(minutes=30), hashtags=["trains"])
    .flood(80, at=FLOOD_AT + timedelta(minutes=90), hashtags=["bread"])
)
FACTS = Facts(**CROWD.frames())
KNOWN = Facts(
    **{
        name: frame.filter(pl.col("at") < END) if name == "posts" else frame
        for name, frame in CROWD.frames().items()
    }
)  # fmt: skip
SURVEYED = FloodsSurvey().survey(KNOWN).to_pylist()


def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without how many others do what the flood's accounts do: that is told as of when it is told."""
    cut = [
        {
            **row,
            "because": [why.partition(",")[0] for why in row["because"]],
            "marks": [{**mark, "beside": None} for mark in row["marks"]],
        }
        for row in rows
    ]
    return [{name: value for name, value in row.items() if name != "live"} for row in cut]


def told(moments: list[datetime], remembering: set[int] = frozenset()) -> list[dict[str, Any]]:
    """Rows of a live count that looks at these moments; at some it is another, which goes on from what was kept."""
    live, over, going_on = LiveFloods("x"), [], []
    for number, moment in enumerate(moments):
        if number in remembering:
            live = LiveFloods.of("x", live.memory())
        live.count(FACTS, moment)
        if live.due:
            ended, going_on = live.judged(FACTS)
            over += ended
    return sorted([*over, *going_on], key=lambda row: row["raised"], reverse=True)


def test_there_is_something_to_tell() -> None:
    assert [(row["value"], row["verdict"]) for row in SURVEYED] == [
        ("bread", "pushed"),
        ("trains", "organic"),
        ("newtag", "pushed"),
    ]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 199), max_size=12), st.sets(st.integers(0, 12), max_size=4))
def test_a_live_count_tells_the_same_as_a_survey_however_it_is_portioned(cuts: list[int], again: set[int]) -> None:
    moments = [FLOOD_AT + timedelta(minutes=cut) for cut in sorted({*cuts, 199})]
    assert plain(told([*moments, END], again)) == plain(SURVEYED)


def test_minute_by_minute_a_flood_is_pushed_within_five_minutes_and_each_is_told_once() -> None:
    live, first, over = LiveFloods("x"), {}, []
    for minute in range(201):
        live.count(FACTS, FLOOD_AT + timedelta(minutes=minute))
        if live.due:
            ended, going_on = live.judged(FACTS)
            over += ended
            for row in going_on:
                if row["verdict"] == "pushed":
                    first.setdefault(row["value"], minute)
    assert first["bread"] - 90 <= 5
    assert first["newtag"] <= 5
    assert "trains" not in first
    assert plain(over[::-1]) == plain(SURVEYED)


def test_posts_of_another_platform_are_another_count() -> None:
    live = LiveFloods("vk")
    assert live.count(FACTS, END) == []


def test_series_that_are_used_least_are_forgotten_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveFloods("x")
    live.count(FACTS, FLOOD_AT)
    monkeypatch.setattr(live_floods, "MOST", 3)
    again = LiveFloods.of("x", live.memory())
    assert len(again.memory()["keys"]) == 3
    assert {row.value for row in again.count(FACTS, END)} >= {"newtag"}  # a new one has room


def test_a_memory_of_another_form_is_refused() -> None:
    memory = LiveFloods("x").memory()
    with pytest.raises(ValueError, match="form"):
        LiveFloods.of("x", {**memory, "counted": memory["counted"] + 1})
    with pytest.raises(ValueError, match="settings"):
        LiveFloods.of("x", {**memory, "settings": memory["settings"] + 1})


# --- over a lake ------------------------------------------------------------------------------------------------------


@pytest.fixture
def lake(tmp_path: Path) -> Any:
    with Lake.create(tmp_path / "home") as lake:
        tables = CROWD.tables()
        lake.append({"accounts": tables["accounts"], "posts": _until(tables["posts"], FLOOD_AT)})
        (lake.home / "floods").mkdir()
        yield lake


def _until(posts: pa.Table, until: datetime, since: datetime = START) -> pa.Table:
    at = posts["at"].to_numpy()
    mask = [since <= moment.replace(tzinfo=UTC) < until for moment in at.astype("datetime64[us]").tolist()]
    return posts.filter(pa.array(mask))


def _come(lake: Lake, counting: Counting, since: datetime, until: datetime, minutes: int = 2) -> None:
    """Posts come, in so many minutes' portions."""
    posts, moment = CROWD.tables()["posts"], since
    while moment < until:
        after = min(moment + timedelta(minutes=minutes), until)
        lake.append({"posts": _until(posts, after, moment)})
        counting.step({"x": after})
        moment = after


def shown(lake: Lake) -> list[dict[str, Any]]:
    with lake.snapshot() as snapshot:
        return floods_of(snapshot)


def test_what_was_killed_goes_on_and_tells_each_flood_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.stream.floods._REST", 0.0)
    counting = Counting(lake, lake.home / "floods")
    _come(lake, counting, FLOOD_AT, FLOOD_AT + timedelta(minutes=8))
    counting.remember()
    _come(lake, counting, FLOOD_AT + timedelta(minutes=8), FLOOD_AT + timedelta(minutes=12))
    assert [row["verdict"] for row in shown(lake)] == ["pushed"]
    counting = Counting(lake, lake.home / "floods")  # the other one is gone, without a word
    _come(lake, counting, FLOOD_AT + timedelta(minutes=12), END, 15)
    rows = plain(shown(lake))
    assert rows == plain(SURVEYED)
    (lake.home / "floods" / "x.npz").write_bytes(b"damaged")
    again = Counting(lake, lake.home / "floods")
    again.step({"x": END})
    assert [row["value"] for row in shown(lake)] == [row["value"] for row in rows]


def test_a_scan_takes_over_and_a_flood_stands_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.stream.floods._REST", 0.0)
    counting = Counting(lake, lake.home / "floods")
    _come(lake, counting, FLOOD_AT, FLOOD_AT + timedelta(minutes=6))
    assert [row["live"] for row in shown(lake)] == [True]
    survey(lake, surveys())
    assert [row["live"] for row in shown(lake)] == [False]
    _come(lake, counting, FLOOD_AT + timedelta(minutes=6), FLOOD_AT + timedelta(minutes=12))
    (row,) = shown(lake)
    assert row["live"]  # more has come than the scan saw
    assert row["accounts"] == 60


def test_what_expires_goes_and_does_not_come_back(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.stream.floods._REST", 0.0)
    counting = Counting(lake, lake.home / "floods")
    _come(lake, counting, FLOOD_AT, FLOOD_AT + timedelta(minutes=80), 10)
    assert {row["value"] for row in shown(lake)} >= {"trains"}
    expire_before(lake, (FLOOD_AT + timedelta(days=1)).date())
    assert shown(lake) == []
    counting.step({"x": FLOOD_AT + timedelta(minutes=85)})
    assert shown(lake) == []


def test_a_minute_is_whole_once_every_running_watcher_has_read_beyond_it(tmp_path: Path) -> None:
    def watch(name: str, platform: str, through: datetime | None) -> Any:
        status = Status(name, "x", platform, state=WatchState.READING, through=through)
        (tmp_path / "watch").mkdir(exist_ok=True)
        handle = lock_of(tmp_path, name).open("a")
        write_status(tmp_path, status)
        return handle

    held = [
        watch("one", "x", END), watch("two", "x", FLOOD_AT), watch("new", "vk", None), watch("gone", "matrix", END)
    ]  # fmt: skip
    for handle in held[:3]:
        fcntl.flock(handle, fcntl.LOCK_EX)
    assert whole(tmp_path) == {"x": FLOOD_AT - LATE}
    for handle in held:
        handle.close()


def test_numbers_alone_are_written_for_the_view(lake: Lake) -> None:
    counting = Counting(lake, lake.home / "floods")
    assert read_now(lake.home, "x") is None
    _come(lake, counting, FLOOD_AT, FLOOD_AT + timedelta(minutes=4))
    counting.step({"x": FLOOD_AT + timedelta(minutes=5)})
    now = read_now(lake.home, "x")
    assert isinstance(now, FloodsNow)
    assert (now.counted, now.bursts, now.pushed) == (FLOOD_AT + timedelta(minutes=5), 1, 1)
    assert "newtag" not in (lake.home / "floods" / "now.json").read_text()


def test_a_flood_that_a_watcher_brings_is_shown_and_names_nobody(tmp_path: Path) -> None:
    home, now = home_with_rule(tmp_path / "home"), datetime.now(UTC)
    shift = now - timedelta(minutes=15) - FLOOD_AT
    with Lake(home) as lake:  # three days of people before
        lake.append(_moved(Crowd().ordinary().tables(), shift, now - timedelta(minutes=15)))
    server = Ticks([])
    for n in range(80):
        moment = now - timedelta(minutes=12) + timedelta(seconds=5 * n)
        text = f"everybody should look at this now {'abc'[n % 3]}"
        server.events.append({**tick(n, text, moment, tags=["NewTag"]), "author": f"pushed{n}"})
    watching = watcher(home, server.url)
    thread = threading.Thread(target=watching.run)
    thread.start()
    try:
        until(lambda: (seen := read_status(home, "ticker")) and seen.floods and seen.floods.pushed, 90)
        status = read_status(home, "ticker")
        with Lake(home) as lake:
            (row,) = shown(lake)
            assert above_line(lake) == []
    finally:
        watching.stop()
        thread.join(20)
        server.stop()
    assert (row["value"], row["verdict"], row["live"]) == ("newtag", "pushed", True)
    assert status is not None
    assert b"pushed1" not in (home / "floods" / "now.json").read_bytes()
    assert b"newtag" not in (home / "floods" / "now.json").read_bytes()
    assert {path.name for path in (home / "floods").iterdir()} >= {"now.json", "lock", "ticker.npz"}


def _moved(tables: dict[str, pa.Table], by: timedelta, before: datetime) -> dict[str, pa.Table]:
    """A crowd's posts on the ticker, at another time."""
    name = pl.lit("ticker").alias("platform")
    posts = pl.DataFrame(tables["posts"]).with_columns(name, pl.col("at") + by).filter(pl.col("at") < before)
    accounts = pl.DataFrame(tables["accounts"]).with_columns(name, pl.col("created_at", "seen_at") + by)
    return {
        "posts": posts.to_arrow().cast(POSTS.schema),
        "accounts": accounts.to_arrow().cast(ACCOUNTS.schema),
    }
