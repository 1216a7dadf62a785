"""A Matrix server that is followed: what it must be told, how it is tried, and the rooms that are then read."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any

from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.kinds import Ask, Checked, Registration
from seawall.sources.loading import Followed
from seawall.sources.matrix.facts import NAME
from seawall.sources.matrix.push import Listener, Transaction, Transactions, registration
from seawall.sources.matrix.rooms import MatrixRooms, reached
from seawall.sources.matrix.server import Server, ServerError

_ADMIN = "/_synapse/admin/v1"
_QUIET = 0.5  # seconds without a transaction until that is said
_UNKNOWN = (
    "give it the registration that 'seawall connect' wrote, and restart it. Until then Seawall only looks for itself"
)
_WORDS = """\
So that the server tells Seawall what is new, copy {path} to where the server can read it and
nobody else can, add this to its homeserver.yaml, and restart it:
app_service_config_files:
  - /where/you/copied/it.yaml"""


class MatrixLive(Followed):
    """Asks a Synapse server's admin API for new messages of public rooms, or of rooms that are named: every so many
    seconds and, where it listens on a port, as soon as the server says that there are some."""

    name = NAME
    pause: float = 10.0
    ASKS = (
        Ask("url", "The server's address, such as https://matrix.example.org"),
        Ask("token", "An admin's access token", secret=True),
        Ask("rooms", "Rooms to read, by their ids; none: every public room", many=True),
        Ask("seconds", "Seconds between two looks", default="10"),
        Ask(
            "push_port", "A port of this machine where the server says what is new at once; none: only look", default=""
        ),
        Ask("hs_token", "What the server shows when it pushes", secret=True, default="", made_for="push_port"),
        Ask("as_token", "What Seawall shows as application service", secret=True, default="", made_for="push_port"),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = NAME) -> None:
        self._port = _port(settings)
        self._seconds = _seconds(settings)
        self._hs_token = settings.get("hs_token", "")
        if self._port and not (self._hs_token and settings.get("as_token")):
            raise SourceError("push_port needs secrets that Seawall makes: connect it again: seawall connect matrix")
        try:
            server = Server(settings["url"], settings["token"])
            self._service = Server(settings["url"], settings["as_token"]) if self._port else None
        except ServerError as error:
            raise SourceError(str(error)) from error
        self.pause = 0.0 if self._port else self._seconds
        self._called = _called(platform)
        self._rooms = MatrixRooms(server, settings["rooms"], platform)
        self._transactions = Transactions()

    @staticmethod
    def check(settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Whether the server answers, and lets this token read; and whether Seawall can listen."""
        try:
            with Server(settings["url"], settings["token"]) as server:
                version = server.get(_ADMIN + "/server_version").get("server_version")
                yield Checked(True, f"{server.host} is Synapse {version}")
                rooms = server.get(_ADMIN + "/rooms", limit=1).get("total_rooms")
                yield Checked(True, f"the token may read its rooms, of which there are {rooms}")
            if port := _port(settings):
                with Listener(port, "", Transactions()):
                    yield Checked(True, f"port {port} of this machine is free to listen on")
        except (ServerError, SourceError) as error:
            yield Checked(False, str(error))

    @staticmethod
    def registration(settings: Mapping[str, Any], platform: str) -> Registration | None:
        """What tells the server where to push."""
        if not (port := _port(settings)):
            return None
        tokens = settings["hs_token"], settings["as_token"]
        return Registration(registration(_called(platform), port, *tokens, settings["rooms"]), _WORDS)

    @property
    def address(self) -> str:
        """The server."""
        return self._rooms.address

    def fingerprint(self) -> str:
        """The server and the platform's name."""
        return self._rooms.fingerprint()

    def committed(self, cursor: Cursor) -> None:
        """What the server pushed is answered now, if it was about nothing after this cursor."""
        self._transactions.committed(reached(cursor))

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What came since the cursor: once through all rooms; with a port, again and again."""
        return self._pushed(cursor) if self._port else self._rooms.follow(cursor)

    def _pushed(self, at: Cursor | None) -> Generator[Batch, None, None]:
        """1. all rooms; 2. make sure that the server pushes; 3. rooms of which it says so, all rooms now and then."""
        self._transactions.open(reached(at))
        with Listener(self._port, self._hs_token, self._transactions) as listener:
            came: list[Transaction] = []
            looked = None
            while True:
                due = looked is None or time.monotonic() - looked >= self._seconds
                if due:
                    looked = time.monotonic()
                quiet = True
                if due or came:
                    rooms = frozenset[str]().union(*(transaction.rooms for transaction in came))
                    for batch in self._rooms.follow(at, None if due else rooms):
                        at, quiet = batch.cursor, False
                        yield batch
                self._transactions.looked(came, reached(at))
                if quiet:
                    yield Batch({}, [], 0, at or {}, reached(at))
                if not listener.greeted.is_set():
                    self._greet(listener)
                came = self._transactions.take(_QUIET)

    def _greet(self, listener: Listener) -> None:
        """Have the server try whether it reaches Seawall, and push what it could not before. Raises SourceError if it
        does not; Synapse may fail after it did, when it is just trying to push anyway."""
        assert self._service
        try:
            self._service.post(
                "/_matrix/client/v1/appservice/{}/ping", self._called, body={"transaction_id": "seawall"}
            )
        except ServerError as error:
            if listener.greeted.is_set():
                return
            said = (
                f"{self.address} does not know Seawall: {_UNKNOWN}"
                if error.status in (400, 401, 403)
                else _unreached(error)
            )
            raise SourceError(said, after=self._seconds) from error
        if not listener.greeted.is_set():
            raise SourceError(f"{self.address} reaches something else than Seawall: {_UNKNOWN}", after=self._seconds)


def _unreached(error: ServerError) -> str:
    """Why the server's try did not work, in words."""
    if not error.code.startswith(("M_BAD_STATUS", "M_CONNECTION_")):
        return str(error)
    return f"the server cannot reach Seawall, so Seawall only looks for itself: {error}"


def _called(platform: str) -> str:
    """Seawall's name as application service of the server."""
    return f"seawall-{platform}"


def _port(settings: Mapping[str, Any]) -> int:
    """The port to listen on, 0 for none. Raises SourceError."""
    given = str(settings.get("push_port") or "")
    if given and not (given.isdecimal() and 0 < int(given[:9]) < 65_536):
        raise SourceError(f"'{given}' is no port: it must be a number from 1 to 65535")
    return int(given or 0)


def _seconds(settings: Mapping[str, Any]) -> float:
    """Seconds between two looks. Raises SourceError."""
    try:
        seconds = float(settings["seconds"])
    except ValueError as error:
        raise SourceError(f"'{settings['seconds']}' is no number of seconds") from error
    if not seconds >= 1:
        raise SourceError("there must be a second or more between two looks")
    return seconds
