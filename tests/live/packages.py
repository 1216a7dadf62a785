"""Servers out of PyPI, each with a Python of its own, installed once into the cache folder of the live tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from live.synapse import CACHE

PATIENCE = 120  # seconds until a server that does not answer counts as failed


def installed(name: str, *packages: str) -> Path:
    """The folder of programs of a Python that has these packages."""
    home = CACHE / name
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages], check=True)
        (home / "ready").touch()
    return home / "bin"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def up(process: subprocess.Popen[bytes], url: str, log: Callable[[], str]) -> None:
    """Wait until a server answers. Raises RuntimeError, with its log, if it does not."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            if httpx.get(url, timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    end(process)
    raise RuntimeError(f"{url} did not come up:\n{log()[-4000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process that was started here, and no other."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
