"""The filtered stream of X API v2: what the rules that are set there match, as it is posted.

What comes twice the lake keeps once, so after a break the last minutes are asked for again where the access level has
that (`backfill_minutes`). What X does not give again is said as a reject, with the post after which it is missing. The
token stands in one header and nowhere else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from socket import SHUT_RDWR
from typing import Any, cast

import httpx
import msgspec
import pyarrow.compute as pc

from seawall.sources.contract import Batch, Cursor, Reject, SourceError
from seawall.sources.gather import NO_JSON, Gather
from seawall.sources.kinds import Ask, Checked
from seawall.sources.loading import Followed
from seawall.sources.x.api import Api, refusal
from seawall.sources.x.v2 import Answers, is_answer

BATCH = 5_000  # lines of a batch, at most
GATHER, QUIET = 0.15, 0.5  # seconds that lines wait for others; until it is said that nothing came
WAITING = 256  # pieces of the stream that wait to be read, of 64 KiB at most each; more make the server wait
LONGEST = 4 * 1024 * 1024  # bytes of an object of the stream; they are some thousand
_STREAM, _RULES = "/2/tweets/search/stream", "/2/tweets/search/stream/rules"
_MOST_MINUTES = 5
_WANTED = {
    "tweet.fields": "attachments,author_id,created_at,entities,in_reply_to_user_id,lang,note_tweet,public_metrics,"
    "referenced_tweets,source,withheld",
    "user.fields": "created_at,description,entities,location,name,profile_image_url,protected,public_metrics,url,"
    "username,verified,withheld",
    "media.fields": "alt_text,preview_image_url,type,url",
    "expansions": "attachments.media_keys,author_id,in_reply_to_user_id,referenced_tweets.id,"
    "referenced_tweets.id.author_id",
}


class _Place(msgspec.Struct):
    """How far the stream was read: the newest post, and the lines, which number rejects."""

    newest: str = ""
    line: int = 0

    def cursor(self) -> Cursor:
        return cast(Cursor, msgspec.to_builtins(self))


class _Told(msgspec.Struct):
    """Whether an object of the stream is a post, or the reason why the stream ends."""

    data: Any = None
    errors: list[dict[str, Any]] = []


class XStream(Followed):
    """Follows the filtered stream. Its rules are set on X, by whoever has the token."""

    name = "x"
    ASKS = (
        Ask("token", "The bearer token of an app whose access level has the filtered stream", secret=True),
        Ask("url", "The address of the API", default="https://api.x.com"),
        Ask(
            "backfill_minutes",
            f"Minutes to ask for again after a break, 0 to {_MOST_MINUTES}; above 0 only if the access level has it",
            default="0",
        ),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = "x") -> None:
        minutes = str(settings["backfill_minutes"]).strip()
        if not minutes.isdecimal() or int(minutes) > _MOST_MINUTES:
            raise SourceError(f"'{minutes}' is no number of minutes from 0 to {_MOST_MINUTES}.")
        self._minutes = int(minutes)
        self._url, self._token, self.platform = settings["url"], settings["token"], platform
        self._host = self._api().host
        self._said = ""  # the post after which something was last said to be missing
        self._alive = 0.0  # when the stream last gave a sign of life, by this machine's clock; 0: not since it started

    @staticmethod
    def check(settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Whether the server takes the token, and rules are set on it. It opens no stream: X counts them."""
        try:
            api = Api(settings["url"], settings["token"])
            rules = api.get(_RULES).get("data")
        except SourceError as error:
            yield Checked(False, str(error))
            return
        yield Checked(True, f"{api.host} takes the token.")
        count = len(rules) if isinstance(rules, list) else 0
        if count:
            yield Checked(True, f"{count} rule{'s are' if count > 1 else ' is'} set: what they match will be read.")
        else:
            yield Checked(False, f"No rule is set, so nothing would come: set one with POST {_RULES}.")

    @property
    def address(self) -> str:
        """The server, as reports and rejects name it."""
        return self._host

    def fingerprint(self) -> str:
        """The server and the platform name; the rules are the server's, and may change."""
        return f"{self.platform}:{self._host}"

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What the rules match from now on, and after a break what X gives again; see `Followed.follow`."""
        place = msgspec.convert(cursor, _Place) if cursor else _Place()
        minutes = {"backfill_minutes": str(self._minutes)} if self._minutes and place.newest else {}
        reader = _Reader(self._api(), _WANTED | minutes)
        lines = _Lines()
        try:
            reader.begin()
            yield self._gap(place)
            while True:
                pieces, ended = reader.some()
                if pieces:
                    self._alive = time.time()
                found, told = _until_told(lines.whole(pieces), self._host)
                for at in range(0, max(len(found), 1), BATCH):
                    yield self._batch(found[at : at + BATCH], place)
                if ended := told or ended:
                    raise ended
        finally:
            reader.end()

    def _api(self) -> Api:
        return Api(self._url, self._token)

    def _gap(self, place: _Place) -> Batch:
        """The first batch of a connection: a reject that says what is missing, if something may be."""
        away = time.time() - self._alive
        nothing_lost = self._minutes and self._alive and away < self._minutes * 60
        if place.newest in ("", self._said) or nothing_lost:
            return Batch({}, [], 0, place.cursor(), place.line)
        place.line, self._said = place.line + 1, place.newest
        again = f"but the last {self._minutes} minutes of " if self._minutes else ""
        why = (
            f"X does not give {again}what was posted after {place.newest} until the stream was opened again, "
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Search for it with since_id={place.newest} and load the answers"
        )
        return Batch({}, [Reject(place.line, why, b"")], 1, place.cursor(), place.line)

    def _batch(self, lines: list[bytes], place: _Place) -> Batch:
        """What some lines say; nothing, if there are none."""
        if not lines:
            return Batch({}, [], 0, place.cursor(), place.line)
        gather = Gather(self.platform, self.name)
        answers = Answers(gather, datetime.now(UTC))
        for number, line in enumerate(lines, place.line + 1):
            given = _decoded(line)
            if given is None:
                gather.read += 1
                gather.rejects.append(Reject(number, "not an object of X's stream", line))
            else:
                answers.read(number, line, given)
        place.line += len(lines)
        batch = gather.done({}, place.line)
        newest = [int(i) for i in pc.unique(batch.tables["posts"]["post_id"]).to_pylist() if i.isdecimal()]
        place.newest = str(max([*newest, int(place.newest or 0)])) if newest else place.newest
        batch.cursor = place.cursor()
        return batch


def _decoded(line: bytes) -> dict[str, Any] | None:
    try:
        given = msgspec.json.decode(line)
    except NO_JSON:
        return None
    return given if is_answer(given) else None


def _until_told(lines: list[bytes], host: str) -> tuple[list[bytes], SourceError | None]:
    """Lines until one says that the stream ends, and why it does."""
    for at, line in enumerate(lines):
        if b'"errors"' in line:
            with suppress(*NO_JSON):
                told = msgspec.json.decode(line, type=_Told)
                if told.data is None and told.errors:
                    return lines[:at], SourceError(f"{host} ended the stream: {refusal(told.errors[0])}")
    return lines, None


class _Lines:
    """Bytes of the stream as whole lines; blank ones are signs of life."""

    def __init__(self) -> None:
        self._rest = b""

    def whole(self, pieces: list[bytes]) -> list[bytes]:
        """The lines that end with these pieces. One that is too long is cut, and so becomes a reject."""
        *lines, rest = b"".join([self._rest, *pieces]).split(b"\n")
        self._rest = rest[:LONGEST]
        return [line for one in lines if (line := one[:LONGEST].strip())]


class _Reader:
    """Reads one connection in a thread of its own, so that a quiet stream can be left at any time."""

    def __init__(self, api: Api, params: dict[str, str]) -> None:
        self._api, self._params = api, params
        self._pieces: Queue[bytes | SourceError | None] = Queue(WAITING)
        self._stop = threading.Event()
        self._answer: httpx.Response | None = None
        self._thread = threading.Thread(target=self._read, daemon=True, name="x stream")

    def begin(self) -> None:
        """Connect. Raises SourceError if the server does not give the stream."""
        self._thread.start()
        answered = self._pieces.get()
        if isinstance(answered, SourceError):
            raise answered

    def some(self) -> tuple[list[bytes], SourceError | None]:
        """What came, a moment after the first of it or none after a while; and why there is no more."""
        found: list[bytes] = []
        until = time.monotonic() + QUIET
        with suppress(Empty):
            while len(found) < WAITING:
                piece = self._pieces.get(timeout=max(until - time.monotonic(), 0.001))
                if isinstance(piece, SourceError):
                    return found, piece
                if not found:
                    until = time.monotonic() + GATHER
                found.append(piece or b"")
        return found, None

    def end(self) -> None:
        """Let go of the connection, whatever it is doing."""
        self._stop.set()
        if self._answer is not None:
            stream = self._answer.extensions.get("network_stream")
            with suppress(OSError, AttributeError):
                stream.get_extra_info("socket").shutdown(SHUT_RDWR)  # type: ignore[union-attr]
        self._thread.join(timeout=1)

    def _read(self) -> None:
        host = self._api.host
        try:
            with self._api.stream(_STREAM, self._params) as answer:
                self._answer = answer
                self._put(None)
                for piece in answer.iter_bytes():
                    if not self._put(piece):
                        return
            self._put(SourceError(f"{host} closed the stream"))
        except SourceError as error:
            self._put(error)
        except httpx.TimeoutException:
            self._put(SourceError(f"nothing came from {host} for a while, not even a sign of life"))
        except (httpx.HTTPError, httpx.StreamError) as error:
            self._put(SourceError(f"the stream from {host} broke off: {type(error).__name__}"))

    def _put(self, piece: bytes | SourceError | None) -> bool:
        while not self._stop.is_set():
            with suppress(Full):
                self._pieces.put(piece, timeout=0.2)
                return True
        return False
