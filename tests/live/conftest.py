"""Tests on real servers, which they start themselves. They run only with SEAWALL_LIVE=1, and say so where they do not.

    SEAWALL_LIVE=1 python -m pytest tests/live

The first run installs the servers into SEAWALL_LIVE_DIR (~/.cache/seawall-live).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from live.synapse import Synapse

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is below this folder unless it was asked for."""
    if os.environ.get("SEAWALL_LIVE") != "1":
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="needs real servers: set SEAWALL_LIVE=1 to start them"))


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """One Synapse for all tests; every test makes its own people and rooms."""
    with Synapse() as server:
        yield server
