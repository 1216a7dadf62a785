"""YouTube: answers of its Data API v3, as they came, one or many to a file.

An answer's items say themselves what they are: videos, channels, comments, comment threads, playlist items, search
results, subscriptions and activities. Live chat is left out; so are captions and all that is about nobody's account
or post.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from seawall.sources.answers import Answers, decoded
from seawall.sources.gather import Gather
from seawall.sources.youtube.answers import Answer


class YoutubeExport(Answers):
    """Reads saved answers of the Data API."""

    name = "youtube"

    def take(self, gather: Gather, number: int, raw: bytes, written: datetime) -> None:
        """Read one answer."""
        if (given := decoded(gather, number, raw)) is not msgspec.UNSET:
            Answer(gather, number, written).read(given)
