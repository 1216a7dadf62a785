"""Server-sent events: a thread that reads a stream and puts its events into a queue of bounded size."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from queue import Empty, Full, Queue
from typing import NamedTuple

import httpx

from seawall.sources.asking import refuse
from seawall.sources.contract import SourceError

MOST_WAITING = 5_000  # events; then the network waits
MOST_BYTES = 8 * 1024 * 1024  # of one event
_SILENCE = 60.0  # seconds without a byte after which a server is gone: Mastodon sends a comment every 15
_PATIENCE = 40.0  # seconds until a server that does not answer counts as failed
_QUIET = 0.5  # seconds without an event after which the reader is told so
_GATHER, _MOST = 0.2, 1_000  # how long, and how many events, go together


class Event(NamedTuple):
    """One event: its name and its data."""

    name: str
    data: bytes


class Stream:
    """An open stream: `events` gives what came, and nothing after a quiet half second."""

    def __init__(self, url: str, headers: dict[str, str], params: dict[str, str]) -> None:
        self._url, self._headers, self._params = url, headers, params
        self._found: Queue[Event | SourceError | None] = Queue(MOST_WAITING)
        self._stop = threading.Event()
        self._socket: socket.socket | None = None
        self._error: SourceError | None = None
        threading.Thread(target=self._read, name="sse", daemon=True).start()

    def opened(self) -> None:
        """Wait until the server has begun. Raises SourceError if it does not."""
        try:
            first = self._found.get(timeout=_PATIENCE)
        except Empty:
            raise SourceError(f"{httpx.URL(self._url).host} did not open its stream in time") from None
        if isinstance(first, SourceError):
            raise first

    def events(self) -> list[Event]:
        """Some events. Raises SourceError when the stream has ended."""
        if self._error:
            raise self._error
        found: list[Event] = []
        ends = time.monotonic() + _QUIET
        while len(found) < _MOST:
            try:
                one = self._found.get(timeout=max(0.0, ends - time.monotonic()))
            except Empty:
                break
            if isinstance(one, SourceError):
                self._error = one
                break
            if one is not None:
                ends = min(ends, time.monotonic() + _GATHER) if not found else ends
                found.append(one)
        if self._error and not found:
            raise self._error
        return found

    def close(self) -> None:
        """End the stream and the thread that reads it."""
        self._stop.set()
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        host = httpx.URL(self._url).host
        timeout = httpx.Timeout(_SILENCE, connect=10.0)
        try:
            with httpx.stream("GET", self._url, headers={**self._headers, "Accept": "text/event-stream"},
                              params=self._params, timeout=timeout, trust_env=False) as answer:  # fmt: skip
                refuse(host, answer)
                network = answer.extensions.get("network_stream")
                self._socket = network.get_extra_info("socket") if network else None
                self._put(None)
                self._events(host, answer)
            self._put(SourceError(f"{host} ended its stream"))
        except SourceError as error:
            self._put(error)
        except (httpx.HTTPError, OSError) as error:
            self._put(SourceError(f"cannot read the stream of {host}: {type(error).__name__}"))

    def _events(self, host: str, answer: httpx.Response) -> None:
        name, data, rest = "", bytearray(), b""
        for part in answer.iter_bytes():
            if self._stop.is_set():
                return
            *lines, rest = (rest + part).split(b"\n")
            if len(rest) + len(data) > MOST_BYTES:
                raise SourceError(f"{host} sends an event of more than {MOST_BYTES >> 20} MiB")
            for line in (line.rstrip(b"\r") for line in lines):
                if not line:
                    if name and data:
                        self._put(Event(name, bytes(data)))
                    name, data = "", bytearray()
                elif line.startswith(b"event:"):
                    name = line[6:].strip().decode("utf-8", "replace")
                elif line.startswith(b"data:"):
                    data += (b"\n" if data else b"") + line[5:].removeprefix(b" ")

    def _put(self, one: Event | SourceError | None) -> None:
        while not self._stop.is_set():
            with suppress(Full):
                self._found.put(one, timeout=0.5)
                return
