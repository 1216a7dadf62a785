"""What a file is by its first bytes, never by its name; what Seawall cannot read is told so before anything is read."""

from __future__ import annotations

import io
import re
from pathlib import Path

from seawall.sources.contract import SourceError
from seawall.sources.streams import DAMAGE, opened
from seawall.sources.workbook import is_workbook

_HEAD = 4096
_BLANK = b"\xef\xbb\xbf \t\r\n"
_UNFIT: tuple[tuple[bytes, str], ...] = (  # how a file begins, what it is, and what to do
    (
        rb"PK\x03\x04[\s\S]*(\[Content_Types\]|xl/)",
        "an Excel or Office file: `seawall load table` reads whole .xlsx; save others as CSV (UTF-8)",
    ),
    (rb"PK(\x03\x04|\x05\x06)", "a .zip archive: unpack it and load what is in it"),
    (rb"\xd0\xcf\x11\xe0", "an old Excel or Office file: save it as .xlsx or CSV (UTF-8)"),
    (rb"[\s\S]{257}ustar", "a .tar archive: unpack it and load what is in it"),
    (rb"%PDF", "a PDF file: ask for the data as CSV or JSON Lines"),
    (
        rb"BZh|\xfd7zXZ|7z\xbc\xaf|Rar!",
        "packed in a way that Seawall does not read: unpack it, or repack it as .gz or .zst",
    ),
    (rb"\xff\xfe|\xfe\xff", "text in UTF-16: convert it with `iconv -f UTF-16 -t UTF-8`"),
)
_NOT_BY_LINE: tuple[tuple[bytes, str], ...] = (
    (rb"\s*\[\s*(\{|\]|$)", "a JSON array; this source reads one object a line: convert it with `jq -c '.[]'`"),
    (rb"\s*\{\s*\n", "JSON spread over many lines; this source reads one object a line: convert it with `jq -c .`"),
)


def head_of(location: Path, *, documents: bool = False) -> bytes:
    """The first bytes of a file, unpacked. Raises SourceError if it is empty, or nothing that a source can read.

    `documents`: the source reads arrays and whole documents as well as lines.
    """
    stream, raw = opened(location)
    with raw, stream:
        try:
            head = stream.read1(_HEAD) if isinstance(stream, io.BufferedReader) else stream.read(_HEAD)
        except DAMAGE as error:
            raise SourceError(f"{location} is damaged from its first bytes on ({error}); get a whole copy") from error
    if not head:
        raise SourceError(f"{location} is empty: there is nothing to load")
    for begins, what in _UNFIT + (() if documents else _NOT_BY_LINE):
        if re.match(begins, head.removeprefix(b"\xef\xbb\xbf")):
            raise SourceError(f"{location} is {what}")
    return head


def kind_of(location: Path) -> str:
    """csv, jsonl, parquet or xlsx. Raises SourceError if it is none of them."""
    if is_workbook(location):
        return "xlsx"
    head = head_of(location)
    if head.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if head.lstrip(_BLANK).startswith(b"{") else "csv"
