"""Posts that Meta's Content Library gives as CSV: its own column names, with a dot between an object and its field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seawall.records.terms import AccountKind, MediaKind, PostKind, TieKind
from seawall.sources.cells import CellError, count, hashtags_in, iso, links_in
from seawall.sources.contract import Batch, Cursor
from seawall.sources.gather import Gather
from seawall.sources.rows import Rows, header_of, read_rows
from seawall.sources.sniff import head_of

_NEEDED = ("id", "creation_time", "post_owner.id")
_READ = (
    "id", "creation_time", "text", "lang", "post_owner.id", "post_owner.name", "post_owner.username", "post_owner.type",
    "surface.id", "surface.type", "statistics.like_count", "statistics.reaction_count", "statistics.share_count",
    "statistics.comment_count", "link_attachment.link", "shared_post_id", "media_type", "multimedia",
)  # fmt: skip
_OWNERS = {"page": AccountKind.CHANNEL, "group": AccountKind.GROUP, "event": AccountKind.GROUP}
_MEDIA = {"photos": MediaKind.PHOTO, "photo": MediaKind.PHOTO, "albums": MediaKind.PHOTO, "videos": MediaKind.VIDEO,
          "video": MediaKind.VIDEO, "reels": MediaKind.VIDEO}  # fmt: skip


def is_library(location: Path) -> bool:
    """Whether a file is a table with the Content Library's columns."""
    head = head_of(location, documents=True).lstrip(b"\xef\xbb\xbf \t\r\n")
    return not head.startswith((b"{", b"[")) and b"post_owner.id" in head.partition(b"\n")[0]


def read_library(platform: str, location: Path, cursor: Cursor | None) -> Iterator[Batch]:
    """Rows as posts. Raises SourceError if a column that every row needs is missing."""
    header = header_of(location)
    wanted = [*_NEEDED, *(name for name in _READ if name in header and name not in _NEEDED)]
    for rows in read_rows(location, cursor, wanted):
        gather = Gather(platform, "facebook")
        gather.rejects += rows.rejects
        gather.read += len(rows.rejects)
        for at, number in enumerate(rows.numbers):
            with gather.reading(number, rows.raw_of(number), "a post of the Content Library"):
                _row(gather, {name: cells[at] for name, cells in rows.columns.items()})
        _told(gather, rows)
        gather.rejects.sort(key=lambda reject: reject.line)
        yield gather.done(rows.cursor, rows.position)


def _told(gather: Gather, rows: Rows) -> None:
    if rows.blank:
        gather.batch.ignored["blank line"] += rows.blank


def _row(gather: Gather, row: dict[str, str | None]) -> None:
    post_id, written, owner = row["id"], row["creation_time"], row["post_owner.id"]
    if not post_id or not written or not owner:
        raise CellError("its id, its time or its owner is empty")
    at, text = iso(written), row.get("text") or ""
    origin, link = row.get("shared_post_id"), row.get("link_attachment.link")
    links = list(dict.fromkeys([*links_in(text), *([link] if link else [])]))
    shown = _MEDIA.get((row.get("media_type") or "").lower())
    gather.post(
        post_id, owner, at, PostKind.QUOTE if origin else PostKind.POST, text=text, lang=row.get("lang"),
        handle=row.get("post_owner.username"), hashtags=hashtags_in(text), links=links, mentions=[], of_post_id=origin,
        media=1 if shown else 0, likes=count(row.get("statistics.reaction_count") or row.get("statistics.like_count")),
        reposts=count(row.get("statistics.share_count")), replies=count(row.get("statistics.comment_count")),
    )  # fmt: skip
    gather.once(owner, at, _OWNERS.get((row.get("post_owner.type") or "").lower(), AccountKind.PERSON),
                name=row.get("post_owner.name"), handle=row.get("post_owner.username"))  # fmt: skip
    gather.links_of(owner, at, post_id, *links)
    surface = row.get("surface.id")
    if surface and surface != owner and (row.get("surface.type") or "").lower() == "group":
        gather.tie(TieKind.FOLLOW, owner, at, to_id=surface)
    if shown:
        gather.medium(f"{post_id}#0", post_id, owner, at, kind=shown.value)
