"""The supervisor: keeps the desk's processes alive, and stops them together.

Each is an ordinary command (`seawall web`, `worker`, `scanner`, `watch NAME`) that can also run as a service unit. Each
ends with its supervisor, however that ends: it reads a pipe whose other end the supervisor alone holds.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seawall.cli.told import Told

_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_STEADY = 60.0  # seconds after which a process that ran counts as steady again
_PATIENCE = 15.0  # seconds a process is given to finish the job at hand
_PIPE = "SEAWALL_SUPERVISED"  # the end of the pipe that a supervised process reads


@dataclass(slots=True)
class Child:
    """One process that is kept running."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = _FIRST_WAIT
    again_at: float = 0.0


class Supervisor:
    """Starts processes, starts them again when they end, and ends them all when told to."""

    def __init__(self, commands: Mapping[str, list[str]], tell: Callable[[str], None]) -> None:
        self.children = [Child(name, [sys.executable, "-m", "seawall", *words]) for name, words in commands.items()]
        self.tell = tell
        self.stopping = Told()
        self._theirs, self._ours = os.pipe()  # nobody writes: it ends when this process does

    def run(self, ready: Callable[[], bool]) -> None:
        """Keep everything running until SIGINT or SIGTERM. `ready` is asked until it is true, then never again."""
        self.stopping.listen()
        waiting = True
        try:
            while not self.stopping.wait(0.25):
                for child in self.children:
                    self._keep(child)
                waiting = waiting and not ready()
        finally:
            self._stop()

    def _keep(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is None:
            return
        if child.process is not None:
            steady = now - child.started > _STEADY
            child.wait = _FIRST_WAIT if steady else min(child.wait * 2, _LONGEST_WAIT)
            self.tell(f"{child.name} ended with status {child.process.returncode}; again in {child.wait:.0f} s")
            child.process, child.again_at = None, now + child.wait
        if now >= child.again_at:
            child.process = subprocess.Popen(  # noqa: S603 - our own commands
                child.command,
                start_new_session=True,
                pass_fds=(self._theirs,),
                env={**os.environ, _PIPE: str(self._theirs)},
            )
            child.started = now

    def _stop(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        ends = time.monotonic() + _PATIENCE
        for process in running:
            try:
                process.wait(max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def end_with_supervisor() -> None:
    """Where a supervisor started this process: be told to end, as by itself, when it is gone."""
    pipe = os.environ.pop(_PIPE, None)
    if pipe is not None:
        threading.Thread(target=_outlive_nobody, args=(int(pipe),), daemon=True, name="supervised").start()


def _outlive_nobody(pipe: int) -> None:
    os.read(pipe, 1)
    os.kill(os.getpid(), signal.SIGTERM)
