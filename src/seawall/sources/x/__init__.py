"""X (Twitter) API v1.1 payloads, one JSON object a line: posts, their authors, and whom and what they spread.

A repost carries the text of the post it spreads (the payload's own copy is cut short); nested authors become
accounts, and every repost, quote, reply, mention and shared link becomes a tie. Field meanings follow the
v1.1 data dictionary. Coordinates, places and interface languages are left out on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from seawall.sources.contract import Batch, Cursor
from seawall.sources.sniff import head_of
from seawall.sources.streams import Lines, place, read_lines
from seawall.sources.x import facts
from seawall.sources.x.payload import Decoded, decode

__all__ = ["XSource", "decode"]


class XSource:
    """Reads X v1.1 exports and recorded streams."""

    name = facts.NAME

    def __init__(self, platform: str = "x") -> None:
        self.platform = platform

    def fingerprint(self) -> str:
        """The platform name is all that matters besides the file."""
        return self.platform

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read payloads, one JSON object a line; see `Source.read`."""
        head_of(location)
        for block in read_lines(location, *place(cursor)):
            yield self.batch(block)

    def batch(self, block: Lines) -> Batch:
        """What whole lines say, wherever they came from."""
        decoded = decode(block.lines, block.first)
        tables = self._tables(decoded)
        return Batch(
            tables=tables,
            rejects=decoded.rejects + block.rejects,
            read=decoded.read + len(block.rejects),
            cursor=block.cursor(left=[]),
            position=block.position,
            ignored=decoded.ignored,
        )

    def _tables(self, decoded: Decoded) -> dict[str, pa.Table]:
        flat = facts.Flat(decoded)
        return {
            "accounts": facts.accounts(flat, self.platform),
            "posts": facts.posts(flat, self.platform),
            "ties": facts.ties(flat, self.platform),
            "media": facts.media(flat, self.platform),
            "states": facts.states(flat, decoded.deletions, self.platform),
        }
