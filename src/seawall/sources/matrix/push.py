"""A Synapse server that pushes: it says over HTTP, as to any application service, that rooms have something new.

What is pushed is not kept. It says which rooms to look at, and those are then read as they always are, from where they
were last read. So nothing is lost when the server forgets what it had to push (Synapse does when it is restarted),
nothing comes twice, and nobody can put a post into the lake with a token they stole. A transaction is answered only
when all that was in its rooms is in the lake for good; until then the server repeats it.

After the Application Service API of the Matrix specification, version 1.15.
"""

from __future__ import annotations

import hmac
import json
import re
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import msgspec

from seawall.sources.contract import SourceError

HOST = "127.0.0.1"
MOST_BYTES = 32 * 1024 * 1024  # of a transaction; Synapse puts at most 100 events of 64 KiB into one
MOST_WAITING = 16  # transactions; a server sends the next when one is answered
MOST_CONNECTIONS = 32
PATIENCE = 55.0  # seconds until a transaction is to be repeated; Synapse waits for 60
_IDLE = 20  # seconds that a connection may say nothing
_V1 = r"(?:/_matrix/app/v1)?"
_KNOWN = {
    "PUT": re.compile(_V1 + r"/transactions/[^/]+"),
    "POST": re.compile(r"/_matrix/app/v1/ping"),
    "GET": re.compile(_V1 + r"/(?:users|rooms)/[^/]+|/_matrix/app/(?:v1|unstable)/thirdparty/.+"),
}


class _Pushed(msgspec.Struct):
    room_id: str = ""


class _Body(msgspec.Struct):
    events: list[_Pushed]


_body = msgspec.json.Decoder(_Body).decode


@dataclass(eq=False, slots=True)
class Transaction:
    """Some rooms that have something new. `kept`: it is in the lake, or it is not and shall be repeated."""

    rooms: frozenset[str]
    kept: bool | None = None
    line: int | None = None  # how far the reading was when its rooms had been looked at


class Transactions:
    """Transactions that are not answered yet, between the server, who reads the rooms, and who commits."""

    def __init__(self) -> None:
        self._came: list[Transaction] = []
        self._looked: deque[Transaction] = deque()
        self._line: int | None = None  # read up to here is in the lake
        self._closed = True
        self._changed = threading.Condition()

    def open(self, line: int) -> None:
        """Take transactions from now on. When this is first called all up to `line` is in the lake."""
        with self._changed:
            self._closed = False
            self._line = line if self._line is None else self._line

    def deliver(self, rooms: frozenset[str]) -> bool:
        """Bring a transaction, and wait; whether all that was in these rooms is in the lake now."""
        transaction = Transaction(rooms)
        with self._changed:
            if self._closed or len(self._came) + len(self._looked) >= MOST_WAITING:
                return False
            self._came.append(transaction)
            self._changed.notify_all()
            self._changed.wait_for(lambda: transaction.kept is not None, PATIENCE)
            for waiting in (self._came, self._looked):
                if transaction in waiting:
                    waiting.remove(transaction)
            return bool(transaction.kept)

    def take(self, timeout: float) -> list[Transaction]:
        """Those that came, as soon as one does; none if none does in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._came, timeout)
            came, self._came = self._came, []
            self._looked.extend(came)
            return came

    def looked(self, came: list[Transaction], line: int) -> None:
        """Their rooms have been read: they are kept when all up to this line is."""
        with self._changed:
            for transaction in came:
                transaction.line = line
            self._answer()

    def committed(self, line: int) -> None:
        """All up to this line is in the lake for good."""
        with self._changed:
            self._line = max(line, self._line or 0)
            self._answer()

    def _answer(self) -> None:
        for transaction in self._looked:
            if transaction.line is not None and transaction.line <= (self._line or 0):
                transaction.kept = True
        self._changed.notify_all()

    def close(self) -> None:
        """Those that wait shall be repeated, and no more are taken."""
        with self._changed:
            self._closed = True
            for transaction in (*self._came, *self._looked):
                transaction.kept = bool(transaction.kept)
            self._changed.notify_all()


class Listener(ThreadingHTTPServer):
    """Listens while the block runs. Raises SourceError if the port is taken."""

    daemon_threads = True

    def __init__(self, port: int, token: str, transactions: Transactions) -> None:
        self.token, self.transactions = token, transactions
        self.greeted = threading.Event()  # the server has tried whether it reaches Seawall, and does
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        try:
            super().__init__((HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise SourceError(f"cannot listen on port {port} of this machine: {why}") from error

    def __enter__(self) -> Listener:
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True, name="push").start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transactions.close()
        self.shutdown()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for each connection, and so many at most."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A server that went away asks again."""


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    timeout = _IDLE
    server_version, sys_version = "Seawall", ""

    def do_PUT(self) -> None:
        self._respond("PUT")

    def do_POST(self) -> None:
        self._respond("POST")

    def do_GET(self) -> None:
        self._respond("GET")

    def _respond(self, method: str) -> None:
        body = self._body()
        status, answer = self._answer(method, urlsplit(self.path).path, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> bytes | None:
        """What was sent, None if it is too much; of a stranger less is too much."""
        length = self.headers.get("Content-Length", "0")
        size = int(length[:12]) if length.isdecimal() else 0
        return self.rfile.read(size) if size <= (MOST_BYTES if self._allowed() else MOST_BYTES >> 9) else None

    def _allowed(self) -> bool:
        given = self.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode("latin-1", "replace"), f"Bearer {self.server.token}".encode())

    def _answer(self, method: str, path: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        """Status and answer to a request."""
        if "Authorization" not in self.headers:
            return 401, _error("M_UNAUTHORIZED", "who asks must show the token of the registration")
        if not self._allowed():
            return 403, _error("M_FORBIDDEN", "this is not the token of the registration")
        if not _KNOWN[method].fullmatch(path):
            elsewhere = any(known.fullmatch(path) for known in _KNOWN.values())
            return 405 if elsewhere else 404, _error("M_UNRECOGNIZED", "there is no such thing here")
        if method == "GET":
            return 404, _error("M_NOT_FOUND", "Seawall makes no users and no rooms")
        if method == "POST":
            self.server.greeted.set()
            return 200, {}
        return self._transaction(body)

    def _transaction(self, body: bytes | None) -> tuple[int, dict[str, Any]]:
        if body is None:
            return 413, _error("M_TOO_LARGE", "that is too much at once")
        try:
            events = _body(body).events
        except msgspec.ValidationError:
            return 400, _error("M_BAD_JSON", "that is no transaction")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return 400, _error("M_NOT_JSON", "that is no JSON")
        rooms = frozenset(event.room_id for event in events if event.room_id)
        if not rooms or self.server.transactions.deliver(rooms):
            return 200, {}
        return 503, _error("M_UNKNOWN", "it is not kept yet: send it again")

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests: a path may hold a token."""


def _error(code: str, words: str) -> dict[str, Any]:
    return {"errcode": code, "error": words}


def registration(name: str, port: int, hs_token: str, as_token: str, rooms: list[str]) -> str:
    """What tells Synapse of Seawall, as YAML: where it is, and of which rooms it wants to hear."""
    wanted = [f"^{re.escape(room)}$" for room in rooms] or ["^!.*"]
    given = {"id": name, "url": f"http://{HOST}:{port}", "hs_token": hs_token, "as_token": as_token}
    lines = [f"{key}: {json.dumps(value)}" for key, value in {**given, "sender_localpart": name}.items()]
    lines += ["rate_limited: false", "namespaces:", "  users: []", "  aliases: []", "  rooms:"]
    lines += [f"    - {{exclusive: false, regex: {json.dumps(regex)}}}" for regex in wanted]
    return "# Seawall as an application service of this server. It holds secrets.\n" + "\n".join(lines) + "\n"
