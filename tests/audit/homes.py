"""A home with a log and sealed evidence, and somebody who has its files and its database."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

import pg
from apart import command

ON_POSTGRESQL = os.environ.get("SEAWALL_TEST_DATABASE") == "postgresql"
_TEMPLATE, _COPY = "audit_template", "audit_copy"
_MAKE = """
import sys
from pathlib import Path
from seawall import ledger
home = Path(sys.argv[1])
ledger.setup(home)
ledger.migrate()
from django.contrib.auth.models import Group
from django.db import transaction
from seawall.audit.services import Actor, record
from seawall.evidence.services import Captured, capture, keep
from seawall.evidence.vault import make_custodian
from seawall.people.models import User
make_custodian(home.parent / "custodian.key", home)
User.objects.create(username="vera").groups.add(Group.objects.get_or_create(name="evidence_custodian")[0])
User.objects.create(username="rita").groups.add(Group.objects.get_or_create(name="reviewer")[0])
actor = Actor("P-AAAA", ("reviewer",))
for number in range(3):
    with transaction.atomic():
        record(actor, "case.read", f"case:{number}", "to see", n=number)
        made = capture(actor, f"case:{number}", [
            Captured("post", "x", "a1", f"p{n}", {"text": f"words {number} {n}"}) for n in range(2)
        ])
        keep(made, f"decision:{number}")
"""


class Home:
    """One home, the command in it, and its ledger as a thief of the database sees it."""

    def __init__(self, path: Path, database: str | None) -> None:
        self.path = path
        self.database = database
        self.custodian = path.parent / "custodian.key"
        self.env = {**os.environ, "SEAWALL_HOME": str(path), "SEAWALL_DATABASE": database or "sqlite", "COLUMNS": "200"}

    def seawall(self, *words: object) -> tuple[int, str, str]:
        """`seawall ...` in a process of its own: its status, and what it wrote."""
        ended = command(words, self.env)
        return ended.code, ended.out, ended.err

    def ok(self, *words: object) -> str:
        code, out, err = self.seawall(*words)
        assert code == 0, err
        return out

    def fails(self, *words: object) -> str:
        code, out, err = self.seawall(*words)
        assert code == 1, out
        return err

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements past the triggers; rows of the last."""
        if self.database:
            with psycopg.connect(self.database) as connection:
                connection.execute("SET session_replication_role = replica")
                ran = [connection.execute(statement) for statement in statements][-1]
                return ran.fetchall() if ran.description else []
        with closing(sqlite3.connect(self.path / "ledger.sqlite")) as db:
            for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {trigger}")
            rows = [db.execute(statement) for statement in statements][-1].fetchall()
            db.commit()
            return rows

    def blobs(self) -> list[Path]:
        """Sealed files."""
        return sorted(path for path in (self.path / "vault").glob("*/*.age") if path.parent.name != "keys")


def make(folder: Path) -> Home:
    """The home that tests copy."""
    made = Home(folder / "home", pg.shared().create(_TEMPLATE) if ON_POSTGRESQL else None)
    made.ok("init")
    subprocess.run([sys.executable, "-c", _MAKE, made.path], env=made.env, check=True)
    return made


def copy(template: Home, folder: Path) -> Home:
    """A copy that a test may change."""
    shutil.copytree(template.path, folder / "home")
    shutil.copy(template.custodian, folder)
    return Home(folder / "home", pg.shared().create(_COPY, _TEMPLATE) if template.database else None)
