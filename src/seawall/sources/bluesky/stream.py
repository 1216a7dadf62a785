"""The network followed live over a WebSocket: by Jetstream, or by the firehose that Jetstream is made of.

Jetstream's cursor is a time in microseconds. It is asked again from a little before it, as its makers advise, and the
lake leaves out what it has. The firehose numbers its frames and goes on after the last. Messages wait in a queue of
few; when it is full the socket is read no further and the server waits.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from typing import Any
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from seawall.sources.bluesky import payload
from seawall.sources.bluesky.feeds import LARGEST, Feed, Firehose, Jetstream
from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.gather import Gather
from seawall.sources.kinds import Ask, Checked
from seawall.sources.loading import Followed

PUBLIC = "wss://jetstream2.us-east.bsky.network/subscribe"
FIREHOSE = "com.atproto.sync.subscribeRepos"
_QUEUE = 64  # messages that wait at most
_MOST = 5_000  # messages of a batch
_GATHERED, _QUIET = 0.2, 0.5  # seconds that messages are gathered for; without one until that is said
_MOST_DIDS, _MOST_COLLECTIONS = 500, 100  # an address holds no more; Jetstream takes no more


class BlueskyStream(Followed):
    """Follows a Jetstream server or a firehose, as its address says."""

    name = "bluesky"
    ASKS = (
        Ask("url", f"Address of a Jetstream (…/subscribe) or of a firehose (…/xrpc/{FIREHOSE})", default=PUBLIC),
        Ask("collections", "Collections to read (none: posts, reposts, follows and profiles)", default="", many=True),
        Ask("dids", "Accounts to read, by DID (none: all)", default="", many=True),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = "bluesky") -> None:
        self.platform = platform
        self._url = _address(settings["url"])
        self._collections = _texts(settings.get("collections")) or list(payload.COLLECTIONS)
        self._dids = _texts(settings.get("dids"))
        if wrong := [did for did in self._dids if not did.startswith("did:")]:
            raise SourceError(f"'{wrong[0]}' is no DID; one begins with did:plc: or did:web:")
        if len(self._dids) > _MOST_DIDS or len(self._collections) > _MOST_COLLECTIONS:
            raise SourceError(f"at most {_MOST_DIDS} accounts and {_MOST_COLLECTIONS} collections; name none for all")

    @staticmethod
    def check(settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Connect, and see whether something comes."""
        try:
            source = BlueskyStream(settings)
            with closing(source.follow(None)) as batches:
                came = any(batch.read or batch.ignored for batch in islice(batches, 6))
        except SourceError as error:
            yield Checked(False, str(error))
            return
        yield Checked(True, f"connected to {source.address}")
        words = "events come" if came else "nothing came for three seconds, which is well where little happens"
        yield Checked(True, words)

    @property
    def address(self) -> str:
        """The server."""
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    def fingerprint(self) -> str:
        """The platform, the server, and what of it is read."""
        read = [] if self._collections == list(payload.COLLECTIONS) else sorted(self._collections)
        return "|".join([self.platform, self.address, *read, *sorted(self._dids)])

    def follow(self, cursor: Cursor | None) -> Generator[Batch, None, None]:
        """Events since the cursor (none: from now on), as they come; see `Followed.follow`."""
        feed = self._feed(cursor or {})
        with self._connected(feed) as socket:
            while True:
                batch = self._batch(socket, feed)
                if batch is None:
                    return
                yield batch

    def _feed(self, cursor: Cursor) -> Feed:
        if urlsplit(self._url).path.endswith(FIREHOSE):
            return Firehose(cursor, self._collections, self._dids)
        return Jetstream(cursor, self._collections, self._dids)

    @contextmanager
    def _connected(self, feed: Feed) -> Iterator[ClientConnection]:
        joint = "&" if "?" in self._url else "?"
        url = f"{self._url}{joint}{urlencode(feed.query())}"
        with ExitStack() as opened:
            try:
                socket = opened.enter_context(
                    connect(url, open_timeout=10, close_timeout=1, max_size=LARGEST, max_queue=_QUEUE, proxy=None)
                )
            except InvalidStatus as error:
                status, after = error.response.status_code, error.response.headers.get("Retry-After", "")
                words = f"{self.address} answers with {status} instead of a stream"
                raise SourceError(words, float(after) if after.isdecimal() else 0.0) from error
            except (OSError, WebSocketException, ValueError) as error:
                raise SourceError(f"cannot connect to {self.address}: {error or type(error).__name__}") from error
            yield socket

    def _batch(self, socket: ClientConnection, feed: Feed) -> Batch | None:
        """What comes in a moment; None if the server ended the stream."""
        gather, upto = Gather(self.platform, self.name), None
        until, wait, came = time.monotonic() + _QUIET, _QUIET, 0
        try:
            while came < _MOST and wait > 0:
                message = socket.recv(timeout=wait, decode=False)
                came += 1
                if came == 1:
                    until = time.monotonic() + _GATHERED
                upto = feed.read(gather, message) or upto
                wait = until - time.monotonic()
        except TimeoutError:
            pass
        except ConnectionClosed as error:
            if not came and error.rcvd and error.rcvd.code in (1000, 1001):
                return None
            if not came:
                raise SourceError(f"{self.address} broke off: {error}") from error
        if not came:
            return Batch({}, [], 0, feed.cursor, 0)
        batch = gather.done(feed.cursor, 0)
        batch.upto = upto
        return batch


def _address(given: object) -> str:
    url = str(given).strip()
    parts = urlsplit(url)
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise SourceError(f"'{url}' is no address of a stream; one begins with wss://")
    return url


def _texts(given: object) -> list[str]:
    """What was named, as a list; text holds names between blanks or commas."""
    parts = given if isinstance(given, list | tuple) else str(given or "").replace(",", " ").split()
    return [str(part).strip() for part in parts if str(part).strip()]
