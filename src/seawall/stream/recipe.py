"""What the posts of a home are marked with: its live rules, their lists and its text model."""

from __future__ import annotations

from pathlib import Path

from seawall.records.terms import RuleState
from seawall.signals.rules import read_book
from seawall.signals.rules.signal import checked
from seawall.signals.textscore import read_model
from seawall.stream.marking import Recipe


def recipe_of(home: Path) -> Recipe:
    """The live rules of a home, and its text model if one was fitted.

    Raises RuleError for a rule that may not go live, SignalError for a model that cannot be used.
    """
    book = read_book(home)
    live = checked(book.of(RuleState.LIVE), book.lists)
    return Recipe(tuple(live.rules), book.lists, read_model(home))
