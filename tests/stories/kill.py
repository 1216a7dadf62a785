"""kill -9 at any moment: the web server and workers of a desk are killed again and again, and everything adds up.

The web server is the real one, started as `seawall up` starts it; people work through its API (`people.py`) and hold
it to every answer. Two workers with short leases do what was decided. At the end `kill_worker.py finish` does what
is left, and counts.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from subprocess import PIPE
from typing import Any

from tests.apart import command
from tests.stories.people import PEOPLE, Told

from seawall.wargame import build

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("kill_worker.py")
WORKERS = 2
MOST_PAUSE = 1.0  # seconds until a worker is killed
MOST_ANSWERS = 30  # acts that the web server acknowledges until it is killed
START = 120.0  # seconds a process may take to start and to work
SETTINGS = "[desk]\nactions_an_hour = 1000000\n"


@dataclass
class Summary:
    """What came of it. Empty `faults` means that nothing was lost, doubled or left over."""

    killed: dict[str, int]  # how often what
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
        kills = " and ".join(f"{what} killed {times} times" for what, times in self.killed.items())
        return f"{kills} in {self.seconds:.0f} s: {len(self.faults)} faults; {counts}"


class Web:
    """The web server, on a port that stays the same."""

    def __init__(self, env: dict[str, str], errors: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._at = free.getsockname()
        self.address = "http://{}:{}".format(*self._at)
        supervised, self._ours = os.pipe()  # it ends when this process does
        self.errors, self._supervised = errors, supervised
        self._env = {**env, "SEAWALL_SUPERVISED": str(supervised)}
        self.start()

    def start(self) -> None:
        """Start it as `seawall up` does; returns at once."""
        command = [sys.executable, "-m", "seawall", "web", "--port", str(self._at[1])]
        with self.errors.open("ab") as errors:
            self._popen = subprocess.Popen(
                command,
                env=self._env,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
                pass_fds=(self._supervised,),
            )

    def ended(self) -> bool:
        """Whether it ended by itself."""
        return self._popen.poll() is not None

    def kill(self) -> None:
        """kill -9; when this returns it is gone."""
        self._popen.kill()
        self._popen.wait()

    def close(self) -> None:
        """End it for good."""
        self.kill()
        os.close(self._supervised)
        os.close(self._ours)


class Nursery:
    """Where the workers come from: starts, kills and reaps them. `workers` are the ids of those that run."""

    def __init__(self, env: dict[str, str], errors: Path) -> None:
        self._errors = errors
        command = [sys.executable, str(SCRIPT), "nursery"]
        with errors.open("ab") as kept:
            self._popen = subprocess.Popen(command, env=env, stdin=PIPE, stdout=PIPE, stderr=kept, text=True)
        self._told: dict[str, Queue[int]] = {name: Queue() for name in ("started", "ready", "ended")}
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.workers = [self._start() for _ in range(WORKERS)]
        for _ in self.workers:
            self._heard("ready")

    def kill(self, workers: list[int]) -> None:
        """kill -9 of these workers at once; others in their place have been started when this returns."""
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        for pid in workers:
            self._reap(pid)
            self.workers[self.workers.index(pid)] = self._start()

    def close(self) -> None:
        """Let the workers finish the jobs at hand, and end the nursery."""
        for pid in self.workers:
            os.kill(pid, signal.SIGTERM)
            self._reap(pid)
        assert self._popen.stdin is not None
        self._popen.stdin.close()
        self._popen.wait(60)
        self._reader.join()

    def _start(self) -> int:
        self._say("start")
        return self._heard("started")

    def _reap(self, pid: int) -> None:
        self._say(f"reap {pid}")
        self._heard("ended")

    def _say(self, words: str) -> None:
        assert self._popen.stdin is not None
        self._popen.stdin.write(words + "\n")
        self._popen.stdin.flush()

    def _heard(self, what: str) -> int:
        try:
            return self._told[what].get(timeout=START)
        except Empty as error:
            raise RuntimeError(f"nothing {what} in time: {self._errors.read_text()[-3000:]}") from error

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout:
            for line in self._popen.stdout:
                told = json.loads(line)  # lines are shorter than a pipe's atomic write: a kill cuts none in two
                self._told[told["act"]].put(told["pid"])


def soak(folder: Path, database: str | None, kills: int, seed: int, web_every: int) -> Summary:
    """Kill so many times in a scratch home, every so many times the web server, else a worker.

    `database` is the address of an empty PostgreSQL database, or None.
    """
    started, home = time.monotonic(), folder / "home"
    env = {**os.environ, "SEAWALL_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    env |= {"SEAWALL_DATABASE": database or "sqlite", "DJANGO_SETTINGS_MODULE": "seawall.ledger.settings"}
    keys, errors, told = _prepare(home, env), folder / "errors.txt", Told()
    web, nursery = Web(env, errors), Nursery(env, errors)
    try:
        with _at_work(web.address, keys, told, seed):
            killed = _kill(web, nursery, told, kills, web_every, random.Random(seed))
    finally:
        nursery.close()
        web.close()
    said = folder / "told.json"
    said.write_text(json.dumps(told.as_json()))
    found = json.loads(_run(env, "finish", str(said)).splitlines()[-1])
    return Summary(killed, time.monotonic() - started, found, errors.read_text()[-2000:])


@contextmanager
def _at_work(address: str, keys: dict[str, str], told: Told, seed: int) -> Iterator[None]:
    """People at work meanwhile. Leaving waits until each has settled what is in doubt, and raises what they raised."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(PEOPLE)) as threads:
        people = [kind(address, keys[name], told, seed) for name, kind in PEOPLE.items()]
        at_work = [threads.submit(person.run, stop) for person in people]
        try:
            yield
        finally:
            stop.set()
            for person in at_work:
                person.result()


def _kill(web: Web, nursery: Nursery, told: Told, kills: int, web_every: int, draw: random.Random) -> dict[str, int]:
    """Kill a worker at a random moment of its work, or the web server once it has acknowledged some acts.

    Half of those times all workers are killed too, as when the power fails. Returns how often what was killed.
    """
    killed = {"web": 0, "worker": 0}
    _wait_answers(web, told, MOST_ANSWERS)  # then there is work for the workers
    for n in range(1, kills + 1):
        if n % web_every:
            time.sleep(draw.uniform(0.05, MOST_PAUSE))
            victims = [draw.choice(nursery.workers)]
        else:
            _wait_answers(web, told, draw.randint(1, MOST_ANSWERS))
            time.sleep(draw.uniform(0, 0.1))
            web.kill()
            killed["web"] += 1
            victims = nursery.workers.copy() if draw.random() < 0.5 else []
            web.start()
        nursery.kill(victims)
        killed["worker"] += len(victims)
    return killed


def _wait_answers(web: Web, told: Told, count: int) -> None:
    """Wait until people were given so many more."""
    ends, wanted = time.monotonic() + START, told.answered() + count
    while told.answered() < wanted:
        if web.ended() or time.monotonic() > ends:
            raise RuntimeError(f"the web server gave no {count} answers: {web.errors.read_text()[-3000:]}")
        time.sleep(0.01)


def _prepare(home: Path, env: dict[str, str]) -> dict[str, str]:
    """A home with cases; returns the keys of the people who work on them."""
    world = build(home.parent / "world", accounts=300, days=7)
    for words in (["init"], ["load", "x", str(world.posts)]):
        assert command(tuple(words), env).code == 0
    (home / "seawall.toml").write_text(SETTINGS)
    keys: dict[str, str] = json.loads(_run(env, "prepare", *PEOPLE))
    return keys


def _run(env: dict[str, str], *words: str) -> str:
    done = subprocess.run([sys.executable, str(SCRIPT), *words], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{words} failed: {done.stderr[-3000:]}")
    return done.stdout
