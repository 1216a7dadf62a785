"""The chain: each entry's hash covers the one before, and the newest is signed. It needs no Django.

After Schneier and Kelsey, "Secure audit logs to support computer forensics" (1999): hash chain and signed heads.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

START = "0" * 64  # what stands before the first entry
_FORM = "seawall-audit-1"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as it is hashed; see `audit.models.Entry` for what each field means."""

    seq: int
    at: str
    actor: str
    roles: str
    verb: str
    object: str
    reason: str
    detail: str
    prev: str
    hash: str = ""

    def computed_hash(self) -> str:
        """SHA-256, in hex, over the entry's fields and the hash before it, as a JSON list."""
        parts = [_FORM, *(getattr(self, f.name) for f in fields(self) if f.name != "hash")]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """A signed statement: at entry `seq`, at that time, the chain's hash was `hash`. `key` is the public key."""

    seq: int
    hash: str
    at: str
    signature: str
    key: str

    def as_json(self) -> str:
        """One line that can be kept elsewhere."""
        return json.dumps({"form": _FORM, **asdict(self)}, sort_keys=True)

    def signed(self) -> bool:
        """Whether the signature is that of the key it names."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.key))
            key.verify(bytes.fromhex(self.signature), _signed_text(self.seq, self.hash, self.at))
        except (InvalidSignature, ValueError):
            return False
        return True


def _signed_text(seq: int, hashed: str, at: str) -> bytes:
    return f"{_FORM} {seq} {hashed} {at}".encode()


def make_key() -> bytes:
    """A new signing key, in hex."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex().encode()


def sign(key: bytes, seq: int, hashed: str, at: str) -> Head:
    """A head for an entry, signed with a key that `make_key` made."""
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.decode()))
    signature = private.sign(_signed_text(seq, hashed, at)).hex()
    return Head(seq, hashed, at, signature, private.public_key().public_bytes_raw().hex())


class HeadError(ValueError):
    """A saved head that cannot be read."""


def read_head(path: Path) -> Head:
    """A head that was saved as JSON; of several lines the last. Raises HeadError."""
    try:
        line = [line for line in path.read_text("utf-8").splitlines() if line.strip()][-1]
        given = json.loads(line)
        return Head(int(given["seq"]), *(str(given[name]) for name in ("hash", "at", "signature", "key")))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise HeadError(f"{path} holds no saved head ({error}). 'seawall audit head --save FILE' makes one.") from error
