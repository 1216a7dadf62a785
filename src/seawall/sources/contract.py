"""What every source promises.

A source turns a file into batches. Each batch says how far it got (its cursor), so that reading can stop at any
moment and go on there with nothing lost or doubled. A line is handled, ignored on purpose, or rejected with a
reason; never silently dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa

from seawall.records.facts import REJECT_LINES

Cursor = dict[str, object]
RAW_LIMIT = 1024 * 1024  # bytes of a rejected line that are kept
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)  # no post is from outside these


class SourceError(Exception):
    """The export cannot be read at all, or the server does not give it; the message says why and what to do next.

    `after`: seconds that the server wants to be left alone before it is asked again; 0 if it does not say.
    """

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


class Reject(NamedTuple):
    """A line that could not be read: its number in the file, why, and the line itself."""

    line: int
    reason: str
    raw: bytes


@dataclass(slots=True)
class Batch:
    """Facts from a stretch of an export."""

    tables: dict[str, pa.Table]
    rejects: list[Reject]
    read: int  # lines in this stretch that are loaded or rejected; those in `ignored` are neither
    cursor: Cursor  # where the next batch begins
    position: int  # bytes of the file on disk consumed so far, for progress
    ignored: Counter[str] = field(default_factory=Counter)  # lines or fields left out on purpose, by what they are
    unknown: Counter[str] = field(
        default_factory=Counter
    )  # fields that this source does not know yet, by kind and name
    upto: datetime | None = None  # how far a live stream has come, by the platform's clock; None: its newest post says


class Source(Protocol):
    """One kind of export."""

    name: str

    def fingerprint(self) -> str:
        """What besides the file decides the outcome (platform, mapping), so that a changed one starts anew."""

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read from the cursor (None: from the start). Raises SourceError if the file is not of this kind."""


def rejects_table(source: str, location: Path, rejects: list[Reject]) -> pa.Table:
    """Rejects as the lake keeps them."""
    return pa.table(
        {
            "source": [source] * len(rejects),
            "file": [location.name] * len(rejects),
            "line": [reject.line for reject in rejects],
            "reason": [reject.reason for reject in rejects],
            "raw": [_kept(reject.raw) for reject in rejects],
        },
        schema=REJECT_LINES.schema,
    )


def _kept(raw: bytes) -> str:
    """A rejected line as it is kept; one that is too long says how much of it is missing."""
    cut = len(raw) - RAW_LIMIT
    text = raw[:RAW_LIMIT].decode("utf-8", "backslashreplace")
    return text if cut <= 0 else f"{text} [{cut:,} more bytes are not kept]"
