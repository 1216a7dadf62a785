"""Files of an account's archive: in its .zip, which is never unpacked to disk, or in the folder it was unpacked to.

Nobody's archive is trusted. Of a .zip only the files that are asked for are unpacked, a piece at a time; one that gives
far more than it weighs is refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, Protocol

from seawall.sources.contract import RAW_LIMIT, Reject, SourceError
from seawall.sources.documents import read_documents, values_of
from seawall.sources.streams import BAD_ZIP, LONGEST_LINE

PIECE = 4 * 1024 * 1024  # bytes of a file that are looked through at a time
_READ = 16 * 1024  # bytes that are unpacked at a time: damage costs them, too
MOST_TIMES, SPARED = 200, 32 * 1024 * 1024  # a .zip may unpack to so many times its size, and a little more
_FILE = re.compile(r"(?:[^/]*/)*(?P<name>[a-z][a-z0-9_-]*?)(?:-part\d+)?\.js")
_FIRST = re.compile(rb"\[\s*\{\s*(\"(?:[^\"\\]|\\.){1,100}\")\s*:")


class Stretch(NamedTuple):
    """Some elements of a file, numbered from `first`; with them so much of the file is read, 1 being all."""

    first: int
    values: list[tuple[int, bytes]]
    rejects: list[Reject]
    share: float = 1.0
    ended: bool = True

    @property
    def last(self) -> int:
        """Number of the last element."""
        return self.first + len(self.values) + len(self.rejects) - 1


class Shelf(Protocol):
    """Where the files of an archive are."""

    def files(self, name: str) -> list[str]:
        """The files that hold this kind of thing, parts in their order."""

    def stretches(self, file: str) -> Iterator[Stretch]:
        """The elements of a file."""


def name_of(file: str) -> str | None:
    """What a file of an archive holds, by its name; None if it is none."""
    found = _FILE.fullmatch(file)
    return found["name"].replace("_", "-") if found else None


class Folder:
    """The folder that an archive was unpacked to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self, name: str) -> list[str]:
        """See Shelf."""
        return sorted((path.name for path in self._folder.glob(f"{name}*.js") if name_of(path.name) == name), key=_part)

    def stretches(self, file: str) -> Iterator[Stretch]:
        """See Shelf."""
        for documents in read_documents(self._folder / file, None):
            gone = {reject.line for reject in documents.rejects}
            numbered = [(n, raw) for n, raw in enumerate(documents.values, documents.first) if n not in gone]
            yield Stretch(documents.first, numbered, documents.rejects)


class Zip:
    """An archive as it was downloaded. Raises SourceError if it is no sound .zip."""

    def __init__(self, location: Path) -> None:
        self.location = location
        try:
            self._zip = zipfile.ZipFile(location)
        except (*BAD_ZIP, ValueError) as error:
            raise SourceError(f"{location} is a damaged .zip file ({error}); get a whole copy") from error
        self._infos = {info.filename: info for info in self._zip.infolist() if info.filename and not info.is_dir()}
        self.size = location.stat().st_size
        self._left = self.size * MOST_TIMES + SPARED
        folders = [file.removesuffix("account.js") for file in self._infos if re.search(r"(^|/)account\.js$", file)]
        self.base = min(folders, key=len, default=None)
        self.holds_posts = any(name_of(file) in ("tweets", "tweet") for file in self._infos)

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def files(self, name: str) -> list[str]:
        """See Shelf."""
        return sorted((file for file in self._infos if self._inside(file) and name_of(file) == name), key=_part)

    def others(self) -> Iterator[str]:
        """All files besides, by their names; pictures and videos together."""
        for file in self._infos:
            yield name_of(file) or "" if self._inside(file) else ""

    def weight(self, file: str) -> int:
        """Packed bytes of a file."""
        return self._infos[file].compress_size

    def made(self, file: str) -> datetime:
        """When a file was packed, by the clock of whoever packed it; taken as UTC."""
        try:
            return datetime(*self._infos[file].date_time, tzinfo=UTC)
        except ValueError:
            return datetime(1980, 1, 1, tzinfo=UTC)

    def _inside(self, file: str) -> bool:
        base = self.base or ""
        return file.startswith(base) and "/" not in file[len(base) :]

    def stretches(self, file: str) -> Iterator[Stretch]:
        """See Shelf. Damage inside a file costs what follows it there."""
        info, number = self._infos[file], 1
        splitter = _Splitter()
        given, damage = 0, None
        try:
            with self._opened(info) as stream:
                while block := stream.read(min(PIECE, _READ)):
                    given += len(block)
                    self._account(info, len(block), given)
                    if whole := splitter.feed(block):
                        stretch = _stretch(whole, number)
                        yield stretch._replace(share=min(given / max(info.file_size, 1), 1.0), ended=False)
                        number = stretch.last + 1
                    if splitter.lost:
                        damage = f"an element of more than {LONGEST_LINE:,} bytes; what follows it is not read"
                        break
        except BAD_ZIP as error:
            damage = f"damaged from here on ({error}); get a whole copy of the archive and load it again"
        rest = _stretch(b"" if splitter.lost else splitter.rest(), number)
        if damage:
            rest.rejects.append(Reject(rest.last + 1, f"{name_of(file)}.js: {damage}", b""))
        yield rest

    def _opened(self, info: zipfile.ZipInfo) -> IO[bytes]:
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SourceError(f"{self.location} is packed in a way that X does not use: unpack it and pack it anew")
        try:
            return self._zip.open(info)
        except (RuntimeError, NotImplementedError) as error:  # a password
            raise SourceError(f"cannot read {info.filename[:80]} of {self.location}: {error}") from error

    def _account(self, info: zipfile.ZipInfo, more: int, given: int) -> None:
        """Count what is unpacked. Raises SourceError if it is more than any archive of X holds."""
        self._left -= more
        if self._left < 0 or given > info.compress_size * MOST_TIMES + SPARED:
            raise SourceError(
                f"{self.location} unpacks to more than {MOST_TIMES} times its size, which no archive of X does; "
                "it is refused"
            )


class _Splitter:
    """Cuts the array of a script where an element ends and the next begins: elements are objects that begin alike."""

    def __init__(self) -> None:
        self.lost = False  # an element has no end
        self._rest = b""
        self._came: list[bytes] = []
        self._waiting = 0  # bytes that came since the last look
        self._next: re.Pattern[bytes] | None = None  # the end of an element, before the next

    def feed(self, block: bytes) -> bytes:
        """The whole elements that are there with this block, once it is enough, without the array around them."""
        self._came.append(block)
        self._waiting += len(block)
        return self._whole() if self._waiting >= PIECE else b""

    def _whole(self) -> bytes:
        self._rest = b"".join([self._rest, *self._came])
        self._came, self._waiting, cut = [], 0, 0
        if self._next is None and (first := _FIRST.search(self._rest[:65536])):
            self._rest = self._rest[first.start() + 1 :]
            self._next = re.compile(rb"\}\s*,\s*(?=\{\s*" + re.escape(first[1]) + rb"\s*:)")
        if self._next:
            cut = max((match.end() for match in self._next.finditer(self._rest)), default=0)
        whole, self._rest = self._rest[:cut], self._rest[cut:]
        self.lost = len(self._rest) > LONGEST_LINE
        return whole.rstrip(b", \t\r\n")

    def rest(self) -> bytes:
        """What follows the last cut: elements without the array around them, or the whole script if there is none."""
        left = b"".join([self._rest, *self._came])
        return left.rstrip(b"; \t\r\n").removesuffix(b"]") if self._next else left


def _stretch(elements: bytes, first: int) -> Stretch:
    whole = elements if elements.lstrip().startswith((b"window", b"[")) else b"[" + elements + b"]"
    values, damaged = values_of(whole)
    gone = {reject.line for reject in damaged}
    numbers = [n for n in range(1, len(values) + len(damaged) + 1) if n not in gone]
    numbered = [(first + n - 1, raw) for n, raw in zip(numbers, values, strict=True)]
    rejects = [Reject(first + r.line - 1, r.reason, r.raw[:RAW_LIMIT]) for r in damaged]
    return Stretch(first, numbered, rejects)


def _part(file: str) -> tuple[int, str]:
    found = re.search(r"-part(\d{1,9})\.js$", file)
    return int(found[1]) if found else 0, file
