"""YouTube followed on a server that answers as its discovery document says: what is new comes once, units are never
overspent, and what is gone, broken or refused is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from seawall.lake import Lake
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.youtube import api
from seawall.sources.youtube.live import YoutubeLive
from seawall.stream.status import Status
from seawall.stream.watch import HomeRecipe, Watcher
from sources.youtube_server import KEY, Tube
from stream.flows import home_with_rule


@pytest.fixture
def server() -> Iterator[Tube]:
    tube = Tube()
    for number in range(1, 8):
        tube.publish(number)
    for number in range(20, 26):
        tube.comment(number, of=f"v{number % 3 + 1}")
    yield tube
    tube.stop()


def _settings(server: Tube, **changes: Any) -> dict[str, Any]:
    return {
        "key": KEY,
        "channels": ["UCone"],
        "videos": [],
        "searches": [],
        "units": "10000",
        "url": server.url,
    } | changes


def _live(server: Tube, **changes: Any) -> YoutubeLive:
    return YoutubeLive(_settings(server, **changes))


def _round(source: YoutubeLive, cursor: Cursor | None = None) -> list[Batch]:
    return list(source.follow(cursor))


def _ids(batches: list[Batch]) -> list[str]:
    return sorted(i for batch in batches if batch.tables for i in batch.tables["posts"]["post_id"].to_pylist())


def _states(batches: list[Batch]) -> list[tuple[str, str | None, str]]:
    found = [row for batch in batches if batch.tables for row in batch.tables["states"].to_pylist()]
    return [(s["account_id"], s["post_id"], s["state"]) for s in found]


ALL = sorted([f"v{n}" for n in range(1, 8)] + [f"Ug{n}" for n in range(20, 26)])


def _refused(source: YoutubeLive, cursor: Cursor | None = None) -> tuple[SourceError, list[Batch]]:
    taken: list[Batch] = []
    with pytest.raises(SourceError) as refused:
        taken.extend(source.follow(cursor))
    return refused.value, taken


@pytest.mark.parametrize("page", [2, 3, 50])
def test_a_round_reads_all_there_is_and_the_next_what_is_new(server: Tube, page: int) -> None:
    server.page = page
    source = _live(server)
    first = _round(source)
    assert _ids(first) == ALL
    assert all(status == 200 for _, _, status in server.asked)
    server.asked.clear()
    server.publish(9)
    server.comment(30, of="v9")
    second = _round(source, first[-1].cursor)
    assert {"v9", "Ug30"} <= set(_ids(second))
    assert len(_ids(second)) <= 2 * page + 2  # not all of it again
    account = [row for batch in first for row in batch.tables["accounts"].to_pylist() if row["followers"]]
    assert [(row["account_id"], row["followers"]) for row in account] == [("UCone", 40)]


@pytest.mark.parametrize("page", [2, 3])
def test_it_goes_on_at_any_cursor_with_nothing_lost(server: Tube, page: int) -> None:
    server.page = page
    whole = _round(_live(server))
    assert len(whole) > 5
    for at, batch in enumerate(whole):
        cursor = json.loads(json.dumps(batch.cursor))
        rest = _round(_live(server), cursor)
        assert sorted(set(_ids(whole[: at + 1]) + _ids(rest))) == ALL


def test_a_quiet_round_costs_little_and_says_that_nothing_came(server: Tube) -> None:
    source = _live(server)
    cursor = _round(source)[-1].cursor
    server.asked.clear()
    (quiet,) = _round(source, cursor)
    assert (quiet.read, _ids([quiet])) == (0, [])
    assert [(what, status) for what, _, status in server.asked] == [("playlistItems", 304), ("commentThreads", 304)]
    assert quiet.cursor["spent"] == server.spent


def test_a_batch_that_was_not_taken_comes_again(server: Tube) -> None:
    source = _live(server)
    cursor = _round(source)[-1].cursor
    server.comment(30)
    assert "Ug30" in _ids(_round(source, cursor))
    assert "Ug30" in _ids(_round(source, cursor))


def test_answers_that_a_page_leaves_out_are_asked_for_once_and_again_when_there_are_more(server: Tube) -> None:
    server.comment(40, answers=5)
    server.page = 3
    source = _live(server)
    batches = _round(source)
    assert {f"Ug{40 + 1000 * n}" for n in range(1, 6)} <= set(_ids(batches))
    ties = [t for batch in batches for t in batch.tables["ties"].to_pylist() if t["post_id"] == "Ug5040"]
    assert [(t["kind"], t["from_id"], t["to_id"]) for t in ties] == [("reply", "UCa5", "UCtwo")]
    asked = [given for what, given, _ in server.asked if what == "comments"]
    assert [given["parentId"] for given in asked] == ["Ug40", "Ug40"]
    server.comment(41)
    more = _round(source, batches[-1].cursor)
    assert "Ug41" in _ids(more)
    assert len([what for what, _, _ in server.asked if what == "comments"]) == 2


def test_units_are_never_overspent_and_the_rest_waits_for_the_next_day(
    server: Tube, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.page = 1
    monkeypatch.setattr("seawall.sources.youtube.live.SEARCH", 1)  # so few units are for this test alone
    source = _live(server, units="10")
    error, taken = _refused(source)
    assert server.spent == 10
    assert "the units of the day are spent (10 of 10 by this watch)" in str(error)
    assert 0 < error.after <= 25 * 3600
    again, nothing = _refused(source, taken[-1].cursor)
    assert (server.spent, nothing, again.after > 0) == (10, [], True)
    assert _refused(_live(server, units="10"), taken[-1].cursor)[0].after > 0  # a new process knows it, too
    assert server.spent == 10
    tomorrow = {**taken[-1].cursor, "day": "2001-01-01"}
    rest = _round(_live(server, units="500"), tomorrow)
    assert sorted(set(_ids(taken) + _ids(rest))) == ALL


def test_a_quota_that_is_gone_on_youtubes_side_is_said(server: Tube) -> None:
    server.units = 3
    source = _live(server)
    error, _ = _refused(source)
    assert "YouTube says that the key's units are spent" in str(error)
    assert error.after > 0
    spent = server.spent
    _refused(source)
    assert server.spent == spent  # it is not asked again before the units are new


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-15T07:59:00+00:00", "2026-01-14"),
        ("2026-01-15T08:00:00+00:00", "2026-01-15"),
        ("2026-07-15T06:59:00+00:00", "2026-07-14"),
        ("2026-07-15T07:00:00+00:00", "2026-07-15"),
        ("2026-03-08T10:30:00+00:00", "2026-03-08"),
        ("2026-11-01T07:30:00+00:00", "2026-11-01"),
        ("2026-11-02T07:30:00+00:00", "2026-11-01"),
    ],
)
def test_a_day_of_units_begins_at_midnight_in_california(moment: str, day: str) -> None:
    assert api.pacific(datetime.fromisoformat(moment)).date().isoformat() == day


def test_what_is_not_shown_any_more_is_a_state(server: Tube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.sources.youtube.live.LOOK_EVERY", 0)
    source = _live(server)
    first = _round(source)
    assert _states(first) == []
    del server.videos["v3"]
    second = _round(source, first[-1].cursor)
    assert _states(second) == [("UCone", "v3", "deleted")]
    server.channels.clear()
    third = _round(source, second[-1].cursor)
    assert _states(third) == [("UCone", None, "deleted")]
    assert sum((batch.ignored for batch in third), start=type(third[0].ignored)()) == {
        "uploads UCone: playlistNotFound": 1
    }
    assert _states(_round(source, third[-1].cursor)) == []


def test_comments_of_named_videos_and_those_that_are_turned_off(server: Tube) -> None:
    server.no_comments.add("v2")
    batches = _round(_live(server, channels=[], videos=["v1", "v2", "v99"]))
    assert _ids(batches) == sorted(["v1", "v2", *(f"Ug{n}" for n in range(20, 26) if n % 3 == 0)])
    told = {name for batch in batches for name in batch.ignored}
    assert told == {"comments v2: commentsDisabled", "comments v99: videoNotFound"}


def test_a_search_finds_new_videos_when_it_is_its_turn(server: Tube, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    server.publish(50, "UCnine", "the lamp is lit")
    server.videos["v50"]["snippet"]["publishedAt"] = now.isoformat()
    source = _live(server, channels=[], searches=["lamp"])
    batches = _round(source)
    assert _ids(batches) == ["v50"]
    likes = [p["likes"] for batch in batches for p in batch.tables["posts"].to_pylist()]
    assert likes == [7]  # the whole video, not what the search tells of it
    assert server.spent == 101
    assert source.pause == pytest.approx(86_400 * 101 / 9_000, abs=1)
    _round(source, batches[-1].cursor)
    assert server.spent == 101
    monkeypatch.setattr(YoutubeLive, "_between", lambda _: 0.0)
    server.publish(51, "UCnine", "the lamp is lit")
    server.videos["v51"]["snippet"]["publishedAt"] = now.isoformat()
    assert "v51" in _ids(_round(source, batches[-1].cursor))


def test_a_search_that_fails_waits_for_its_next_turn(server: Tube) -> None:
    source = _live(server, channels=[], searches=["lamp"])
    server.instead = [(500, b"oops")]
    _refused(source)
    _round(source)
    assert server.spent == 0


@pytest.mark.parametrize(
    ("status", "content", "says", "after"),
    [
        (500, b"<html>", "answers with 500. It is asked again later.", 0),
        (503, b"", "answers with 503", 0),
        (429, b"{}", "asked again in 60 s", 60),
        (403, b'{"error": {"message": "slow", "errors": [{"reason": "rateLimitExceeded"}]}}', "slow. It is asked", 60),
        (400, b'{"error": {"message": "API key not valid.", "errors": []}}', "API key not valid. Is the key valid", 0),
        (200, b"<html>", "in a form that is not YouTube's", 0),
        (200, b'{"items": 3}', "in a form that is not YouTube's", 0),
        (302, b"", "follows no redirects", 0),
        (404, b"<html>", "Is this the address of YouTube's API?", 0),
    ],
)
def test_what_the_server_does_not_give_is_said(
    server: Tube, status: int, content: bytes, says: str, after: float
) -> None:
    server.instead = [(status, content)]
    error, taken = _refused(_live(server))
    assert says in str(error)
    assert (error.after, taken) == (after, [])
    assert KEY not in str(error)


def test_a_page_token_that_is_too_old_begins_anew(server: Tube) -> None:
    server.page = 2
    source = _live(server)
    cursor = json.loads(json.dumps(_round(source)[1].cursor))
    for mark in cursor["marks"].values():
        mark["page"] = "t999"
    assert _ids(_round(_live(server), cursor)).count("v7") == 1


def test_garbage_in_answers_is_rejected_and_the_rest_goes_on(server: Tube) -> None:
    server.threads[0]["snippet"]["topLevelComment"]["snippet"]["publishedAt"] = "soon"
    server.threads[1]["snippet"] = "none"
    server.threads.sort(key=str)
    bad = server.threads.pop(next(i for i, t in enumerate(server.threads) if t["snippet"] == "none"))
    page = {"kind": "x", "items": [bad, 3, {"id": 4}, *server.threads]}
    first = _live(server)
    cursor = _round(_live(server, channels=[], videos=["v5"]))[-1].cursor
    server.instead = [(200, b'{"items": []}'), (200, b'{"items": []}'), (200, b'{"items": []}')]
    server.instead.append((200, json.dumps(page).encode()))
    del cursor["looked"]
    batches = list(first.follow({**cursor, "looked": 0.0}))
    assert len([reject for batch in batches for reject in batch.rejects]) == 2
    assert len(_ids(batches)) == 4


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"channels": []}, "name a channel, a video or something to search for"),
        ({"channels": ["@name"]}, "'@name' is no channel"),
        ({"videos": ["https://x"]}, "is no video"),
        ({"units": "many"}, "is no number of units"),
        ({"units": "99"}, "is no number of units"),
        ({"key": "a b"}, "has blanks in it"),
        ({"url": "youtube"}, "must look like"),
    ],
)
def test_settings_of_the_wrong_form_are_said(server: Tube, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SourceError, match=says):
        _live(server, **changes)


def test_connecting_costs_one_unit_and_tells_the_plan(server: Tube) -> None:
    found = list(KINDS["youtube"].check(_settings(server, channels=["UCone", "UCnone"])))
    assert [(one.ok, one.words.partition(" ")[2]) for one in found] == [
        (True, "takes the key."),
        (False, "is no channel UCnone: check the ids."),
        (True, "10,000 units a day, a round costs 4 units or more and comes every 60 s."),
    ]
    assert server.spent == 1
    (refused,) = YoutubeLive.check(_settings(server, key="another"))
    assert not refused.ok
    assert "Is the key valid" in refused.words
    assert all(one.ok for one in YoutubeLive.check(_settings(server, channels=[], searches=["lamp"])))


def test_rounds_are_spread_over_what_is_left_of_the_day(server: Tube) -> None:
    few, many = _live(server, units="100").pause, _live(server, units="1000000").pause
    assert many == 60
    assert few == pytest.approx(min(max(2 * api.Units(100).seconds() / 100, 60), 3600), abs=5)


def test_watched_it_is_in_the_lake_once_and_the_next_watcher_goes_on(server: Tube, tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home", posts=1)

    def watch() -> Status:
        watching = Watcher(
            home, _live(server), partial(HomeRecipe(home, print)), Status("yt", "youtube", "youtube"), print
        )
        return watching.run(once=True)

    watch()
    server.publish(60, text="the lamp is lit")
    watch()
    with Lake(home) as lake, lake.snapshot() as snapshot:
        posts = sorted(snapshot.read("posts")["post_id"].to_pylist())
        matches = snapshot.read("matches")["post_id"].to_pylist()
    assert posts == sorted([*ALL, "v60"])
    assert matches == ["v60"]
    assert KEY not in str(list(home.rglob("*.json")))
