"""What tests share: a home of their own, the command as people run it, and no network."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import memory

memory.scratch()

# Before anything of Django's is imported: a home of the tests' own, and the database they are to run on.
_HOME = tempfile.TemporaryDirectory(prefix="seawall-tests-")
os.environ["SEAWALL_HOME"] = _HOME.name
os.environ["DJANGO_SETTINGS_MODULE"] = "seawall.ledger.settings"
ON_POSTGRESQL = os.environ.get("SEAWALL_TEST_DATABASE") == "postgresql"
MISSING = ""
if ON_POSTGRESQL:
    import pg

    try:
        os.environ["SEAWALL_DATABASE"] = pg.start()
    except pg.MissingError as missing:
        MISSING = str(missing)

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

settings.PASSWORD_HASHERS = ["passwords.QuickHasher"]

import hypothesis  # noqa: E402

hypothesis.settings.register_profile("beside others", deadline=None)  # how long an example takes says nothing here
hypothesis.settings.load_profile("beside others")

from command import Command  # noqa: E402

SHARED = Path(os.environ.get("SEAWALL_SHARED", Path(__file__).parents[2] / "shared")) / "data"


SLOW = ("browser", "stories", "stream", "cli")  # folders


def _turn(item: pytest.Item) -> int:
    """0: among the first; 2: last."""
    if item.path.parent.name in SLOW:
        return 0
    return 2 if isinstance(item, pytest.Function) and "scanned_home" in item.fixturenames else 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first, so that all processes end together, and those of a scanned home last: while one process
    makes it, on a fresh clone compiling all that a scan needs, others have something to do. Skip what was to run on a
    database that is not here."""
    items.sort(key=_turn)
    for item in items if MISSING else ():
        item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why."""
    if MISSING:
        terminalreporter.write_line(f"Skipped: {MISSING}")


def pytest_unconfigure() -> None:
    """Stop the database that was started for the tests."""
    if ON_POSTGRESQL:
        pg.stop()


@pytest.fixture
def seawall(tmp_path: Path) -> Command:
    """The command with an empty home."""
    command = Command(tmp_path / "home")
    command.ok("init")
    return command


@pytest.fixture
def rows(seawall: Command) -> Callable[[str], list[dict[str, Any]]]:
    """Every row of a table, in a stable order."""

    def read(table: str) -> list[dict[str, Any]]:
        with seawall.lake() as lake, lake.snapshot() as snapshot:
            return sorted(
                snapshot.read(table).to_pylist(), key=lambda row: json.dumps(row, default=str, sort_keys=True)
            )

    return read


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the shared data folder ({SHARED.parent.name}/{SHARED.name}), which is not here")
    return SHARED


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may reach out of this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


pytest_plugins = ["desk"]
