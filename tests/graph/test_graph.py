"""Graphs as columns: built, kept, mapped; cores and spread against their definitions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.graph import Graph, GraphError, Names, open_graph
from seawall.graph.cores import core_numbers
from seawall.graph.spread import Spread

NODES = 12
EDGES = st.lists(st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), max_size=40)


def _graph(edges: list[tuple[int, int]], weights: np.ndarray | None = None) -> Graph:
    pairs = np.array(edges, np.int64).reshape(-1, 2)
    return Graph.build(NODES, pairs[:, 0], pairs[:, 1], weights)


def _listed(graph: Graph) -> list[tuple[int, int]]:
    return sorted(zip(graph.sources().tolist(), graph.ends.tolist(), strict=True))


@given(EDGES)
def test_every_edge_is_there_both_ways_round(edges: list[tuple[int, int]]) -> None:
    graph = _graph(edges)
    assert _listed(graph) == sorted(edges)
    assert _listed(graph.reverse()) == sorted((b, a) for a, b in edges)


@given(EDGES)
def test_an_undirected_graph_sums_parallel_edges_and_drops_loops(edges: list[tuple[int, int]]) -> None:
    graph = _graph(edges).undirected()
    wanted: dict[tuple[int, int], float] = {}
    for a, b in edges:
        if a != b:
            wanted[a, b] = wanted.get((a, b), 0) + 1
            wanted[b, a] = wanted.get((b, a), 0) + 1
    assert dict(zip(_listed(graph), graph.weights.tolist(), strict=True)) == wanted
    assert len(_listed(graph)) == len(wanted)


@given(EDGES, st.booleans())
@settings(max_examples=20)
def test_a_graph_kept_in_a_folder_is_the_same_when_mapped(
    tmp_path_factory: pytest.TempPathFactory, edges: list[tuple[int, int]], weighted: bool
) -> None:
    folder = tmp_path_factory.mktemp("graph")
    graph = _graph(edges, np.arange(len(edges), dtype=np.float32) if weighted else None)
    graph.write(folder)
    again = open_graph(folder)
    assert _listed(again) == _listed(graph)
    assert (again.weights is None) == (not weighted)
    if weighted:
        assert again.weights.tolist() == graph.weights.tolist()


def test_half_a_graph_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="no whole graph"):
        open_graph(tmp_path)
    _graph([(0, 1), (1, 2)]).write(tmp_path)
    np.save(tmp_path / "ends.npy", np.zeros(1, np.uint32))
    with pytest.raises(GraphError, match="damaged"):
        open_graph(tmp_path)
    (tmp_path / "ends.npy").unlink()
    with pytest.raises(GraphError, match="no whole graph"):
        open_graph(tmp_path)


@pytest.mark.parametrize("edge", [(-1, 0), (0, NODES)])
def test_an_edge_to_nowhere_is_refused(edge: tuple[int, int]) -> None:
    with pytest.raises(GraphError, match="outside"):
        _graph([edge])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(GraphError, match="one length"):
        Graph.build(3, np.zeros(2, np.int64), np.zeros(1, np.int64))


def test_ids_become_nodes_and_nodes_ids() -> None:
    names = Names(pa.array(["b", "a", None, "b"]), pa.chunked_array([["c"], ["a"]]))
    assert names.ids.to_pylist() == ["a", "b", "c"]
    assert names.nodes(pa.array(["c", None, "zz", "a"])).tolist() == [2, -1, -1, 0]


@given(EDGES)
def test_cores_are_what_is_left_when_the_poorest_go(edges: list[tuple[int, int]]) -> None:
    graph = _graph(edges).undirected()
    found = core_numbers(graph).tolist()
    pairs = set(_listed(graph))
    for k in range(1, max(found, default=0) + 2):
        left = set(range(NODES))
        while poor := {v for v in left if sum((v, u) in pairs for u in left) < k}:
            left -= poor
        assert {v for v in range(NODES) if found[v] >= k} == left


def _solved(edges: list[tuple[int, int]], weights: np.ndarray, seeds: list[int]) -> np.ndarray:
    """The same walk by solving its equations."""
    moves = np.zeros((NODES, NODES))
    for (a, b), weight in zip(edges, weights, strict=True):
        moves[b, a] += weight
    begin = np.bincount(list(set(seeds)), minlength=NODES) / len(set(seeds))
    out = moves.sum(axis=0)
    moves = np.where(out > 0, moves / np.where(out > 0, out, 1), begin[:, None])
    return np.linalg.solve(np.eye(NODES) - 0.85 * moves, 0.15 * begin)


@given(EDGES, st.booleans(), st.lists(st.lists(st.integers(0, NODES - 1), min_size=1), min_size=1, max_size=10))
@settings(max_examples=40, deadline=None)
def test_spread_is_the_walk_it_says(edges: list[tuple[int, int]], weighted: bool, sets: list[list[int]]) -> None:
    weights = np.arange(1, len(edges) + 1, dtype=np.float32) if weighted else None
    ready = Spread.over(_graph(edges, weights))
    together = ready.from_seed_sets([np.array(seeds) for seeds in sets], threads=1)
    for seeds, row in zip(sets, together, strict=True):
        wanted = _solved(edges, np.ones(len(edges)) if weights is None else weights, seeds)
        assert np.abs(row - wanted).sum() < 2e-5
        assert np.abs(ready.from_seeds(np.array(seeds), threads=1) - wanted).sum() < 2e-5


def test_what_is_ready_to_spread_over_is_the_same_when_mapped(tmp_path: Path) -> None:
    ready = Spread.over(_graph([(0, 1), (1, 2), (2, 0), (3, 1)]))
    ready.write(tmp_path)
    seeds = np.array([0, 3])
    assert Spread.open(tmp_path).from_seeds(seeds).tolist() == ready.from_seeds(seeds).tolist()
    np.save(tmp_path / "number.npy", np.zeros(1, np.uint32))
    with pytest.raises(GraphError, match="damaged"):
        Spread.open(tmp_path)
    (tmp_path / "per_edge.npy").unlink()
    with pytest.raises(GraphError, match="nothing to spread over"):
        Spread.open(tmp_path)


@pytest.mark.parametrize("seeds", [[], [NODES], [-1]])
def test_spread_needs_seeds_of_the_graph(seeds: list[int]) -> None:
    ready = Spread.over(_graph([(0, 1)]))
    with pytest.raises(GraphError, match="seed"):
        ready.from_seeds(np.array(seeds, np.int64))
    with pytest.raises(GraphError, match="seed"):
        ready.from_seed_sets([np.array([0]), np.array(seeds, np.int64)])
