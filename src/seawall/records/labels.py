"""A label: what people decided about an account, for signals to learn from and to unlearn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """What people decided about one account, on what ground, since when, and whether it was taken back.

    `account` is the platform's id or the handle, as whoever decided wrote it; times are ISO 8601, UTC.
    """

    platform: str
    account: str
    label: str
    ground: str
    at: str
    by: str
    withdrawn_at: str | None = None

    @property
    def live(self) -> bool:
        """Whether it still holds."""
        return self.withdrawn_at is None
