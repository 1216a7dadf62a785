"""Places for the nodes of a graph on a plane: what is tied stands together, and nothing stands on anything else.

ForceAtlas2 (Jacomy, Venturini, Heymann and Bastian, PLoS ONE 2014): ties pull, every node pushes every other away, the
more so the more ties it has, and all are drawn a little to the middle. The push of what is far is taken together
(Barnes and Hut, Nature 1986). Nodes begin in the order of their communities on a spiral; nothing is drawn by chance.
"""

from __future__ import annotations

import numpy as np

from seawall.graph.communities import communities
from seawall.graph.compiled import Array, compiled
from seawall.graph.csr import Graph

ROUNDS = 200
_GOLDEN = np.pi * (3 - np.sqrt(5))
_FAR = 1.2  # a part of the plane counts as one when it is so many times its own width away
_PULL_IN = 1.0  # to the middle
_JITTER = 1.0
_DEEPEST = 40


def places(nodes: int, first: Array, second: Array, weight: Array, rounds: int = ROUNDS) -> Array:
    """x and y of each node, in a square from 0 to 1 that they fill; ties are (first, second, weight), each once."""
    if not nodes:
        return np.zeros((0, 2))
    both = Graph.build(
        nodes, np.concatenate([first, second]), np.concatenate([second, first]), np.tile(weight, 2).astype(np.float32)
    ).merged()
    at = _spiral(communities(both), np.diff(both.starts))
    mass = 1.0 + np.diff(both.starts).astype(np.float64)
    weights = np.log1p(both.weights if both.weights is not None else np.ones(both.edges)).astype(np.float64)
    _settle(both.starts, both.ends, weights, mass, at, rounds)
    return _fitted(at)


def _spiral(group: Array, degree: Array) -> Array:
    """Communities one after the other, the largest first, and in each who has most ties first."""
    size = np.bincount(group)[group]
    order = np.lexsort((-degree, group, -size))
    n = np.arange(len(group))
    radius, turn = 10.0 * np.sqrt(n + 0.5), n * _GOLDEN
    at = np.empty((len(group), 2))
    at[order] = np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1)
    return at


def _fitted(at: Array) -> Array:
    low, high = at.min(0), at.max(0)
    width = max(float((high - low).max()), 1e-9)
    return np.asarray((at - (low + high) / 2) / width + 0.5)


@compiled
def _settle(starts: Array, ends: Array, weights: Array, mass: Array, at: Array, rounds: int) -> None:
    """Move nodes until they swing more than they go, or the rounds are over."""
    nodes = len(mass)
    force, before = np.zeros((nodes, 2)), np.zeros((nodes, 2))
    child = np.empty((8 * nodes + 64, 4), np.int64)
    held = np.empty((8 * nodes + 64, 3))  # mass and its middle
    speed = 1.0
    for _ in range(rounds):
        # 1. all push each other away
        low_x, low_y = at[:, 0].min(), at[:, 1].min()
        width = max(at[:, 0].max() - low_x, at[:, 1].max() - low_y, 1e-6) * 1.0001
        _plant(at, mass, child, held, low_x, low_y, width)
        for i in range(nodes):
            force[i, 0], force[i, 1] = _push(i, at, mass, child, held, width)
            # 2. and are drawn to the middle
            away = np.sqrt(at[i, 0] ** 2 + at[i, 1] ** 2) + 1e-9
            force[i, 0] -= _PULL_IN * mass[i] * at[i, 0] / away
            force[i, 1] -= _PULL_IN * mass[i] * at[i, 1] / away
            # 3. ties pull
            for j in range(starts[i], starts[i + 1]):
                force[i, 0] -= weights[j] * (at[i, 0] - at[ends[j], 0])
                force[i, 1] -= weights[j] * (at[i, 1] - at[ends[j], 1])
        # 4. as fast as goes without swinging
        swings, goes = 0.0, 0.0
        for i in range(nodes):
            swings += mass[i] * np.hypot(force[i, 0] - before[i, 0], force[i, 1] - before[i, 1])
            goes += mass[i] * np.hypot(force[i, 0] + before[i, 0], force[i, 1] + before[i, 1]) / 2
        speed = min(_JITTER * goes / max(swings, 1e-9), 1.5 * speed)
        for i in range(nodes):
            swing = np.hypot(force[i, 0] - before[i, 0], force[i, 1] - before[i, 1])
            own = 0.1 * speed / (1.0 + np.sqrt(speed * swing))
            far = np.hypot(force[i, 0], force[i, 1]) * own
            own *= min(1.0, 0.05 * width / max(far, 1e-9))  # no leap across the plane
            at[i, 0] += force[i, 0] * own
            at[i, 1] += force[i, 1] * own
            before[i, 0], before[i, 1] = force[i, 0], force[i, 1]


@compiled
def _plant(at: Array, mass: Array, child: Array, held: Array, low_x: float, low_y: float, width: float) -> None:
    """A tree of quarters of the plane: child < -1 is node -2 - child, -1 is empty. Nodes that share a place share
    their leaf's mass."""
    child[0, :] = -1
    held[0, :] = 0.0
    made = 1
    for i in range(len(mass)):
        cell, x, y, half = 0, low_x, low_y, width / 2
        for depth in range(_DEEPEST):
            held[cell, 0] += mass[i]
            held[cell, 1] += mass[i] * at[i, 0]
            held[cell, 2] += mass[i] * at[i, 1]
            right, up = at[i, 0] >= x + half, at[i, 1] >= y + half
            quarter = int(right) + 2 * int(up)
            there = child[cell, quarter]
            if there == -1:
                child[cell, quarter] = -2 - i
                break
            if there < -1:
                other = -2 - there
                if depth == _DEEPEST - 1 or made == len(child):
                    break  # on one place: it is held by the cells above
                child[cell, quarter] = made
                child[made, :] = -1
                held[made, 0] = mass[other]
                held[made, 1] = mass[other] * at[other, 0]
                held[made, 2] = mass[other] * at[other, 1]
                x, y = x + half * right, y + half * up
                half /= 2
                child[made, int(at[other, 0] >= x + half) + 2 * int(at[other, 1] >= y + half)] = there
                cell = made
                made += 1
                continue
            cell = there
            x, y = x + half * right, y + half * up
            half /= 2


@compiled
def _push(i: int, at: Array, mass: Array, child: Array, held: Array, width: float) -> tuple[float, float]:
    """What pushes a node away, from near one by one, from far together."""
    cells, widths = np.empty(4 * _DEEPEST, np.int64), np.empty(4 * _DEEPEST)
    cells[0], widths[0] = 0, width
    count, fx, fy = 1, 0.0, 0.0
    while count > 0:
        count -= 1
        cell, wide = cells[count], widths[count]
        for quarter in range(4):
            there = child[cell, quarter]
            if there == -1:
                continue
            if there < -1:
                other = -2 - there
                if other == i:
                    continue
                its, x, y = mass[other], at[other, 0], at[other, 1]
            else:
                its, x, y = held[there, 0], held[there, 1] / held[there, 0], held[there, 2] / held[there, 0]
            dx, dy = at[i, 0] - x, at[i, 1] - y
            away = dx * dx + dy * dy
            if there >= 0 and away < (_FAR * wide / 2) ** 2:
                cells[count], widths[count] = there, wide / 2
                count += 1
                continue
            if away < 1e-12:
                dx, away = 1e-3 * (1 + i % 7), 1e-6
            fx += 10.0 * mass[i] * its * dx / away
            fy += 10.0 * mass[i] * its * dy / away
    return fx, fy
