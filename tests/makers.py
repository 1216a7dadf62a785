"""Small exports made for tests: X v1.1 payloads with the shapes that matter, written plain, gzip or zstd."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import zstandard

START = datetime(2016, 3, 1, 12, 0, tzinfo=UTC)


def user(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "id_str": str(number),
        "screen_name": f"account{number}",
        "name": f"Account {number}",
        "description": "neutral words",
        "location": "",
        "url": None,
        "profile_image_url_https": f"https://example.org/{number}.png",
        "created_at": "Tue Mar 03 11:22:33 +0000 2015",
        "followers_count": 10,
        "friends_count": 20,
        "statuses_count": 30,
        "verified": False,
        "protected": False,
        **changes,
    }


def tweet(number: int, author: int = 1, text: str = "a plain post", **changes: Any) -> dict[str, Any]:
    at = START + timedelta(minutes=number % 500_000)
    return {
        "id": number,
        "id_str": str(number),
        "created_at": at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "text": text,
        "truncated": False,
        "user": user(author),
        "entities": {"hashtags": [], "urls": [], "user_mentions": []},
        "lang": "en",
        "source": '<a href="https://example.org">Test App</a>',
        "retweet_count": 0,
        "favorite_count": 0,
        **changes,
    }


def repost(number: int, author: int, original: dict[str, Any]) -> dict[str, Any]:
    text = f"RT @{original['user']['screen_name']}: {original['text']}"[:60] + "…"
    return tweet(number, author, text, retweeted_status=original)


def mixed(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Posts, reposts, quotes, replies, mentions, links and pictures in turn."""
    return [_kind(number) for number in range(first, first + count)]


def _kind(number: int) -> dict[str, Any]:
    author, kind = number % 17 + 1, number % 5
    if kind == 0:
        return repost(number, author, tweet(10_000_000 + number % 40, number % 7 + 100, "spread this marker"))
    if kind == 1:
        quoted = tweet(10_000_000 + number % 40, number % 7 + 100, "spread this marker")
        return tweet(number, author, "look &amp; see", quoted_status=quoted, quoted_status_id=quoted["id"])
    if kind == 2:
        return tweet(
            number,
            author,
            f"@account{author + 1} answer {number}",
            in_reply_to_status_id=number - 1,
            in_reply_to_user_id=author + 1,
            in_reply_to_screen_name=f"account{author + 1}",
        )
    entities = {
        "hashtags": [{"text": "marker"}],
        "urls": [{"url": "https://t.co/x", "expanded_url": f"https://example.org/{number % 9}"}],
        "user_mentions": [{"screen_name": "account3", "id_str": "3"}],
        "media": [{"id_str": str(number), "type": "photo", "media_url_https": "https://example.org/p.jpg"}],
    }
    return tweet(number, author, f"words {number} #marker @account3", entities=entities)


def lines(payloads: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(payload).encode() + b"\n" for payload in payloads)


def write(path: Path, content: bytes) -> Path:
    """Write plain, .gz or .zst by the file's ending, packed in several members as log shippers do."""
    pack = {".gz": lambda part: gzip.compress(part, 1), ".zst": zstandard.ZstdCompressor().compress}.get(path.suffix)
    parts = [content[at : at + 8192] for at in range(0, len(content), 8192)] or [b""]
    path.write_bytes(b"".join(map(pack, parts)) if pack else content)
    return path


def export(path: Path, count: int = 200, first: int = 1) -> Path:
    return write(path, lines(mixed(count, first)))
