"""Answers of X API v2 and archives of accounts, made for tests."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2023, 3, 1, 12, 0, tzinfo=UTC)


def _at(number: int) -> datetime:
    return START + timedelta(minutes=number % 500_000)


def post(number: int, author: int = 11, text: str = "plain words", **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "author_id": str(author),
        "created_at": _at(number).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "text": text,
        "lang": "en",
        "edit_history_tweet_ids": [str(number)],
        "public_metrics": {"retweet_count": 4, "reply_count": 2, "like_count": 3, "quote_count": 1},
        **changes,
    }


def user(number: int, **changes: Any) -> dict[str, Any]:
    return {"id": str(number), "username": f"account{number}", "name": f"Account {number}", **changes}


def answer(*data: Any, errors: list[Any] | None = None, **includes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"data": list(data), "meta": {"result_count": len(data)}}
    return made | ({"includes": includes} if includes else {}) | ({"errors": errors} if errors else {})


def streamed(data: dict[str, Any], **includes: Any) -> dict[str, Any]:
    """An object of the filtered stream."""
    return {"data": data, "includes": includes, "matching_rules": [{"id": "1", "tag": "harbour"}]}


def refers(kind: str, number: int) -> list[dict[str, str]]:
    return [{"type": kind, "id": str(number)}]


def mixed(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Posts, reposts, quotes, answers and pictures in turn, each an object of the stream."""
    return [_mixed(number) for number in range(first, first + count)]


def _mixed(n: int) -> dict[str, Any]:
    author = n % 7 + 1
    original = post(10_000_000 + n, 99, "the words that are spread")
    both = [user(author), user(99)]
    picture = {"media_key": f"3_{n}", "type": "photo", "url": "https://p.example/1.jpg"}
    return [
        streamed(post(n, author), users=[user(author)]),
        streamed(post(n, author, "RT @account99: the wo\u2026", referenced_tweets=refers("retweeted", 10_000_000 + n)),
                 users=both, tweets=[original]),
        streamed(post(n, author, "not so", referenced_tweets=refers("quoted", 10_000_000 + n)),
                 users=both, tweets=[original]),
        streamed(post(n, author, "@account99 yes", in_reply_to_user_id="99",
                      referenced_tweets=refers("replied_to", 10_000_000 + n)), users=both),
        streamed(post(n, author, f"see https://e.example/{n} #tag", attachments={"media_keys": [f"3_{n}"]}),
                 users=[user(author)], media=[picture]),
    ][n % 5]  # fmt: skip


# Archives -----------------------------------------------------------------------------------------------------------


def archived(number: int, text: str = "plain words", **changes: Any) -> dict[str, Any]:
    """A post as an archive has it: numbers are text, and nobody is its author."""
    entities = {"hashtags": [], "symbols": [], "user_mentions": [], "urls": [], **changes.pop("entities", {})}
    tweet = {
        "id": str(number),
        "id_str": str(number),
        "created_at": _at(number).strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "full_text": text,
        "lang": "en",
        "source": '<a href="https://example.org" rel="nofollow">Test App</a>',
        "favorite_count": "3",
        "retweet_count": "4",
        "truncated": False,
        "entities": entities,
        **changes,
    }
    return {"tweet": tweet}


def script(name: str, elements: Any, part: int = 0) -> bytes:
    return f"window.YTD.{name}.part{part} = {json.dumps(elements, indent=2)}".encode()


def account(**changes: Any) -> list[dict[str, Any]]:
    said = {"accountId": "11", "username": "harbour", "accountDisplayName": "The Harbour", "email": "SECRET@e.example",
            "createdVia": "web", "createdAt": "2011-06-23T13:04:14.000Z"}  # fmt: skip
    return [{"account": {**said, **changes}}]


def manifest() -> bytes:
    return b"window.__THAR_CONFIG = " + json.dumps({"archiveInfo": {"generationDate": "2023-06-01T10:00:00Z"}}).encode()


def many(count: int) -> list[dict[str, Any]]:
    """Posts of an archive, of several kinds."""
    kinds: list[dict[str, Any]] = [
        {},
        {"text": "RT @other: the words", "entities": {"user_mentions": [{"screen_name": "other", "id_str": "12"}]}},
        {"in_reply_to_status_id": "5", "in_reply_to_user_id": "12", "in_reply_to_screen_name": "other"},
        {"extended_entities": {"media": [{"id_str": "7", "type": "photo", "media_url_https": "https://p.example/7"}]}},
    ]
    return [archived(n, **{"text": f"words {n}", **kinds[n % 4]}) for n in range(1, count + 1)]


def folder(where: Path, **files: bytes) -> Path:
    """Files of an archive that was unpacked."""
    for name, content in {"account": script("account", account()), **files}.items():
        (where / f"{name.replace('_', '-')}.js").write_bytes(content)
    return where


def archive(path: Path, base: str = "data/", **files: bytes) -> Path:
    """An archive as it is downloaded."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in {"account": script("account", account()), **files}.items():
            made.writestr(f"{base}{name.replace('_', '-')}.js", content)
    return path
