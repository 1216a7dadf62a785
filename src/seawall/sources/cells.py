"""Cells of facts out of what platforms write: moments, counts, and what stands in a text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from seawall.sources.contract import EARLIEST, LATEST

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST = 2**63 - 1
_LINK = re.compile(r"https?://[^\s<>\"'`\u2026\u00ab\u00bb]+", re.IGNORECASE)
_AFTER_LINK = ".,;:!?)]}'\"\u060c\u061b\u061f"
_HASHTAG = re.compile(r"(?<![\w&/#])[#\uff03]([^\W_]*[^\W\d][\w\u200c]*)")
_MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z0-9_](?:[\w.-]*\w)?(?:@[\w-]+(?:\.[\w-]+)+)?)", re.ASCII)


class CellError(ValueError):
    """A part of an export that cannot be a fact; the message says why."""


def iso(value: str) -> datetime:
    """A moment written as ISO 8601 or RFC 3339; without a zone it is UTC. Raises CellError."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise CellError(f"{value!r} is no time") from error
    return _within(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def epoch(value: float, per_second: int = 1) -> datetime:
    """A moment counted from 1970, in seconds or parts of one. Raises CellError."""
    try:
        return _within(_EPOCH + timedelta(microseconds=int(value * 1_000_000) // per_second))
    except (OverflowError, ValueError, TypeError) as error:
        raise CellError(f"{value!r} is no time") from error


def _within(moment: datetime) -> datetime:
    try:
        utc = moment.astimezone(UTC)
    except OverflowError as error:
        raise CellError("a time that no calendar has") from error
    if not EARLIEST <= utc < LATEST:
        raise CellError(f"the time {moment.isoformat()} is before {EARLIEST.year} or after {LATEST.year - 1}")
    return utc


def count(value: object) -> int | None:
    """A whole number as platforms write it, as a number or as text; None where there is none, or no column holds it."""
    try:
        number = int(str(value)) if isinstance(value, int | str) and not isinstance(value, bool) else None
    except ValueError:
        return None
    return number if number is not None and -_MOST <= number <= _MOST else None


def links_in(text: str | None) -> list[str]:
    """The addresses in a text, once each, in order."""
    found = (link.rstrip(_AFTER_LINK) for link in _LINK.findall(text or ""))
    return list(dict.fromkeys(link for link in found if len(link) > len("https://")))


def hashtags_in(text: str | None) -> list[str]:
    """The hashtags in a text, without their mark, once each, in order; a number alone is none."""
    return list(dict.fromkeys(_HASHTAG.findall(text or "")))


def mentions_in(text: str | None) -> list[str]:
    """The handles a text names with '@', once each, in order."""
    return list(dict.fromkeys(_MENTION.findall(text or "")))
