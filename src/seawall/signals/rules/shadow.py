"""Shadow rules: run on everything, counted, and nobody is listed for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from seawall.records.findings import LINE, Finding
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.rules.publishing import write_whole
from seawall.signals.rules.signal import RulesSignal

_COUNTS = "shadow.json"  # of the last scan, among the rules; numbers only


class ShadowSignal(RulesSignal):
    """Rules on trial. Their findings carry another name and may list nobody."""

    name = "shadow"

    def find(self, facts: Facts, tell: Tell = silent) -> Iterable[Finding]:
        """What the rules would have said."""
        return [replace(finding, conduct=False) for finding in super().find(facts, tell)]

    def would_list(self, found: Iterable[Finding]) -> dict[str, int]:
        """By rule, how many accounts it would have listed; every rule is named. No account is."""
        counts = Counter(finding.signal.removeprefix(self.name + ".") for finding in found if finding.score >= LINE)
        return {rule.id: counts[rule.id] for rule in self.rules}


class Counted(msgspec.Struct, frozen=True):
    """How many accounts a shadow rule would have listed at the last scan."""

    accounts: int
    at: datetime


def note(home: Path, counts: Mapping[str, int]) -> None:
    """Keep what a scan says of shadow rules, in place of what the last one said."""
    if counts or (home / "rules" / _COUNTS).exists():
        now = datetime.now(UTC)
        content = msgspec.json.encode({rule: Counted(count, now) for rule, count in counts.items()})
        write_whole(home / "rules" / _COUNTS, content)


def counted(home: Path, rule: str) -> Counted | None:
    """What the last scan said of a shadow rule; None if none ran since it is in shadow."""
    path = home / "rules" / _COUNTS
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Counted]).get(rule) if path.exists() else None
