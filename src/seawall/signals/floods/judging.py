"""Was a burst pushed, or did people come by themselves? Told by what its accounts do alike, never by what they say.

Five marks, each a share of the burst's accounts, held against what is usual in the same lake where that matters: the
same text from several accounts, one program that writes, accounts made in the same days, accounts that come again and
again, accounts that do nothing else. Reposting one post is what every cascade does, so reposts make no copies.
Such marks in campaigns that were real: Pacheco et al., ICWSM 2021; Elmas et al., EuroS&P 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from seawall.records.terms import FloodVerdict

PUSHED, UNCLEAR, ORGANIC = FloodVerdict.PUSHED.value, FloodVerdict.UNCLEAR.value, FloodVerdict.ORGANIC.value
COPIED, MUCH_COPIED = 0.3, 0.6  # shares of accounts
CLIENT, CLIENT_ABOVE = 0.6, 0.3
BORN, BORN_DAYS = 0.3, 3
AGAIN, AGAIN_POSTS = 0.3, 3
ONLY, ONLY_ABOVE = 0.5, 0.3
FEWEST = 8  # accounts that must carry a mark before it counts

# what a burst's posts must say of themselves, one row a post
COLUMNS = {
    "account": pl.Int64,
    "copy": pl.UInt64,  # hash of the account's own words; null for reposts and posts without words
    "client": pl.String,
    "born": pl.Int32,  # day the account was made, since 1970
    "before": pl.Boolean,  # the account used the series before
    "elsewhere": pl.Boolean,  # the account posted outside the series
}


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in the lake around the burst, outside it: clients' shares, accounts that are in one series only."""

    clients: dict[str, float] | None  # None where too few others posted to know
    only: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a burst's accounts do alike."""

    verdict: str
    because: tuple[str, ...]
    accounts: int
    marked: int  # accounts that carry a mark which counts
    before: float  # share of accounts that used the series before


def judge(posts: pl.DataFrame, usual: Usual) -> Verdict:
    """The verdict on a burst's posts so far."""
    each = _by_account(posts)
    accounts = each.height
    if not accounts:
        return Verdict(ORGANIC, (), 0, 0, 0.0)
    marks = [mark for mark in _marks(each, usual) if mark[1].sum() >= FEWEST]
    points = sum(mark[2] for mark in marks)
    verdict = PUSHED if points >= 2 else UNCLEAR if points else ORGANIC
    marked = pl.DataFrame([mark[1].alias(str(n)) for n, mark in enumerate(marks)]).select(pl.any_horizontal(pl.all()))
    return Verdict(
        verdict,
        tuple(mark[0] for mark in marks),
        accounts,
        int(marked.to_series().sum()) if marks else 0,
        _share(each["before"]),
    )


def _by_account(posts: pl.DataFrame) -> pl.DataFrame:
    shared = (
        posts.filter(pl.col("copy").is_not_null())
        .group_by("copy")
        .agg(pl.col("account").n_unique().alias("by"))
        .filter(pl.col("by") >= 3)["copy"]
    )
    return posts.group_by("account", maintain_order=True).agg(
        pl.len().alias("posts"),
        pl.col("copy").is_in(shared.implode()).fill_null(False).any().alias("copied"),
        pl.col("client").drop_nulls().first().alias("client"),
        pl.col("born").first(),
        pl.col("before").any(),
        pl.col("elsewhere").any(),
    )


def _marks(each: pl.DataFrame, usual: Usual) -> list[tuple[str, pl.Series, int]]:
    """Marks above their line: what to say, which accounts carry it, and how much it counts."""
    found: list[tuple[str, pl.Series, int]] = []
    copied, born, again, only = each["copied"], _born(each), each["posts"] >= AGAIN_POSTS, ~each["elsewhere"]
    if (share := _share(copied)) >= COPIED:
        found.append((f"{share:.0%} of accounts post the same text as others", copied, 1 + (share >= MUCH_COPIED)))
    client, share = _client(each)
    usually = 1.0 if usual.clients is None else usual.clients.get(client, 0.0)
    if share >= CLIENT and share - usually >= CLIENT_ABOVE:
        its = (each["client"] == client).fill_null(False)
        found.append((f"{share:.0%} post with one program, which {usually:.0%} use elsewhere", its, 1))
    if (share := _share(born)) >= BORN:
        found.append((f"{share:.0%} of accounts were made within {BORN_DAYS} days of each other", born, 1))
    if (share := _share(again)) >= AGAIN:
        found.append((f"{share:.0%} of accounts post {AGAIN_POSTS} times or more", again, 1))
    if (share := _share(only)) >= ONLY and share - usual.only >= ONLY_ABOVE:
        found.append((f"{share:.0%} of accounts post nothing else, {usual.only:.0%} of others do", only, 1))
    return found


def _share(flags: pl.Series) -> float:
    return float(flags.sum()) / len(flags)


def _client(each: pl.DataFrame) -> tuple[str, float]:
    counts = each["client"].drop_nulls().value_counts(sort=True)
    return (counts["client"][0], counts["count"][0] / each.height) if counts.height else ("", 0.0)


def _born(each: pl.DataFrame) -> pl.Series:
    """Accounts made in the few days in which most were made; nobody where the days are mostly unknown."""
    days = each["born"].drop_nulls().sort().to_numpy()
    if len(days) * 2 < each.height or not len(days):
        return pl.Series([False] * each.height)
    upto = days.searchsorted(days + BORN_DAYS)
    best = int((upto - range(len(days))).argmax())
    return each["born"].is_between(int(days[best]), int(days[best]) + BORN_DAYS - 1).fill_null(False)
