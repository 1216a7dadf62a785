"""Matrix: messages of public rooms, as a Synapse server gives them to its admins or as they were saved.

A post is a message, a sticker or a poll. Its id is its room and its event, `!room:server/$event`, because nothing can
be done about a Matrix event without its room. An account's id is the Matrix user id, `@name:server`; its handle is the
same without the '@'. A room is an account of kind group, by its room id; who joins it follows it.

`MatrixRooms` asks a server, without joining a room: by default only rooms that anybody may join, others only by name.
`MatrixExport` reads the same events from a file, one JSON object a line (`jq -c '.chunk[]'` of saved answers).

An edit is a post of its own, with the new words; a redaction is the state of what it redacts.

What is left out on purpose, and counted: messages that were redacted (their text is gone); encrypted messages, which
nobody but their readers can read and Seawall does not try to; reactions; answers to polls; places; the server's own
notices; invitations and leavings; and every other event. A malformed one is rejected with its reason.
"""

from seawall.sources.matrix.export import MatrixExport
from seawall.sources.matrix.payload import event_of, post_id_of
from seawall.sources.matrix.rooms import MatrixRooms
from seawall.sources.matrix.server import Server, ServerError

__all__ = ["MatrixExport", "MatrixRooms", "Server", "ServerError", "event_of", "post_id_of"]
