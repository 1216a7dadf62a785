"""The supporters signal: who, starting from verified seeds, writes and spreads as they do."""

from seawall.signals.supporters.signal import SupportersSignal

__all__ = ["SupportersSignal"]
