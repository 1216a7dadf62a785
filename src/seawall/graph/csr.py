"""Compressed sparse rows: for each node, where its neighbours begin, then all neighbours, and a weight for each.

4 bytes an edge (8 with weights) and 8 a node. A graph written to a folder is mapped when opened: pages are read as they
are touched, so a graph may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from seawall.graph.compiled import Array, Nodes, compiled
from seawall.graph.kept import LAYOUT, keep, mapped, read_about

MOST_NODES = 2**32 - 2


class GraphError(Exception):
    """Columns that make no graph, or a folder that holds none; the message says why."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Who leads to whom. `weights` is None where every edge counts one."""

    starts: Array  # int64, nodes + 1
    ends: Nodes
    weights: Array | None = None  # float32

    @property
    def nodes(self) -> int:
        """How many nodes, those without edges too."""
        return len(self.starts) - 1

    @property
    def edges(self) -> int:
        """How many edges, each direction counted."""
        return len(self.ends)

    @classmethod
    def build(cls, nodes: int, sources: Array, targets: Array, weights: Array | None = None) -> Graph:
        """From columns of node numbers, parallel edges and loops kept. Raises GraphError for a number off the range."""
        _check(nodes, sources, targets, weights)
        sources, targets = _plain(sources, np.uint32), _plain(targets, np.uint32)
        starts = _starts(nodes, sources)
        if weights is None:
            return cls(starts, _placed(starts, sources, targets))
        weights = _plain(weights, np.float32)
        return cls(starts, _placed(starts, sources, targets), _placed(starts, sources, weights))

    def joined(self, nodes: int, sources: Array, targets: Array, weights: Array | None = None) -> Graph:
        """This graph with more edges, and more nodes where `nodes` says so: what `build` makes of all edges, the old
        ones first, in one pass over them. Raises GraphError as `build` does."""
        if nodes < self.nodes:
            raise GraphError(f"a graph of {self.nodes:,} nodes cannot become one of {nodes:,}")
        if (weights is None) != (self.weights is None):
            raise GraphError("old and new edges must both have weights, or neither")
        new = Graph.build(nodes, sources, targets, weights)
        starts = np.concatenate([self.starts, np.full(nodes - self.nodes, self.edges, np.int64)])
        ends = _beside(starts, self.ends, new.starts, new.ends)
        if self.weights is None or new.weights is None:
            return Graph(starts + new.starts, ends)
        return Graph(starts + new.starts, ends, _beside(starts, self.weights, new.starts, new.weights))

    def reverse(self) -> Graph:
        """The same edges the other way."""
        return Graph.build(self.nodes, self.ends, self.sources(), self.weights)

    def sources(self) -> Nodes:
        """The source of each edge, in the order of `ends`."""
        return np.repeat(np.arange(self.nodes, dtype=np.uint32), np.diff(self.starts))

    def undirected(self) -> Graph:
        """Each edge both ways, parallel edges summed into one, loops dropped."""
        sources = self.sources()
        apart = sources != self.ends
        one, other = sources[apart], self.ends[apart]
        weights = np.ones(len(one), np.float32) if self.weights is None else self.weights[apart]
        both = Graph.build(
            self.nodes, np.concatenate([one, other]), np.concatenate([other, one]), np.concatenate([weights, weights])
        )
        return both.merged()

    def merged(self) -> Graph:
        """Neighbours in order, parallel edges summed into one."""
        weights = np.ones(self.edges, np.float32) if self.weights is None else self.weights
        return Graph(*_merged(self.starts, self.ends, weights))

    def unweighted(self) -> Graph:
        """The same edges, each counting one."""
        return Graph(self.starts, self.ends)

    def degrees(self) -> Array:
        """Edges that leave each node."""
        return np.diff(self.starts)

    def write(self, folder: Path) -> None:
        """Keep the graph in a folder; `open_graph` maps it. It takes the place of what is there at once: whoever is
        killed here leaves the old one."""
        self.write_with(folder, {})

    def write_with(self, folder: Path, beside: Mapping[str, Array]) -> None:
        """Keep the graph, and columns that belong to it."""
        about = {"nodes": self.nodes, "edges": self.edges, "weighted": self.weights is not None}
        keep(folder, about, {"starts": self.starts, "ends": self.ends, "weights": self.weights, **beside})


def open_graph(folder: Path) -> Graph:
    """Map a graph that was written. Raises GraphError where there is none, or not all of it."""
    try:
        about = read_about(folder)
        if about["layout"] != LAYOUT:
            raise GraphError(f"{folder} holds a graph of layout {about['layout']}; this reads layout {LAYOUT}")
        weights = mapped(folder, about, "weights") if about["weighted"] else None
        graph = Graph(mapped(folder, about, "starts"), mapped(folder, about, "ends"), weights)
    except (OSError, ValueError, KeyError) as error:
        raise GraphError(f"{folder} holds no whole graph ({error})") from error
    if (graph.nodes, graph.edges) != (about["nodes"], about["edges"]):
        raise GraphError(f"{folder} is damaged: its columns do not have the lengths it says")
    return graph


class Names:
    """Which id is which node: ids as one sorted column, found by search; nothing per id in Python."""

    def __init__(self, *columns: pa.Array | pa.ChunkedArray) -> None:
        all_ids = pa.chunked_array([chunk for column in columns for chunk in _chunks(column)], pa.string())
        ids = pc.unique(all_ids).drop_null()
        self.ids: pa.Array = ids.take(pc.array_sort_indices(ids))

    def __len__(self) -> int:
        return len(self.ids)

    def nodes(self, column: pa.Array | pa.ChunkedArray) -> Array:
        """The node of each id, -1 where the id is unknown or null."""
        found = pc.index_in(pa.chunked_array(_chunks(column), pa.string()), value_set=self.ids)
        return np.asarray(pc.fill_null(found, -1).combine_chunks(), np.int64)


def _chunks(column: pa.Array | pa.ChunkedArray) -> list[pa.Array]:
    whole = column.cast(pa.string())
    return list(whole.chunks) if isinstance(whole, pa.ChunkedArray) else [whole]


def _check(nodes: int, sources: Array, targets: Array, weights: Array | None) -> None:
    if not 0 <= nodes <= MOST_NODES:
        raise GraphError(f"a graph has 0 to {MOST_NODES:,} nodes, not {nodes:,}")
    if len(sources) != len(targets) or (weights is not None and len(weights) != len(sources)):
        raise GraphError("sources, targets and weights must be columns of one length")
    for column in (sources, targets):
        if len(column) and (int(column.min()) < 0 or int(column.max()) >= nodes):
            raise GraphError(f"an edge names a node outside 0 to {nodes - 1}")


def _plain(column: Array, kind: type) -> Array:
    """One layout and one kind for the kernels, so that each is compiled once."""
    return np.ascontiguousarray(column, dtype=kind)


@compiled
def _starts(nodes: int, sources: Array) -> Array:
    starts = np.zeros(nodes + 1, np.int64)
    for i in range(len(sources)):
        starts[np.int64(sources[i]) + 1] += 1
    for node in range(nodes):
        starts[node + 1] += starts[node]
    return starts


@compiled
def _placed(starts: Array, sources: Array, values: Array) -> Array:
    """Values put in the rows of their sources, in the order they come: a counting sort."""
    at = starts[:-1].copy()
    placed = np.empty_like(values)
    for i in range(len(sources)):
        source = sources[i]
        placed[at[source]] = values[i]
        at[source] += 1
    return placed


@compiled
def _beside(starts: Array, values: Array, more_starts: Array, more: Array) -> Array:
    """Rows of two tables, one behind the other."""
    out = np.empty(len(values) + len(more), values.dtype)
    at = 0
    for node in range(len(starts) - 1):
        for j in range(starts[node], starts[node + 1]):
            out[at] = values[j]
            at += 1
        for j in range(more_starts[node], more_starts[node + 1]):
            out[at] = more[j]
            at += 1
    return out


@compiled
def _merged(starts: Array, ends: Array, weights: Array) -> tuple[Array, Array, Array]:
    nodes = len(starts) - 1
    new_starts = np.zeros(nodes + 1, np.int64)
    new_ends, new_weights = np.empty_like(ends), np.empty_like(weights)
    written = 0
    for node in range(nodes):
        row = ends[starts[node] : starts[node + 1]]
        order = np.argsort(row)
        for place in order:
            weight = weights[starts[node] + place]
            if written > new_starts[node] and new_ends[written - 1] == row[place]:
                new_weights[written - 1] += weight
            else:
                new_ends[written], new_weights[written] = row[place], weight
                written += 1
        new_starts[node + 1] = written
    return new_starts, new_ends[:written].copy(), new_weights[:written].copy()
