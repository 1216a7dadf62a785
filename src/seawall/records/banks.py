"""Banks: hashes of pictures, videos, sounds and files that people decided about, each with where it comes from.

An entry is one thing: a picture with its crops, a clip with its frames; its rows are its hashes. No entry is without
provenance: who established it and their reference, on what basis it is kept, when it came, and who brought it.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from seawall.records.facts import TIME, WORD
from seawall.records.terms import HashKind

ENTRIES = pa.schema(
    [
        pa.field("entry", pa.string(), nullable=False),  # what it is called here; several rows may be of one entry
        pa.field("kind", WORD, nullable=False),  # a word of HashKind
        pa.field("hash", pa.binary(), nullable=False),
        pa.field("source", pa.string(), nullable=False),  # who established it
        pa.field("reference", pa.string(), nullable=False),  # what it is called there
        pa.field("basis", pa.string(), nullable=False),  # what allows to keep it: an agreement, an order, a decision
        pa.field("added", TIME, nullable=False),  # when it was established, or else came
        pa.field("by", pa.string(), nullable=False),  # who brought it: a pseudonym
    ]
)
LENGTHS = {HashKind.PDQ: 32, HashKind.VIDEO: 32, HashKind.SOUND: 32, HashKind.MD5: 16, HashKind.SHA256: 32}  # bytes


class BankError(ValueError):
    """Entries or a bank that may not be, or cannot be read; the message says why."""


def checked(rows: pa.Table) -> pa.Table:
    """Entries as they may be kept. Raises BankError for one without provenance, or whose hash is none."""
    if set(ENTRIES.names) - set(rows.column_names):
        raise BankError(f"entries have no {', '.join(sorted(set(ENTRIES.names) - set(rows.column_names)))}")
    for field in ENTRIES:
        column = rows[field.name]
        empty = pc.equal(pc.utf8_trim_whitespace(column), "") if pa.types.is_string(field.type) else pc.is_null(column)
        if column.null_count or pc.any(empty).as_py():
            raise BankError(f"an entry has no {field.name}: no bank entry is without provenance")
    for kind in pc.unique(rows["kind"]).to_pylist():
        lengths = pc.unique(pc.binary_length(rows.filter(pc.equal(rows["kind"], kind))["hash"])).to_pylist()
        if kind not in LENGTHS or lengths != [LENGTHS[kind]]:
            raise BankError(f"a hash of kind '{kind}' has {lengths} bytes, which is no such hash")
    return rows.select(ENTRIES.names).cast(ENTRIES)
