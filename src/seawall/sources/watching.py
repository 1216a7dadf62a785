"""Live sources of a home: which servers are watched, with credentials that are for reading alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

from seawall.sources.contract import SourceError
from seawall.sources.loading import Followed
from seawall.sources.matrix import MatrixRooms, Server, ServerError


def watched(home: Path) -> list[str]:
    """Platforms that are watched, by name."""
    return sorted(path.stem.removeprefix("read-") for path in (home / "keys").glob("read-*.json"))


def watch(home: Path, platform: str, base_url: str, token: str, rooms: list[str]) -> None:
    """Watch a Matrix server from now on: its public rooms, or those named. The file is the owner's only."""
    path = _path(home, platform)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump({"kind": "matrix", "base_url": base_url, "token": token, "rooms": rooms}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)


def unwatch(home: Path, platform: str) -> None:
    """Forget a server; what was read of it stays until it expires."""
    _path(home, platform).unlink(missing_ok=True)


def live_source(home: Path, platform: str) -> Followed:
    """The source that follows a platform. Raises SourceError if it is not watched, or its settings are damaged."""
    path = _path(home, platform)
    try:
        given = json.loads(path.read_text("utf-8"))
        return MatrixRooms(Server(given["base_url"], given["token"]), given["rooms"], platform)
    except FileNotFoundError as error:
        raise SourceError(f"{platform} is not watched. Connect it first: seawall connect matrix") from error
    except (OSError, ValueError, KeyError, ServerError) as error:
        raise SourceError(f"cannot use {path}: {error}. Connect it again: seawall connect matrix") from error


def _path(home: Path, platform: str) -> Path:
    return home / "keys" / f"read-{platform}.json"
