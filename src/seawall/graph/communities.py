"""Communities: groups with more weight among themselves than chance would give, by modularity.

Leiden (Traag, Waltman and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities", 2019): nodes move
to where they gain most, until none does; each community is refined from single nodes, only along what holds together;
the refined parts become the nodes of the next, smaller graph. Here the refining takes the best gain and not one by
chance; seeds change the order in which nodes are asked.
"""

from __future__ import annotations

import numpy as np

from seawall.graph.compiled import Array, compiled
from seawall.graph.csr import Graph

MOST_ROUNDS = 20


def modularity(graph: Graph, labels: Array, resolution: float = 1.0) -> float:
    """How much more weight lies within groups than chance would give (Newman and Girvan 2004), at most 1."""
    weights = _weights(graph)
    whole = float(weights.sum(dtype=np.float64))
    if not whole:
        return 0.0
    _, group = np.unique(labels, return_inverse=True)
    sources = graph.sources()
    within = weights[group[sources] == group[graph.ends]].sum(dtype=np.float64)
    totals = np.bincount(group[sources], weights)
    return float(within / whole - resolution * ((totals / whole) ** 2).sum())


def communities(graph: Graph, resolution: float = 1.0, seed: int = 0) -> Array:
    """The community of each node, numbered from 0. `graph` is undirected; a higher resolution gives smaller ones.

    Every community holds together. The same graph and seed give the same answer.
    """
    draw = np.random.default_rng(seed)
    labels, best = np.arange(graph.nodes), -np.inf
    for _ in range(MOST_ROUNDS):
        again = _round(graph, labels, resolution, draw)
        value = modularity(graph, again, resolution)
        if value <= best + 1e-9:
            break
        labels, best = again, value
    return labels


def _round(graph: Graph, labels: Array, resolution: float, draw: np.random.Generator) -> Array:
    weights = _weights(graph)
    whole = float(weights.sum(dtype=np.float64))
    if not whole:
        return labels
    node_of = np.arange(graph.nodes)  # in the smaller graph
    small = Graph(graph.starts, graph.ends, weights)
    while True:
        strength = np.bincount(small.sources(), _weights(small), minlength=small.nodes)
        order = draw.permutation(small.nodes)
        share = resolution / whole
        _move(small.starts, small.ends, _weights(small), strength, labels, order, share)
        parts = _refine(small.starts, small.ends, _weights(small), strength, labels, order, share)
        first, part = np.unique(parts, return_index=True, return_inverse=True)[1:]
        if len(first) == small.nodes:
            return np.unique(labels[node_of], return_inverse=True)[1]
        joined = Graph.build(len(first), part[small.sources()], part[small.ends], _weights(small)).merged()
        _, labels = np.unique(labels[first], return_inverse=True)
        small, node_of = joined, part[node_of]


def _weights(graph: Graph) -> Array:
    return np.ones(graph.edges, np.float32) if graph.weights is None else graph.weights


@compiled
def _weigh(
    starts: Array,
    ends: Array,
    weights: Array,
    group: Array,
    labels: Array,
    node: int,
    near: Array,
    to: Array,
    only: int,
) -> int:
    """The weight from a node to each group beside it, in `to`; which groups, in `near`; returns how many. Of nodes with
    the label `only`, or of all where it is negative."""
    many = 0
    for j in range(starts[node], starts[node + 1]):
        other = ends[j]
        if other != node and (only < 0 or labels[other] == only):
            if to[group[other]] == 0.0:
                near[many] = group[other]
                many += 1
            to[group[other]] += weights[j]
    return many


@compiled
def _move(
    starts: Array, ends: Array, weights: Array, strength: Array, labels: Array, order: Array, share: float
) -> None:
    """Let nodes go where they gain most; who is near one that went is asked again."""
    nodes = len(starts) - 1
    totals, to = np.zeros(nodes), np.zeros(nodes)
    members = np.zeros(nodes, np.int64)
    for node in range(nodes):
        totals[labels[node]] += strength[node]
        members[labels[node]] += 1
    free = [np.int64(label) for label in range(nodes) if members[label] == 0]
    queue, waits = order.copy(), np.ones(nodes, np.bool_)
    head, count = 0, nodes
    near = np.empty(nodes, np.int64)
    while count > 0:
        node = queue[head]
        head = (head + 1) % nodes
        count -= 1
        waits[node] = False
        mine = labels[node]
        many = _weigh(starts, ends, weights, labels, labels, node, near, to, -1)
        totals[mine] -= strength[node]
        best, most = mine, to[mine] - share * strength[node] * totals[mine]
        for i in range(many):
            gain = to[near[i]] - share * strength[node] * totals[near[i]]
            if gain > most + 1e-12:
                best, most = near[i], gain
        if most < -1e-12 and len(free) > 0:  # alone is better
            best = free[-1]
        for i in range(many):
            to[near[i]] = 0.0
        totals[best] += strength[node]
        if best == mine:
            continue
        if members[best] == 0:
            free.pop()
        members[best] += 1
        members[mine] -= 1
        if members[mine] == 0:
            free.append(mine)
        labels[node] = best
        for j in range(starts[node], starts[node + 1]):
            other = np.int64(ends[j])
            if not waits[other] and labels[other] != best:
                waits[other] = True
                queue[(head + count) % nodes] = other
                count += 1


@compiled
def _refine(
    starts: Array, ends: Array, weights: Array, strength: Array, labels: Array, order: Array, share: float
) -> Array:
    """Parts of communities: from single nodes, joined only along edges and only where both sides hold well."""
    nodes = len(starts) - 1
    part, alone = np.arange(nodes), np.ones(nodes, np.bool_)
    whole, totals = np.zeros(nodes), strength.astype(np.float64)
    for node in range(nodes):
        whole[labels[node]] += strength[node]
    bound, to = np.zeros(nodes), np.zeros(nodes)  # weight from a part to the rest of its community
    for node in range(nodes):
        for j in range(starts[node], starts[node + 1]):
            if ends[j] != node and labels[ends[j]] == labels[node]:
                bound[node] += weights[j]
    near = np.empty(nodes, np.int64)
    for node in order:
        all_of = whole[labels[node]]
        if not alone[node] or bound[node] < share * strength[node] * (all_of - strength[node]):
            continue
        many = _weigh(starts, ends, weights, part, labels, node, near, to, labels[node])
        best, most = -1, 0.0
        for i in range(many):
            its = near[i]
            gain = to[its] - share * strength[node] * totals[its]
            if gain > most and bound[its] >= share * totals[its] * (all_of - totals[its]):
                best, most = its, gain
        if best >= 0:
            bound[best] += bound[node] - 2.0 * to[best]
            totals[best] += strength[node]
            totals[node] = 0.0
            part[node] = best
            alone[node] = alone[best] = False
        for i in range(many):
            to[near[i]] = 0.0
    return part
