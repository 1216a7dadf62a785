"""A Matrix server that is followed: what it must be told, how it is tried, and the rooms that are then read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.sources.contract import Batch, Cursor, SourceError
from seawall.sources.kinds import Ask, Checked
from seawall.sources.loading import Followed
from seawall.sources.matrix.facts import NAME
from seawall.sources.matrix.rooms import MatrixRooms
from seawall.sources.matrix.server import Server, ServerError

_ADMIN = "/_synapse/admin/v1"


class MatrixLive(Followed):
    """Asks a Synapse server's admin API for new messages of public rooms, or of rooms that are named."""

    name = NAME
    pause: float = 10.0
    ASKS = (
        Ask("url", "The server's address, such as https://matrix.example.org"),
        Ask("token", "An admin's access token", secret=True),
        Ask("rooms", "Rooms to read, by their ids; none: every public room", many=True),
        Ask("seconds", "Seconds between two looks", default="10"),
    )

    def __init__(self, settings: Mapping[str, Any], platform: str = NAME) -> None:
        try:
            server = Server(settings["url"], settings["token"])
            self.pause = float(settings["seconds"])
        except ServerError as error:
            raise SourceError(str(error)) from error
        except ValueError as error:
            raise SourceError(f"'{settings['seconds']}' is no number of seconds") from error
        if not self.pause >= 1:
            raise SourceError("there must be a second or more between two looks")
        self._rooms = MatrixRooms(server, settings["rooms"], platform)

    @staticmethod
    def check(settings: Mapping[str, Any]) -> Iterator[Checked]:
        """Whether the server answers, and lets this token read."""
        try:
            with Server(settings["url"], settings["token"]) as server:
                version = server.get(_ADMIN + "/server_version").get("server_version")
                yield Checked(True, f"{server.host} is Synapse {version}")
                rooms = server.get(_ADMIN + "/rooms", limit=1).get("total_rooms")
                yield Checked(True, f"the token may read its rooms, of which there are {rooms}")
        except ServerError as error:
            yield Checked(False, str(error))

    @property
    def address(self) -> str:
        """The server."""
        return self._rooms.address

    def fingerprint(self) -> str:
        """The server and the platform's name."""
        return self._rooms.fingerprint()

    def follow(self, cursor: Cursor | None) -> Iterator[Batch]:
        """What came since the cursor, once through all rooms."""
        return self._rooms.follow(cursor)
