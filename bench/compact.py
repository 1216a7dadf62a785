"""Compact JSON posts of about 700 bytes in five languages, lists of phrases and hosts, and rules over them.

All from one number. Words are made up; one post in ten holds entries of a list, as many as 5,000 entries and 200
rules meet on a platform with something to find. Rules are given as data, so that two engines can be told the same.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

LETTERS = {
    "en": "abcdefghijklmnoprstuvwy",
    "tr": "abcçdefgğhjklmnoöprsştuüvyz",
    "id": "abcdefghijklmnoprstuwy",
    "ru": "абвгдежзиклмнопрстухцчшщыэюя",
    "ar": "بتثجحخدذرزسشصضطظعغفقكلمن",
}
VOCABULARY = 3_000  # words a language
ENTRIES = 25  # a list
TOUCHED = 0.1  # of posts hold entries of a list

Term = tuple[str, str, object]  # column or list, operator, value


@dataclass(frozen=True, slots=True)
class Spec:
    """A rule: every term of one of its sides holds."""

    id: str
    sides: tuple[tuple[Term, ...], ...]


def words(seed: int = 7) -> dict[str, list[str]]:
    """Made-up words by language, no letter twice in a row."""
    chance = random.Random(seed)
    return {lang: sorted({_word(chance, letters) for _ in range(VOCABULARY)}) for lang, letters in LETTERS.items()}


def _word(chance: random.Random, letters: str) -> str:
    word = ""
    while len(word) < chance.randint(3, 8):
        letter = chance.choice(letters)
        word += letter if not word.endswith(letter) else ""
    return word


def lists(count: int, seed: int = 11) -> dict[str, tuple[str, list[str]]]:
    """Lists by name, each with its kind and entries; every tenth is of domains."""
    chance, spoken = random.Random(seed), words()
    return {f"l{i}": _list(i, chance, spoken) for i in range(count)}


def _list(number: int, chance: random.Random, spoken: dict[str, list[str]]) -> tuple[str, list[str]]:
    if number % 10 == 9:
        return "domains", [f"{chance.choice(spoken['en'])}{number}-{i}.example" for i in range(ENTRIES)]
    langs = [list(LETTERS)[i % len(LETTERS)] for i in range(ENTRIES)]
    return "phrases", [" ".join(chance.choices(spoken[lang], k=chance.choice((2, 2, 3)))) for lang in langs]


def specs(count: int) -> list[Spec]:
    """As many rules as there are lists, in five shapes."""
    return [Spec(f"r{i}", _shape(i)) for i in range(count)]


def _shape(i: int) -> tuple[tuple[Term, ...], ...]:
    own, before = f"hits:l{i}", f"hits:l{i - 1}"
    return (
        ((((own, ">=", 1), ("kind", "in", ("post", "quote"))),)),
        ((((own, ">=", 2), ("likes", ">=", 3))),),
        ((((own, ">=", 1), ("lang", "!=", "en"), ("n_links", ">=", 1))),),
        (((own, ">=", 1), ("n_mentions", "<=", 1)), ((before, ">=", 3),)),
        ((((own, ">=", 1), ("truncated", "=", False), ("reposts", "<", 400))),),
    )[i % 5]


def posts(count: int, hits: dict[str, tuple[str, list[str]]], touched: float = TOUCHED) -> Iterator[bytes]:
    """Posts as JSON, one after the other."""
    chance, spoken = random.Random(13), words()
    named = list(hits)
    for number in range(count):
        entries: list[str] = []
        kind = ""
        if chance.random() < touched:
            kind, listed = hits[chance.choice(named)]
            entries = chance.sample(listed, chance.randint(1, 3))
        yield json.dumps(_post(number, chance, spoken, kind, entries), ensure_ascii=False).encode()


def _post(
    number: int, chance: random.Random, spoken: dict[str, list[str]], kind: str, entries: list[str]
) -> dict[str, object]:
    lang = chance.choice(list(LETTERS))
    said = chance.choices(spoken[lang], k=chance.randint(12, 30))
    said[0] = said[0].capitalize() if lang != "tr" else said[0]
    links = [f"https://news.example.org/{number % 997}"] if chance.random() < 0.4 else []
    for entry in entries:
        if kind == "domains":
            links.append(f"https://files.{entry}/{number}")
        else:
            said.insert(
                chance.randrange(1, len(said)), f"{chance.choice(('', '…', '— '))}{entry}{chance.choice(',.!')}"
            )
    account = chance.randrange(40_000)
    return {
        "platform": "town",
        "post_id": str(10**18 + number),
        "account_id": str(10**9 + account),
        "handle": f"account{account}",
        "at": f"2015-03-{number % 28 + 1:02d}T{number % 24:02d}:{number % 60:02d}:{number % 59:02d}Z",
        "kind": chance.choice(("post", "post", "repost", "quote", "reply")),
        "text": " ".join(said) + (f" https://t.co/{number}" if links else ""),
        "lang": lang,
        "hashtags": [chance.choice(spoken["en"])] if chance.random() < 0.3 else [],
        "links": links,
        "mentions": [f"account{chance.randrange(40_000)}" for _ in range(chance.randrange(3))],
        "media": chance.randrange(2),
        "reposts": chance.randrange(500),
        "likes": chance.randrange(20),
        "replies": chance.randrange(5),
        "truncated": chance.random() < 0.05,
        "client": "App for phones 4.2",
        "author": {"name": f"Account {account}", "followers": account % 900, "following": account % 500, "posts": 7},
        "urls": {"self": f"https://town.example/post/{number}", "avatar": f"https://town.example/a/{account}.png"},
    }  # fmt: skip
