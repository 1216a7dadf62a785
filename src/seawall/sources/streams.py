"""Bytes of an export, whether gzip, Zstandard or plain, in blocks of whole lines."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard
from isal import isal_zlib

from seawall.sources.contract import SourceError

BLOCK = 16 * 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024
_PACKED = 64 * 1024  # packed bytes unpacked at a time: damage inside them costs them and what follows
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
DAMAGE: tuple[type[Exception], ...] = (EOFError, zlib.error, isal_zlib.error, zstandard.ZstdError, OSError)  # type: ignore[assignment]


@dataclass(slots=True)
class Lines:
    """Whole lines of a file, without their line ends."""

    lines: list[bytes]
    first: int  # number of the first line, from 1
    offset: int  # bytes, uncompressed, before the first line
    end: int  # bytes, uncompressed, after the last line
    position: int  # bytes of the file on disk consumed
    damage: str | None = None  # why nothing more can be read, on the last block of a damaged file


class _Unpacked(io.RawIOBase):
    """A packed file as its content. Gives all that can be unpacked, then raises EOFError if the file is cut short."""

    def __init__(self, raw: BinaryIO, begin: Callable[[], Any]) -> None:
        self._raw, self._begin, self._unpacker = raw, begin, begin()
        self._ready, self._between = memoryview(b""), True  # between two members: here a file may end

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with content; 0 at the end."""
        while not self._ready:
            packed = self._unpacker.unused_data if self._unpacker.eof else self._raw.read(_PACKED)
            if not packed and self._unpacker.eof:
                packed = self._raw.read(_PACKED)
            if not packed:
                if self._between or self._unpacker.eof:
                    return 0
                raise EOFError("the file ends in the middle of its packed content")
            if self._unpacker.eof:
                self._unpacker = self._begin()
            self._ready, self._between = memoryview(self._unpacker.decompress(packed)), False
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size


def opened(location: Path) -> tuple[BinaryIO, BinaryIO]:
    """A file as uncompressed bytes, and the raw file below it (to ask how far it was read).

    Raises SourceError if it cannot be opened.
    """
    try:
        raw = location.open("rb")
    except OSError as error:
        raise SourceError(f"cannot open {location}: {error.strerror}. Check the path and its permissions.") from error
    head = raw.read(4)
    raw.seek(0)
    if head.startswith(_GZIP):
        return _unpacked(raw, lambda: isal_zlib.decompressobj(wbits=31)), raw
    if head.startswith(_ZSTD):
        return _unpacked(raw, lambda: zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj()), raw
    return raw, raw


def _unpacked(raw: BinaryIO, begin: Callable[[], Any]) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Unpacked(raw, begin), 1024 * 1024))


def read_lines(location: Path, offset: int, first: int) -> Iterator[Lines]:
    """Blocks of whole lines from an uncompressed offset on, where line `first` begins.

    A damaged or truncated file gives what could be read, then one last block that says what is wrong.
    """
    stream, raw = opened(location)
    with raw, stream, ThreadPoolExecutor(1, thread_name_prefix="unpack") as ahead:
        damage = _skip(stream, offset)
        rest = b""
        coming = ahead.submit(_read, stream, BLOCK)
        while damage is None:
            block, damage = coming.result()
            if not block:
                break
            position = raw.tell()
            coming = ahead.submit(_read, stream, BLOCK)  # unpacked while this block is decoded
            block = rest + block
            cut = block.rfind(b"\n") + 1
            if not cut and len(block) < LONGEST_LINE:
                rest = block
                continue
            cut = cut or len(block)
            rest = block[cut:]
            found = _split(block[:cut])
            yield Lines(found, first, offset, offset + cut, position)
            first, offset = first + len(found), offset + cut
        last = [rest] if rest else []
        if last or damage:
            yield Lines(last, first, offset, offset + len(rest), raw.tell(), damage)


def _split(block: bytes) -> list[bytes]:
    lines = block.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _read(stream: BinaryIO, size: int) -> tuple[bytes, str | None]:
    """Up to `size` bytes. Damage is told only once nothing before it is left to give."""
    parts: list[bytes] = []
    while size > 0:
        try:
            part = stream.read1(min(size, 1024 * 1024)) if isinstance(stream, io.BufferedReader) else stream.read(size)
        except DAMAGE as error:
            if parts:
                break  # the next call meets the same damage with nothing before it
            return b"", f"the file is damaged or cut short from here on ({error}); get a whole copy and load it again"
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts), None


def _skip(stream: BinaryIO, offset: int) -> str | None:
    while offset:
        block, damage = _read(stream, min(offset, BLOCK))
        if damage or not block:
            return damage or "the file is shorter than when its load began"
        offset -= len(block)
    return None
