"""The log only grows, in the transaction of what it tells about; the database itself refuses anything else."""

from __future__ import annotations

import pytest
from django.db import Error, connection, transaction

from audit.inside import WHO, Inside, undone
from seawall.audit.chain import START
from seawall.audit.export import ledger_log
from seawall.audit.models import Entry, Tip
from seawall.audit.services import Actor, head, record
from seawall.audit.verify import ChainError, verify
from seawall.evidence.models import Custody
from seawall.ledger import LedgerError

SQLITE_ONLY = ("INSERT OR REPLACE INTO {table} SELECT * FROM {table}", "REPLACE INTO {table} SELECT * FROM {table}")
POSTGRESQL_ONLY = ("TRUNCATE {table}", "TRUNCATE {table} CASCADE")
UPSERT = "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT ({key}) DO UPDATE SET {column} = 'x'"
ONE = "DELETE FROM {table} WHERE {key} = (SELECT min({key}) FROM {table})"
CHANGES = ("UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", ONE, UPSERT)


def _refused(statement: str) -> None:
    with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("table", "key", "column"), [("audit_entry", "seq", "reason"), ("evidence_custody", "id", "who")]
)
def test_the_database_refuses_to_change_or_remove_rows(inside: Inside, table: str, key: str, column: str) -> None:
    inside.sealed()
    connection.check_constraints()  # PostgreSQL truncates nothing while foreign keys wait for the end
    before = (list(Entry.objects.values()), list(Custody.objects.values()))
    more = SQLITE_ONLY if connection.vendor == "sqlite" else POSTGRESQL_ONLY
    for statement in (*CHANGES, *more):
        _refused(statement.format(table=table, key=key, column=column))
    assert (list(Entry.objects.values()), list(Custody.objects.values())) == before


def test_the_tip_moves_and_is_never_removed(inside: Inside) -> None:
    with transaction.atomic():
        record(WHO, "a")
    more = SQLITE_ONLY if connection.vendor == "sqlite" else POSTGRESQL_ONLY
    for statement in ("DELETE FROM {table}", *more):
        _refused(statement.format(table="audit_tip"))
    with transaction.atomic():
        record(WHO, "b")
    assert Tip.objects.get().seq == 2


def test_models_refuse_too(inside: Inside) -> None:
    with transaction.atomic():
        entry = record(WHO, "a")
    for act in (entry.save, entry.delete, lambda: Entry.objects.update(reason="x"), Entry.objects.all().delete):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            act()


def test_an_entry_outside_a_transaction_is_refused() -> None:
    with pytest.raises(LedgerError, match="transaction"):
        record(WHO, "a")


def test_an_act_that_fails_leaves_no_entry_and_no_gap(inside: Inside) -> None:
    with transaction.atomic():
        first = record(WHO, "a")
    with pytest.raises(ZeroDivisionError):
        undone(lambda: record(WHO, "b"))
    with transaction.atomic():
        second = record(WHO, "c")
    assert [first.seq, second.seq, second.prev, first.prev] == [1, 2, first.hash, START]


def test_what_no_database_can_hold_is_written_so_that_it_verifies(inside: Inside) -> None:
    with transaction.atomic():
        record(
            Actor("P-" + "x" * 200, ("b", "a")),
            "a",
            "case:" + "9" * 200,
            "nul \x00 and \ud800 half",
            more="\ud800\x00ж",
        )
    entry = Entry.objects.get()
    assert (len(entry.actor), entry.roles, len(entry.object), entry.reason) == (80, "a,b", 120, "nul  and ? half")
    with ledger_log() as log:
        assert verify(log).tip == head()


@pytest.mark.parametrize("column", ["at", "actor", "roles", "verb", "object", "reason", "detail", "prev", "hash"])
def test_any_column_changed_past_the_triggers_is_found(inside: Inside, column: str) -> None:
    with transaction.atomic():
        for n in range(5):
            record(WHO, "case.read", f"case:{n}", "because", n=n)
    inside.sql(f"UPDATE audit_entry SET {column} = 'x' WHERE seq = 3")
    with ledger_log() as log, pytest.raises(ChainError) as caught:
        verify(log)
    assert (caught.value.row, caught.value.step) == (3, 2)


@pytest.mark.parametrize(
    ("change", "row", "step"),
    [
        ("DELETE FROM audit_entry WHERE seq = 3", 3, 1),
        ("DELETE FROM audit_entry WHERE seq = 5", 5, 4),
        ("DELETE FROM audit_tip", 5, 4),
        ("UPDATE audit_tip SET seq = 4", 5, 4),
        ("UPDATE audit_tip SET at = 'x'", 5, 5),
        ("UPDATE audit_tip SET signature = '00'", 5, 5),
    ],
)
def test_rows_removed_and_the_tip_changed_past_the_triggers(inside: Inside, change: str, row: int, step: int) -> None:
    with transaction.atomic():
        for n in range(5):
            record(WHO, "case.read", f"case:{n}")
    inside.sql(change)
    with ledger_log() as log, pytest.raises(ChainError) as caught:
        verify(log)
    assert (caught.value.row, caught.value.step) == (row, step)
