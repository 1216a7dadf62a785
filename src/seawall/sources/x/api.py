"""X's API v2, asked with an app's bearer token; whatever goes wrong is said in words, with what to do and how long to
wait. The token stands in one header and nowhere else; redirects are never followed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from seawall.sources.asking import LONGEST_WAIT, checked, retry_after
from seawall.sources.contract import SourceError

_SILENCE = 30.0  # seconds: a stream gives a sign of life every 20
_UNSAID = 60.0  # seconds that are waited at a limit whose end is not said
_MOST = 1024 * 1024  # bytes of an answer that is no stream
_HINTS = {
    400: "",
    401: "The token is not valid: copy the bearer token of the app again.",
    403: "The app may not do this: its access level must have the filtered stream, and it must be in a project.",
    404: "Is this the address of X's API?",
    409: "Are rules set?",
}


class Api:
    """One server. Raises SourceError if the address or the token cannot be one."""

    def __init__(self, url: str, token: str) -> None:
        self._url = checked(url, "https://api.x.com")
        if not re.fullmatch(r"[!-~]+", token):
            raise SourceError("the token is empty or has blanks in it: copy it again")
        self.host = urlsplit(self._url).netloc
        self._headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}

    def get(self, path: str) -> dict[str, Any]:
        """The object that the server answers."""
        try:
            with self.stream(path, {}) as answer:
                return msgspec.json.decode(_content(answer), type=dict[str, Any])
        except httpx.HTTPError as error:
            raise SourceError(f"the answer of {self.host} broke off: {_plain(error)}") from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceError(
                f"{self.host} answers in a form that is not X's: is this the address of its API?"
            ) from error

    @contextmanager
    def stream(self, path: str, params: Mapping[str, str]) -> Iterator[httpx.Response]:
        """An answer that is read as it comes. Raises SourceError if the server refuses or cannot be reached."""
        timeout = httpx.Timeout(_SILENCE, connect=10.0)
        with httpx.Client(headers=self._headers, timeout=timeout, follow_redirects=False, trust_env=False) as client:
            try:
                answer = client.send(client.build_request("GET", self._url + path, params=params), stream=True)
            except httpx.TimeoutException as error:
                raise SourceError(f"{self.host} did not answer in time") from error
            except httpx.HTTPError as error:
                raise SourceError(f"cannot reach {self.host}: {_plain(error)}") from error
            try:
                if answer.status_code != 200:
                    raise self._refused(answer)
                yield answer
            finally:
                answer.close()

    def _refused(self, answer: httpx.Response) -> SourceError:
        status = answer.status_code
        if answer.is_redirect:
            return SourceError(f"{self.host} sends us elsewhere, and Seawall follows no redirects: give that address")
        try:
            given = msgspec.json.decode(_content(answer), type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, httpx.HTTPError, SourceError):
            given = {}
        said = refusal(given)
        after = _wait(answer) if status == 429 or status >= 500 else 0.0
        if status == 429 and given.get("connection_issue") == "TooManyConnections":
            hint = "Another program has the stream open with this app; X lets one or few. Close it there."
        elif status == 429:
            after = after or _UNSAID
            hint = f"Its limit is reached; it is asked again in {after:.0f} s."
        else:
            hint = _HINTS.get(status, "It is asked again later.")
        return SourceError(f"{self.host} answers with {status}{': ' if said else ''}{said}. {hint}".strip(), after)


def refusal(given: Mapping[str, Any]) -> str:
    """What a problem of X's API says, short and on one line."""
    return _plain(given.get("detail") or given.get("title") or "")


def _content(answer: httpx.Response) -> bytes:
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > _MOST:
            raise SourceError("an answer of more than a megabyte where a few lines were expected")
    return content


def _wait(answer: httpx.Response) -> float:
    """Seconds that the server wants to be left alone: until its limit is reset, or as long as it says."""
    if after := retry_after(answer):
        return after
    reset = answer.headers.get("x-rate-limit-reset", "")
    if answer.headers.get("x-rate-limit-remaining", "0") == "0" and re.fullmatch(r"\d{1,12}", reset):
        return min(max(float(reset) - time.time(), 1.0), LONGEST_WAIT)
    return 0.0


def _plain(said: object) -> str:
    return "".join(letter for letter in str(said) if letter.isprintable())[:200].rstrip(". ")
