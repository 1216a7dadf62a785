"""Runs in the peer's own environment: python-threatexchange's PDQ index over one file of hashes, on one thread; writes
what it finds, prints CPU seconds to build and queries per CPU second, one by one and in one call."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import faiss
import numpy as np
from threatexchange.signal_type.pdq.pdq_index import PDQIndex


def main(source: str, runs: str, target: str) -> None:
    """Look every query up."""
    faiss.omp_set_num_threads(1)
    data = np.load(source)
    bank, queries = ([its.tobytes().hex() for its in data[name]] for name in ("bank", "queries"))
    began = time.process_time()
    index = PDQIndex()
    index.add_all((its, row) for row, its in enumerate(bank))
    built = time.process_time() - began
    found = [(number, match.metadata) for number, its in enumerate(queries) for match in index.query(its)]
    np.save(target, np.array(found, np.int64).reshape(-1, 2))
    few = queries[:500]

    def rate(work: Callable[[], object]) -> float:
        began = time.process_time()
        work()
        return len(few) / (time.process_time() - began)

    one = statistics.median(rate(lambda: [index.query(its) for its in few]) for _ in range(int(runs)))
    many = statistics.median(
        rate(lambda: index.index.search(few, index.get_match_threshold(), return_as_ids=True)) for _ in range(int(runs))
    )
    print(round(built, 2), one, many)


if __name__ == "__main__":
    main(*sys.argv[1:])
