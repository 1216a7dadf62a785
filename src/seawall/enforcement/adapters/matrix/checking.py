"""Trying a connection: what works with a server and a token, and what to do where it does not. Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from seawall.enforcement.adapters.matrix.paths import ADMIN, CLIENT, sends_no_notices
from seawall.sources.matrix.server import Server, ServerError

_NOBODY = "@nobody:nowhere.invalid"  # asking for it shows whether the server knows a question; it changes nothing


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was checked: whether it is right, what was seen, and what to do if it is not."""

    ok: bool
    text: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{'ok' if self.ok else 'NOT ok'}: {self.text}" + (f". {self.hint}" if self.hint else "")


def check(base_url: str, token: str, transport: httpx.BaseTransport | None = None) -> list[Line]:
    """What works with this server and token, each line with a hint where it does not. Nothing is changed."""
    try:
        server = Server(base_url, token, transport)
    except ServerError as error:
        return [Line(False, str(error))]
    with server:
        lines = [_transit(base_url), _is_synapse(server)]
        if lines[-1].ok:
            lines.append(_is_admin(server))
        if lines[-1].ok:
            lines += [_can_suspend(server), _can_quarantine(server), _can_tell(server)]
        return lines


def _transit(base_url: str) -> Line:
    parts = urlsplit(base_url)
    if parts.scheme == "https":
        return Line(True, "the connection is encrypted")
    if parts.hostname in ("127.0.0.1", "::1", "localhost"):
        return Line(True, "the connection stays on this machine")
    return Line(False, "the token would cross the network in the clear", "Use https, or an address of this machine.")


def _is_synapse(server: Server) -> Line:
    try:
        version = server.get(ADMIN + "/v1/server_version").get("server_version")
    except ServerError as error:
        return Line(False, str(error), "Other Matrix servers than Synapse have no such admin API.")
    return Line(True, f"Synapse {version}")


def _is_admin(server: Server) -> Line:
    try:
        me = server.get(CLIENT + "/account/whoami").get("user_id", "")
        admin = server.get(ADMIN + "/v1/users/{}/admin", str(me)).get("admin")
    except ServerError as error:
        return Line(False, str(error), "Make the account an admin of the server, or use another one's token.")
    return Line(bool(admin), f"the token is of {me}, " + ("an admin" if admin else "no admin"))


def _probed(error: ServerError, text: str, hint: str) -> Line:
    """A question about somebody who is nowhere is refused by a server that knows it, and unknown to another."""
    if error.code == "M_UNRECOGNIZED" or not error.permanent:
        return Line(False, f"{text}: no ({error})", hint)
    return Line(True, f"{text}: yes")


def _can_suspend(server: Server) -> Line:
    hint = "Upgrade Synapse, or set experimental_features: {msc3823_account_suspension: true} on an older one."
    try:
        server.put(ADMIN + "/v1/suspend/{}", _NOBODY, body={"suspend": False})
    except ServerError as error:
        return _probed(error, "suspending accounts", hint)
    return Line(True, "suspending accounts: yes")


def _can_quarantine(server: Server) -> Line:
    hint = "Upgrade Synapse: this one cannot be asked about a single file, so limiting posts will fail."
    try:
        server.get(ADMIN + "/v1/media/{}/{}", "nowhere.invalid", "none")
    except ServerError as error:
        return _probed(error, "quarantine of files", hint)
    return Line(True, "quarantine of files: yes")


def _can_tell(server: Server) -> Line:
    hint = "Set server_notices in Synapse's settings, or statements must reach account holders another way."
    try:
        server.put(ADMIN + "/v1/send_server_notice/{}", "org.seawall.check", body={"user_id": _NOBODY, "content": {}})
    except ServerError as error:
        if sends_no_notices(error):
            return Line(False, "notices to account holders: not enabled", hint)
        return _probed(error, "notices to account holders", hint)
    return Line(True, "notices to account holders: yes")
