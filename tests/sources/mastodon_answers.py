"""Entities of Mastodon's API, made for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2023, 5, 1, 12, 0, tzinfo=UTC)


def account(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "username": f"name{number}",
        "acct": f"name{number}@other.example",
        "display_name": f"Name {number}",
        "note": "<p>neutral words</p>",
        "url": f"https://other.example/@name{number}",
        "avatar": f"https://files.example/{number}.png",
        "created_at": "2020-01-02T00:00:00.000Z",
        "followers_count": 5,
        "following_count": 6,
        "statuses_count": 7,
        "bot": False,
        "group": False,
        "locked": False,
        "emojis": [],
        "fields": [{"name": "Pronouns", "value": "PRIVATE", "verified_at": None}],
        **changes,
    }


def status(number: int, author: int = 11, content: str = "<p>plain words</p>", **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "created_at": (START + timedelta(minutes=number % 500_000)).isoformat().replace("+00:00", "Z"),
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "spoiler_text": "",
        "language": "en",
        "content": content,
        "account": account(author),
        "reblog": None,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        **changes,
    }


def picture(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "type": "image",
        "url": f"https://files.example/m/{number}.png",
        "remote_url": None,
        "description": "a harbour",
        "meta": {},
        **changes,
    }


def mention(number: int) -> dict[str, Any]:
    found = account(number)
    return {name: found[name] for name in ("id", "username", "acct", "url")}


def mixed(count: int) -> list[dict[str, Any]]:
    """Posts, boosts, replies, links and pictures in turn."""
    made = []
    for n in range(1, count + 1):
        link = f'<p>see <a href="https://e.example/{n}">e.example</a></p>'
        made.append(
            [
                status(n, n % 7 + 1),
                status(n, n % 7 + 1, reblog=status(n + 10_000, 99)),
                status(n, 4, in_reply_to_id="1", in_reply_to_account_id="9", mentions=[mention(9)]),
                status(n, 5, link, tags=[{"name": "tag", "url": "https://here.example/tags/tag"}]),
                status(n, 6, media_attachments=[picture(n)]),
            ][n % 5]
        )
    return made
