"""The signals of a home: the shipped ones, with the home's own rules and lists beside them."""

from __future__ import annotations

from pathlib import Path

from seawall.records.terms import RuleState
from seawall.signals.contract import Signal, Survey
from seawall.signals.coordination import CoordinationSurvey
from seawall.signals.distributors import NetworkSurvey
from seawall.signals.floods import FloodsSurvey
from seawall.signals.media import MediaSignal
from seawall.signals.rules.book import read_book
from seawall.signals.rules.files import SHIPPED, shipped_rules
from seawall.signals.rules.lists import SHIPPED_LISTS
from seawall.signals.rules.shadow import ShadowSignal
from seawall.signals.rules.signal import RulesSignal, checked
from seawall.signals.supporters import SupportersSignal
from seawall.signals.voices.support import SupportSurvey


def signals_of(home: Path) -> list[Signal]:
    """Every signal that runs in this home. Raises RuleError naming a rule or list that cannot run."""
    book = read_book(home)
    shadow = book.of(RuleState.SHADOW)
    tried = [ShadowSignal(shadow, book.lists)] if shadow else []
    rules = checked(book.of(RuleState.LIVE), book.lists)
    return [rules, *tried, SupportersSignal(rules.distant), MediaSignal(home)]


def surveys(home: Path | None = None) -> list[Survey]:
    """What every home's scan finds beside findings: about groups, tags and targets, never about a person.

    Rules of `home` tell words of distance; without it shipped ones do. Raises RuleError naming one that cannot run.
    """
    if home is None:
        rules = RulesSignal(*shipped_rules())
    else:
        book = read_book(home)
        rules = RulesSignal(book.of(RuleState.LIVE), book.lists)
    return [CoordinationSurvey(), FloodsSurvey(), NetworkSurvey(), SupportSurvey(rules)]


def replaced(home: Path) -> list[Path]:
    """Files of the home that stand in place of shipped ones."""
    pairs = ((home / "lists", SHIPPED_LISTS, "*.txt"), (home / "rules", SHIPPED, "*.toml"))
    own = [(path, shipped) for folder, shipped, ending in pairs for path in sorted(folder.glob(ending))]
    return [path for path, shipped in own if (shipped / path.name).exists()]
