"""What is known of accounts, as columns that can be compared: spellings, marks, hours, habits, times.

Religions, peoples, nations and languages are passed over wherever they are named, and the stated place is not read: who
somebody is says nothing of who runs an account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.graph.likeness import (
    AUDIENCE,
    BIO,
    HANDLE,
    KIND_SHIFT,
    NAME,
    PICTURE,
    TAG,
    WORD,
    hashes,
    name_marks,
    text_marks,
    word_hash,
)
from seawall.signals.contract import Facts
from seawall.signals.identity import identity_words
from seawall.signals.returns.spelling import Spellings, latin

Array = npt.NDArray[Any]
MOST_POSTS = 200  # latest posts of an account that are looked at
HABITS = ("own posts", "length", "links", "hashtags", "media")
NEVER = np.iinfo(np.int64).min  # no time is known
WANTED: dict[str, pl.DataType | type[pl.DataType]] = {
    "platform": pl.String,
    "account_id": pl.String,
    "since": pl.Datetime("us", "UTC"),
    "until": pl.Datetime("us", "UTC"),
    "text_only": pl.Boolean,
}
_ABOUT = ["platform", "account_id"]


@dataclass(frozen=True, slots=True)
class Profiles:
    """One row an account. Account i has marks[starts[i] : starts[i + 1]], sorted, each `times` often."""

    platform: list[str]
    account_id: list[str]
    shown: list[str]  # the handle as written, or the id
    handles: Spellings
    names: Spellings
    starts: Array
    marks: Array
    times: Array
    hours: Array
    habits: Array
    posts: Array
    first: Array  # seconds since 1970 of the first thing known of it, or NEVER
    last: Array
    announces: Array

    def __len__(self) -> int:
        return len(self.platform)


def whole(accounts: pl.DataFrame) -> pl.DataFrame:
    """What `gather` takes for everything that is known of these accounts."""
    none = {name: pl.lit(None, kind) for name, kind in WANTED.items() if name not in _ABOUT}
    return accounts.select(*_ABOUT).with_columns(**none)


def gather(facts: Facts, wanted: pl.DataFrame) -> Profiles:
    """Profiles of the wanted accounts, one a row: facts since and until the times given (null: all). With `text_only`
    nothing but posts is looked at."""
    wanted = wanted.with_columns(pl.col(name).cast(kind) for name, kind in WANTED.items()).with_row_index("row")
    size = wanted.height
    posts = _posts(facts, wanted)
    seen = _versions(facts, wanted)
    ties = _audience(facts, wanted, seen)
    rows, keys = _cut(posts, seen, ties)
    starts, marks, times = _bags(size, rows, keys)
    at = posts["at"].dt.epoch("s").to_numpy()
    row = posts["row"].to_numpy().astype(np.int64)
    first, last = _spans(size, row, at)
    made = seen["created_at"].dt.epoch("s").fill_null(NEVER).to_numpy()
    made_at = np.full(size, NEVER)
    made_at[seen["row"].to_numpy()] = made
    first = np.where(made_at != NEVER, np.where(first == NEVER, made_at, np.maximum(first, made_at)), first)
    handles, names = [""] * size, [""] * size
    shown = wanted["account_id"].to_list()
    for number, handle, name in seen.select("row", "handle", "name").iter_rows():
        handles[number], names[number] = latin(handle), latin(name)
        shown[number] = handle or shown[number]
    hours = np.zeros((size, 24), np.float32)
    np.add.at(hours, (row, posts["at"].dt.hour().to_numpy().astype(np.int64)), 1)
    announces = np.zeros(size, bool)
    announces[row[posts["announces"].to_numpy()]] = True
    return Profiles(
        wanted["platform"].to_list(),
        wanted["account_id"].to_list(),
        shown,
        Spellings.of(handles),
        Spellings.of(names),
        starts,
        marks,
        times,
        hours,
        _habits(size, row, posts),
        np.bincount(row, minlength=size),
        first,
        last,
        announces,
    )


@cache
def _phrases() -> list[str]:
    lines = (Path(__file__).parent / "announces.txt").read_text("utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@cache
def _passed() -> Array:
    words = {part for word in identity_words() for part in word.lower().replace("-", " ").split()}
    return np.unique(np.array([word_hash(np.frombuffer(word.encode(), np.uint8)) for word in words], np.uint64))


def _posts(facts: Facts, wanted: pl.DataFrame) -> pl.DataFrame:
    """The latest posts of the wanted, oldest first, with their words as they are compared."""
    mentions = (pl.lit("@") + pl.col("mentions").list.join(" @", ignore_nulls=True)).fill_null("")
    called = pl.concat_str(mentions, *(_once(name) for name in ("of_handle", "reply_to_handle")))
    ids = wanted["account_id"].unique().to_list()
    own = (
        facts.posts.filter(pl.col("account_id").is_in(ids))
        .select(  # lists become words first: joining columns of lists is not safe
            *_ABOUT, "at", "post_id", "kind", "media",
            text=pl.col("text").fill_null(""),
            links=pl.col("links").list.join(" ", ignore_nulls=True).fill_null(""),
            tagged=pl.col("hashtags").list.len().fill_null(0) > 0,
            called=called,
        )
        .join(wanted.lazy(), on=_ABOUT)
        .filter(pl.col("since").is_null() | (pl.col("at") >= pl.col("since")))
        .filter(pl.col("until").is_null() | (pl.col("at") < pl.col("until")))
        .drop("since", "until", "text_only")
        .unique(["row", "post_id"], keep="any")
        .sort("row", "at", "post_id")
        .group_by("row", maintain_order=True)
        .tail(MOST_POSTS)
        .collect()
    )  # fmt: skip
    bare = pl.col("text").str.replace_all(r"https?://\S+|@\w+", " ")
    joined = pl.concat_str(bare, pl.lit(" "), "links", pl.lit(" "), "called")
    lower = pl.col("text").str.to_lowercase()
    return own.with_columns(
        words=joined.str.to_lowercase(),
        announces=lower.str.contains_any(_phrases()) & (pl.col("kind") != "repost").fill_null(True),
    )


def _once(handle: str) -> pl.Expr:
    """A handle that a post is of or answers, unless it is among those mentioned."""
    mentioned = pl.col("mentions").list.contains(pl.col(handle)).fill_null(False)
    return pl.when(~mentioned & pl.col(handle).is_not_null()).then(pl.lit(" @") + pl.col(handle)).otherwise(pl.lit(""))


def _versions(facts: Facts, wanted: pl.DataFrame) -> pl.DataFrame:
    """The last profile of each wanted account seen in its time; posts tell the handle where nothing else does."""
    open_to = wanted.lazy().filter(~pl.col("text_only").fill_null(False))
    told = (
        facts.accounts.join(open_to, on=_ABOUT)
        .filter(pl.col("until").is_null() | (pl.col("seen_at") < pl.col("until")))
        .select("row", "platform", "account_id", "handle", "name", "bio", "picture", "created_at", at="seen_at")
    )
    from_posts = (
        facts.posts.join(open_to, on=_ABOUT)
        .filter(pl.col("handle").is_not_null())
        .select("row", "platform", "account_id", "handle", "at")
    )
    both = pl.concat([told, from_posts], how="diagonal").sort("row", "at", "handle", "name", "bio", "picture")
    last = [pl.col(name).drop_nulls().last() for name in ("handle", "name", "bio", "picture", "created_at")]
    return both.group_by("row", "platform", "account_id").agg(last).sort("row").collect()


def _audience(facts: Facts, wanted: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Whom an account follows, and who follows, names, answers and reposts it."""
    open_to = wanted.lazy().filter(~pl.col("text_only").fill_null(False))
    ties = facts.ties.filter(pl.col("kind") != "shared_link")
    whom = pl.coalesce("to_id", pl.col("to_handle").str.to_lowercase())
    out = ties.filter(pl.col("kind") == "follow").join(
        open_to, left_on=["platform", "from_id"], right_on=_ABOUT
    ).select("row", who=whom)  # fmt: skip
    back = ties.join(open_to, left_on=["platform", "to_id"], right_on=_ABOUT).select("row", who="from_id")
    called = seen.lazy().select("row", "platform", called=pl.col("handle").str.to_lowercase()).drop_nulls()
    by_name = (
        ties.filter(pl.col("to_id").is_null())
        .with_columns(called=pl.col("to_handle").str.to_lowercase())
        .join(called, on=["platform", "called"])
        .select("row", who="from_id")
    )
    return pl.concat([out, back, by_name]).drop_nulls().unique().sort("row", "who").collect()


def _bytes(texts: pl.Series) -> tuple[Array, Array]:
    plain = texts.fill_null("")
    lengths = plain.str.len_bytes().to_numpy().astype(np.int64)
    data = np.frombuffer("".join(plain.to_list()).encode(), np.uint8)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), data


def _filled(kernel: Callable[[Array, Array], int], guess: int) -> tuple[Array, Array]:
    """Marks and their rows from a kernel that fills as many as fit."""
    keys, rows = np.empty(guess, np.uint64), np.empty(guess, np.int64)
    count = kernel(keys, rows)
    if count > guess:
        keys, rows = np.empty(count, np.uint64), np.empty(count, np.int64)
        kernel(keys, rows)
    return keys[:count], rows[:count]


def _cut(posts: pl.DataFrame, seen: pl.DataFrame, ties: pl.DataFrame) -> tuple[Array, Array]:
    """Marks of everything, with the account's row of each."""
    offsets, data = _bytes(posts["words"])
    keys, at = _filled(lambda k, r: text_marks(offsets, data, _passed(), k, r), 2 * len(data) + 16)
    parts = [(posts["row"].to_numpy().astype(np.int64)[at], keys)]
    row = seen["row"].to_numpy().astype(np.int64)
    bio_at, bio = _bytes(seen["bio"].str.to_lowercase())
    keys, at = _filled(lambda k, r: text_marks(bio_at, bio, _passed(), k, r), 2 * len(bio) + 16)
    kind = keys >> np.uint64(KIND_SHIFT)
    words = (kind == WORD) | (kind == TAG)
    low = keys[words] & np.uint64((1 << KIND_SHIFT) - 1)
    parts.append((row[at[words]], low | np.uint64(BIO << KIND_SHIFT)))
    for name, kind_of in (("handle", HANDLE), ("name", NAME)):
        spelt = Spellings.of(latin(text) for text in seen[name].to_list())
        parts.append(_spelt(spelt, kind_of, row))
    parts.append(_whole(seen.select("row", who="picture").drop_nulls(), PICTURE))
    parts.append(_whole(ties, AUDIENCE))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _spelt(spelt: Spellings, kind: int, row: Array) -> tuple[Array, Array]:
    keys, at = _filled(lambda k, r: name_marks(spelt.offsets, spelt.data, kind, k, r), len(spelt.data) + 16)
    return row[at], keys


def _whole(told: pl.DataFrame, kind: int) -> tuple[Array, Array]:
    offsets, data = _bytes(told["who"])
    keys = np.empty(told.height, np.uint64)
    hashes(offsets, data, kind, keys)
    return told["row"].to_numpy().astype(np.int64), keys


def _bags(size: int, rows: Array, keys: Array) -> tuple[Array, Array, Array]:
    """Each account's marks, sorted, each once, with how often it came."""
    order = np.lexsort((keys, rows))
    rows, keys = rows[order], keys[order]
    new = np.ones(len(keys), bool)
    new[1:] = (rows[1:] != rows[:-1]) | (keys[1:] != keys[:-1])
    begins = np.flatnonzero(new)
    times = np.diff(np.append(begins, len(keys))).astype(np.float32)
    starts = np.searchsorted(rows[begins], np.arange(size + 1)).astype(np.int64)
    return starts, keys[begins], times


def _spans(size: int, row: Array, at: Array) -> tuple[Array, Array]:
    first, last = np.full(size, np.iinfo(np.int64).max), np.full(size, NEVER)
    np.minimum.at(first, row, at)
    np.maximum.at(last, row, at)
    return np.where(last == NEVER, NEVER, first), last


def _habits(size: int, row: Array, posts: pl.DataFrame) -> Array:
    """Shares of an account's posts, and how long they are."""
    columns = posts.select(
        own=pl.col("kind").is_in(["post", "reply", "quote"]).fill_null(True),
        length=pl.col("text").str.len_chars() / 140,
        links=pl.col("links") != "",
        tags=pl.col("tagged"),
        media=pl.col("media").fill_null(0) > 0,
    )
    count = np.maximum(np.bincount(row, minlength=size), 1)
    return np.stack(
        [np.bincount(row, columns[n].cast(pl.Float64).to_numpy(), size) / count for n in columns.columns], 1
    ).astype(np.float32)
