"""As much of a Synapse as the adapter asks for, in memory: one user, one post with a picture. Real: tests/live."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import httpx

from seawall.enforcement.adapters.contract import About, Order
from seawall.records.terms import Verb

ROOT, USER, ROOM, EVENT = "@root:s", "@user:s", "!room:s", "$event"
POST = f"{ROOM}/{EVENT}"


class FakeSynapse:
    """Answers as Synapse does, and keeps every request."""

    def __init__(self) -> None:
        self.user: dict[str, Any] = {"name": USER, "suspended": False, "locked": False, "deactivated": False}
        self.files: dict[str, str | None] = {"s/full": None, "s/preview": None}
        self.protected: set[str] = set()
        self.notes: dict[str, Any] = {}
        self.notices: list[dict[str, Any]] = []
        self.redacted_by: str | None = None
        self.asked: list[tuple[str, str]] = []
        self.instead: dict[str, httpx.Response | Exception] = {}  # what to answer where a path holds this
        self.transport = httpx.MockTransport(self.answer)

    def order(self, verb: Verb, key: str = "k1") -> Order:
        return Order(key, verb, About("matrix", USER, None if verb.of_account else POST), "breaks the rules")

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().split("?")[0]
        self.asked.append((request.method, unquote(path)))
        for part, what in self.instead.items():
            if part in path:
                if isinstance(what, Exception):
                    raise what
                return what
        body = json.loads(request.content) if request.content else {}
        for method, pattern, do in self.routes():
            match = re.fullmatch(pattern, path)
            if match and method == request.method:
                return do(body, *map(unquote, match.groups()))
        return self.no(404, "M_UNRECOGNIZED", "Unrecognized request")

    def routes(self) -> list[tuple[str, str, Any]]:
        one = "([^/]+)"
        return [
            ("GET", "/_matrix/client/v3/account/whoami", lambda body: self.yes(user_id=ROOT)),
            ("GET", f"/_matrix/client/v3/user/{one}/account_data/{one}", self.note),
            ("PUT", f"/_matrix/client/v3/user/{one}/account_data/{one}", self.write),
            ("GET", f"/_synapse/admin/v2/users/{one}", self.look_up),
            ("PUT", f"/_synapse/admin/v2/users/{one}", self.change),
            ("PUT", f"/_synapse/admin/v1/suspend/{one}", self.suspend),
            ("GET", f"/_synapse/admin/v1/rooms/{one}/context/{one}", self.context),
            ("PUT", f"/_matrix/client/v3/rooms/{one}/redact/{one}/{one}", self.redact),
            ("GET", f"/_synapse/admin/v1/media/{one}/{one}", self.file),
            ("POST", f"/_synapse/admin/v1/media/quarantine/{one}/{one}", lambda b, s, m: self.hold(f"{s}/{m}", ROOT)),
            ("POST", f"/_synapse/admin/v1/media/unquarantine/{one}/{one}", lambda b, s, m: self.hold(f"{s}/{m}", None)),
            ("PUT", f"/_synapse/admin/v1/send_server_notice/{one}", self.notice),
            ("GET", "/_synapse/admin/v1/server_version", lambda body: self.yes(server_version="1.163.2")),
            ("GET", f"/_synapse/admin/v1/users/{one}/admin", lambda body, user: self.yes(admin=True)),
        ]

    @staticmethod
    def yes(**given: Any) -> httpx.Response:
        return httpx.Response(200, json=given)

    @staticmethod
    def no(status: int, code: str, error: str) -> httpx.Response:
        return httpx.Response(status, json={"errcode": code, "error": error})

    def note(self, body: Any, user: str, name: str) -> httpx.Response:
        found = self.notes.get(name)
        return self.no(404, "M_NOT_FOUND", "Account data not found") if found is None else self.yes(**found)

    def write(self, body: Any, user: str, name: str) -> httpx.Response:
        self.notes[name] = body
        return self.yes()

    def look_up(self, body: Any, user: str) -> httpx.Response:
        return self.yes(**self.user) if user == USER else self.no(404, "M_NOT_FOUND", "User not found")

    def change(self, body: Any, user: str) -> httpx.Response:
        self.user |= body
        return self.yes(**self.user)

    def suspend(self, body: Any, user: str) -> httpx.Response:
        if not user.endswith(":s"):
            return self.no(400, "M_UNKNOWN", "Can only suspend local users")
        self.user["suspended"] = body["suspend"]
        return self.yes()

    def context(self, body: Any, room: str, event: str) -> httpx.Response:
        if (room, event) != (ROOM, EVENT):
            return self.no(404, "M_NOT_FOUND", "Event not found.")
        content: dict[str, Any] = {
            "msgtype": "m.image",
            "body": "a.png",
            "url": "mxc://s/full",
            "info": {"thumbnail_url": "mxc://s/preview"},
        }
        found = {"event_id": EVENT, "room_id": ROOM, "sender": USER, "content": content}
        if self.redacted_by:
            found |= {"content": {}, "unsigned": {"redacted_because": {"event_id": self.redacted_by}}}
        return self.yes(event=found)

    def redact(self, body: Any, room: str, event: str, name: str) -> httpx.Response:
        self.redacted_by = self.redacted_by or "$redaction"
        return self.yes(event_id=self.redacted_by)

    def file(self, body: Any, server: str, media: str) -> httpx.Response:
        name = f"{server}/{media}"
        if name not in self.files:
            return self.no(404, "M_NOT_FOUND", "Unknown media")
        known = {"quarantined_by": self.files[name], "safe_from_quarantine": name in self.protected}
        return self.yes(media_info=known)

    def hold(self, name: str, by: str | None) -> httpx.Response:
        if name not in self.protected:
            self.files[name] = by
        return self.yes()

    def notice(self, body: Any, name: str) -> httpx.Response:
        if not body["user_id"].endswith(":s"):
            return self.no(400, "M_UNKNOWN", "Server notices can only be sent to local users")
        self.notices.append(body)
        return self.yes(event_id="$notice")
