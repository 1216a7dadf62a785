"""The code an account holder appeals with: 100 bits, derived from a key that is not in the database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from seawall.ledger import home
from seawall.ledger.keys import secret

_FORM = re.compile(r"SW(?:-[A-Z2-7]{5}){4}")


def code_of(decision_id: int) -> str:
    """The code for the statement of a decision, such as 'SW-ABCDE-FGHIJ-KLMNO-PQRST'; always the same one."""
    mac = hmac.digest(secret(home(), "appeal-codes"), f"statement of {decision_id}".encode(), "sha256")
    letters = base64.b32encode(mac)[:20].decode()
    return "SW-" + "-".join(letters[i : i + 5] for i in range(0, 20, 5))


def hash_of(code: str) -> str:
    """What the ledger keeps of a code. However a person writes it: spaces, small letters, other dashes."""
    return hashlib.sha256(plain(code).encode()).hexdigest()


def plain(code: str) -> str:
    """The code in its one form; whatever is no code is given back upper-cased, and matches nothing."""
    letters = re.sub(r"[^A-Z0-9]", "", code.upper()).removeprefix("SW").replace("0", "O").replace("1", "I")
    formed = "SW-" + "-".join(letters[i : i + 5] for i in range(0, 20, 5))
    return formed if _FORM.fullmatch(formed) and len(letters) == 20 else code.upper()
