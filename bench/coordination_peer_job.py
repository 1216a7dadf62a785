"""Ours over the same CSV: read, co-acting pairs of weight 2 and more, pairs written; prints seconds."""

from __future__ import annotations

import sys
import time

import numpy as np
import polars as pl

from seawall.graph import coaction


def main(source: str, window: str, pairs: str) -> None:
    """The compiled loops are loaded first, as a program that runs on would have them."""
    coaction.pairs(coaction.actions(np.arange(3, dtype=np.uint32), np.zeros(3, np.uint32), np.arange(3), 3), 1)
    began = time.perf_counter()
    kinds = {"user_id": pl.UInt32, "repost_id": pl.Categorical, "timestamp": pl.Int64}
    rows = pl.read_csv(source, columns=list(kinds), schema_overrides=kinds)
    what = rows["repost_id"].to_physical().to_numpy().astype(np.uint32)
    who, when = rows["user_id"].to_numpy(), rows["timestamp"].to_numpy()
    read = time.perf_counter()
    found = coaction.pairs(coaction.actions(who, what, when, int(who.max()) + 1), int(window), 2)
    done = time.perf_counter()
    pl.DataFrame({"a": found.first, "b": found.second, "w": found.weight}).write_csv(pairs, include_header=False)
    print(read - began, done - read)


if __name__ == "__main__":
    main(*sys.argv[1:])
