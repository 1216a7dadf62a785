"""Groups of a weighted network: each node goes where it is tied more than its weight would have it, until nobody moves.

The local moving of the Louvain method (Blondel et al. 2008), one level, made the same each time: nodes in turn, ties
to the group a node is in, else to the lowest. Good where groups are dense and few ties cross, as in a backbone of
tested pairs.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
_ROUNDS = 50
_GAIN = 1e-9  # a smaller one is no reason to move


def groups(first: Array, second: Array, weight: Array, nodes: int) -> Array:
    """The group of each node, named by one of its nodes."""
    source, target = np.concatenate([first, second]), np.concatenate([second, first])
    order = np.lexsort((target, source))
    starts = np.searchsorted(source[order], np.arange(nodes + 1))
    weights = np.concatenate([weight, weight]).astype(np.float64)[order]
    return _groups(starts, target[order].astype(np.int64), weights)


@numba.njit(cache=True, nogil=True)
def _groups(starts: Array, targets: Array, weights: Array) -> Array:
    nodes, total = len(starts) - 1, weights.sum()
    group, pull, held = np.arange(nodes), np.zeros(nodes), np.zeros(nodes)
    for i in range(nodes):
        held[i] = weights[starts[i] : starts[i + 1]].sum()
    strength = held.copy()
    for _ in range(_ROUNDS):
        moved = False
        for i in range(nodes):
            if starts[i] == starts[i + 1]:
                continue
            held[group[i]] -= strength[i]
            for k in range(starts[i], starts[i + 1]):
                pull[group[targets[k]]] += weights[k]
            best = group[i]
            most = pull[best] - strength[i] * held[best] / total + _GAIN * total
            for k in range(starts[i], starts[i + 1]):
                its = group[targets[k]]
                gain = pull[its] - strength[i] * held[its] / total
                if gain > most or (gain == most and best != group[i] and its < best):
                    best, most = its, gain
            for k in range(starts[i], starts[i + 1]):
                pull[group[targets[k]]] = 0.0
            held[best] += strength[i]
            moved |= best != group[i]
            group[i] = best
        if not moved:
            break
    return group
