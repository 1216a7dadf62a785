"""Every change of who works at the desk, in which roles and with which keys."""

from __future__ import annotations

from django.conf import settings

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def demo_on() -> bool:
    """Whether this is a demo: set so, served to this machine alone, and without a public address."""
    found = settings.SEAWALL
    return bool(found.people.demo and found.web.host in _LOOPBACK and not found.web.public_url)
