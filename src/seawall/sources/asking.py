"""One server, asked over HTTP for JSON; whatever goes wrong is a SourceError that says what to do."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from seawall.sources.contract import SourceError

T = TypeVar("T")
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
MOST_BYTES = 32 * 1024 * 1024  # of one answer
LONGEST_WAIT = 3600.0  # seconds: a server that says more is asked again by then
_HINTS = {
    401: "The token is not valid (any more), or the server wants one.",
    403: "The server does not let this token, or somebody without one, read it.",
    404: "The server does not have it: check the address.",
}


class Asker:
    """Asks one server. The token stands in one header and nowhere else; redirects are never followed."""

    def __init__(self, address: str, token: str = "") -> None:
        self.base = checked(address)
        self.host = urlsplit(self.base).netloc
        if not re.fullmatch(r"[!-~]*", token):
            raise SourceError("the token has blanks or letters in it that no token has: copy it again")
        self.headers = {"User-Agent": "Seawall"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._http = httpx.Client(base_url=self.base, headers=self.headers, timeout=TIMEOUT, trust_env=False)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def get(self, path: str, **params: str | int) -> bytes:
        """The answer to a GET."""
        try:
            with self._http.stream("GET", path, params=params) as answer:
                refuse(self.host, answer)
                found = bytearray()
                for part in answer.iter_bytes():
                    found += part
                    if len(found) > MOST_BYTES:
                        raise SourceError(f"{self.host} answers with more than {MOST_BYTES >> 20} MiB")
                return bytes(found)
        except httpx.TimeoutException as error:
            raise SourceError(f"{self.host} did not answer in time") from error
        except httpx.HTTPError as error:
            raise SourceError(f"cannot read {self.host}: {type(error).__name__}") from error

    def get_as(self, kind: type[T], path: str, **params: str | int) -> T:
        """The answer to a GET, in the form that is expected of it."""
        return self.decoded(self.get(path, **params), kind)

    def decoded(self, content: bytes, kind: type[T]) -> T:
        """An answer in the form that is expected of it. Raises SourceError."""
        try:
            return msgspec.json.decode(content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceError(f"{self.host} answers in a form that Seawall does not know: {error}") from error


def checked(address: str, example: str = "https://social.example") -> str:
    """The address of a server without a slash at its end. Raises SourceError if it is none."""
    try:
        parts = urlsplit(address.strip())
        sound = parts.scheme in ("http", "https") and parts.hostname and not parts.query and parts.port != 0
    except ValueError:
        sound = None
    if not sound or parts.username or parts.password:
        raise SourceError(f"the address must look like {example}, without a name or password in it")
    return address.strip().rstrip("/")


def refuse(host: str, answer: httpx.Response) -> None:
    """Raise SourceError, with how long to wait where the server says it, unless an answer is a success."""
    if answer.is_success:
        return
    if answer.is_redirect:
        raise SourceError(
            f"{host} sends the question elsewhere, and Seawall follows no redirects: give its new address"
        )
    hint = _HINTS.get(answer.status_code, "")
    raise SourceError(f"{host} answers with {answer.status_code}. {hint}".strip(), _after(answer))


def retry_after(answer: httpx.Response) -> float:
    """Seconds that a server says to wait (RFC 9110, 10.2.3), an hour at most; 0 where it does not say it so."""
    told = answer.headers.get("Retry-After", "")
    return min(float(told[:9]), LONGEST_WAIT) if told.isascii() and told.isdecimal() else 0.0


def _after(answer: httpx.Response) -> float:
    """Seconds that a server wants to be left alone."""
    if told := retry_after(answer):
        return told
    if answer.status_code == 429:
        with suppress(ValueError):
            return max(
                0.0, datetime.fromisoformat(answer.headers.get("X-RateLimit-Reset", "")).timestamp() - time.time()
            )
    return 0.0
