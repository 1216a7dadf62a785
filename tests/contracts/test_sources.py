"""What every source promises, run on all of them and on every packing."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from makers import lines, mixed, write
from seawall.sources import documents, streams, telegram
from seawall.sources import rows as rows_module
from seawall.sources.contract import Batch, Source, SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.mapping import guess
from seawall.sources.matrix import MatrixExport
from seawall.sources.rows import header_of
from seawall.sources.table import TableSource
from seawall.sources.x import XSource, shelf
from sources import (
    bluesky_events,
    facebook_answers,
    forum_pages,
    mastodon_answers,
    telegram_chats,
    vk_answers,
    x_exports,
    youtube_answers,
)
from sources.matrix_events import events

Maker = Callable[[Path, str], tuple[Path, Source]]
ROWS = [
    {
        "author": f"account{n % 7}",
        "text": f"row {n}\nsecond line, with comma"
        if n % 5 == 0
        else f"RT @origin{n % 3}: row {n} #tag https://e.org/{n}",
        "created_at": f"2016-03-{n % 28 + 1:02d} 10:{n % 60:02d}:00",
        "followers": str(n),
    }
    for n in range(400)
]


def _csv() -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ROWS[0])
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().encode()


def _jsonl() -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def _x(folder: Path, ending: str) -> tuple[Path, Source]:
    return write(folder / f"x.jsonl{ending}", lines(mixed(400))), XSource()


def _matrix(folder: Path, ending: str) -> tuple[Path, Source]:
    return write(folder / f"m.jsonl{ending}", lines(events(400))), MatrixExport()


def _table_csv(folder: Path, ending: str) -> tuple[Path, Source]:
    path = write(folder / f"t.csv{ending}", _csv())
    return path, TableSource("x", guess(header_of(path)))


def _table_jsonl(folder: Path, ending: str) -> tuple[Path, Source]:
    path = write(folder / f"t.jsonl{ending}", _jsonl())
    return path, TableSource("x", guess(header_of(path)))


def _table_parquet(folder: Path, ending: str) -> tuple[Path, Source]:
    path = folder / "t.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=50)
    return path, TableSource("x", guess(header_of(path)))


def _table_workbook(folder: Path, _ending: str) -> tuple[Path, Source]:
    path = folder / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([list(ROWS[0]), *(list(row.values()) for row in ROWS)]):
            sheet.write_row(number, 0, row)
    return path, TableSource("x", guess(header_of(path)))


def _x_archived(folder: Path, ending: str) -> tuple[Path, Source]:
    x_exports.folder(folder)
    return write(folder / f"tweets.js{ending}", x_exports.script("tweets", x_exports.many(400))), XSource()


def _x_zip(folder: Path, _ending: str) -> tuple[Path, Source]:
    tweets = x_exports.script("tweets", x_exports.many(399))  # and the account
    return x_exports.archive(folder / "archive.zip", tweets=tweets), XSource()


def _telegram(folder: Path, ending: str) -> tuple[Path, Source]:
    content = json.dumps(telegram_chats.chat(telegram_chats.mixed(400)), indent=1).encode()
    return write(folder / f"result.json{ending}", content), KINDS["telegram"].reader()


def _library(folder: Path, ending: str) -> tuple[Path, Source]:
    return write(folder / f"library.csv{ending}", facebook_answers.library(400)), KINDS["facebook"].reader()


def of_items(kind: str, items: list[dict[str, Any]], *, array: bool = False) -> Maker:
    """How a file of a kind of platform is made of its items: one a line, or as one pretty-printed array."""

    def make(folder: Path, ending: str) -> tuple[Path, Source]:
        content = json.dumps(items, indent=1).encode() if array else lines(items)
        return write(folder / f"{kind}.json{ending}", content), KINDS[kind].reader()

    return make


# Every source: 400 items each. BY_LINE are those that hold one item a line, LISTED those that hold one array.
BY_LINE: dict[str, Maker] = {
    "x": _x,
    "matrix": _matrix,
    "csv": _table_csv,
    "jsonl": _table_jsonl,
    "vk": of_items("vk", vk_answers.mixed(400)),
    "x v2": of_items("x", x_exports.mixed(400)),
    "bluesky": of_items("bluesky", bluesky_events.only_posts(400)),
    "youtube": of_items("youtube", youtube_answers.mixed(400)),
    "mastodon": of_items("mastodon", mastodon_answers.mixed(400)),
    "forum": of_items("forum", forum_pages.mixed(400)),
}
LISTED: dict[str, Maker] = {
    "telegram": _telegram,
    "x v2 list": of_items("x", x_exports.mixed(400), array=True),
    "x archived": _x_archived,
    "vk list": of_items("vk", vk_answers.mixed(400), array=True),
    "facebook list": of_items("facebook", facebook_answers.mixed(400), array=True),
    "youtube list": of_items("youtube", youtube_answers.mixed(400), array=True),
    "mastodon list": of_items("mastodon", mastodon_answers.mixed(400), array=True),
    "forum list": of_items("forum", forum_pages.mixed(400), array=True),
}
CSV = ("csv", "facebook library")
# an item of these may hold the post that it spreads
NESTED = ("x", "x v2", "x v2 list", "vk", "vk list", "mastodon", "mastodon list")
# these pack what they hold themselves
PACKED = {"parquet": _table_parquet, "workbook": _table_workbook, "x zip": _x_zip}
MAKERS = {**BY_LINE, **LISTED, **PACKED}
CASES = [(name, ending) for name in MAKERS for ending in ("", ".gz", ".zst") if name not in PACKED or not ending]


@pytest.fixture(params=CASES, ids="".join)
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Source]:
    _small_blocks(monkeypatch)
    name, ending = request.param
    return MAKERS[name](tmp_path, ending)


def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BLOCK", 4000)
    monkeypatch.setattr(rows_module, "BATCH", 37)
    monkeypatch.setattr(documents, "BATCH", 37)
    monkeypatch.setattr(telegram, "BATCH", 37)
    monkeypatch.setattr(shelf, "PIECE", 16_000)


def _facts(batches: list[Batch]) -> dict[str, list[str]]:
    """Distinct facts, as the lake would keep them."""
    found: dict[str, set[str]] = {}
    for batch in batches:
        for name, table in batch.tables.items():
            found.setdefault(name, set()).update(map(str, table.to_pylist()))
    return {name: sorted(values) for name, values in found.items()}


def test_reading_resumes_at_any_cursor_with_nothing_lost_or_doubled(made: tuple[Path, Source]) -> None:
    path, source = made
    whole = list(source.read(path, None))
    assert len(whole) > 5
    assert sum(batch.read for batch in whole) == 400
    for stop in sorted({0, 1, len(whole) // 2, len(whole) - 2, len(whole) - 1}):
        rest = list(source.read(path, whole[stop].cursor))
        assert sum(batch.read for batch in rest) == sum(batch.read for batch in whole[stop + 1 :])
        assert _posts(whole[: stop + 1] + rest) == _posts(whole)


def _posts(batches: list[Batch]) -> list[str]:
    return [str(row) for batch in batches for row in batch.tables["posts"].to_pylist()]


def test_positions_grow_to_the_size_of_the_file(made: tuple[Path, Source]) -> None:
    path, source = made
    positions = [batch.position for batch in source.read(path, None)]
    assert positions == sorted(positions)
    assert positions[-1] == path.stat().st_size


def test_reading_twice_gives_the_same_facts(made: tuple[Path, Source]) -> None:
    path, source = made
    assert _facts(list(source.read(path, None))) == _facts(list(source.read(path, None)))


@pytest.mark.parametrize("name", BY_LINE)
def test_damaged_lines_are_rejected_with_their_number_and_the_rest_goes_on(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small_blocks(monkeypatch)
    path, source = MAKERS[name](tmp_path, "")
    content = path.read_bytes().split(b"\n")
    clean = sum(batch.read for batch in source.read(path, None))
    at = 301 if name not in CSV else _a_row_start(content)
    content.insert(at, b'{"id": 1, "user": \xff\xfe' if name not in CSV else b'x,"never closed')
    path.write_bytes(b"\n".join(content))
    batches = list(source.read(path, None))
    rejects = [reject for batch in batches for reject in batch.rejects]
    assert [(reject.line, reject.raw) for reject in rejects] == [(at + 1, content[at])]
    assert rejects[0].reason
    assert sum(batch.read for batch in batches) == clean + 1


def _a_row_start(content: list[bytes]) -> int:
    return next(i for i, line in enumerate(content) if i > 200 and line.startswith((b"account", b"post")))


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("name", [*BY_LINE, *LISTED])
def test_a_cut_short_file_gives_what_it_holds_and_says_so(
    name: str, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small_blocks(monkeypatch)
    path, source = MAKERS[name](tmp_path, ending)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.9)])
    batches = list(source.read(path, None))
    rejects = [reject for batch in batches for reject in batch.rejects]
    assert rejects
    assert "cut short" in rejects[-1].reason
    posts = sum(batch.tables["posts"].num_rows for batch in batches)
    loaded = sum(batch.read for batch in batches) - len(rejects)
    assert 0 < loaded <= posts if name in NESTED else loaded == posts
    assert list(source.read(path, batches[-1].cursor)) == []


@pytest.mark.parametrize("name", [*BY_LINE, *LISTED])
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_no_mutation_crashes_and_every_line_is_loaded_or_rejected(name: str, tmp_path: Path, seed: int) -> None:
    path, source = MAKERS[name](tmp_path, "")
    content = bytearray(b"\n".join(path.read_bytes().split(b"\n")[:60]))
    draw = random.Random(seed)
    for _ in range(draw.randint(1, 12)):
        at = draw.randrange(60, len(content))
        what = draw.randrange(4)
        if what == 0:
            content[at] = draw.randrange(256)
        elif what == 1:
            del content[at : at + draw.randint(1, 40)]
        elif what == 2:
            content[at:at] = draw.choice(
                [b'"', b"\n", b"{", b"\x00", b"\xff\xfe", b",,", b"null", b"1e999", b"\\ud800"]
            )
        else:
            content[at:at] = content[60 : 60 + draw.randint(1, 200)]
    target = tmp_path / "mutated"
    target.write_bytes(bytes(content))
    try:
        batches = list(source.read(target, None))
    except SourceError:
        return  # said in words, before anything was read
    for batch in batches:
        assert batch.read >= len(batch.rejects)
        assert all(reject.reason and reject.line >= 1 for reject in batch.rejects)
    assert sum(batch.read for batch in batches) >= sum(len(batch.rejects) for batch in batches)
