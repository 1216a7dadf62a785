"""kill -9 at any moment: people and workers of a desk are killed again and again, and at the end everything adds up.

One process where two people propose, approve and take back, and two workers with short leases; each says what it has
acknowledged. Some of them are killed at random moments and started again. At the end what is left is done, and
`kill_worker.py check` counts.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from subprocess import PIPE
from typing import Any

from seawall.wargame import build

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("kill_worker.py")
ROLES = ("web", "worker", "worker")
MOST_PAUSE = 1.0  # seconds between two kills
SETTINGS = "[desk]\nactions_an_hour = 1000000\n"


@dataclass
class Summary:
    """What came of it. Empty `faults` means that nothing was lost, doubled or left over."""

    kills: int
    seconds: float
    found: dict[str, Any]
    errors: str  # the last of what the killed processes wrote to stderr

    @property
    def faults(self) -> list[str]:
        """Everything that does not add up, in words."""
        return list(self.found["faults"])

    def __str__(self) -> str:
        told = {name: value for name, value in self.found.items() if name != "faults"}
        counts = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in told.items())
        return f"{self.kills} kills in {self.seconds:.0f} s: {len(self.faults)} faults; {counts}"


class Nursery:
    """Where the processes come from: starts, kills and reaps them, and keeps what they acknowledge."""

    def __init__(self, env: dict[str, str], said: Path) -> None:
        self.said, self.errors = said, said.with_suffix(".err")
        command = [sys.executable, str(SCRIPT), "nursery"]
        with self.errors.open("ab") as errors:
            self._popen = subprocess.Popen(command, env=env, stdin=PIPE, stdout=PIPE, stderr=errors, text=True)
        self._told: dict[str, Queue[int]] = {name: Queue() for name in ("started", "ready", "ended")}
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def start(self, role: str) -> int:
        """Start a process; returns its id at once."""
        self._say(f"start {role}")
        return self._heard("started")

    def wait_ready(self) -> None:
        """Wait until one more process has begun to work."""
        self._heard("ready")

    def end(self, pid: int, how: signal.Signals) -> None:
        """End a process; when this returns it is gone."""
        os.kill(pid, how)
        self._say(f"reap {pid}")
        self._heard("ended")

    def close(self) -> None:
        """End the nursery, and read the rest of what was said."""
        assert self._popen.stdin is not None
        self._popen.stdin.close()
        self._popen.wait(60)
        self._reader.join()

    def _say(self, words: str) -> None:
        assert self._popen.stdin is not None
        self._popen.stdin.write(words + "\n")
        self._popen.stdin.flush()

    def _heard(self, what: str) -> int:
        try:
            return self._told[what].get(timeout=60)
        except Empty as error:
            raise RuntimeError(f"nothing {what} within a minute: {self.errors.read_text()[-3000:]}") from error

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout, self.said.open("a") as kept:
            for line in self._popen.stdout:
                act = json.loads(line)  # lines are shorter than a pipe's atomic write: a kill cuts none in two
                if act["act"] in self._told:
                    self._told[act["act"]].put(act["pid"])
                else:
                    kept.write(line)


def soak(folder: Path, database: str | None, kills: int, seed: int) -> Summary:
    """Kill so many times in a scratch home; `database` is the address of an empty PostgreSQL database, or None."""
    started, home = time.monotonic(), folder / "home"
    env = {**os.environ, "SEAWALL_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    env |= {"SEAWALL_DATABASE": database or "sqlite", "DJANGO_SETTINGS_MODULE": "seawall.ledger.settings"}
    said = _prepare(home, env)
    nursery = Nursery(env, said)
    try:
        _kill(nursery, kills, random.Random(seed))
    finally:
        nursery.close()
    _run(env, "drain")
    found = json.loads(_run(env, "check", str(said)).splitlines()[-1])
    return Summary(kills, time.monotonic() - started, found, nursery.errors.read_text()[-2000:])


def _kill(nursery: Nursery, kills: int, draw: random.Random) -> None:
    """Kill one at a random moment of its work, or once in ten kill all, as when the power fails."""
    running = {nursery.start(role): role for role in ROLES}
    for _ in ROLES:
        nursery.wait_ready()
    for _ in range(kills):
        time.sleep(draw.uniform(0.05, MOST_PAUSE))
        victims = list(running) if draw.random() < 0.1 else [draw.choice(list(running))]
        for pid in victims:
            nursery.end(pid, signal.SIGKILL)
        for role in [running.pop(pid) for pid in victims]:
            running[nursery.start(role)] = role
    for pid in running:
        nursery.end(pid, signal.SIGTERM)


def _prepare(home: Path, env: dict[str, str]) -> Path:
    cli = [sys.executable, "-m", "seawall"]
    world = build(home.parent / "world", accounts=300, days=7)
    for words in (["init"], ["load", "x", str(world.posts)]):
        subprocess.run([*cli, *words], env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (home / "seawall.toml").write_text(SETTINGS)
    said = home.parent / "acknowledged.jsonl"
    said.write_text(_run(env, "prepare"))
    return said


def _run(env: dict[str, str], *words: str) -> str:
    done = subprocess.run([sys.executable, str(SCRIPT), *words], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words} failed: {done.stderr[-3000:]}")
    return done.stdout
