"""Workbooks: sheets, values as they were saved, and files that are damaged or claim to be huge."""

from __future__ import annotations

import io
import random
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from datetime import time as clock
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from seawall.sources import rows as rows_module
from seawall.sources import workbook
from seawall.sources.contract import Batch, SourceError
from seawall.sources.mapping import Mapping, guess, read_mapping
from seawall.sources.rows import Rows, header_of, read_rows
from seawall.sources.table import TableSource

HEADER = ["author", "text", "time"]
DAY = datetime(2016, 3, 1, 10, 5, 30)


def _book(path: Path, **sheets: Callable[[Any, Any], None]) -> Path:
    """A workbook as a spreadsheet program writes it."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        for name, fill in sheets.items():
            fill(book.add_worksheet(name), book)
    return path


def _posts(*rows: list[Any], at: tuple[int, int] = (0, 0)) -> Callable[[Any, Any], None]:
    def fill(sheet: Any, _book: Any) -> None:
        for number, row in enumerate([HEADER, *rows]):
            for place, value in enumerate(row):
                if value is not None:
                    sheet.write(at[0] + number, at[1] + place, value)

    return fill


def _rows(path: Path, *wanted: str, sheet: str | None = None) -> Rows:
    (found,) = read_rows(path, None, wanted or HEADER, sheet)
    return found


def _changed(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    """The same workbook with one of its files changed."""
    with zipfile.ZipFile(path) as book:
        files = {name: book.read(name) for name in book.namelist()}
    files[member] = change(files.get(member, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in files.items():
            book.writestr(name, content)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_a_sheet_is_a_table_of_posts(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", posts=_posts(["anna", "hello #one @bert", DAY], ["bert", "no", DAY]))
    assert header_of(path) == HEADER
    (batch,) = TableSource("x", guess(header_of(path))).read(path, None)
    found = batch.tables["posts"].to_pylist()
    assert [(p["account_id"], p["text"], p["hashtags"]) for p in found] == [
        ("anna", "hello #one @bert", ["one"]),
        ("bert", "no", []),
    ]
    assert found[0]["at"].isoformat() == "2016-03-01T10:05:30+00:00"
    assert (batch.read, batch.rejects, batch.ignored) == (2, [], {})


def test_values_are_texts_as_they_were_saved(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.write_row(0, 0, ["whole", "part", "id", "day", "clock", "yes", "sum", "bad"])
        sheet.write_row(1, 0, [17, 1.5, 570000000000000000])
        sheet.write_datetime(1, 3, date(2016, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write_datetime(1, 4, clock(10, 5), book.add_format({"num_format": "hh:mm"}))
        sheet.write(1, 5, True)
        sheet.write_formula(1, 6, "=1+1", None, 2)
        sheet.write_formula(1, 7, "=1/0", None, "#DIV/0!")

    path = _book(tmp_path / "a.xlsx", one=fill)
    found = _rows(path, *header_of(path)).columns
    assert {name: cells[0] for name, cells in found.items()} == {
        "whole": "17",
        "part": "1.5",
        "id": "5.7e+17",
        "day": "2016-03-01",
        "clock": "10:05:00",
        "yes": "true",
        "sum": "2",
        "bad": None,
    }


def test_an_id_that_the_spreadsheet_rounded_is_rejected(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", posts=_posts([570000000000000123, "words", DAY]))
    (batch,) = TableSource("x", Mapping({"account_id": "author", "text": "text", "at": "time"})).read(path, None)
    assert [(r.line, r.reason) for r in batch.rejects] == [
        (2, "the id was rounded by a spreadsheet: export ids as text")
    ]


def test_titles_above_a_table_and_a_table_that_stands_elsewhere(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        sheet.merge_range("C3:E3", "A title", book.add_format())
        _posts(["anna", "hello", DAY], [None, None, None], ["bert", "no", DAY], at=(4, 2))(sheet, book)

    found = _rows(_book(tmp_path / "a.xlsx", one=fill))
    assert (found.columns["author"], found.numbers, found.read, found.blank) == (["anna", "bert"], [6, 8], 2, 1)


def test_the_first_sheet_with_a_header_is_read_and_the_others_are_told(tmp_path: Path) -> None:
    def note(sheet: Any, _book: Any) -> None:
        sheet.write(0, 0, "only a note")

    path = _book(tmp_path / "a.xlsx", notes=note, first=_posts(["anna", "a", DAY]), second=_posts(["bert", "b", DAY]))
    assert _rows(path).columns["author"] == ["anna"]
    assert _rows(path, sheet="second").columns["author"] == ["bert"]
    (batch,) = TableSource("x", guess(header_of(path))).read(path, None)
    assert batch.ignored == {
        "row of sheet 'notes': its name is not in the mapping": 1,
        "row of sheet 'second': its name is not in the mapping": 2,
    }
    toml = tmp_path / "map.toml"
    toml.write_text('sheet = "second"\n[columns]\nhandle = "author"\ntext = "text"\nat = "time"\n')
    mapping = read_mapping(toml)
    (batch,) = TableSource("x", mapping).read(path, None)
    assert batch.tables["posts"]["handle"].to_pylist() == ["bert"]
    toml.write_text(mapping.as_toml())
    assert read_mapping(toml) == mapping
    with pytest.raises(SourceError, match=r"has no sheet 'third'\. It has: notes, first, second"):
        header_of(path, "third")
    with pytest.raises(SourceError, match="that sheet has no header"):
        header_of(path, "notes")


def test_a_sheet_is_named_for_workbooks_only(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("author,text,time\n")
    with pytest.raises(SourceError, match="is no workbook: leave the sheet 'posts' out"):
        read_rows(path, None, HEADER, "posts")


def test_merged_cells_stand_in_all_their_rows(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        _posts([None, "one", DAY], [None, "two", DAY], [None, "three", DAY], ["bert", "four", DAY])(sheet, book)
        sheet.merge_range("A2:A4", "anna", book.add_format())

    path = _book(tmp_path / "a.xlsx", one=fill)
    assert _rows(path).columns["author"] == ["anna", "anna", "anna", "bert"]
    rest = list(read_rows(path, {"row": 3}, HEADER))
    assert [(rows.columns["author"], rows.numbers) for rows in rest] == [(["anna", "bert"], [4, 5])]


def test_a_header_of_two_rows_is_no_value_of_the_second(tmp_path: Path) -> None:
    def fill(sheet: Any, book: Any) -> None:
        _posts([None, "one", DAY])(sheet, book)
        sheet.merge_range("A1:A2", "author", book.add_format())

    assert _rows(_book(tmp_path / "a.xlsx", one=fill)).columns["author"] == [None]


def test_macros_are_not_looked_at(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsm", one=_posts(["anna", "a", DAY]))
    assert _rows(_changed(path, "xl/vbaProject.bin", lambda _: b"\xd0\xcf\x11\xe0 macros")).read == 1


def test_a_cut_or_changed_workbook_is_damaged(tmp_path: Path) -> None:
    path = _book(tmp_path / "a.xlsx", one=_posts(["anna", "a", DAY]))
    content = bytearray(path.read_bytes())
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match=r"reads whole \.xlsx"):
        header_of(path)
    content[content.index(b"sheet1.xml") + 40] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SourceError, match="damaged workbook"):
        header_of(path)


@pytest.mark.parametrize("piece", [1 << 20, *range(20, 90, 7)])
def test_a_sheet_that_spans_too_much_is_refused_before_it_is_read(
    piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever the pieces end that it is measured by."""
    path = _changed(
        _book(tmp_path / "a.xlsx", one=_posts(["anna", "a", DAY])),
        SHEET,
        lambda sheet: sheet.replace(b'r="A2"', b'r="ZZ3000"'),
    )
    assert workbook.MOST_CELLS * 32 < 1 << 30  # bytes that the reader takes for them
    monkeypatch.setattr(workbook, "MOST_CELLS", 2_000_000)
    monkeypatch.setattr(workbook, "_PIECE", piece)
    with pytest.raises(SourceError, match="than 2,000,000 cells"):
        header_of(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _changed(_book(tmp_path / "a.xlsx", one=_posts()), "xl/more.xml", lambda _: bytes(300_000))
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(workbook, "MOST_BYTES", 200_000)
    with pytest.raises(SourceError, match="unpacks to more than"):
        header_of(path)


def test_no_mutation_crashes(tmp_path: Path) -> None:
    """In a process of its own: a reader that takes too much memory does not raise, it aborts."""
    rows = [[f"a{n}", f"text {n}", DAY] for n in range(30)]
    path = _book(tmp_path / "a.xlsx", one=_posts(*rows), two=_posts(*rows))
    ran = subprocess.run(
        [sys.executable, __file__, str(path), "300"], check=False, capture_output=True, text=True, timeout=240
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    refused, read = map(int, ran.stdout.split())
    assert refused > 20
    assert read > 20


def _mutate(content: bytes, draw: random.Random) -> bytes:
    """Bytes of the archive changed; or of a file in it, so that the archive itself is sound."""
    if draw.random() < 0.3:
        return _scratched(content, draw)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as book, zipfile.ZipFile(packed, "w") as out:
        names = [n for n in book.namelist() if n.startswith("xl/") or draw.random() < 0.2]
        chosen = draw.choice(names)
        for name in book.namelist():
            out.writestr(name, _scratched(book.read(name), draw) if name == chosen else book.read(name))
    return packed.getvalue()


def _scratched(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(changed))
        what = draw.randrange(3)
        if what == 0:
            changed[at] = draw.choice(b'0123456789<>"/AZaz \x00\xff')
        elif what == 1:
            del changed[at : at + draw.randint(1, 30)]
        else:
            changed[at:at] = changed[at : at + draw.randint(1, 60)]
    return bytes(changed)


def _fuzz(path: Path, count: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    content, source = path.read_bytes(), TableSource("x", guess(HEADER))
    target, refused, read = path.with_name("mutated"), 0, 0
    for seed in range(count):
        target.write_bytes(_mutate(content, random.Random(seed)))
        try:
            batches: list[Batch] = list(source.read(target, None))
        except SourceError:
            refused += 1
        else:
            assert all(reject.reason for batch in batches for reject in batch.rejects)
            read += 1
    print(refused, read)


def test_it_goes_on_at_any_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BATCH", 7)
    rows = [[f"a{n}", f"text {n}", DAY] if n % 5 else [None, None, None] for n in range(1, 41)]
    path = _book(tmp_path / "a.xlsx", one=_posts(*rows))
    source = TableSource("x", guess(HEADER))
    whole = list(source.read(path, None))
    assert (len(whole), sum(batch.read for batch in whole)) == (6, 32)
    for at, batch in enumerate(whole):
        rest = list(source.read(path, batch.cursor))
        assert [b.tables["posts"] for b in whole[at + 1 :]] == [b.tables["posts"] for b in rest]


if __name__ == "__main__":
    _fuzz(Path(sys.argv[1]), int(sys.argv[2]))
