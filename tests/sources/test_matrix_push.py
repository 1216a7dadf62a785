"""A Matrix server that pushes: what it is answered, and when; and what then is in the lake."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from live.following import rows, watching
from seawall.lake import Lake
from seawall.sources.contract import SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.loading import Followed
from seawall.sources.matrix import push
from seawall.sources.matrix.push import Listener, Transactions, registration
from seawall.stream.status import WatchState
from sources.matrix_events import ROOM, message
from sources.matrix_server import PRIVATE, Rooms
from stream.flows import home_with_rule
from stream.watching import until


@pytest.fixture
def server() -> Iterator[Rooms]:
    rooms = Rooms()
    yield rooms
    rooms.stop()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with_rule(tmp_path / "home", posts=1)


def _source(server: Rooms, **changes: Any) -> Followed:
    return KINDS["matrix"].followed({**server.settings, **changes}, "matrix")


def _texts(home: Path) -> list[str]:
    return sorted(row["text"] for row in rows(home, "posts"))


def _listens(server: Rooms) -> bool:
    return any("/messages" in path for path in server.asked)


# --- who may say what ------------------------------------------------------------------------------------------------


@pytest.fixture
def listener(server: Rooms) -> Iterator[Listener]:
    with Listener(server.port, "hs-token", Transactions()) as listening:
        yield listening


@pytest.mark.parametrize(
    ("method", "path", "token", "status", "code"),
    [
        ("PUT", "/_matrix/app/v1/transactions/1", None, 401, "M_UNAUTHORIZED"),
        ("PUT", "/_matrix/app/v1/transactions/1", "wrong", 403, "M_FORBIDDEN"),
        ("PUT", "/_matrix/app/v1/transactions/1", "hs-toke", 403, "M_FORBIDDEN"),
        ("PUT", "/_matrix/app/v1/transactions/1?access_token=hs-token", "hs-tokenn", 403, "M_FORBIDDEN"),
        ("POST", "/_matrix/app/v1/ping", "wrong", 403, "M_FORBIDDEN"),
        ("GET", "/_matrix/app/v1/users/@a:s", "wrong", 403, "M_FORBIDDEN"),
        ("GET", "/_matrix/app/v1/users/%40a%3As", "hs-token", 404, "M_NOT_FOUND"),
        ("GET", "/_matrix/app/v1/rooms/%23a%3As", "hs-token", 404, "M_NOT_FOUND"),
        ("GET", "/_matrix/app/v1/thirdparty/protocol/irc", "hs-token", 404, "M_NOT_FOUND"),
        ("GET", "/_matrix/app/v1/transactions/1", "hs-token", 405, "M_UNRECOGNIZED"),
        ("PUT", "/_matrix/app/v1/ping", "hs-token", 405, "M_UNRECOGNIZED"),
        ("GET", "/", "hs-token", 404, "M_UNRECOGNIZED"),
        ("PUT", "/_matrix/app/v1/transactions/", "hs-token", 404, "M_UNRECOGNIZED"),
    ],
)
@pytest.mark.usefixtures("listener")
def test_what_is_refused(server: Rooms, method: str, path: str, token: str | None, status: int, code: str) -> None:
    answer = server.call(method, path, {"events": []}, token=token)
    assert (answer.status_code, answer.json()["errcode"]) == (status, code)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "M_NOT_JSON"),
        (b"\xff", 400, "M_NOT_JSON"),
        (b'{"events": [' * 50_000, 400, "M_NOT_JSON"),
        (b"[]", 400, "M_BAD_JSON"),
        (b'{"events": 7}', 400, "M_BAD_JSON"),
        (b'{"events": [{"room_id": 7}]}', 400, "M_BAD_JSON"),
    ],
)
@pytest.mark.usefixtures("listener")
def test_garbage_is_refused(server: Rooms, content: bytes, status: int, code: str) -> None:
    answer = server.call("PUT", "/_matrix/app/v1/transactions/1", content=content)
    assert (answer.status_code, answer.json()["errcode"]) in [(status, code), (400, "M_BAD_JSON")]


@pytest.mark.usefixtures("listener")
def test_who_is_greeted_and_who_has_nothing_to_say_is_answered_at_once(server: Rooms) -> None:
    assert server.call("POST", "/_matrix/app/v1/ping", {"transaction_id": "a"}).json() == {}
    assert server.push().status_code == 200
    assert server.call("PUT", "/transactions/1", {"events": []}).status_code == 200  # as older servers ask


@pytest.mark.usefixtures("listener")
def test_too_much_is_not_read(server: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "MOST_BYTES", 100)
    answer = server.push(message(1), message(2))
    assert (answer.status_code, answer.json()["errcode"]) == (413, "M_TOO_LARGE")


def test_so_many_wait_and_no_more_and_all_are_answered_when_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "MOST_WAITING", 3)
    transactions = Transactions()
    assert not transactions.deliver(frozenset("a"))  # nobody reads yet
    transactions.open(0)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(transactions.deliver, frozenset("a")) for _ in range(3)]
        until(lambda: (transactions.take(0), len(transactions._looked) == 3)[1])
        began = time.monotonic()
        assert not transactions.deliver(frozenset("a"))
        assert time.monotonic() - began < push.PATIENCE / 2  # it is not let wait
        transactions.close()
        assert [one.result(5) for one in waiting] == [False] * 3


def test_a_port_is_listened_on_by_one_and_by_none_when_it_ends(server: Rooms) -> None:
    with Listener(server.port, "t", Transactions()), pytest.raises(SourceError, match="cannot listen on port"):
        Listener(server.port, "t", Transactions())
    with Listener(server.port, "t", Transactions()):
        pass


# --- what comes of it ------------------------------------------------------------------------------------------------


def test_what_is_pushed_is_in_the_lake_when_it_is_answered(server: Rooms, home: Path, monkeypatch: Any) -> None:
    append = Lake.append

    def slow(self: Lake, *given: Any) -> Any:
        time.sleep(0.3)
        return append(self, *given)

    server.say(1, body="before")
    with watching(home, _source(server)):
        until(lambda: _texts(home) == ["before"])
        monkeypatch.setattr(Lake, "append", slow)
        for n in range(2, 4):
            assert server.push(server.say(n, body=f"pushed {n}"), txn=str(n)).status_code == 200
            assert f"pushed {n}" in _texts(home)
        assert server.push(*server.events[ROOM], txn="5").status_code == 200  # the answer was lost
    assert _texts(home) == ["before", "pushed 2", "pushed 3"]


def test_a_transaction_that_waits_when_it_ends_is_to_be_repeated(server: Rooms) -> None:
    source = _source(server)
    with closing(source.follow(None)) as batches, ThreadPoolExecutor(1) as pool:  # type: ignore[type-var]
        next(batches)
        answer = pool.submit(server.push, server.say(1))
        until(lambda: next(batches).read == 1)  # read, and never committed
        batches.close()
        assert answer.result(10).status_code == 503


def test_it_is_the_server_that_is_believed_and_not_who_pushes(server: Rooms, home: Path) -> None:
    with watching(home, _source(server)):
        until(lambda: _listens(server))
        server.say(1, body="said")
        assert server.push(message(2, "never said")).status_code == 200
    assert _texts(home) == ["said"]


def test_private_rooms_are_not_looked_into_unless_named(server: Rooms, home: Path) -> None:
    with watching(home, _source(server)):
        until(lambda: _listens(server))
        assert server.push(server.say(1, PRIVATE), server.say(2, body="to all")).status_code == 200
    assert _texts(home) == ["to all"]
    assert not any(PRIVATE in path and "messages" in path for path in server.asked)
    with watching(home, _source(server, rooms=[PRIVATE])):
        until(lambda: len(_texts(home)) == 2)
        before = len(server.asked)
        assert server.push(server.say(3, body="in a room that is not named")).status_code == 200
        assert not any(ROOM in path for path in server.asked[before:])


def test_a_server_that_does_not_know_seawall_is_read_and_told_so(server: Rooms, home: Path) -> None:
    server.knows = False
    server.say(1, body="said")
    with watching(home, _source(server)) as status:
        until(lambda: _texts(home) == ["said"] and status.state == WatchState.WAITING)
        assert status.failing
        assert "does not know Seawall: give it the registration" in status.why
        assert status.until is not None
        assert (status.until - status.since).total_seconds() > 3000  # type: ignore[operator]


# --- settings --------------------------------------------------------------------------------------------------------


def test_the_registration_asks_for_the_rooms_that_are_read() -> None:
    assert registration("seawall-hall", 8412, "h", "a", []).splitlines()[1:] == [
        'id: "seawall-hall"',
        'url: "http://127.0.0.1:8412"',
        'hs_token: "h"',
        'as_token: "a"',
        'sender_localpart: "seawall-hall"',
        "rate_limited: false",
        "namespaces:",
        "  users: []",
        "  aliases: []",
        "  rooms:",
        '    - {exclusive: false, regex: "^!.*"}',
    ]
    named = registration("s", 1, "h", "a", ["!a.b:c"]).splitlines()[-1]
    assert named == r'    - {exclusive: false, regex: "^!a\\.b:c$"}'


@pytest.mark.parametrize("port", ["0", "x", "70000", "-1", "99999999999999"])
def test_a_port_that_is_none_is_said(server: Rooms, port: str) -> None:
    with pytest.raises(SourceError, match="is no port"):
        _source(server, push_port=port)


def test_a_port_without_its_secrets_is_said(server: Rooms) -> None:
    with pytest.raises(SourceError, match="connect it again"):
        _source(server, hs_token="")


def test_a_port_that_is_taken_is_said_when_connecting(server: Rooms) -> None:
    assert [checked.ok for checked in KINDS["matrix"].check(server.settings)] == [True, True, True]
    with Listener(server.port, "t", Transactions()):
        assert [checked.ok for checked in KINDS["matrix"].check(server.settings)] == [True, True, False]
