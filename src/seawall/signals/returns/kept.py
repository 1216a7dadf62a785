"""Profiles that outlive their facts: what is kept of an account that people suspended, so that its return is known.

That is how its handle and name are spelt, hashes of its words, links, tags and of the ids in its audience, its hours
and habits. No text stands in it. Who keeps it says why and until when (`evidence.KeptProfile`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
import polars as pl

from seawall.signals.contract import Facts
from seawall.signals.returns.profiles import HABITS, Profiles, gather, whole
from seawall.signals.returns.spelling import Spellings

FORM = 1  # of what is written; marks are hashes, and those of another form could not be compared
DAY = 24  # hours
_ACCOUNTS: dict[str, Any] = {"platform": pl.String, "account_id": pl.String, "at": pl.Datetime("us", "UTC")}


class _Packed(msgspec.Struct, array_like=True):
    form: int
    platform: str
    account_id: str
    shown: str
    handle: bytes
    name: bytes
    marks: bytes
    times: bytes
    hours: bytes
    habits: bytes
    posts: int
    first: int
    last: int
    announces: bool


def profile_of(facts: Facts, platform: str, account_id: str) -> bytes:
    """The profile of an account as it is known now, to be written down; empty where no post of it is known."""
    wanted = pl.DataFrame(
        {"platform": [platform], "account_id": [account_id]},
        schema=dict.fromkeys(("platform", "account_id"), pl.String),
    )
    profiles = gather(facts, whole(wanted))
    return msgspec.msgpack.encode(_row(profiles, 0)) if profiles.posts[0] else b""


@dataclass(frozen=True, slots=True)
class Kept:
    """Profiles that were written down, and since when each account is suspended, in UTC."""

    profiles: Profiles
    since: list[datetime]

    @classmethod
    def of(cls, written: Iterable[tuple[bytes, datetime]]) -> Kept:
        """Those of another form are passed over."""
        read = [(msgspec.msgpack.decode(one, type=_Packed), since) for one, since in written]
        read = [(its, since) for its, since in read if its.form == FORM]
        return cls(_unpacked([its for its, _ in read]), [since for _, since in read])

    def accounts(self) -> pl.DataFrame:
        """Who they are, and since when: platform, account_id, at."""
        columns = {"platform": self.profiles.platform, "account_id": self.profiles.account_id, "at": self.since}
        return pl.DataFrame(columns, schema=_ACCOUNTS)


def fuller(first: Profiles, second: Profiles) -> Profiles:
    """The accounts of the first, each with the profile of which more posts are known, the first's where as many."""
    best = {who: (first, row) for row, who in enumerate(_who(first))}
    for row, who in enumerate(_who(second)):
        if who in best and second.posts[row] > best[who][0].posts[best[who][1]]:
            best[who] = second, row
    return _unpacked([_row(profiles, row) for profiles, row in best.values()])


def _who(profiles: Profiles) -> Iterable[tuple[str, str]]:
    return zip(profiles.platform, profiles.account_id, strict=True)


def _row(profiles: Profiles, row: int) -> _Packed:
    span = slice(profiles.starts[row], profiles.starts[row + 1])
    return _Packed(
        FORM,
        profiles.platform[row],
        profiles.account_id[row],
        profiles.shown[row],
        profiles.handles[row].tobytes(),
        profiles.names[row].tobytes(),
        profiles.marks[span].astype("<u8").tobytes(),
        profiles.times[span].astype("<f4").tobytes(),
        profiles.hours[row].astype("<f4").tobytes(),
        profiles.habits[row].astype("<f4").tobytes(),
        int(profiles.posts[row]),
        int(profiles.first[row]),
        int(profiles.last[row]),
        bool(profiles.announces[row]),
    )


def _unpacked(rows: Sequence[_Packed]) -> Profiles:
    marks = [np.frombuffer(its.marks, "<u8") for its in rows]
    return Profiles(
        [its.platform for its in rows],
        [its.account_id for its in rows],
        [its.shown for its in rows],
        Spellings.of(its.handle.decode() for its in rows),
        Spellings.of(its.name.decode() for its in rows),
        np.concatenate([[0], np.cumsum([len(each) for each in marks])]).astype(np.int64),
        np.concatenate([np.zeros(0, np.uint64), *marks]),
        np.concatenate([np.zeros(0, np.float32), *(np.frombuffer(its.times, "<f4") for its in rows)]),
        np.array([np.frombuffer(its.hours, "<f4") for its in rows], np.float32).reshape(len(rows), DAY),
        np.array([np.frombuffer(its.habits, "<f4") for its in rows], np.float32).reshape(len(rows), len(HABITS)),
        np.array([its.posts for its in rows], np.int64),
        np.array([its.first for its in rows], np.int64),
        np.array([its.last for its in rows], np.int64),
        np.array([its.announces for its in rows], bool),
    )
