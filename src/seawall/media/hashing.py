"""Hashing the media of posts that the lake knows: what stands in a bank is found by it at the next scan.

A file is hashed once, however many posts carry it. What is done is committed every few files, so that hashing can stop
at any moment and go on there. Hashes show nothing of what is in a picture.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import polars as pl

from seawall.graph.compiled import Array
from seawall.lake import Lake
from seawall.media.clips import ASKED_EACH, Clips
from seawall.media.opened import luminance
from seawall.media.shelf import PictureError, Shelf
from seawall.media.views import asked
from seawall.records.facts import HASHES, columns
from seawall.records.terms import HashKind, MediaKind

HASHER = "2"  # of all that is done here; another one hashes anew
PLAIN = "plain"
NOTHING = "too little to see or hear in it"
_SOME = 16  # files between two commits
ITEM = ["platform", "post_id", "media_id"]
KINDS: dict[str, tuple[HashKind, ...]] = {
    MediaKind.PHOTO: (HashKind.PDQ,),
    MediaKind.VIDEO: (HashKind.VIDEO, HashKind.SOUND),
    MediaKind.ANIMATION: (HashKind.VIDEO,),
    MediaKind.AUDIO: (HashKind.SOUND,),
    MediaKind.FILE: (HashKind.SHA256,),
}


class Hashed(NamedTuple):
    """What hashing a file gave of one kind and view: hashes, or null and why there are none."""

    kind: HashKind
    hashes: bytes | None
    why: str | None = None
    view: str = PLAIN


class Print(NamedTuple):
    """A file, byte for byte."""

    sha256: str
    md5: str

    @classmethod
    def of(cls, content: bytes) -> Print:
        """The print of a file."""
        return cls(hashlib.sha256(content).hexdigest(), hashlib.md5(content, usedforsecurity=False).hexdigest())


@dataclass(slots=True)
class HashReport:
    """What hashing media did."""

    media: int = 0  # of posts in the lake, of kinds that can be hashed
    already: int = 0  # of them hashed before
    no_file: int = 0  # of them without a file here, or without one beyond doubt
    hashed: int = 0  # files, now
    known: int = 0  # the same file had been hashed for another post
    unhashed: Counter[str] = field(default_factory=Counter)  # why some have no hash but of the file

    def as_dict(self) -> dict[str, object]:
        """The form that `seawall media hash --json` prints."""
        counts = {name: getattr(self, name) for name in ("media", "already", "no_file", "hashed", "known")}
        return {**counts, "unhashed": dict(self.unhashed)}


def hash_media(
    lake: Lake, shelf: Shelf, clips: Clips, jobs: int = 1, on_some: Callable[[int, int], None] | None = None
) -> HashReport:
    """Hash the files on a shelf that posts in the lake carry and that were not hashed yet. Raises MediaError."""
    report = HashReport()
    rows, known = _wanted(lake, report)
    todo = [(row, name) for row, name in zip(rows, shelf.files_of(rows), strict=True) if name]
    report.no_file = len(rows) - len(todo)
    with ThreadPoolExecutor(jobs, thread_name_prefix="hashes") as hashers:
        for start in range(0, len(todo), _SOME):
            some = todo[start : start + _SOME]
            keep(lake, [row for row, _ in some], _hashed(shelf, some, clips, known, hashers, report))
            if on_some:
                on_some(start + len(some), len(todo))
    return report


def hashes_of(content: bytes, kind: HashKind, clips: Clips) -> dict[str, Array]:
    """The hashes by which a file is looked up, by view; none for kinds that are of the whole file. Raises
    PictureError."""
    if kind is HashKind.PDQ:
        return {PLAIN: asked(luminance(content))}
    if kind is HashKind.VIDEO:
        return clips.asked_frames(content)
    return {PLAIN: clips.moments(content)[::ASKED_EACH]} if kind is HashKind.SOUND else {}


def _wanted(lake: Lake, report: HashReport) -> tuple[list[dict[str, Any]], dict[tuple[str, str], list[Hashed]]]:
    """Media of posts that were not hashed, and what was hashed of which file."""
    with lake.snapshot() as snapshot:
        media = snapshot.scan("media").filter(pl.col("kind").is_in(list(KINDS)))
        done = snapshot.scan("hashes").filter(hasher=HASHER)
        rows = media.select(*ITEM, "account_id", "at", "url", "kind").sort(ITEM).collect()
        left = rows.join(done.select(ITEM).unique().collect(), on=ITEM, how="anti", maintain_order="left")
        had = (
            done.drop_nulls("sha256")
            .select("sha256", "kind", "hashes", "why", "view")
            .unique(["sha256", "kind", "view"])
            .collect()
        )
    report.media, report.already = rows.height, rows.height - left.height
    known: dict[tuple[str, str], list[Hashed]] = {}
    for sha256, kind, hashes, why, view in had.iter_rows():
        known.setdefault((sha256, kind), []).append(Hashed(HashKind(kind), hashes, why, view))
    return left.to_dicts(), known


def _hashed(
    shelf: Shelf, some: Sequence[tuple[dict[str, Any], str]], clips: Clips, known: dict[tuple[str, str], list[Hashed]],
    hashers: ThreadPoolExecutor, report: HashReport,
) -> list[tuple[Print | None, list[Hashed]]]:  # fmt: skip
    """Each file's prints and hashes. Those that are new go into `known`."""
    found: list[tuple[Print | None, list[Hashed]]] = []
    new: dict[tuple[str, str], bytes] = {}
    for row, name in some:
        kinds = KINDS[row["kind"]]
        try:
            content = shelf.content(name)
        except PictureError as error:
            found.append((None, [Hashed(kind, None, str(error)) for kind in kinds]))
            report.unhashed[str(error)] += 1
            continue
        its = Print.of(content)
        fresh = [(its.sha256, kind.value) for kind in kinds if (its.sha256, kind.value) not in known]
        report.known += not fresh or fresh[0] in new
        report.hashed += bool(fresh) and fresh[0] not in new
        new |= dict.fromkeys(fresh, content)
        found.append((its, [Hashed(kind, None) for kind in kinds]))
    made = hashers.map(lambda one: hashed_as(one[1], HashKind(one[0][1]), clips), new.items())
    known.update(zip(new, made, strict=True))
    whole = [
        (its, [one for h in hashed for one in known[its.sha256, h.kind.value]] if its else hashed)
        for its, hashed in found
    ]
    report.unhashed.update(h.why for its, hashed in whole if its for h in hashed if h.why)
    return whole


def hashed_as(content: bytes, kind: HashKind, clips: Clips) -> list[Hashed]:
    """What hashing a file as one kind gives, or why it gives nothing."""
    try:
        found = hashes_of(content, kind, clips)
    except PictureError as error:
        return [Hashed(kind, None, str(error))]
    seen = [Hashed(kind, hashes.tobytes(), None, view) for view, hashes in found.items() if len(hashes)]
    return seen or [Hashed(kind, None, NOTHING if found else None)]


def keep(lake: Lake, rows: Sequence[dict[str, Any]], hashed: Sequence[tuple[Print | None, Sequence[Hashed]]]) -> None:
    """Commit the hashes of some posts' media."""
    each = [(row, its, one) for row, (its, kinds) in zip(rows, hashed, strict=True) for one in kinds]
    given: dict[str, object] = {name: [row[name] for row, _, _ in each] for name in [*ITEM, "account_id", "at"]}
    given |= {"sha256": [its and its.sha256 for _, its, _ in each], "md5": [its and its.md5 for _, its, _ in each]}
    given |= {"kind": [one.kind.value for _, _, one in each], "hashes": [one.hashes for _, _, one in each]}
    given |= {"why": [one.why for _, _, one in each], "view": [one.view for _, _, one in each], "hasher": HASHER}
    lake.append({"hashes": columns(HASHES, given, len(each))})
