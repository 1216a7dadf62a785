"""What every source promises, run on all of them and on every packing."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from makers import lines, mixed, write
from seawall.records.facts import POSTS, TABLES
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

Items = list[Any]
Order = Callable[[Items], Items]  # what is done with the items before they are written
Maker = Callable[[Path, str, Order], tuple[Path, Source]]
# of each source, as settings of the environment: `make soak` runs many more than `make test`
MUTATIONS, FIRST_SEED = int(os.environ.get("SEAWALL_MUTATIONS", "10")), int(os.environ.get("SEED", "1"))


def as_they_are(items: Items) -> Items:
    return items


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


def _csv(rows: Items) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _x(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    return write(folder / f"x.jsonl{ending}", lines(order(mixed(400)))), XSource()


def _matrix(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    return write(folder / f"m.jsonl{ending}", lines(order(events(400)))), MatrixExport()


def _table_csv(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    path = write(folder / f"t.csv{ending}", _csv([list(ROWS[0]), *order([list(row.values()) for row in ROWS])]))
    return path, TableSource("x", guess(header_of(path)))


def _table_jsonl(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    path = write(folder / f"t.jsonl{ending}", lines(order(ROWS)))
    return path, TableSource("x", guess(header_of(path)))


def _table_parquet(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    path = folder / "t.parquet"
    pq.write_table(pa.Table.from_pylist(order(ROWS)), path, row_group_size=50)
    return path, TableSource("x", guess(header_of(path)))


def _table_workbook(folder: Path, _ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    path = folder / "t.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([list(ROWS[0]), *(list(row.values()) for row in order(ROWS))]):
            sheet.write_row(number, 0, row)
    return path, TableSource("x", guess(header_of(path)))


def _x_archived(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    x_exports.folder(folder)
    return write(folder / f"tweets.js{ending}", x_exports.script("tweets", order(x_exports.many(400)))), XSource()


def _x_zip(folder: Path, _ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    tweets = x_exports.script("tweets", order(x_exports.many(399)))  # and the account
    return x_exports.archive(folder / "archive.zip", tweets=tweets), XSource()


def _telegram(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    content = json.dumps(telegram_chats.chat(order(telegram_chats.mixed(400))), indent=1).encode()
    return write(folder / f"result.json{ending}", content), KINDS["telegram"].reader()


def _library(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
    head, *rows = csv.reader(io.StringIO(facebook_answers.library(400).decode(), newline=""))
    return write(folder / f"library.csv{ending}", _csv([head, *order(rows)])), KINDS["facebook"].reader()


def of_items(kind: str, items: list[dict[str, Any]], *, array: bool = False) -> Maker:
    """How a file of a kind of platform is made of its items: one a line, or as one pretty-printed array."""

    def make(folder: Path, ending: str, order: Order = as_they_are) -> tuple[Path, Source]:
        content = json.dumps(order(items), indent=1).encode() if array else lines(order(items))
        return write(folder / f"{kind}.json{ending}", content), KINDS[kind].reader()

    return make


# Every source: 400 items each. BY_LINE are those that hold one item a line, LISTED those that hold one array.
BY_LINE: dict[str, Maker] = {
    "x": _x,
    "matrix": _matrix,
    "csv": _table_csv,
    "facebook library": _library,
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
MOST_CHANGES = 12  # that one mutation makes
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


def _posts(batches: list[Batch]) -> pa.Table:
    """All posts, in their order; tables are equal whatever pieces they were made of."""
    return pa.concat_tables([POSTS.schema.empty_table(), *(batch.tables["posts"] for batch in batches)])


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


def _shuffled(items: Items) -> Items:
    return random.Random(1).sample(items, len(items))


def _doubled(items: Items) -> Items:
    return [item for item in items for _ in range(2)]


@pytest.mark.parametrize("order", [_shuffled, _doubled])
@pytest.mark.parametrize("name", MAKERS)
def test_items_in_any_order_and_given_twice_are_the_same_facts(name: str, order: Order, tmp_path: Path) -> None:
    given, source = MAKERS[name](_new(tmp_path / "given"), "", as_they_are)
    other, again = MAKERS[name](_new(tmp_path / "other"), "", order)
    expected, found = list(source.read(given, None)), list(again.read(other, None))
    assert not any(batch.rejects for batch in found)
    assert sum(batch.read for batch in found) >= sum(batch.read for batch in expected)
    assert _kept(found) == _kept(expected)


def _new(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _kept(batches: list[Batch]) -> dict[str, set[tuple[str, ...]]]:
    """What tells the facts of each table apart: posts with all that is said of them, the others by their keys."""
    kept: dict[str, set[tuple[str, ...]]] = {}
    for name, table in TABLES.items():
        columns = table.schema.names if name == "posts" else [column for column in table.key if column != "day"]
        rows = [row for batch in batches if name in batch.tables for row in batch.tables[name].to_pylist()]
        kept[name] = {tuple(str(row[column]) for column in columns) for row in rows}
    return kept


def test_every_kind_that_has_exports_keeps_these_promises(tmp_path: Path) -> None:
    kept = {MAKERS[name](_new(tmp_path / name), "", as_they_are)[1].name for name in MAKERS}
    assert kept == {kind.reader().name for kind in KINDS.values() if kind.export} | {"table"}


@pytest.mark.parametrize("name", MAKERS)
def test_no_mutation_crashes_and_every_line_is_loaded_or_rejected(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _small_blocks(monkeypatch)
    path, source = MAKERS[name](tmp_path, "", lambda items: items[:60])
    content, told, whole = path.read_bytes(), Counter[str](), _posts_by_id(list(source.read(path, None)))
    for seed in range(FIRST_SEED, FIRST_SEED + MUTATIONS):
        draw = random.Random(seed)
        path.write_bytes(_inside(content, draw) if name in PACKED else _mutated(content, draw, spared=60))
        try:
            told += _told(name, path, source, content, whole, draw)
        except BaseException as error:
            error.add_note(f"{name}, seed {seed}")
            raise
    print(f"{name}: {MUTATIONS:,} mutations: {', '.join(f'{count:,} {what}' for what, count in sorted(told.items()))}")


def _told(name: str, path: Path, source: Source, before: bytes, whole: set[str], draw: random.Random) -> Counter[str]:
    """Read a mutated file from its start and from some cursor, and see that all of it is accounted for."""
    try:
        batches = list(source.read(path, None))
    except SourceError:
        return Counter({"files refused": 1})  # in words, before anything was read
    rejects = [reject for batch in batches for reject in batch.rejects]
    assert all(reject.reason and reject.line >= 1 for reject in rejects)
    assert all(batch.read >= len(batch.rejects) for batch in batches)
    if batches:
        stop = draw.randrange(len(batches))
        rest = list(source.read(path, batches[stop].cursor))
        assert _posts(batches[: stop + 1] + rest) == _posts(batches)
    if name not in PACKED:
        said = b"\n".join(reject.raw for reject in rejects)
        lost = [post for post in whole - _posts_by_id(batches) if post.rpartition("/")[2].encode() not in said]
        assert len(lost) <= 2 * MOST_CHANGES  # whose own names were changed, and no more
    if name in BY_LINE and name not in CSV:
        _line_by_line(path, source, set(before.split(b"\n")), batches)
    read = sum(batch.read for batch in batches)
    return Counter({"files read": 1, "items loaded": read - len(rejects), "items rejected": len(rejects)})


def _posts_by_id(batches: list[Batch]) -> set[str]:
    return {post for batch in batches for post in batch.tables["posts"]["post_id"].to_pylist()}


def _line_by_line(path: Path, source: Source, before: set[bytes], batches: list[Batch]) -> None:
    """A reject is the line that it names, or a part of it where it is sound JSON; what is untouched is all loaded."""
    after = path.read_bytes().split(b"\n")
    for reject in (reject for batch in batches for reject in batch.rejects):
        assert after[reject.line - 1] == reject.raw or json.loads(after[reject.line - 1])
    path.write_bytes(b"\n".join(line for line in after if line in before))
    assert _rows(list(source.read(path, None))) <= _rows(batches)


def _rows(batches: list[Batch]) -> set[str]:
    return set(map(str, _posts(batches).to_pylist()))


def _mutated(content: bytes, draw: random.Random, spared: int) -> bytes:
    """A file with some of its bytes changed, lost, put in or doubled; those at its beginning are spared."""
    changed = bytearray(content)
    for _ in range(draw.randint(1, MOST_CHANGES)):
        at = draw.randrange(spared, len(changed))
        what = draw.randrange(4)
        if what == 0:
            changed[at] = draw.randrange(256)
        elif what == 1:
            del changed[at : at + draw.randint(1, 40)]
        elif what == 2:
            changed[at:at] = draw.choice(
                [b'"', b"\n", b"{", b"\x00", b"\xff\xfe", b",,", b"null", b"1e999", b"\\ud800"]
            )
        else:
            changed[at:at] = changed[spared : spared + draw.randint(1, 200)]
    return bytes(changed)


def _inside(content: bytes, draw: random.Random) -> bytes:
    """A packed file mutated; or, in three of four archives, one of the files that it holds, so that it unpacks."""
    if not content.startswith(b"PK") or draw.random() < 0.25:
        return _mutated(content, draw, spared=0)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(packed, "w") as out:
        chosen = draw.choice([name for name in archive.namelist() if archive.getinfo(name).file_size])
        for name in archive.namelist():
            held = archive.read(name)
            out.writestr(name, _mutated(held, draw, spared=0) if name == chosen else held)
    return packed.getvalue()
