"""A quiet platform made for tests: a thousand ordinary accounts, and whoever a test adds."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from seawall.records.facts import POSTS, columns
from seawall.signals.contract import Facts

START = datetime(2024, 3, 1, tzinfo=UTC)
DAYS = 20
Post = dict[str, Any]


def link(account: str, second: int, what: str, **more: object) -> Post:
    return {"account": account, "second": second, "links": [what], **more}


def ordinary(draw: random.Random, accounts: int = 1000, posts: int = 6000) -> list[Post]:
    """Links of all popularities, each spread over the hours after it first came."""
    born = [draw.randrange(DAYS * 86_400) for _ in range(1500)]
    made = []
    for _ in range(posts):
        what = int(draw.paretovariate(0.5)) % 1500
        at = born[what] + int(draw.expovariate(1 / 20_000))
        made.append(link(f"ordinary_{draw.randrange(accounts)}", at, f"https://news.example/{what}"))
    return made


def told_by(channel: str, post: Post) -> Post:
    """The same post with what it spreads told in another way: a repost, a row of hashtags, nearly the same words."""
    (what,) = post["links"]
    bare = {"account": post["account"], "second": post["second"]}
    draw = random.Random(what)
    if channel == "repost":
        return {**bare, "kind": "repost", "of": what}
    if channel == "hashtags":
        return {**bare, "hashtags": ["Lamp", "".join(draw.choices("abcdefgh", k=9))]}
    if channel == "text":
        said = " ".join("".join(draw.choices("aeioubdfglmnrst", k=6)) for _ in range(14))
        return {**bare, "text": f"@{post['account']} {said.upper() if int(str(post['second'])) % 2 else said}!"}
    return post


def facts(made: list[Post]) -> Facts:
    n = len(made)
    given = {
        "platform": "x",
        "post_id": [f"p{i}" for i in range(n)],
        "account_id": [post["account"] for post in made],
        "handle": [f"@{post['account']}" for post in made],
        "at": pa.array([START + timedelta(seconds=int(str(p["second"]))) for p in made], POSTS.schema.field("at").type),
        "kind": [post.get("kind", "post") for post in made],
        "text": [post.get("text", "") for post in made],
        "hashtags": [post.get("hashtags", []) for post in made],
        "links": [post.get("links", []) for post in made],
        "mentions": [[] for _ in made],
        "of_post_id": [post.get("of") for post in made],
        "source": "test",
    }
    return Facts(pl.DataFrame(columns(POSTS, given, n)).lazy())
