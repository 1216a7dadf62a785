"""Small exports made for tests: client events of Matrix with the shapes that matter."""

from __future__ import annotations

from typing import Any

START = 1_700_000_000_000
ROOM = "!room:example.org"


def event(number: int, kind: str = "m.room.message", **changes: Any) -> dict[str, Any]:
    return {
        "event_id": f"$event{number}",
        "room_id": ROOM,
        "sender": f"@account{number % 7}:example.org",
        "type": kind,
        "origin_server_ts": START + number * 60_000,
        "content": {"msgtype": "m.text", "body": f"words {number}"},
        "unsigned": {"age": 5},
        **changes,
    }


def message(number: int, body: str = "a plain post", **content: Any) -> dict[str, Any]:
    return event(number, content={"msgtype": "m.text", "body": body, **content})


def picture(number: int, **content: Any) -> dict[str, Any]:
    info = {"mimetype": "image/png", "thumbnail_url": f"mxc://example.org/preview{number}"}
    given = {"msgtype": "m.image", "url": f"mxc://example.org/file{number}", "info": info}
    return message(number, **{"body": "a.png", **given, **content})


def formatted(number: int, body: str, html: str, **content: Any) -> dict[str, Any]:
    return message(number, body, format="org.matrix.custom.html", formatted_body=html, **content)


def reply(number: int, to: str, body: str, **content: Any) -> dict[str, Any]:
    return message(number, body, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}, **content})


def poll(number: int) -> dict[str, Any]:
    start = {"question": {"m.text": [{"body": f"question {number}"}]}, "answers": [{"m.text": [{"body": "yes"}]}]}
    return event(number, "m.poll.start", content={"m.poll": start})


def events(count: int) -> list[dict[str, Any]]:
    """So many messages of every shape, and between them events that are left out on purpose."""
    found: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        found.append(_shape(number))
        if number % 5 == 0:
            found.append(event(10_000 + number, "m.room.member", state_key="@b:s", content={"membership": "leave"}))
        if number % 50 == 0:
            found.append(event(20_000 + number, "m.room.encrypted", content={"ciphertext": "x"}))
            found.append(event(30_000 + number, content={}, unsigned={"redacted_because": {"event_id": "$r"}}))
    return found


def _shape(number: int) -> dict[str, Any]:
    shapes = [
        lambda: message(number, f"see https://example.org/{number % 9} #marker"),
        lambda: picture(number),
        lambda: reply(number, f"$event{number - 1}", f"answer {number}"),
        lambda: poll(number),
        lambda: event(number, "m.sticker", content={"body": "wave", "url": f"mxc://example.org/{number}"}),
        lambda: formatted(number, "x", f'<b>bold</b> <a href="https://example.org/{number}">here</a>'),
    ]
    return shapes[number % 6]()
