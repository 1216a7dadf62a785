"""The network map: through whom what accounts above the line brought or carried came to others. About no person.

A row is an account, the largest reach first. Only accounts that the scan put above the line over conduct of their own
have a name; of the others nothing is kept that tells who they are.
"""

from __future__ import annotations

import pyarrow as pa

from seawall.records.facts import TIME, WORD

NETWORK = pa.schema(
    [
        ("platform", WORD),  # null: nobody that the map may name
        ("account_id", pa.string()),
        ("part", WORD),  # origin, distributor, repeater, none
        ("reach", pa.int64()),  # of the network's acts, those that came through it, its own too
        ("x", pa.float32()),  # its place, 0 to 1
        ("y", pa.float32()),
        ("steps", pa.list_(pa.struct([("at", TIME), ("reach", pa.int32())]))),  # its reach in stretches of time
        # from which rows it took, by how many acts, first when
        ("takes", pa.list_(pa.struct([("of", pa.int32()), ("acts", pa.int32()), ("first", TIME)]))),
    ]
)
