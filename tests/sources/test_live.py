"""What a live source promises, tried on the simplest one with a real server: it goes on at any cursor, says so when
nothing comes, and says in words what the server does not give."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seawall.sources.contract import Batch, SourceError
from sources.ticker import TickerLive, Ticks, tick


@pytest.fixture
def server() -> Iterator[Ticks]:
    ticks = Ticks([tick(n) for n in range(1, 31)])
    yield ticks
    ticks.stop()


def _followed(server: Ticks, size: int = 10) -> TickerLive:
    return TickerLive({"url": server.url, "token": "k", "topics": [], "size": size})


def _until_quiet(source: TickerLive, cursor: dict[str, object] | None) -> list[Batch]:
    stream, found = source.follow(cursor), []
    for batch in stream:
        if not batch.read:
            break
        found.append(batch)
    stream.close()
    return found


def _ids(batches: list[Batch]) -> list[str]:
    return [i for batch in batches for i in batch.tables["posts"]["post_id"].to_pylist()]


def test_it_goes_on_at_any_cursor_with_nothing_lost_or_doubled(server: Ticks) -> None:
    whole = _until_quiet(_followed(server), None)
    assert _ids(whole) == [f"t{n}" for n in range(1, 31)]
    for at, batch in enumerate(whole):
        rest = _until_quiet(_followed(server), batch.cursor)
        assert _ids(whole[: at + 1]) + _ids(rest) == _ids(whole)


def test_a_quiet_stream_says_so_with_the_cursor_it_has(server: Ticks) -> None:
    stream = _followed(server, 100).follow({"after": 30})
    quiet = next(stream)
    assert (quiet.read, quiet.tables, quiet.cursor) == (0, {}, {"after": 30})
    stream.close()


def test_what_the_server_does_not_give_is_said_with_how_long_to_wait(server: Ticks) -> None:
    server.status, server.retry_after = 429, "7"
    with pytest.raises(SourceError, match="answers with 429") as refused:
        for _ in _followed(server).follow(None):
            pass
    assert refused.value.after == 7


def test_a_line_that_is_no_event_is_a_reject_and_an_unknown_field_is_told(server: Ticks) -> None:
    server.events[:] = [tick(1), "nonsense", tick(2, mood="odd")]
    (batch,) = _until_quiet(_followed(server), None)
    assert _ids([batch]) == ["t1", "t2"]
    assert [(reject.line, "not an event" in reject.reason) for reject in batch.rejects] == [(2, True)]
    assert dict(batch.unknown) == {"event.mood": 1}
