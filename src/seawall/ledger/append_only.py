"""Tables that only grow: the database itself refuses to change or remove a row, whatever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.migrations import RunPython


def append_only(table: str) -> RunPython:
    """A migration step that lets rows of `table` only be added."""
    return RunPython(_forbid(table, ("UPDATE", "DELETE")), _allow(table))


def never_deleted(table: str) -> RunPython:
    """A migration step that keeps rows of `table` from being removed; they may change."""
    return RunPython(_forbid(table, ("DELETE",)), _allow(table))


def _forbid(table: str, verbs: tuple[str, ...]) -> Callable[[Any, Any], None]:
    def run(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in verbs:
                editor.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            return
        editor.execute(
            f"CREATE FUNCTION {table}_no() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN RAISE EXCEPTION '{table} is append-only'; END$$"
        )
        editor.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE {' OR '.join(verbs)} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_no()"
        )
        editor.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_no()")

    return run


def _allow(table: str) -> Callable[[Any, Any], None]:
    def run(_apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "sqlite":
            for verb in ("update", "delete"):
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            return
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_change ON {table}")
        editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
        editor.execute(f"DROP FUNCTION IF EXISTS {table}_no()")

    return run
