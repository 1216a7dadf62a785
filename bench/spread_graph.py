"""Synthetic graphs for the benchmark of spread."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from seawall.graph.compiled import Array, compiled, compiled_fast


@compiled
def rmat(scale: int, edges: int) -> tuple[Array, Array]:
    """Edges of an R-MAT graph (.57, .19, .19, .05), parallel ones kept."""
    sources, targets = np.empty(edges, np.uint32), np.empty(edges, np.uint32)
    state = np.uint64(88172645463325252)
    for i in range(edges):
        a, b, left, bits = np.uint32(0), np.uint32(0), 0, state
        for _ in range(scale):
            if left == 0:
                state ^= state << np.uint64(13)
                state ^= state >> np.uint64(7)
                state ^= state << np.uint64(17)
                bits, left = state, 4
            draw = bits & np.uint64(65535)
            bits >>= np.uint64(16)
            left -= 1
            a, b = a << np.uint32(1), b << np.uint32(1)
            if draw >= np.uint64(62259):
                a, b = a | np.uint32(1), b | np.uint32(1)
            elif draw >= np.uint64(49807):
                a |= np.uint32(1)
            elif draw >= np.uint64(37356):
                b |= np.uint32(1)
        sources[i], targets[i] = a, b
    return sources, targets


@compiled_fast
def reads(ends: Array, table: Array) -> float:
    """Read a number for each edge, and add: what reading alone costs."""
    total = np.float32(0)
    for j in range(len(ends)):
        total += table[ends[j]]
    return float(total)


def in_rows(folder: Path, nodes: int, edges: int) -> None:
    """A large graph, ready to spread over, drawn row by row into files: rows of one length, ends at few nodes."""
    folder.mkdir()
    np.save(folder / "starts.npy", np.linspace(0, edges, nodes + 1).astype(np.int64))
    ends = np.lib.format.open_memmap(folder / "ends.npy", "w+", np.uint32, (edges,))
    per_edge = np.zeros(nodes, np.float32)
    _draw(nodes, ends, per_edge)
    ends.flush()
    np.save(folder / "per_edge.npy", np.divide(1, per_edge, out=np.zeros_like(per_edge), where=per_edge > 0))
    np.save(folder / "number.npy", np.arange(nodes, dtype=np.uint32))
    about = {"layout": 1, "nodes": nodes, "edges": edges, "weighted": False}
    (folder / "graph.json").write_text(json.dumps(about))


@compiled
def _draw(nodes: int, ends: Array, leaving: Array) -> None:
    state = np.uint64(88172645463325252)
    for j in range(len(ends)):
        state ^= state << np.uint64(13)
        state ^= state >> np.uint64(7)
        state ^= state << np.uint64(17)
        draw = np.float64(state >> np.uint64(11)) / 9007199254740992.0
        end = np.int64(nodes * draw * draw * draw)
        ends[j] = end
        leaving[end] += 1
