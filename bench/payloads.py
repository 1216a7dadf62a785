"""X v1.1 payloads to measure with: the real file where the shared data folder is, else made ones of like shape."""

from __future__ import annotations

import gzip
import json
import os
import re
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("SEAWALL_SHARED", "../shared")) / "data" / "x"
REAL = SHARED / "about_isis_2017.jsonl.gz"
_IDS = re.compile(rb'("id": |"id_str": ")(\d{4,})')


@cache
def _lines() -> list[bytes]:
    if REAL.exists():
        with gzip.open(REAL) as stream:
            return list(islice(stream, 15_000))
    return [json.dumps(_made(n)).encode() + b"\n" for n in range(15_000)]


def _made(n: int) -> dict[str, Any]:
    """A post that reposts another, with the bulk of a real payload."""
    user = {
        "id": 10**6 + n % 4000,
        "screen_name": f"account{n % 4000}",
        "name": f"Account {n % 4000}",
        "description": "neutral words " * 6,
        "created_at": "Tue Mar 03 11:22:33 +0000 2015",
        "followers_count": n % 900,
        **{f"profile_field_{i}": "https://example.org/some/address/of/usual/length.png" for i in range(20)},
    }
    post: dict[str, Any] = {
        "created_at": f"Tue Mar 03 {n % 24:02d}:{n % 60:02d}:00 +0000 2015",
        "id": 6 * 10**17 + n,
        "text": f"some ordinary words about the day number {n} #marker https://t.co/{n}",
        "user": user,
        "entities": {
            "hashtags": [{"text": "marker"}],
            "urls": [{"url": f"https://t.co/{n}", "expanded_url": f"https://example.org/{n % 300}"}],
            "user_mentions": [{"screen_name": "account1", "id_str": "1000001"}],
        },
        "lang": "en",
        "source": '<a href="https://example.org">App</a>',
    }
    return post | {"id": 7 * 10**17 + n, "retweeted_status": post} if n % 2 else post


def export(folder: Path, count: int) -> Path:
    """An export of `count` payloads, all different, gzip."""
    path = folder / f"payloads-{count}.jsonl.gz"
    if path.exists():
        return path
    lines = _lines()
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for turn in range(0, count, len(lines)):
            shift = turn // len(lines) * 10**17
            for line in lines[: count - turn]:
                stream.write(_shifted(line, shift))
    return path


def _shifted(line: bytes, shift: int) -> bytes:
    return _IDS.sub(lambda found: found[1] + str(int(found[2]) + shift).encode(), line) if shift else line
