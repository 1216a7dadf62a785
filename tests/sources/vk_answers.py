"""Answers of VK's API, made for tests."""

from __future__ import annotations

from typing import Any

START = 1_450_000_000


def post(number: int, author: int = 11, text: str = "plain words", **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "from_id": author,
        "owner_id": author,
        "date": START + number * 60,
        "post_type": "post",
        "text": text,
        "comments": {"count": 2},
        "likes": {"count": 3, "user_likes": 0},
        "reposts": {"count": 4},
        **changes,
    }


def comment(number: int, author: int = 12, text: str = "an answer", **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "from_id": author,
        "date": START + number,
        "text": text,
        "post_id": 1,
        "owner_id": 11,
        **changes,
    }


def user(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": number, "first_name": "First", "last_name": "Last", "screen_name": f"name{number}", **changes}


def group(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": number, "name": "A group", "screen_name": f"club{number}", "is_closed": 0, "type": "group", **changes}


def answer(*items: Any, **more: Any) -> dict[str, Any]:
    return {"response": {"count": len(items), "items": list(items), **more}}


def mixed(count: int) -> list[dict[str, Any]]:
    """Posts, reposts, comments, links and pictures in turn, one answer each."""
    made = []
    for n in range(1, count + 1):
        given: dict[str, Any] = [
            post(n, n % 7 + 1),
            post(n, n % 7 + 1, "", copy_history=[post(n + 10_000, 99)]),
            comment(n),
            post(n, 5, f"see https://e.example/{n} #tag [id9|Nine]"),
            post(
                n,
                6,
                attachments=[{"type": "photo", "photo": {"id": n, "owner_id": 6, "photo_604": "https://p.example"}}],
            ),
        ][n % 5]
        made.append(answer(given))
    return made
