"""The chain: each entry's hash covers the one before, and the newest is signed. It needs no Django.

After Schneier and Kelsey, "Secure audit logs to support computer forensics" (1999): hash chain and signed heads.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
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
        """SHA-256, in hex, over the entry's fields and the hash before it."""
        return hash_of(
            (self.seq, self.at, self.actor, self.roles, self.verb, self.object, self.reason, self.detail, self.prev)
        )


def hash_of(hashed: tuple[object, ...]) -> str:
    """SHA-256, in hex, over an entry's fields but its hash: in a JSON list after the form's name, UTF-8, no spaces."""
    return hashlib.sha256(msgspec.json.encode((_FORM, *hashed))).hexdigest()


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
        """Whether the signature is that of the key it names, and both are written the one way they are made."""
        try:
            key, signature = bytes.fromhex(self.key), bytes.fromhex(self.signature)
            Ed25519PublicKey.from_public_bytes(key).verify(signature, _signed_text(self.seq, self.hash, self.at))
        except (InvalidSignature, ValueError):
            return False
        return (key.hex(), signature.hex()) == (self.key, self.signature)


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


def parse_head(line: str | bytes) -> Head:
    """A head from the line that `as_json` made. Raises HeadError."""
    try:
        given = json.loads(line)
        if given["form"] != _FORM or type(given["seq"]) is not int:
            raise HeadError(f"a line of it is no head of the form {_FORM}")
        return Head(given["seq"], *(str(given[name]) for name in ("hash", "at", "signature", "key")))
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise HeadError("a line of it is no saved head") from error


def read_heads(path: Path) -> list[Head]:
    """Heads that were saved as JSON, one a line, oldest first; never empty. Raises HeadError."""
    try:
        heads = [parse_head(line) for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise HeadError(f"cannot read saved heads from {path}: {error.strerror}") from error
    except HeadError as error:
        raise HeadError(f"cannot read saved heads from {path}: {error}") from error
    if not heads:
        raise HeadError(f"{path} is empty. 'seawall audit head --save FILE' saves a head in it.")
    return heads
