"""YouTube's Data API, asked with a key. Every question is paid for in units, of which a day has so many.

The key stands in one header and nowhere else; redirects are never followed. A day begins at midnight Pacific time, as
Google counts it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from seawall.sources.asking import checked, retry_after
from seawall.sources.contract import SourceError

LIST, SEARCH = 1, 100  # units that a question costs
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_SPENT = ("quotaExceeded", "dailyLimitExceeded")
_TOO_FAST = ("rateLimitExceeded", "userRateLimitExceeded")
_GONE = ("commentsDisabled", "videoNotFound", "channelNotFound", "playlistNotFound", "commentNotFound", "notFound",
         "invalidPageToken")  # fmt: skip
_UNSAID = 60.0  # seconds to wait where the server does not say


class SpentError(SourceError):
    """No units are left until the next day."""


class AbsentError(Exception):
    """The server knows the question, and has no such thing or does not show it; `reason` is its own word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pacific(moment: datetime) -> datetime:
    """A moment in California, whose midnight renews the units; daylight saving as US law has it."""
    year = moment.year
    begins = _sunday(datetime(year, 3, 8, 10, tzinfo=UTC))  # the second Sunday of March, 2:00 standard time
    ends = _sunday(datetime(year, 11, 1, 9, tzinfo=UTC))  # the first of November, 2:00 daylight time
    return moment.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=7 if begins <= moment < ends else 8)


def _sunday(first: datetime) -> datetime:
    return first + timedelta(days=(6 - first.weekday()) % 7)


class Units:
    """What is spent of a day's units."""

    def __init__(self, each_day: int) -> None:
        self.each_day = each_day
        self.day, self.spent = "", 0

    def resume(self, day: str, spent: int) -> None:
        """Go on where an earlier process was, unless more is known to be spent."""
        self._renew()
        if day == self.day:
            self.spent = max(self.spent, spent)

    def spend(self, units: int) -> None:
        """Raises SpentError, with the time until there are new ones, if the day has not so many left."""
        self._renew()
        if self.spent + units > self.each_day:
            raise self.over()
        self.spent += units

    def over(self, *, told: bool = False) -> SpentError:
        """The day's units are spent: by our count, or as the server told."""
        rest = self.seconds()
        who = "YouTube says that the key's units are spent" if told else "the units of the day are spent"
        return SpentError(
            f"{who} ({self.spent:,} of {self.each_day:,} by this watch). They are renewed at midnight Pacific time, in"
            f" {rest / 3600:.1f} hours; it goes on then. Fewer channels and searches, or a larger quota, prevent this.",
            rest + 5,
        )

    def left(self) -> int:
        """What is not spent."""
        self._renew()
        return max(self.each_day - self.spent, 0)

    def seconds(self) -> float:
        """How long until there are new ones."""
        self._renew()
        now = pacific(datetime.now(UTC))
        return (datetime.combine(now.date() + timedelta(days=1), datetime.min.time()) - now).total_seconds()

    def _renew(self) -> None:
        today = pacific(datetime.now(UTC)).date().isoformat()
        if today != self.day:
            self.day, self.spent = today, 0


class Api:
    """One server and one key. Raises SourceError if the address or the key cannot be one."""

    def __init__(self, url: str, key: str, units: Units) -> None:
        self._url = checked(url, "https://youtube.googleapis.com")
        if not re.fullmatch(r"[!-~]+", key):
            raise SourceError("the key is empty or has blanks in it: copy it again")
        self.host, self.units = urlsplit(self._url).netloc, units
        self._http = httpx.Client(
            headers={"X-Goog-Api-Key": key}, timeout=_TIMEOUT, follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def get(self, what: str, params: Mapping[str, str | int], etag: str = "") -> dict[str, Any] | None:
        """The answer to `what`.list; None if it is still the one with this etag. Units are spent in any case.

        Raises AbsentError if there is no such thing, SourceError if the server does not give it or no units are left.
        """
        self.units.spend(SEARCH if what == "search" else LIST)
        headers = {"If-None-Match": etag} if etag else {}
        try:
            answer = self._http.get(f"{self._url}/youtube/v3/{what}", params=dict(params), headers=headers)
        except httpx.TimeoutException as error:
            raise SourceError(f"{self.host} did not answer in time") from error
        except httpx.HTTPError as error:
            raise SourceError(f"cannot reach {self.host}: {_plain(error)}") from error
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return None
        given = _object(answer.content)
        if answer.status_code != httpx.codes.OK:
            raise self._refused(answer, given or {})
        if given is None or not isinstance(given.get("items", []), list):
            raise SourceError(f"{self.host} answers in a form that is not YouTube's: is this the address of its API?")
        return given

    def _refused(self, answer: httpx.Response, given: dict[str, Any]) -> Exception:
        status, (reason, said) = answer.status_code, _why(given)
        if answer.is_redirect:
            return SourceError(f"{self.host} sends us elsewhere, and Seawall follows no redirects: give that address")
        if reason in _SPENT:
            self.units.spent = max(self.units.spent, self.units.each_day)
            return self.units.over(told=True)
        if reason in _GONE and status in (400, 403, 404):
            return AbsentError(reason)
        hint, after = "It is asked again later.", 0.0
        if reason in _TOO_FAST or status == httpx.codes.TOO_MANY_REQUESTS:
            after = retry_after(answer) or _UNSAID
            hint = f"It is asked again in {after:.0f} s."
        elif status >= 500:
            after = retry_after(answer)
        elif status in (400, 401, 403):
            hint = "Is the key valid, is the YouTube Data API v3 on in its project, and may this machine use the key?"
        elif status == httpx.codes.NOT_FOUND:
            hint = "Is this the address of YouTube's API?"
        return SourceError(f"{self.host} answers with {status}{': ' if said else ''}{said}. {hint}", after)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _why(given: dict[str, Any]) -> tuple[str, str]:
    """The API's word for an error, and what it says of it, short and on one line."""
    error = given.get("error")
    if not isinstance(error, dict):
        return "", ""
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
    return str(first.get("reason", "")), _plain(re.sub(r"<[^>]*>", "", str(error.get("message", ""))))


def _plain(said: object) -> str:
    return "".join(letter for letter in str(said) if letter.isprintable())[:200].rstrip(". ")
