"""What every signal promises.

A signal is a pure function: facts in, findings out. The same facts in another order give the same findings; no
facts give none. It reads what accounts wrote and spread, never who they are; it knows no network and no adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from seawall.records.facts import PICTURES, POSTS
from seawall.records.findings import Finding
from seawall.records.labels import Label

Tell = Callable[[str, int, int], None]  # what is being done, how much is done, of how much


def silent(_what: str, _done: int, _of: int) -> None:
    """For callers who show no progress."""


class SignalError(Exception):
    """A signal cannot run; the message says why and what to do next."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a signal may look at: posts as a lazy frame with the columns of `facts.POSTS`, live seeds, and what was
    read in pictures (`facts.PICTURES`), which is not the author's own words."""

    posts: pl.LazyFrame
    seeds: Sequence[Label] = ()
    pictures: pl.LazyFrame = field(default_factory=lambda: pl.DataFrame(PICTURES.schema.empty_table()).lazy())

    @classmethod
    def none(cls) -> Facts:
        """An empty lake."""
        return cls(pl.DataFrame(POSTS.schema.empty_table()).lazy())


class Signal(Protocol):
    """One way to find. `languages` are those it was built and measured for; `cost` is 'batch' or 'stream'."""

    name: str
    version: str
    languages: tuple[str, ...]
    cost: str

    def find(self, facts: Facts, tell: Tell = silent) -> Iterable[Finding]:
        """Findings, each with its reason and what was seen. Raises SignalError when it cannot run at all."""
