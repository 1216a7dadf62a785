"""Which accounts of the lake a truth file means: it names them by id, or by a handle that they had."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from seawall.signals.contract import Facts


def ids_of(facts: Facts, accounts: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Account ids of (platform, id or handle), the latter in lower case: by id, and by any handle that stands in
    accounts or posts. Who is not in the lake is left out."""
    wanted = {(platform, account.lower()) for platform, account in accounts}
    both = [
        frame.select("platform", "account_id", handle=pl.col("handle").fill_null("").str.to_lowercase()).unique()
        for frame in (facts.accounts, facts.posts)
    ]
    found: dict[tuple[str, str], str] = {}
    rows = pl.concat(both).drop_nulls("account_id").unique().collect().sort("account_id", "handle")
    for platform, account, handle in rows.iter_rows():
        if (platform, handle) in wanted:
            found.setdefault((platform, handle), account)
    for platform, account in rows.select("platform", "account_id").unique().sort("platform", "account_id").iter_rows():
        if (platform, account.lower()) in wanted:
            found[platform, account.lower()] = account
    return found
