"""Trying a rule: what it does with its examples, which entries hit, and which control sentences it fires on.

For people who write one: everything that is wrong is told at once. `signal.checked` is what guards the gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seawall.signals.control import sentences
from seawall.signals.rules.files import Rule
from seawall.signals.rules.lists import NamedList
from seawall.signals.rules.missed import Asked, Missed
from seawall.signals.rules.signal import RulesSignal, as_posts


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that stands in an example."""

    list_name: str
    entry: str


@dataclass(frozen=True, slots=True)
class Tested:
    """An example, what its author expects, and what the rule does with it."""

    text: str
    expected: bool
    matched: bool
    hits: tuple[Hit, ...]
    missed: Missed | None = None  # where it does not match: the first condition that does not hold

    @property
    def holds(self) -> bool:
        """Whether the rule does what its author says."""
        return self.matched is self.expected


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule does with everything that it must be asked about before it goes live."""

    examples: tuple[Tested, ...]
    control: Mapping[str, tuple[str, ...]]  # by language of the control corpus: the sentences it could fire on
    naming: tuple[str, ...] = ()  # its words that only say who somebody is, and on which it could fire

    @property
    def may_go_live(self) -> bool:
        """Whether every example holds, the control corpus is silent, and it is not about who somebody is."""
        return all(example.holds for example in self.examples) and not any(self.control.values()) and not self.naming


def try_rule(rule: Rule, lists: Mapping[str, NamedList]) -> Tried:
    """Ask a rule about its examples and about the control corpus."""
    signal = RulesSignal([rule], lists)
    expected = [(text, True) for text in rule.matches] + [(text, False) for text in rule.silent]
    posts = as_posts([text for text, _ in expected])
    matched = set(signal.match(posts)["post_id"])
    hits: dict[int, list[Hit]] = {}
    for row, name, entry in signal.entries(posts):
        hits.setdefault(row, []).append(Hit(name, entry))
    asked = Asked(rule, posts, signal.hits(posts))
    examples = tuple(
        Tested(text, wanted, True, tuple(hits.get(row, ())))
        if str(row) in matched
        else Tested(text, wanted, False, tuple(hits.get(row, ())), asked.missed(row))
        for row, (text, wanted) in enumerate(expected)
    )
    control: dict[str, list[str]] = {language: [] for language in sentences()}
    for _, language, sentence in signal.fires_on_control():
        control[language].append(sentence)
    fired = {language: tuple(found) for language, found in control.items()}
    return Tried(examples, fired, tuple(entry for _, entry in signal.fires_on_who()))
