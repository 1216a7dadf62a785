"""Rows of CSV, JSON Lines, Parquet and workbooks, a batch at a time, each with its line number; damaged lines apart."""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from math import isnan
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from seawall.sources.contract import Cursor, Reject, SourceError
from seawall.sources.sniff import kind_of
from seawall.sources.streams import Lines, place, read_lines
from seawall.sources.workbook import Value, sheet_of

BATCH = 50_000
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
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
    left: dict[str, int] = field(default_factory=dict)  # other sheets of the workbook, and how many rows they have

    def raw_of(self, number: int) -> bytes:
        """A row as it stands in the file; where that holds no lines, its columns as JSON."""
        at = bisect_left(self.numbers, number)
        return self.raw.get(number) or msgspec.json.encode({name: cells[at] for name, cells in self.columns.items()})


def header_of(location: Path, sheet: str | None = None) -> list[str]:
    """The column names of a table; `sheet` of a workbook. Raises SourceError if there are none."""
    kind = kind_of(location)
    if kind == "xlsx":
        return list(sheet_of(location, sheet).header)
    if kind == "parquet":
        return _distinct(list(_parquet(location).schema_arrow.names), location)
    block = next(read_lines(location, 0, 1))
    if not block.lines:
        raise SourceError(f"{location}: its first line cannot be read: {block.rejects[0].reason}")
    if kind == "jsonl":
        return _keys(block.lines)
    return _csv_header(block.lines[0], location)[0]


def read_rows(location: Path, cursor: Cursor | None, wanted: Sequence[str], sheet: str | None = None) -> Iterator[Rows]:
    """The wanted columns of a table from the cursor on. Raises SourceError if the header lacks one of them."""
    kind = kind_of(location)
    if sheet is not None and kind != "xlsx":
        raise SourceError(f"{location.name} is no workbook: leave the sheet '{sheet}' out of the mapping")
    if kind != "jsonl":  # objects may leave keys out; a header may not
        header = header_of(location, sheet)
        for name in wanted:
            if name not in header:
                raise SourceError(f"{location.name} has no column '{name}'. It has: {', '.join(header)}.")
    if kind == "xlsx":
        return _read_workbook(location, cursor, wanted, sheet)
    readers = {"parquet": _read_parquet, "jsonl": _read_jsonl, "csv": _read_csv}
    return readers[kind](location, cursor, wanted)


# JSON Lines ---------------------------------------------------------------------------------------------------


_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _keys(lines: Sequence[bytes]) -> list[str]:
    """Keys of the first lines that are objects, nested ones dotted, in order of first sight."""
    seen: dict[str, None] = {}
    for line in lines[:200]:
        try:
            row = msgspec.json.decode(line)
            if isinstance(row, dict):
                seen.update(dict.fromkeys(_dotted(row)))
        except _NO_JSON:
            continue
    return list(seen)


def _dotted(row: dict[str, object], before: str = "") -> Iterator[str]:
    for key, value in row.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{before}{key}.")
        else:
            yield before + key


def _at_path(row: object, name: str) -> object:
    """What stands at a dotted name. A dot may as well be a letter of a key."""
    if not isinstance(row, dict):
        return None
    if name in row:
        return row[name]
    dots = (at for at, letter in enumerate(name) if letter == ".")
    inside = (_at_path(row.get(name[:at]), name[at + 1 :]) for at in dots)
    return next((found for found in inside if found is not None), None)


def _as_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return number_text(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def number_text(value: float) -> str:
    """A whole number that a float holds exactly as it was written; any other in the form that shows it is a float."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _read_jsonl(location: Path, cursor: Cursor | None, wanted: Sequence[str]) -> Iterator[Rows]:
    for block in read_lines(location, *place(cursor)):
        out = _begin(block)
        rows = []
        for number, line in enumerate(block.lines, block.first):
            if not line.strip():
                out.blank += 1
                continue
            try:
                rows.append(_json_row(line, wanted))
            except _NO_JSON as error:
                why = "nested too deep" if isinstance(error, RecursionError) else str(error)
                out.rejects.append(Reject(number, f"damaged JSON: {why}", line))
                continue
            out.numbers.append(number)
            out.raw[number] = line
        out.read += len(block.lines) - out.blank
        out.columns = _turned(rows, wanted)
        yield out


def _json_row(line: bytes, wanted: Sequence[str]) -> list[str | None]:
    row = msgspec.json.decode(line)
    if not isinstance(row, dict):
        raise msgspec.ValidationError("a row must be an object")
    return [_as_text(_at_path(row, name)) for name in wanted]


def _begin(block: Lines) -> Rows:
    """Rows of a block, none yet but for what the block itself had to give up."""
    return Rows({}, [], list(block.rejects), len(block.rejects), 0, block.cursor(left=[]), block.position)


def _turned(rows: Sequence[Sequence[str | None]], names: Sequence[str]) -> dict[str, list[str | None]]:
    """Rows as columns of these names."""
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {name: [] for name in names}


# CSV ----------------------------------------------------------------------------------------------------------


def _csv_header(line: bytes, location: Path) -> tuple[list[str], str]:
    text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip("\r")
    between = max(",;\t|", key=text.count)
    try:
        names = next(csv.reader([text], delimiter=between))
    except csv.Error as error:
        raise SourceError(f"{location}: its first line is no header: {error}") from error
    return _distinct(names, location), between


def _distinct(names: list[str], location: Path) -> list[str]:
    if len(names) < 2 or len(set(names)) < len(names):
        raise SourceError(
            f"{location}: its first line is no header of distinct column names. "
            "Add a header line, or load it as another kind of export."
        )
    return names


def _read_csv(location: Path, cursor: Cursor | None, wanted: Sequence[str]) -> Iterator[Rows]:
    names, between = _csv_header(next(read_lines(location, 0, 1)).lines[0], location)
    indexes = [names.index(name) for name in wanted]
    left: list[bytes] = []  # lines of a row that has not ended yet
    for block in _with_end(read_lines(location, *place(cursor))):
        out = _begin(block)
        lines, number = left + block.lines, block.first - len(left)
        if number == 1:
            lines, number = lines[1:], 2  # the header
        rows, left = _records(lines, number, len(names), between, out, last=block.last or bool(block.rejects))
        out.cursor = block.cursor(left)
        out.columns = _turned([[row[index] or None for index in indexes] for row in rows], wanted)
        if out.read or out.blank or not block.last:
            yield out


def _with_end(blocks: Iterator[Lines]) -> Iterator[Lines]:
    """Blocks, the last one marked as such, for it gives up waiting for the end of a row."""
    block = None
    for block in blocks:
        yield block
    if block and not block.last:
        yield replace(block, lines=[], first=block.after, rejects=[], last=True)


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
        out.raw[first + i] = lines[i] if end == i + 1 else b"\n".join(lines[i:end])
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
        rows = list(csv.reader([line + "\n" for line in text.split("\n")], delimiter=between))
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
    for name in wanted:
        _check_type(location, file.schema_arrow.field(name))
    done = int(str(cursor["row"])) if cursor else 0
    total, size = max(file.metadata.num_rows, 1), location.stat().st_size
    before = 0
    for batch in _batches(file, wanted) if done < total else ():
        if isinstance(batch, Exception):
            reject = Reject(before + 1, f"the Parquet file is damaged from row {before + 1} on: {batch}", b"")
            yield Rows({name: [] for name in wanted}, [], [reject], 1, 0, {"row": total}, size)
            return
        start, before = before, before + batch.num_rows
        if before > done:
            yield _parquet_rows(batch, start, {"row": before}, size * before // total)


def _batches(file: pq.ParquetFile, wanted: Sequence[str]) -> Iterator[pa.RecordBatch | Exception]:
    """Batches of rows; then, if no more can be read, the error that says why."""
    try:
        yield from file.iter_batches(BATCH, columns=list(wanted))
    except (pa.ArrowException, OSError) as error:
        yield error


def _check_type(location: Path, column: pa.Field) -> None:
    try:
        if pa.types.is_nested(column.type):
            raise pa.ArrowNotImplementedError
        pa.nulls(0, column.type).cast(pa.string())
    except pa.ArrowNotImplementedError as error:
        raise SourceError(
            f"{location.name}: column '{column.name}' holds {column.type}, but a column must hold texts, numbers or "
            "times. Write it as text, or leave it out of the mapping (--map)."
        ) from error


def _parquet_rows(batch: pa.RecordBatch, before: int, cursor: Cursor, position: int) -> Rows:
    bad: dict[int, str] = {}
    out = Rows({}, list(range(before + 1, before + batch.num_rows + 1)), [], batch.num_rows, 0, cursor, position)
    out.columns = {name: _texts(batch.column(name), name, bad) for name in batch.schema.names}
    if bad:
        out.rejects = [Reject(out.numbers[at], why, out.raw_of(out.numbers[at])) for at, why in bad.items()]
        kept = [at for at in range(batch.num_rows) if at not in bad]
        out.columns = {name: [values[at] for at in kept] for name, values in out.columns.items()}
        out.numbers = [out.numbers[at] for at in kept]
    return out


def _texts(column: pa.Array, name: str, bad: dict[int, str]) -> list[str | None]:
    """A column as texts; rows whose cell is none are noted in `bad`, with the reason."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind):
        ticks = column.cast(pa.int64()).to_pylist()
        return [None if tick is None else _moment(tick, kind) for tick in ticks]
    if pa.types.is_floating(kind):
        return [None if value is None or isnan(value) else number_text(value) for value in column.to_pylist()]
    try:
        return [value or None for value in column.cast(pa.string()).to_pylist()]
    except (pa.ArrowInvalid, UnicodeDecodeError):
        cells = column.cast(pa.large_binary()).to_pylist()
        return [_cell(cell, at, name, bad) for at, cell in enumerate(cells)]


def _moment(ticks: int, kind: pa.TimestampType) -> str:
    """ISO 8601, in UTC; a time that no calendar has as its bare number."""
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks * 1_000_000 // _PER_SECOND[kind.unit])
    except OverflowError:
        return str(ticks)
    return moment.isoformat() if kind.tz else moment.replace(tzinfo=None).isoformat()


def _cell(cell: bytes | None, at: int, name: str, bad: dict[int, str]) -> str | None:
    try:
        return cell.decode() or None if cell else None
    except UnicodeDecodeError as error:
        bad[at] = f"column '{name}' is not UTF-8 at byte {error.start}"
        return error.object.decode("utf-8", "backslashreplace")


# Workbooks ----------------------------------------------------------------------------------------------------


def _read_workbook(location: Path, cursor: Cursor | None, wanted: Sequence[str], named: str | None) -> Iterator[Rows]:
    sheet = sheet_of(location, named)
    places = [sheet.header[name] for name in wanted]
    size, done = location.stat().st_size, int(str(cursor["row"])) if cursor else sheet.after
    out, rows, seen = Rows({}, [], [], 0, 0, {}, 0, left={} if cursor else sheet.left), [], 0
    for number, values in sheet.rows(done):
        seen += 1
        if any(value != "" for value in values):
            rows.append([_value_text(values[at]) for at in places])
            out.numbers.append(number)
        else:
            out.blank += 1
        if seen == BATCH or number == sheet.height:
            out.columns, out.read = _turned(rows, wanted), len(rows)
            out.cursor, out.position = {"row": number}, size * number // sheet.height
            yield out
            out, rows, seen = Rows({}, [], [], 0, 0, {}, 0), [], 0


def _value_text(value: Value) -> str | None:
    """A cell as text: times in ISO 8601, lengths of time in seconds."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return _as_text(value.total_seconds() if isinstance(value, timedelta) else value)
