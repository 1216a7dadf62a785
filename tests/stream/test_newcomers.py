"""Newcomers as they come: who is back is told at first sight and again as more comes, and nobody is written down."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from seawall.lake import Lake
from seawall.lake.keeping import compact
from seawall.records.facts import ACCOUNTS, POSTS, STATES, TIES, Table
from seawall.records.findings import Finding, Seen, to_table
from seawall.stream import newcomers
from seawall.stream.newcomers import Newcomers, ask_newcomers, new_paths, read_newcomers
from seawall.stream.parts import StreamError

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
BIO = "lamps and harbours of the northern windmills, since always"
FRIENDS = [f"u{n}" for n in range(20)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Forty suspended accounts and one old account that was never suspended."""
    home = tmp_path / "home"
    letters = "abcdefghijklmnopqrstuvwxyz"
    gone = [f"s{n}" for n in range(40)]
    handles = [f"{letters[n % 26]}{letters[n * 7 % 26]}rivet{letters[n * 11 % 26]}{n}" for n in range(40)]
    accounts = [
        account(who, handle, bio=f"{handle} and more {n}")
        for n, (who, handle) in enumerate(zip(gone, handles, strict=True))
    ]
    accounts[3] |= {"handle": "lamplighter_north", "name": "Lamplighter North", "bio": BIO}
    accounts.append(account("old", "oldtimer", made=BEGAN - timedelta(days=900)))
    states = [
        {"platform": "x", "account_id": who, "state": "suspended", "at": BEGAN + timedelta(days=3)} for who in gone
    ]
    with Lake.create(home) as lake:
        lake.append({"accounts": table(ACCOUNTS, accounts), "states": table(STATES, states), "ties": ties("s3")})
    return home


@pytest.fixture
def asking(home: Path) -> Iterator[Newcomers]:
    found = Newcomers(home)
    yield found
    found.close()


def account(who: str, handle: str, made: datetime = BEGAN, **shown: Any) -> dict[str, Any]:
    return {"platform": "x", "account_id": who, "handle": handle, "created_at": made, "seen_at": made, **shown}


def table(kind: Table, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(
        [{**dict.fromkeys(kind.schema.names), "source": "x", **row} for row in rows], kind.schema
    )


def ties(who: str) -> pa.Table:
    rows = [{"platform": "x", "kind": "follow", "from_id": friend, "to_id": who, "at": BEGAN} for friend in FRIENDS]
    return table(TIES, rows)


def posts(who: str, handle: str, count: int, first: int = 0) -> pa.Table:
    at = BEGAN + timedelta(days=6)
    rows = [
        {"platform": "x", "post_id": f"{who}-{n}", "account_id": who, "handle": handle, "kind": "post", "text": "word",
         "at": at + timedelta(hours=n)} for n in range(first, first + count)
    ]  # fmt: skip
    return table(POSTS, rows)


def comes(home: Path, **tables: pa.Table) -> None:
    with Lake(home) as lake:
        lake.append(tables)


def back(who: str = "n1", handle: str = "lamplighter_north2") -> pa.Table:
    return table(ACCOUNTS, [account(who, handle, BEGAN + timedelta(days=5), name="Lamplighter North", bio=BIO)])


def test_who_is_back_is_told_at_first_sight_and_others_are_not(home: Path, asking: Newcomers) -> None:
    assert asking.step() == []
    comes(
        home,
        accounts=pa.concat_tables([back(), table(ACCOUNTS, [account("n2", "cheesefan", BEGAN + timedelta(days=5))])]),
        ties=ties("n1"),
    )
    began = time.monotonic()
    said = {its.account_id: its for its in asking.step()}
    assert time.monotonic() - began < 5
    assert said["n1"].probability > 0.9
    assert said["n1"].candidates[0].account_id == "s3"
    assert said["n2"].probability < 0.5
    now = read_newcomers(home)
    assert now is not None
    assert (now.suspended, now.asked, now.likely, now.listed) == (40, 2, 1, 0)
    assert asking.step() == []


def test_nobody_is_written_down(home: Path, asking: Newcomers) -> None:
    comes(home, accounts=back(), ties=ties("n1"))
    assert asking.step()
    written = b"".join(path.read_bytes() for path in (home / "newcomers").iterdir() if path.is_file())
    assert b"n1" not in written
    assert b"amplighter" not in written
    with Lake(home) as lake, lake.snapshot() as snapshot:
        assert snapshot.rows("findings") == 0


def test_who_is_listed_over_conduct_of_their_own_is_counted_apart(home: Path, asking: Newcomers) -> None:
    finding = Finding("x", "n1", None, "rules.r", "1", 0.9, "says it", (Seen("n1-0", "2026-01-06"),), True)
    with Lake(home) as lake:
        lake.replace_results({"findings": to_table([finding])}, lake.manifest.version)
    comes(home, accounts=back(), ties=ties("n1"))
    asking.step()
    assert asking.now().listed == 1


def test_an_old_account_is_asked_about_once_it_is_renamed(home: Path, asking: Newcomers) -> None:
    old = account("old", "oldtimer", BEGAN - timedelta(days=900), bio="new words")
    comes(home, accounts=table(ACCOUNTS, [old]))
    assert asking.step() == []
    renamed = old | {"handle": "lamplighter_n0rth", "seen_at": BEGAN + timedelta(days=5)}
    comes(home, accounts=table(ACCOUNTS, [renamed]))
    assert [its.account_id for its in asking.step()] == ["old"]


def test_it_is_asked_again_as_posts_come_and_not_at_each(home: Path, asking: Newcomers) -> None:
    comes(home, accounts=back("n1", "plainname"))
    assert len(asking.step()) == 1
    asked = []
    for n in range(8):
        comes(home, posts=posts("n1", "plainname", 1, n))
        asked.append(len(asking.step()))
    assert asked == [0, 0, 0, 0, 1, 0, 0, 0]


def test_who_is_suspended_meanwhile_is_a_parent_soon(home: Path, asking: Newcomers, monkeypatch: Any) -> None:
    monkeypatch.setattr(newcomers, "_RENEW", 0.0)
    comes(
        home,
        accounts=table(
            ACCOUNTS,
            [account("n9", "quietstone_mill", BEGAN + timedelta(days=4), name="Quietstone Mill", bio=BIO[::-1])],
        ),
    )
    asking.step()
    gone = {"platform": "x", "account_id": "n9", "state": "suspended", "at": BEGAN + timedelta(days=5)}
    comes(home, states=table(STATES, [gone]), ties=ties("n9"))
    ends = time.monotonic() + 20
    while asking.now().suspended < 41 and time.monotonic() < ends:
        asking.step()
    again = account("n10", "quietstone_mill2", BEGAN + timedelta(days=6), name="Quietstone Mill", bio=BIO[::-1])
    comes(home, accounts=table(ACCOUNTS, [again]), ties=ties("n10"))
    (said,) = asking.step()
    assert said.candidates[0].account_id == "n9"


def test_where_nobody_is_suspended_nobody_is_asked_about(tmp_path: Path) -> None:
    Lake.create(tmp_path / "home").close()
    asking = Newcomers(tmp_path / "home")
    comes(tmp_path / "home", accounts=back())
    assert asking.step() == []
    asking.close()
    assert read_newcomers(tmp_path / "home") is None  # nobody asks any more


def test_two_processes_do_not_ask(home: Path, asking: Newcomers) -> None:
    with pytest.raises(StreamError, match="already"):
        Newcomers(home)


def test_another_process_may_ask_about_one_account(home: Path, asking: Newcomers) -> None:
    comes(home, accounts=back(), ties=ties("n1"))
    answers = []
    for who in ("n1", "s3", "old"):
        thread = threading.Thread(target=lambda who=who: answers.append(ask_newcomers(home, "x", who)))
        thread.start()
        while thread.is_alive():
            asking.step()
    first, gone, old = answers
    assert first is not None
    assert first.suspended == 40
    assert first.said is not None
    assert (first.said.account_id, first.said.candidates[0].account_id) == ("n1", "s3")
    assert first.said.candidates[0].because["handle"] > 0
    assert gone is not None
    assert gone.said is None
    assert old.said.probability < 0.5
    assert (home / "newcomers").stat().st_mode & 0o077 == 0


def test_what_is_no_question_is_not_answered_and_harms_nothing(home: Path, asking: Newcomers) -> None:
    for nonsense in (b"", b"[]", b"x" * 100_000):
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(home / "newcomers" / "socket"))
            thread = threading.Thread(target=asking.step)
            thread.start()
            with suppress(OSError):
                other.sendall(nonsense)
                other.shutdown(socket.SHUT_WR)
            thread.join(10)
    comes(home, accounts=back(), ties=ties("n1"))
    assert asking.step()


def test_where_nobody_answers_that_is_told_at_once(home: Path) -> None:
    assert ask_newcomers(home, "x", "n1") is None


def test_files_that_are_joined_bring_nobody_again_and_none_is_missed(home: Path, asking: Newcomers) -> None:
    for n in range(8):
        comes(home, accounts=table(ACCOUNTS, [account(f"m{n}", f"cheesefan{n}", BEGAN + timedelta(days=5))]))
    assert len(asking.step()) == 8
    with Lake(home) as lake:
        compact(lake, 2)
    comes(home, accounts=back())
    assert [its.account_id for its in asking.step()] == ["n1"]


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, (["b"], False)),
        ({"a": 1, "b": 2}, {"ab": 3, "c": 1}, (["c"], False)),
        ({"a": 1, "b": 2}, {"ab": 3, "c": 3}, (["ab", "c"], True)),  # it cannot be told which joins
        ({"a": 1, "b": 2}, {"abc": 4}, (["abc"], True)),  # one that was not seen is in it
    ],
)
def test_which_files_are_new(before: dict, now: dict, new: tuple) -> None:
    assert new_paths(before, now) == new
