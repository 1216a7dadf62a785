"""Graphs as columns: compact, memory-mapped, with the kernels that signals use. No Python object per node or edge."""
