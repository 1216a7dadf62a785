"""A small world with a network in it, and people who touch it: all written for tests, nobody real.

Members write in the network's own words and spread seeds' posts. Reporters, hunters, victims and devout people use
the same topic or the same religious vocabulary; neighbours talk of other things.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pyarrow as pa

from seawall.records.facts import POSTS, columns
from seawall.records.labels import Label

START = datetime(2016, 1, 1, tzinfo=UTC)
MEMBER = [
    "Soldiers of the Khilafah repelled them, Amaq Agency photo report",
    "A martyrdom operation near the barracks, taqabbalahullah",
    "Wilayat news: ghanimah from the murtadeen, baqiyah",
    "New account, suspended again akhi, please follow and rt, baqiyah",
    "The mujahideen took full control by the permission of Allah",
]
OTHERS = {
    "neighbour": [
        "coffee first then the garden",
        "our team won again",
        "new bread recipe worked",
        "train is late again",
    ],
    "reporter": [
        "Islamic State claimed responsibility for the attack, police said",
        "Officials say the militants lost the town, according to Reuters",
        "Analysis: why so-called jihadists use propaganda videos",
        "Suspect charged with terrorism offences in court today",
    ],
    "hunter": [
        "Another daesh account, please report and block #opisis",
        "Report this terrorist propaganda account, ctrlsec",
        "Took down ten ISIS accounts this morning, expose them all",
        "These terrorists keep coming back, keep reporting",
    ],
    "victim": [
        "My brother was killed by daesh, we mourn him",
        "Survivors tell their story of the genocide, never again",
        "They destroyed our town, these barbaric terrorists",
        "Pray for the victims of this terror",
    ],
    "devout": [
        "May Allah accept our fasting this Ramadan",
        "The imam spoke of patience and mercy after Friday prayer",
        "The Lord is my shepherd, I shall not want",
        "Alhamdulillah for another blessed morning, dua for my mother",
    ],
}


def network(seed: int = 0) -> tuple[pl.DataFrame, list[Label]]:
    """Posts, and the labels of five verified seeds."""
    draw = random.Random(seed)
    rows: list[tuple[str, str, int, str, str | None]] = []
    for n in range(5):
        rows += [(f"seed_{n}", "post", draw.randrange(10_000), draw.choice(MEMBER), None) for _ in range(25)]
    for n in range(10):
        rows += [(f"member_{n}", "post", draw.randrange(10_000), draw.choice(MEMBER), None) for _ in range(14)]
        rows += [
            (f"member_{n}", "repost", draw.randrange(10_000), draw.choice(MEMBER), f"seed_{draw.randrange(5)}")
            for _ in range(8)
        ]
    for role, said in OTHERS.items():
        for n in range(12):
            rows += [(f"{role}_{n}", "post", draw.randrange(10_000), draw.choice(said), None) for _ in range(24)]
    seeds = [Label("x", f"seed_{n}", "supporter", "test", START.isoformat(), "test") for n in range(5)]
    return posts(rows), seeds


def posts(rows: list[tuple[str, str, int, str, str | None]]) -> pl.DataFrame:
    """Posts out of (handle, kind, minute, text, handle of the spread account)."""
    n = len(rows)
    table = columns(
        POSTS,
        {
            "platform": "x",
            "post_id": [f"p{i}" for i in range(n)],
            "account_id": [f"id-{row[0]}" for row in rows],
            "handle": [row[0] for row in rows],
            "at": pa.array(
                [START + timedelta(minutes=row[2], seconds=i % 60) for i, row in enumerate(rows)],
                POSTS.schema.field("at").type,
            ),
            "kind": [row[1] for row in rows],
            "text": [row[3] for row in rows],
            "of_handle": [row[4] for row in rows],
            "of_account_id": [f"id-{row[4]}" if row[4] else None for row in rows],
            "hashtags": [[word[1:] for word in row[3].split() if word.startswith("#")] for row in rows],
            "links": [[] for _ in rows],
            "mentions": [[] for _ in rows],
            "source": "test",
        },
        n,
    )
    return pl.DataFrame(table)
