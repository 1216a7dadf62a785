"""One file per platform: exports into batches of facts, resumable at a cursor. Sources only read."""
