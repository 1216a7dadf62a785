"""dismantle: R of orders of removal on real graphs, all at equal time, and how much faster than plain Python.

R is the mean share of the largest component over all removals; less is better. Needs the shared data folder. Settings
were looked at on petster-hamster, moreno_crime_projected and email-Eu-core; the others were kept aside. Every peer is
started anew with other ties until the time is over, and its best order counts; then with nodes put back in, too.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.plain_graphs import Neighbours, plain_back, plain_core, plain_degree, plain_influence, plain_load
from bench.report import Result, median
from seawall.graph import Graph
from seawall.graph.dismantle import (
    PEERS,
    adaptive_degree,
    by_load,
    collective_influence,
    core_hd,
    dismantle,
    largest,
    put_back,
)
from seawall.graph.dismantle import robustness as worth

GRAPHS = Path(os.environ.get("SEAWALL_SHARED", "../shared")) / "data" / "graphs"
LOOKED_AT = ("petster-hamster", "moreno_crime_projected", "email-Eu-core")
SECONDS = 1.0


def run() -> list[Result]:
    """R on every graph there is, then speed beside plain Python on one."""
    if not GRAPHS.exists() or not files():
        print("dismantle: needs the shared data folder; not measured")
        return []
    warm()
    paths = files()
    timed = next((path for path in paths if path.name.startswith("petster-hamster")), smallest())
    return [*(one(path) for path in paths), *_speed(read(timed))]


def files() -> list[Path]:
    """Every graph that is there, whichever those are: `a b` lines, packed or not."""
    endings = (".edges", ".txt", ".edges.gz", ".txt.gz")
    return sorted(path for path in GRAPHS.iterdir() if path.name.endswith(endings) and "labels" not in path.name)


def smallest() -> Path:
    """The one that is read soonest."""
    return min(files(), key=lambda path: path.stat().st_size)


def warm() -> None:
    """Compile everything before anything is timed."""
    graph = read(smallest())
    dismantle(graph, 60.0, rounds=1)
    for method in PEERS.values():
        method(graph, 0)


def one(path: Path) -> Result:
    """R on one graph, ours and the peers'."""
    name, graph = path.name.partition(".")[0], read(path)
    ours = worth(graph, dismantle(graph, SECONDS))
    by_degree = np.argsort(-graph.degrees(), kind="stable")
    theirs = {"degree": worth(graph, by_degree)}
    theirs |= {peer: _tried(graph, method, False) for peer, method in PEERS.items()}
    back = {f"{peer}, put back": _tried(graph, method, True) for peer, method in PEERS.items()}
    best = min(theirs, key=lambda peer: theirs[peer])
    aside = "looked at" if name in LOOKED_AT else "kept aside"
    return Result(f"dismantle_{name}", ours, f"R, {aside}", best, theirs[best], sizes={**theirs, **back})


def read(path: Path) -> Graph:
    """A file of `a b` lines as an undirected graph without loops and parallel edges."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        pairs = [line.split()[:2] for line in lines if line.strip() and line[0] not in "#%"]
    _, nodes = np.unique(np.array(pairs).ravel(), return_inverse=True)
    nodes = nodes.reshape(-1, 2)
    return Graph.build(int(nodes.max()) + 1, nodes[:, 0], nodes[:, 1]).undirected().unweighted()


def _tried(graph: Graph, method: Callable[[Graph, int], Any], back: bool) -> float:
    """The best R of a peer started anew until the time is over."""
    best, seed, until = np.inf, 0, time.perf_counter() + SECONDS
    while seed == 0 or time.perf_counter() < until:
        order = method(graph, seed)
        best = min(best, worth(graph, put_back(graph, order, 0.01) if back else order))
        seed += 1
    return float(best)


def _speed(graph: Graph) -> list[Result]:
    near = neighbours(graph)
    order = adaptive_degree(graph)
    cut = int(np.argmax(largest(graph, order) <= 0.01 * graph.nodes))
    few = max(1, graph.nodes // 60)  # nodes that go at once
    pairs: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        ("adaptive_degree", lambda: adaptive_degree(graph), lambda: plain_degree(near)),
        ("corehd", lambda: core_hd(graph), lambda: plain_core(near)),
        ("ci2", lambda: collective_influence(graph), lambda: plain_influence(near)),
        ("put_back", lambda: put_back(graph, order, 0.01), lambda: plain_back(near, order.tolist(), cut)),
        ("load", lambda: by_load(graph, order, 4, few, 0.01), lambda: plain_load(near, order.tolist(), 4, few, 0.01)),
    ]
    results = []
    for name, ours, plain in pairs:
        fast, slow = median(partial(cpu, ours)), median(partial(cpu, plain))
        results.append(Result(f"dismantle_speed_{name}", slow / fast, "times plain Python (CPU)", "plain, s", slow))
        results[-1].ratio = None
    return results


def neighbours(graph: Graph) -> Neighbours:
    """A graph as plain Python has it."""
    rows = np.split(graph.ends, graph.starts[1:-1])
    return {v: set(row.tolist()) for v, row in enumerate(rows)}


def cpu(work: Callable[[], Any]) -> float:
    """CPU seconds that something takes."""
    begin = time.process_time()
    work()
    return time.process_time() - begin
