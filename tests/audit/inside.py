"""A home in the tests' own process: vault and keys in a folder, the ledger in the database the tests run on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from typer.testing import CliRunner

from seawall.audit.services import Actor
from seawall.cli import audit, evidence
from seawall.evidence.models import Capture
from seawall.evidence.services import Captured, capture, keep
from seawall.evidence.vault import make_custodian
from seawall.lake import Lake
from seawall.people.models import User

WHO = Actor("P-AAAA", ("reviewer",))
Run = Callable[..., str]


class Inside:
    """What the tests touch."""

    def __init__(self, home: Path, custodian: Path) -> None:
        self.path = home
        self.custodian = custodian

    def person(self, role: str) -> User:
        """Somebody with a role, who signs in by its name."""
        made = User.objects.create(username=role)
        made.groups.add(Group.objects.get_or_create(name=role)[0])
        return made

    def sealed(self, number: int = 1, count: int = 2) -> Capture:
        """Posts sealed for a case, with an open ground to keep them."""
        facts = [Captured("post", "x", "a1", f"p{n}", {"text": f"words {number} {n}"}) for n in range(count)]
        made = capture(WHO, f"case:{number}", facts)
        keep(made, f"decision:{number}")
        return made

    def blobs(self) -> list[Path]:
        """Sealed files."""
        return sorted(path for path in (self.path / "vault").glob("*/*.age") if path.parent.name != "keys")

    def key_files(self) -> list[Path]:
        """The small key files beside them."""
        return sorted((self.path / "vault" / "keys").glob("*.age"))

    def sql(self, *statements: str) -> None:
        """Run statements past the triggers, as a thief of the database would; the test's end takes it back."""
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for (trigger,) in cursor.fetchall():
                    cursor.execute(f"DROP TRIGGER {trigger}")
            else:
                cursor.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                cursor.execute(statement)


def undone(act: Callable[[], object]) -> None:
    """Do something in a transaction that fails after it. Raises ZeroDivisionError."""
    with transaction.atomic():
        act()
        raise ZeroDivisionError


@pytest.fixture
def inside(tmp_path: Path, settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Inside:
    home = (tmp_path / "home").resolve()
    settings.SEAWALL_HOME = home
    monkeypatch.setenv("SEAWALL_HOME", str(home))
    Lake.create(home).close()
    make_custodian(tmp_path / "custodian.key", home)
    return Inside(home, tmp_path / "custodian.key")


@pytest.fixture
def runner(inside: Inside) -> Run:
    """`seawall audit ...` and `seawall evidence ...`: what was written, the status if it is not 0, and errors."""

    def run(group: str, *words: object) -> str:
        app = {"audit": audit.app, "evidence": evidence.app}[group]
        ran = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
        if ran.exception and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        assert (ran.exit_code == 0) == (not ran.stderr), ran.stderr
        return ran.stdout + ran.stderr

    return run


def rows(text: str) -> list[Any]:
    """JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]
