"""YouTube: answers of its Data API v3, as they came, one or many to a file.

An answer's items say themselves what they are: videos, channels, comments, comment threads, playlist items, search
results, subscriptions and activities. Live chat is left out; so are captions and all that is about nobody's account
or post.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from seawall.sources.contract import Batch, Cursor
from seawall.sources.documents import Documents, read_documents
from seawall.sources.gather import NO_JSON, Gather, batch_of
from seawall.sources.youtube.answers import Answer


class YoutubeExport:
    """Reads saved answers of the Data API."""

    name = "youtube"

    def __init__(self, platform: str = "youtube") -> None:
        self.platform = platform

    def fingerprint(self) -> str:
        """The platform name is all that matters besides the file."""
        return self.platform

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read answers; see `Source.read`. What an answer does not date is dated by when the file was written."""
        written = datetime.fromtimestamp(location.stat().st_mtime, UTC)
        for documents in read_documents(location, cursor):
            yield self._batch(documents, written)

    def _batch(self, documents: Documents, written: datetime) -> Batch:
        gather = Gather(self.platform, self.name)
        for number, raw in enumerate(documents.values, documents.first):
            if not raw:
                continue
            try:
                given = msgspec.json.decode(raw)
            except NO_JSON:
                with gather.reading(number, raw):
                    msgspec.json.decode(raw)
                continue
            Answer(gather, number, written).read(given)
        return batch_of(gather, documents)
