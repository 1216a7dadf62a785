"""X (Twitter): API v1.1 payloads and recorded streams, answers and streams of API v2, and the archives of accounts.

A repost carries the text of the post it spreads (the payload's own copy is cut short); nested authors become
accounts, and every repost, quote, reply, mention and shared link becomes a tie. Field meanings follow the data
dictionaries of v1.1 and v2. Coordinates, places and interface languages are left out on purpose.

A file's own form tells what it is. Lines of v1.1 are the hot path: they are decoded in columns, and nothing else is
tried before them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from seawall.sources.contract import Batch, Cursor, Reject
from seawall.sources.documents import Documents, read_documents
from seawall.sources.gather import Gather
from seawall.sources.sniff import head_of
from seawall.sources.streams import Lines, place, read_lines
from seawall.sources.x import archive, facts
from seawall.sources.x.payload import Decoded, decode
from seawall.sources.x.v2 import Answers

__all__ = ["XSource", "decode"]

# An array, or an object whose first line ends where something opens: no line of such a file is a payload.
_SPREAD_OUT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[|\{\s*\n|\{\s*\"\w+\"\s*:\s*[\[{]\s*\n)")


class XSource:
    """Reads X exports and recorded streams."""

    name = facts.NAME

    def __init__(self, platform: str = "x") -> None:
        self.platform = platform

    def fingerprint(self) -> str:
        """The platform name is all that matters besides the file."""
        return self.platform

    def read(self, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
        """Read whatever form of export a file has; see `Source.read`."""
        if archive.is_zip(location):
            yield from archive.read_zip(location, cursor, self.platform, self.name)
            return
        head = head_of(location, documents=True)
        written = datetime.fromtimestamp(location.stat().st_mtime, UTC)
        if script := archive.script_of(head):
            yield from archive.read_file(location, script, cursor, self.platform, self.name)
        elif _SPREAD_OUT.match(head):
            for documents in read_documents(location, cursor):
                yield self._document(documents, written)
        else:
            for block in read_lines(location, *place(cursor)):
                yield self.batch(block, written)

    def batch(self, block: Lines, asked: datetime | None = None) -> Batch:
        """What whole lines say, wherever they came from. `asked` dates answers without a post, which are of now."""
        decoded = decode(block.lines, block.first)
        return self._batch(decoded, block.rejects, block.cursor(left=[]), block.position, asked)

    def _document(self, documents: Documents, written: datetime) -> Batch:
        decoded = decode(documents.values, documents.first)
        decoded.ignored -= Counter({"blank line": len(documents.rejects)})  # what is no JSON stands there as nothing
        return self._batch(decoded, documents.rejects, documents.cursor, documents.position, written)

    def _batch(
        self, decoded: Decoded, rejects: list[Reject], cursor: Cursor, position: int, asked: datetime | None
    ) -> Batch:
        tables = self._tables(decoded)
        batch = Batch(
            tables=tables,
            rejects=decoded.rejects + rejects,
            read=decoded.read + len(rejects),
            cursor=cursor,
            position=position,
            ignored=decoded.ignored,
        )
        return self._with_answers(batch, decoded, asked or datetime.now(UTC)) if decoded.answers else batch

    def _with_answers(self, batch: Batch, decoded: Decoded, asked: datetime) -> Batch:
        """A batch with what answers of API v2 say besides."""
        gather = Gather(self.platform, self.name)
        answers = Answers(gather, asked)
        for number, raw, given in decoded.answers:
            answers.read(number, raw, given)
        for name, rows in gather.tables().items():
            batch.tables[name] = pa.concat_tables([batch.tables[name], rows]).combine_chunks()
        batch.rejects = sorted(batch.rejects + gather.rejects, key=lambda reject: reject.line)
        batch.read += gather.read
        batch.ignored += gather.batch.ignored
        batch.unknown = gather.batch.unknown
        return batch

    def _tables(self, decoded: Decoded) -> dict[str, pa.Table]:
        flat = facts.Flat(decoded)
        return {
            "accounts": facts.accounts(flat, self.platform),
            "posts": facts.posts(flat, self.platform),
            "ties": facts.ties(flat, self.platform),
            "media": facts.media(flat, self.platform),
            "states": facts.states(flat, decoded.deletions, self.platform),
        }
