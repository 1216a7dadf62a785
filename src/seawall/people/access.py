"""The one door: whoever wants to read or do something at the desk is asked here first. A refusal is logged too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from django.db import transaction
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from seawall.audit.services import record
from seawall.people.models import User
from seawall.people.roles import May

P = ParamSpec("P")
T = TypeVar("T")


class Refused(Exception):  # noqa: N818 - what happened, not a fault
    """This person may not do this; the message says why, in the language of whoever reads it: give it lazily."""

    def __init__(self, why: object, about: str = "") -> None:
        super().__init__(why)
        self.about = about


def require(person: User, wanted: May, about: str = "") -> None:
    """Raises Refused unless the person's roles allow it. Call it in a function marked `act` or `look`."""
    if not person.may(wanted):
        raise Refused(_may_not(wanted.value), about)


def _said(wanted: str) -> str:
    return _("your roles do not allow you to %(wanted)s") % {"wanted": _(wanted)}


_may_not = lazy(_said, str)


def act(function: Callable[Concatenate[User, P], T]) -> Callable[Concatenate[User, P], T]:
    """One act or read of a person: all of it in one transaction, with its audit entry, or none of it.

    A refusal undoes whatever was begun and is itself written to the audit log.
    """

    return _guarded(function, transaction.atomic)


def look(function: Callable[Concatenate[User, P], T]) -> Callable[Concatenate[User, P], T]:
    """One read of a person that is not logged, such as a list: it takes no transaction, so nobody who writes waits.

    A refusal is written to the audit log all the same.
    """
    return _guarded(function, nullcontext)


def _guarded(
    function: Callable[Concatenate[User, P], T], within: Callable[[], AbstractContextManager[object]]
) -> Callable[Concatenate[User, P], T]:
    @wraps(function)
    def guarded(person: User, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with within():
                return function(person, *args, **kwargs)
        except Refused as refused:
            with transaction.atomic(), translation.override("en"):  # the log is in one language
                record(person.actor(), "refused", refused.about, str(refused), wanted=function.__name__)
            raise

    return cast("Callable[Concatenate[User, P], T]", guarded)
