"""Communities: planted groups are found, each holds together, and modularity is what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.graph import Graph
from seawall.graph.communities import communities, modularity

NODES = 12
EDGES = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.integers(1, 5)), max_size=40)


def _graph(edges: list[tuple[int, int, int]], nodes: int = NODES) -> Graph:
    columns = np.array(edges, np.int64).reshape(-1, 3)
    return Graph.build(nodes, columns[:, 0], columns[:, 1], columns[:, 2].astype(np.float32)).undirected()


def _matrix(graph: Graph) -> np.ndarray:
    matrix = np.zeros((graph.nodes, graph.nodes))
    matrix[graph.sources(), graph.ends] = graph.weights
    return matrix


@given(EDGES, st.lists(st.integers(0, 4), min_size=NODES, max_size=NODES), st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=50)
def test_modularity_is_its_definition(edges: list[tuple[int, int, int]], labels: list[int], resolution: float) -> None:
    graph = _graph(edges)
    matrix, same = _matrix(graph), np.equal.outer(labels, labels)
    strength, whole = matrix.sum(axis=0), matrix.sum()
    wanted = ((matrix - resolution * np.outer(strength, strength) / (whole or 1)) * same).sum() / (whole or 1)
    assert modularity(graph, np.array(labels), resolution) == pytest.approx(wanted, abs=1e-6)


@given(EDGES, st.integers(0, 3))
@settings(max_examples=60)
def test_no_single_move_is_better_and_each_community_holds_together(
    edges: list[tuple[int, int, int]], seed: int
) -> None:
    graph = _graph(edges)
    labels = communities(graph, seed=seed)
    assert sorted(set(labels.tolist())) == list(range(len(set(labels.tolist()))))
    value = modularity(graph, labels)
    for node in range(NODES):
        for label in range(labels.max() + 2):
            moved = labels.copy()
            moved[node] = label
            assert modularity(graph, moved) <= value + 1e-6
    near = _matrix(graph) > 0
    for label in set(labels.tolist()):
        members = set(np.flatnonzero(labels == label).tolist())
        group = todo = {min(members)}
        while todo := {v for u in todo for v in np.flatnonzero(near[u]).tolist() if v in members} - group:
            group = group | todo
        assert group == members
    assert communities(graph, seed=seed).tolist() == labels.tolist()


@pytest.mark.parametrize("seed", range(3))
def test_planted_groups_are_found_and_weights_count(seed: int) -> None:
    draw = np.random.default_rng(seed)
    group = np.repeat(np.arange(8), 40)
    a, b = draw.integers(0, 320, (2, 6000))
    weights = np.where(group[a] == group[b], 20, 1)
    graph = _graph(list(zip(a, b, weights, strict=True)), 320)
    labels = communities(graph, seed=seed)
    counts = np.zeros((8, labels.max() + 1))
    np.add.at(counts, (group, labels), 1)
    assert labels.max() == 7
    assert counts.max(axis=1).sum() >= 0.98 * 320  # a node or two has more weight to another group
    assert modularity(graph, labels) >= modularity(graph, group)
    plain = communities(graph.unweighted(), seed=seed)
    assert modularity(graph, plain) < 0.9 * modularity(graph, labels)


def test_a_higher_resolution_gives_smaller_ones() -> None:
    draw = np.random.default_rng(0)
    a, b = draw.integers(0, 200, (2, 900))
    graph = _graph([(int(x), int(y), 1) for x, y in zip(a, b, strict=True)], 200)
    counts = [communities(graph, resolution=r).max() + 1 for r in (0.3, 1.0, 4.0)]
    assert counts[0] < counts[1] < counts[2]


def test_nodes_without_edges_stand_alone() -> None:
    assert sorted(communities(_graph([], 4)).tolist()) == [0, 1, 2, 3]
    assert communities(_graph([], 0)).tolist() == []
