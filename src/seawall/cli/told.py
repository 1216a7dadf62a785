"""Being told to end: by Ctrl-C, by a service manager, by a supervisor."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress


class Told:
    """Whether this process was told to end. Any thread may ask, or wait for it.

    A signal says so through a pipe, which it may do at any moment. A threading.Event may not be set by a signal: its
    handler runs in the thread that waits, which may hold the event's own lock just then, and waits for ever.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)

    def listen(self) -> Told:
        """Take SIGINT and SIGTERM as the word to end. For the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.set())
        return self

    def set(self) -> None:
        """Say so; saying it again changes nothing."""
        with suppress(BlockingIOError):
            os.write(self._write, b".")

    def wait(self, seconds: float) -> bool:
        """Wait so long at most; whether it was said. What was said stays said."""
        return bool(select.select([self._read], [], [], seconds)[0])

    def is_set(self) -> bool:
        """Whether it was said."""
        return self.wait(0)
