"""The simulated platform: does what it is told in a file of its own and nowhere else. The default.

It keeps what real platforms keep (states, messages, a journal of calls), so the whole loop can be seen and tested.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from seawall.enforcement.adapters.contract import About, AdapterError, Order, Receipt
from seawall.records.terms import State, Verb

_TABLES = """
CREATE TABLE IF NOT EXISTS states (platform TEXT, account_id TEXT, post_id TEXT, verb TEXT,
  PRIMARY KEY (platform, account_id, post_id, verb));
CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY, receipt TEXT);
CREATE TABLE IF NOT EXISTS messages (key TEXT PRIMARY KEY, platform TEXT, account_id TEXT, text TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS journal (n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT, call TEXT, key TEXT);
"""


class SimulatedAdapter:
    """Acts on a file. Every verb can be taken back."""

    can: Mapping[Verb, bool] = MappingProxyType(dict.fromkeys(Verb, True))

    def __init__(self, platform: str, path: Path) -> None:
        self.platform = platform
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._open("") as db:
            db.executescript(_TABLES)

    def find(self, order: Order) -> Receipt | None:
        """The receipt kept under the order's key."""
        self._check(order.about)
        with self._open("find", order.key) as db:
            row = db.execute("SELECT receipt FROM done WHERE key = ?", [order.key]).fetchone()
        return _receipt(row[0]) if row else None

    def apply(self, order: Order) -> Receipt:
        """Set the state, and keep the receipt under the order's key."""
        self._check(order.about)
        place = _place(order)
        with self._open("apply", order.key) as db:
            row = db.execute("SELECT receipt FROM done WHERE key = ?", [order.key]).fetchone()
            if row:
                return _receipt(row[0])
            held = db.execute(
                "SELECT 1 FROM states WHERE platform=? AND account_id=? AND post_id=? AND verb=?", place
            ).fetchone()
            db.execute("INSERT OR IGNORE INTO states VALUES (?, ?, ?, ?)", place)
            return _keep(db, order, {"was": "set" if held else ""})

    def undo(self, order: Order) -> Receipt:
        """Restore what was before the order that is undone."""
        self._check(order.about)
        if order.undoes is None:
            raise AdapterError("this order says nothing to take back", permanent=True)
        with self._open("undo", order.key) as db:
            row = db.execute("SELECT receipt FROM done WHERE key = ?", [order.key]).fetchone()
            if row:
                return _receipt(row[0])
            if not order.undoes.before.get("was"):
                db.execute(
                    "DELETE FROM states WHERE platform=? AND account_id=? AND post_id=? AND verb=?", _place(order)
                )
            return _keep(db, order, {})

    def status(self, about: About) -> State:
        """Suspended or withheld if an order says so, else active."""
        self._check(about)
        with self._open("status") as db:
            verbs = {
                row[0]
                for row in db.execute(
                    "SELECT verb FROM states WHERE platform=? AND account_id=? AND post_id=?",
                    (about.platform, about.account_id, about.post_id or ""),
                )
            }
        if verbs & {Verb.SUSPEND, Verb.LOCK}:
            return State.SUSPENDED
        if Verb.REMOVE in verbs:
            return State.DELETED
        return State.WITHHELD if Verb.LIMIT in verbs else State.ACTIVE

    def tell(self, about: About, text: str, key: str) -> bool:
        """Keep the message where the account holder would find it."""
        self._check(about)
        with self._open("tell", key) as db:
            row = (key, about.platform, about.account_id, text, _now())
            db.execute("INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?)", row)
        return True

    def messages(self, about: About) -> list[str]:
        """What the account holder was told, oldest first."""
        with self._open("") as db:
            rows = db.execute(
                "SELECT text FROM messages WHERE platform=? AND account_id=? ORDER BY at, key",
                (about.platform, about.account_id),
            )
            return [row[0] for row in rows]

    def journal(self) -> list[tuple[str, str]]:
        """Every call so far, oldest first: what was asked, and under which key."""
        with self._open("") as db:
            return list(db.execute("SELECT call, key FROM journal ORDER BY n"))

    def _check(self, about: About) -> None:
        if about.platform != self.platform:
            raise AdapterError(f"{about.platform} is not {self.platform}", permanent=True)

    @contextmanager
    def _open(self, call: str, key: str = "") -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            if call:
                db.execute("INSERT INTO journal (at, call, key) VALUES (?, ?, ?)", (_now(), call, key))
                db.execute("BEGIN IMMEDIATE")
            yield db
            if db.in_transaction:
                db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        finally:
            db.close()


@dataclass(frozen=True, slots=True)
class Message:
    """What an account holder was told."""

    platform: str
    account_id: str
    text: str
    at: str


def inbox(path: Path) -> list[Message]:
    """Everything that account holders were told in that file, newest first; nothing where there is none yet."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path, timeout=30)) as db:
        rows = db.execute("SELECT platform, account_id, text, at FROM messages ORDER BY at DESC, key DESC")
        return [Message(*row) for row in rows]


def _place(order: Order) -> tuple[str, str, str, str]:
    return order.about.platform, order.about.account_id, order.about.post_id or "", order.verb.value


def _keep(db: sqlite3.Connection, order: Order, before: dict[str, str]) -> Receipt:
    receipt = Receipt(order.key, order.verb, order.about, _now(), "simulated", before)
    db.execute("INSERT INTO done VALUES (?, ?)", (order.key, json.dumps(asdict(receipt))))
    return receipt


def _receipt(kept: str) -> Receipt:
    given = json.loads(kept)
    return Receipt(**{**given, "verb": Verb(given["verb"]), "about": About(**given["about"])})


def _now() -> str:
    return datetime.now(UTC).isoformat()
