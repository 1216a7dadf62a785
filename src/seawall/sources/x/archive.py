"""The archive that an account's owner downloads, whole (.zip) or one of its files: posts, deleted ones, ties, profile.

Direct messages, contacts, addresses, phone numbers, what the platform sold and guessed: all other files are left out
unread, and counted by their names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from seawall.sources.cells import CellError, iso
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.documents import read_documents
from seawall.sources.gather import NO_JSON, Gather, batch_of
from seawall.sources.sniff import head_of
from seawall.sources.x import archive_facts as facts
from seawall.sources.x.archive_facts import PARTS, POSTS, Owner
from seawall.sources.x.shelf import Folder, Shelf, Stretch, Zip

_SCRIPT = re.compile(rb"(?:\xef\xbb\xbf)?\s*window\.(?:YTD\.(?P<name>\w{1,80})\.part\d+|__THAR_CONFIG)\s*=")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_NEAR = range(-2, 3)  # seconds between a long post and its whole text
_NOT_HERE = "It is the file that says whose archive this is: load the whole .zip, or put it beside this file."


def is_zip(location: Path) -> bool:
    """Whether a file is a .zip, whatever is in it."""
    try:
        with location.open("rb") as stream:
            return stream.read(4) in _ZIP
    except OSError:
        return False  # told when it is read


def script_of(head: bytes) -> str | None:
    """Which file of an archive begins like this; None if none does."""
    found = _SCRIPT.match(head)
    return (found["name"] or b"manifest").decode().replace("_", "-") if found else None


def read_zip(location: Path, cursor: Cursor | None, platform: str, source: str) -> Iterator[Batch]:
    """Read a whole archive. Raises SourceError if it is none, or does not say whose it is."""
    shelf = Zip(location)
    try:
        if shelf.base is None:
            if shelf.holds_posts:
                raise SourceError(f"{location} holds no account.js. {_NOT_HERE}")
            head_of(location)  # raises: it is some other .zip
        yield from _ReadZip(shelf, platform, source).read(cursor)
    finally:
        shelf.close()


def read_file(location: Path, name: str, cursor: Cursor | None, platform: str, source: str) -> Iterator[Batch]:
    """Read one file of an archive. Raises SourceError if account.js is not beside it."""
    if name not in PARTS:
        if cursor:
            return
        gather = Gather(platform, source)
        gather.batch.ignored[_unread(name)] += 1
        yield gather.done({"element": 0}, location.stat().st_size)
        return
    folder = Folder(location.parent)
    written = datetime.fromtimestamp(location.stat().st_mtime, UTC)
    if name == "account":
        owner = _owner_of(_only(read_documents(location, None)), None, written)
    elif folder.files("account"):
        owner = _owner(folder, written)
    else:
        raise SourceError(f"there is no account.js beside {location}. {_NOT_HERE}")
    if name in (*POSTS, "note-tweet"):
        _match(folder, owner)
    for documents in read_documents(location, cursor):
        gather = Gather(platform, source)
        for number, raw in enumerate(documents.values, documents.first):
            if raw:
                _element(gather, name, number, raw, owner)
        yield batch_of(gather, documents)


class _ReadZip:
    """The files of an archive, one after the other."""

    def __init__(self, shelf: Zip, platform: str, source: str) -> None:
        self._shelf, self._platform, self._source = shelf, platform, source
        self._files = [(name, file) for name in PARTS for file in shelf.files(name)]
        self._weights = [shelf.weight(file) + 1 for _, file in self._files]

    def read(self, cursor: Cursor | None) -> Iterator[Batch]:
        """Batches from the cursor on. It says how many files are done, and how many elements of the next."""
        done, element = (int(str(cursor["file"])), int(str(cursor["element"]))) if cursor else (0, 0)
        if done >= len(self._files):
            return
        owner = _owner(self._shelf, self._shelf.made(self._shelf.files("account")[0]))
        _match(self._shelf, owner)
        if cursor is None:
            yield self._others()
        for at in range(done, len(self._files)):
            name, file = self._files[at]
            for stretch in self._shelf.stretches(file):
                if stretch.last > element or stretch.ended:
                    yield self._batch(name, at, stretch, element, owner)
            element = 0

    def _others(self) -> Batch:
        gather = Gather(self._platform, self._source)
        for name in self._shelf.others():
            if name not in PARTS and name != "manifest":  # it says when the archive was made
                gather.batch.ignored[_unread(name)] += 1
        return gather.done({"file": 0, "element": 0}, 0)

    def _batch(self, name: str, at: int, stretch: Stretch, element: int, owner: Owner) -> Batch:
        gather = Gather(self._platform, self._source)
        for number, raw in stretch.values:
            if number > element:
                _element(gather, name, number, raw, owner)
        new = [reject for reject in stretch.rejects if reject.line > element]
        gather.rejects[:] = sorted([*gather.rejects, *new], key=lambda reject: reject.line)
        gather.read += len(new)
        weights = self._weights
        read = (sum(weights[:at]) + weights[at] * stretch.share) / sum(weights)
        cursor: Cursor = {"file": at + 1, "element": 0} if stretch.ended else {"file": at, "element": stretch.last}
        return gather.done(cursor, int(self._shelf.size * read))


def _element(gather: Gather, name: str, number: int, raw: bytes, owner: Owner) -> None:
    """One element of a file; it stands under the name of what it is, in very old archives bare."""
    part = PARTS[name]
    with gather.reading(number, raw, part.called):
        given = msgspec.json.decode(raw)
        if isinstance(given, dict) and part.wrapper in given:
            given = given[part.wrapper]
        gather.check(part.fields, given)
        part.make(gather, msgspec.convert(given, part.struct), owner)


def _unread(name: str) -> str:
    if name.startswith("direct-message"):
        return "file of direct messages, unread"
    return f"file {name[:60]}.js, unread" if name else "pictures, videos and pages of the archive"


def _owner(shelf: Shelf, written: datetime) -> Owner:
    """Whose archive it is. Raises SourceError if account.js does not say it."""
    account = next((raw for file in shelf.files("account") for raw in _elements(shelf, file)), None)
    profile = next((raw for file in shelf.files("profile") for raw in _elements(shelf, file)), None)
    owner = _owner_of(account, profile, written)
    for file in shelf.files("manifest"):
        for raw in _elements(shelf, file):
            with suppress(CellError, KeyError, TypeError, *NO_JSON):
                owner.made = iso(msgspec.json.decode(raw)["archiveInfo"]["generationDate"])
    return owner


def _owner_of(account: bytes | None, profile: bytes | None, written: datetime) -> Owner:
    try:
        said = msgspec.convert(_unwrapped(account, "account"), facts.Account)
    except (msgspec.ValidationError, *NO_JSON) as error:
        raise SourceError(f"account.js does not say whose archive this is ({error}): get a whole copy of it") from error
    with suppress(msgspec.ValidationError, *NO_JSON):
        return Owner(said, msgspec.convert(_unwrapped(profile, "profile"), facts.Profile), written)
    return Owner(said, facts.Profile(), written)  # its elements are rejects where they are read


def _unwrapped(raw: bytes | None, wrapper: str) -> Any:
    given = msgspec.json.decode(raw) if raw else None
    return given.get(wrapper, given) if isinstance(given, dict) else given


def _only(stretches: Iterator[Any]) -> bytes | None:
    return next((raw for documents in stretches for raw in documents.values if raw), None)


def _elements(shelf: Shelf, file: str) -> Iterator[bytes]:
    return (raw for stretch in shelf.stretches(file) for _, raw in stretch.values)


def _match(shelf: Shelf, owner: Owner) -> None:
    """Find the posts that are the beginnings of whole texts. An archive without long posts costs nothing here."""
    notes: dict[int, list[facts.Note]] = defaultdict(list)
    for file in shelf.files("note-tweet"):
        for raw in _elements(shelf, file):
            with suppress(CellError, msgspec.ValidationError, *NO_JSON):
                note = msgspec.convert(_unwrapped(raw, "noteTweet"), facts.Note)
                notes[int(facts.moment(note.created_at).timestamp())].append(note)
    for file in [file for name in POSTS for file in shelf.files(name)] if notes else ():
        for raw in _elements(shelf, file):
            with suppress(CellError, msgspec.ValidationError, *NO_JSON):
                tweet = msgspec.convert(_unwrapped(raw, "tweet"), facts.Tweet)
                at = int(facts.moment(tweet.created_at).timestamp())
                near = (note for second in _NEAR for note in notes.get(at + second, ()))
                if found := next((note for note in near if facts.begins(tweet, note)), None):
                    owner.whole[facts.tweet_id(tweet)] = found
                    owner.matched.add(found.note_tweet_id)
