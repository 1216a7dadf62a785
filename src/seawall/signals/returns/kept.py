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
from seawall.signals.returns.profiles import HABITS, Array, Profiles, gather, whole
from seawall.signals.returns.spelling import Spellings

FORM = 1  # of what is written; marks are hashes, and those of another form could not be compared
DAY = 24  # hours
_EACH = ("hours", "habits", "posts", "first", "last", "announces")  # columns with a row an account
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
    row_of = {who: row for row, who in enumerate(_who(second))}
    known = ((row, row_of.get(who)) for row, who in enumerate(_who(first)))
    better = {mine: its for mine, its in known if its is not None and second.posts[its] > first.posts[mine]}
    if not better:
        return first
    rest = np.setdiff1d(np.arange(len(first)), np.fromiter(better, np.int64))
    return _both(_some(first, rest), _some(second, np.fromiter(better.values(), np.int64)))


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


def _some(profiles: Profiles, rows: Array) -> Profiles:
    """Only these rows, in this order."""
    lengths = np.diff(profiles.starts)[rows]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    at = np.arange(starts[-1]) + np.repeat(profiles.starts[rows] - starts[:-1], lengths)
    return Profiles(
        [profiles.platform[row] for row in rows],
        [profiles.account_id[row] for row in rows],
        [profiles.shown[row] for row in rows],
        profiles.handles.take(rows),
        profiles.names.take(rows),
        starts,
        profiles.marks[at],
        profiles.times[at],
        *(getattr(profiles, name)[rows] for name in _EACH),
    )


def _both(one: Profiles, other: Profiles) -> Profiles:
    return Profiles(
        one.platform + other.platform,
        one.account_id + other.account_id,
        one.shown + other.shown,
        one.handles.with_rows(other.handles),
        one.names.with_rows(other.names),
        np.concatenate([one.starts, one.starts[-1] + other.starts[1:]]),
        np.concatenate([one.marks, other.marks]),
        np.concatenate([one.times, other.times]),
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in _EACH),
    )
