"""A Jetstream and a firehose on loopback, for tests: real WebSocket servers that hand out what a test gives them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import libipld
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

Message = str | bytes


class Streams:
    """Sends `messages` from the one that a cursor names on, and then waits for more."""

    def __init__(self, after: Callable[[Message, int], bool], port: int = 0) -> None:
        self.messages: list[Message] = []
        self.asked: list[dict[str, list[str]]] = []
        self.refuse: tuple[HTTPStatus, str] | None = None
        self.close_after = -1  # messages after which a connection is closed as it should be; -1: never
        self.break_after = -1  # messages after which it breaks off
        self.ends = False  # whether it closes after the last message instead of waiting for more
        self.sent = 0
        self._after = after
        self._ended = threading.Event()
        self._server = serve(self._hand_out, "127.0.0.1", port, process_request=self._request, compression=None)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}/subscribe"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._thread.join()

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        if not self.refuse:
            return None
        response = connection.respond(self.refuse[0], "not now")
        response.headers["Retry-After"] = self.refuse[1]
        return response

    def _hand_out(self, connection: ServerConnection) -> None:
        assert connection.request
        asked = parse_qs(urlsplit(connection.request.path).query)
        self.asked.append(asked)
        cursor, at, sent = int(asked.get("cursor", ["0"])[0]), 0, 0
        try:
            while not self._ended.is_set():
                if sent == self.close_after:
                    return
                if sent == self.break_after:
                    connection.socket.close()
                    return
                if at >= len(self.messages):
                    if self.ends:
                        return
                    self._ended.wait(0.01)
                    continue
                if self._after(self.messages[at], cursor):
                    connection.send(self.messages[at])
                    sent += 1
                    self.sent += 1
                at += 1
        except (ConnectionClosed, OSError):
            return


def jetstream() -> Streams:
    """A Jetstream: messages are JSON, and a cursor is a time."""
    return Streams(lambda message, cursor: not _is_event(message) or json.loads(message)["time_us"] >= cursor)


def _is_event(message: Message) -> bool:
    return isinstance(message, str) and message.startswith('{"did"')


def firehose() -> Streams:
    """A firehose: messages are frames, and a cursor is a number. Frames without a number come always."""
    return Streams(lambda message, cursor: _number(message) is None or int(_number(message) or 0) > cursor)


def _number(message: Message) -> int | None:
    assert isinstance(message, bytes)
    try:
        return dict(libipld.decode_dag_cbor_multi(message)[1]).get("seq")
    except (ValueError, IndexError):
        return None


def frame(kind: str, op: int = 1, **body: Any) -> bytes:
    """A frame of a firehose."""
    header = {"op": op, "t": kind} if op == 1 else {"op": op}
    return bytes(libipld.encode_dag_cbor(header) + libipld.encode_dag_cbor(body))
