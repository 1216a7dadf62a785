"""One Matrix server, asked over HTTP with one token; whatever goes wrong is said in words, with what to do."""

from __future__ import annotations

import json
import re
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from seawall.sources.asking import checked
from seawall.sources.contract import SourceError

T = TypeVar("T")
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_PASSING = (408, 425, 429)  # statuses that pass by themselves, besides 5xx
_HINTS = {
    401: "The token is not valid (any more): log in again as the server's admin and give Seawall the new token.",
    403: "The token's account may not do this: it must be an admin of the server.",
    404: "The server does not have it: check the id.",
}
_UNKNOWN_PATH = "Is it Synapse, is it new enough, and does the proxy before it let /_synapse/admin through?"


class ServerError(Exception):
    """The server did not do or give it. `permanent`: asking again cannot help. `code` is Matrix's own word for it."""

    def __init__(self, message: str, *, permanent: bool, status: int = 0, code: str = "") -> None:
        super().__init__(message)
        self.permanent = permanent
        self.status = status
        self.code = code

    @property
    def absent(self) -> bool:
        """The server knows the question, and has no such thing."""
        return self.status == 404 and self.code != "M_UNRECOGNIZED"


class Server:
    """Asks one server. The token stands in one header and nowhere else; redirects are never followed."""

    def __init__(self, base_url: str, token: str, transport: httpx.BaseTransport | None = None) -> None:
        self.base_url = _checked_address(base_url)
        self.host = urlsplit(self.base_url).netloc.rpartition("@")[2]
        if not re.fullmatch(r"[!-~]+", token):
            raise ServerError("the token is empty or has blanks in it: copy it again", permanent=True)
        self._http = httpx.Client(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def get(self, path: str, *parts: str, **params: str | int) -> dict[str, Any]:
        """The answer to a GET; each {} of the path takes one part."""
        return self.get_as(dict[str, Any], path, *parts, **params)

    def get_as(self, kind: type[T], path: str, *parts: str, **params: str | int) -> T:
        """The answer to a GET, in the form that is expected of it."""
        return self._decoded(self._ask("GET", path, parts, None, params), kind, f"GET {path}")

    def put(self, path: str, *parts: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a PUT."""
        return self._decoded(self._ask("PUT", path, parts, body, {}), dict[str, Any], f"PUT {path}")

    def post(self, path: str, *parts: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a POST."""
        return self._decoded(self._ask("POST", path, parts, body, {}), dict[str, Any], f"POST {path}")

    def _ask(
        self, method: str, path: str, parts: tuple[str, ...], body: dict[str, Any] | None, params: dict[str, str | int]
    ) -> httpx.Response:
        target = path.format(*(quote(part, safe="") for part in parts))
        try:
            answer = self._http.request(method, target, json=body, params=params)
        except httpx.TimeoutException as error:
            raise ServerError(f"{self.host} did not answer in time", permanent=False) from error
        except httpx.RequestError as error:
            raise ServerError(f"cannot reach {self.host}: {_plain(error)}", permanent=False) from error
        return self._accepted(answer, f"{method} {path}")

    def _accepted(self, answer: httpx.Response, what: str) -> httpx.Response:
        if answer.is_redirect:
            raise ServerError(
                f"{self.host} sends {what} elsewhere, and Seawall follows no redirects. "
                "Give the address of the server itself, with https if it wants that.",
                permanent=True,
                status=answer.status_code,
            )
        if not answer.is_success:
            raise self._error(answer, _object(answer.content), what)
        return answer

    def _decoded(self, answer: httpx.Response, kind: type[T], what: str) -> T:
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ServerError(
                f"{self.host} answers {what} in a form that Seawall does not know ({_plain(error)}): "
                "is this the address of a Synapse server?",
                permanent=True,
                status=answer.status_code,
            ) from error

    def _error(self, answer: httpx.Response, given: dict[str, Any], what: str) -> ServerError:
        status, code = answer.status_code, str(given.get("errcode", ""))
        passing = status in _PASSING or status >= 500
        hint = _UNKNOWN_PATH if code == "M_UNRECOGNIZED" or (status == 404 and not code) else _HINTS.get(status, "")
        if passing:
            hint = f"Try again {_wait(answer, given)}."
        said = _plain(given.get("error", ""))
        return ServerError(
            " ".join(f"{self.host} answers {what} with {status}: {said}. {hint}".replace(": . ", ". ").split()),
            permanent=not passing,
            status=status,
            code="M_UNRECOGNIZED" if hint == _UNKNOWN_PATH else code,
        )


def _checked_address(base_url: str) -> str:
    """The address of a server without a slash at its end. Raises ServerError if it is none."""
    try:
        return checked(base_url, "https://matrix.example.org")
    except SourceError as error:
        raise ServerError(str(error), permanent=True) from error


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object of a refusal; proxies give none."""
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _plain(said: object) -> str:
    """What the server says, short and on one line."""
    return "".join(letter for letter in str(said) if letter.isprintable())[:200].rstrip(". ")


def _wait(answer: httpx.Response, given: dict[str, Any]) -> str:
    """How long the server asks us to wait."""
    after = answer.headers.get("Retry-After", "")
    if after.isdecimal():
        return f"in {after} s"
    milliseconds = given.get("retry_after_ms")
    return f"in {milliseconds / 1000:.0f} s" if isinstance(milliseconds, int | float) else "later"
