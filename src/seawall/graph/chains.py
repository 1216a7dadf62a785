"""Chains: through whom each item came to each account that passed it on, rebuilt from who was when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seawall.graph.compiled import Array, compiled
from seawall.graph.csr import Graph

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Chains:
    """For each act: from whom it was taken (NOBODY: it was brought), and the way back to who brought it."""

    source: Array  # int64
    starts: Array  # int64, acts + 1: where each act's way begins in `way`
    way: Array  # int64: the account itself, whom it took it from, and so on


def rebuild(item: Array, by: Array, given: Array, known: Graph) -> Chains:
    """From acts sorted by item, then time, an account at most once an item.

    `given` is from whom the platform says it was taken, or NOBODY. Where it does not say, it is that earlier one in the
    item whom the account took most from (`known`: account to source, weighted, two times or more to count).
    """
    weights = np.ones(known.edges, np.float32) if known.weights is None else known.weights
    return Chains(*_rebuild(item, by, given, known.starts, known.ends, weights))


@compiled
def _rebuild(
    item: Array, by: Array, given: Array, starts: Array, ends: Array, weights: Array
) -> tuple[Array, Array, Array]:
    nodes, acts = len(starts) - 1, len(item)
    seen_in = np.full(nodes, -1, np.int64)  # the last item an account was in
    came_from = np.full(nodes, -1, np.int64)  # and from whom it had it
    source = np.full(acts, -1, np.int64)
    way_starts = np.zeros(acts + 1, np.int64)
    way = np.empty(max(16, 4 * acts), np.int64)
    written = 0
    for act in range(acts):
        this, who = item[act], by[act]
        found = given[act]
        if found == who:
            found = -1
        if found >= 0 and seen_in[found] != this:  # it was in the item before anybody we saw
            seen_in[found], came_from[found] = this, -1
        if found < 0:
            most = np.float32(1.5)
            for j in range(starts[who], starts[who + 1]):
                other = np.int64(ends[j])
                if other != who and seen_in[other] == this and weights[j] > most:
                    most, found = weights[j], other
        if seen_in[who] != this:  # who was named as a source already stands above those who took from it
            seen_in[who], came_from[who] = this, found
        else:
            found = -1
        source[act] = found
        at = who
        while at >= 0:
            if written == len(way):
                longer = np.empty(2 * len(way), np.int64)
                longer[:written] = way
                way = longer
            way[written] = at
            written += 1
            at = came_from[at]
        way_starts[act + 1] = written
    return source, way_starts, way[:written].copy()


def cover(chains: Chains, weights: Array, allowed: Array, budget: int, again: float = 0.0) -> Array:
    """At most `budget` allowed accounts that together stand in the way of most acts by weight, the best first.

    An act that one stands in the way of already counts `again` as much for the next: 0 covers each act once, more
    guards against material that finds other ways. Greedy, so at least 1 - 1/e of the best choice (Nemhauser, Wolsey
    and Fisher 1978). Ends when nobody stands in the way of an act that is not cut yet.
    """
    return _cover(chains.starts, chains.way, weights, allowed, budget, again)


@compiled
def _cover(starts: Array, way: Array, weights: Array, allowed: Array, budget: int, again: float) -> Array:
    nodes, acts = len(allowed), len(starts) - 1
    gain, uncut = np.zeros(nodes), np.zeros(nodes, np.int64)
    counts = weights.copy()
    first = np.zeros(nodes + 1, np.int64)  # the acts of each account
    for act in range(acts):
        for j in range(starts[act], starts[act + 1]):
            gain[way[j]] += weights[act]
            uncut[way[j]] += 1
            first[way[j] + 1] += 1
    for node in range(nodes):
        first[node + 1] += first[node]
    free, its = first[:-1].copy(), np.empty(len(way), np.int64)
    for act in range(acts):
        for j in range(starts[act], starts[act + 1]):
            its[free[way[j]]] = act
            free[way[j]] += 1
    cut = np.zeros(acts, np.bool_)
    picked = np.empty(budget, np.int64)
    for turn in range(budget):
        best = -1
        for node in range(nodes):
            if allowed[node] and uncut[node] > 0 and (best < 0 or gain[node] > gain[best]):
                best = node
        if best < 0:
            return picked[:turn]
        picked[turn] = best
        for j in range(first[best], first[best + 1]):
            act = its[j]
            for k in range(starts[act], starts[act + 1]):
                gain[way[k]] -= (1.0 - again) * counts[act]
                uncut[way[k]] -= not cut[act]
            counts[act] *= again
            cut[act] = True
    return picked


def cut_by(chains: Chains, removed: Array) -> Array:
    """For each act, whether one of those removed stands in its way. `removed` is a flag per account."""
    return _cut_by(chains.starts, chains.way, removed)


@compiled
def _cut_by(starts: Array, way: Array, removed: Array) -> Array:
    cut = np.zeros(len(starts) - 1, np.bool_)
    for act in range(len(cut)):
        for j in range(starts[act], starts[act + 1]):
            if removed[way[j]]:
                cut[act] = True
                break
    return cut
