"""Bluesky followed live, on real servers on loopback: nothing is lost or doubled, and what is not given is said."""

from __future__ import annotations

import io
import json
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import zstandard

from seawall.lake import Lake
from seawall.sources.bluesky import BlueskyExport, BlueskyStream
from seawall.sources.bluesky.payload import COLLECTIONS
from seawall.sources.contract import Batch, SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.loading import follow
from sources import bluesky_events as made
from sources.bluesky_servers import Streams, firehose, frame, jetstream

HOUR = 3_600_000_000


@pytest.fixture
def server() -> Iterator[Streams]:
    streams = jetstream()
    yield streams
    streams.stop()


@pytest.fixture
def frames() -> Iterator[Streams]:
    streams = firehose()
    yield streams
    streams.stop()


def _stream(server: Streams, **settings: Any) -> BlueskyStream:
    return BlueskyStream({"url": server.url, **settings})


def _hose(server: Streams, **settings: Any) -> BlueskyStream:
    url = server.url.replace("subscribe", "xrpc/com.atproto.sync.subscribeRepos")
    return BlueskyStream({"url": url, **settings})


def _until_quiet(source: BlueskyStream, cursor: dict[str, object] | None) -> list[Batch]:
    found = []
    with closing(source.follow(cursor)) as batches:
        for batch in batches:
            if not batch.tables:
                return found
            found.append(batch)
    return found


def _now(number: int = 0) -> int:
    return time.time_ns() // 1000 + number


def _recent(given: dict[str, Any], time_us: int) -> str:
    return json.dumps({**given, "time_us": time_us})


def _posts(batches: list[Batch]) -> list[str]:
    return [post for batch in batches if batch.tables for post in batch.tables["posts"]["post_id"].to_pylist()]


def test_it_goes_on_where_it_was_and_the_lake_has_all_once(server: Streams, tmp_path: Path) -> None:
    begun = _now()
    server.messages = [_recent(given, begun + n * 50_000) for n, given in enumerate(made.only_posts(600))]
    server.close_after, server.ends = 250, True
    with Lake.create(tmp_path / "home") as lake:
        reports = [follow(lake, _stream(server)) for _ in range(4)]
        with lake.snapshot() as snapshot:
            found = snapshot.read("posts", ["post_id"])["post_id"].to_pylist()
    assert [sum(report.rejected for report in reports), server.sent] == [0, 3 * 250 + 153]
    assert sorted(found) == sorted(map(_id, server.messages))
    cursors = [int(asked["cursor"][0]) for asked in server.asked[1:]]
    assert cursors == [begun + last * 50_000 - 5_000_000 for last in (249, 398, 547)]


def _id(message: Any) -> str:
    given = json.loads(message)
    return f"at://{given['did']}/{given['commit']['collection']}/{given['commit']['rkey']}"


def test_it_asks_for_what_is_wanted_and_begins_now(server: Streams) -> None:
    before = _now()
    source = _stream(server, dids=["did:plc:a", "did:web:b"], collections=["app.bsky.feed.*"])
    (quiet,) = islice(source.follow(None), 1)
    (asked,) = server.asked
    assert (asked["wantedCollections"], asked["wantedDids"]) == (["app.bsky.feed.*"], ["did:plc:a", "did:web:b"])
    assert before - 5_000_000 <= int(asked["cursor"][0]) <= _now() - 5_000_000
    assert before <= int(str(quiet.cursor["time_us"])) <= _now()
    list(islice(_stream(server).follow(None), 1))
    assert server.asked[1]["wantedCollections"] == list(COLLECTIONS)
    assert "wantedDids" not in server.asked[1]


def test_a_quiet_stream_says_so_each_second_with_the_cursor_it_has(server: Streams) -> None:
    cursor: dict[str, object] = {"time_us": _now()}
    begun = time.monotonic()
    batches = list(islice(_stream(server).follow(cursor), 3))
    assert [(batch.read, batch.tables, batch.cursor) for batch in batches] == [(0, {}, cursor)] * 3
    assert time.monotonic() - begun < 3


def test_a_batch_says_how_far_the_stream_is_and_where_to_go_on(server: Streams) -> None:
    begun = _now(10_000_000)
    server.messages = [_recent(made.post(n), begun + n) for n in range(3)]
    batch = _until_quiet(_stream(server), None)[-1]
    assert batch.cursor == {"time_us": begun + 2}
    assert batch.upto is not None
    assert abs(batch.upto.timestamp() * 1e6 - begun) < 1000


def test_events_are_read_as_exports_are(server: Streams, tmp_path: Path) -> None:
    events = made.mixed(100)
    now = _now()
    server.messages = [_recent(given, now + n) for n, given in enumerate(events)]
    live = _until_quiet(_stream(server), None)
    (tmp_path / "b.jsonl").write_text("\n".join(map(str, server.messages)) + "\n")
    (saved,) = BlueskyExport().read(tmp_path / "b.jsonl", None)
    for name, table in saved.tables.items():
        assert [row for batch in live for row in batch.tables[name].to_pylist()] == table.to_pylist(), name
        assert table.num_rows


def test_nonsense_is_a_reject_and_the_rest_goes_on(server: Streams) -> None:
    now = _now(10_000_000)
    bad = json.dumps({**made.post(2), "time_us": 10**30})
    server.messages = [
        _recent(made.post(1, mood="x"), now),
        "nonsense",
        b"\xff\xfe",
        "[]",
        bad,
        _recent(made.post(3), now + 9),
    ]
    batches = _until_quiet(_stream(server), None)
    assert _posts(batches) == [made.at(1), made.at(3)]
    assert [reject.line for batch in batches for reject in batch.rejects] == [1, 1, 1, 1]
    assert all(reject.reason for batch in batches for reject in batch.rejects)
    assert batches[-1].cursor == {"time_us": now + 9}
    assert sum((batch.unknown for batch in batches), start=type(batches[0].unknown)()) == {"bluesky post.mood": 1}


def test_what_was_left_for_more_than_a_day_may_miss_something_and_says_so(server: Streams) -> None:
    now = _now()
    server.messages = [_recent(made.post(1), now), _recent(made.post(2), now + 1)]
    fresh = _until_quiet(_stream(server), {"time_us": now - 23 * HOUR})
    (old,) = _until_quiet(_stream(server), {"time_us": now - 49 * HOUR})
    assert [batch.rejects for batch in fresh] == [[]]
    assert ["was left for 49 hours" in reject.reason for reject in old.rejects] == [True]
    assert len(_posts([old])) == 2


def test_a_server_that_refuses_says_how_long_to_wait(server: Streams) -> None:
    server.refuse = (HTTPStatus.TOO_MANY_REQUESTS, "7")
    with pytest.raises(SourceError, match="answers with 429") as refused:
        next(_stream(server).follow(None))
    assert refused.value.after == 7


def test_a_server_that_breaks_off_gives_what_it_sent(server: Streams) -> None:
    server.messages = [_recent(made.post(n), _now(n)) for n in range(5)]
    server.break_after = 5
    batches = _stream(server).follow(None)
    found: list[Batch] = []
    with pytest.raises(SourceError, match="broke off"):
        found.extend(batches)
    assert len(_posts(found)) == 5


def test_a_server_that_is_not_there_or_is_none(server: Streams) -> None:
    server.stop()
    with pytest.raises(SourceError, match="cannot connect to ws://"):
        next(_stream(server).follow(None))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"url": "https://e.org"}, "begins with wss://"),
        ({"url": ""}, "begins with wss://"),
        ({"url": "wss://e.org", "dids": ["somebody.bsky.social"]}, "'somebody.bsky.social' is no DID"),
        ({"url": "wss://e.org", "dids": [f"did:plc:{n}" for n in range(501)]}, "at most 500 accounts"),
    ],
)
def test_wrong_answers_are_said_at_once(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(SourceError, match=why):
        KINDS["bluesky"].followed(settings, "bluesky")


def test_the_checks(server: Streams) -> None:
    check = KINDS["bluesky"].check
    said = list(check({"url": server.url}))
    assert [line.ok for line in said] == [True, True]
    assert "nothing came" in said[1].words
    server.messages = [_recent(made.post(n), _now(n + 10_000_000)) for n in range(5)]
    assert [line.words for line in check({"url": server.url})][1] == "events come"
    server.stop()
    assert [line.ok for line in check({"url": server.url})] == [False]


def test_what_waits_is_bounded(server: Streams) -> None:
    """A reader that takes nothing keeps few messages, and what lies between is the sockets'."""
    words = "x" * 20_000
    server.messages = [_recent(made.post(n, words), _now(n)) for n in range(3_000)]
    with closing(_stream(server).follow(None)) as batches:
        first = next(batches)
        time.sleep(1)
        waiting = server.sent - first.read
        time.sleep(0.5)
        assert server.sent - first.read == waiting < 1_500
        found = _posts([first])
        while len(found) < 3_000:
            found += _posts([next(batches)])


def test_secrets_are_in_no_address() -> None:
    source = BlueskyStream({"url": "wss://me:hush@e.org/subscribe?key=hush"})
    assert "hush" not in source.address + source.fingerprint()
    assert source.address == "wss://e.org/subscribe"


# The firehose -------------------------------------------------------------------------------------------------------


def _recorded(shared: Path) -> list[bytes]:
    """Frames of the public firehose; each follows its length."""
    packed = (shared / "payloads" / "bluesky_jetstream" / "frames.bin.zst").read_bytes()
    content = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read()
    found, at = [], 0
    while at < len(content):
        (size,) = struct.unpack_from("<I", content, at)
        found.append(content[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def test_the_recorded_frames_give_what_jetstream_made_of_them(frames: Streams, shared: Path) -> None:
    frames.messages = list(_recorded(shared))
    live = _until_quiet(_hose(frames, collections=["*"]), None)
    (saved,) = BlueskyExport().read(shared / "payloads" / "bluesky_jetstream" / "expected_v1.jsonl", None)
    assert not any(batch.rejects or batch.unknown for batch in live)
    assert sum((batch.ignored for batch in live), start=type(saved.ignored)()) == saved.ignored
    for name, table in saved.tables.items():
        rows = [row for batch in live for row in batch.tables[name].to_pylist()]
        late = {"at"} if name == "states" else set()  # those carry the time of their server
        kept = [{key: row[key] for key in row.keys() - late} for row in table.to_pylist()]
        assert [{key: row[key] for key in row.keys() - late} for row in rows] == kept, name
    assert live[-1].cursor == {"seq": 31527015471}


def test_a_firehose_goes_on_after_its_last_number(frames: Streams, shared: Path) -> None:
    recorded = _recorded(shared)
    frames.messages = list(recorded[:70])
    first = _until_quiet(_hose(frames), None)
    frames.messages = list(recorded)
    rest = _until_quiet(_hose(frames), first[-1].cursor)
    assert "cursor" not in frames.asked[0]
    assert frames.asked[1]["cursor"] == [str(first[-1].cursor["seq"])]
    posts = _posts(first) + _posts(rest)
    assert (len(posts), len(set(posts))) == (32, 32)
    likes = sum(batch.ignored["like"] for batch in [*first, *rest])
    assert likes == 0  # not asked for, so not read


def test_a_firehose_of_some_accounts(frames: Streams) -> None:
    moment = "2026-05-28T20:26:00.000Z"
    frames.messages = [
        frame("#identity", did=f"did:plc:{n}", seq=n, time=moment, handle=f"a{n}.test") for n in range(1, 5)
    ]
    (batch,) = _until_quiet(_hose(frames, dids=["did:plc:3"]), None)
    assert [(a["account_id"], a["handle"]) for a in batch.tables["accounts"].to_pylist()] == [("did:plc:3", "a3.test")]
    assert (batch.cursor, batch.upto) == ({"seq": 4}, datetime(2026, 5, 28, 20, 26, tzinfo=UTC))


def test_what_a_firehose_says_of_itself(frames: Streams) -> None:
    moment = "2026-05-28T20:26:00.000Z"
    frames.messages = [
        frame("#info", name="OutdatedCursor"),
        frame("#sync", did="did:plc:1", seq=1, time=moment, rev="x", blocks=b""),
        frame("#account", did="did:plc:1", seq=2, time=moment, active=False, status="takendown"),
        frame("#commit", repo="did:plc:1", seq=3, time=moment, rev="x", blocks=b"", ops=[], tooBig=True),
        frame("#commit", repo="did:plc:1", seq=4, time="soon", rev="x", blocks=b"", ops=[]),
        b"\x00",
    ]
    (batch,) = _until_quiet(_hose(frames), None)
    said = [(reject.line, reject.reason) for reject in batch.rejects]
    assert [line for line, _ in said] == [1, 3, 4, 5]
    for part, (_, reason) in zip(["OutdatedCursor", "too big", "is no time", "no frame"], said, strict=True):
        assert part in reason
    assert batch.ignored == {"frame of kind #sync": 1}
    assert [state["state"] for state in batch.tables["states"].to_pylist()] == ["suspended"]


def test_a_firehose_that_refuses(frames: Streams) -> None:
    frames.messages = [frame("", op=-1, error="FutureCursor", message="Cursor in the future.")]
    with pytest.raises(SourceError, match="FutureCursor Cursor in the future"):
        next(_hose(frames).follow({"seq": 10**9}))
