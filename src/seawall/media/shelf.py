"""Pictures of an export on disk, in a folder or an archive (.zip), and which of them a post carries.

A file is taken for a post's picture only where its name says so beyond doubt; what could be two is nobody's.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import urlsplit

MOST_FILES = 1_000_000
MOST_BYTES = 32 * 1024 * 1024  # of a picture
_SHORTEST = 8  # letters of a file's name, without its ending, that may stand for an address by itself
_TELEGRAM = "result.json"
# what reading a .zip raises that is damaged, encrypted or packed in an unknown way
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
_CHAT = re.compile(rb'"id":\s*(\d+)')


class MediaError(Exception):
    """Pictures cannot be read at all; the message says why and what to do next."""


class PictureError(Exception):
    """One picture cannot be read; the message says why."""


class Shelf:
    """The files of an export, by their names below it."""

    def __init__(self, location: Path) -> None:
        """Raises MediaError if it is neither a folder nor a .zip that can be read."""
        self._location = location
        self._archive = None if location.is_dir() else _archive(location)
        names = self._archive.namelist() if self._archive else _below(location)
        self._names = set(names)
        self._called: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self._called[PurePosixPath(name).name].append(name)
        self._chats = {folder: self._chat(folder) for folder in map(_folder, self._called.get(_TELEGRAM, []))}

    def content(self, name: str) -> bytes:
        """A file's bytes. Raises PictureError if they are too many, or damaged."""
        try:
            with self._opened(name) as stream:
                content = stream.read(MOST_BYTES + 1)
        except _BAD_ZIP as error:
            raise PictureError(f"the file cannot be read: {type(error).__name__}") from error
        if len(content) > MOST_BYTES:
            raise PictureError(f"the file has more than {MOST_BYTES >> 20} MB")
        return content

    def files_of(self, media: Iterable[dict[str, Any]]) -> list[str | None]:
        """The file of each of these rows of the lake's media; None where none is here, or not beyond doubt."""
        rows = list(media)
        shared = Counter(base for base, _ in {(_base(row["url"]), row["url"]) for row in rows if row["url"]})
        return [self._file_of(row, shared) if row["url"] else None for row in rows]

    def _file_of(self, row: dict[str, Any], shared: Counter[str]) -> str | None:
        url, post, base = str(row["url"]), str(row["post_id"]), _base(row["url"])
        if url.startswith("mxc://"):
            tree = f"{base[:2]}/{base[2:4]}/{base[4:]}"  # as Synapse keeps its own
            found = [name for name in self._called.get(base[4:], []) if f"/{name}".endswith(f"/{tree}")]
            return _only(found or self._stems(base))
        if not url.startswith(("http://", "https://")):
            return _only([name for folder in self._chats if (name := self._in_chat(folder, post, url))])
        named = self._called.get(f"{post}-{base}", [])  # as archives of X name them
        if named or len(PurePosixPath(base).stem) < _SHORTEST or shared[base] > 1:
            return _only(named)
        return _only(self._called.get(base, []))

    def _stems(self, base: str) -> list[str]:
        return [name for called, names in self._called.items() if called.partition(".")[0] == base for name in names]

    def _in_chat(self, folder: str, post: str, path: str) -> str | None:
        """A path as Telegram Desktop writes it, beside the result.json of the chat that the post is from."""
        chat = self._chats[folder]
        name = str(PurePosixPath(folder) / path)
        ours = chat is None or chat == "".join(filter(str.isdigit, post.partition("/")[0]))
        return name if ours and name in self._names else None

    def _chat(self, folder: str) -> str | None:
        """Which chat an export is of; None if it is of a whole account, whose paths name their chats."""
        with self._opened(str(PurePosixPath(folder) / _TELEGRAM)) as stream:
            head = stream.read(4096)
        found = _CHAT.search(head.partition(b'"messages"')[0])
        return found[1].decode() if found and b'"chats"' not in head else None

    def _opened(self, name: str) -> IO[bytes]:
        if self._archive:
            return self._archive.open(name)
        return (self._location / name).open("rb")


def _archive(location: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(location)
    except (*_BAD_ZIP, ValueError) as error:
        raise MediaError(f"{location} is no folder and no .zip: name the folder of the export") from error
    if len(archive.filelist) > MOST_FILES:
        raise MediaError(f"{location} holds more than {MOST_FILES:,} files: name a folder in it")
    return archive


def _below(location: Path) -> list[str]:
    """Files of a folder and of those in it; links are not followed."""
    found: list[str] = []
    for folder, _, names in os.walk(location):
        paths = [Path(folder) / name for name in names]
        found += [path.relative_to(location).as_posix() for path in paths if path.is_file() and not path.is_symlink()]
        if len(found) > MOST_FILES:
            raise MediaError(f"{location} holds more than {MOST_FILES:,} files: name a folder in it")
    return found


def _folder(name: str) -> str:
    return PurePosixPath(name).parent.as_posix()


def _base(url: str) -> str:
    try:
        return PurePosixPath(urlsplit(url).path).name
    except ValueError:  # no address
        return ""


def _only(found: list[str]) -> str | None:
    return found[0] if len(found) == 1 else None
