"""What belongs to a change is written in the change's transaction, or refused."""

from __future__ import annotations

import pytest

from seawall.ledger import LedgerError
from seawall.ledger.outbox import enqueue


def test_a_job_without_a_transaction_is_refused() -> None:
    with pytest.raises(LedgerError, match="transaction"):
        enqueue("a", "one", {})
