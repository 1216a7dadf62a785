"""Graphs as columns: built, kept, mapped; cores and spread against their definitions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.graph import Graph, GraphError, Names, kept, open_graph, spread
from seawall.graph.cores import core_numbers
from seawall.graph.spread import Spread
from seawall.lake.files import write_whole

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


def _split(edges: list[tuple[int, int]], at: int, weighted: bool) -> tuple[Graph, Graph, list[np.ndarray | None]]:
    """A graph of all edges, one of the first so many over fewer nodes, and the other edges as columns."""
    pairs = np.array(edges, np.int64).reshape(-1, 2)
    weights = np.arange(1, len(edges) + 1, dtype=np.float32) if weighted else None
    late = [pairs[at:, 0], pairs[at:, 1], None if weights is None else weights[at:]]
    fewer = int(pairs[:at].max(initial=0)) + 1
    first = Graph.build(fewer, pairs[:at, 0], pairs[:at, 1], None if weights is None else weights[:at])
    return _graph(edges, weights), first, late


@given(EDGES, st.integers(0, 40), st.booleans())
def test_edges_that_come_later_make_the_graph_of_all_edges(
    edges: list[tuple[int, int]], at: int, weighted: bool
) -> None:
    whole, first, late = _split(edges, at, weighted)
    joined = first.joined(NODES, *late)
    assert joined.starts.tolist() == whole.starts.tolist()
    assert joined.ends.tolist() == whole.ends.tolist()
    assert (joined.weights is None) == (whole.weights is None)
    if weighted:
        assert joined.weights.tolist() == whole.weights.tolist()


def test_edges_that_do_not_fit_are_refused() -> None:
    graph, one = _graph([(0, 1)]), np.zeros(1, np.int64)
    with pytest.raises(GraphError, match="cannot become"):
        graph.joined(NODES - 1, one, one)
    with pytest.raises(GraphError, match="weights"):
        graph.joined(NODES, one, one, np.ones(1, np.float32))
    with pytest.raises(GraphError, match="outside"):
        Spread.over(graph).joined(NODES, one, one + NODES)


@pytest.mark.parametrize("steps", range(7))
def test_a_writer_that_is_killed_leaves_the_old_graph(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    old, new = (Spread.over(_graph(edges)) for edges in ([(0, 1), (1, 2)], [(0, 1), (1, 2), (2, 0)]))
    old.write(tmp_path)
    mapped = Spread.open(tmp_path)
    left = steps

    def write(path: Path, content: Callable[[BinaryIO], object]) -> int:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        return write_whole(path, content)

    monkeypatch.setattr(kept, "write_whole", write)
    with contextlib.suppress(KeyboardInterrupt):
        new.write(tmp_path)
    there = Spread.open(tmp_path)
    assert there.into.edges == (2 if left == 0 and steps < 5 else 3)
    assert len(there.per_edge) == len(there.number) == NODES
    monkeypatch.undo()
    new.write(tmp_path)
    assert Spread.open(tmp_path).into.edges == 3
    assert mapped.from_seeds(np.array([0])).tolist() == old.from_seeds(np.array([0])).tolist()
    assert len(list(tmp_path.glob("*.npy"))) == 4  # nothing old is left


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


@given(EDGES, st.integers(0, 40), st.booleans(), st.lists(st.integers(0, NODES - 1), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_going_on_from_an_earlier_answer_is_the_walk_over_all_edges(
    edges: list[tuple[int, int]], at: int, weighted: bool, seeds: list[int]
) -> None:
    _, first, late = _split(edges, at, weighted)
    old = Spread.over(first)
    before = old.from_seeds(np.array([min(seeds[0], first.nodes - 1)]), threads=1)
    ready = old.joined(NODES, *late)
    wanted = _solved(edges, np.arange(1, len(edges) + 1) if weighted else np.ones(len(edges)), seeds)
    assert np.abs(ready.from_seeds(np.array(seeds), threads=1) - wanted).sum() < 2e-5
    assert np.abs(ready.from_seeds(np.array(seeds), threads=1, before=before) - wanted).sum() < 2e-5


def test_an_earlier_answer_takes_fewer_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(3)
    sources, targets = draw.integers(0, 3000, (2, 30_000))
    old = Spread.over(Graph.build(3000, sources, targets))
    seeds = np.arange(5)
    before = old.from_seeds(seeds, threads=1)
    ready = old.joined(3000, *draw.integers(0, 3000, (2, 30)))
    wanted = ready.from_seeds(seeds, threads=1)
    monkeypatch.setattr(spread, "MOST_STEPS", 7)
    assert np.abs(ready.from_seeds(seeds, threads=1, before=before) - wanted).sum() < 2e-5
    assert np.abs(ready.from_seeds(seeds, threads=1) - wanted).sum() > 1e-3
    with pytest.raises(GraphError, match="more nodes"):
        ready.from_seeds(seeds, before=np.zeros(3001, np.float32))


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
