"""The breaker of rules: one that suddenly matches more than its quota stops, and says so.

A rule that was right yesterday may match a fashion of today; it must not fill the desk before somebody looks. Counted
over a sliding hour in steps of five minutes. Pure: time is given, nothing is written; who asks writes the stop down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from seawall.signals.rules.files import Rule

_STEP = 300  # seconds
_STEPS = 12  # of an hour


@dataclass(frozen=True, slots=True)
class Meter:
    """What one version of a rule matched lately. It runs until it is over its quota, and then never again by itself."""

    quota: int  # matches an hour
    steps: tuple[tuple[int, int], ...] = ()  # number of the step, matches in it; oldest first
    stopped: bool = False

    @property
    def recent(self) -> int:
        """Matches in the last hour."""
        return sum(count for _, count in self.steps)

    def matched(self, count: int, at: datetime) -> Meter:
        """After so many more matches. A clock that goes back counts as one that stands still."""
        if self.stopped:
            return self
        now = max([int(at.timestamp()) // _STEP, *(step for step, _ in self.steps[-1:])])
        counts = {step: matches for step, matches in self.steps if step > now - _STEPS}
        counts[now] = counts.get(now, 0) + count
        after = replace(self, steps=tuple(counts.items()))
        return replace(after, stopped=after.recent > self.quota)


@dataclass(frozen=True, slots=True)
class Over:
    """A rule that went over its quota just now."""

    rule: Rule
    matches: int  # in the last hour

    @property
    def why(self) -> str:
        """The reason, for people."""
        return f"it matched {self.matches:,} posts in an hour; its quota is {self.rule.quota:,}"


class Breaker:
    """The meters of all rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._meters = {rule.id: Meter(rule.quota) for rule in self._rules.values()}

    def matched(self, counts: Mapping[str, int], at: datetime) -> list[Over]:
        """Rules that go over their quota with these matches, each told once."""
        over = []
        for rule, count in counts.items():
            before = self._meters[rule]
            after = self._meters[rule] = before.matched(count, at)
            if after.stopped and not before.stopped:
                over.append(Over(self._rules[rule], after.recent))
        return over

    def runs(self, rule: str) -> bool:
        """Whether a rule may still match."""
        return not self._meters[rule].stopped


class PastBreaker:
    """The same over posts of the past, read faster than they were written: by the hours they were posted in, whatever
    their order. Posts without a time count nowhere."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._hours: Counter[tuple[str, datetime]] = Counter()
        self._over: set[str] = set()

    def matched(self, counts: Mapping[tuple[str, datetime], int]) -> list[Over]:
        """Rules that go over their quota with these matches, by rule and hour; each told once."""
        over = []
        for (rule, hour), count in counts.items():
            self._hours[rule, hour] += count
            if rule not in self._over and self._hours[rule, hour] > self._rules[rule].quota:
                self._over.add(rule)
                over.append(Over(self._rules[rule], self._hours[rule, hour]))
        return over

    def runs(self, rule: str) -> bool:
        """Whether a rule may still match."""
        return rule not in self._over
