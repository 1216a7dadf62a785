"""A server on loopback that plays X's API v2: the rules of its filtered stream, and what it streams, as a test says."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "AAAA-secret"
KEEP_ALIVE = b"\r\n"


class Streams(ThreadingHTTPServer):
    """Each connection to the stream gets the next of `played`: bytes to send and seconds to wait, then it is closed.
    One that begins with a status, headers and a body is refused so.

    The last is played again and again; after "open" a connection stays open, with a sign of life now and then; after
    "cut" it is cut in the middle.
    """

    daemon_threads = True

    def __init__(self, *played: list[Any], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.played = list(played)
        self.rules: Any = {"data": [{"id": "1", "value": "harbour"}], "meta": {"sent": "x"}}
        self.refused: list[tuple[int, dict[str, str], Any]] = []  # what the next answers are instead, each once
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.open = 0  # streams that are open now
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
    server: Streams
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}))
        if self.server.refused:
            self._whole(*self.server.refused.pop(0))
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._whole(401, {}, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"})
        elif parts.path == "/2/tweets/search/stream/rules":
            self._whole(200, {}, self.server.rules)
        elif parts.path == "/2/tweets/search/stream":
            self._stream()
        else:
            self._whole(404, {}, {"title": "Not Found"})

    def _whole(self, status: int, headers: dict[str, str], body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        played = self.server.played
        parts = played.pop(0) if len(played) > 1 else list(played[0])
        if parts and isinstance(parts[0], tuple):
            self._whole(*parts[0])
        else:
            self._play(parts)

    def _play(self, parts: list[Any]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.close_connection = True
        self.server.open += 1
        try:
            self.end_headers()
            for part in parts:
                if part == "cut":
                    return
                if part == "open":
                    self._stay()
                elif isinstance(part, bytes):
                    self._chunk(part)
                else:
                    time.sleep(part)
            self._chunk(b"")
        finally:
            self.server.open -= 1

    def _stay(self) -> None:
        while not self.server.ended:
            self._chunk(KEEP_ALIVE)
            time.sleep(0.05)

    def _chunk(self, content: bytes) -> None:
        with suppress(ValueError):  # a closed file
            self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
            self.wfile.flush()

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests."""
