"""Dismantling: in which order nodes must go so that what is left falls apart soonest.

How good an order is: the mean, over all removals, of the largest component's share of all nodes (R: Schneider, Moreira,
Andrade, Havlin and Herrmann, "Mitigation of malicious attacks on networks", PNAS 2011). Known orders stand here beside
ours: adaptive degree; CoreHD (Zdeborová, Zhang and Zhou 2016); collective influence CI(2) (Morone and Makse 2015).

`dismantle` begins with these, puts nodes back in where they join least (reverse greedy, as in Morone, Min, Bo, Mari and
Makse 2016, here exact by a lazy heap), and then, again and again, lets a stretch of the order be chosen anew by load on
shortest paths or by degree, keeping what is better.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from seawall.graph.compiled import Array, compiled
from seawall.graph.csr import Graph

Method = Callable[[Graph, int], Array]
_PATIENCE = 10_000  # rounds at most
_WORK = 1e8  # edges that a round may walk along


def robustness(graph: Graph, order: Array) -> float:
    """R: the mean share of all nodes in the largest component, over removals in this order. Less is better."""
    return float(largest(graph, order)[1:].mean() / graph.nodes) if graph.nodes else 0.0


def largest(graph: Graph, order: Array) -> Array:
    """The size of the largest component after 0, 1, 2, ... removals."""
    return _largest(graph.starts, graph.ends, order)


def adaptive_degree(graph: Graph, seed: int = 0) -> Array:
    """Always the node with most neighbours left; ties as the seed deals them."""
    return _by_degree(graph.starts, graph.ends, _shuffled(graph, seed), False)


def core_hd(graph: Graph, seed: int = 0) -> Array:
    """Always the node with most neighbours in the 2-core; once there is none, by degree."""
    return _by_degree(graph.starts, graph.ends, _shuffled(graph, seed), True)


def collective_influence(graph: Graph, seed: int = 0) -> Array:
    """CI(2): always the node with the largest (k - 1) times the sum of (k - 1) over nodes two steps away."""
    return _by_influence(graph.starts, graph.ends, _shuffled(graph, seed))


PEERS: dict[str, Method] = {
    "adaptive degree": adaptive_degree,
    "CoreHD": core_hd,
    "CI(2)": collective_influence,
}


def dismantle(graph: Graph, seconds: float, seed: int = 0, rounds: int = _PATIENCE) -> Array:
    """The best order found within so many seconds (of wall time) or rounds, whichever ends first; at least one of the
    known orders, with nodes put back in. `graph` is undirected, without parallel edges."""
    ends_at = time.perf_counter() + seconds
    draw = np.random.default_rng(seed)
    best, least = np.arange(graph.nodes), np.inf

    def offer(order: Array) -> None:
        nonlocal best, least
        for share in (0.004, 0.01, 0.03):
            again = put_back(graph, order, share)
            value = robustness(graph, again)
            if value < least:
                best, least = again, value

    for known in (adaptive_degree, core_hd):
        offer(known(graph, seed))
    for _ in range(rounds):
        if time.perf_counter() >= ends_at:
            break
        offer(_again(graph, best, draw))
    return best


def put_back(graph: Graph, order: Array, share: float) -> Array:
    """The same nodes removed until the largest component holds this share of all, in a better order among themselves:
    from the last, always the one that joins least."""
    sizes = largest(graph, order)
    cut = int(np.argmax(sizes <= max(1.0, share * graph.nodes)))
    return _put_back(graph.starts, graph.ends, order, cut)


def _again(graph: Graph, order: Array, draw: np.random.Generator) -> Array:
    """Another order: a beginning is kept, what follows is chosen anew."""
    sizes = largest(graph, order)
    end = int(np.argmax(sizes <= max(1.0, 0.004 * graph.nodes)))
    keep = int(draw.integers(0, max(1, end)))
    if draw.random() < 0.5:
        keep = 0
    pivots = int(draw.choice([4, 8, 16, 32]))
    asked = max(1.0, _WORK / (2 * pivots * max(1, graph.edges)))  # how often load can be asked for
    at_once = int(np.ceil(max(1, end - keep) / asked))
    return by_load(graph, order, pivots, at_once, 0.01, keep, int(draw.integers(2**31)))


def by_load(graph: Graph, order: Array, pivots: int, at_once: int, share: float, keep: int = 0, seed: int = 0) -> Array:
    """After `keep` nodes of an order: always those that most shortest paths from a few drawn nodes go through (Brandes
    2001; pivots: Brandes and Pich 2007), within the largest component; the order as it was once that is this small."""
    return _by_load(graph.starts, graph.ends, order, keep, pivots, at_once, share, seed)


def _shuffled(graph: Graph, seed: int) -> Array:
    return np.random.default_rng(seed).permutation(graph.nodes)


@compiled
def _find(parent: Array, node: Any) -> Any:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@compiled
def _join(starts: Array, ends: Array, parent: Array, size: Array, there: Array, node: int) -> int:
    """Put a node in, joined to its neighbours that are there; returns the size of its component."""
    there[node] = True
    root = node
    for j in range(starts[node], starts[node + 1]):
        other = np.int64(ends[j])
        if there[other]:
            its = _find(parent, other)
            if its != root:
                if size[its] > size[root]:
                    its, root = root, its
                parent[its] = root
                size[root] += size[its]
    return int(size[root])


@compiled
def _largest(starts: Array, ends: Array, order: Array) -> Array:
    nodes = len(starts) - 1
    parent, size, there = np.arange(nodes), np.ones(nodes, np.int64), np.zeros(nodes, np.bool_)
    sizes = np.zeros(nodes + 1, np.int64)
    for left in range(nodes):
        joined = _join(starts, ends, parent, size, there, order[nodes - 1 - left])
        sizes[nodes - 1 - left] = max(sizes[nodes - left], joined)
    return sizes


@compiled
def _put_back(starts: Array, ends: Array, order: Array, cut: int) -> Array:
    nodes = len(starts) - 1
    parent, size, there = np.arange(nodes), np.ones(nodes, np.int64), np.zeros(nodes, np.bool_)
    for place in range(nodes - 1, cut - 1, -1):
        _join(starts, ends, parent, size, there, order[place])
    new = order.copy()
    waiting: Any = [(np.int64(0), np.int64(order[place])) for place in range(cut)]
    seen = np.full(nodes, -1, np.int64)
    asked = 0
    for place in range(cut - 1, -1, -1):
        while True:
            _, node = heapq.heappop(waiting)
            would = np.int64(1)
            for j in range(starts[node], starts[node + 1]):
                other = np.int64(ends[j])
                if there[other]:
                    root = _find(parent, other)
                    if seen[root] != asked:
                        seen[root] = asked
                        would += size[root]
            asked += 1
            if len(waiting) == 0 or would <= waiting[0][0]:  # what the others would join only grows
                break
            heapq.heappush(waiting, (would, node))
        _join(starts, ends, parent, size, there, node)
        new[place] = node
    return new


@compiled
def _put(head: Array, after: Array, node: Any, degree: Any) -> None:
    """Put a node first among those of a degree. It stays there when its degree falls, until it is taken."""
    after[node] = head[degree]
    head[degree] = node


@compiled
def _by_degree(starts: Array, ends: Array, ties: Array, in_core: bool) -> Array:
    nodes = len(starts) - 1
    there, order = np.ones(nodes, np.bool_), np.empty(nodes, np.int64)
    turn = _take_core(starts, ends, ties, there, order) if in_core else 0
    degree = np.zeros(nodes, np.int32)
    for node in range(nodes):
        for j in range(starts[node], starts[node + 1]):
            degree[node] += there[ends[j]]
    top: Any = np.int64(degree.max()) if nodes else 0
    head, after = np.full(top + 1, -1, np.int32), np.empty(nodes, np.int32)
    for node in ties:
        if there[node]:
            _put(head, after, node, degree[node])
    while turn < nodes:
        while head[top] < 0:
            top -= 1
        taken: Any = head[top]
        head[top] = after[taken]
        if degree[taken] < top:
            _put(head, after, taken, degree[taken])
            continue
        order[turn] = taken
        turn += 1
        for j in range(starts[taken], starts[taken + 1]):
            degree[ends[j]] -= 1
    return order


@compiled
def _take_core(starts: Array, ends: Array, ties: Array, there: Array, order: Array) -> int:
    """Take out of the 2-core the node with most neighbours in it, until there is none; returns how many went."""
    nodes = len(starts) - 1
    core, degree = np.ones(nodes, np.bool_), (starts[1:] - starts[:-1]).astype(np.int32)
    top: Any = np.int64(degree.max()) if nodes else 0
    head, after = np.full(top + 1, -1, np.int32), np.empty(nodes, np.int32)
    loose, many = np.empty(nodes, np.int32), 0  # nodes that hang off the core; each is put there once
    for node in ties:
        if degree[node] >= 2:
            _put(head, after, node, degree[node])
        else:
            core[node] = False
            loose[many] = node
            many += 1
    turn = 0
    while True:
        while many > 0:
            many -= 1
            node = np.int64(loose[many])
            for j in range(starts[node], starts[node + 1]):
                other = ends[j]
                degree[other] -= 1
                if degree[other] < 2 and core[other]:
                    core[other] = False
                    loose[many] = other
                    many += 1
        while top >= 2 and head[top] < 0:
            top -= 1
        if top < 2:
            return turn
        node = np.int64(head[top])
        head[top] = after[node]
        if not core[node]:
            continue
        if degree[node] < top:
            _put(head, after, node, degree[node])
            continue
        order[turn] = node
        turn += 1
        there[node] = core[node] = False
        loose[0], many = node, 1


@compiled
def _influence(starts: Array, ends: Array, degree: Array, there: Array, mark: Array, stamp: int, node: int) -> int:
    if degree[node] < 2:
        return 0
    mark[node] = stamp
    for j in range(starts[node], starts[node + 1]):
        mark[ends[j]] = stamp
    total = 0
    for j in range(starts[node], starts[node + 1]):
        near = np.int64(ends[j])
        if there[near]:
            for k in range(starts[near], starts[near + 1]):
                far = np.int64(ends[k])
                if there[far] and mark[far] != stamp:
                    mark[far] = stamp
                    total += degree[far] - 1
    return int(total * (degree[node] - 1))


@compiled
def _by_influence(starts: Array, ends: Array, ties: Array) -> Array:
    nodes = len(starts) - 1
    degree, there = np.zeros(nodes, np.int64), np.ones(nodes, np.bool_)
    for node in range(nodes):
        degree[node] = starts[node + 1] - starts[node]
    mark, near_mark = np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64)
    influence = np.zeros(nodes, np.int64)
    stamp = 0
    for node in range(nodes):
        influence[node] = _influence(starts, ends, degree, there, mark, stamp, node)
        stamp += 1
    waiting: Any = [(-influence[node], -degree[node], ties[node], np.int64(node)) for node in range(nodes)]
    heapq.heapify(waiting)
    order = np.empty(nodes, np.int64)
    turn = 0
    ball = np.empty(nodes, np.int64)
    while len(waiting) > 0:
        less, fewer, tie, node = heapq.heappop(waiting)
        if not there[node]:
            continue
        if -less != influence[node] or -fewer != degree[node]:
            heapq.heappush(waiting, (-influence[node], -degree[node], tie, node))
            continue
        order[turn] = node
        count, first = 1, 0  # all within three steps are to be asked again
        ball[0], near_mark[node] = node, turn
        for _ in range(3):
            last = count
            for i in range(first, last):
                for j in range(starts[ball[i]], starts[ball[i] + 1]):
                    other = np.int64(ends[j])
                    if there[other] and near_mark[other] != turn:
                        near_mark[other] = turn
                        ball[count] = other
                        count += 1
            first = last
        there[node] = False
        for j in range(starts[node], starts[node + 1]):
            degree[ends[j]] -= 1
        for i in range(1, count):
            before = influence[ball[i]]
            influence[ball[i]] = _influence(starts, ends, degree, there, mark, stamp, ball[i])
            stamp += 1
            if influence[ball[i]] > before:  # a node may come to stand two steps away; what falls is seen when popped
                heapq.heappush(waiting, (-influence[ball[i]], -degree[ball[i]], ties[ball[i]], ball[i]))
        turn += 1
    return order


@compiled
def _by_load(
    starts: Array, ends: Array, order: Array, keep: int, pivots: int, at_once: int, share: float, seed: int
) -> Array:
    np.random.seed(seed)
    nodes = len(starts) - 1
    there = np.ones(nodes, np.bool_)
    new = order.copy()
    there[order[:keep]] = False
    turn = keep
    members, total = np.empty(nodes, np.int64), np.zeros(nodes)
    while turn < nodes:
        most = _gather(starts, ends, there, members)
        if most <= max(2.0, share * nodes):
            break
        total[:] = 0
        for _ in range(pivots):
            _add_load(starts, ends, there, members[:most], members[np.random.randint(most)], total)
        best = members[:most][np.argsort(-total[members[:most]])[:at_once]]
        new[turn : turn + len(best)] = best
        there[best] = False
        turn += len(best)
    for node in order:
        if there[node]:
            new[turn] = node
            turn += 1
    return new


@compiled
def _gather(starts: Array, ends: Array, there: Array, members: Array) -> int:
    """Put the nodes of the largest component first in `members`; returns how many they are."""
    nodes = len(starts) - 1
    seen, queue = ~there, np.empty(nodes, np.int64)
    most = 0
    for node in range(nodes):
        if seen[node]:
            continue
        seen[node] = True
        queue[0], head, tail = node, 0, 1
        while head < tail:
            at = queue[head]
            head += 1
            for j in range(starts[at], starts[at + 1]):
                other = np.int64(ends[j])
                if not seen[other]:
                    seen[other] = True
                    queue[tail] = other
                    tail += 1
        if tail > most:
            most = tail
            members[:tail] = queue[:tail]
    return most


@compiled
def _add_load(starts: Array, ends: Array, there: Array, members: Array, begin: int, total: Array) -> None:
    """Add to each node's total what share of shortest paths from `begin` to all others go through it."""
    nodes = len(starts) - 1
    depth, paths, load = np.full(nodes, -1, np.int32), np.zeros(nodes), np.zeros(nodes)
    queue = np.empty(len(members), np.int64)
    depth[begin], paths[begin] = 0, 1.0
    queue[0], head, tail = begin, 0, 1
    while head < tail:
        at = queue[head]
        head += 1
        for j in range(starts[at], starts[at + 1]):
            other = np.int64(ends[j])
            if there[other]:
                if depth[other] < 0:
                    depth[other] = depth[at] + 1
                    queue[tail] = other
                    tail += 1
                if depth[other] == depth[at] + 1:
                    paths[other] += paths[at]
    for i in range(tail - 1, 0, -1):
        at = queue[i]
        for j in range(starts[at], starts[at + 1]):
            other = np.int64(ends[j])
            if there[other] and depth[other] == depth[at] - 1:
                load[other] += paths[other] / paths[at] * (1.0 + load[at])
        total[at] += load[at]
