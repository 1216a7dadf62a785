"""The signals of a home: the shipped ones, with the home's own rules and lists beside them."""

from __future__ import annotations

from pathlib import Path

from seawall.signals.contract import Signal
from seawall.signals.rules.files import SHIPPED, read_rules
from seawall.signals.rules.lists import SHIPPED_LISTS, read_lists
from seawall.signals.rules.signal import checked
from seawall.signals.supporters import SupportersSignal


def signals_of(home: Path) -> list[Signal]:
    """Every signal that runs in this home. Raises RuleError naming a rule or list that cannot run."""
    lists = read_lists(SHIPPED_LISTS, home / "lists")
    return [checked(read_rules(lists, SHIPPED, home / "rules"), lists), SupportersSignal()]


def replaced(home: Path) -> list[Path]:
    """Files of the home that stand in place of shipped ones."""
    pairs = ((home / "lists", SHIPPED_LISTS, "*.txt"), (home / "rules", SHIPPED, "*.toml"))
    own = [(path, shipped) for folder, shipped, ending in pairs for path in sorted(folder.glob(ending))]
    return [path for path, shipped in own if (shipped / path.name).exists()]
