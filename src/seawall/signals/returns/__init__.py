"""The returns signal: whose return a new or renamed account may be, among those suspended."""

from seawall.signals.returns.kept import Kept, profile_of
from seawall.signals.returns.signal import VERSION, Found, find_returns

__all__ = ["VERSION", "Found", "Kept", "find_returns", "profile_of"]
