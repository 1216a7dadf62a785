"""What every page of the console shares. Signing in, and what a refusal looks like, is the middleware's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from seawall.cases.states import CaseError
from seawall.evidence.vault import VaultError
from seawall.grounds.services import GroundsError
from seawall.people.models import User

View = Callable[..., HttpResponse]
UNFIT = 422  # what was asked does not fit: the page says why, beside the form


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an act was not done: which form of the page, about which row of it, and what the person had typed."""

    form: str
    why: str
    about: int = 0
    given: Mapping[str, Any] = field(default_factory=dict)


def page(view: View) -> View:
    """A page of the console: what is not there is a 404, not a fault."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.GET, request.POST = _storable(request.GET), _storable(request.POST)
        try:
            return view(request, *args, **kwargs)
        except ObjectDoesNotExist as error:
            raise Http404(str(error)) from error

    return cast(View, guarded)


def _storable(given: QueryDict) -> QueryDict:
    """What was typed, without the one sign that no database can hold."""
    if not any("\x00" in value for _name, values in given.lists() for value in values):
        return given
    cleaned = given.copy()
    for name, values in given.lists():
        cleaned.setlist(name, [value.replace("\x00", "") for value in values])
    return cleaned


def person(request: HttpRequest) -> User:
    """Who asks."""
    return cast(User, request.user)


def why_not(act: Callable[[], object]) -> str:
    """Do it; "" when it is done, else what the room says is wrong with it."""
    try:
        act()
    except (CaseError, VaultError, GroundsError) as error:
        return str(error)
    return ""


def is_part(request: HttpRequest) -> bool:
    """Whether a part of the page asks, and not a person who went to the address."""
    return bool(request.headers.get("HX-Request") == "true")


def whole_number(text: str) -> int | None:
    """A number from an address; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
