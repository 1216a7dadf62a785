"""Known media: pictures, videos, sounds and files of posts that stand in a bank."""

from seawall.signals.media.banks import Part, parts_of
from seawall.signals.media.signal import MediaSignal, standing

__all__ = ["MediaSignal", "Part", "parts_of", "standing"]
