"""People's own rules: a SQL predicate over one post, named lists, examples that prove it."""

from seawall.signals.rules.book import Reloading, Rulebook, read_book
from seawall.signals.rules.files import Rule, read_rules, shipped_rules
from seawall.signals.rules.lists import NamedList, RuleError, read_lists
from seawall.signals.rules.signal import RulesSignal

__all__ = [
    "NamedList",
    "Reloading",
    "Rule",
    "RuleError",
    "Rulebook",
    "RulesSignal",
    "read_book",
    "read_lists",
    "read_rules",
    "shipped_rules",
]
