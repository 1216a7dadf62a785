"""What every signal promises.

A signal is a pure function: facts in, findings out. The same facts in another order give the same findings; no
facts give none. It reads what accounts wrote and spread, never who they are; it knows no network and no adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl
import pyarrow as pa

from seawall.lake.snapshot import Snapshot
from seawall.records.facts import ACCOUNTS, HASHES, MEDIA, PICTURES, POSTS, STATES, TIES, Table
from seawall.records.findings import Finding
from seawall.records.labels import Label

Tell = Callable[[str, int, int], None]  # what is being done, how much is done, of how much


def silent(_what: str, _done: int, _of: int) -> None:
    """For callers who show no progress."""


class SignalError(Exception):
    """A signal cannot run; the message says why and what to do next."""


def _empty(table: Table) -> pl.LazyFrame:
    return pl.DataFrame(table.schema.empty_table()).lazy()


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema={"platform": pl.String, "account_id": pl.String})


@dataclass(frozen=True, slots=True)
class Facts:
    """What a signal may look at: the tables of `records.facts` as lazy frames, and live seeds. What was read in
    `pictures` is not the author's own words; who somebody is, as `accounts` tells it, may enter no score."""

    posts: pl.LazyFrame
    seeds: Sequence[Label] = ()
    pictures: pl.LazyFrame = field(default_factory=lambda: _empty(PICTURES))
    accounts: pl.LazyFrame = field(default_factory=lambda: _empty(ACCOUNTS))
    ties: pl.LazyFrame = field(default_factory=lambda: _empty(TIES))
    media: pl.LazyFrame = field(default_factory=lambda: _empty(MEDIA))
    states: pl.LazyFrame = field(default_factory=lambda: _empty(STATES))
    hashes: pl.LazyFrame = field(default_factory=lambda: _empty(HASHES))
    listed: pl.DataFrame = field(default_factory=_nobody)  # accounts above the line: told to surveys, never to signals

    @classmethod
    def none(cls) -> Facts:
        """An empty lake."""
        return cls(_empty(POSTS))

    @classmethod
    def of(cls, snapshot: Snapshot, seeds: Sequence[Label] = ()) -> Facts:
        """What a lake holds at one version."""
        scan = snapshot.scan
        return cls(
            scan("posts"),
            seeds,
            pictures=scan("pictures"),
            accounts=scan("accounts"),
            ties=scan("ties"),
            media=scan("media"),
            states=scan("states"),
            hashes=scan("hashes"),
        )


class Survey(Protocol):
    """One way to find what is about groups, tags or targets and about no person: one table of `records.results`."""

    name: str
    version: str
    table: str
    of_listed: bool  # whether it looks at who is above the line, so that other rules give it another answer

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        """The table's rows. Raises SignalError when it cannot run at all."""


class Signal(Protocol):
    """One way to find. `languages` are those it was built and measured for; `cost` is 'batch' or 'stream'."""

    name: str
    version: str
    languages: tuple[str, ...]
    cost: str

    def find(self, facts: Facts, tell: Tell = silent) -> Iterable[Finding]:
        """Findings, each with its reason and what was seen. Raises SignalError when it cannot run at all."""
