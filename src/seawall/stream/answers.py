"""Asking the process that has the index of the suspended loaded about one account, from another process of the home.

A socket in the home's folder, which only its owner opens. What is answered is not kept on either side; whoever asks
for a person writes down that they did.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from seawall.signals.returns.posterior import Hypothesis

_PATIENCE = 0.5  # seconds that a question may take to come
_LONGEST = 10.0  # seconds that an answer may take
_MOST = 4_096  # bytes of a question


class Question(msgspec.Struct):
    """Whose return may this account be?"""

    platform: str
    account_id: str


class Answer(msgspec.Struct):
    """What may be said of it: nothing where it is suspended itself, or nobody is."""

    suspended: int  # accounts that it was compared with
    said: Hypothesis | None


class Answering:
    """Takes questions and answers them, one at a time, when `serve` is called."""

    def __init__(self, path: Path, answer: Callable[[str, str], Answer]) -> None:
        self._path, self._answer = path, answer
        self._path.unlink(missing_ok=True)  # of one that was killed: whoever makes this holds the lock
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.setblocking(False)
        with _near(path) as name:
            self._socket.bind(name)
        self._socket.listen(8)

    def serve(self) -> int:
        """Answer whoever waits; how many did."""
        count = 0
        with suppress(BlockingIOError):
            while True:
                asked, _ = self._socket.accept()
                with asked, suppress(OSError, msgspec.DecodeError):
                    asked.settimeout(_PATIENCE)
                    given = msgspec.json.decode(_all_of(asked), type=Question)
                    asked.sendall(msgspec.json.encode(self._answer(given.platform, given.account_id)))
                count += 1
        return count

    def close(self) -> None:
        """Answer nobody any more."""
        self._socket.close()
        self._path.unlink(missing_ok=True)


def ask(path: Path, platform: str, account_id: str) -> Answer | None:
    """What is answered about an account; None where nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as asking, _near(path) as name:
            asking.settimeout(_LONGEST)
            asking.connect(name)
            asking.sendall(msgspec.json.encode(Question(platform, account_id)))
            asking.shutdown(socket.SHUT_WR)
            return msgspec.json.decode(_all_of(asking, None), type=Answer)
    except (OSError, msgspec.DecodeError):
        return None


def _all_of(connection: socket.socket, most: int | None = _MOST) -> bytes:
    said = b""
    while part := connection.recv(65_536):
        said += part
        if most is not None and len(said) > most:
            raise OSError("a question is short")
    return said


class _near:  # noqa: N801 - used like a function
    """A short name of a file, since a socket's may have a hundred letters only: through its folder, held open."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        self._folder = os.open(self._path.parent, os.O_RDONLY)
        return f"/proc/self/fd/{self._folder}/{self._path.name}" if Path("/proc/self/fd").exists() else str(self._path)

    def __exit__(self, *_: object) -> None:
        os.close(self._folder)
