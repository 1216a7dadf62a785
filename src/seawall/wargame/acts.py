"""What is done on the synthetic platform, as columns of numbers: who, when, what, to which post."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from seawall.wargame.cast import Accounts, Floats, Ints
from seawall.wargame.phrases import Act


class Kind(IntEnum):
    """The form of a post."""

    POST = 0
    REPOST = 1
    QUOTE = 2
    REPLY = 3


class Link(IntEnum):
    """What a post links to."""

    NONE = 0
    RELEASE = 1  # the network's material
    ORDINARY = 2


@dataclass(frozen=True, slots=True)
class Rows:
    """Some acts, by their place among all."""

    ids: Ints
    who: Ints
    at: Ints
    part: Ints
    given: Ints  # which of the rows that were asked for each one is

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, places: Ints) -> Rows:
        """Only these, as often as they are named."""
        return Rows(*(getattr(self, name)[places] for name in _ROWS))


_ROWS = ("ids", "who", "at", "part", "given")


@dataclass(frozen=True, slots=True)
class Acts:
    """All acts of a world in order of time, one row a post."""

    at: npt.NDArray[np.int32]  # seconds after the start
    who: npt.NDArray[np.int32]
    act: npt.NDArray[np.int8]
    kind: npt.NDArray[np.int8]
    language: npt.NDArray[np.int8]
    of: npt.NDArray[np.int32]  # the post it reposts, quotes or answers; -1
    to: npt.NDArray[np.int32]  # up to three accounts it names; -1
    part: npt.NDArray[np.int32]  # number of the release it is about
    link: npt.NDArray[np.int8]
    tag: npt.NDArray[np.int8]  # 0 no hashtag, 1 the network's, 2 a trending one
    media: npt.NDArray[np.int8]
    pick: Ints  # what it says

    def __len__(self) -> int:
        return len(self.at)


class Writing:
    """Acts as they are made, in blocks. An act before its account joined, or after the end, is not made."""

    def __init__(self, draw: np.random.Generator, accounts: Accounts, end: int) -> None:
        self._draw, self._accounts, self._end = draw, accounts, end
        self._blocks: list[dict[str, npt.NDArray[Any]]] = []
        self._made = 0

    def add(
        self,
        who: Ints,
        at: Floats | Ints,
        act: Act | Ints,
        kind: Kind = Kind.POST,
        of: Rows | None = None,
        to: Ints | None = None,
        part: Ints | None = None,
        link: float = 0.0,
        links: Link = Link.RELEASE,
        tag: float = 0.0,
        trending: float = 0.0,
        media: float = 0.0,
    ) -> Rows:
        """Make acts. `of`, `to` (n × at most 3) and `part` go with `who` row by row; link, tag and media are shares."""
        draw = self._draw
        when = np.asarray(at, np.int64)
        there = (when < self._end) & (when >= self._accounts.joined[who])
        kept = np.flatnonzero(
            there & (of.who != who) if of is not None else there
        )  # nobody answers or reposts themselves
        who, when = who[kept], when[kept]
        parts = part[kept] if part is not None else (of.part[kept] if of is not None else np.zeros(len(kept), np.int64))
        named = np.full((len(kept), 3), -1, np.int64) if to is None else to[kept]
        named = np.pad(named, ((0, 0), (0, 3 - named.shape[1])), constant_values=-1)
        roll = draw.random(len(kept))
        second = draw.random(len(kept)) < 0.2
        block: dict[str, npt.NDArray[Any]] = {
            "at": when.astype(np.int32),
            "who": who.astype(np.int32),
            "act": (np.full(len(kept), act) if isinstance(act, Act) else act[kept]).astype(np.int8),
            "kind": np.full(len(kept), kind, np.int8),
            "language": np.where(second, self._accounts.second[who], self._accounts.language[who]).astype(np.int8),
            "of": (of.ids[kept] if of is not None else np.full(len(kept), -1)).astype(np.int32),
            "to": named.astype(np.int32),
            "part": parts.astype(np.int32),
            "link": np.where(draw.random(len(kept)) < link, int(links), 0).astype(np.int8),
            "tag": np.where(roll < tag, 1, np.where(roll < tag + trending, 2, 0)).astype(np.int8),
            "media": (draw.random(len(kept)) < media).astype(np.int8),
            "pick": draw.integers(1 << 60, size=len(kept)),
        }
        self._blocks.append(block)
        ids = np.arange(self._made, self._made + len(kept))
        self._made += len(kept)
        return Rows(ids, who, when, parts, kept)

    def finish(self) -> Acts:
        """All acts in order of time; what is reposted, quoted or answered stands before."""
        columns = {name: np.concatenate([block[name] for block in self._blocks]) for name in self._blocks[0]}
        self._blocks.clear()
        order = np.argsort(columns["at"], kind="stable")
        place = np.empty(len(order), np.int32)
        place[order] = np.arange(len(order), dtype=np.int32)
        of = columns["of"]
        columns["of"] = np.where(of >= 0, place[of], -1).astype(np.int32)
        return Acts(**{name: column[order] for name, column in columns.items()})


def joined(*rows: Rows) -> Rows:
    """Several as one, in order of time."""
    columns = [np.concatenate([getattr(its, name) for its in rows]) for name in _ROWS]
    order = np.argsort(columns[2], kind="stable")
    return Rows(*(column[order] for column in columns))
