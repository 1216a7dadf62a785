"""The hashes to keep of a file of our own: more than of one that is looked up, because we can crop it and have time."""

from __future__ import annotations

import hashlib

from seawall.graph.compiled import Array
from seawall.media.clips import Clips
from seawall.media.hashing import KINDS
from seawall.media.opened import luminance
from seawall.media.views import banked
from seawall.records.terms import HashKind


def kept(content: bytes, kind: str, clips: Clips) -> list[tuple[HashKind, bytes]]:
    """Hashes of a file of this kind of media, and of the file itself; none where the kind cannot be hashed.

    Raises PictureError.
    """
    kinds = KINDS.get(kind, ())
    found = [(of, its.tobytes()) for of in kinds if not of.of_file for its in _kept(content, of, clips)]
    return [*found, (HashKind.SHA256, hashlib.sha256(content).digest())] if kinds else []


def _kept(content: bytes, kind: HashKind, clips: Clips) -> Array:
    if kind is HashKind.PDQ:
        return banked(luminance(content))
    return clips.banked_frames(content) if kind is HashKind.VIDEO else clips.moments(content)
