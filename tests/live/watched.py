"""A platform connected and watched by the commands anybody uses, in a process to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from seawall.lake import Lake

LATEST = 120.0  # seconds that anything may take


class Watched:
    """`seawall watch KIND` over a home of its own, once `seawall connect KIND` has tried the answers."""

    def __init__(self, home: Path, kind: str, answers: Sequence[str], more: Sequence[str] = ()) -> None:
        self.home, self._kind = home, kind
        self.log = home.with_name(f"{home.name}.log")
        self._env = {**os.environ, "SEAWALL_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
        self._do("init")
        self._do("connect", kind, *(word for answer in answers for word in ("--set", answer)), *more)
        self.start()

    def _do(self, *words: str) -> None:
        done = subprocess.run(self._command(*words), env=self._env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def _command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "seawall", *words]

    def start(self) -> None:
        """Start it, again or for the first time."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command("watch", self._kind), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._env
            )

    def kill(self) -> None:
        """kill -9."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def column(self, table: str, *names: str) -> list[tuple[Any, ...]]:
        """Rows of a table of its lake."""
        with Lake(self.home) as lake, lake.snapshot() as snapshot:
            return [tuple(row.values()) for row in snapshot.read(table, list(names)).to_pylist()]

    def until(self, what: Callable[[], bool], why: str) -> None:
        """Wait for what must come; fails with what it printed if it ends or nothing comes."""
        end = time.monotonic() + LATEST
        while not what():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < end, f"{why}: {self.said()}"
            time.sleep(0.3)

    def said(self) -> str:
        """The end of what it printed."""
        return self.log.read_text("utf-8")[-3000:]
