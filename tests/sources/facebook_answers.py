"""Answers of Facebook's Graph API and a table of the Content Library, made for tests."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2021, 7, 1, tzinfo=UTC)


def when(number: int) -> str:
    return (START + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%S+0000")


def post(number: int, page: int = 19, text: str = "plain words", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"{page}_{number}",
        "created_time": when(number),
        "message": text,
        "status_type": "mobile_status_update",
        "shares": {"count": 4},
        "reactions": {"data": [], "summary": {"total_count": 3, "viewer_reaction": "NONE"}},
        **changes,
    }


def comment(number: int, author: int = 70, text: str = "an answer", **changes: Any) -> dict[str, Any]:
    return {
        "id": f"19_1_{number}",
        "created_time": when(number),
        "message": text,
        "from": {"id": str(author), "name": f"Account {author}"},
        "like_count": 2,
        "comment_count": 1,
        **changes,
    }


def mixed(count: int) -> list[dict[str, Any]]:
    """Pages with one post or comment each."""
    made = []
    for n in range(1, count + 1):
        given: dict[str, Any] = [
            post(n),
            comment(n),
            post(n, 20, f"see https://e.example/{n} #tag", **{"from": {"id": "20", "name": "A page"}}),
            post(n, 21, parent_id=f"19_{n}"),
        ][n % 4]
        made.append({"data": [given], "paging": {"next": "x"}})
    return made


def library(count: int) -> bytes:
    """A table as the Content Library gives it."""
    text = io.StringIO()
    names = (
        "id,text,creation_time,post_owner.type,post_owner.id,post_owner.name,post_owner.username,surface.id,surface.type"
        ",lang,statistics.share_count,statistics.reaction_count,link_attachment.link,media_type,shared_post_id"
    )
    writer = csv.writer(text)
    writer.writerow(names.split(","))
    for n in range(1, count + 1):
        words = f"row {n}\nsecond line, with comma" if n % 5 == 0 else f"row {n} #tag"
        owner = [["Page", "User"][n % 2], f"{n % 7}", "A name", f"name{n % 7}", "900", ["Group", "Page"][n % 2]]
        link = f"https://e.example/{n}" if n % 3 == 0 else ""
        rest = ["ar", n, n + 1, link, ["photos", "status", "videos"][n % 3], f"other{n}" if n % 4 == 0 else ""]
        writer.writerow([f"post{n}", words, when(n), *owner, *rest])
    return text.getvalue().encode()
