"""Chats as Telegram Desktop exports them, made for tests."""

from __future__ import annotations

from typing import Any

START = 1_700_000_000


def message(number: int, author: int = 1, text: Any = "plain words", **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2023-11-14T22:13:20",
        "date_unixtime": str(START + number * 60),
        "from": f"Account {author}",
        "from_id": f"user{author}",
        "text": text,
        "text_entities": [],
        **changes,
    }


def service(number: int, action: str, author: int = 1, **changes: Any) -> dict[str, Any]:
    given = message(number, author, "", type="service", action=action, actor=f"Account {author}", **changes)
    given["actor_id"] = given.pop("from_id")
    del given["from"]
    return given


def chat(messages: list[dict[str, Any]], kind: str = "public_supergroup", number: int = 900) -> dict[str, Any]:
    return {"name": "A room", "type": kind, "id": number, "messages": messages}


def mixed(count: int) -> list[dict[str, Any]]:
    """Plain messages, forwards, replies, links and pictures in turn."""
    made = []
    for n in range(1, count + 1):
        more: dict[str, Any] = [
            {},
            {"forwarded_from": "Origin", "forwarded_from_id": "channel77"},
            {"reply_to_message_id": n - 1},
            {"photo": "photos/1.jpg"},
            {"text": ["see ", {"type": "link", "text": f"https://e.example/{n}"}, " #tag"]},
        ][n % 5]
        made.append(message(n, n % 7, **{"text": f"message {n}", **more}))
    return made
