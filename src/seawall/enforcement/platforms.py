"""Which adapter acts on which platform. Credentials that can act are files under `keys/`, read here alone."""

from __future__ import annotations

import json
from pathlib import Path

from seawall.enforcement.adapters.contract import Adapter, AdapterError
from seawall.enforcement.adapters.matrix import MatrixAdapter
from seawall.enforcement.adapters.simulated import SimulatedAdapter
from seawall.lake.files import write_private
from seawall.ledger import home

KINDS = ("matrix",)


def connected() -> list[str]:
    """Platforms that a real adapter acts on."""
    return sorted(path.stem.removeprefix("act-") for path in (home() / "keys").glob("act-*.json"))


def adapter_for(platform: str) -> Adapter:
    """The adapter of a platform; the simulated one where none is connected."""
    path = _path(platform)
    if not path.exists():
        return SimulatedAdapter(platform, simulated())
    given = _read(path)
    if given.get("kind") != "matrix":
        raise AdapterError(f"{path} names no kind of platform this version knows: {KINDS}", permanent=True)
    return MatrixAdapter(
        str(given["base_url"]), str(given["token"]), platform=platform, enters_rooms=bool(given.get("enters_rooms"))
    )


def simulated() -> Path:
    """The file in which the simulated platform happens."""
    return home() / "platforms" / "simulated.sqlite"


def connect(platform: str, kind: str, base_url: str, token: str, enters_rooms: bool) -> None:
    """Let an adapter act on a platform from now on. The file is readable by the home's owner only."""
    given = {"kind": kind, "base_url": base_url, "token": token, "enters_rooms": enters_rooms}
    write_private(_path(platform), json.dumps(given).encode())


def disconnect(platform: str) -> bool:
    """Forget a platform's credentials; what is done there from now on is simulated. False if it was not connected."""
    path = _path(platform)
    if not path.exists():
        return False
    path.unlink()
    return True


def _path(platform: str) -> Path:
    return home() / "keys" / f"act-{platform}.json"


def _read(path: Path) -> dict[str, object]:
    try:
        given: dict[str, object] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise AdapterError(f"cannot read {path}: {error}. Connect the platform again.", permanent=True) from error
    return given
