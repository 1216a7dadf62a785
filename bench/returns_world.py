"""A synthetic scene of suspended accounts, of whom some come back, and of newcomers who look like them and are not.

Everything follows from the seed, and habits differ from seed to seed. Newcomers belong to the same circles as the
suspended: they share audiences, words, first halves of handles, names and group pictures. Some are admirers, who take a
suspended account's handle, name or picture and are somebody else. Returns change their handle altogether in a third of
cases, and seldom keep everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from seawall.records.facts import ACCOUNTS, POSTS, TIES, Table
from seawall.signals.contract import Facts

START = datetime(2026, 1, 1, tzinfo=UTC)
CIRCLES, WORDS, POOL = 12, 4000, 600
_BEGIN, _END = (
    ["b", "d", "f", "g", "h", "j", "k", "l", "m", "n", "r", "s", "t", "z", "sh", "kh", "al", "abu"],
    ["a", "i", "u", "aa", "an", "ir", "id", "ul", "em", "os", "er", "ak"],
)
_NAMES = [
    "Muhammad",
    "Ali",
    "Omar",
    "Ahmad",
    "Yusuf",
    "Ibrahim",
    "Maryam",
    "Anna",
    "Ivan",
    "Sergei",
    "Olga",
    "Emre",
    "Can",
    "Ayşe",
    "John",
    "Maria",
    "Karim",
    "Layla",
    "Tariq",
    "Zayd",
    "محمد",
    "أحمد",
    "عمر",
    "علي",
    "يوسف",
    "خالد",
    "حسن",
    "سعيد",
    "نور",
    "Иван",
    "Сергей",
    "Ольга",
    "Руслан",
    "Тимур",
    "Mehmet",
    "Fatma",
    "Hamza",
    "Bilal",
    "Sara",
    "Lucas",
]
_SUFFIXES = ("_new", "2", "_2", "ii", "_", "x", "_back", "7", "_03", "again")


@dataclass(frozen=True, slots=True)
class Person:
    """Who runs an account: nothing of it is seen but what it does."""

    circle: int
    favourites: np.ndarray
    hour: float
    audience: np.ndarray
    own: float
    link: float


@dataclass(frozen=True, slots=True)
class Scene:
    """Facts, and whose account each is: -1 parent for those that are nobody's return."""

    facts: Facts
    suspended: list[str]
    newcomers: list[str]
    person: dict[str, int]

    def wanted(self, ids: list[str]) -> pl.DataFrame:
        """Accounts as wanted profiles."""
        return pl.DataFrame(
            [("scene", a, None, None, False) for a in ids],
            schema={"platform": pl.String, "account_id": pl.String, "since": pl.Datetime("us", "UTC"),
                    "until": pl.Datetime("us", "UTC"), "text_only": pl.Boolean},
            orient="row",
        )  # fmt: skip


class _Deal:
    """Draws one scene."""

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng([seed, 17])
        d = self.draw
        self.words = [self._word(int(d.integers(2, 4))) for _ in range(WORDS)]
        self.circle_words = [d.permutation(WORDS)[:500] for _ in range(CIRCLES)]
        self.circle_stems = [[self._word(2) for _ in range(14)] for _ in range(CIRCLES)]
        self.fresh_handle, self.keep_name, self.keep_bio, self.keep_picture = (
            d.uniform(0.25, 0.45), d.uniform(0.35, 0.65), d.uniform(0.2, 0.5), d.uniform(0.2, 0.5))  # fmt: skip
        self.regained, self.habit = d.uniform(0.2, 0.4), d.uniform(0.25, 0.5)
        self.accounts: list[dict[str, object]] = []
        self.posts: list[dict[str, object]] = []
        self.ties: list[dict[str, object]] = []

    def _word(self, syllables: int) -> str:
        return "".join(str(self.draw.choice(_BEGIN)) + str(self.draw.choice(_END)) for _ in range(syllables))

    def person(self) -> Person:
        """Somebody new."""
        d, circle = self.draw, int(self.draw.integers(CIRCLES))
        pool = (POOL * d.random(int(d.integers(15, 60))) ** 1.6).astype(int) + circle * POOL
        return Person(circle, d.choice(self.circle_words[circle], 40, replace=False), d.uniform(0, 24),
                      np.unique(pool), d.uniform(0.2, 1), d.uniform(0, 0.6))  # fmt: skip

    def handle(self, circle: int) -> str:
        """A handle as its circle likes them."""
        d = self.draw
        stems = self.circle_stems[circle]
        first = str(d.choice(stems)) if d.random() < 0.5 else self._word(2)
        tail = str(d.integers(1, 2000)) if d.random() < 0.4 else ""
        return (first + str(d.choice(["", "_"])) + self._word(int(d.integers(1, 3))) + tail)[:15]

    def changed(self, handle: str) -> str:
        """A handle taken up again, with a small change."""
        d, kind = self.draw, int(self.draw.integers(6))
        at = int(d.integers(1, max(2, len(handle))))
        if kind == 0:
            return handle.rstrip("0123456789") + str(d.integers(1, 100))
        if kind == 1:
            return handle[:13] + str(d.choice(_SUFFIXES))
        if kind == 2:
            return handle.translate(str.maketrans("oiea", "0134")) if d.random() < 0.5 else handle.replace("_", "")
        if kind == 3:
            return handle[:at] + handle[at + 1 :] + "_"
        if kind == 4:
            return handle[:at] + str(d.choice(list("aeiou_h"))) + handle[at:]
        return str(d.choice(["the", "_", "al", "i"])) + handle

    def profile(self, who: Person) -> dict[str, str]:
        """What somebody puts up when they begin anew."""
        d = self.draw
        names = " ".join(str(_NAMES[int(len(_NAMES) * d.random() ** 1.5)]) for _ in range(2))
        bio = " ".join(self.words[w] for w in d.choice(self.circle_words[who.circle][:150], int(d.integers(3, 9))))
        kind = d.random()
        picture = "default" if kind < 0.12 else f"group{who.circle}" if kind < 0.25 else f"own{d.integers(1 << 40)}"
        return {
            "handle": self.handle(who.circle), "name": names, "bio": bio if d.random() < 0.8 else "", "picture": picture
        }  # fmt: skip

    def returned(self, old: dict[str, str], who: Person) -> dict[str, str]:
        """What somebody puts up who was suspended."""
        d, new = self.draw, self.profile(who)
        if d.random() > self.fresh_handle:
            new["handle"] = self.changed(old["handle"])
        if d.random() < self.keep_name:
            new["name"] = old["name"] if d.random() < 0.7 else old["name"].split()[0]
        if d.random() < self.keep_bio:
            new["bio"] = " ".join([*old["bio"].split()[int(d.integers(2)) :], self.words[int(d.integers(WORDS))]])
        if d.random() < self.keep_picture:
            new["picture"] = old["picture"]
        return new

    def admired(self, old: dict[str, str], who: Person) -> dict[str, str]:
        """What somebody else puts up who admires a suspended account."""
        new, kind = self.profile(who), int(self.draw.integers(3))
        if kind == 0:
            new["handle"] = self.changed(old["handle"])
        elif kind == 1:
            new["name"], new["picture"] = old["name"], old["picture"]
        else:
            new["handle"], new["picture"] = old["handle"][: len(old["handle"]) // 2] + self._word(1), old["picture"]
        return new

    def opens(
        self, ident: str, shown: dict[str, str], who: Person, begins: float, posts: int, audience: np.ndarray
    ) -> None:
        """An account with its posts and ties, from a day on."""
        d, made = self.draw, START + timedelta(days=begins)
        self.accounts.append({"platform": "scene", "account_id": ident, **shown, "created_at": made,
                              "seen_at": made + timedelta(days=25)})  # fmt: skip
        for n in range(posts):
            hour = (who.hour + d.normal(0, 3)) % 24
            at = made + timedelta(days=float(int(d.uniform(0, 24))), hours=float(hour))
            length = int(d.integers(5, 14))
            own = d.random(length) < self.habit
            said = np.where(own, who.favourites[(40 * d.random(length) ** 1.3).astype(int)],
                            self.circle_words[who.circle][(500 * d.random(length) ** 1.7).astype(int)])  # fmt: skip
            links = [f"https://site{d.integers(60)}.example/{d.integers(200)}"] if d.random() < who.link else []
            self.posts.append({"platform": "scene", "post_id": f"{ident}p{n}", "account_id": ident, "at": at,
                               "kind": "post" if d.random() < who.own else "repost", "handle": shown["handle"],
                               "text": " ".join(self.words[w] for w in said),
                               "links": links, "hashtags": []})  # fmt: skip
        for friend in audience:
            self.ties.append({"platform": "scene", "kind": "follow", "from_id": f"u{friend}", "to_id": ident,
                              "at": made + timedelta(days=1)})  # fmt: skip

    def some(self, who: Person) -> np.ndarray:
        """The part of an audience that finds an account again."""
        back = who.audience[self.draw.random(len(who.audience)) < self.regained]
        return np.unique(np.concatenate([back, self.person_like(who.circle)]))

    def person_like(self, circle: int) -> np.ndarray:
        """Others of the circle who come upon an account."""
        d = self.draw
        return (POOL * d.random(int(d.integers(5, 25))) ** 1.6).astype(int) + circle * POOL


def scene(seed: int, suspended: int = 1000, newcomers: int = 1000, with_parent: float = 0.1) -> Scene:
    """Suspended accounts and newcomers; a tenth of these are returns, and one in thirty is an admirer."""
    deal = _Deal(seed)
    d = deal.draw
    people, shown, person = [], [], {}
    for i in range(suspended):
        who = deal.person()
        people.append(who)
        shown.append(deal.profile(who))
        person[f"s{i}"] = i
        deal.opens(f"s{i}", shown[i], who, float(d.uniform(0, 100)), int(d.integers(0, 60)), who.audience)
    for j in range(newcomers):
        i = int(d.integers(suspended))
        posts = int(d.integers(0, 40))
        if j < with_parent * newcomers:
            who = people[i]
            person[f"n{j}"] = i
            deal.opens(f"n{j}", deal.returned(shown[i], who), who, float(d.uniform(25, 125) + d.exponential(12)), posts,
                       deal.some(who))  # fmt: skip
        else:
            who = deal.person()
            person[f"n{j}"] = suspended + j
            look = deal.admired(shown[i], who) if d.random() < 0.03 else deal.profile(who)
            deal.opens(f"n{j}", look, who, float(d.uniform(25, 150)), posts, deal.person_like(who.circle))
    facts = Facts(
        posts=_frame(POSTS, deal.posts), accounts=_frame(ACCOUNTS, deal.accounts), ties=_frame(TIES, deal.ties)
    )
    return Scene(facts, [f"s{i}" for i in range(suspended)], [f"n{j}" for j in range(newcomers)], person)


def _frame(table: Table, rows: list[dict[str, object]]) -> pl.LazyFrame:
    empty = pl.DataFrame(table.schema.empty_table())
    schema = {name: kind for name, kind in empty.schema.items() if name in rows[0]}
    return pl.concat([empty, pl.DataFrame(rows, schema=schema)], how="diagonal").lazy()
