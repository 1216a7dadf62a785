"""Marks: what the stream notes about a post as it passes. A mark comes with its post and goes with it.

A match says that a rule matched a post. A reading says which language a post is in and, where a home has a text
model, how much it reads like its seeds' posts: that orders people's reading, and makes no finding.
"""

from __future__ import annotations

import pyarrow as pa

from seawall.records.facts import POSTS, TABLES, TIME, WORD, Table

MATCHES = Table(
    "matches",
    pa.schema(
        [
            pa.field("rule", WORD),
            pa.field("rule_version", WORD),
            pa.field("platform", WORD),
            pa.field("account_id", pa.string()),
            pa.field("handle", pa.string()),
            pa.field("post_id", pa.string()),
            pa.field("at", TIME),
            pa.field("since", pa.int64()),  # the version of the lake that it came with
        ]
    ),
    key=POSTS.key,
    dated_by="at",
)

READINGS = Table(
    "readings",
    pa.schema(
        [
            pa.field("platform", WORD),
            pa.field("post_id", pa.string()),
            pa.field("at", TIME),
            pa.field("lang", WORD),  # the platform's tag where it gives one, else as identified; null: cannot be told
            pa.field("score", pa.float32()),  # 0 to 1; null where the home has no text model
            pa.field("model", WORD),  # which model scored it
        ]
    ),
    key=POSTS.key,
    dated_by="at",
)

MARKS: dict[str, Table] = {table.name: table for table in (MATCHES, READINGS)}
KEPT: dict[str, Table] = {**TABLES, **MARKS}  # everything that the lake keeps in columns and that expires
