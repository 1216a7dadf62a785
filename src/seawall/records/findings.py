"""A finding: what one signal says about one account, why, and what was seen. It decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

LINE = 0.5  # a finding counts as above the line from this score on; signals calibrate to it


class FindingError(ValueError):
    """A finding that may not exist: without a reason, without something seen, or with a score off the scale."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was seen: a post of the account itself, and when it was posted."""

    post_id: str
    at: str  # ISO 8601, UTC

    def as_dict(self) -> dict[str, str]:
        """The form that files and pages carry."""
        return {"post_id": self.post_id, "at": self.at}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a signal says about an account. Score 0 to 1: how sure, for people to read the strongest first.

    `conduct` holds when the account's own posts or reposts are what was seen; only then may it be listed.
    """

    platform: str
    account_id: str
    handle: str | None
    signal: str
    version: str
    score: float
    because: str
    seen: tuple[Seen, ...]
    conduct: bool

    def __post_init__(self) -> None:
        if not self.because.strip():
            raise FindingError(f"{self.signal}: a finding needs a reason")
        if not self.seen or any(not item.post_id for item in self.seen):
            raise FindingError(f"{self.signal}: a finding must point at something seen")
        if not 0.0 <= self.score <= 1.0:
            raise FindingError(f"{self.signal}: score {self.score!r} is not between 0 and 1")

    @property
    def above_line(self) -> bool:
        """Whether this finding alone is enough for a person to look."""
        return self.conduct and self.score >= LINE

    def as_dict(self) -> dict[str, object]:
        """The form that `seawall findings --json` prints under an account."""
        return {
            "signal": self.signal,
            "version": self.version,
            "score": round(self.score, 4),
            "because": self.because,
            "seen": [item.as_dict() for item in self.seen],
        }


FINDINGS = pa.schema(
    [
        ("platform", pa.string()),
        ("account_id", pa.string()),
        ("handle", pa.string()),
        ("signal", pa.string()),
        ("version", pa.string()),
        ("score", pa.float64()),
        ("because", pa.string()),
        ("seen", pa.list_(pa.struct([("post_id", pa.string()), ("at", pa.string())]))),
        ("conduct", pa.bool_()),
    ]
)


def to_table(findings: list[Finding]) -> pa.Table:
    """Findings as the table the lake keeps."""
    rows = [
        {**{name: getattr(f, name) for name in FINDINGS.names if name != "seen"}, "seen": [s.as_dict() for s in f.seen]}
        for f in findings
    ]
    return pa.Table.from_pylist(rows, schema=FINDINGS)


def from_table(table: pa.Table) -> list[Finding]:
    """The findings of a table the lake kept; each is checked again as it is made."""
    return [Finding(**{**row, "seen": tuple(Seen(**item) for item in row["seen"])}) for row in table.to_pylist()]
