"""What every adapter promises.

An adapter does on a platform what people decided, once, and takes it back. It decides nothing. Each order carries a
key; doing the same order twice is doing it once. After anything unclear (a time-out, a killed worker) `find` is asked
first whether the order has been done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from seawall.records.terms import State, Verb


@dataclass(frozen=True, slots=True)
class About:
    """What an order is about: an account, or one post of it."""

    platform: str
    account_id: str
    post_id: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform's answer that an order was done. `before` is what `undo` needs to restore; it holds no content."""

    key: str
    verb: Verb
    about: About
    at: str  # ISO 8601, UTC
    reference: str  # the platform's own id or answer for it; "" where it gives none
    before: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to do: a verb about an account or item, under a key that is never used for anything else.

    `reason` is what the platform may log or show: no name or pseudonym of staff, no content. An order with `undoes`
    takes back what that receipt says was done.
    """

    key: str
    verb: Verb
    about: About
    reason: str
    undoes: Receipt | None = None


class AdapterError(Exception):
    """The platform did not do it. `permanent`: trying again cannot help, a person must look."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Adapter(Protocol):
    """One platform. Every method may raise AdapterError; none returns empty for 'could not'."""

    platform: str
    can: Mapping[Verb, bool]  # the verbs it knows -> whether each can be taken back

    def find(self, order: Order) -> Receipt | None:
        """The receipt of this order if its effect is there already; None if it is surely not."""
        ...

    def apply(self, order: Order) -> Receipt:
        """Do it. Applying an order twice is applying it once."""
        ...

    def undo(self, order: Order) -> Receipt:
        """Take back what `order.undoes` says was done, restoring what was before."""
        ...

    def status(self, about: About) -> State:
        """What the platform says of it now."""
        ...

    def tell(self, about: About, text: str, key: str) -> bool:
        """Give the account holder a message once per key. False where the platform has no way to."""
        ...
