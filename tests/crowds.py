"""Three days of people who use a few tags, and things that happen to them: all made for tests, nobody real."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa

from seawall.records.facts import ACCOUNTS, POSTS, columns

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
FLOOD_AT = START + timedelta(days=2, hours=15)
TAGS = ["garden", "bread", "trains", "football", "weather"]


def letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


@dataclass
class Crowd:
    """Posts as they are added; `facts` gives them as tables of the lake."""

    draw: random.Random = field(default_factory=lambda: random.Random(7))
    rows: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, datetime] = field(default_factory=dict)

    def post(self, account: str, at: datetime, text: str = "", **more: Any) -> None:
        own = f"something of my own {letters(len(self.rows))}"
        self.rows.append({"account_id": account, "at": at, "text": text or own, **more})

    def ordinary(self, days: int = 3) -> Crowd:
        """Each tag is used twenty times an hour by day and five times by night, by 300 people."""
        for tag in TAGS:
            for hour in range(days * 24):
                for _ in range(20 if 8 <= hour % 24 <= 22 else 5):
                    at = START + timedelta(hours=hour, seconds=self.draw.uniform(0, 3_600))
                    self.post(self._somebody(), at, hashtags=[tag])
        return self

    def _somebody(self) -> str:
        account = f"person{self.draw.randrange(300)}"
        self.made[account] = START - timedelta(days=200 + int(account[6:]) * 5)
        return account

    def flood(self, accounts: int = 60, minutes: float = 10, at: datetime = FLOOD_AT, **where: Any) -> Crowd:
        """New accounts that do nothing else post three texts."""
        for n in range(accounts):
            account = f"pushed{len(self.made)}-{n}"
            self.made[account] = START - timedelta(days=9, hours=n % 24)
            text = f"everybody should look at this now {letters(n % 3)}"
            self.post(account, at + timedelta(minutes=minutes * n / accounts), text, **where)
        return self

    def news(self, accounts: int = 200, minutes: float = 30, at: datetime = FLOOD_AT, **where: Any) -> Crowd:
        """People of all the tags speak of one thing in their own words, and spread each other's."""
        for n in range(accounts):
            kind = "repost" if n % 2 else "post"
            self.post(f"person{n}", at + timedelta(minutes=minutes * n / accounts), kind=kind, **where)
        return self

    def tables(self) -> dict[str, pa.Table]:
        n = len(self.rows)
        lists = {name: [row.get(name, []) for row in self.rows] for name in ("hashtags", "links", "mentions")}
        plain = {name: [row.get(name) for row in self.rows] for name in ("account_id", "text", "reply_to_handle")}
        posts = {
            "platform": "x",
            "post_id": [f"p{i}" for i in range(n)],
            "handle": plain["account_id"],
            "at": pa.array([row["at"] for row in self.rows], POSTS.schema.field("at").type),
            "kind": [row.get("kind", "post") for row in self.rows],
            "source": "test",
        }
        seen = pa.array([START] * len(self.made), ACCOUNTS.schema.field("seen_at").type)
        born = pa.array(list(self.made.values()), ACCOUNTS.schema.field("created_at").type)
        accounts = {"platform": "x", "account_id": list(self.made), "created_at": born, "seen_at": seen}
        return {
            "posts": columns(POSTS, {**posts, **lists, **plain}, n),
            "accounts": columns(ACCOUNTS, accounts, len(self.made)),
        }

    def frames(self) -> dict[str, pl.LazyFrame]:
        return {name: pl.DataFrame(table).lazy() for name, table in self.tables().items()}


def portions(frame: pl.DataFrame, cuts: list[int]) -> Iterator[pl.DataFrame]:
    """Counts in parts that end where a bin ends."""
    last = -(2**62)
    for cut in [*sorted(cuts), 2**62]:
        part = frame.filter(pl.col("bin") > last, pl.col("bin") <= cut)
        if part.height:
            yield part
        last = max(cut, last)
