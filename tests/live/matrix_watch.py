"""`seawall watch matrix` in a process of its own, to be killed and started again; and what its lake then holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from desk import environment
from live.following import rows


class Watching:
    """`seawall watch matrix` in a process of its own, to be killed and started again."""

    def __init__(self, home: Path) -> None:
        self.home, self.killed = home, 0
        self.start()

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        command = [sys.executable, "-m", "seawall", "watch", "matrix"]
        with (self.home / "watch.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment(self.home))

    def kill(self) -> None:
        assert self._process.poll() is None, self.log()
        self._process.kill()
        self._process.wait()
        self.killed += 1

    def log(self) -> str:
        return (self.home / "watch.log").read_text()[-3000:]

    def posts(self) -> list[str]:
        return [row["post_id"] for row in rows(self.home, "posts")]
