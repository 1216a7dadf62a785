"""Saved answers of an API, one or many to a file: what platforms that are read from them share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import msgspec

from seawall.sources.contract import Batch, Cursor
from seawall.sources.documents import read_documents
from seawall.sources.gather import NO_JSON, Gather, batch_of


class Answers(ABC):
    """A source of saved answers; see `Source`. A platform says what to take from one."""

    name: ClassVar[str]

    def __init__(self, platform: str = "") -> None:
        self.platform = platform or self.name

    def fingerprint(self) -> str:
        """The platform name is all that matters besides the file."""
        return self.platform

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read answers; see `Source.read`. What an answer does not date is dated by when the file was written."""
        written = datetime.fromtimestamp(location.stat().st_mtime, UTC)
        for documents in read_documents(location, cursor):
            gather = Gather(self.platform, self.name)
            for number, raw in enumerate(documents.values, documents.first):
                if raw:
                    self.take(gather, number, raw, written)
            yield batch_of(gather, documents)

    @abstractmethod
    def take(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:
        """Gather the facts of one answer."""


def decoded(gather: Gather, number: int, raw: bytes) -> object:
    """What an answer holds; UNSET for one that is no JSON, which is a reject."""
    try:
        return msgspec.json.decode(raw)
    except NO_JSON:
        with gather.reading(number, raw):
            msgspec.json.decode(raw)
        return msgspec.UNSET
