"""Orders of removal against their definitions, and ours against the known ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.graph import Graph
from seawall.graph.dismantle import PEERS, adaptive_degree, dismantle, largest, put_back, robustness

NODES = 14
EDGES = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=50)
Neighbours = dict[int, set[int]]


def _graph(edges: list[tuple[int, int]], nodes: int = NODES) -> Graph:
    pairs = np.array(edges, np.int64).reshape(-1, 2)
    return Graph.build(nodes, pairs[:, 0], pairs[:, 1]).undirected()


def _near(graph: Graph) -> Neighbours:
    return {v: set(graph.ends[graph.starts[v] : graph.starts[v + 1]].tolist()) for v in range(graph.nodes)}


def _without(near: Neighbours, gone: set[int]) -> Neighbours:
    return {v: its - gone for v, its in near.items() if v not in gone}


def _component(near: Neighbours) -> int:
    most, seen = 0, set()
    for node in near:
        group, todo = {node}, [node]
        while todo:
            for other in near[todo.pop()] - group:
                group.add(other)
                todo.append(other)
        if node not in seen:
            most = max(most, len(group))
        seen |= group
    return most


def _core(near: Neighbours) -> Neighbours:
    while poor := {v for v, its in near.items() if len(its) < 2}:
        near = _without(near, poor)
    return near


def _influence(near: Neighbours, node: int) -> int:
    two = set().union(*(near[v] for v in near[node])) - near[node] - {node}
    return max(0, len(near[node]) - 1) * sum(len(near[v]) - 1 for v in two)


@given(EDGES, st.randoms(use_true_random=False))
def test_the_largest_component_is_what_is_counted(edges: list[tuple[int, int]], shuffle) -> None:
    graph = _graph(edges)
    order = shuffle.sample(range(NODES), NODES)
    wanted = [_component(_without(_near(graph), set(order[:k]))) for k in range(NODES + 1)]
    assert largest(graph, np.array(order)).tolist() == wanted
    assert robustness(graph, np.array(order)) == pytest.approx(sum(wanted[1:]) / NODES**2)


@given(EDGES, st.integers(0, 3), st.sampled_from(sorted(PEERS)))
@settings(max_examples=150)
def test_known_orders_take_what_their_definition_says(edges: list[tuple[int, int]], seed: int, method: str) -> None:
    graph = _graph(edges)
    order = PEERS[method](graph, seed).tolist()
    assert sorted(order) == list(range(NODES))
    for place, node in enumerate(order):
        left = _without(_near(graph), set(order[:place]))
        if method == "CoreHD" and (core := _core(left)):
            assert len(core.get(node, ())) == max(map(len, core.values()))
        elif method == "CI(2)":
            assert _influence(left, node) == max(_influence(left, v) for v in left)
        else:
            assert len(left[node]) == max(map(len, left.values()))


@given(EDGES)
@settings(max_examples=30)
def test_nodes_put_back_are_the_same_nodes_in_another_order(edges: list[tuple[int, int]]) -> None:
    graph = _graph(edges)
    order = adaptive_degree(graph)
    again = put_back(graph, order, 0.2)
    cut = int(np.argmax(largest(graph, order) <= max(1.0, 0.2 * NODES)))
    assert sorted(again[:cut]) == sorted(order[:cut])
    assert again[cut:].tolist() == order[cut:].tolist()
    for place in range(cut):  # the node that goes last joins least of those that are still out
        out = set(again[: place + 1].tolist())
        joins = {v: _joined(graph, out, v) for v in out}
        assert joins[int(again[place])] == min(joins.values())


def _joined(graph: Graph, out: set[int], node: int) -> int:
    near = _without(_near(graph), out - {node})
    group, todo = {node}, [node]
    while todo:
        for other in near[todo.pop()] - group:
            group.add(other)
            todo.append(other)
    return len(group)


def _clustered(seed: int) -> Graph:
    """Twelve dense groups joined by a few bridges: bridges matter, degree does not show them."""
    draw = np.random.default_rng(seed)
    edges = [(25 * g + a, 25 * g + b) for g in range(12) for a, b in draw.integers(0, 25, (110, 2))]
    edges += [(25 * a + i, 25 * b + j) for a, b, i, j in draw.integers(0, [12, 12, 25, 25], (30, 4))]
    return _graph([(int(a), int(b)) for a, b in edges], 300)


@pytest.mark.parametrize("seed", range(3))
def test_ours_is_better_than_each_known_order(seed: int) -> None:
    graph = _clustered(seed)
    ours = dismantle(graph, 60.0, rounds=20)
    assert sorted(ours.tolist()) == list(range(300))
    for method in PEERS.values():
        assert robustness(graph, ours) < 0.9 * min(robustness(graph, method(graph, s)) for s in range(5))
    assert dismantle(graph, 60.0, rounds=20).tolist() == ours.tolist()


@pytest.mark.parametrize("nodes", [0, 1, 5])
def test_graphs_without_edges_have_orders_too(nodes: int) -> None:
    graph = _graph([], nodes)
    for order in [dismantle(graph, 0.1, rounds=3), *(method(graph, 0) for method in PEERS.values())]:
        assert sorted(order.tolist()) == list(range(nodes))
