"""What is wrong with a rule or a list, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from seawall.grounds.services import GroundsError
from seawall.signals.rules import RuleError
from seawall.signals.rules.lists import OWN

_WHY: dict[str, Any] = {
    # what stands in the predicate
    "trait": gettext_lazy(
        "“%(part)s” says who somebody is or where. A rule is about what was done, so it cannot ask for that."
    ),
    "untouched": gettext_lazy(
        "It would match posts that hold none of its words and entries. Language, place, links or numbers alone are no "
        "conduct: add a condition on words or a list, and let all conditions hold."
    ),
    "column": gettext_lazy("There is no column “%(part)s”. The table below names those there are."),
    "list": gettext_lazy("There is no list “%(part)s”. Make it first, or write words of this rule's own above."),
    "sql": gettext_lazy("The predicate is not finished, or has a sign too many, near “%(near)s”."),
    "too_long": gettext_lazy("The predicate is longer than 4,000 letters."),
    "too_deep": gettext_lazy("The predicate has too many brackets inside each other."),
    "not_allowed": gettext_lazy("“%(part)s” is not allowed. Use comparisons, AND, OR, NOT, IN and hits('list')."),
    "mixed": gettext_lazy("“%(part)s” compares things of different kinds, such as a number with a text."),
    "ordered": gettext_lazy("“%(part)s” asks which is more, but these are no numbers. Use = or IN."),
    "constants": gettext_lazy("“%(part)s” is always the same, whatever the post says."),
    "value": gettext_lazy(
        "“%(part)s” is not allowed here. Use a whole number, a text in ' ', a column or hits('list')."
    ),
    "function": gettext_lazy("“%(part)s” is not allowed. The only function is hits('list')."),
    # what stands in a condition
    "number": gettext_lazy("“%(part)s” is not a whole number."),
    "what": gettext_lazy("“%(part)s” is nothing that a rule may ask about."),
    "no_value": gettext_lazy("Say which."),
    "tag": gettext_lazy("“%(part)s” is no language tag. Write one such as en, ar, ru or uz."),
    "not_counted": gettext_lazy("This is so or is not so: choose “is” or “is not”."),
    # what stands in a list
    "entry": gettext_lazy("“%(entry)s” has no letter or digit, so no post could hold it."),
    "identity": gettext_lazy(
        "“%(entry)s” only names a religion, people, nation or language. It says who somebody is; a rule is about what "
        "was done. Write the words of the deed."
    ),
    "hash": gettext_lazy("“%(entry)s” is no SHA-256. One has 64 digits and letters a to f."),
    "no_entries": gettext_lazy("It has no entries yet. Write one a line."),
}


@contextmanager
def in_words() -> Iterator[None]:
    """What is wrong with a rule or a list is a GroundsError, in the reader's language."""
    try:
        yield
    except RuleError as error:
        raise GroundsError(said(error)) from error


def said(error: RuleError) -> str:
    """The reason in the reader's language; in English where only its message says it."""
    if error.kind == "list" and error.given.get("part") == OWN:
        return _("This rule has no words of its own yet. Write some above, one a line.")
    words = _WHY.get(error.kind)
    return str(words) % error.given if words else str(error)


def identity(entry: str) -> str:
    """Why a word that only says who somebody is may not make a rule fire."""
    return str(_WHY["identity"]) % {"entry": entry}


def missing(field: str) -> str:
    """What to write where a field of a rule is empty."""
    return {
        "title": _("Give it a title: what an account does whose posts it matches."),
        "conduct": _("Choose the conduct that it is about."),
        "why": _("Say what it finds, and where it may be wrong."),
        "languages": _("Choose the languages of its words."),
        "where": _("Say when a post matches: put conditions together, or write the predicate."),
        "matches": _("Give at least one text that must match."),
        "silent": _("Give at least one text that must not match, such as news about the same."),
    }[field]
