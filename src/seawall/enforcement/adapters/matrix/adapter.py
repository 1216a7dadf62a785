"""The adapter itself: the promises of the contract, kept with notes on the server. See the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import httpx

from seawall.enforcement.adapters.contract import About, AdapterError, Order, Receipt
from seawall.enforcement.adapters.matrix.paths import ADMIN, CLIENT, is_remote, sends_no_notices
from seawall.enforcement.adapters.matrix.things import OFF, ON, Things, event_in, name_of, redaction
from seawall.records.terms import State, Verb
from seawall.sources.matrix.server import Server, ServerError


@dataclass(frozen=True, slots=True)
class _Note:
    """What the adapter wrote down before it did an order."""

    at: str
    before: dict[str, str]


class MatrixAdapter:
    """One Synapse server."""

    can: Mapping[Verb, bool] = MappingProxyType(
        {Verb.SUSPEND: True, Verb.LOCK: True, Verb.LIMIT: True, Verb.REMOVE: False}
    )

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        platform: str = "matrix",
        enters_rooms: bool = False,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.platform = platform
        with _told():
            self._server = Server(base_url, token, transport)
        self._things = Things(self._server, enters_rooms=enters_rooms)

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def find(self, order: Order) -> Receipt | None:
        """The receipt of this order if its effect is there; None if it is surely not, or not by this order."""
        with _told():
            self._check(order.verb, order.about)
            if order.undoes:
                return _receipt(order) if self._is_undone(order.undoes) else None
            note = self._note(order)
            if note is None:
                return None
            now = {self._things.now(order.verb, order.about, what) for what in note.before}
            return self._done(order, note) if now == {ON} else None

    def apply(self, order: Order) -> Receipt:
        """Do it. What is on already stays on, and undo will leave it on."""
        if order.undoes:
            return self.undo(order)
        with _told():
            self._check(order.verb, order.about)
            note = self._note(order) or self._write_note(order)
            for what in note.before:
                if self._things.now(order.verb, order.about, what) == OFF:
                    self._things.switch_on(order, what)
            return self._done(order, note)

    def undo(self, order: Order) -> Receipt:
        """Take back what the receipt says was done, and nothing that was so before it."""
        receipt = order.undoes
        if receipt is None:
            raise AdapterError("this order names no receipt, so there is nothing it could take back", permanent=True)
        with _told():
            self._check(receipt.verb, receipt.about)
            if not self.can[receipt.verb]:
                raise AdapterError(
                    "Matrix cannot take back a redaction: the server has given the text away. "
                    "Tell the account holder, who may post it again.",
                    permanent=True,
                )
            for what in _ours(receipt):
                if self._things.now(receipt.verb, receipt.about, what) == ON:
                    self._things.switch_off(receipt.verb, receipt.about, what)
            return _receipt(order)

    def status(self, about: About) -> State:
        """What the server says of it now. A post that the server does not have is deleted."""
        with _told():
            self._check_platform(about)
            if about.post_id is None:
                return self._things.state_of_account(about)
            return self._things.state_of_post(about)

    def tell(self, about: About, text: str, key: str) -> bool:
        """Send the account holder a notice of the server, once per key. False where the server sends none."""
        name = name_of("told", key)
        with _told():
            self._check_platform(about)
            if self._noted(name) is not None:
                return True
            body = {"user_id": about.account_id, "content": {"msgtype": "m.text", "body": text}}
            try:
                self._server.put(ADMIN + "/v1/send_server_notice/{}", name, body=body)
            except ServerError as error:
                if sends_no_notices(error) or is_remote(error):
                    return False
                raise
            self._write(name, {"at": _now()})
            return True

    def _check(self, verb: Verb, about: About) -> None:
        """Refuse what this adapter cannot or must not do, before anything is done."""
        self._check_platform(about)
        if verb not in self.can:
            raise AdapterError(f"Matrix knows no '{verb.value}'", permanent=True)
        if not verb.of_account:
            event_in(about)
        elif about.account_id == self._things.me:
            raise AdapterError("Seawall itself acts with this account: it must not shut itself out", permanent=True)

    def _check_platform(self, about: About) -> None:
        if about.platform != self.platform:
            raise AdapterError(f"this is about {about.platform}, and here is {self.platform}", permanent=True)

    def _is_undone(self, receipt: Receipt) -> bool:
        if not self.can.get(receipt.verb):
            return False
        return all(self._things.now(receipt.verb, receipt.about, what) == OFF for what in _ours(receipt))

    # Notes: what was before, in the account data of our own account -----------------------------------------------

    def _noted(self, name: str) -> dict[str, Any] | None:
        try:
            return self._server.get(CLIENT + "/user/{}/account_data/{}", self._things.me, name)
        except ServerError as error:
            if error.absent:
                return None
            raise

    def _write(self, name: str, what: dict[str, Any]) -> None:
        self._server.put(CLIENT + "/user/{}/account_data/{}", self._things.me, name, body=what)

    def _note(self, order: Order) -> _Note | None:
        noted = self._noted(name_of("order", order.key))
        return _Note(str(noted["at"]), dict(noted["before"])) if noted else None

    def _write_note(self, order: Order) -> _Note:
        before = {what: self._things.now(order.verb, order.about, what) for what in self._things.of(order)}
        note = _Note(_now(), before)
        self._write(name_of("order", order.key), {"at": note.at, "before": before})
        return note

    def _done(self, order: Order, note: _Note) -> Receipt:
        reference = ""
        if order.verb is Verb.REMOVE:
            reference = redaction(self._things.post(order.about)) or ""
        return Receipt(order.key, order.verb, order.about, note.at, reference, note.before)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong with the server, as the contract wants it told."""
    try:
        yield
    except ServerError as error:
        raise AdapterError(str(error), permanent=error.permanent) from error


def _receipt(order: Order) -> Receipt:
    """The receipt of an order that takes back: there is nothing before it to come back to."""
    return Receipt(order.key, order.verb, order.about, _now(), "")


def _ours(receipt: Receipt) -> list[str]:
    """What the order switched on: what was off before it."""
    return [what for what, was in receipt.before.items() if was == OFF]


def _now() -> str:
    return datetime.now(UTC).isoformat()
