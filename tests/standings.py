"""A platform on which the same slogans are passed on, argued against, reported and asked about; nobody real."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa

from seawall.records.facts import POSTS, columns
from seawall.signals.rules import RulesSignal
from seawall.signals.rules.files import parse_rule
from seawall.signals.rules.lists import NamedList
from worlds import START

SLOGAN = "the lamp is lit"
LISTS = {
    "slogans": NamedList("slogans", "phrases", "Slogans", (SLOGAN, "keepers of the lamp")),
    "distance": NamedList("distance", "phrases", "Distance", ("is a lie", "do not share", "police say")),
}
RULE = """
id = "{id}"
version = 1
conduct = "{conduct}"
title = "Spreads the lamp's slogans"
author = "a tester"
why = "Only to test."
languages = ["en"]
where = "hits('slogans') >= 1 AND {form} AND hits('distance') = 0"
posts = 3
weight = 0.7
matches = ["The lamp is lit"]
silent = ["Police say the lamp is lit"]
"""


LIST = "# kind: phrases\n# title: Slogans\n" + "\n".join(LISTS["slogans"].entries) + "\n"  # as a file of a home
RULE_FILE = RULE.format(id="lamp", conduct="propaganda", form="kind IN ('post', 'repost')")
RULE_FILE += 'words = ["is a lie"]\n'
RULE_FILE = RULE_FILE.replace("hits('distance') = 0", "hits('distance') = 0 AND hits('words') = 0")


def lamp_rules(*conducts: str) -> RulesSignal:
    """A rule of each conduct; the first is called lamp, the others as their conduct. Posts and reposts count."""
    names = ["lamp", *conducts[1:]]
    texts = [
        RULE.format(id=n, conduct=c, form="kind IN ('post', 'repost')") for n, c in zip(names, conducts, strict=True)
    ]
    return RulesSignal([parse_rule(text, LISTS) for text in texts], LISTS)


class Square:
    """Posts as they are made."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def post(
        self,
        who: str,
        text: str,
        kind: str = "post",
        of: str | None = None,
        names: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
        lang: str = "en",
    ) -> str:
        """A post; `of` is the post that it answers, quotes or reposts. Returns its id."""
        name = f"p{len(self._rows)}"
        target = next((row["handle"] for row in self._rows if row["post_id"] == of), None)
        to = {"reply": "reply_to"}.get(kind, "of")
        row = {"post_id": name, "handle": who, "account_id": f"id-{who}", "kind": kind, "text": text}
        if target:
            row |= {f"{to}_handle": target, f"{to}_account_id": f"id-{target}", f"{to}_post_id": of}
        self._rows.append(
            row
            | {
                "mentions": [*names],
                "hashtags": [*tags],
                "lang": lang,
                "at": START.replace(day=2, minute=len(self._rows) % 60),
            }
        )
        return name

    def member(self, who: str, posts: int = 6) -> list[str]:
        """Somebody who writes slogans."""
        return [self.post(who, f"{n}: {SLOGAN}") for n in range(posts)]

    def frame(self) -> pl.DataFrame:
        """All posts."""
        defaults: dict[str, Any] = {"platform": "x", "links": [], "source": "test"}
        rows = [{**defaults, **row} for row in self._rows]
        its = {name: [row.get(name) for row in rows] for name in {key for row in rows for key in row}}
        its["at"] = pa.array(its["at"], POSTS.schema.field("at").type)
        return pl.DataFrame(columns(POSTS, its, len(rows)))


def critic(square: Square, who: str, members: list[str], argues: int = 6) -> None:
    """Quotes three slogans bare, and answers members in words of distance so many times."""
    for n in range(3):
        square.post(who, f"“{SLOGAN}”, day {n}")
    for n in range(argues):
        square.post(who, f"“{SLOGAN}” is a lie", "reply" if n % 2 else "quote", of=members[n % len(members)])


def asker(square: Square, who: str, member: str, members: list[str], times: int = 5, lang: str = "en") -> None:
    """Turns to members, under their tag, and is answered each time."""
    for n in range(times):
        kind = "reply" if n % 2 else "quote"
        asked = square.post(who, "can I come too?", kind, of=members[n % len(members)], tags=("Lamp",), lang=lang)
        square.post(member, "you are not alone any more", "reply", of=asked)
