"""Benchmarks: `make bench`, or `make bench ONLY=name`. Each prints a table and adds to build/bench.json."""
