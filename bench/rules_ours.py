"""Our engine over JSON posts, in a process of its own: bytes, columns, hits, predicates, pairs of rule and post.

python -m bench.rules_ours JOB.json        job: rules (predicates by id), lists, posts (a file), count
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.json as pj

from seawall.records.terms import Conduct
from seawall.signals.rules import NamedList, Rule, RulesSignal
from seawall.signals.rules.grammar import parse

BATCH = 10_000


TEXTS = pa.list_(pa.string())
READ = pa.schema(  # what rules read of a post
    [(name, pa.string()) for name in ("platform", "post_id", "account_id", "handle", "at", "kind", "text", "lang")]
    + [(name, TEXTS) for name in ("hashtags", "links", "mentions")]
    + [(name, pa.int64()) for name in ("media", "reposts", "likes", "replies")]
    + [("truncated", pa.bool_())]
)
_WHOLE = pj.ReadOptions(use_threads=False, block_size=1 << 24)
_KNOWN = pj.ParseOptions(explicit_schema=READ, unexpected_field_behavior="ignore")


def decode(lines: list[bytes]) -> pl.DataFrame:
    """A batch of posts as columns."""
    frame = pl.DataFrame(pj.read_json(pa.BufferReader(b"".join(lines)), _WHOLE, _KNOWN))
    return frame.with_columns(pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC"))


def signal(job: dict[str, Any]) -> RulesSignal:
    """The rules of a job."""
    lists = {
        name: NamedList(name, kind, name, tuple(dict.fromkeys(entries)))
        for name, (kind, entries) in job["lists"].items()
    }
    rules = [
        Rule(rule, 1, Conduct.PROPAGANDA, rule, "bench", "", ("en",), where, 1, 0.6, (), (), parse(rule, where, lists))
        for rule, where in job["rules"].items()
    ]
    return RulesSignal(rules, lists)


def main(job: dict[str, Any]) -> None:
    """Compile, run, print the seconds and who matched what."""
    engine = signal(job)
    count = int(job["count"])
    with Path(job["posts"]).open("rb") as stream:
        engine.match(decode(list(islice(stream, 100))))
        stream.seek(0)
        found: list[pl.DataFrame] = []
        started, cpu = time.perf_counter(), time.process_time()
        left = count
        while left > 0 and (lines := list(islice(stream, min(BATCH, left)))):
            found.append(engine.match(decode(lines)).select("rule", "post_id"))
            left -= len(lines)
        wall, spent = time.perf_counter() - started, time.process_time() - cpu
    peak = _peak()
    by_post: dict[int, list[str]] = defaultdict(list)
    for rule, post in pl.concat(found).iter_rows():
        by_post[int(post) - 10**18].append(rule)
    matched = [sorted(by_post[number]) for number in range(count)] if count <= 5_000 else []
    print(json.dumps({"wall": wall, "cpu": spent, "posts": count - left, "peak": round(peak), "matched": matched}))


def _peak() -> float:
    """MiB resident at most. Linux counts a parent's in getrusage; the process's own is in its status."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
