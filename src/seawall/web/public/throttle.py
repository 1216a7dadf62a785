"""Slows down whoever guesses codes: so many wrong ones from one address, then a pause."""

from __future__ import annotations

import ipaddress

from django.core.cache import cache
from django.http import HttpRequest

WRONG_CODES = 10
PAUSE = 5 * 60  # seconds, from the first wrong code on


def paused(request: HttpRequest) -> bool:
    """Whether this address has typed too many wrong codes; then the right one is not looked at either."""
    return bool(cache.get(_key(request), 0) >= WRONG_CODES)


def note_wrong(request: HttpRequest) -> None:
    """Count a wrong code."""
    if not cache.add(_key(request), 1, PAUSE):
        cache.incr(_key(request))


def _key(request: HttpRequest) -> str:
    return f"wrong-codes:{_network(request.META.get('REMOTE_ADDR') or '')}"


def _network(address: str) -> str:
    """One machine in IPv4; in IPv6 the network of one household, which has more addresses than can be counted."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
