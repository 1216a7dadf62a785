"""Facts gathered one item at a time and given as tables: for platforms that are read in pages, not in floods."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import msgspec
import pyarrow as pa

from seawall.records.facts import READ_LATER, TABLES, columns
from seawall.records.terms import AccountKind, PostKind, State, TieKind
from seawall.sources.cells import CellError
from seawall.sources.contract import Batch, Cursor, Reject
from seawall.sources.documents import Documents
from seawall.sources.fields import Fields

NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Gather:
    """Rows of one stretch of an export, by table. A row is the cells that the platform gave; the others are null.

    What `reading` finds unfit is a reject, and none of its rows stay.
    """

    def __init__(self, platform: str, source: str) -> None:
        self.platform, self.source = platform, source
        self.read = 0
        self.rejects: list[Reject] = []
        self.batch = Batch({}, self.rejects, 0, {}, 0)
        self._rows: dict[str, list[dict[str, object]]] = {
            name: [] for name, table in TABLES.items() if table not in READ_LATER
        }
        self._shown: dict[tuple[object, ...], None] = {}  # profiles that posts showed, in their order

    @contextmanager
    def reading(self, number: int, raw: bytes, what: str = "") -> Iterator[None]:
        """Read an item: counted, and a reject with its number and reason if it raises CellError or is no such item."""
        marks, shown = {name: len(rows) for name, rows in self._rows.items()}, len(self._shown)
        self.read += 1
        try:
            yield
        except (CellError, *NO_JSON) as error:
            for name, mark in marks.items():
                del self._rows[name][mark:]
            while len(self._shown) > shown:
                self._shown.popitem()
            self.rejects.append(Reject(number, _reason(error, what), bytes(raw)))

    def ignore(self, what: str) -> None:
        """The item that is being read says nothing about an account or a post: neither loaded nor rejected."""
        self.read -= 1
        self.batch.ignored[what] += 1

    def check(self, fields: Fields, given: object) -> None:
        """Note the fields of an item that its source does not know."""
        self.batch.unknown.update(fields.unknown(given))

    def account(
        self, account_id: str, seen_at: datetime, kind: AccountKind = AccountKind.PERSON, **cells: object
    ) -> None:
        """A profile as it was seen."""
        self._add("accounts", cells, account_id=account_id, seen_at=seen_at, kind=kind.value)

    def once(self, account_id: str, seen_at: datetime, kind: AccountKind = AccountKind.PERSON, **cells: object) -> None:
        """An account as a post shows it: one profile a day, unless it shows something else."""
        row = (account_id, seen_at.date(), kind, *cells.values())
        if row not in self._shown:
            self._shown[row] = None
            self.account(account_id, seen_at, kind, **cells)

    def post(
        self, post_id: str, account_id: str, at: datetime, kind: PostKind = PostKind.POST, **cells: object
    ) -> None:
        """A post of an account."""
        self._add("posts", cells, post_id=post_id, account_id=account_id, at=at, kind=kind.value)

    def tie(self, kind: TieKind, from_id: str, at: datetime, **cells: object) -> None:
        """What joins an account to another, or to a link. A tie of an account to itself is none."""
        if cells.get("to_id") != from_id:
            self._add("ties", cells, kind=kind.value, from_id=from_id, at=at)

    def ties_of(self, kind: TieKind, from_id: str, at: datetime, post_id: str, *handles: str) -> None:
        """A tie for each handle that a post names."""
        for handle in handles:
            self.tie(kind, from_id, at, to_handle=handle, post_id=post_id)

    def links_of(self, from_id: str, at: datetime, post_id: str, *links: str) -> None:
        """A tie for each link that a post shares."""
        for link in links:
            self.tie(TieKind.SHARED_LINK, from_id, at, link=link, post_id=post_id)

    def medium(self, media_id: str, post_id: str, account_id: str, at: datetime, **cells: object) -> None:
        """A picture, video or file of a post."""
        self._add("media", cells, media_id=media_id, post_id=post_id, account_id=account_id, at=at)

    def state(self, account_id: str | None, state: State, at: datetime, **cells: object) -> None:
        """What the platform says of an account, or of a post; where it does not say whose post that is, of nobody."""
        self._add("states", cells, account_id=account_id, state=state.value, at=at)

    def _add(self, table: str, cells: dict[str, object], **always: object) -> None:
        self._rows[table].append(always | cells)

    def tables(self) -> dict[str, pa.Table]:
        """All rows as tables of facts. Raises KeyError for a column that a table does not have."""
        return {name: self._table(name, rows) for name, rows in self._rows.items()}

    def _table(self, name: str, rows: list[dict[str, object]]) -> pa.Table:
        given = {column for row in rows for column in row}
        cells: dict[str, object] = {column: [row.get(column) for row in rows] for column in sorted(given)}
        return columns(TABLES[name], cells | {"platform": self.platform, "source": self.source}, len(rows))

    def done(self, cursor: Cursor, position: int) -> Batch:
        """The stretch as a batch."""
        self.batch.tables, self.batch.read = self.tables(), self.read
        self.batch.cursor, self.batch.position = cursor, position
        return self.batch


def batch_of(gather: Gather, documents: Documents) -> Batch:
    """What was gathered of some documents, with what of them was no JSON, as a batch."""
    gather.rejects[:] = sorted([*gather.rejects, *documents.rejects], key=lambda reject: reject.line)
    gather.read += len(documents.rejects)
    return gather.done(documents.cursor, documents.position)


def _reason(error: Exception, what: str) -> str:
    if isinstance(error, msgspec.ValidationError | CellError):
        return f"not {what}: {error}" if what else str(error)
    return "damaged JSON: nested too deep" if isinstance(error, RecursionError) else f"damaged JSON: {error}"
