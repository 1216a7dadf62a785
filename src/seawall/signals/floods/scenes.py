"""What bursts look like as time passes: who took part until when, and what is known of them, for all bursts at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.signals.floods.series import SERIES, uses, words_hash

Array = npt.NDArray[np.int64]
LOOKS = (0, 2, 5, 15)  # minutes after it was raised: a burst is judged again as more of it is seen
SOON = 2  # minutes after it was raised: so long is waited for different accounts
COUNTED = 60  # minutes after it was raised: so much of a burst is counted
TIMES = (*LOOKS, COUNTED)  # scene = burst x how many these are + which
HISTORY = 7 * 86_400
ENOUGH = 50  # other accounts in that time, before it is known which programs are usual
_SECOND = pl.col("at").dt.epoch("s").alias("second")


@dataclass(frozen=True, slots=True)
class Scenes:
    """Posts of a platform, ready to be asked for those of any burst. Times are seconds since 1970."""

    words: pl.LazyFrame  # post_id, client, copy: every post
    used: pl.DataFrame  # series, second, account, pair, post_id, born: one row a use, by series and time
    acts: Array  # every post by somebody in `used`, as `_key(account, second)`, sorted
    uses: Array  # every use, as `_key(pair, second)`, sorted; a pair is a series and an account
    everybody: pl.DataFrame  # second, client, account: every post, by time
    only: float  # share of accounts that are in one series only

    @classmethod
    def of(cls, posts: pl.LazyFrame, accounts: pl.LazyFrame, raised: pl.DataFrame) -> Scenes:
        """Of the posts and accounts of one platform, and the series that burst: `series`, and what names it."""
        used = uses(posts)
        names = posts.select(pl.col("account_id").unique()).collect(engine="streaming")
        numbers = names.sort("account_id").with_row_index("account").cast({"account": pl.Int64}).lazy()
        its = used.join(raised.lazy().select("series", *SERIES), on=SERIES).join(numbers, on="account_id")
        everybody = posts.join(numbers, on="account_id").select(_SECOND, "client", "account").sort("second").collect()
        born = (
            accounts.filter(pl.col("created_at").is_not_null())
            .join(numbers, on="account_id", how="inner")
            .group_by("account")
            .agg((pl.col("created_at").min().dt.epoch("s") // 86_400).cast(pl.Int64).alias("born"))
        )
        taking_part = (
            its.select("series", _SECOND, "at", "account", "post_id")
            .join(born, on="account", how="left")
            .sort("series", "at", "post_id")
            .with_columns(pl.struct("series", "account").rank("dense").cast(pl.Int64).alias("pair"))
            .drop("at")
            .collect()
        )
        acts = everybody.join(taking_part.select("account").unique(), on="account", how="semi")
        return cls(
            posts.select("post_id", "client", words_hash().alias("copy")),
            taking_part,
            np.sort(_key(acts["account"], acts["second"])),
            np.sort(_key(taking_part["pair"], taking_part["second"])),
            everybody,
            _only(posts, used),
        )

    def posts(self, bursts: pl.DataFrame, least: int) -> pl.DataFrame:
        """The uses of each burst (`burst`, `series`, `onset`, `raised`) from its onset until it is counted, and whether
        its account used the series `before` and posted `elsewhere` in the days until it was raised.

        That many accounts come is what makes a burst: where few came again and again, it is raised once `least` are
        there, and left out if that is not soon.
        """
        key = _key(self.used["series"], self.used["second"])
        series, onset, raised = (bursts[name].to_numpy() for name in ("series", "onset", "raised"))
        burst, rows = _spans(key, _key(series, onset), _key(series, raised + 60 * (SOON + COUNTED)))
        posts = self.used[rows].with_columns(pl.Series("burst", burst)).join(bursts.drop("series"), on="burst")
        posts = posts.join(_enough(posts, least), on="burst", how="inner", maintain_order="left")
        posts = posts.filter(pl.col("enough") <= pl.col("raised") + 60 * SOON)
        posts = posts.with_columns(pl.max_horizontal("raised", "enough").alias("raised")).drop("enough")
        posts = posts.filter(pl.col("second") < pl.col("raised") + 60 * COUNTED)
        words = self.words.join(posts.lazy().select("post_id").unique(), on="post_id", how="semi").collect()
        posts = posts.join(words, on="post_id", how="left", maintain_order="left")
        since, until = posts["onset"] - HISTORY, posts["raised"]
        first = np.searchsorted(self.uses, _key(posts["pair"], 0 * posts["pair"]))  # its earliest use
        in_all = _between(self.acts, posts["account"], since, until)
        here = _between(self.uses, posts["pair"], since, until)
        return posts.with_columns(
            pl.Series("before", self.uses[first] < _key(posts["pair"], posts["onset"])),
            pl.Series("elsewhere", in_all > here),
        )

    def usually(self, posts: pl.DataFrame, client: str) -> float | None:
        """The share of accounts outside a burst, whose posts are given, that posted with a program in the days before
        it; None where too few posted to know."""
        onset = posts["onset"][0]
        low, high = np.searchsorted(self.everybody["second"].to_numpy(), [onset - HISTORY, onset])
        week = self.everybody[int(low) : int(high)].filter(~pl.col("account").is_in(posts["account"].implode()))
        others = week["account"].n_unique()
        return week.filter(pl.col("client") == client)["account"].n_unique() / others if others >= ENOUGH else None

    def uses_of(self, series: int, since: int, until: int) -> pl.DataFrame:
        """The uses of a series from one moment up to and before another."""
        times = _key(series, np.array([since, until]))
        low, high = np.searchsorted(_key(self.used["series"], self.used["second"]), times)
        return self.used[int(low) : int(high)]

    def in_use(self, series: int, onset: int) -> tuple[int, int]:
        """How many accounts used a series before a moment, and on how many days."""
        earlier = self.uses_of(series, 0, onset)
        return earlier["account"].n_unique(), (earlier["second"] // 86_400).n_unique()


def looks(posts: pl.DataFrame) -> pl.DataFrame:
    """The posts of each burst as they were known at each of `TIMES`: `scene` besides."""
    return pl.concat(
        posts.filter(pl.col("second") < pl.col("raised") + 60 * minutes).with_columns(
            (pl.col("burst") * len(TIMES) + n).alias("scene")
        )
        for n, minutes in enumerate(TIMES)
    )


def _enough(posts: pl.DataFrame, least: int) -> pl.DataFrame:
    """The end of the minute in which so many different accounts had come, of each burst in which they did."""
    first = posts.group_by("burst", "account").agg(pl.col("second").min())
    told = first.group_by("burst").agg(pl.col("second").sort().get(least - 1, null_on_oob=True)).drop_nulls("second")
    return told.select("burst", ((pl.col("second") // 60 + 1) * 60).alias("enough"))


def _only(posts: pl.LazyFrame, used: pl.LazyFrame) -> float:
    """The share of accounts that post and are in one series only."""
    series = used.group_by("account_id").agg(pl.struct(SERIES).n_unique().alias("in"))
    share = (
        posts.select("account_id")
        .unique()
        .join(series, on="account_id")
        .select((pl.col("in") == 1).mean())
        .collect(engine="streaming")
    )
    return float(share.item() or 0.0)


def _key(of: pl.Series | Array | int, second: pl.Series | Array) -> Array:
    """Two numbers as one that sorts like both: the second needs 35 bits, which last for a thousand years."""
    return np.asarray(of, np.int64) * 2**35 + np.clip(np.asarray(second, np.int64), 0, 2**35 - 1)


def _between(keys: Array, of: pl.Series, since: pl.Series, until: pl.Series) -> Array:
    """How many keys there are of each one from one time up to and before another."""
    return np.searchsorted(keys, _key(of, until)) - np.searchsorted(keys, _key(of, since))


def _spans(keys: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Which rows lie between each pair of keys: the number of the pair, and the row."""
    start, stop = np.searchsorted(keys, low), np.searchsorted(keys, high)
    length = stop - start
    before = np.concatenate([[0], np.cumsum(length)[:-1]]) if len(length) else length
    return np.repeat(np.arange(len(length)), length), np.arange(int(length.sum())) + np.repeat(start - before, length)
