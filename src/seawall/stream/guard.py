"""The breaker of a stream: a rule that goes over its quota is stopped in the home, and matches no more from then on.

Workers ask their rules to the end of the stream; what they bring of a stopped rule is left out where blocks are let in,
in the order of the input.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from seawall.signals.rules import Rule
from seawall.signals.rules.quota import Breaker, Over, PastBreaker
from seawall.signals.rules.stops import Stops


class Guard(Protocol):
    """Lets matches in, or not."""

    stopped: dict[str, str]  # rule -> why, since the stream began

    def passed(self, matches: pa.Table) -> pa.Table:
        """The matches of rules that run. Rules that go over their quota with them are stopped after them."""


class LiveGuard:
    """Over posts that come as they are written: by the hours they come in."""

    def __init__(self, home: Path, rules: Iterable[Rule]) -> None:
        self.stopped: dict[str, str] = {}
        self._home, self._breaker = home, Breaker(rules)

    def passed(self, matches: pa.Table) -> pa.Table:
        """The matches of rules that run."""
        kept = _without(matches, self.stopped)
        _stop(self._home, self._breaker.matched(by_rule(kept), datetime.now(UTC)), self.stopped)
        return kept


class PastGuard:
    """Over an export: by the hours its posts were posted in."""

    def __init__(self, home: Path, rules: Iterable[Rule]) -> None:
        self.stopped: dict[str, str] = {}
        self._home, self._breaker = home, PastBreaker(rules)

    def passed(self, matches: pa.Table) -> pa.Table:
        """The matches of rules that run."""
        kept = _without(matches, self.stopped)
        if kept.num_rows:
            dated = pl.DataFrame(kept.select(["rule", "at"])).drop_nulls("at")
            hours = dated.group_by(pl.col("rule").cast(pl.String), pl.col("at").dt.truncate("1h")).len()
            counts = {(rule, hour): count for rule, hour, count in hours.sort("rule", "at").iter_rows()}
            _stop(self._home, self._breaker.matched(counts), self.stopped)
        return kept


def by_rule(matches: pa.Table) -> Counter[str]:
    """How many matches each rule has."""
    counted = pc.value_counts(matches["rule"])
    return Counter(dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True)))


def _without(matches: pa.Table, stopped: dict[str, str]) -> pa.Table:
    if not stopped or not matches.num_rows:
        return matches
    return matches.filter(pc.invert(pc.is_in(matches["rule"], pa.array(list(stopped), matches["rule"].type))))


def _stop(home: Path, over: Iterable[Over], stopped: dict[str, str]) -> None:
    for one in over:
        Stops(home).stop(one.rule, one.why, "breaker")
        stopped[one.rule.id] = one.why
