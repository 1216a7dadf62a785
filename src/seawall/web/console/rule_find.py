"""Finding a rule in the list: by state, words, author and the lists that it counts; all of it stands in the address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from seawall.grounds.drafts import Draft
from seawall.grounds.rule_shown import Shown
from seawall.records.terms import RuleState
from seawall.signals.rules import Rule
from seawall.signals.rules.lists import OWN


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rules to list; '' is all."""

    state: str = ""
    words: str = ""
    author: str = ""
    counts: str = ""  # the name of a list

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state is asked for."""
        return replace(self, state="") != Wanted()

    def address(self, state: str) -> str:
        """What stands behind the page's address to show that, in this state."""
        said = {"state": state, "words": self.words, "author": self.author, "counts": self.counts}
        given = urlencode({name: value for name, value in said.items() if value})
        return f"?{given}" if given else ""

    def fits(self, shown: Shown) -> bool:
        """Whether a rule is among those, whatever its state. Words may stand in its title, id, reason or own words."""
        texts = _texts(shown)
        return (
            all(any(word in text for text in texts) for word in self.words.casefold().split())
            and (not self.author or self.author in authors([shown]))
            and (not self.counts or self.counts in lists([shown]))
        )


def wanted_of(given: Mapping[str, str]) -> Wanted:
    """What an address asks for."""
    state = given.get("state", "")
    said = (" ".join(given.get(name, "").split())[:200] for name in ("words", "author", "counts"))
    return Wanted(state if state in {known.value for known in RuleState} else "", *said)


def authors(rules: Iterable[Shown]) -> list[str]:
    """Who wrote any version of these that is not over."""
    return sorted({said.author for shown in rules for said in _said(shown) if said.author}, key=str.casefold)


def lists(rules: Iterable[Shown]) -> set[str]:
    """The names of the lists that these count, other than their own words."""
    return {
        name for shown in rules for said in _said(shown) for name in re.findall(r"hits\('([^']+)'\)", said.where)
    } - {OWN}


def _said(shown: Shown) -> list[Rule | Draft]:
    return [said for said in (shown.rule, shown.trial, shown.draft) if said]


def _texts(shown: Shown) -> list[str]:
    said = _said(shown)
    return [shown.id, *(text.casefold() for its in said for text in (its.title, its.why, *its.words))]
