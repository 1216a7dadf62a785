"""Which rules are stopped: a plain file of a home, one change a line, so who stopped what and why can be read back.

A stop is of one version of a rule: a new version starts anew.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from seawall.signals.rules.files import Rule
from seawall.signals.rules.lists import RuleError


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line: a version of a rule stopped, or let run again."""

    change: str  # 'stop' or 'start'
    rule: str
    version: int
    why: str
    by: str
    at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Stops:
    """The stops of one home."""

    home: Path

    @property
    def path(self) -> Path:
        """Where they are written."""
        return self.home / "rules" / "stops.jsonl"

    def standing(self) -> dict[str, Stop]:
        """By rule, the stops that nobody took back. Raises RuleError naming a damaged line."""
        last = {change.rule: change for change in self.changes()}
        return {rule: change for rule, change in last.items() if change.change == "stop"}

    def changes(self) -> list[Stop]:
        """Every stop and start, oldest first. Raises RuleError naming a damaged line."""
        lines = self.path.read_bytes().splitlines() if self.path.exists() else []
        return [self._read(number, line) for number, line in enumerate(lines, 1)]

    def _read(self, number: int, line: bytes) -> Stop:
        try:
            return msgspec.json.decode(line, type=Stop)
        except msgspec.DecodeError as error:
            raise RuleError(f"{self.path}: line {number} is damaged: {error}. Mend or remove that line.") from error

    def stop(self, rule: Rule, why: str, by: str) -> None:
        """Stop this version of a rule."""
        self._add("stop", rule, why, by)

    def start(self, rule: Rule, why: str, by: str) -> None:
        """Let it run again."""
        self._add("start", rule, why, by)

    def _add(self, change: str, rule: Rule, why: str, by: str) -> None:
        line = Stop(change, rule.id, rule.version, why, by, datetime.now(UTC).isoformat(timespec="seconds"))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            stream.write(msgspec.json.encode(line) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
