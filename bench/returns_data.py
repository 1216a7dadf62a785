"""Truth files for returns: real timelines split in two, some of whose first halves play the suspended accounts."""

from __future__ import annotations

import csv
import gzip
import hashlib
from datetime import datetime
from pathlib import Path

import polars as pl

from bench.payloads import SHARED
from seawall.lake import Lake

FEWEST, WITH_PARENT, WITHOUT = 40, 1, 9  # posts; newcomers with a parent, to those without
LEARN = 0.4  # share of authors that weights were learned from; they are in no test
Timelines = dict[str, list[datetime]]


def is_learned_from(account: str) -> bool:
    """Whether an author belongs to those whom the weights were learned from: told by a hash of the id, for good."""
    return hashlib.sha256(f"returns:{account}".encode()).digest()[0] < 256 * LEARN


def timelines(home: Path) -> dict[str, Timelines]:
    """When each account of the three real collections posted, of those with enough posts."""
    with gzip.open(SHARED / "fifth_tribe.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        listed = {row["username"] for row in csv.DictReader(stream)}
    background = set(pl.read_parquet(SHARED / "background_2015.parquet")["author_id"].unique().to_list())
    with Lake(home) as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").select("account_id", "at").sort("account_id", "at").collect()
    found: dict[str, Timelines] = {"listed 2015-16": {}, "background 2015-16": {}, "about the topic 2017": {}}
    names = list(found)
    for (account,), rows in posts.group_by("account_id", maintain_order=True):
        which = 0 if account in listed else 1 if account in background else 2
        if rows.height >= FEWEST:
            found[names[which]][str(account)] = rows["at"].to_list()
    return found


def split_truth(its: Timelines, path: Path, k: int, number: int) -> None:
    """Each timeline is cut in the middle. Of ten newcomers one's first half is among the suspended; so are the first
    halves of accounts that do not come back."""
    accounts = [a for _, a in sorted((hashlib.sha256(f"{number}:{a}".encode()).digest(), a) for a in its)]
    share = max(1, len(accounts) // (WITH_PARENT + WITHOUT + 3))
    back, fresh = accounts[:share], accounts[share : share * (WITH_PARENT + WITHOUT)]
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["platform", "account", "role", "family", "since", "until"])
        for account in accounts:
            at = its[account]
            middle = len(at) // 2
            end = at[min(middle + k, len(at) - 1)]
            if account in back or account in fresh:
                writer.writerow(["x", account, "newcomer", account, at[middle].isoformat(), end.isoformat()])
            if account not in fresh:
                begin = at[max(0, middle - k)]
                writer.writerow(["x", account, "suspended", account, begin.isoformat(), at[middle].isoformat()])


def half(its: Timelines, k: int) -> pl.DataFrame:
    """Both halves of every timeline as wanted profiles: the first halves, then the second, in one order."""
    rows = []
    for account in sorted(its):
        at = its[account]
        middle = len(at) // 2
        rows.append(("x", account, at[max(0, middle - k)], at[middle], True))
    for account in sorted(its):
        at = its[account]
        middle = len(at) // 2
        rows.append(("x", account, at[middle], at[min(middle + k, len(at) - 1)], True))
    return pl.DataFrame(
        rows, schema=["platform", "account_id", "since", "until", "text_only"], orient="row", infer_schema_length=None
    )
