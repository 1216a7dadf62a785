"""Media that stand in a bank, as people look at them: which accounts posted any, and a file beside its entry.

A picture is shown only from a file in a folder that the settings name, small, in grey, never as it came, and blurred
until somebody asks for it clear, which the log says. Nothing is fetched to be looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings
from django.core import signing

from seawall.cases.models import Case, CaseFinding
from seawall.cases.surveyed import ask, log
from seawall.lake import Lake
from seawall.lake.snapshot import Snapshot
from seawall.ledger import home
from seawall.media.opened import dimmed
from seawall.media.shelf import MediaError, PictureError, Shelf
from seawall.people.access import look, require
from seawall.people.models import User
from seawall.people.roles import May
from seawall.records.terms import MediaKind
from seawall.signals.contract import Facts, SignalError
from seawall.signals.media import MediaSignal
from seawall.signals.media.signal import Match

MOST = 50  # cases listed
_SALT = "seawall.media"
_ITEM = ["platform", "post_id", "media_id"]


class NoPictureError(Exception):
    """A picture cannot be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A file that somebody posted, and what it is like in a bank."""

    post_id: str
    at: datetime | None
    said: str
    distance: int | None  # bits, of pictures
    entry: dict[str, Any]
    bank: str
    posted: str  # by which its picture is asked for; '' where none is at hand
    known: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A case's known media. `trouble`: why they cannot be told."""

    case: Case
    pairs: tuple[Pair, ...]
    trouble: str = ""


@look
def matches(person: User) -> list[CaseFinding]:
    """Findings of media that stand in a bank, newest first. Raises Refused."""
    require(person, May.LIST_CASES)
    found = CaseFinding.objects.filter(signal=MediaSignal.name, gone_at=None).select_related("case")
    return list(found.order_by("-found_at", "-pk")[:MOST])


def compared(person: User, case_id: int) -> Compared:
    """What the account of a case posted of known media, each beside its entry. The read is in the log. Raises
    Refused, Case.DoesNotExist."""
    case: Case = Case.objects.get(pk=case_id)
    ask(person, May.READ_CASE, str(case))
    seen = [item["post_id"] for f in case.findings.filter(signal=MediaSignal.name) for item in f.seen]
    try:
        with Lake(home()) as lake, lake.snapshot() as snapshot:
            pairs = tuple(_pairs(snapshot, case, seen))
    except (SignalError, MediaError) as error:
        return Compared(case, (), str(error))
    log(person, "media.read", str(case), pairs=len(pairs))
    return Compared(case, pairs)


def _pairs(snapshot: Snapshot, case: Case, seen: list[str]) -> Iterable[Pair]:
    ours = (pl.col("platform") == case.platform) & pl.col("post_id").is_in(seen)
    hashes = snapshot.scan("hashes").filter(ours, pl.col("account_id") == case.account_id)
    best = MediaSignal(home()).best(Facts(snapshot.scan("posts"), hashes=hashes))
    rows = hashes.filter(pl.col("sha256").is_in(list(best))).unique([*_ITEM, "sha256"]).sort("at", *_ITEM).collect()
    known = {sha256: _file_of(snapshot, match) for sha256, match in best.items()}
    here = _at_hand(snapshot, [*best, *filter(None, known.values())])
    for row in rows.select("post_id", "at", "sha256").unique(maintain_order=True).iter_rows(named=True):
        match, posted = best[row["sha256"]], row["sha256"]
        yield Pair(
            row["post_id"], row["at"], match.said, match.distance, match.entry, match.bank.part.bank,
            *(_token(case, sha256) if sha256 in here else "" for sha256 in (posted, known[posted])),
        )  # fmt: skip


def _file_of(snapshot: Snapshot, match: Match) -> str:
    """The file of an entry that was banked here; '' of one that others gave, who give hashes alone."""
    if not match.entry["source"].startswith("decision:"):
        return ""
    named = snapshot.scan("hashes").filter(pl.col("sha256").str.starts_with(match.entry["reference"]))
    found = named.select(pl.col("sha256").first()).collect()["sha256"].to_list()
    return str(found[0]) if found and found[0] else ""


def _at_hand(snapshot: Snapshot, files: list[str]) -> dict[str, tuple[Shelf, str]]:
    """Where files are in the folders that the settings name, by their SHA-256; pictures only."""
    shelves = [Shelf(Path(place)) for place in settings.SEAWALL.media.files]
    if not shelves or not files:
        return {}
    which = snapshot.scan("hashes").filter(pl.col("sha256").is_in(files)).select(*_ITEM, "sha256").unique()
    photos = snapshot.scan("media").filter(pl.col("kind") == MediaKind.PHOTO.value)
    rows = photos.join(which, on=_ITEM).select("post_id", "url", "sha256").collect().to_dicts()
    found: dict[str, tuple[Shelf, str]] = {}
    for shelf in shelves:
        for row, name in zip(rows, shelf.files_of(rows), strict=True):
            if name:
                found.setdefault(row["sha256"], (shelf, name))
    return found


def _token(case: Case, sha256: str) -> str:
    return signing.dumps([case.pk, sha256], salt=_SALT)


def picture(person: User, token: str, *, clear: bool) -> bytes:
    """One picture of a pair that the person was shown, as a small JPEG in grey; blurred unless `clear`, which is
    logged. Raises Refused, Case.DoesNotExist, NoPictureError."""
    try:
        case_id, sha256 = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise NoPictureError("no such picture") from error
    case: Case = Case.objects.get(pk=case_id)
    ask(person, May.READ_TEXT, str(case))
    try:
        with Lake(home()) as lake, lake.snapshot() as snapshot:
            here = _at_hand(snapshot, [sha256]).get(sha256)
        content = here[0].content(here[1]) if here else b""
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NoPictureError("the file is not here any more")
        shown = dimmed(content, blurred=not clear)
    except (PictureError, MediaError) as error:
        raise NoPictureError(str(error)) from error
    if clear:
        log(person, "media.see", str(case))
    return shown
