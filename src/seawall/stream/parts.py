"""What the leader and its workers tell each other, and what is measured on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from seawall.lake.keys import Keys
from seawall.lake.manifest import File
from seawall.sources.contract import Batch, Source
from seawall.sources.streams import Lines

Mask = npt.NDArray[np.bool_]


class StreamError(Exception):
    """The stream cannot go on; the message says why, what is kept, and what to do next."""


class LineSource(Source, Protocol):
    """A source whose lines can be read wherever they came from: only such ones are shared among workers."""

    def batch(self, block: Lines) -> Batch:
        """What whole lines say. Must be picklable with its source."""


class Task(NamedTuple):
    """A block of lines for a worker. The lines themselves wait in a file."""

    number: int  # from 0, in the order of the input
    spool: Path
    block: Lines  # without its lines
    lines: int

    def words(self) -> str:
        """Which lines these are, for people."""
        return f"lines {self.block.first:,} to {self.block.first + self.lines + len(self.block.rejects) - 1:,}"


class Keyed(NamedTuple):
    """A worker has decoded a block, and asks which of its rows are new."""

    number: int
    batch: Batch  # without its tables
    keys: Mapping[str, Keys]  # of its rows, each once, in their order, by table
    twice: Counter[str]  # rows that came before in the same block, by table


class Verdict(NamedTuple):
    """Which rows of a block are new."""

    number: int
    new: Mapping[str, Mask]


class Done(NamedTuple):
    """A worker has written a block's new rows and their marks; the leader may let them in."""

    number: int
    files: Mapping[str, File]
    matches: pa.Table
    posts: int  # new ones, which were marked
    stages: Counter[str]  # CPU seconds of this block, by stage


class Failed(NamedTuple):
    """A worker could not go on with a block."""

    number: int
    why: str


@dataclass(slots=True)
class Clock:
    """CPU seconds of this process, all threads, by stage."""

    spent: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.process_time()
        try:
            yield
        finally:
            self.spent[stage] += time.process_time() - began  # type: ignore[assignment]

    def taken(self) -> Counter[str]:
        """What was spent since this was last asked."""
        spent, self.spent = self.spent, Counter()
        return spent
