"""Compiled Hyperscan databases, kept on disk: the shipped lists take a second to compile and a millisecond to load.

Like compiled kernels they lie beside this module, and where nobody may write there, each process compiles for itself.
Hyperscan refuses a file that is damaged, of another version, or of a processor that this one is not; it is then made
anew.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import hyperscan
import xxhash

KEPT_FROM = 1000  # literals; fewer compile in no time
MOST = 16  # files, of some 3 MB each; the one that was not asked for the longest goes first
_FOLDER = Path(__file__).parent / "__pycache__"


def database_of(literals: Sequence[bytes], any_case: bool, folder: Path = _FOLDER) -> hyperscan.Database:
    """A database of literals, numbered as given; `any_case` of ASCII letters only."""
    if len(literals) < KEPT_FROM:
        return _compiled(literals, any_case)
    path = folder / f"literals-{_name(literals, any_case)}.hs"
    with suppress(OSError, hyperscan.error):
        found = hyperscan.loadb(path.read_bytes(), hyperscan.HS_MODE_BLOCK)
        os.utime(path)
        return found
    made = _compiled(literals, any_case)
    with suppress(OSError):
        _keep(path, hyperscan.dumpb(made))
    return made


def _compiled(literals: Sequence[bytes], any_case: bool) -> hyperscan.Database:
    database = hyperscan.Database()
    database.compile(
        expressions=[re.escape(literal) for literal in literals],
        ids=list(range(len(literals))),
        elements=len(literals),
        flags=hyperscan.HS_FLAG_CASELESS if any_case else 0,
    )
    return database


def _name(literals: Sequence[bytes], any_case: bool) -> str:
    """Other literals, another order or another meaning of case have another name."""
    digest = xxhash.xxh3_128(b"any case" if any_case else b"as written")
    for literal in literals:
        digest.update(b"%d:" % len(literal) + literal)
    return digest.hexdigest()


def _keep(path: Path, content: bytes) -> None:
    """Put a file there whole, whoever else does the same, and let old ones go."""
    path.parent.mkdir(exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    kept = sorted(path.parent.glob("literals-*.hs"), key=lambda other: other.stat().st_mtime)
    for old in kept[:-MOST]:
        old.unlink(missing_ok=True)
