"""Compact X posts of about 700 bytes in ten languages, made once and then given again with fresh ids, without end.

Words are those of the control corpus; one post in ten holds entries of the lists of `bench.compact`. No post has the
platform's language tag, so that each one's language is identified.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from bench import compact
from seawall.signals.control import sentences

MADE = 15_000  # posts that are different
TOUCHED = 0.1  # of posts hold entries of a list
_TURN = 5  # digits of an id that say which turn it is
_MARK = "T" * _TURN
Lists = dict[str, tuple[str, list[str]]]


def posts(lists: Lists, seed: int = 17) -> Iterator[dict[str, Any]]:
    """The posts of one turn."""
    chance = random.Random(seed)
    spoken = {lang: [word for said in corpus for word in said.split()] for lang, corpus in sentences().items()}
    for number in range(MADE):
        kind, entries = "", []
        if chance.random() < TOUCHED:
            kind, listed = lists[chance.choice(list(lists))]
            entries = chance.sample(listed, chance.randint(1, 3))
        yield _post(number, chance, chance.choice(list(spoken.values())), kind, entries)


def _post(number: int, chance: random.Random, spoken: list[str], kind: str, entries: list[str]) -> dict[str, Any]:
    said = chance.choices(spoken, k=chance.randint(7, 17))
    links = [f"https://www.example{chance.randrange(3000)}.org/{number}"] if chance.random() < 0.2 else []
    for entry in entries:
        if kind == "domains":
            links.append(f"https://files.{entry}/{number}")
        else:
            said.insert(chance.randrange(len(said)), entry)
    tags = [f"tag{chance.randrange(5000)}"] if chance.random() < 0.22 else []
    named = [chance.randrange(10**6)] if chance.random() < 0.35 else []
    words = [
        *(f"@user{n}" for n in named),
        *said,
        *(f"#{tag}" for tag in tags),
        *(f"https://t.co/{number}" for _ in links),
    ]
    author = int(chance.paretovariate(1.1) * 100) % 10**6
    clock = f"{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    return {
        "created_at": f"{('Tue Mar 03', 'Wed Mar 04')[number % 2]} {clock} +0000 2015",
        "id": f"6{_MARK}{number:012d}",
        "text": " ".join(words),
        "user": {
            "id": f"1{_MARK[:1]}{author:07d}",
            "screen_name": f"account{author}",
            "name": f"Account number {author}",
            "description": "some neutral words about oneself",
            "followers_count": author % 5000,
            "friends_count": author % 3000,
            "statuses_count": author % 40_000,
            "created_at": "Tue Mar 03 11:22:33 +0000 2012",
            "verified": False,
            "profile_image_url_https": f"https://pbs.example.org/profile/{author}.jpg",
        },
        "entities": {
            "hashtags": [{"text": tag} for tag in tags],
            "urls": [{"url": f"https://t.co/{number}", "expanded_url": link} for link in links],
            "user_mentions": [{"screen_name": f"user{n}", "id_str": str(n)} for n in named],
        },
        "source": '<a href="https://example.org">App</a>',
        "retweet_count": 0,
        "favorite_count": chance.randrange(20),
    }


class Posts(io.RawIOBase):
    """So many posts as a stream of lines, every one with an id of its own: a turn's digits are written into all ids."""

    def __init__(self, count: int, lists: Lists | None = None) -> None:
        self._left, self._turn = count, 0
        lines = [_line(post) for post in posts(lists or compact.lists(200))]
        self._ends = np.cumsum([len(line) for line in lines])
        self._bytes = np.frombuffer(bytearray(b"".join(lines)), np.uint8).copy()
        self._marks = _places(self._bytes)
        self._waiting = memoryview(b"")

    @property
    def size(self) -> float:
        """Bytes of a post, on average."""
        return float(self._ends[-1] / MADE)

    def readable(self) -> bool:
        """Always."""
        return True

    def read1(self, size: int = -1) -> bytes:
        """Some bytes more; none at the end."""
        if not self._waiting and self._left > 0:
            take = min(self._left, MADE)
            self._waiting = memoryview(self._next())[: int(self._ends[take - 1])]
            self._left -= take
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return bytes(given)

    def _next(self) -> bytes:
        for place, runs in self._marks.items():
            self._bytes[runs] = ord("0") + self._turn // 10 ** (_TURN - 1 - place) % 10
        self._turn += 1
        return self._bytes.tobytes()


def _line(post: dict[str, Any]) -> bytes:
    line = json.dumps(post, ensure_ascii=False)
    for name in (post["id"], post["user"]["id"]):
        line = line.replace(f'"{name}"', name, 1)  # numbers, as the platform writes them
    return line.encode() + b"\n"


def _places(data: npt.NDArray[np.uint8]) -> dict[int, npt.NDArray[np.int64]]:
    """Where the digits of the turn stand, by their place: all of them in a post's id, the lowest in its author's."""
    text = data.tobytes()
    found: dict[int, list[int]] = {place: [] for place in range(_TURN)}
    for mark, shift in ((b'"id": 6' + _MARK.encode(), 7), (b'"id": 1T', 7)):
        at = text.find(mark)
        while at >= 0:
            for place in range(_TURN) if mark.endswith(b"TT") else (_TURN - 1,):
                found[place].append(at + shift + (place if mark.endswith(b"TT") else 0))
            at = text.find(mark, at + 1)
    return {place: np.array(its, np.int64) for place, its in found.items()}
