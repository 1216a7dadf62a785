"""Whom a network courts: how many, in which languages, under which tags. Offered support, and never a case.

Accounts are at risk by what they do and meet together: they turn to the network, its members answer, and they pass on
next to nothing. Who they are is known while this runs and is not kept: rows hold counts, and nothing of fewer than ten.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl
import pyarrow as pa

from seawall.records.support import FEWEST, SUPPORT
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.rules import RulesSignal
from seawall.signals.voices.acts import count_acts, nobody, turners, turns
from seawall.signals.voices.model import at_risk

_KEY = ["platform", "account_id"]
_NO_POSTS = pl.DataFrame(schema={"platform": pl.String, "post_id": pl.String})
_MOST_TAGS = 12


class SupportSurvey:
    """Counts at-risk audience around the accounts above the line. `rules` tell words of distance."""

    name = table = "support"
    version = "1"
    of_listed = True

    def __init__(self, rules: RulesSignal) -> None:
        self._rules = rules

    def survey(self, facts: Facts, tell: Tell = silent) -> pa.Table:
        """Rows of `records.support`: of each platform the whole, then languages, the most people first."""
        tell("Counting whom the network courts", 0, 1)
        its = courted(facts, self._rules)
        rows = _rows(facts, its) if its.height else []
        tell("Counting whom the network courts", 1, 1)
        return pa.Table.from_pylist(rows, schema=SUPPORT)


def courted(facts: Facts, rules: RulesSignal) -> pl.DataFrame:
    """At-risk accounts, for whoever counts them at once: platform, account_id. Never to be kept, nor shown."""
    counts = count_acts(facts, facts.listed, turners(facts, facts.listed), rules, _NO_POSTS)
    return counts.filter(pl.Series(at_risk(counts), dtype=pl.Boolean)).select(_KEY) if counts.height else nobody()


def _rows(facts: Facts, its: pl.DataFrame) -> list[dict[str, Any]]:
    wrote = (
        turns(facts, facts.listed)
        .join(its.lazy(), on=_KEY, how="semi")
        .select(*_KEY, "at", "hashtags", lang=pl.when(pl.col("lang") != "und").then(pl.col("lang")))
        .collect()
    )
    language = (
        wrote.drop_nulls("lang")
        .group_by(*_KEY, "lang")
        .len()
        .sort("len", "lang", descending=[True, False])
        .unique(_KEY, keep="first", maintain_order=True)
        .select(*_KEY, language="lang")
    )
    wrote = wrote.drop("lang").join(language, on=_KEY, how="left")
    rows = []
    for (platform,), part in wrote.group_by("platform"):
        rows.append(_row(str(platform), None, part))
        spoken = [
            _row(str(platform), str(name), its) for (name,), its in part.drop_nulls("language").group_by("language")
        ]
        rows += [row for row in spoken if row["accounts"]]
    return sorted(rows, key=_in_order)


def _in_order(row: dict[str, Any]) -> tuple[str, bool, int, str]:
    """A platform's whole first, then its languages, the most people first."""
    return row["platform"], row["language"] is not None, -(row["accounts"] or 0), row["language"] or ""


def _row(platform: str, language: str | None, wrote: pl.DataFrame) -> dict[str, Any]:
    people = wrote["account_id"].n_unique()
    tags = (
        wrote.select("account_id", tag="hashtags")
        .explode("tag", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("tag").str.to_lowercase())
        .group_by("tag")
        .agg(pl.col("account_id").n_unique())
        .filter(pl.col("account_id") >= FEWEST)
        .sort("account_id", "tag", descending=[True, False])
    )
    return {
        "platform": platform,
        "language": language,
        "accounts": people if people >= FEWEST else None,
        "first": _day(wrote["at"].min()),
        "last": _day(wrote["at"].max()),
        "tags": tags["tag"].head(_MOST_TAGS).to_list() if people >= FEWEST else [],
    }


def _day(at: Any) -> datetime | None:
    return at.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(at, datetime) else None
