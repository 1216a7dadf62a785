"""A statement of reasons as its holder reads it: its parts, in the holder's language."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from seawall.cases.models import Decision
from seawall.cases.statements import Part, parts
from seawall.records.terms import CaseState


@dataclass(frozen=True, slots=True)
class Told:
    """A statement in a language, and how that language is named and written."""

    parts: list[Part]
    language: str
    name: str
    right_to_left: bool


def as_told(decision: Decision) -> Told:
    """The statement as it is, or will be, given; without the code to appeal with, which is the holder's alone."""
    telling = copy(decision)
    if decision.state == CaseState.SECOND_REVIEW:
        telling.second_by_id = decision.proposed_by_id  # it is given only after a second person agreed, and says so
    language = str(decision.statement.language)
    info = get_language_info(language)
    with translation.override(language):
        return Told(parts(telling), language, info["name_local"], info["bidi"])


def with_code(decision: Decision, code: str) -> Told:
    """The statement with its code, to be given by hand."""
    told = as_told(decision)
    with translation.override(told.language):
        told.parts.append(Part(_("The code of this statement"), code))
    return told
