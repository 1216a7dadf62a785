"""spread: personalised PageRank on 8.4 million nodes and 98 million edges, one seed set and eight, and
again when edges came; with SEAWALL_BENCH_LONG=1 also on a billion edges mapped from disk (4.6 GB of it).

The graph is synthetic (R-MAT: Chakrabarti, Zhan and Faloutsos 2004), so it speaks of speed alone. The ceiling is one
loop over the same edges that only reads and adds. One process makes the graph ready and writes it; others map it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from bench.report import Result, process

SCALE, EDGES = 23, 98_000_000
LARGE_NODES, LARGE_EDGES = 1 << 26, 1_000_000_000
BUILD = """
import sys
from pathlib import Path
from bench.spread_graph import rmat
from seawall.graph import Graph
from seawall.graph.spread import Spread
Spread.over(Graph.build(1 << int(sys.argv[2]), *rmat(int(sys.argv[2]), int(sys.argv[3])))).write(Path(sys.argv[1]))
"""
LARGE = """
import sys
from pathlib import Path
from bench.spread_graph import in_rows
in_rows(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
"""
ASK = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
from bench.spread_graph import reads
from seawall.graph import Graph
from seawall.graph.spread import Spread
few = Spread.over(Graph.build(3, np.array([0, 1]), np.array([1, 2])))
few.from_seed_sets([np.array([0]), np.array([1])]); few.from_seeds(np.array([0]))
ready = Spread.open(Path(sys.argv[1]))
leads = np.flatnonzero(ready.per_edge[ready.number] > 0)
draw = np.random.default_rng(5)
sets = [draw.choice(leads, 200, replace=False) for _ in range(8)]
table = np.ones(ready.into.nodes, np.float32)
reads(ready.into.ends[:8], table)
found = {}
def cpu(name, work):
    times = []
    for _ in range(int(sys.argv[2])):
        begin = time.process_time(); work(); times.append(time.process_time() - begin)
    found[name] = sorted(times)[len(times) // 2]
cpu('reads', lambda: reads(ready.into.ends, table))
cpu('one', lambda: ready.from_seeds(sets[0]))
found['peak_one'] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
if sys.argv[3] == 'eight':
    cpu('eight', lambda: ready.from_seed_sets(sets))
    found['peak_eight'] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(found))
"""

AGAIN = """
import json, sys, time
from pathlib import Path
import numpy as np
from bench.spread_graph import rmat
from seawall.graph import Graph
from seawall.graph.spread import Spread
one = np.array([0], np.uint32)
Spread.over(Graph.build(3, one, one)).write(Path(sys.argv[1]) / "few")
few = Spread.open(Path(sys.argv[1]) / "few")
few.joined(3, one, one).from_seeds(one, before=few.from_seeds(one))
old = Spread.open(Path(sys.argv[1]))
seeds = np.random.default_rng(5).choice(np.flatnonzero(old.per_edge[old.number] > 0), 200, replace=False)
before, found = old.from_seeds(seeds), []
edges = rmat(int(sys.argv[2]), int(sys.argv[3]))
begin = time.process_time()
Spread.over(Graph.build(old.into.nodes, *edges))
built = time.process_time() - begin
draw = np.random.default_rng(6)
for share in (0.0001, 0.01):
    some = draw.integers(0, len(edges[0]), int(share * len(edges[0])))
    turn = draw.permutation(some)  # ends of other edges, so that these are new
    times = [time.process_time()]
    now = old.joined(old.into.nodes, edges[0][some], edges[1][turn]); times.append(time.process_time())
    again = now.from_seeds(seeds, before=before); times.append(time.process_time())
    anew = now.from_seeds(seeds); times.append(time.process_time())
    apart, moved = (float(np.abs(again - other).sum()) for other in (anew, before))
    found.append([share, built, *np.diff(times).tolist(), apart, moved])
    del now
print(json.dumps(found))
"""


def run() -> list[Result]:
    """CPU seconds and peaks; each in processes of its own."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        built = process(BUILD, folder / "graph", SCALE, EDGES)
        found = json.loads(process(ASK, folder / "graph", 3, "eight").out)
        results = [
            Result("spread_one", found["one"], "CPU s, 8.4M nodes, 98M edges", sizes={"peak MiB": found["peak_one"]}),
            Result(
                "spread_eight_at_once",
                8 * found["one"] / found["eight"],
                "times the rate of one by one (CPU)",
                sizes={"CPU s for 8": found["eight"], "peak MiB": found["peak_eight"]},
            ),
            Result("spread_ceiling", EDGES / found["reads"] / 1e6, "million reads a CPU-second, nothing else done"),
            Result("spread_build", built.cpu, "CPU s, drawing the graph included", sizes={"peak MiB": built.peak}),
        ]
        results += _again(folder / "graph")
        shutil.rmtree(folder / "graph")
        if os.environ.get("SEAWALL_BENCH_LONG"):
            process(LARGE, folder / "large", LARGE_NODES, LARGE_EDGES)
            found = json.loads(process(ASK, folder / "large", 1, "one").out)
            sizes = {"peak MiB": found["peak_one"], "one pass that only reads, CPU s": found["reads"]}
            results.append(Result("spread_billion", found["one"], "CPU s, 67M nodes, 1,000M edges", sizes=sizes))
        return results
    finally:
        shutil.rmtree(folder)


def _again(graph: Path) -> list[Result]:
    """A day's edges join, and an earlier answer is gone on from; beside all from scratch."""
    results = []
    for share, built, join, again, anew, apart, moved in json.loads(process(AGAIN, graph, SCALE, EDGES).out):
        name = f"{share:.2%} new edges"
        sizes = {"apart in sum": apart, "answer moved by": moved}
        results += [
            Result(f"spread_joined, {name}", join, "CPU s", "all made ready anew", built),
            Result(f"spread_gone_on, {name}", again, "CPU s", "from the seeds", anew, sizes=sizes),
        ]
    return results
