"""The watchers page and its API: what is followed, whether it keeps up, and what was let go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from seawall.audit.models import Entry
from seawall.lake.files import locked
from seawall.people.services import make_token
from seawall.sources.watching import Watch, save
from seawall.stream.status import LastMatch, Minute, Status, Totals, WatchState, lock_of, write_status
from seawall.web.console import drawing
from seawall.web.console.watchers import duration

SETTINGS = {"url": "https://matrix.example.org", "token": "t", "rooms": [], "seconds": "10"}


@pytest.fixture
def watched(home: Path) -> Path:
    """A home in which two servers are watched; one of them reads, and lets items go."""
    for name in ("hall", "yard"):
        save(home, Watch(name, "matrix", name), SETTINGS)
    now = datetime.now(UTC)
    status = Status("hall", "matrix", "hall", "matrix.example.org", WatchState.READING, updated=now, rate_1=12.5)
    status.totals = Totals(read=12_345, loaded=12_300, rejected=45, shed=678, matches=9)
    status.lag, status.waiting, status.reconnects = 3.25, 42, 2
    status.last_match = LastMatch("lamp", "Spreads the lamp's slogans", now)
    status.minutes = [Minute(now.replace(second=0, microsecond=0), read=100, shed=50, matches=1)]
    status.unknown = {"event.mood": now}
    write_status(home, status)
    return home


def test_the_page_says_what_each_watcher_does(watched: Path, person: Any, signed_in: Any) -> None:
    browser: Client = signed_in(person("admin"))
    with locked(lock_of(watched, "hall"), shared=False):
        page = browser.get("/watchers/").content.decode()
    for said in (
        "reading",
        "12.5 items a second",
        "3.2 s",
        "42 waiting",
        "12,345",
        "45 rejected",
        "lets items go",
        "678",
    ):
        assert said in page, said
    assert "Spreads the lamp" in page
    assert "event.mood" in page
    assert 'hx-trigger="every 5s"' in page
    assert page.count('<rect x="354.50"') == 2  # the newest minute, read and let go
    assert "It was never started" in page  # the other


def test_a_watcher_that_read_nothing_lately_draws_no_empty_picture(home: Path, person: Any, signed_in: Any) -> None:
    save(home, Watch("yard", "matrix", "yard"), SETTINGS)
    write_status(home, Status("yard", "matrix", "yard", updated=datetime.now(UTC), rate_5=12_500.3))
    page = signed_in(person("admin")).get("/watchers/").content.decode()
    assert "Nothing was read in the last hour." in page
    assert 'class="hour"' not in page
    assert "(12,500.3 over five minutes)" in page


def test_what_the_page_asks_for_by_itself_is_the_part_that_changes(watched: Path, person: Any, signed_in: Any) -> None:
    browser = signed_in(person("admin"))
    part = browser.get("/watchers/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "it ended without saying so" in part  # nobody holds its lock
    browser.cookies["django_language"] = "ru"
    assert "завершился, не сообщив об этом" in browser.get("/watchers/").content.decode()


def test_without_watchers_the_page_says_how_to_connect_one(home: Path, person: Any, signed_in: Any) -> None:
    page = signed_in(person("overseer")).get("/watchers/").content.decode()
    assert "Nothing is watched yet" in page
    assert "seawall connect" in page


def test_a_settings_file_that_is_wrong_is_said(home: Path, person: Any, signed_in: Any) -> None:
    (home / "seawall.toml").write_text('[watch.hall]\nkind = "gopher"\n')
    assert "kind must be one of" in signed_in(person("admin")).get("/watchers/").content.decode()


def test_who_may_not_see_it_is_refused_and_that_is_logged(watched: Path, person: Any, signed_in: Any) -> None:
    assert signed_in(person("reviewer")).get("/watchers/").status_code == 403
    assert Entry.objects.filter(verb="refused").exists()
    assert "Watchers" not in signed_in(person("reviewer")).get("/").content.decode()


def test_programs_read_the_same(watched: Path, person: Any, client: Client) -> None:
    who = person("duty_officer")
    secret = make_token(who, "a program")
    with locked(lock_of(watched, "hall"), shared=False):
        answer = client.get("/api/v1/watchers", headers={"Authorization": f"Bearer {secret}"})
    first, second = answer.json()
    assert (first["name"], first["state"], first["read"], first["shed"]) == ("hall", "reading", 12_345, 678)
    assert (first["unknown"], first["last_match"]["rule"]) == (["event.mood"], "lamp")
    assert (second["name"], second["state"], second["updated"]) == ("yard", "stopped", None)
    other = make_token(person("reviewer"), "a program")
    refused = client.get("/api/v1/watchers", headers={"Authorization": f"Bearer {other}"})
    assert refused.status_code == 403


def test_the_hour_is_drawn_minute_by_minute_and_older_ones_are_left_out() -> None:
    now = datetime(2026, 1, 1, 12, 30, 20, tzinfo=UTC)
    at = now.replace(second=0)
    minutes = [Minute(at - timedelta(minutes=ago), read=read) for ago, read in ((60, 999), (59, 10), (1, 5), (0, 0))]
    hour = drawing.hour(minutes, now)
    assert (hour.read, hour.most) == (15, 10)
    assert [(pillar.x, pillar.read_height) for pillar in hour.pillars] == [(0.5, 46.0), (348.5, 23.0), (354.5, 0.0)]
    assert drawing.hour([], now).pillars == ()


def test_a_time_is_said_in_the_unit_that_says_most() -> None:
    assert [duration(n) for n in (None, 1.26, 600, 7_300, 200_000)] == ["", "1.3 s", "10 min", "2 h", "2 days"]
