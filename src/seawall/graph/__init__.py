"""Graphs as columns: compact, memory-mapped, with the kernels that signals use. No Python object per node or edge."""

from __future__ import annotations

from seawall.graph.csr import Graph, GraphError, Names, open_graph

__all__ = ["Graph", "GraphError", "Names", "open_graph"]
