"""Watching: whatever happens to the watcher, the server or the network, every event is in the lake once, with its
matches; and what is not there is counted and said."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from seawall.lake import Lake
from seawall.sources.contract import Batch, SourceError
from seawall.stream.backlog import Backlog
from seawall.stream.meter import Meter
from seawall.stream.parts import StreamError
from seawall.stream.status import Minute, Status, Totals, WatchState, read_status
from seawall.stream.watch import Backoff, HomeRecipe, Watcher
from sources.ticker import Ticks, tick
from stream.flows import home_with_rule, rows
from stream.watching import started, until, watcher

LIT = "the lamp is lit"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with_rule(tmp_path / "home", posts=1)


@pytest.fixture
def server() -> Iterator[Ticks]:
    ticks = Ticks(events(1, 100))
    yield ticks
    if not ticks.ended:
        ticks.stop()


def events(first: int, last: int) -> list[dict[str, Any]]:
    """Events of which every fifth is lit."""
    return [tick(n, LIT if n % 5 == 0 else "nothing is lit") for n in range(first, last + 1)]


@contextmanager
def running(watching: Watcher) -> Iterator[None]:
    """A watcher beside the test; what ended it is raised here."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            watching.run()
        except BaseException as error:  # noqa: BLE001 - raised below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        watching.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert not failed, failed


def status(home: Path) -> Status:
    found = read_status(home, "ticker")
    assert found is not None
    return found


def has_read(home: Path, count: int) -> bool:
    found = read_status(home, "ticker")
    return found is not None and found.totals.read + found.totals.shed >= count


def holds(home: Path, server: Ticks) -> None:
    """Every event is there once, and every lit one has its match."""
    found = rows(home)
    wanted = [event for event in server.events if isinstance(event, dict)]
    assert len(found["posts"]) == len(found["readings"]) == len(wanted)
    with Lake(home) as lake, lake.snapshot() as snapshot:
        assert sorted(snapshot.read("posts")["post_id"].to_pylist()) == sorted(event["id"] for event in wanted)
        matched = sorted(snapshot.read("matches")["post_id"].to_pylist())
    assert matched == sorted(event["id"] for event in wanted if event["text"] == LIT)


def test_once_reads_all_there_is_and_the_next_goes_on_there(home: Path, server: Ticks) -> None:
    first = watcher(home, server.url).run(once=True)
    assert (first.totals, first.state) == (Totals(100, 100, 0, 0, 20), WatchState.STOPPED)
    server.events += events(101, 150)
    assert watcher(home, server.url).run(once=True).totals == Totals(150, 150, 0, 0, 30)
    assert server.asked == [0, 100]
    holds(home, server)


def test_what_comes_is_in_the_lake_at_once_and_the_server_is_told(home: Path, server: Ticks) -> None:
    watching = watcher(home, server.url)
    with running(watching):
        until(lambda: has_read(home, 100))
        server.events += events(101, 110)
        until(lambda: has_read(home, 110))
        now = status(home)
    assert (now.state, now.why, now.waiting, now.totals.matches) == (WatchState.READING, "", 0, 22)
    assert now.last_match is not None
    assert now.last_match.title == "Spreads the lamp's slogans"
    assert now.lag is not None
    assert 0 <= now.lag < 60
    assert now.rate_1 > 0
    assert watching._source.told[-1] == {"after": 110}  # type: ignore[attr-defined]
    holds(home, server)


def test_events_that_come_again_are_counted_and_kept_once(home: Path, server: Ticks) -> None:
    watcher(home, server.url).run(once=True)
    server.events += events(51, 100)
    totals = watcher(home, server.url).run(once=True).totals
    assert (totals.read, totals.matches) == (150, 20)
    server.events[100:] = []
    holds(home, server)


def test_nothing_is_lost_or_doubled_when_it_is_killed_at_any_moment(home: Path, server: Ticks) -> None:
    server.events[:] = []
    chance, total, stop = random.Random(7), 2_000, threading.Event()

    def post() -> None:
        for first in range(1, total, 20):
            server.events.extend(events(first, first + 19))
            if stop.wait(0.02):
                return

    poster = threading.Thread(target=post, daemon=True)
    killed = 0
    try:
        poster.start()
        while not has_read(home, total) or killed < 3:
            process = started(home, server.url)
            if killed < 3:
                process.join(chance.uniform(0.05, 1.5))
            else:
                until(lambda: has_read(home, total))
            assert process.is_alive()  # it runs until it is killed
            process.kill()
            process.join()
            killed += 1
    finally:
        stop.set()
    assert read_status(home, "ticker").why == "it ended without saying so"  # type: ignore[union-attr]
    totals = watcher(home, server.url).run(once=True).totals
    assert totals == Totals(total, total, 0, 0, total // 5)
    holds(home, server)


def test_it_ends_soon_when_told_however_silent_the_server_is(home: Path, server: Ticks) -> None:
    server.silent.set()
    process = started(home, server.url)
    until(lambda: server.asked)
    process.terminate()
    process.join(20)
    assert process.exitcode == 0  # its client would wait for a minute
    assert status(home).state == WatchState.STOPPED
    assert not status(home).failing


def test_a_server_that_restarts_cuts_or_goes_away_costs_nothing(home: Path, server: Ticks, monkeypatch: Any) -> None:
    monkeypatch.setattr("seawall.stream.watch.FIRST_WAIT", 0.05)
    server.cut_after = 30
    said: list[str] = []
    with running(watcher(home, server.url, tell=said.append)):
        until(lambda: has_read(home, 90))
        port = server.server_address[1]
        server.stop()
        until(lambda: status(home).state == WatchState.WAITING)
        assert status(home).failing
        assert status(home).until is not None
        again = Ticks([*server.events, *events(101, 130)], port)
        until(lambda: has_read(home, 130))
        again.stop()
    assert status(home).reconnects >= 4
    assert any("ended the stream. Again in" in line for line in said)
    holds(home, again)


def test_garbage_is_rejected_counted_and_followed_by_what_is_sound(home: Path, server: Ticks) -> None:
    server.events[10:10] = ["nonsense", 7, {"id": "x"}, None]
    totals = watcher(home, server.url).run(once=True).totals
    assert (totals.read, totals.loaded, totals.rejected) == (104, 100, 4)
    server.events[10:14] = []
    holds(home, server)


def test_an_answer_that_is_none_is_asked_for_again_and_no_sooner_than_the_server_wants(home: Path) -> None:
    server = Ticks(events(1, 10))
    server.status, server.retry_after = 503, "1000"
    with running(watcher(home, server.url)):
        until(lambda: (found := read_status(home, "ticker")) and found.state == WatchState.WAITING)
        waits = status(home)
    server.stop()
    assert "answers with 503" in waits.why
    assert waits.until is not None
    assert waits.until - datetime.now(UTC) > timedelta(seconds=900)
    with pytest.raises(SourceError):  # by hand it is said at once
        watcher(home, server.url).run(once=True)


def test_two_do_not_watch_under_one_name(home: Path, server: Ticks) -> None:
    with running(watcher(home, server.url)):
        until(lambda: has_read(home, 100))
        with pytest.raises(StreamError, match="another process"):
            watcher(home, server.url).run(once=True)


def test_a_fault_of_the_source_ends_it_and_says_so(home: Path, server: Ticks, monkeypatch: Any) -> None:
    monkeypatch.setattr("sources.ticker.TickerLive._batch", lambda *_: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        watcher(home, server.url).run()
    assert (status(home).state, status(home).failing) == (WatchState.STOPPED, True)
    assert status(home).why == "a fault of the program: ZeroDivisionError"


def test_rules_that_change_are_taken_over_while_it_runs(home: Path, server: Ticks) -> None:
    said: list[str] = []
    with running(watcher(home, server.url, tell=said.append, recipe=HomeRecipe(home, said.append))):
        until(lambda: has_read(home, 100))
        path = home / "rules" / "lamp.toml"
        path.write_text(path.read_text().replace("version = 1", "version = 2"))
        until(lambda: any("the rules changed" in line for line in said))
        server.events += [tick(101, LIT)]
        until(lambda: has_read(home, 101))
        path.write_text("broken")
        until(lambda: any("not taken over" in line for line in said))
    with Lake(home) as lake, lake.snapshot() as snapshot:
        matches = snapshot.read("matches")
    assert sorted(set(matches["rule_version"].to_pylist())) == ["1", "2"]


def test_a_rule_that_matches_more_than_its_quota_is_stopped_and_that_is_said(home: Path, server: Ticks) -> None:
    path, said = home / "rules" / "lamp.toml", []
    path.write_text(path.read_text() + "quota = 5\n")
    with running(watcher(home, server.url, tell=said.append, recipe=HomeRecipe(home, said.append))):
        until(lambda: any("rule lamp was stopped" in line for line in said))
        until(lambda: any("the rules changed" in line for line in said))
        server.events += [tick(n, LIT) for n in range(101, 121)]
        until(lambda: has_read(home, 120))
    with Lake(home) as lake, lake.snapshot() as snapshot:
        matched = set(snapshot.read("matches")["post_id"].to_pylist())
    assert len(matched) == status(home).totals.matches > 5
    assert matched < {event["id"] for event in server.events[:100]}  # none since it was stopped
    assert '"by":"breaker"' in (home / "rules" / "stops.jsonl").read_text()


def test_a_field_that_nobody_knows_is_told_once_however_often_it_starts(home: Path, server: Ticks) -> None:
    said: list[str] = []
    for _ in range(2):
        server.events += [tick(len(server.events) + 1, mood="odd") for _ in range(3)]
        watcher(home, server.url, tell=said.append).run(once=True)
    assert [line for line in said if "mood" in line] == [
        "the platform sends a field that Seawall does not know: event.mood"
    ]
    assert list(status(home).unknown) == ["event.mood"]


# --- shedding --------------------------------------------------------------------------------------------------------


def batch(after: int, items: int) -> Batch:
    return Batch({}, [], items, {"after": after}, after)


def test_without_shedding_whoever_reads_waits_and_memory_is_bounded() -> None:
    backlog, put = Backlog(most=100), []

    def read() -> None:
        for n in range(1, 51):
            backlog.put(batch(n * 10, 10))
            put.append(n)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    taken = 0
    while taken < 500:
        until(lambda: backlog.items == 100 or len(put) == 50)
        assert backlog.items <= 100
        taken += sum(waiting.items for waiting in backlog.take(1))
    thread.join(5)
    assert (taken, len(put)) == (500, 50)


def test_what_is_let_go_is_counted_to_the_item() -> None:
    backlog = Backlog(shed=100)
    for n in range(1, 51):
        backlog.put(batch(n * 10, 10))
    assert backlog.items == 100
    taken = backlog.take(1)
    assert [waiting.items for waiting in taken] == [10] * 10 + [400]
    assert (taken[-1].batch, taken[-1].cursor) == (None, {"after": 500})
    backlog.put(batch(510, 10))  # there is room again
    assert [waiting.batch is not None for waiting in backlog.take(1)] == [True]


def test_a_batch_larger_than_all_the_room_waits_alone() -> None:
    backlog = Backlog(shed=5)
    backlog.put(batch(10, 10))
    backlog.put(batch(11, 1))
    assert [waiting.batch is None for waiting in backlog.take(1)] == [False, True]


def test_a_lake_that_is_slow_sheds_and_each_item_is_read_or_counted(
    home: Path, server: Ticks, monkeypatch: Any
) -> None:
    append = Lake.append

    def slow(self: Lake, *given: Any) -> Any:
        time.sleep(0.4)
        return append(self, *given)

    monkeypatch.setattr(Lake, "append", slow)
    server.events[:] = events(1, 5_000)
    with running(watcher(home, server.url, shed=200, size=50)):
        until(lambda: has_read(home, 5_000))
        now = status(home)
    assert now.totals.read + now.totals.shed == 5_000
    assert now.totals.shed > 0
    assert now.shed_lately == now.totals.shed
    found = rows(home)
    assert len(found["posts"]) == now.totals.read
    again = watcher(home, server.url).run(once=True)  # what was let go stays so, and stays counted
    assert again.totals == now.totals


def test_let_go_items_are_told_once_a_minute(home: Path) -> None:
    said: list[str] = []
    meter = Meter(home, Status("ticker", "ticker", "ticker"), Totals(), said.append)
    over = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=1)
    meter._status.minutes = [Minute(over, read=10, shed=1_234)]
    for _ in range(3):
        meter.write(0)
    assert said == [f"1,234 items were let go in the minute of {over:%H:%M} UTC: they came too fast"]


# --- small parts -----------------------------------------------------------------------------------------------------


def test_the_pause_doubles_to_five_minutes_and_begins_anew() -> None:
    backoff = Backoff()
    waits = [backoff.next() for _ in range(12)]
    for n, wait in enumerate(waits):
        plain = min(2.0**n, 300)
        assert plain * 0.75 <= wait <= plain * 1.25
    assert backoff.next(after=2_000) == 2_000
    backoff.reset()
    assert backoff.next() <= 1.25


def test_the_lag_is_that_of_the_newest_post_and_a_clock_ahead_counts_as_now(home: Path) -> None:
    meter = Meter(home, Status("ticker", "ticker", "ticker"), Totals(), lambda _: None)
    assert meter.status().lag is None
    now = datetime.now(UTC)
    meter.committed(1, 0, 0, now - timedelta(seconds=50))
    assert meter.status().lag == pytest.approx(50, abs=2)
    meter.committed(1, 0, 0, now - timedelta(seconds=500))  # an older one changes nothing
    assert meter.status().lag == pytest.approx(50, abs=2)
    meter.committed(1, 0, 0, now + timedelta(days=900))
    assert meter.status().lag == pytest.approx(0, abs=2)


def test_the_status_names_no_account_and_no_text(home: Path, server: Ticks) -> None:
    server.events += [tick(101, f"{LIT} by somebody")]
    watcher(home, server.url).run(once=True)
    held = (home / "watch" / "ticker.json").read_text()
    assert "lit" not in held.replace("Spreads the lamp's slogans", "")
    assert '"a3"' not in held


def test_memory_stays_flat(home: Path, server: Ticks) -> None:
    server.events[:] = events(1, 2_000)
    with running(watcher(home, server.url, size=500)):
        until(lambda: has_read(home, 2_000))
        before = psutil.Process().memory_info().rss
        server.events.extend(events(2_001, 22_000))
        until(lambda: has_read(home, 22_000), 90)
        grown = psutil.Process().memory_info().rss - before
    assert grown < 400 * 1024 * 1024
