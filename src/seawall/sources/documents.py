"""JSON values of a file, however it holds them: one a line, as an array, as one document, or in a script of an archive.

Platforms give pages, arrays and pretty-printed documents as often as lines. What cannot be read costs only itself: a
damaged element of an array is a reject, and the elements around it are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import msgspec

from seawall.sources.contract import Cursor, Reject
from seawall.sources.sniff import head_of
from seawall.sources.streams import place, read_lines, read_whole

MOST_BYTES = 1 << 30  # of a file that is one document: it is read at once
BATCH = 20_000  # elements of an array that go into one stretch
_BLANK = b"\xef\xbb\xbf \t\r\n"
_SCRIPT = re.compile(rb"\s*(?:window\.|var |let |const )[\w.$\[\]\"' ]+=\s*")  # an archive's file is a script
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(slots=True)
class Documents:
    """Some values of a file as they stand there; the first is number `first` of the file, counted from 1."""

    values: list[bytes]
    first: int
    cursor: Cursor
    position: int
    rejects: list[Reject] = field(default_factory=list)  # what is no JSON; counted as read


def read_documents(location: Path, cursor: Cursor | None) -> Iterator[Documents]:
    """The values from the cursor on (None: from the start).

    Raises SourceError if the file cannot be opened, is empty, or is one document of more than MOST_BYTES.
    """
    head_of(location, documents=True)
    if _by_line(location):
        yield from _lines(location, cursor)
    else:
        yield from _whole(location, cursor)


def _by_line(location: Path) -> bool:
    """Whether a file holds a value a line: its first line is one, or others are where it is damaged."""
    block = next(read_lines(location, 0, 1))
    lines = [line for line in block.lines[:200] if line.strip(_BLANK)]
    if not lines or not lines[0].lstrip(_BLANK).startswith(b"{"):
        return False
    if _is_json(lines[0]) or (len(lines) > 1 and lines[1].startswith(b"{")):
        return True
    whole = (line for line in lines[1:] if line.startswith(b"{") and _is_json(line))  # the first may be in two pieces
    return len(list(islice(whole, 2))) == 2


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line.strip(_BLANK))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _lines(location: Path, cursor: Cursor | None) -> Iterator[Documents]:
    for block in read_lines(location, *place(cursor)):
        values = [line if line.strip() else b"" for line in block.lines]
        if block.first == 1 and values:
            values[0] = values[0].removeprefix(_BLANK[:3])
        yield Documents(values, block.first, block.cursor(left=[]), block.position, list(block.rejects))


def _whole(location: Path, cursor: Cursor | None) -> Iterator[Documents]:
    done = int(str(cursor["element"])) if cursor else 0
    content, damage = read_whole(location, MOST_BYTES)
    values, rejects = values_of(content)
    if damage:
        rejects.append(Reject(len(values) + len(rejects) + 1, damage, b""))
    count, size = len(values) + len(rejects), location.stat().st_size
    gone = {reject.line for reject in rejects}
    numbers = [number for number in range(1, count + 1) if number not in gone]
    kept = dict(zip(numbers, values, strict=True))
    for start in range(done, count, BATCH):
        end = min(start + BATCH, count)
        some = [kept.get(number, b"") for number in range(start + 1, end + 1)]
        bad = [reject for reject in rejects if start < reject.line <= end]
        yield Documents(some, start + 1, {"element": end}, size * end // count, bad)


def values_of(content: bytes) -> tuple[list[bytes], list[Reject]]:
    """The elements of an array, or the one value there is; and, apart, what of it is damaged.

    Values and rejects are numbered together, in their order, from 1.
    """
    begins = _SCRIPT.match(content)
    body = content[begins.end() if begins else 0 :].strip(_BLANK).rstrip(b"; \t\r\n")
    if not body:
        return [], []
    try:
        return ([bytes(raw) for raw in _elements(body)] if body.startswith(b"[") else [_checked(body)]), []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return salvage(body, str(error))


def _checked(body: bytes) -> bytes:
    msgspec.json.decode(body)
    return body


# Damaged documents --------------------------------------------------------------------------------------------------

_scan = json.JSONDecoder(strict=False).raw_decode
_NEXT = re.compile(r"\}\s*,\s*(?=\{)|\]\s*,\s*(?=\[)|\n(?=\{)")
_GAP = re.compile(r"[\s,]*")
_CLOSING = "]}, \t\r\n"
_DEEPEST = 6  # nested lists and objects that are looked into for what is whole


def salvage(body: bytes, why: str) -> tuple[list[bytes], list[Reject]]:
    """What is whole of a damaged document. Its damaged elements are rejects, the document around them is mended."""
    text = body.decode("utf-8", "surrogateescape")
    broken: list[tuple[int, int, str]] = []
    try:
        found = _all_of(text, broken) if text.startswith(("[", "{")) else []
    except RecursionError:
        found = []
    if not found:
        return [], [Reject(1, f"damaged JSON: {why}", body)]
    order = sorted([(at, value, None) for at, value in found] + [(at, end, cause) for at, end, cause in broken],
                   key=lambda item: item[0])  # fmt: skip
    values, rejects = [], []
    for number, (at, value, cause) in enumerate(order, 1):
        if cause is None:
            values.append(json.dumps(value, ensure_ascii=True).encode())
        else:
            raw = text[at : int(str(value))].encode("utf-8", "surrogateescape")
            rejects.append(Reject(number, f"damaged JSON: {cause}", raw))
    return values, rejects


def _all_of(text: str, broken: list[tuple[int, int, str]]) -> list[tuple[int, object]]:
    """All that is whole. What looks like the document's end and is not ends a part of it, or another one follows."""
    found: list[tuple[int, object]] = []
    begin = 0
    while begin < len(text):
        if text.startswith("["):
            elements, end = _list(text, begin - 1 if begin else 0, broken)
            found += elements
        else:
            mended, end = _object(text, begin, broken, 0)
            found += [(begin, mended)] if mended else []
        begin = _resync(text, end - 1)
        if text[end:begin].strip(_CLOSING):
            broken.append((end, begin, "a part of something that is damaged"))
    return found


def _list(text: str, at: int, broken: list[tuple[int, int, str]]) -> tuple[list[tuple[int, object]], int]:
    """Whole elements of the list that begins at `at`, each with its place, and where the list ends."""
    found: list[tuple[int, object]] = []
    at = _past(text, at + 1)
    while at < len(text) and text[at] not in "]}":
        try:
            value, end = _value(text, at)
        except ValueError as error:
            after = _resync(text, at)
            broken.append((at, after, _cause(error)))
            end = after
        else:
            found.append((at, value))
        at = _past(text, end)
    return found, at + 1


def _object(text: str, at: int, broken: list[tuple[int, int, str]], deep: int) -> tuple[dict[str, object], int]:
    """The whole members of the object that begins at `at`; of a damaged list or object inside, its whole parts."""
    mended: dict[str, object] = {}
    at = _past(text, at + 1)
    while at < len(text) and text[at] == '"':
        try:
            name, end = _scan(text, at)
            at = _past(text, _colon(text, end))
        except ValueError as error:
            broken.append((at, len(text), _cause(error)))
            return mended, len(text)
        try:
            mended[name], end = _value(text, at)
        except ValueError as error:
            inside = text[at : at + 1]
            if inside == "[" and deep < _DEEPEST:
                elements, end = _list(text, at, broken)
                mended[name] = [value for _, value in elements]
            elif inside == "{" and deep < _DEEPEST:
                mended[name], end = _object(text, at, broken, deep + 1)
            else:
                broken.append((at, len(text), _cause(error)))
                return mended, len(text)
        at = _past(text, end)
    return mended, at + 1


def _value(text: str, at: int) -> tuple[object, int]:
    """A whole value. Raises ValueError if it is none, or holds bytes that are no UTF-8."""
    value, end = _scan(text, at)
    if not text.isascii():
        text[at:end].encode("utf-8")  # an escaped byte is no text
    return value, end


def _resync(text: str, at: int) -> int:
    """Where the next element that can be read begins, after a damaged one."""
    for match in _NEXT.finditer(text, at + 1):
        try:
            _value(text, match.end())
        except ValueError:
            continue
        return match.end()
    return len(text)


def _past(text: str, at: int) -> int:
    match = _GAP.match(text, at)
    return match.end() if match else at


def _colon(text: str, at: int) -> int:
    match = re.compile(r"\s*:\s*").match(text, at)
    if not match:
        raise ValueError("a name without a value")
    return match.end()


def _cause(error: ValueError) -> str:
    return "bytes that are no UTF-8" if isinstance(error, UnicodeError) else str(error).partition(": line")[0]
