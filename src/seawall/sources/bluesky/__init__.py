"""Bluesky and other networks of the AT Protocol: recorded events of Jetstream, one JSON object a line.

`stream` follows the network live, by Jetstream or by the firehose it is made of. An account is its DID, a post its
at:// address. Handles are in identity events alone; posts carry none.
"""

from __future__ import annotations

from datetime import datetime

from seawall.sources.answers import Answers
from seawall.sources.bluesky.events import event
from seawall.sources.bluesky.stream import BlueskyStream
from seawall.sources.gather import Gather

__all__ = ["BlueskyExport", "BlueskyStream"]


class BlueskyExport(Answers):
    """Reads recorded events of Jetstream."""

    name = "bluesky"

    def take(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:  # noqa: ARG002 - all are dated
        """Read one event."""
        event(gather, number, raw)
