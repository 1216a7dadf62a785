"""What every page knows: the menu with its counts, whether this is a demo, and where the page is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from seawall.cases import queries
from seawall.people.models import User
from seawall.people.services import DEMO_ROLES, demo_inbox, demo_on, demo_path
from seawall.web.menu import MENU
from seawall.web.signin.words import role_name


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu."""

    address: str
    label: str
    count: int
    current: bool


def desk(request: HttpRequest) -> dict[str, Any]:
    """The menu is worked out only if the page shows it: a partial answer asks no counts."""
    return {
        "nav": SimpleLazyObject(lambda: _menu(request)),
        "demo": demo_on(),
        "demo_people": SimpleLazyObject(_demo_people),
        "here": _here(request),
    }


def _menu(request: HttpRequest) -> list[MenuItem]:
    person = getattr(request, "user", None)
    if not isinstance(person, User) or getattr(request, "needs_second_factor", False):
        return []
    waits = queries.work(person)
    now = request.resolver_match.url_name if request.resolver_match else ""
    return [
        MenuItem(address, _(label), waits.get(count, 0), now == name or now in below)
        for name, label, wanted, count, below in MENU
        if person.may(wanted) and (address := _address(name))
    ]


def _here(request: HttpRequest) -> str:
    """Where the language switch leads back to: an answer to a form has no address of its own."""
    if request.method == "GET":
        return str(request.get_full_path())
    return urlsplit(request.headers.get("Referer") or "").path or "/"


def _demo_people() -> list[tuple[str, str]]:
    staff = [(role_name(role), demo_path(role)) for role in DEMO_ROLES]
    return [*staff, (_("Account holder (inbox)"), demo_inbox())]


def _address(name: str) -> str:
    try:
        return str(reverse(name))
    except NoReverseMatch:
        return ""
