"""Matrix: messages of public rooms, as a Synapse server gives them to its admins or as they were saved.

A post's id is its room and its event, `!room:server/$event`, because nothing can be done about a Matrix event without
its room. An account's id is the Matrix user id, `@name:server`; its handle is the same without the '@'.

`MatrixRooms` asks a server, without joining a room: by default only rooms that anybody may join, others only by name.
`MatrixExport` reads the same events from a file, one JSON object a line (`jq -c '.chunk[]'` of saved answers).

What is left out on purpose, and counted: messages that were redacted (their text is gone); encrypted messages, which
nobody but their readers can read and Seawall does not try to; places; the server's own notices; and every event that
is no message, memberships among them. A malformed message is rejected with its reason.
"""

from seawall.sources.matrix.export import MatrixExport
from seawall.sources.matrix.payload import event_of, post_id_of
from seawall.sources.matrix.rooms import MatrixRooms
from seawall.sources.matrix.server import Server, ServerError

__all__ = ["MatrixExport", "MatrixRooms", "Server", "ServerError", "event_of", "post_id_of"]
