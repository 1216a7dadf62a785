"""Reading the pictures of posts that the lake knows: what is read is kept beside the post, by the picture's content.

A picture is read once, however many posts carry it. What is done is committed every few pictures, so that reading can
stop at any moment and go on there.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from seawall.lake import Lake
from seawall.media.reader import Reader
from seawall.media.shelf import PictureError, Shelf
from seawall.records.facts import PICTURES, columns
from seawall.records.terms import MediaKind

_SOME = 16  # pictures between two commits
_ITEM = ["platform", "post_id", "media_id"]


class Words(NamedTuple):
    """What reading a picture gave: its words (empty: there are none), or null and why it could not be read."""

    text: str | None
    why: str | None = None


@dataclass(slots=True)
class ReadReport:
    """What reading pictures did. No words of a picture are in it."""

    reader: str
    pictures: int = 0  # of posts in the lake
    already: int = 0  # of them read before
    no_file: int = 0  # of them without a file here, or without one beyond doubt
    read: int = 0  # now
    known: int = 0  # the same picture had been read for another post
    with_words: int = 0  # of those read or known
    unread: Counter[str] = field(default_factory=Counter)  # why some could not be read

    def as_dict(self) -> dict[str, object]:
        """The form that `seawall media read --json` prints."""
        counts = {name: getattr(self, name) for name in ("pictures", "already", "no_file", "read", "known")}
        return {"reader": self.reader, **counts, "with_words": self.with_words, "unread": dict(self.unread)}


def read_pictures(
    lake: Lake, shelf: Shelf, reader: Reader, jobs: int = 1, on_some: Callable[[int, int], None] | None = None
) -> ReadReport:
    """Read the pictures on a shelf that posts in the lake carry and this reader has not read yet."""
    report = ReadReport(reader.name)
    rows, known = _wanted(lake, reader.name, report)
    todo = [(row, name) for row, name in zip(rows, shelf.files_of(rows), strict=True) if name]
    report.no_file = len(rows) - len(todo)
    with ThreadPoolExecutor(jobs, thread_name_prefix="pictures") as readers:
        for start in range(0, len(todo), _SOME):
            some = todo[start : start + _SOME]
            read = _read(shelf, [name for _, name in some], reader, known, readers, report)
            _keep(lake, reader.name, [row for row, _ in some], read)
            if on_some:
                on_some(start + len(some), len(todo))
    return report


def _wanted(lake: Lake, reader: str, report: ReadReport) -> tuple[list[dict[str, Any]], dict[str, Words]]:
    """Pictures of posts that were not read by this reader, and what it read of which picture."""
    with lake.snapshot() as snapshot:
        media = snapshot.scan("media").filter(pl.col("kind") == MediaKind.PHOTO.value)
        done = snapshot.scan("pictures").filter(pl.col("reader") == reader)
        rows = media.select(*_ITEM, "account_id", "at", "url").sort(_ITEM).collect()
        left = rows.join(done.select(_ITEM).collect(), on=_ITEM, how="anti", maintain_order="left", nulls_equal=True)
        had = done.filter(pl.col("picture").is_not_null()).select("picture", "text", "why").unique("picture").collect()
    report.pictures, report.already = rows.height, rows.height - left.height
    return left.to_dicts(), {picture: Words(text, why) for picture, text, why in had.iter_rows()}


def _read(
    shelf: Shelf, names: Sequence[str], reader: Reader, known: dict[str, Words], readers: ThreadPoolExecutor,
    report: ReadReport,
) -> list[tuple[str | None, Words]]:  # fmt: skip
    """Each file's fingerprint and words. Those that are new go into `known`."""
    found: list[tuple[str | None, Words]] = []
    new: dict[str, bytes] = {}
    for name in names:
        try:
            content = shelf.content(name)
        except PictureError as error:
            found.append((None, Words(None, str(error))))
            continue
        print_ = hashlib.sha256(content).hexdigest()
        report.known += print_ in known or print_ in new
        if print_ not in known:
            new[print_] = content
        found.append((print_, Words(None)))
    known.update(zip(new, readers.map(lambda content: _words(reader, content), new.values()), strict=True))
    report.read += len(new)
    found = [(print_, known[print_] if print_ else words) for print_, words in found]
    report.with_words += sum(bool(words.text) for _, words in found)
    report.unread.update(words.why for _, words in found if words.why)
    return found


def _words(reader: Reader, content: bytes) -> Words:
    try:
        return Words(reader.text(content))
    except PictureError as error:
        return Words(None, str(error))


def _keep(lake: Lake, reader: str, rows: list[dict[str, Any]], read: list[tuple[str | None, Words]]) -> None:
    """Commit what was read of some posts' pictures."""
    given: dict[str, object] = {name: [row[name] for row in rows] for name in [*_ITEM, "account_id", "at"]}
    given |= {"picture": [print_ for print_, _ in read], "reader": reader}
    given |= {"text": [words.text for _, words in read], "why": [words.why for _, words in read]}
    lake.append({"pictures": columns(PICTURES, given, len(rows))})
