"""What every adapter promises, as checks that take an adapter and an order that was not done yet.

Used on the adapters that need no server (`test_adapters.py`) and on real servers (`tests/live`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from seawall.enforcement.adapters.contract import Adapter, AdapterError, Order, Receipt
from seawall.records.terms import State, Verb

Check = Callable[[Adapter, Order], None]
_NO_STATE = (Verb.LABEL,)  # what a label does is not among the states a platform names


def another(order: Order) -> Order:
    """The same wish under another key."""
    return replace(order, key=f"{order.key}:another")


def taking_back(order: Order, receipt: Receipt) -> Order:
    """The order that takes this one back."""
    return replace(order, key=f"{order.key}:undo", reason="decided anew", undoes=receipt)


def nothing_is_found_before_it_is_done(adapter: Adapter, order: Order) -> None:
    assert adapter.find(order) is None


def the_receipt_says_what_was_done(adapter: Adapter, order: Order) -> None:
    receipt = adapter.apply(order)
    assert (receipt.key, receipt.verb, receipt.about) == (order.key, order.verb, order.about)
    assert receipt.at.endswith(("+00:00", "Z"))


def what_was_done_is_found(adapter: Adapter, order: Order) -> None:
    receipt = adapter.apply(order)
    assert adapter.find(order) == receipt


def applying_twice_is_applying_once(adapter: Adapter, order: Order) -> None:
    first = adapter.apply(order)
    state = adapter.status(order.about)
    assert adapter.apply(order) == first
    assert adapter.status(order.about) is state
    if adapter.can[order.verb]:  # one undo takes all of it back
        adapter.undo(taking_back(order, first))
        assert adapter.status(order.about) is State.ACTIVE


def the_state_follows(adapter: Adapter, order: Order) -> None:
    assert adapter.status(order.about) is State.ACTIVE
    adapter.apply(order)
    if order.verb not in _NO_STATE:
        assert adapter.status(order.about) is not State.ACTIVE


def undo_restores(adapter: Adapter, order: Order) -> None:
    receipt = adapter.apply(order)
    back = taking_back(order, receipt)
    if not adapter.can[order.verb]:
        with pytest.raises(AdapterError) as refused:
            adapter.undo(back)
        assert refused.value.permanent
        assert adapter.find(back) is None
        return
    assert adapter.find(back) is None
    assert adapter.undo(back).key == back.key
    assert adapter.status(order.about) is State.ACTIVE
    found = adapter.find(back)
    assert found is not None
    assert found.key == back.key


def undo_twice_is_undo_once(adapter: Adapter, order: Order) -> None:
    if adapter.can[order.verb]:
        back = taking_back(order, adapter.apply(order))
        adapter.undo(back)
        adapter.undo(back)
        assert adapter.status(order.about) is State.ACTIVE


def undo_leaves_what_was_so_before(adapter: Adapter, order: Order) -> None:
    adapter.apply(order)
    state = adapter.status(order.about)
    second = another(order)
    assert adapter.find(second) is None  # the same effect, but not by this order
    receipt = adapter.apply(second)
    assert adapter.find(second) == receipt
    if adapter.can[order.verb]:
        adapter.undo(taking_back(second, receipt))
        assert adapter.status(order.about) is state


def what_it_cannot_do_fails_for_good(adapter: Adapter, order: Order) -> None:
    for verb in set(Verb) - set(adapter.can):
        with pytest.raises(AdapterError) as refused:
            adapter.apply(replace(order, verb=verb))
        assert refused.value.permanent


def another_platform_is_refused(adapter: Adapter, order: Order) -> None:
    with pytest.raises(AdapterError) as refused:
        adapter.apply(replace(order, about=replace(order.about, platform="elsewhere")))
    assert refused.value.permanent
    assert adapter.status(order.about) is State.ACTIVE


CHECKS: list[Check] = [
    nothing_is_found_before_it_is_done,
    the_receipt_says_what_was_done,
    what_was_done_is_found,
    applying_twice_is_applying_once,
    the_state_follows,
    undo_restores,
    undo_twice_is_undo_once,
    undo_leaves_what_was_so_before,
    what_it_cannot_do_fails_for_good,
    another_platform_is_refused,
]
