"""A server on loopback that answers as far as Seawall asks a Synapse, and pushes as Synapse does."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from live.packages import free_port
from sources.matrix_events import ROOM, message

ADMIN, HS, AS = "admin-token", "hs-token", "as-token"
PRIVATE = "!private:example.org"


class Rooms(ThreadingHTTPServer):
    """A public and a private room; what is in them may grow."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.events: dict[str, list[dict[str, Any]]] = {ROOM: [], PRIVATE: []}
        self.knows = True  # Seawall's registration
        self.asked: list[str] = []
        self.port = free_port()  # where Seawall listens
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def settings(self) -> dict[str, Any]:
        """What Seawall was told when it was connected. It looks by itself but once an hour."""
        return {
            "url": self.url, "token": ADMIN, "rooms": [], "seconds": "3600",
            "push_port": str(self.port), "hs_token": HS, "as_token": AS,
        }  # fmt: skip

    def say(self, number: int, room: str = ROOM, **content: Any) -> dict[str, Any]:
        """Somebody says something; the event."""
        event = {**message(number, **content), "room_id": room}
        self.events[room].append(event)
        return event

    def push(self, *events: dict[str, Any], txn: str = "1", token: str | None = HS) -> httpx.Response:
        """Push a transaction to Seawall."""
        return self.call("PUT", f"/_matrix/app/v1/transactions/{txn}", {"events": events}, token=token)

    def call(self, method: str, path: str, body: Any = None, token: str | None = HS, **given: Any) -> httpx.Response:
        """Ask Seawall something."""
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        content = given.pop("content", None) or json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        return httpx.request(method, url, headers=headers, content=content, timeout=20, trust_env=False, **given)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Answers(BaseHTTPRequestHandler):
    server: Rooms

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(path)
        room = next((room for room in self.server.events if room in path), "")
        answers: list[tuple[str, Any]] = [
            ("/messages$", lambda: self._messages(room)),
            ("/server_version$", lambda: {"server_version": "1.99"}),
            ("/sync$", lambda: {"next_batch": f"p{max(map(len, self.server.events.values()))}"}),
            ("/rooms$", lambda: {"rooms": [self._room(room) for room in self.server.events], "total_rooms": 2}),
            ("/rooms/", lambda: self._room(room)),
            ("/users/", lambda: {"displayname": "A name"}),
        ]
        found = next(made for pattern, made in answers if re.search(pattern, path))
        self._say(200, found())

    def _room(self, room: str) -> dict[str, Any]:
        return {"room_id": room, "join_rules": "invite" if room == PRIVATE else "public", "name": "Hall"}

    def _messages(self, room: str) -> dict[str, Any]:
        asked = parse_qs(urlsplit(self.path).query)
        first, last = (int(asked.get(name, ["p0"])[0][1:]) for name in ("from", "to"))
        return {"chunk": self.server.events[room][first:last]}

    def do_POST(self) -> None:
        """Seawall greets, and is greeted back."""
        self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.knows or self.headers["Authorization"] != f"Bearer {AS}":
            self._say(401, {"errcode": "M_UNKNOWN_TOKEN", "error": "no"})
        else:
            answer = self.server.call("POST", "/_matrix/app/v1/ping", {"transaction_id": "x"})
            self._say(200 if answer.is_success else 502, {"duration_ms": 1})

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests."""
