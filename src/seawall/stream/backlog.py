"""The backlog: what came from a server and is not in the lake yet. So many items at most; those let go are counted."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import NamedTuple

from seawall.sources.contract import Batch, Cursor

MOST = 20_000  # items that may wait


class Waiting(NamedTuple):
    """A batch that waits; or, without one, items that were let go and where the stream goes on after them."""

    batch: Batch | None
    cursor: Cursor
    items: int


class Backlog:
    """Batches in their order, between the thread that reads and the one that commits.

    Without `shed` whoever puts a batch waits until there is room. With it, items that come while so many wait are let
    go, batch by batch: what is left of them is their number.
    """

    def __init__(self, shed: int | None = None, most: int = MOST) -> None:
        self.items = 0  # that wait
        self._shed, self._most = shed, most if shed is None else shed
        self._waiting: deque[Waiting] = deque()
        self._ended = False
        self._changed = threading.Condition()

    def put(self, batch: Batch) -> None:
        """Let a batch wait. One that is larger than all the room there is waits alone."""
        size = batch.read
        with self._changed:
            if self._shed is None:
                self._changed.wait_for(lambda: self._ended or not self.items or self.items + size <= self._most)
            if self._shed is None or not self.items or self.items + size <= self._most:
                self._waiting.append(Waiting(batch, batch.cursor, size))
                self.items += size
            else:
                gap = self._waiting.pop().items if self._waiting and self._waiting[-1].batch is None else 0
                self._waiting.append(Waiting(None, batch.cursor, gap + size))
            self._changed.notify_all()

    def take(self, timeout: float) -> list[Waiting]:
        """All that waits, once something does; nothing if nothing comes in time, or no more comes."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended, timeout)
            taken = list(self._waiting)
            self._waiting.clear()
            self.items = 0
            self._changed.notify_all()
            return taken

    def pause(self, seconds: float) -> None:
        """Let batches gather so long, unless the backlog is half full before or ends."""
        until = time.monotonic() + seconds
        with self._changed:
            while not self._ended and self.items * 2 < self._most and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)

    @property
    def ended(self) -> bool:
        """Whether no more comes, and nothing waits."""
        with self._changed:
            return self._ended and not self._waiting

    def end(self) -> None:
        """No more comes, or nobody takes any more."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
