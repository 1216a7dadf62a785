"""Runs in the peer's own environment: coordination-network-toolkit over one CSV; writes its pairs, prints seconds."""

from __future__ import annotations

import contextlib
import io
import sqlite3
import sys
import time
from pathlib import Path

from coordination_network_toolkit.compute_networks import compute_co_retweet_parallel
from coordination_network_toolkit.preprocess import preprocess_csv_files


def main(source: str, window: str, pairs: str) -> None:
    """Co-retweet network of a file, weight 2 and more, both directions of a pair given once."""
    database = f"{pairs}.sqlite"
    Path(database).unlink(missing_ok=True)
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        preprocess_csv_files(database, [source])
        read = time.perf_counter()
        compute_co_retweet_parallel(database, int(window), n_threads=2, min_edge_weight=2)
        done = time.perf_counter()
    rows = sqlite3.connect(database).execute(
        "select cast(user_1 as integer), cast(user_2 as integer), weight from co_retweet_network where user_1 < user_2"
    )
    Path(pairs).write_text("".join(f"{a},{b},{w}\n" for a, b, w in rows))
    print(read - began, done - read)


if __name__ == "__main__":
    main(*sys.argv[1:])
