"""k-cores: how deep a node lies. The k-core is what is left when nodes with fewer than k neighbours are taken away,
again and again (Seidman 1983); in one pass: Batagelj and Zaveršnik, "An O(m) algorithm for cores decomposition", 2003.
"""

from __future__ import annotations

import numpy as np

from seawall.graph.compiled import Array, compiled
from seawall.graph.csr import Graph


def core_numbers(graph: Graph) -> Array:
    """The largest k for which each node is in the k-core, over an undirected graph without parallel edges."""
    return _core_numbers(graph.starts, graph.ends)


@compiled
def _core_numbers(starts: Array, ends: Array) -> Array:
    nodes = len(starts) - 1
    degree = np.empty(nodes, np.uint32)
    most = np.int64(0)
    for node in range(nodes):
        degree[node] = starts[node + 1] - starts[node]
        most = max(most, np.int64(degree[node]))
    first = np.zeros(most + 2, np.uint32)  # where nodes of a degree begin in `order`
    for node in range(nodes):
        first[degree[node] + 1] += 1
    for k in range(most + 1):
        first[k + 1] += first[k]
    place, order = np.empty(nodes, np.uint32), np.empty(nodes, np.uint32)
    free = first[:-1].copy()
    for node in range(nodes):
        place[node] = free[degree[node]]
        free[degree[node]] += 1
        order[place[node]] = node
    for i in range(nodes):
        node = order[i]
        mine = degree[node]
        for j in range(starts[node], starts[node + 1]):
            other = ends[j]
            its = degree[other]
            if its > mine:  # the first node of that degree changes places with it, and the degree's row begins later
                there = max(first[its], np.uint32(i + 1))
                swapped = order[there]
                if swapped != other:
                    order[there], order[place[other]] = other, swapped
                    place[swapped], place[other] = place[other], there
                first[its] = there + 1
                degree[other] = its - 1
    return degree
