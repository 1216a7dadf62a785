"""Named domains found in the links and texts of posts, each address looked up whole, however many domains there are."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from seawall.signals.rules.literals import NOTHING, Literals, Whole

_ADDRESS = r"(?i)(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:/[^\s\"<>]*)?"
_HOST_AND_REST = r"(?i)^(?:https?://)?(?:[^/@\s]*@)?([^/:?#\s]+)(?::\d+)?([^\s]*)$"
# Letters that are not ASCII and whose lower case holds ASCII: a host may be spelled with them.
_ODD = ("\u212a", "\u0130")  # Kelvin sign, I with dot


class Domains:
    """Domains by number: 'host' takes the host and those below it, 'host/path' addresses that begin so."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._by_host: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for number, (host, slash, path) in enumerate(map(_split, entries)):
            self._by_host[host.lower().removeprefix("www.")].append((number, slash + path))
        # A post none of whose bytes hold a listed host has no listed address: most are passed over so.
        telling = {_telling(host) for host in self._by_host}
        self._all_posts = b"" in telling
        self._maybe = Literals([*sorted(telling - {b""}), *(letter.encode() for letter in _ODD)], any_case=True)

    def find(self, text: pl.Series, links: pl.Series) -> tuple[Whole, Whole]:
        """Rows and numbers of the domains that stand in them."""
        if not self._by_host:
            return NOTHING, NOTHING
        near = self._near(text, links)
        if not len(near):
            return NOTHING, NOTHING
        addresses = _addresses(pl.DataFrame({"row": near, "text": text[near], "links": links[near]}))
        found = [(row, number) for row, host, rest in addresses.iter_rows() for number in self._listed(host, rest)]
        rows, numbers = np.array(found, np.int64).reshape(-1, 2).T
        return rows, numbers

    def _near(self, text: pl.Series, links: pl.Series) -> Whole:
        """Rows that may hold a listed host."""
        if self._all_posts:
            return np.arange(len(text))
        said, _ = self._maybe.find(text)
        every = (
            links.to_frame("link")
            .select("link", row=pl.int_range(pl.len()))
            .explode("link", empty_as_null=False, keep_nulls=False)
        )
        linked, _ = self._maybe.find(every["link"])
        return np.unique(np.concatenate([said, every["row"].to_numpy()[linked]]))

    def _listed(self, host: str, rest: str | None) -> Iterator[int]:
        while host:
            yield from (number for number, path in self._by_host.get(host, ()) if (rest or "").startswith(path))
            host = host.partition(".")[2]


def _telling(host: str) -> bytes:
    """The longest stretch of a host that stands in whatever spells it, but for the case of ASCII letters."""
    return max(re.findall(r"[\x21-\x7e]+", host), key=len, default="").encode()


def _split(entry: str) -> tuple[str, str, str]:
    return entry.removeprefix("https://").removeprefix("http://").partition("/")


def _addresses(posts: pl.DataFrame) -> pl.DataFrame:
    """Every address of every post, from its links and its text: row, host, and what follows the host."""
    found = pl.concat_list(pl.col("links").fill_null([]), pl.col("text").fill_null("").str.extract_all(_ADDRESS))
    return (
        posts.select("row", address=found)
        .explode("address", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("address").str.extract_groups(_HOST_AND_REST).alias("parts"))
        .select(
            "row", host=pl.col("parts").struct.field("1").str.to_lowercase(), rest=pl.col("parts").struct.field("2")
        )
        .drop_nulls("host")
    )
