"""Sheets of an Excel workbook (.xlsx, .xlsm): values as they were saved. Formulas give what they last came to, and
macros are never looked at.

A workbook is a zip archive, and a small one can claim to be huge: one cell in the last corner of a sheet makes a reader
take half a terabyte. So it is unpacked and its cells are counted, piece by piece, before it is read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum

from seawall.sources.contract import SourceError
from seawall.sources.streams import BAD_ZIP

Value = int | float | str | bool | time | date | datetime | timedelta
MOST_BYTES = 1 << 30  # of the whole workbook, unpacked
MOST_CELLS = 20_000_000  # of one sheet, from its first row and column to its last, empty ones too
_PIECE = 1 << 20
_LONGEST_TAG = 4096
_DAMAGE = (*BAD_ZIP, ValueError)
_LOOKED_AT = 20  # rows in which a sheet's header is looked for: titles may stand above it
_PLACE = re.compile(rb"<(?:\w+:)?(?:c|row)\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]{0,3})(\d+)[\"']")


@dataclass(slots=True)
class Sheet:
    """A sheet with a header. Rows have the numbers that spreadsheet programs show."""

    name: str
    header: dict[str, int]  # named columns, and where in a row they are
    after: int  # the header's row
    height: int  # the last row
    left: dict[str, int]  # the other sheets, which are not read, and how many rows they have
    values: CalamineSheet

    def rows(self, after: int) -> Iterator[tuple[int, list[Value]]]:
        """Rows below the header and below `after`, empty ones too. What cells share that were merged into one column
        stands in each of their rows."""
        merged = {(row, at[1]): at[0] for at, to in self.values.merged_cell_ranges or () for row in range(at[0], to[0])}
        begins = self.values.start[1] if self.values.start else 0
        shared: dict[int, Value] = {}  # by column: what goes on in the next row
        for number, row in enumerate(self.values.iter_rows(), 1):
            if number <= self.after:
                continue
            filled = [shared.get(at, value) if value == "" else value for at, value in enumerate(row)]
            shared = {at: value for at, value in enumerate(filled) if (number - 1, at + begins) in merged}
            if number > after:
                yield number, filled if any(value != "" for value in row) else row


def is_workbook(location: Path) -> bool:
    """Whether a file is a whole workbook in the form that Excel writes since 2007."""
    try:
        with location.open("rb") as stream:
            if stream.read(4) != b"PK\x03\x04":
                return False
        with zipfile.ZipFile(location) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except _DAMAGE:
        return False


def sheet_of(location: Path, named: str | None = None) -> Sheet:
    """The sheet of this name, else the first that has a header.

    Raises SourceError if the workbook is damaged, protected or too large, or has no such sheet.
    """
    _measure(location)
    try:
        with CalamineWorkbook.from_path(location) as book:
            sheets = {
                about.name: book.get_sheet_by_name(about.name)
                for about in book.sheets_metadata
                if about.typ == SheetTypeEnum.WorkSheet
            }
    except (CalamineError, *_DAMAGE) as error:
        raise SourceError(
            f"{location} is a damaged workbook: {error}. Open it in a spreadsheet, save it anew"
        ) from error
    if named is not None and named not in sheets:
        raise SourceError(f"{location.name} has no sheet '{named}'. It has: {', '.join(sheets) or 'none'}.")
    for name in [named] if named is not None else sheets:
        found = _header(sheets[name])
        if found:
            left = {other: sheet.height for other, sheet in sheets.items() if other != name and sheet.height}
            return Sheet(name, found[1], found[0], _height(sheets[name]), left, sheets[name])
    raise SourceError(
        f"{location}: {'that sheet has no' if named else 'none of its sheets has a'} header of two or more"
        f" distinct column names in its first {_LOOKED_AT} rows. Add one."
    )


def _header(sheet: CalamineSheet) -> tuple[int, dict[str, int]] | None:
    """The row of a sheet's header, and its names with their places."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        names = {value.strip(): at for at, value in enumerate(row) if isinstance(value, str) and value.strip()}
        if len(names) > 1 and len(names) == sum(value != "" for value in row):
            return number, names
        if number == _LOOKED_AT:
            break
    return None


def _height(sheet: CalamineSheet) -> int:
    return sheet.end[0] + 1 if sheet.end else 0


def _measure(location: Path) -> None:
    """Unpack a workbook once, keeping nothing. Raises SourceError if it is damaged or larger than can be read."""
    size = 0
    try:
        with zipfile.ZipFile(location) as archive:
            for member in archive.infolist():
                row, column, rest = 1, 1, b""
                with archive.open(member) as stream:
                    while piece := stream.read(_PIECE):
                        size += len(piece)
                        for letters, digits in _PLACE.findall(rest + piece):
                            row, column = max(row, int(digits[:12])), max(column, _column(letters))
                        if size > MOST_BYTES or row * column > MOST_CELLS:
                            raise SourceError(
                                f"{location} unpacks to more than {MOST_BYTES >> 20:,} MB, or a sheet of it spans more"
                                f" than {MOST_CELLS:,} cells: delete what is far from the table, or save it as CSV"
                            )
                        rest = piece[max(piece.rfind(b"<", -_LONGEST_TAG), 0) :][:_LONGEST_TAG]
    except _DAMAGE as error:
        raise SourceError(f"{location} is a damaged workbook: {error}. Get a whole copy of it") from error


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return max(number, 1)
