"""communities: modularity and CPU seconds on real graphs, beside plain Python and, on three seeds, leidenalg.

Needs the shared data folder. leidenalg is no dependency (GPL): name a Python that has it, with igraph, in
SEAWALL_LEIDENALG; without it ours stands alone. It runs until nothing changes, 90 s a graph at most.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from bench.dismantle import GRAPHS, cpu, files, neighbours, read, smallest
from bench.plain_graphs import Neighbours, plain_communities
from bench.report import Result
from seawall.graph import Graph
from seawall.graph.communities import PATIENCE, communities, modularity

SEEDS = 3
LARGE = 100_000  # edges, each way: plain Python is asked once then
LATEST = 90  # seconds that leidenalg is given for a graph, all seeds together
PEER = """
import json, sys, time
import igraph, leidenalg, numpy
pairs = numpy.load(sys.argv[1])
graph = igraph.Graph(n=int(sys.argv[2]), edges=pairs)
begin, found = time.process_time(), []
for seed in range(int(sys.argv[3])):
    kind = leidenalg.ModularityVertexPartition
    found.append(leidenalg.find_partition(graph, kind, seed=seed, n_iterations=-1).modularity)
print(json.dumps([found, (time.process_time() - begin) / len(found)]))
"""


def run() -> list[Result]:
    """Mean modularity, and how many times faster."""
    if not GRAPHS.exists() or not files():
        print("communities: needs the shared data folder; not measured")
        return []
    if not os.environ.get("SEAWALL_LEIDENALG"):
        print("communities: SEAWALL_LEIDENALG names no Python with leidenalg; ours stands alone")
    communities(read(smallest()))
    results = []
    for path in files():
        graph = read(path)
        begin = time.process_time()
        found = [communities(graph, seed=seed) for seed in range(SEEDS)]
        ours = (time.process_time() - begin) / SEEDS
        value = float(np.mean([modularity(graph, labels) for labels in found]))
        seeds = SEEDS if graph.edges < LARGE else 1
        plain = cpu(partial(_plainly, neighbours(graph), seeds)) / seeds
        peer = _peer(graph)
        sizes = {"CPU ms": 1000 * ours, "times faster than plain Python": plain / ours}
        sizes |= {"times faster than leidenalg": peer[1] / ours} if peer else {}
        name = f"communities_{path.name.partition('.')[0]}"
        results.append(
            Result(name, value, "modularity, mean", "leidenalg" if peer else None, peer and peer[0], sizes=sizes)
        )
    return results


def _plainly(near: Neighbours, seeds: int) -> None:
    for seed in range(seeds):
        plain_communities(near, PATIENCE, seed)


def _peer(graph: Graph) -> tuple[float, float] | None:
    python = os.environ.get("SEAWALL_LEIDENALG")
    if not python:
        return None
    once = graph.sources() < graph.ends
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(Path(file.name), np.column_stack([graph.sources()[once], graph.ends[once]]))
        words = [python, "-c", PEER, file.name, str(graph.nodes), str(SEEDS)]
        try:
            done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=LATEST)
        except subprocess.TimeoutExpired:
            print(f"communities: leidenalg did not end within {LATEST} s over {graph.nodes:,} nodes")
            return None
        found, seconds = json.loads(done.stdout)
    return float(np.mean(found)), float(seconds)
