"""Floods: bursts of a hashtag, a link or mentions of one target, and whether they were pushed. About no person."""

from __future__ import annotations

import pyarrow as pa

from seawall.records.facts import TIME, WORD

# what a share of the accounts has in common, to the hundredth: `beside` is that share elsewhere, `number` the days or
# posts it is about
MARK = pa.struct([("mark", WORD), ("share", pa.float64()), ("beside", pa.float64()), ("number", pa.int64())])

FLOODS = pa.schema(
    [
        ("platform", WORD),
        ("kind", WORD),  # terms.FloodKind
        ("value", pa.string()),  # the hashtag, link or handle, in the form in which series are compared
        ("onset", TIME),
        ("raised", TIME),  # when the counts told it
        ("told", TIME),  # when the verdict could first be given
        ("accounts", pa.int64()),  # that took part until an hour after it was raised
        ("posts", pa.int64()),
        ("expected", pa.float64()),  # accounts to be expected in the window that raised it
        ("evidence", pa.float64()),  # log likelihood ratio of that window
        ("verdict", WORD),  # terms.FloodVerdict
        ("because", pa.list_(pa.string())),
        ("marks", pa.list_(MARK)),  # the same in numbers, for readers of other languages; null: kept before they were
        ("organic", pa.int64()),  # accounts that carry none of the marks
        ("used_before", pa.float64()),  # share of accounts that used the series before
        ("hijack", pa.bool_()),  # pushed, on a series that others had in use
        ("first", pa.list_(pa.string())),  # ids of the first posts, oldest first: who started it
        ("also", pa.list_(pa.string())),  # kind:value of other series that the same accounts filled at the same time
        # accounts in each five minutes, from half a day before; `usual`: at that time on the days before, null: unknown
        ("curve", pa.list_(pa.struct([("at", TIME), ("accounts", pa.int64()), ("usual", pa.float64())]))),
    ]
)
