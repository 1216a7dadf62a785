"""What servers of the network send: a Jetstream's events, and a firehose's frames; how far they came, and how they are
asked to go on there."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Protocol

import msgspec

from seawall.sources.bluesky import events, payload
from seawall.sources.bluesky.firehose import events_of, opened, sent
from seawall.sources.cells import CellError
from seawall.sources.contract import Cursor, Reject, SourceError
from seawall.sources.gather import NO_JSON, Gather

KEPT = 24 * 3600  # seconds that the public Jetstream keeps at least
LARGEST = 8 * 1024 * 1024  # bytes of a message; the protocol's own limit is 5 MB
_BEFORE = 5_000_000  # microseconds before the cursor from which Jetstream is asked again


class Feed(Protocol):
    """How a server's messages are asked for and read."""

    def query(self) -> list[tuple[str, object]]:
        """What it is asked for from where it is on."""

    def read(self, gather: Gather, message: bytes) -> datetime | None:
        """Facts of a message; when it was sent, if it says so."""

    @property
    def cursor(self) -> Cursor:
        """How far it is."""


class Jetstream:
    """Events as JSON, from a moment on."""

    def __init__(self, cursor: Cursor, collections: list[str], dids: list[str]) -> None:
        self._asked = [("wantedCollections", name) for name in collections] + [("wantedDids", did) for did in dids]
        known = cursor.get("time_us")
        now = time.time_ns() // 1000
        self._time_us = int(str(known)) if known else now
        self._late = (now - self._time_us) // 1_000_000 if known else 0

    def query(self) -> list[tuple[str, object]]:
        """What is wanted, from a little before where it was; it sends nothing larger than what is taken."""
        return [*self._asked, ("cursor", self._time_us - _BEFORE), ("maxMessageSizeBytes", LARGEST)]

    def read(self, gather: Gather, message: bytes) -> datetime | None:
        """Facts of an event."""
        if self._late > KEPT:
            _gap(gather, self._time_us, f"the stream was left for {self._late // 3600} hours; a Jetstream may keep no"
                 f" more than {KEPT // 3600}, and what came before is missing then")  # fmt: skip
            self._late = 0
        number = _number(message)
        at = events.event(gather, number, message)
        if at:
            self._time_us = max(self._time_us, number)
        return at

    @property
    def cursor(self) -> Cursor:
        """The time of the newest event; at first, of when it was connected."""
        return {"time_us": self._time_us}


class _Time(msgspec.Struct):
    time_us: int


_time = msgspec.json.Decoder(_Time)


def _number(message: bytes) -> int:
    """What tells a message from others in rejects: its time; 1 if it has none."""
    try:
        number = _time.decode(message).time_us
    except NO_JSON:
        return 1
    return number if 0 < number < 2**62 else 1


class Firehose:
    """Frames of commits, after a number; what is wanted is picked here."""

    def __init__(self, cursor: Cursor, collections: list[str], dids: list[str]) -> None:
        self._exact = {name for name in collections if not name.endswith("*")}
        self._below = tuple(name[:-1] for name in collections if name.endswith("*"))
        self._dids = set(dids)
        known = cursor.get("seq")
        self._seq = int(str(known)) if known is not None else None

    def query(self) -> list[tuple[str, object]]:
        """All that comes after where it was."""
        return [] if self._seq is None else [("cursor", self._seq)]

    def read(self, gather: Gather, message: bytes) -> datetime | None:
        """Facts of a frame."""
        number = (self._seq or 0) + 1
        try:
            kind, body = opened(message)
            if kind == "#error":
                raise SourceError(f"the server refuses: {str(body.get('error'))[:60]} {str(body.get('message'))[:200]}")
            seq = body.get("seq")
            if isinstance(seq, int) and 0 < seq < 2**62:
                self._seq = number = seq
            found = events_of(kind, body, self._wanted) if kind in ("#commit", "#identity", "#account") else []
        except CellError as error:
            gather.read += 1
            gather.rejects.append(Reject(number, str(error), message))
            return None
        if kind == "#info":
            _gap(gather, number, f"the server says {str(body.get('name'))[:60]}: some of what came since is missing")
        elif kind == "#commit" and body.get("tooBig"):
            _gap(gather, number, "a commit too big to be sent; its records are missing")
        elif not found and kind != "#commit":
            gather.batch.ignored[f"frame of kind {kind[:60]}"] += 1
        for given in found:
            if not self._dids or given["did"] in self._dids:
                with gather.reading(number, msgspec.json.encode(given), "an event of the network"):
                    events.read(gather, msgspec.convert(given, payload.Event))
        return sent(body)

    def _wanted(self, collection: str) -> bool:
        return collection in self._exact or collection.startswith(self._below)

    @property
    def cursor(self) -> Cursor:
        """The number of the last frame."""
        return {} if self._seq is None else {"seq": self._seq}


def _gap(gather: Gather, number: int, words: str) -> None:
    """Say that something is missing, where what could not be read is told."""
    gather.read += 1
    gather.rejects.append(Reject(max(number, 1), words, b""))
