"""Acting on a Matrix server (Synapse) with the token of an admin account.

| Verb    | On      | What happens                                        | Taken back                            |
|---------|---------|-----------------------------------------------------|---------------------------------------|
| suspend | account | it may read and delete its own, and send nothing    | yes                                   |
| lock    | account | it is logged out of everything until it is unlocked | yes                                   |
| limit   | post    | its pictures and files are quarantined              | yes                                   |
| remove  | post    | it is redacted: the server gives its text away      | no, Matrix knows no way back          |

A post's id is `!room:server/$event`: its room and its event, as the source writes it, because Matrix can do nothing
about an event without its room. Synapse quarantines a file by its content: all copies of it on the server, whoever
posted them, are held and freed together.

Before it acts, the adapter writes what was before into the account data of its own account, under the order's key.
So `find` tells an order that was done from the same effect that somebody else had before, also after a crash, and undo
never lifts what others did. Nobody but that account sees these notes; they hold no content.

To redact, the account must be a moderator of the room. With `enters_rooms` the adapter lets itself in, visibly, where
it is not, by the power of the highest local member; without, such an order fails for good and says what to do.
"""

from seawall.enforcement.adapters.matrix.adapter import MatrixAdapter
from seawall.enforcement.adapters.matrix.checking import Line, check

__all__ = ["Line", "MatrixAdapter", "check"]
