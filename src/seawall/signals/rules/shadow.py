"""Shadow rules: run on everything, counted, and nobody is listed for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from seawall.records.findings import LINE, Finding
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.rules.signal import RulesSignal


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
