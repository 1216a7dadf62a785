"""Rows of CSV, JSON Lines and Parquet, a batch at a time, each row with its line number; damaged lines apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from seawall.sources.contract import Cursor, Reject, SourceError
from seawall.sources.streams import DAMAGE, Lines, opened, read_lines

BATCH = 50_000
_LONGEST_ROW = 2_000  # physical lines a quoted field may span before its quote counts as never closed


@dataclass(slots=True)
class Rows:
    """Rows as columns of text (null where empty), with the line each began on."""

    columns: dict[str, list[str | None]]
    numbers: list[int]
    rejects: list[Reject]
    read: int
    blank: int
    cursor: Cursor
    position: int
    raw: dict[int, bytes] = field(default_factory=dict)


def header_of(location: Path) -> list[str]:
    """The column names of a table. Raises SourceError if there are none."""
    kind = kind_of(location)
    if kind == "parquet":
        return list(_parquet(location).schema_arrow.names)
    block = next(read_lines(location, 0, 1), None)
    if block is None or not block.lines:
        raise SourceError(f"{location} is empty")
    if kind == "jsonl":
        return _keys(block.lines)
    return _csv_header(block.lines[0], location)[0]


def read_rows(location: Path, cursor: Cursor | None, wanted: Sequence[str]) -> Iterator[Rows]:
    """The wanted columns of a table from the cursor on. Raises SourceError if the header lacks one of them."""
    if kind_of(location) != "jsonl":  # objects may leave keys out; a header may not
        header = header_of(location)
        for name in wanted:
            if name not in header:
                raise SourceError(f"{location.name} has no column '{name}'. It has: {', '.join(header)}.")
    readers = {"parquet": _read_parquet, "jsonl": _read_jsonl, "csv": _read_csv}
    return readers[kind_of(location)](location, cursor, wanted)


def kind_of(location: Path) -> str:
    """csv, jsonl or parquet, by the file's first bytes; never by its name. Raises SourceError if unreadable."""
    stream, raw = opened(location)
    with raw, stream:
        try:
            head = stream.read1(4096) if isinstance(stream, io.BufferedReader) else stream.read(4096)
        except DAMAGE as error:
            raise SourceError(f"{location} is damaged from its first bytes on ({error})") from error
    if head.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "csv"


# JSON Lines ---------------------------------------------------------------------------------------------------


def _keys(lines: Sequence[bytes]) -> list[str]:
    """Keys of the first lines that are objects, nested ones dotted, in order of first sight."""
    seen: dict[str, None] = {}
    for line in lines[:200]:
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(row, dict):
            seen.update(dict.fromkeys(_dotted(row)))
    return list(seen)


def _dotted(row: dict[str, object], before: str = "") -> Iterator[str]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{before}{key}.")
        else:
            yield before + key


def _at_path(row: object, path: Sequence[str]) -> str | None:
    for key in path:
        if not isinstance(row, dict):
            return None
        row = row.get(key)
    if row is None or row == "":
        return None
    return row if isinstance(row, str) else msgspec.json.encode(row).decode()


def _read_jsonl(location: Path, cursor: Cursor | None, wanted: Sequence[str]) -> Iterator[Rows]:
    offset, first = (int(str(cursor["offset"])), int(str(cursor["line"]))) if cursor else (0, 1)
    paths = {name: name.split(".") for name in wanted}
    for block in read_lines(location, offset, first):
        out = _begin(block)
        decoded = []
        for number, line in enumerate(block.lines, block.first):
            if not line.strip():
                out.blank += 1
                continue
            try:
                row = msgspec.json.decode(line)
                if not isinstance(row, dict):
                    raise msgspec.ValidationError("a row must be an object")
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                out.rejects.append(Reject(number, f"damaged JSON: {error}", line))
                continue
            decoded.append(row)
            out.numbers.append(number)
            out.raw[number] = line
        out.columns = {name: [_at_path(row, path) for row in decoded] for name, path in paths.items()}
        _finish(out, block)
        yield out


def _begin(block: Lines) -> Rows:
    cursor: Cursor = {"offset": block.end, "line": block.first + len(block.lines)}
    return Rows({}, [], [], 0, 0, cursor, block.position)


def _finish(out: Rows, block: Lines) -> None:
    out.read = len(block.lines) - out.blank
    if block.damage:
        _reject_damage(out, block)


def _reject_damage(out: Rows, block: Lines) -> None:
    last = block.first + max(len(block.lines) - 1, 0)
    out.rejects = [reject for reject in out.rejects if reject.line != last]
    out.rejects.append(Reject(last, str(block.damage), block.lines[-1] if block.lines else b""))
    out.read = max(out.read, 1)
    if out.numbers and out.numbers[-1] == last:
        out.numbers.pop()
        for values in out.columns.values():
            values.pop()


# CSV ----------------------------------------------------------------------------------------------------------


def _csv_header(line: bytes, location: Path) -> tuple[list[str], str]:
    text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip("\r")
    between = max(",;\t|", key=text.count)
    names = next(csv.reader([text], delimiter=between))
    if len(names) < 2 or len(set(names)) < len(names):
        raise SourceError(
            f"{location}: its first line is no header of distinct column names. "
            "Add a header line, or load it as another kind of export."
        )
    return names, between


def _read_csv(location: Path, cursor: Cursor | None, wanted: Sequence[str]) -> Iterator[Rows]:
    first_block = next(read_lines(location, 0, 1))
    names, between = _csv_header(first_block.lines[0], location)
    start = len(first_block.lines[0]) + 1
    offset, first = (int(str(cursor["offset"])), int(str(cursor["line"]))) if cursor else (start, 2)
    indexes = {name: names.index(name) for name in wanted}
    left: list[bytes] = []
    for block in read_lines(location, offset, first):
        number = block.first - len(left)
        lines = left + block.lines
        out = _begin(block)
        rows, left = _records(lines, number, len(names), between, out, last=False)
        if block.damage:
            left = []
        _keep(out, rows, indexes, wanted)
        out.cursor = {
            "offset": block.end - sum(len(line) + 1 for line in left),
            "line": block.first + len(block.lines) - len(left),
        }
        if block.damage:
            _reject_damage(out, block)
        yield out
        offset, number = block.end, block.first + len(block.lines)
    if left:
        out = Rows({}, [], [], 0, 0, {"offset": offset, "line": number}, location.stat().st_size)
        rows, _ = _records(left, number - len(left), len(names), between, out, last=True)
        _keep(out, rows, indexes, wanted)
        yield out


def _keep(out: Rows, rows: list[list[str]], indexes: dict[str, int], wanted: Sequence[str]) -> None:
    turned = list(zip(*rows, strict=True)) if rows else []
    out.columns = {name: [value or None for value in turned[indexes[name]]] if turned else [] for name in wanted}


def _records(
    lines: list[bytes], first: int, width: int, between: str, out: Rows, *, last: bool
) -> tuple[list[list[str]], list[bytes]]:
    """Rows out of physical lines. A row that does not parse costs its first line only; the next line starts anew.

    Returns the rows and the lines of a row that is not complete yet (none when these are the last lines).
    """
    rows: list[list[str]] = []
    i, count = 0, len(lines)
    while i < count:
        if not lines[i].strip(b"\r"):
            out.blank += 1
            i += 1
            continue
        end = _end_of_record(lines, i)
        if end is None and not last and count - i < _LONGEST_ROW:
            return rows, lines[i:]
        out.read += 1
        row, why = (None, "a quote is never closed") if end is None else _record(lines[i:end], width, between)
        if row is None:
            out.rejects.append(Reject(first + i, f"damaged CSV: {why}", lines[i]))
            i += 1
            continue
        rows.append(row)
        out.numbers.append(first + i)
        out.raw[first + i] = lines[i]
        i = end or count
    return rows, []


def _end_of_record(lines: list[bytes], start: int) -> int | None:
    quotes = 0
    for i in range(start, min(len(lines), start + _LONGEST_ROW)):
        quotes += lines[i].count(b'"')
        if quotes % 2 == 0:
            return i + 1
    return None


def _record(lines: list[bytes], width: int, between: str) -> tuple[list[str] | None, str]:
    try:
        text = b"\n".join(lines).decode("utf-8")
        rows = list(csv.reader([text] if len(lines) == 1 else text.splitlines(keepends=True), delimiter=between))
    except UnicodeDecodeError as error:
        return None, f"not UTF-8 at byte {error.start}"
    except csv.Error as error:
        return None, str(error)
    if len(rows) != 1:
        return None, "a quote is out of place"
    if len(rows[0]) != width:
        return None, f"{len(rows[0])} columns where the header has {width}"
    return rows[0], ""


# Parquet ------------------------------------------------------------------------------------------------------


def _parquet(location: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(location)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{location} is no readable Parquet file: {error}") from error


def _read_parquet(location: Path, cursor: Cursor | None, wanted: Sequence[str]) -> Iterator[Rows]:
    file = _parquet(location)
    done = int(str(cursor["row"])) if cursor else 0
    total, size = max(file.metadata.num_rows, 1), location.stat().st_size
    before = 0
    try:
        for batch in file.iter_batches(BATCH, columns=list(wanted)):
            start, before = before, before + batch.num_rows
            if before <= done:
                continue
            numbers = list(range(start + 1, before + 1))
            columns = {name: _texts(batch.column(name)) for name in wanted}
            yield Rows(columns, numbers, [], len(numbers), 0, {"row": before}, size * before // total)
    except (pa.ArrowException, OSError) as error:
        reject = Reject(before + 1, f"the Parquet file is damaged from row {before + 1} on: {error}", b"")
        yield Rows({name: [] for name in wanted}, [], [reject], 1, 0, {"row": total}, size)


def _texts(column: pa.Array) -> list[str | None]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz))
        return [value.isoformat() if value is not None else None for value in column.to_pylist()]
    return [value or None for value in column.cast(pa.string()).to_pylist()]
