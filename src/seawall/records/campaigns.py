"""A campaign: accounts that co-act more than chance allows, found together. It says nothing of what they say or whether
it is wrong, is about no person, and is no ground: volunteers, newsrooms and fan clubs coordinate too."""

from __future__ import annotations

import pyarrow as pa

from seawall.records.facts import TIME, WORD

IS_A_GROUND = False  # never; said wherever a campaign is shown

CAMPAIGNS = pa.schema(
    [
        ("campaign", pa.string()),  # named after its accounts: the same accounts, the same name
        ("version", WORD),  # of the signal
        ("accounts", pa.int64()),
        ("pairs", pa.int64()),  # that passed the tests, of those it could have
        ("dense", pa.float64()),  # the share of its possible pairs that passed
        ("co_acts", pa.int64()),  # of these pairs in their best window, each post counted once
        ("expected", pa.float64()),  # what they would be by chance
        ("in_step", pa.float64()),  # share of pairs that post closer together than their own hours explain
        ("first", TIME),
        ("last", TIME),
        ("channels", pa.list_(pa.struct([("channel", pa.string()), ("pairs", pa.int64())]))),
        ("because", pa.string()),
        (
            "members",
            pa.list_(
                pa.struct(
                    [
                        ("platform", pa.string()),
                        ("account_id", pa.string()),
                        ("handle", pa.string()),
                        ("partners", pa.int64()),
                        ("co_acts", pa.int64()),
                    ]
                )
            ),
        ),
        ("seen", pa.list_(pa.struct([("platform", pa.string()), ("post_id", pa.string()), ("at", pa.string())]))),
        # what members did together, to draw it: what most of them shared first. `member` is a row of members
        ("acts", pa.list_(pa.struct([("at", TIME), ("member", pa.int32()), ("thing", pa.int32())]))),
    ]
)
