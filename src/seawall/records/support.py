"""Support: how many accounts a network courts, in which languages and under which tags. About nobody.

A row is a platform and a language, or a platform as a whole (language null). No account is named, counted alone or
kept: below `FEWEST` nothing but that there are some is written down.
"""

from __future__ import annotations

import pyarrow as pa

from seawall.records.facts import TIME, WORD

FEWEST = 10  # smaller counts are told as '1 to 9'
SUPPORT = pa.schema(
    [
        ("platform", WORD),
        ("language", WORD),  # as the platform tags most of what they wrote to the network; null: all
        ("accounts", pa.int64()),  # null: fewer than FEWEST
        ("first", TIME),  # the day on which the first of them turned to the network
        ("last", TIME),
        ("tags", pa.list_(pa.string())),  # under which FEWEST or more of them turned to it; most used first
    ]
)
