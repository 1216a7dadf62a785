"""Bluesky and other networks of the AT Protocol: recorded events of Jetstream, one JSON object a line.

`stream` follows the network live, by Jetstream or by the firehose it is made of. An account is its DID, a post its
at:// address. Handles are in identity events alone; posts carry none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seawall.sources.bluesky.events import event
from seawall.sources.bluesky.stream import BlueskyStream
from seawall.sources.contract import Batch, Cursor
from seawall.sources.documents import read_documents
from seawall.sources.gather import Gather, batch_of

__all__ = ["BlueskyExport", "BlueskyStream"]


class BlueskyExport:
    """Reads recorded events of Jetstream."""

    name = "bluesky"

    def __init__(self, platform: str = "bluesky") -> None:
        self.platform = platform

    def fingerprint(self) -> str:
        """The platform name is all that matters besides the file."""
        return self.platform

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read events; see `Source.read`."""
        for documents in read_documents(location, cursor):
            gather = Gather(self.platform, self.name)
            for number, raw in enumerate(documents.values, documents.first):
                if raw:
                    event(gather, number, raw)
            yield batch_of(gather, documents)
