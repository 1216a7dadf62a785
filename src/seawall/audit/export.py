"""The log for whoever works at the command line: read, exported, its head signed. Reading it so is written into it.

Verifying is not: it reads through `ledger_log` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
from django.db import connection, transaction

from seawall.audit.chain import Head
from seawall.audit.models import Entry, Tip
from seawall.audit.services import Actor, head, record
from seawall.audit.verify import COLUMNS, Line, Log, open_ledger

_CHUNK = 5000


class LedgerLog:
    """The log through the ledger's own connection, as `audit.verify` reads it."""

    def rows(self) -> Iterator[Sequence[Any]]:
        """Every row, by number."""
        rows: Iterator[Sequence[Any]] = Entry.objects.order_by("seq").values_list(*COLUMNS).iterator(_CHUNK)
        return rows

    def tips(self) -> list[Head]:
        """The signed tip."""
        return [Head(*row) for row in Tip.objects.values_list("seq", "hash", "at", "signature", "key")]


@contextmanager
def ledger_log() -> Iterator[Log]:
    """The running desk's log at one moment, while others go on writing."""
    if connection.vendor == "sqlite" and not connection.is_in_memory_db():
        with open_ledger(Path(connection.settings_dict["NAME"])) as log:  # our own connection would lock writers out
            yield log
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield LedgerLog()


def newest(actor: Actor, about: str = "", verb: str = "", limit: int = 50) -> list[Entry]:
    """The newest entries, oldest first; of one object or one verb if asked."""
    with transaction.atomic():
        found = Entry.objects.order_by("-seq")
        found = found.filter(object=about) if about else found
        found = found.filter(verb=verb) if verb else found
        rows = list(found[:limit])[::-1]
        record(actor, "audit.read", about, "", verb=verb, entries=len(rows))
    return rows


def signed_head(actor: Actor) -> Head:
    """The newest signed head. It covers the entry that says who asked for it."""
    with transaction.atomic():
        written = record(actor, "audit.head")
        found = head()
    if found is None or found.seq != written.seq:
        raise AssertionError("the tip is moved with each entry")
    return found


def hash_at(seq: int) -> str | None:
    """The hash of the entry of that number; None if there is none."""
    found: str | None = Entry.objects.filter(seq=seq).values_list("hash", flat=True).first()
    return found


def export(actor: Actor, stream: IO[bytes]) -> int:
    """Write the whole log, one JSON object a line, the signed tip last. Returns how many rows."""
    with transaction.atomic():
        record(actor, "audit.export")
    count = 0
    with ledger_log() as log:
        for row in log.rows():
            stream.write(msgspec.json.encode(Line(*row)) + b"\n")
            count += 1
        for tip in log.tips():
            stream.write(tip.as_json().encode() + b"\n")
    return count
