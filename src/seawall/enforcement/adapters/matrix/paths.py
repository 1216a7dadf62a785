"""What both the adapter and the check of a connection know of the server's API."""

from __future__ import annotations

from seawall.sources.matrix.server import ServerError

ADMIN = "/_synapse/admin"
CLIENT = "/_matrix/client/v3"


def sends_no_notices(error: ServerError) -> bool:
    """The server says that it sends no notices at all."""
    return error.status == 400 and "not enabled" in str(error)


def is_remote(error: ServerError) -> bool:
    """The account is of another server, which this one has no power over."""
    return error.status == 400 and "local users" in str(error)
