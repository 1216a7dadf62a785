"""Pages of Misago's and NodeBB's JSON APIs, made for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)


def _at(number: int) -> datetime:
    return START + timedelta(minutes=number % 500_000)


def member(number: int, *, banned: bool = False, **changes: Any) -> dict[str, Any]:
    """A user of Misago."""
    return {
        "id": number,
        "username": f"name{number}",
        "real_name": None,
        "rank": {"id": 2, "name": "Members"},
        "avatars": [{"size": 400, "url": f"/media/{number}.png"}],
        "signature": None,
        "title": None,
        "status": {"is_offline": False, "is_online": True, "is_banned": banned, "banned_until": None},
        "posts": 7,
        "url": f"/u/name{number}/{number}/",
        **changes,
    }


def post(number: int, author: int = 11, content: str | None = "<p>plain words</p>", **changes: Any) -> dict[str, Any]:
    """A post of Misago."""
    return {
        "id": number,
        "poster": member(author),
        "poster_name": f"name{author}",
        "content": content,
        "attachments": None,
        "posted_on": _at(number).isoformat().replace("+00:00", "Z"),
        "updated_on": _at(number).isoformat().replace("+00:00", "Z"),
        "hidden_on": _at(number).isoformat().replace("+00:00", "Z"),
        "edits": 0,
        "hidden_by": None,
        "is_unapproved": False,
        "is_hidden": False,
        "is_event": False,
        "event_type": None,
        "likes": 3,
        **changes,
    }


def thread(number: int, *posts: dict[str, Any], page: int = 1, **changes: Any) -> dict[str, Any]:
    """A page of a Misago thread that user 11 began."""
    return {
        "id": number,
        "title": "A harbour &amp; its light",
        "category": {"id": 3, "name": "General"},
        "started_on": _at(number).isoformat().replace("+00:00", "Z"),
        "starter": {"id": 11, "username": "name11", "real_name": None, "avatars": []},
        "starter_name": "name11",
        "is_hidden": False,
        "is_closed": False,
        "post_set": {"results": list(posts), "page": page, "pages": 2},
        **changes,
    }


def account(number: int, **changes: Any) -> dict[str, Any]:
    """A user of NodeBB."""
    return {
        "uid": number,
        "username": f"name{number}",
        "userslug": f"name{number}",
        "displayname": f"Name {number}",
        "picture": f"/assets/{number}.png",
        "banned": 0,
        "joindate": 1_585_337_827_953,
        "postcount": 5,
        **changes,
    }


def reply(number: int, author: int = 21, content: str = "<p>plain words</p>", **changes: Any) -> dict[str, Any]:
    """A post of NodeBB."""
    return {
        "pid": number,
        "tid": 5,
        "uid": author,
        "content": content,
        "timestamp": int(_at(number).timestamp() * 1000),
        "deleted": 0,
        "upvotes": 4,
        "votes": 4,
        "replies": {"count": 2, "users": []},
        "user": account(author),
        **changes,
    }


def topic(*posts: dict[str, Any], main: int, **changes: Any) -> dict[str, Any]:
    """A NodeBB topic that user 21 began."""
    return {"tid": 5, "uid": 21, "cid": 2, "mainPid": main, "title": "Light &amp; sea", "titleRaw": "Light & sea",
            "deleted": 0, "slug": "5/light", "posts": list(posts), **changes}  # fmt: skip


def mixed(count: int) -> list[dict[str, Any]]:
    """Pages of one post each: first posts and replies of both forums, links, pictures and names, in turn."""
    made = []
    for n in range(1, count + 1):
        link = f'<p>see <a href="https://e.example/{n}">this</a> <img src="https://p.example/{n}.png" alt="a boat"></p>'
        named = '<p><a href="/u/name9/9/">@name9</a> words</p>'
        made.append(
            [
                thread(n, post(n, n % 7 + 11)),
                thread(n, post(n, 12, link), page=2),
                topic(reply(n, n % 7 + 21, link), main=n),
                reply(n, 25, topic={"tid": 5, "uid": 21, "cid": 2, "title": "T", "slug": "t", "mainPid": 1}),
                thread(n, post(n, 13, named), page=2),
            ][n % 5]
        )
    return made
