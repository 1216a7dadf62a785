"""The vault: sealed files named by their hash, and one small key file for each. Needs no Django.

Each thing is encrypted with age (X25519, ChaCha20-Poly1305) to a key of its own; that key is encrypted to the
custodian's public key and kept beside. Destroying the small file makes the content unreadable for good, in backups of
the vault too once they rotate. The desk holds only the custodian's public key: it can seal and never open.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyrage
from pyrage import x25519

RECIPIENT = "custodian.pub"  # under home/keys: the custodian's public key


class VaultError(Exception):
    """Evidence cannot be sealed, read or trusted; the message says which and what to do next."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What sealing gave: a random name, and the hashes of what was sealed and of the sealed file."""

    name: str
    content_hash: str
    sealed_hash: str
    size: int


class Vault:
    """The sealed files of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "vault"

    def recipient(self) -> x25519.Recipient:
        """The custodian's public key. Raises VaultError when there is none."""
        path = self.home / "keys" / RECIPIENT
        try:
            return x25519.Recipient.from_str(path.read_text("ascii").strip())
        except (OSError, ValueError, pyrage.RecipientError) as error:
            raise VaultError(
                f"no public key of an evidence custodian in {path}, so nothing can be sealed. Make one: "
                "seawall evidence key FILE (a file outside the home)"
            ) from error

    def seal(self, content: bytes) -> Sealed:
        """Seal content under a key of its own; when this returns it is on disk."""
        custodian = self.recipient()
        own = x25519.Identity.generate()
        sealed = pyrage.encrypt(content, [own.to_public()])
        name = secrets.token_hex(16)
        hashed = _hash(sealed)
        _write(self._key(name), pyrage.encrypt(str(own).encode(), [custodian]))
        _write(self._blob(hashed), sealed)
        return Sealed(name, _hash(content), hashed, len(content))

    def verify(self, sealed: Sealed) -> None:
        """Raises VaultError naming the file if it is gone or a byte of it changed."""
        path = self._blob(sealed.sealed_hash)
        try:
            found = _hash(path.read_bytes())
        except OSError as error:
            raise VaultError(f"sealed evidence {sealed.name} is gone: {error}") from error
        if found != sealed.sealed_hash:
            raise VaultError(f"sealed evidence {sealed.name} was changed: {path} has hash {found}")
        if not self._key(sealed.name).exists():
            raise VaultError(f"the key of sealed evidence {sealed.name} is gone: {self._key(sealed.name)}")

    def open(self, sealed: Sealed, identity: x25519.Identity) -> bytes:
        """The content, with the custodian's own key. Raises VaultError if it is not that key, or anything changed."""
        self.verify(sealed)
        try:
            own = x25519.Identity.from_str(pyrage.decrypt(self._key(sealed.name).read_bytes(), [identity]).decode())
            content = pyrage.decrypt(self._blob(sealed.sealed_hash).read_bytes(), [own])
        except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
            raise VaultError(f"this key does not open {sealed.name}: {error}") from error
        if _hash(content) != sealed.content_hash:
            raise VaultError(f"the content of {sealed.name} is not what was sealed")
        return content

    def verify_destroyed(self, sealed: Sealed) -> None:
        """Raises VaultError if anything of what was destroyed is there again, as after restoring an old copy."""
        for path in (self._key(sealed.name), self._blob(sealed.sealed_hash)):
            if path.exists():
                raise VaultError(f"{sealed.name} was destroyed, and {path} is there")

    def destroy(self, sealed: Sealed) -> None:
        """Destroy the key, then the file; when this returns they are gone from disk. Safe to repeat."""
        for path in (self._key(sealed.name), self._blob(sealed.sealed_hash)):
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _sync(path.parent)

    def older_than(self, moment: float) -> Iterator[Path]:
        """Every file in the vault last written before a moment (seconds since 1970), unfinished ones too."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path.stat().st_mtime < moment:
                yield path

    def _blob(self, hashed: str) -> Path:
        return self.folder / hashed[:2] / f"{hashed}.age"

    def _key(self, name: str) -> Path:
        return self.folder / "keys" / f"{name}.age"


def make_custodian(path: Path, home: Path) -> str:
    """Make the custodian's key pair: the secret half in `path`, outside the home; the public half in the home.

    Raises VaultError if `path` is inside the home, or either half is there already. Returns the public key.
    """
    if path.resolve().is_relative_to(home.resolve()):
        raise VaultError(f"{path} is inside the home {home}: whoever copies the home would hold the key too")
    public = home / "keys" / RECIPIENT
    if public.exists():
        raise VaultError(f"there is a custodian's key already: {public}. Changing it needs the old one at hand.")
    identity = x25519.Identity.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(f"# the evidence custodian's key: whoever has it can open sealed evidence\n{identity}\n")
    except FileExistsError as error:
        raise VaultError(f"{path} exists; nothing was changed") from error
    _write(public, str(identity.to_public()).encode())
    return str(identity.to_public())


def read_custodian(path: Path) -> x25519.Identity:
    """The custodian's secret key from its file. Raises VaultError."""
    try:
        lines = [line.strip() for line in path.read_text("ascii").splitlines() if line.startswith("AGE-SECRET-KEY-")]
        return x25519.Identity.from_str(lines[0])
    except (OSError, ValueError, IndexError, pyrage.IdentityError) as error:
        raise VaultError(f"{path} holds no custodian's key") from error


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
