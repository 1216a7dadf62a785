"""The stream's worker processes come from the one fork server that all tests share, which has imported everything."""

from __future__ import annotations

import pytest

import apart


@pytest.fixture(scope="session", autouse=True)
def _one_fork_server() -> None:
    apart.serve()
