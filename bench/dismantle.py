"""dismantle: R of orders of removal on real graphs, all at equal time, and how much faster than plain Python.

R is the mean share of the largest component over all removals; less is better. Needs the shared data folder. Settings
were looked at on petster-hamster, moreno_crime_projected and email-Eu-core; the others were kept aside. Every peer is
started anew with other ties until the time is over, and its best order counts; then with nodes put back in, too.
"""

from __future__ import annotations

import gzip
import heapq
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.report import Result, median
from seawall.graph import Graph
from seawall.graph.dismantle import PEERS, adaptive_degree, collective_influence, core_hd, dismantle, largest, put_back
from seawall.graph.dismantle import robustness as worth

GRAPHS = Path(os.environ.get("SEAWALL_SHARED", "../shared")) / "data" / "graphs"
LOOKED_AT = ("petster-hamster", "moreno_crime_projected", "email-Eu-core")
SECONDS = 1.0
Neighbours = dict[int, set[int]]


def run() -> list[Result]:
    """R on every graph there is, then speed beside plain Python on one."""
    if not GRAPHS.exists():
        print("dismantle: needs the shared data folder; not measured")
        return []
    warm()
    results = [one(path) for path in sorted(path for path in GRAPHS.iterdir() if "labels" not in path.name)]
    return [*results, *_speed(read(GRAPHS / "petster-hamster.edges.gz"))]


def warm() -> None:
    """Compile everything before anything is timed."""
    graph = read(GRAPHS / "moreno_crime_projected.edges.gz")
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
    near = {v: set(graph.ends[graph.starts[v] : graph.starts[v + 1]].tolist()) for v in range(graph.nodes)}
    order = adaptive_degree(graph)
    cut = int(np.argmax(largest(graph, order) <= 0.01 * graph.nodes))
    pairs: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        ("adaptive_degree", lambda: adaptive_degree(graph), lambda: plain_degree(near)),
        ("corehd", lambda: core_hd(graph), lambda: plain_core(near)),
        ("ci2", lambda: collective_influence(graph), lambda: plain_influence(near)),
        ("put_back", lambda: put_back(graph, order, 0.01), lambda: plain_back(near, order.tolist(), cut)),
    ]
    results = []
    for name, ours, plain in pairs:
        fast, slow = median(partial(_cpu, ours)), median(partial(_cpu, plain))
        results.append(Result(f"dismantle_speed_{name}", slow / fast, "times plain Python (CPU)", "plain, s", slow))
        results[-1].ratio = None
    return results


def _cpu(work: Callable[[], Any]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def plain_degree(whole: Neighbours) -> list[int]:
    """Adaptive degree over a dict of sets, with a lazy heap."""
    near = {v: set(its) for v, its in whole.items()}
    heap = [(-len(its), v) for v, its in near.items()]
    heapq.heapify(heap)
    order = []
    while heap:
        less, v = heapq.heappop(heap)
        if v not in near:
            continue
        if -less != len(near[v]):
            heapq.heappush(heap, (-len(near[v]), v))
            continue
        order.append(v)
        for u in near.pop(v):
            near[u].discard(v)
    return order


def plain_core(whole: Neighbours) -> list[int]:
    """CoreHD over dicts of sets: the 2-core kept up to date, a lazy heap, then adaptive degree."""
    near, core = {v: set(its) for v, its in whole.items()}, {v: set(its) for v, its in whole.items()}

    def peel(loose: list[int]) -> None:
        while loose:
            v = loose.pop()
            if v in core and len(core[v]) < 2:
                for u in core.pop(v):
                    core[u].discard(v)
                    loose.append(u)

    peel(list(core))
    heap = [(-len(its), v) for v, its in core.items()]
    heapq.heapify(heap)
    order = []
    while heap:
        less, v = heapq.heappop(heap)
        if v not in core:
            continue
        if -less != len(core[v]):
            heapq.heappush(heap, (-len(core[v]), v))
            continue
        order.append(v)
        for u in near.pop(v):
            near[u].discard(v)
        its = core.pop(v)
        for u in its:
            core[u].discard(v)
        peel(list(its))
    return order + plain_degree(near)


def plain_influence(whole: Neighbours) -> list[int]:
    """CI(2) over a dict of sets: after each removal only nodes within three steps are asked again."""
    near = {v: set(its) for v, its in whole.items()}

    def influence(v: int) -> int:
        if len(near[v]) < 2:
            return 0
        two = set().union(*(near[u] for u in near[v])) - near[v] - {v}
        return (len(near[v]) - 1) * sum(len(near[u]) - 1 for u in two)

    now = {v: influence(v) for v in near}
    heap = [(-now[v], v) for v in near]
    heapq.heapify(heap)
    order = []
    while heap:
        less, v = heapq.heappop(heap)
        if v not in near or -less != now[v]:
            continue
        order.append(v)
        ball, edge = {v}, {v}
        for _ in range(3):
            edge = set().union(*(near[u] for u in edge)) - ball if edge else set()
            ball |= edge
        for u in near.pop(v):
            near[u].discard(v)
        for u in ball - {v}:
            value = influence(u)
            if value != now[u]:
                now[u] = value
                heapq.heappush(heap, (-value, u))
    return order


def plain_back(near: Neighbours, order: list[int], cut: int) -> list[int]:
    """Nodes put back in where they join least, over a dict of sets."""
    parent: dict[int, int] = {}
    size: dict[int, int] = {}

    def find(v: int) -> int:
        while parent[v] != v:
            parent[v] = parent[parent[v]]
            v = parent[v]
        return v

    def join(v: int) -> None:
        parent[v], size[v] = v, 1
        for u in near[v]:
            if u in parent and (a := find(u)) != (b := find(v)):
                parent[a] = b
                size[b] += size[a]

    for v in order[cut:]:
        join(v)
    heap, new = [(0, v) for v in order[:cut]], []
    while heap:
        _, v = heapq.heappop(heap)
        would = 1 + sum(size[root] for root in {find(u) for u in near[v] if u in parent})
        if heap and would > heap[0][0]:
            heapq.heappush(heap, (would, v))
            continue
        join(v)
        new.append(v)
    return new[::-1] + order[cut:]
