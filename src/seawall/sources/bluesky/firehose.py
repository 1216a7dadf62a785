"""Frames of the firehose (com.atproto.sync.subscribeRepos) as the events that Jetstream makes of them.

A frame is two values in DAG-CBOR, a header and a body; a commit's body holds its records as blocks, by their content
addresses. Read with the AT Protocol's SDK for Python.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from atproto_core.car import CAR
from atproto_core.cbor import decode_dag_multi
from atproto_core.cid import CID
from atproto_core.exceptions import AtProtocolError

from seawall.sources.cells import CellError, iso

Wanted = Callable[[str], bool]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAMAGED = (KeyError, ValueError, TypeError, AttributeError, RecursionError, AtProtocolError)
_ADDRESS = b"\x01"  # how a content address begins in bytes


def opened(frame: bytes) -> tuple[str, dict[str, Any]]:
    """A frame's kind and body. Raises CellError if it is no frame."""
    try:
        header, body = decode_dag_multi(frame)
    except (ValueError, TypeError, RecursionError) as error:
        raise CellError(f"no frame: {error}") from error
    if not isinstance(header, dict) or not isinstance(body, dict):
        raise CellError("no frame: it is no header with a body")
    if header.get("op") == -1:
        return "#error", body
    return str(header.get("t")), body


def events_of(kind: str, body: dict[str, Any], wanted: Wanted) -> list[dict[str, Any]]:
    """The events of a frame, as Jetstream gives them; none for a kind that has none. Raises CellError.

    Of commits, the records of wanted collections.
    """
    try:
        time_us = (iso(body["time"]) - _EPOCH) // timedelta(microseconds=1)
        if kind == "#commit":
            return [
                {"did": str(body["repo"]), "time_us": time_us, "kind": "commit", "commit": op}
                for op in _ops(body, wanted)
            ]
        if kind in ("#identity", "#account"):
            said = {name: value for name, value in body.items() if value is not None}
            return [{"did": str(body["did"]), "time_us": time_us, "kind": kind[1:], kind[1:]: said}]
    except _DAMAGED as error:
        raise CellError(f"a damaged frame: {type(error).__name__}: {error}") from error
    return []


def sent(body: dict[str, Any]) -> datetime | None:
    """When a frame was sent; None if it does not say."""
    with suppress(CellError):
        return iso(body.get("time", ""))
    return None


def _ops(body: dict[str, Any], wanted: Wanted) -> Iterator[dict[str, Any]]:
    """The records that a commit made, changed or deleted. Its blocks are read only if one of them is wanted."""
    blocks: dict[CID, Any] | None = None
    for op in body["ops"]:
        collection, _, rkey = op["path"].partition("/")
        if not wanted(collection):
            continue
        given = {"rev": body["rev"], "operation": op["action"], "collection": collection, "rkey": rkey}
        if op["action"] != "delete":
            if blocks is None:
                blocks = CAR.from_bytes(body["blocks"]).blocks
            address = CID.decode(op["cid"])
            given |= {"cid": str(address), "record": plain(blocks.get(address))}
        yield given


def plain(value: Any) -> Any:
    """A value of a record as it stands in JSON: content addresses as links, other bytes in base64."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, bytes):
        if value.startswith(_ADDRESS):
            with suppress(ValueError):
                return {"$link": str(CID.decode(value))}
        return {"$bytes": base64.b64encode(value).decode().rstrip("=")}
    return value
