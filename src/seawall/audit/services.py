"""Writing the audit log: one entry, in the transaction of what it tells about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from seawall.audit.chain import START, Head, Row, make_key, sign
from seawall.audit.models import Entry, Tip
from seawall.ledger import LedgerError, home
from seawall.ledger.keys import secret

_KEY = "audit-signing"
_LOCK = 731_904  # PostgreSQL's advisory lock: entries get their numbers one after the other


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts or reads: a pseudonym and the roles held at that moment."""

    name: str
    roles: tuple[str, ...] = ()


WORKER = Actor("system:worker")
SCANNER = Actor("system:scanner")


def record(actor: Actor, verb: str, about: str = "", reason: str = "", /, **detail: object) -> Entry:
    """Add one entry to the log, in the running transaction. `detail` holds states, counts and hashes; never content.

    Raises LedgerError outside a transaction: an act and its entry must stand or fall together.
    """
    if not connection.in_atomic_block:
        raise LedgerError("an audit entry is written only in the transaction of what it tells about")
    tip = _locked_tip()
    row = Row(
        seq=(tip.seq if tip else 0) + 1,
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        actor=actor.name[:80],
        roles=",".join(sorted(actor.roles))[:200],
        verb=verb,
        object=about[:120],
        reason=_storable(reason),
        detail=_storable(json.dumps(detail, sort_keys=True, ensure_ascii=False, default=str)),
        prev=tip.hash if tip else START,
    )
    entry = Entry(**{name: getattr(row, name) for name in row.__slots__ if name != "hash"}, hash=row.computed_hash())
    entry.save(force_insert=True)
    _move_tip(tip, entry)
    return entry


def head() -> Head | None:
    """The newest signed head; None while the log is empty."""
    tip = Tip.objects.first()
    return Head(tip.seq, tip.hash, tip.at, tip.signature, tip.key) if tip else None


def _locked_tip() -> Tip | None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return Tip.objects.first()  # SQLite: the transaction is IMMEDIATE, nobody else writes


def _move_tip(tip: Tip | None, entry: Entry) -> None:
    signed = sign(secret(home(), _KEY, make_key), entry.seq, entry.hash, entry.at)
    new = Tip(id=1, seq=signed.seq, hash=signed.hash, at=signed.at, signature=signed.signature, key=signed.key)
    new.save(force_insert=tip is None, force_update=tip is not None)


def _storable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()  # what no database can hold
