"""Spread from seeds: personalised PageRank (Haveliwala 2002; Page, Brin, Motwani and Winograd 1999).

A walker starts at a seed, goes on along an edge with probability `follow` and back to a seed otherwise; from a node
without edges it goes back. What comes out is how often it is where. Power iteration in single precision over the
reversed graph. Nodes are renumbered by how often they are read, so that those read most stand together in the cache;
several seed sets are spread in one pass, for half a cache line a read instead of a number.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seawall.graph.compiled import Array, Nodes, compiled_fast
from seawall.graph.csr import Graph, GraphError, open_graph
from seawall.graph.kept import mapped, read_about
from seawall.graph.lanes import WIDTH, add_row, fetch, fetch_row, row_table

FOLLOW = 0.85
CLOSE = 1e-6  # sum of changes in a step at which it ends
MOST_STEPS = 200
_AHEAD, _AHEAD_ROW = 64, 32  # edges before it is read, a number or a row is asked for
_BESIDE = ("number", "per_edge")
_PARTS = 16  # of nodes, with about as many edges each, for threads


@dataclass(frozen=True, slots=True)
class Spread:
    """A graph made ready to spread over."""

    into: Graph  # renumbered and reversed: for each node, who leads to it
    number: Nodes  # the new number of each node
    per_edge: Array  # one divided by the weight that leaves each node; 0 where none does
    follow: float = FOLLOW

    @classmethod
    def over(cls, graph: Graph, follow: float = FOLLOW) -> Spread:
        """Make a graph ready; edges lead the way that the walker goes."""
        leaving = graph.degrees()
        number = np.empty(graph.nodes, np.uint32)
        number[np.argsort(-leaving, kind="stable")] = np.arange(graph.nodes, dtype=np.uint32)
        into = Graph.build(graph.nodes, number[graph.ends], number[graph.sources()], graph.weights)
        out = leaving if graph.weights is None else np.bincount(graph.sources(), graph.weights, minlength=graph.nodes)
        per_edge = np.zeros(graph.nodes, np.float32)
        per_edge[number] = np.divide(1.0, out, out=np.zeros(graph.nodes), where=out > 0)
        return cls(into, number, per_edge, follow)

    def joined(self, nodes: int, sources: Array, targets: Array, weights: Array | None = None) -> Spread:
        """With edges that came since, and more nodes where `nodes` says so, without making all ready anew. Nodes keep
        their numbers, so what is read most may in time stand less together. Raises GraphError as `Graph.joined`."""
        number = np.concatenate([self.number, np.arange(self.into.nodes, max(nodes, self.into.nodes), dtype=np.uint32)])
        come = Graph.build(nodes, sources, targets, weights)  # looks at them before they index anything
        leave = number[come.sources()]
        into = self.into.joined(nodes, number[come.ends], leave, come.weights)
        out = np.zeros(nodes)
        np.divide(1.0, self.per_edge, out=out[: self.into.nodes], where=self.per_edge > 0)
        if weights is None:
            out = np.round(out)  # edges are counted: what single precision lost comes back
        out += np.bincount(leave, come.weights, minlength=nodes)
        per_edge = np.divide(1.0, out, out=np.zeros(nodes), where=out > 0).astype(np.float32)
        return Spread(into, number, per_edge, self.follow)

    def write(self, folder: Path) -> None:
        """Keep it in a folder, so that it need not be made ready again; `open` maps it."""
        self.into.write_with(folder, {name: getattr(self, name) for name in _BESIDE})

    @classmethod
    def open(cls, folder: Path, follow: float = FOLLOW) -> Spread:
        """Map what was written. Raises GraphError where it is not whole."""
        into = open_graph(folder)
        try:
            about = read_about(folder)
            number, per_edge = (mapped(folder, about, name) for name in _BESIDE)
        except (OSError, ValueError) as error:
            raise GraphError(f"{folder} holds nothing to spread over ({error})") from error
        if not len(number) == len(per_edge) == into.nodes:
            raise GraphError(f"{folder} is damaged: its columns do not have the lengths they should")
        return cls(into, number, per_edge, follow)

    def from_seeds(self, seeds: Array, threads: int | None = None, before: Array | None = None) -> Array:
        """How much of the walk is at each node, for one set of seeds. `before` is an earlier answer, over fewer edges
        or from other seeds: it is gone on from, in fewer steps to the same. Raises GraphError if there is no seed."""
        begin = self._start(seeds)
        y = begin.copy() if before is None else self._gone_on_from(before, begin)
        follow = np.float32(self.follow)
        stuck = float(y[self.per_edge == 0].sum())
        cuts = self._cuts()
        weights = self._weights()
        sums = np.zeros((len(cuts) - 1, 2))
        with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
            for _ in range(MOST_STEPS):
                back = np.float32(1 - self.follow + self.follow * stuck)
                sent = y * self.per_edge

                def step(part: int, sent: Array = sent, back: np.float32 = back) -> None:
                    _step_one(
                        cuts[part], cuts[part + 1], self.into.starts, self.into.ends, weights, sent, begin, back,
                        follow, self.per_edge, y, sums[part],
                    )  # fmt: skip

                list(pool.map(step, range(len(cuts) - 1)))
                changed, stuck = float(sums[:, 0].sum()), float(sums[:, 1].sum())
                if changed < CLOSE:
                    break
        return y[self.number]

    def from_seed_sets(self, sets: Sequence[Array], threads: int | None = None) -> Array:
        """One row of results for each set of seeds, eight at a pass. Raises GraphError if one is empty."""
        found = np.empty((len(sets), self.into.nodes), np.float32)
        for first in range(0, len(sets), WIDTH):
            group = sets[first : first + WIDTH]
            if len(group) == 1:
                found[first] = self.from_seeds(group[0], threads)
            else:
                found[first : first + len(group)] = self._together(group, threads)
        return found

    def _together(self, sets: Sequence[Array], threads: int | None) -> Array:
        nodes, follow = self.into.nodes, np.float32(self.follow)
        y = np.zeros((nodes, WIDTH), np.float32)
        for column, seeds in enumerate(sets):
            y[:, column] = self._start(seeds)
        rows = np.flatnonzero(y.any(axis=1))
        begin = y[rows]  # only seeds' rows: a walk goes back to nobody else
        sent = row_table(nodes)
        flat = sent.reshape(-1)
        cuts = self._cuts()
        weights = self._weights()
        changed = np.zeros((len(cuts) - 1, WIDTH))
        stuck_in = np.zeros((len(cuts) - 1, WIDTH))
        stuck = y[self.per_edge == 0].sum(axis=0, dtype=np.float64)
        with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
            for _ in range(MOST_STEPS):
                np.multiply(y, self.per_edge[:, None], out=sent)
                back = ((1 - self.follow) + self.follow * stuck).astype(np.float32)

                def step(part: int, back: Array = back) -> None:
                    _step_many(
                        cuts[part], cuts[part + 1], self.into.starts, self.into.ends, weights, flat, rows, begin, back,
                        follow, self.per_edge, y, changed[part], stuck_in[part],
                    )  # fmt: skip

                list(pool.map(step, range(len(cuts) - 1)))
                stuck = stuck_in.sum(axis=0)
                if changed.sum(axis=0).max() < CLOSE:
                    break
        return y[self.number, : len(sets)].T

    def _start(self, seeds: Array) -> Array:
        seeds = np.unique(np.asarray(seeds, np.int64))
        if not len(seeds):
            raise GraphError("spreading needs at least one seed")
        if seeds[0] < 0 or seeds[-1] >= self.into.nodes:
            raise GraphError("a seed is no node of the graph")
        begin = np.zeros(self.into.nodes, np.float32)
        begin[self.number[seeds]] = 1 / len(seeds)
        return begin

    def _gone_on_from(self, before: Array, begin: Array) -> Array:
        if len(before) > self.into.nodes:
            raise GraphError("an earlier answer has more nodes than the graph")
        y = np.zeros(self.into.nodes, np.float32)
        y[self.number[: len(before)]] = before
        return np.where((self.into.degrees() > 0) | (begin > 0), y, np.float32(0))  # steps pass by where nobody comes

    def _weights(self) -> Array:
        return np.empty(0, np.float32) if self.into.weights is None else self.into.weights

    def _cuts(self) -> Array:
        """Where parts begin: about as many edges in each."""
        cuts = np.searchsorted(self.into.starts, np.linspace(0, self.into.edges, _PARTS + 1))
        cuts[0], cuts[-1] = 0, self.into.nodes
        return np.asarray(cuts, np.int64)


@compiled_fast
def _step_one(
    first: int,
    last: int,
    starts: Array,
    ends: Array,
    weights: Array,
    sent: Array,
    begin: Array,
    back: np.float32,
    follow: np.float32,
    per_edge: Array,
    y: Array,
    sums: Array,
) -> None:
    changed, stuck = 0.0, 0.0
    weighted = len(weights) > 0
    ahead = len(ends) - _AHEAD
    for node in range(first, last):
        if starts[node] == starts[node + 1] and begin[node] == 0:
            continue  # nobody comes here, and nothing ever is
        came = np.float32(0)
        for j in range(starts[node], starts[node + 1]):
            if j < ahead:
                fetch(sent, np.int64(ends[j + _AHEAD]))
            came += sent[ends[j]] * weights[j] if weighted else sent[ends[j]]
        now = follow * came + back * begin[node]
        changed += abs(now - y[node])
        y[node] = now
        if per_edge[node] == 0:
            stuck += now
    sums[0], sums[1] = changed, stuck


@compiled_fast
def _step_many(
    first: int,
    last: int,
    starts: Array,
    ends: Array,
    weights: Array,
    sent: Array,
    rows: Array,
    begin: Array,
    back: Array,
    follow: np.float32,
    per_edge: Array,
    y: Array,
    changed: Array,
    stuck: Array,
) -> None:
    weighted = len(weights) > 0
    changed[:], stuck[:] = 0, 0
    at_seed = np.searchsorted(rows, first)
    came = np.zeros(WIDTH, np.float32)
    ahead = len(ends) - _AHEAD_ROW
    for node in range(first, last):
        seed = at_seed < len(rows) and rows[at_seed] == node
        if starts[node] == starts[node + 1] and not seed:
            continue  # nobody comes here, and nothing ever is
        came[:] = 0
        if weighted:
            for j in range(starts[node], starts[node + 1]):
                for k in range(WIDTH):
                    came[k] += sent[np.int64(ends[j]) * WIDTH + k] * weights[j]
        else:
            for j in range(starts[node], starts[node + 1]):
                if j < ahead:
                    fetch_row(sent, np.int64(ends[j + _AHEAD_ROW]))
                add_row(came, sent, np.int64(ends[j]))
        for k in range(WIDTH):
            now = follow * came[k]
            if seed:
                now += back[k] * begin[at_seed, k]
            changed[k] += abs(now - y[node, k])
            y[node, k] = now
            if per_edge[node] == 0:
                stuck[k] += now
        if seed:
            at_seed += 1
