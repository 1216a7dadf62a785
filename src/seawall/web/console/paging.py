"""Turning the pages of a list that stands whole in memory, such as a survey's results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest

from seawall.web.console.pages import whole_number

PAGE = 50
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and where the next and the first of them are; '' where this is it."""

    rows: Sequence[T]
    count: int
    further: str
    first: str


def paged(request: HttpRequest, rows: Sequence[T]) -> Page[T]:
    """The page that the address asks for. A scan replaces all rows at once, so they are told by their place."""
    start = min(whole_number(request.GET.get("from", "")) or 0, len(rows))
    kept = {name: value for name, value in request.GET.items() if name != "from" and value}
    further = "?" + urlencode({**kept, "from": start + PAGE}) if start + PAGE < len(rows) else ""
    return Page(rows[start : start + PAGE], len(rows), further, "?" + urlencode(kept) if start else "")
