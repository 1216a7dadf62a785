"""What can be switched on a Synapse, and whether it is on.

An order switches named things: "suspended" or "locked" of an account, "redacted" of a post, or each file of a post by
its address. Each is on or off.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from seawall.enforcement.adapters.contract import About, AdapterError, Order
from seawall.enforcement.adapters.matrix.paths import ADMIN, CLIENT
from seawall.records.terms import State, Verb
from seawall.sources.matrix.payload import event_of, media_in
from seawall.sources.matrix.server import Server, ServerError

ON, OFF = "on", "off"


class Things:
    """Things of one server. Everything may raise ServerError."""

    def __init__(self, server: Server, *, enters_rooms: bool) -> None:
        self._server = server
        self._enters_rooms = enters_rooms

    @cached_property
    def me(self) -> str:
        """The account that acts."""
        return str(self._server.get(CLIENT + "/account/whoami").get("user_id", ""))

    def of(self, order: Order) -> list[str]:
        """What the order is to switch on. Raises AdapterError if there is nothing."""
        if order.verb is Verb.SUSPEND:
            return ["suspended"]
        if order.verb is Verb.LOCK:
            return ["locked"]
        post = self.post(order.about)
        return ["redacted"] if order.verb is Verb.REMOVE else self._files(post)

    def _files(self, post: dict[str, Any]) -> list[str]:
        files = [address for address in media_in(post.get("content")) if self._file(address)]
        if not files:
            raise AdapterError(
                "this post has no picture or file that the server could quarantine (it has none, is encrypted, or "
                "was redacted). Remove it instead.",
                permanent=True,
            )
        return files

    def now(self, verb: Verb, about: About, what: str) -> str:
        """Whether a thing is on."""
        if verb is Verb.REMOVE:
            on = redaction(self.post(about)) is not None
        elif verb is Verb.LIMIT:
            on = bool((self._file(what) or {}).get("quarantined_by"))
        else:
            on = self._flag(about, what)
        return ON if on else OFF

    def _flag(self, about: About, what: str) -> bool:
        user = self._user(about)
        if what not in user:
            raise AdapterError(f"this Synapse is too old to tell whether an account is {what}", permanent=True)
        return bool(user[what])

    def switch_on(self, order: Order, what: str) -> None:
        """Switch a thing on, as the order says."""
        if order.verb is Verb.REMOVE:
            self._redact(order)
        else:
            self._switch(order.verb, order.about, what, on=True)

    def switch_off(self, verb: Verb, about: About, what: str) -> None:
        """Switch a thing off that this verb had switched on."""
        self._switch(verb, about, what, on=False)

    def _switch(self, verb: Verb, about: About, what: str, *, on: bool) -> None:
        if verb is Verb.SUSPEND:
            self._server.put(ADMIN + "/v1/suspend/{}", about.account_id, body={"suspend": on})
        elif verb is Verb.LOCK:  # whether there is such an account was seen before: this would make a new one
            self._server.put(ADMIN + "/v2/users/{}", about.account_id, body={"locked": on})
        else:
            self._quarantine(what, on=on)

    def _quarantine(self, address: str, *, on: bool) -> None:
        verb = "quarantine" if on else "unquarantine"
        self._server.post(f"{ADMIN}/v1/media/{verb}/{{}}/{{}}", *_parts(address), body={})
        if on and (self._file(address) or {}).get("safe_from_quarantine"):
            raise AdapterError(f"{address} is protected from quarantine: take the protection off first", permanent=True)

    def _redact(self, order: Order) -> None:
        room, event = event_in(order.about)
        path, name, body = CLIENT + "/rooms/{}/redact/{}/{}", name_of("order", order.key), {"reason": order.reason}
        try:
            self._server.put(path, room, event, name, body=body)
        except ServerError as error:
            if error.status != 403:
                raise
            if not self._enters_rooms:
                raise AdapterError(
                    f"{error} Make {self.me} a moderator of the room, or let the adapter enter rooms.", permanent=True
                ) from error
            self._enter(room)
            self._server.put(path, room, event, name, body=body)

    def _enter(self, room: str) -> None:
        """Become a moderator of a room, by the power of its highest local member."""
        self._server.post(ADMIN + "/v1/rooms/{}/make_room_admin", room, body={"user_id": self.me})
        self._server.post(CLIENT + "/join/{}", room, body={})

    # What the server knows --------------------------------------------------------------------------------------

    def _user(self, about: About) -> dict[str, Any]:
        return self._server.get(ADMIN + "/v2/users/{}", about.account_id)

    def post(self, about: About) -> dict[str, Any]:
        """The event a post is. Raises AdapterError if it is not of the account the order names."""
        room, event = event_in(about)
        found = self._server.get(ADMIN + "/v1/rooms/{}/context/{}", room, event, limit=0).get("event", {})
        if (found.get("sender"), found.get("room_id")) != (about.account_id, room):
            raise AdapterError(
                f"the post {about.post_id} is not by {about.account_id}, or not in that room", permanent=True
            )
        return dict(found)

    def _file(self, address: str) -> dict[str, Any] | None:
        """What the server knows of a file; None if it has none of that address."""
        try:
            return dict(self._server.get(ADMIN + "/v1/media/{}/{}", *_parts(address)).get("media_info", {}))
        except ServerError as error:
            if error.absent:
                return None
            raise

    def state_of_account(self, about: About) -> State:
        """Active, suspended (locked is the same to others) or deleted."""
        user = self._user(about)
        if user.get("deactivated"):
            return State.DELETED
        return State.SUSPENDED if user.get("suspended") or user.get("locked") else State.ACTIVE

    def state_of_post(self, about: About) -> State:
        """Active, withheld (a file of it is quarantined), or deleted: redacted, or not there."""
        try:
            post = self.post(about)
        except ServerError as error:
            if error.absent:
                return State.DELETED
            raise
        if redaction(post) is not None:
            return State.DELETED
        files = filter(None, map(self._file, media_in(post.get("content"))))
        return State.WITHHELD if any(file.get("quarantined_by") for file in files) else State.ACTIVE


def event_in(about: About) -> tuple[str, str]:
    """The room and event an order is about. Raises AdapterError if it names none."""
    if about.post_id is None:
        raise AdapterError("this is done to a post, and the order names none", permanent=True)
    try:
        return event_of(about.post_id)
    except ValueError as error:
        raise AdapterError(str(error), permanent=True) from error


def name_of(kind: str, key: str) -> str:
    """A name for what belongs to a key, fit for a path and telling nothing."""
    return f"org.seawall.{kind}.{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def redaction(event: dict[str, Any]) -> str | None:
    """The event that redacted this one; None if none did."""
    unsigned = event.get("unsigned") or {}
    because = event.get("redacted_because") or unsigned.get("redacted_because") or {}
    return because.get("event_id") or unsigned.get("redacted_by")


def _parts(address: str) -> tuple[str, str]:
    """Server and id of a file's mxc address."""
    server, _, media = address.removeprefix("mxc://").partition("/")
    return server, media
