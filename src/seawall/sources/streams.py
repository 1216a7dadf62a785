"""Bytes of an export, whether gzip, Zstandard or plain, in blocks of whole lines."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard
from isal import isal_zlib

from seawall.sources.contract import RAW_LIMIT, Cursor, Reject, SourceError

BLOCK = 32 * 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# Packed bytes unpacked at a time. However they are packed they give at most 33 MiB (gzip packs 1,032 bytes into one)
# or 32 MiB (Zstandard packs 128 KiB into four). Damage inside them costs them and what follows.
_GZIP_PIECE, _ZSTD_PIECE = 32 * 1024, 1024
DAMAGE: tuple[type[Exception], ...] = (EOFError, zlib.error, isal_zlib.error, zstandard.ZstdError, OSError)  # type: ignore[assignment]
# what reading a .zip raises that is damaged, encrypted or packed in an unknown way
BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)


@dataclass(slots=True)
class Lines:
    """Whole lines of a file, without their line ends."""

    lines: list[bytes]
    first: int  # number of the first line, from 1
    end: int  # bytes, uncompressed, after the last line; -1: nothing after it can be read
    position: int  # bytes of the file on disk consumed
    rejects: list[Reject] = field(default_factory=list)  # what follows `lines` and is no line to read: too long, or cut
    last: bool = False  # nothing follows

    @property
    def after(self) -> int:
        """Number of the first line that is not in here."""
        return self.first + len(self.lines) + len(self.rejects)

    def cursor(self, left: list[bytes]) -> Cursor:
        """Where reading goes on if the `left` lines at the end are to be read again."""
        return {"offset": self.end - sum(len(line) + 1 for line in left), "line": self.after - len(left)}


def place(cursor: Cursor | None) -> tuple[int, int]:
    """The offset and the line number that a cursor stands for."""
    return (int(str(cursor["offset"])), int(str(cursor["line"]))) if cursor else (0, 1)


class _Unpacked(io.RawIOBase):
    """A packed file as its content. Gives all that can be unpacked, then raises EOFError if the file is cut short."""

    def __init__(self, raw: BinaryIO, begin: Callable[[], Any], piece: int) -> None:
        self._raw, self._begin, self._piece = raw, begin, piece
        self._packed, self._ready = b"", memoryview(b"")
        self._unpacker: Any = None  # None between two members: here a file may end

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with content; 0 at the end."""
        while not self._ready:
            packed = self._packed or self._raw.read(self._piece)
            if not packed and self._unpacker is None:
                return 0
            if not packed:
                raise EOFError("the file ends in the middle of its packed content")
            self._unpack(packed)
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _unpack(self, packed: bytes) -> None:
        if self._unpacker is None:
            packed = packed.lstrip(b"\0")  # members may be padded
            self._unpacker = self._begin() if packed else None
        self._packed = b""
        if self._unpacker:
            self._ready = memoryview(self._unpacker.decompress(packed))
            if self._unpacker.eof:
                self._packed, self._unpacker = self._unpacker.unused_data, None


def opened(location: Path) -> tuple[BinaryIO, BinaryIO]:
    """A file as uncompressed bytes, and the raw file below it (to ask how far it was read).

    Raises SourceError if it cannot be opened.
    """
    try:
        raw = location.open("rb")
    except IsADirectoryError as error:
        raise SourceError(f"{location} is a folder: name the files in it, for example {location}/*") from error
    except OSError as error:
        raise SourceError(f"cannot open {location}: {error.strerror}. Check the path and its permissions.") from error
    head = raw.read(4)
    raw.seek(0)
    if head.startswith(_GZIP):
        return _unpacked(raw, lambda: isal_zlib.decompressobj(wbits=31), _GZIP_PIECE), raw
    if head.startswith(_ZSTD):
        unpacker = zstandard.ZstdDecompressor(max_window_size=2**31)
        return _unpacked(raw, unpacker.decompressobj, _ZSTD_PIECE), raw
    return raw, raw


def _unpacked(raw: BinaryIO, begin: Callable[[], Any], piece: int) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Unpacked(raw, begin, piece), 1024 * 1024))


def read_lines(location: Path, offset: int, first: int, size: int | None = None) -> Iterator[Lines]:
    """Blocks of whole lines, of some `size` bytes, from an uncompressed offset on, where line `first` begins.

    A damaged or truncated file gives the whole lines that can be read, then one reject that says what is wrong and
    keeps the line that was cut. A line longer than LONGEST_LINE is a reject, too.
    """
    if offset < 0:
        return
    piece = size or BLOCK
    stream, raw = opened(location)
    with raw, stream, ThreadPoolExecutor(1, thread_name_prefix="unpack") as ahead:
        damage = _skip(stream, offset)
        rest, over = b"", 0  # the line that has not ended yet, and how many more bytes of it were let go
        coming = ahead.submit(_read, stream, piece)
        while damage is None:
            block, damage = coming.result()
            if not block:
                break
            position = raw.tell()
            coming = ahead.submit(_read, stream, piece)  # unpacked while this block is decoded
            block = rest + block
            cut = block.rfind(b"\n") + 1
            if not cut:
                rest, over = block[:LONGEST_LINE], over + max(len(block) - LONGEST_LINE, 0)
                continue
            rest, found, end = block[cut:], _split(block[:cut]), offset + over + cut
            longest, over = len(found[0]) + over, 0
            if longest > LONGEST_LINE:
                offset += longest + 1
                yield Lines([], first, offset, position, [_too_long(first, found.pop(0), longest)])
                first += 1
            if found:
                yield Lines(found, first, end, position)
            first, offset = first + len(found), end
        yield from _last(rest, over, first, offset, raw.tell(), damage)


def read_whole(location: Path, most: int) -> tuple[bytes, str | None]:
    """A whole file, unpacked, and what is wrong with its end if it is damaged.

    Raises SourceError if it holds more than `most` bytes.
    """
    stream, raw = opened(location)
    parts: list[bytes] = []
    with raw, stream:
        while True:
            part, damage = _read(stream, BLOCK)
            parts.append(part)
            most -= len(part)
            if most < 0:
                raise SourceError(
                    f"{location} is one document of more than a gigabyte. Write it as one object a line: `jq -c '.[]'`"
                )
            if damage or not part:
                return b"".join(parts), damage


def _last(rest: bytes, over: int, first: int, offset: int, position: int, damage: str | None) -> Iterator[Lines]:
    """The end of a file that does not end with a line end, or is damaged."""
    size = len(rest) + over
    if damage:
        yield Lines([], first, -1, position, [Reject(first, damage, rest)], last=True)
    elif size > LONGEST_LINE:
        yield Lines([], first, offset + size, position, [_too_long(first, rest, size)], last=True)
    elif rest:
        yield Lines([rest], first, offset + size, position, last=True)


def _too_long(number: int, line: bytes, size: int) -> Reject:
    kept = line[:RAW_LIMIT]
    reason = f"a line of {size:,} bytes, which is more than {LONGEST_LINE:,}; only its first {len(kept):,} are kept"
    return Reject(number, reason, kept)


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
