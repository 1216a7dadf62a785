"""Secrets of one home: made once, readable by its owner only, never in the database."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def secret(home: Path, name: str, make: Callable[[], bytes] = lambda: secrets.token_hex(32).encode()) -> bytes:
    """The secret of that name under `home/keys`, made at first use; two processes asking at once get the same one."""
    path = home / "keys" / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f".{name}.{secrets.token_hex(6)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(make())
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(fresh, path)  # unlike a rename it never replaces a key that came first
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
