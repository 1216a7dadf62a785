"""PostgreSQL for tests: a cluster of its own on loopback, gone with the process that started it; the processes that
run tests side by side share it, each with databases of its own.

SEAWALL_TEST_DATABASE=postgresql pytest       runs everything that needs the ledger on it
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

_FAST = (  # a cluster that is thrown away needs no disk; a kill -9 of its clients is still a real one
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=127.0.0.1",
    "shared_buffers=64MB",
    "max_connections=100",
)
_PORT = "SEAWALL_TEST_CLUSTER"  # where the cluster of this run is, for the processes that share it


class MissingError(Exception):
    """The programs of PostgreSQL are not installed here."""


class Postgres:
    """A running cluster on a port of this machine."""

    def __init__(self, port: int) -> None:
        self.port = port

    def url(self, database: str = "postgres") -> str:
        """What SEAWALL_DATABASE is set to."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, name: str, template: str = "") -> str:
        """A fresh database of this process, empty or a copy of another of its own; returns its address."""
        database = _own(name)
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{_own(template) if template else "template1"}"')
        return self.url(database)

    def stop(self) -> None:
        """Whoever started it ends it."""


class Started(Postgres):
    """A cluster that this process started."""

    def __init__(self) -> None:
        self._initdb, self._ctl = _program("initdb"), _program("pg_ctl")
        self._base = Path(tempfile.mkdtemp(prefix="seawall-pg-"))
        self._demote: dict[str, Any] = {}
        if os.geteuid() == 0:  # initdb and postgres refuse to run as root
            nobody = pwd.getpwnam("nobody")
            self._demote = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self._base, nobody.pw_uid, nobody.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            super().__init__(free.getsockname()[1])
        try:
            self._start()
        except BaseException:
            shutil.rmtree(self._base, ignore_errors=True)
            raise
        self._pid = os.getpid()
        os.environ[_PORT] = str(self.port)
        atexit.register(self.stop)

    def stop(self) -> None:
        """End the cluster and remove its files. Safe to repeat; a forked child leaves its parent's alone."""
        if not self._base.exists() or os.getpid() != self._pid:
            return
        self._run(self._ctl, "-D", str(self._base / "data"), "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self._base, ignore_errors=True)
        os.environ.pop(_PORT, None)

    def _start(self) -> None:
        data = str(self._base / "data")
        self._run(self._initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = " ".join([f"-p {self.port} -k {self._base}", *(f"-c {option}" for option in _FAST)])
        self._run(self._ctl, "-D", data, "-w", "-t", "60", "-l", str(self._base / "log"), "-o", options, "start")

    def _run(self, *words: str, check: bool = True) -> None:
        # the unprivileged user may not enter the folder the tests run in; the locale makes initdb choose UTF-8
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self._base)}
        subprocess.run(
            words, check=check, cwd="/", env=env, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, **self._demote
        )


_running: list[Postgres] = []


def shared() -> Postgres:
    """The one cluster of this test run, started at first use unless it runs. Raises MissingError."""
    if not _running:
        _running.append(Postgres(int(os.environ[_PORT])) if _PORT in os.environ else Started())
    return _running[0]


def start() -> str:
    """Start PostgreSQL, or use the one that runs; returns the address of its database. Raises MissingError."""
    return shared().url()


def stop() -> None:
    """End what `start` started. Safe to repeat."""
    while _running:
        _running.pop().stop()


def _own(name: str) -> str:
    return "_".join([name, *filter(None, [os.environ.get("PYTEST_XDIST_WORKER")])])


def _program(name: str) -> str:
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]), reverse=True
    )
    found = str(versions[0]) if versions else shutil.which(name)
    if not found:
        raise MissingError(f"PostgreSQL's {name} is not installed here (Debian: apt install postgresql)")
    return found
