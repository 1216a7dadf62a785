"""The hot path: bytes become facts, marks and matches in the lake as they come, in blocks, on every core.

Workers decode, look for language, score and rules, and write files; one process lets them in, strictly in the order of
the input. What is acknowledged is there for good, and so is everything before it.
"""
