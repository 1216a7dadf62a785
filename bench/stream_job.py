"""One stream in a process of its own: python -m bench.stream_job HOME COUNT WORKERS [FILE].

Prints what it did, what it cost and how much memory its processes took, as one line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import psutil

from bench import compact
from bench.rules_vs_osprey import as_predicates
from bench.stream_posts import Posts
from seawall.lake import Lake
from seawall.records.terms import Conduct
from seawall.signals.rules import NamedList, Rule
from seawall.signals.rules.grammar import parse
from seawall.signals.textscore import TextScore
from seawall.signals.textscore.kernel import BITS
from seawall.sources.x import XSource
from seawall.stream.flow import StreamReport, run_file, run_live
from seawall.stream.inputs import Policy
from seawall.stream.marking import Recipe

RULES = 200


def recipe() -> Recipe:
    """200 rules over 200 lists of 25 entries, and a text model (random weights cost what learned ones do)."""
    lists = {
        name: NamedList(name, kind, name, tuple(dict.fromkeys(entries)))
        for name, (kind, entries) in compact.lists(RULES).items()
    }
    rules = tuple(
        Rule(
            rule, 1, Conduct.PROPAGANDA, rule, "bench", "", ("en",), where, 1, 0.6, (), (), parse(rule, where, lists),
            quota=10**12,
        )
        for rule, where in as_predicates(compact.specs(RULES)).items()
    )  # fmt: skip
    weights = np.random.default_rng(0).normal(size=1 << BITS).astype(np.float32)
    return Recipe(rules, lists, TextScore(weights, 0.0, {}))


class Used:
    """What this process and its workers together took, sampled four times a second."""

    def __init__(self) -> None:
        self.memory = 0.0  # MiB at once, at most: what is theirs alone
        self._seconds: dict[int, float] = {}  # of CPU, by process: workers are no children of this one
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def seconds(self) -> float:
        """Of CPU, all processes together."""
        return sum(self._seconds.values())

    def _watch(self) -> None:
        while not self._ended.wait(0.25):
            total = 0
            for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    memory, spent = process.memory_info(), process.cpu_times()
                    total += memory.rss - memory.shared
                    self._seconds[process.pid] = spent.user + spent.system
            self.memory = max(self.memory, total / 2**20)


def main(home: Path, count: int, workers: int, path: Path | None) -> None:
    """Run it."""
    acknowledged: list[tuple[float, int]] = []
    used = Used()
    began = time.perf_counter()

    def told(report: StreamReport, _position: int) -> None:
        acknowledged.append((time.perf_counter(), report.read))

    with Lake.create(home) as lake:
        if path:
            report = run_file(lake, XSource(), path, recipe(), told, workers)
        else:
            stream = cast(BinaryIO, Posts(count))
            report = run_live(lake, XSource(), stream, recipe(), Policy(), told, workers)
    wall = time.perf_counter() - began
    leader = resource.getrusage(resource.RUSAGE_SELF)
    (first, before), (last, after) = acknowledged[0], acknowledged[-1]
    done = {
        "read": report.read,
        "posts": report.posts,
        "matches": sum(report.matches.values()),
        "wall": wall,
        "cpu": used.seconds,
        "leader_cpu": leader.ru_utime + leader.ru_stime,
        "steady": (after - before) / max(last - first, 1e-9),  # posts a second between the first and last block
        "peak": used.memory,
        "stages": {stage: spent / report.read * 1e6 for stage, spent in report.stages.items()},
    }
    print(json.dumps(done))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]) if len(sys.argv) > 4 else None)
