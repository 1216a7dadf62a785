"""X's filtered stream watched from the socket to the lake, through breaks, limits, garbage and what comes twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from makers import lines
from seawall.lake import Lake
from seawall.sources.kinds import KINDS
from seawall.stream.status import Status
from seawall.stream.watch import HomeRecipe, Watcher
from sources.x_exports import post, streamed, user
from sources.x_server import KEEP_ALIVE, TOKEN, Streams
from stream.flows import home_with_rule
from stream.watching import until


@pytest.fixture
def server() -> Iterator[Streams]:
    played = Streams(["open"])
    yield played
    played.stop()


def _objects(first: int, last: int) -> bytes:
    made: list[dict[str, Any]] = [streamed(post(n, n % 7 + 1), users=[user(n % 7 + 1)]) for n in range(first, last + 1)]
    return lines(made).replace(b"\n", b"\r\n")


def _ids(home: Path) -> list[str]:
    with Lake(home) as lake, lake.snapshot() as snapshot:
        return sorted(i for i in snapshot.read("posts")["post_id"].to_pylist() if int(i) > 1000)


def test_every_post_is_in_the_lake_once(tmp_path: Path, server: Streams) -> None:
    home = home_with_rule(tmp_path / "home", posts=1)
    server.played = [
        [_objects(2001, 2100), KEEP_ALIVE, _objects(2101, 2300), "cut"],
        [_objects(2250, 2400), b"<html>busy</html>\r\n", b'{"errors": [{"detail": "disconnected upstream"}]}\r\n'],
        [(429, {"Retry-After": "1"}, {"title": "Too Many Requests"})],
        [_objects(2380, 2500), "open"],
    ]
    settings = {"url": server.url, "token": TOKEN, "backfill_minutes": "5"}
    said: list[str] = []
    watching = Watcher(
        home, KINDS["x"].followed(settings, "x"), HomeRecipe(home, said.append), Status("x", "x", "x"), said.append
    )
    thread = threading.Thread(target=watching.run)
    thread.start()
    try:
        until(lambda: len(_ids(home)) >= 500, 60)
    finally:
        watching.stop()
        thread.join(20)
    assert not thread.is_alive()
    assert _ids(home) == [str(n) for n in range(2001, 2501)]
    rejects = [json.loads(line) for path in (home / "rejects").iterdir() for line in path.read_text().splitlines()]
    assert [reject["reason"] for reject in rejects] == ["not an object of X's stream"]
    assert [params.get("backfill_minutes") for _, params in server.asked] == [None, "5", "5", "5"]
    assert TOKEN not in "".join(said) + json.dumps(rejects)
