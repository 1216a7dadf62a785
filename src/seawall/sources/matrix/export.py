"""Saved client events of Matrix, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seawall.sources.contract import Batch, Cursor
from seawall.sources.matrix import facts
from seawall.sources.matrix.payload import decode
from seawall.sources.sniff import head_of
from seawall.sources.streams import place, read_lines


class MatrixExport:
    """Reads client events as the API gives them, one a line."""

    name = facts.NAME

    def __init__(self, platform: str = "matrix") -> None:
        self.platform = platform

    def fingerprint(self) -> str:
        """The platform name is all that matters besides the file."""
        return self.platform

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read events, one JSON object a line; see `Source.read`."""
        head_of(location)
        for block in read_lines(location, *place(cursor)):
            decoded = decode(block.lines, block.first)
            yield Batch(
                tables=facts.tables(decoded, facts.shown(decoded), self.platform),
                rejects=decoded.rejects + block.rejects,
                read=decoded.read + len(block.rejects),
                cursor=block.cursor(left=[]),
                position=block.position,
                ignored=decoded.ignored,
                unknown=decoded.unknown,
            )
