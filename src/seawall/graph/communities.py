"""Communities: groups with more weight among themselves than chance would give, by modularity.

Leiden (Traag, Waltman and van Eck, "From Louvain to Leiden: guaranteeing well-connected communities", 2019): nodes move
to where they gain most, until none does; each community is refined from single nodes, only along what holds together;
the refined parts become the nodes of the next, smaller graph. Here the refining takes the best gain and not one by
chance; seeds change the order in which nodes are asked. Rounds begin with what the last one found.
"""

from __future__ import annotations

import numpy as np

from seawall.graph.compiled import Array, compiled
from seawall.graph.csr import Graph

MOST_ROUNDS = 40
PATIENCE = 3  # rounds in a row that bring nothing


def modularity(graph: Graph, labels: Array, resolution: float = 1.0) -> float:
    """How much more weight lies within groups than chance would give (Newman and Girvan 2004), at most 1."""
    group = np.unique(labels, return_inverse=True)[1]
    return float(_modularity(graph.starts, graph.ends, _weights(graph), group, resolution))


def communities(graph: Graph, resolution: float = 1.0, seed: int = 0) -> Array:
    """The community of each node, numbered from 0. `graph` is undirected; a higher resolution gives smaller ones.

    Every community holds together. The same graph and seed give the same answer.
    """
    draw = np.random.default_rng(seed)
    labels = best = np.arange(graph.nodes)
    most, left = -np.inf, PATIENCE
    for _ in range(MOST_ROUNDS):
        labels, value = _round(graph, labels, resolution, draw)
        if value > most + 1e-9:
            best, most, left = labels, value, PATIENCE
        else:
            left -= 1
        if not left:
            break
    return best


def _round(graph: Graph, labels: Array, resolution: float, draw: np.random.Generator) -> tuple[Array, float]:
    """Communities, and their modularity."""
    starts, ends, weights = graph.starts, graph.ends, _weights(graph)
    whole = float(weights.sum(dtype=np.float64))
    if not whole:
        return labels, 0.0
    share = resolution / whole
    node_of = np.arange(graph.nodes)  # in the smaller graph
    labels = labels.copy()  # the next moves change it
    while True:
        nodes = len(starts) - 1
        strength = _strength(starts, weights)
        order = draw.permutation(nodes)
        _move(starts, ends, weights, strength, labels, order, share)
        part, first = _dense(_refine(starts, ends, weights, strength, labels, order, share))
        if len(first) == nodes:
            labels = _dense(labels)[0]
            return _dense(labels[node_of])[0], _modularity(starts, ends, weights, labels, resolution)
        starts, ends, weights = _joined(starts, ends, weights, part, len(first))
        labels, node_of = _dense(labels[first])[0], part[node_of]


def _weights(graph: Graph) -> Array:
    return np.ones(graph.edges, np.float32) if graph.weights is None else graph.weights


@compiled
def _dense(labels: Array) -> tuple[Array, Array]:
    """Labels numbered from 0 as they come, and where each comes first."""
    most = 0
    for label in labels:
        most = max(most, label)
    number, first = np.full(most + 1, -1, np.int64), np.empty(len(labels), np.int64)
    dense, many = np.empty(len(labels), np.int64), 0
    for node in range(len(labels)):
        label = labels[node]
        if number[label] < 0:
            number[label] = many
            first[many] = node
            many += 1
        dense[node] = number[label]
    return dense, first[:many].copy()


@compiled
def _modularity(starts: Array, ends: Array, weights: Array, group: Array, resolution: float) -> float:
    within, whole, totals = 0.0, 0.0, np.zeros(len(group))
    for node in range(len(group)):
        for j in range(starts[node], starts[node + 1]):
            whole += weights[j]
            totals[group[node]] += weights[j]
            if group[ends[j]] == group[node]:
                within += weights[j]
    if whole == 0.0:
        return 0.0
    return float(within / whole - resolution * ((totals / whole) ** 2).sum())


@compiled
def _strength(starts: Array, weights: Array) -> Array:
    strength = np.zeros(len(starts) - 1)
    for node in range(len(strength)):
        for j in range(starts[node], starts[node + 1]):
            strength[node] += weights[j]
    return strength


@compiled
def _joined(starts: Array, ends: Array, weights: Array, part: Array, parts: int) -> tuple[Array, Array, Array]:
    """The graph of parts: what lies between two is one edge, what lies within one a loop."""
    nodes = len(part)
    begins = np.zeros(parts + 1, np.int64)
    for node in range(nodes):
        begins[part[node] + 1] += 1
    for p in range(parts):
        begins[p + 1] += begins[p]
    members, free = np.empty(nodes, np.int64), begins[:-1].copy()
    for node in range(nodes):
        members[free[part[node]]] = node
        free[part[node]] += 1
    new_starts = np.zeros(parts + 1, np.int64)
    new_ends, new_weights = np.empty_like(ends), np.empty_like(weights)
    place, written = np.full(parts, -1, np.int64), 0  # of the edge to each part, if it is of this row
    for p in range(parts):
        row = written
        for i in range(begins[p], begins[p + 1]):
            for j in range(starts[members[i]], starts[members[i] + 1]):
                to = part[ends[j]]
                if place[to] < row:
                    place[to] = written
                    new_ends[written], new_weights[written] = to, weights[j]
                    written += 1
                else:
                    new_weights[place[to]] += weights[j]
        new_starts[p + 1] = written
    return new_starts, new_ends[:written].copy(), new_weights[:written].copy()


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
