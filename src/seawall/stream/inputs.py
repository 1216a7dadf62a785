"""Input: blocks of whole lines from a file, or from a stream that comes while it is read."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from seawall.sources.contract import Cursor, Reject
from seawall.sources.sniff import head_of
from seawall.sources.streams import LONGEST_LINE, Lines, place, read_lines

BLOCK = 8 * 1024 * 1024  # bytes of lines that are one commit
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Policy:
    """What happens to a live stream that comes faster than it is worked off.

    With `shed` None it must wait, as whoever writes into a pipe does. Else lines beyond so many waiting bytes are let
    go, counted and said.
    """

    shed: int | None = None
    linger: float = 0.2  # seconds that a line waits for others to share its block
    size: int = BLOCK  # bytes of a block, at most


class _Gap(NamedTuple):
    """Lines that are not here, and why."""

    lines: int
    why: str | None = None  # None: they came too fast

    def __str__(self) -> str:
        return self.why or f"{self.lines:,} lines from here on were let go: they came faster than they could be read"


def file_blocks(location: Path, cursor: Cursor | None, size: int = BLOCK) -> Iterator[Lines]:
    """Blocks of a file, from a cursor on. Raises SourceError if it cannot be read at all."""
    head_of(location)
    return read_lines(location, *place(cursor), size)


class Live:
    """Lines of a stream, in blocks: what has come when the block before was taken, and a moment longer.

    A thread reads on while blocks are worked off; nobody else may read the stream.
    """

    def __init__(self, stream: BinaryIO, policy: Policy) -> None:
        self.shed = 0  # lines let go so far
        self._stream, self._policy = stream, policy
        self._most = 2 * policy.size if policy.shed is None else policy.shed
        self._waiting: deque[bytes | _Gap] = deque()  # pieces of whole lines
        self._bytes = 0
        self._ended = self._full = False
        self._changed = threading.Condition()

    def blocks(self) -> Iterator[Lines]:
        """Blocks until the stream ends. Where lines were let go a reject says how many."""
        threading.Thread(target=self._read, daemon=True, name="input").start()
        first, position = 1, 0
        while True:
            pieces, gap = self._take()
            if not pieces and not gap:
                return
            found = b"".join(pieces).removesuffix(b"\n").split(b"\n") if pieces else []
            position += sum(map(len, pieces))
            after = first + len(found)
            rejects = [Reject(after, str(gap), b"")] if gap else []
            yield Lines(found, first, position, position, rejects)
            first = after + (gap.lines if gap else 0)

    def _take(self) -> tuple[list[bytes], _Gap | None]:
        pieces: list[bytes] = []
        size = 0
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            until = time.monotonic() + self._policy.linger
            while not (self._full or self._ended) and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            while self._waiting and size < self._policy.size:
                piece = self._waiting.popleft()
                if isinstance(piece, _Gap):
                    return pieces, piece
                pieces.append(piece)
                size += len(piece)
                self._bytes -= len(piece)
                self._full = self._bytes >= self._policy.size
                self._changed.notify_all()
        return pieces, None

    def _read(self) -> None:
        rest, over = b"", 0
        while piece := _some(self._stream):
            cut = piece.rfind(b"\n") + 1
            if not cut:
                over += max(len(rest) + len(piece) - LONGEST_LINE, 0)
                rest = (rest + piece)[:LONGEST_LINE]
                continue
            whole, rest, was_over, over = rest + piece[:cut], piece[cut:], over, 0
            if was_over:
                self._add(_Gap(1, f"a line of more than {LONGEST_LINE:,} bytes"))
                whole = whole[whole.find(b"\n", LONGEST_LINE) + 1 :]
            if whole:
                self._add(whole)
        if rest:
            self._add(rest if not over else _Gap(1, f"a line of more than {LONGEST_LINE:,} bytes"))
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _add(self, piece: bytes | _Gap) -> None:
        with self._changed:
            if isinstance(piece, bytes) and self._bytes and self._bytes + len(piece) > self._most:
                if self._policy.shed is None:
                    self._full = True
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._bytes + len(piece) <= self._most or not self._bytes)
                else:
                    self._full = True
                    piece = self._let_go(piece.count(b"\n"))
            self._waiting.append(piece)
            self._bytes += 0 if isinstance(piece, _Gap) else len(piece)
            self._full |= self._bytes >= self._policy.size
            self._changed.notify_all()

    def _let_go(self, lines: int) -> _Gap:
        self.shed += lines
        last = self._waiting[-1] if self._waiting else None
        if isinstance(last, _Gap) and last.why is None:
            self._waiting.pop()
            lines += last.lines
        return _Gap(lines)


def _some(stream: BinaryIO) -> bytes:
    return stream.read1(_PIECE) if hasattr(stream, "read1") else stream.read(_PIECE)
