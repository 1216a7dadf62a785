"""The simplest platform there can be: a server that hands out numbered events, and the live source that follows it.

The server is a real one on loopback. It can be slow, silent, broken or talk nonsense where a test says so.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.fields import Fields
from seawall.sources.gather import Gather
from seawall.sources.kinds import Ask, Checked
from seawall.sources.loading import Followed

FIELDS = Fields("event", "id at author text tags")
_END = object()


class _Event(msgspec.Struct):
    id: str
    at: datetime
    author: str
    text: str
    tags: list[str] = []


class Ticks(ThreadingHTTPServer):
    """Hands out `events` from the one that is asked for on, as lines, and waits for more."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, events: list[Any], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.events = events
        self.instead: list[bytes] = []  # what the next answers are, each once, instead of events
        self.cut_after: int | None = None  # lines after which a connection is cut
        self.status = 200
        self.retry_after = ""
        self.silent = threading.Event()  # takes questions and says nothing
        self.asked: list[int] = []  # from where on, each time
        self.ended = False
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def stop(self) -> None:
        """Cut every connection and listen no more."""
        self.ended = True
        self.shutdown()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """A client that went away is no matter."""


class _Handler(BaseHTTPRequestHandler):
    server: Ticks

    def do_GET(self) -> None:
        after = int(parse_qs(urlsplit(self.path).query).get("after", ["0"])[0])
        self.server.asked.append(after)
        while self.server.silent.is_set() and not self.server.ended:
            time.sleep(0.05)
        self.send_response(self.server.status)
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.end_headers()
        if self.server.status == 200:
            self._hand_out(after)

    def _hand_out(self, after: int) -> None:
        if self.server.instead:
            self.wfile.write(self.server.instead.pop(0))
            return
        sent = 0
        while not self.server.ended and self.server.cut_after != sent:
            if after < len(self.server.events):
                piece = self.server.events[after : after + 200]
                if self.server.cut_after is not None:
                    piece = piece[: self.server.cut_after - sent]
                self.wfile.write(b"".join(json.dumps(event).encode() + b"\n" for event in piece))
                self.wfile.flush()
                after, sent = after + len(piece), sent + len(piece)
            else:
                time.sleep(0.01)

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests."""


def tick(number: int, text: str = "nothing is lit", at: datetime | None = None, **more: Any) -> dict[str, Any]:
    """An event, by one of seven authors."""
    moment = at or datetime.now(UTC)
    return {"id": f"t{number}", "at": moment.isoformat(), "author": f"a{number % 7}", "text": text, **more}


class TickerLive(Followed):
    """Follows such a server. A reader thread takes lines from the network; quiet seconds give empty batches."""

    name = "ticker"
    ASKS = (
        Ask("url", "The server's address"),
        Ask("token", "The key", secret=True),
        Ask("topics", "Topics", many=True),
        Ask("size", "Items in a batch, at most", default="500"),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = "ticker") -> None:
        if not settings["url"].startswith("http"):
            raise SourceError(f"'{settings['url']}' is no address")
        self._url, self._size, self.platform = settings["url"], int(settings.get("size", 500)), platform
        self.told: list[Cursor] = []

    @staticmethod
    def check(settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Whether it answers."""
        try:
            with httpx.stream("GET", settings["url"], timeout=2, trust_env=False) as answer:
                yield Checked(answer.status_code == 200, f"it answers with {answer.status_code}")
        except httpx.HTTPError as error:
            yield Checked(False, f"it does not answer: {error}")

    @property
    def address(self) -> str:
        return urlsplit(self._url).netloc

    def fingerprint(self) -> str:
        return self.platform

    def committed(self, cursor: Cursor) -> None:
        self.told.append(cursor)

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Events after the cursor, as they come."""
        at = int(str(cursor["after"])) if cursor else 0
        lines: Queue[Any] = Queue(self._size)
        stop = threading.Event()
        threading.Thread(target=self._read, args=(at, lines, stop), daemon=True).start()
        try:
            answered = lines.get()  # until the server answers there is no saying that nothing comes
            if answered is not None:
                raise answered
            while True:
                found = _some(lines, self._size)
                error = found.pop() if found and not isinstance(found[-1], bytes) else None
                yield self._batch(found, at)
                at += len(found)
                if error is not None:
                    raise error if isinstance(error, SourceError) else SourceError(f"{self.address} ended the stream")
        finally:
            stop.set()

    def _read(self, at: int, lines: Queue[Any], stop: threading.Event) -> None:
        try:
            timeout = httpx.Timeout(60.0, connect=5.0)
            with httpx.stream("GET", self._url, params={"after": at}, timeout=timeout, trust_env=False) as answer:
                if answer.status_code != 200:
                    after = float(answer.headers.get("Retry-After") or 0)
                    raise SourceError(f"{self.address} answers with {answer.status_code}", after)
                lines.put(None)
                for line in answer.iter_lines():
                    lines.put(line.encode())
                    if stop.is_set():
                        return
            lines.put(_END)
        except SourceError as error:
            lines.put(error)
        except httpx.HTTPError as error:
            lines.put(SourceError(f"cannot read {self.address}: {error}"))

    def _batch(self, lines: list[bytes], at: int) -> Batch:
        gather = Gather(self.platform, self.name)
        for number, line in enumerate(lines, at + 1):
            with gather.reading(number, line, "an event"):
                event = msgspec.json.decode(line, type=_Event)
                gather.check(FIELDS, msgspec.json.decode(line))
                gather.once(event.author, event.at, handle=event.author)
                gather.post(event.id, event.author, event.at, handle=event.author, text=event.text, hashtags=event.tags)
        batch = gather.done({"after": at + len(lines)}, at + len(lines))
        return batch if lines else Batch({}, [], 0, {"after": at}, at)


def _some(lines: Queue[Any], most: int) -> list[Any]:
    """What has come, a moment later; nothing after half a second."""
    found: list[Any] = []
    with suppress(Empty):
        found.append(lines.get(timeout=0.5))
        while len(found) < most and isinstance(found[-1], bytes):
            found.append(lines.get_nowait())
    return found
