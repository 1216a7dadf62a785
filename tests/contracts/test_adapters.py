"""What every adapter promises, run on those that need no server. Real servers: tests/live."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.adapters import CHECKS, Check
from enforcement.fake_synapse import FakeSynapse
from seawall.enforcement.adapters.contract import About, Adapter, Order
from seawall.enforcement.adapters.matrix import MatrixAdapter
from seawall.enforcement.adapters.simulated import SimulatedAdapter
from seawall.records.terms import Verb

Maker = Callable[[Path, Verb], tuple[Adapter, Order]]  # an adapter, and an order that was not done yet


def _matrix(_: Path, verb: Verb) -> tuple[Adapter, Order]:
    server = FakeSynapse()
    return MatrixAdapter("http://127.0.0.1:1", "token", transport=server.transport), server.order(verb)


def _simulated(tmp_path: Path, verb: Verb) -> tuple[Adapter, Order]:
    about = About("x", "1", None if verb.of_account else "9")
    return SimulatedAdapter("x", tmp_path / "simulated.sqlite"), Order("seawall-1", verb, about, "terms, clause T1")


MAKERS: dict[str, tuple[Maker, list[Verb]]] = {
    "matrix": (_matrix, list(MatrixAdapter.can)),
    "simulated": (_simulated, list(Verb)),
}
CASES = [pytest.param(maker, verb, id=f"{name}-{verb}") for name, (maker, verbs) in MAKERS.items() for verb in verbs]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("maker", "verb"), CASES)
def test_adapter(maker: Maker, verb: Verb, check: Check, tmp_path: Path) -> None:
    check(*maker(tmp_path, verb))
