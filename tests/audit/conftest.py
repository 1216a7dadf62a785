"""A home in the tests' own process: vault and keys in a folder, the ledger in the database the tests run on."""

from __future__ import annotations

from audit.inside import inside, runner

__all__ = ["inside", "runner"]
