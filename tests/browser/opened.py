"""A desk that runs as people run it, and browsers of people who use it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from desk import environment

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
PATIENCE = 30.0  # seconds until what is waited for counts as missing


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], what: str) -> Any:
    """Ask again and again until the answer is true; the answer."""
    ends = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < ends, f"waited {PATIENCE:.0f} s in vain: {what}"
        time.sleep(0.1)
    return found


class Desk:
    """A home that `seawall up` keeps open on a port of this machine."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.address = f"http://localhost:{port}"
        self.said = home.parent / "up.txt"
        self.pid = 0

    @contextmanager
    def up(self) -> Iterator[Desk]:
        """Open it: web, worker and scanner. At the end it has closed by itself, and no process of it is left."""
        env = {**environment(self.home), "NO_BROWSER": "1", "PORT": str(self.port)}
        with self.said.open("w") as said:
            process = subprocess.Popen([sys.executable, "-m", "seawall", "up"], env=env, stdout=said, stderr=said)
        self.pid = process.pid
        try:
            until(lambda: process.poll() is not None or "The desk is open" in self.said.read_text(), "the desk opens")
            assert process.poll() is None, self.said.read_text()
            children = self.children()
            yield self
            assert self.children() == children, self.said.read_text()  # none of them ended in between
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                ended = process.wait(30)
            except subprocess.TimeoutExpired:
                for pid in [*self.children(), process.pid]:
                    os.kill(pid, signal.SIGKILL)
                raise
        assert ended == 0, self.said.read_text()
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]

    def children(self) -> list[int]:
        """The desk's processes."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def link(self, words: str) -> str:
        """The address that was printed after these words."""
        found = re.search(rf"{words}\s+(http://\S+)", self.said.read_text())
        assert found, self.said.read_text()
        return found[1]


class Tab:
    """Somebody's browser: a context of its own, with every address it asked and every error it met."""

    def __init__(self, browser: Any, desk: Desk, **more: Any) -> None:
        self.desk = desk
        self.context = browser.new_context(**more)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.asked: list[tuple[str, str]] = []
        self.wrong: list[str] = []
        self.context.on("request", lambda request: self.asked.append((request.resource_type, request.url)))
        self.context.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self.page = self.context.new_page()

    def open(self, path: str, status: int = 200) -> Any:
        """Go there."""
        answer = self.page.goto(path if "://" in path else self.desk.address + path)
        assert answer.status == status, f"{answer.status} {path}"
        return self.page

    def press(self, name: str, role: str = "button") -> None:
        """Press the one button, or follow the one link, of that name."""
        self.page.get_by_role(role, name=name, exact=True).click()

    def reload_until(self, selector: str) -> Any:
        """Reload the page until it shows that."""
        found = self.page.locator(selector)
        until(lambda: found.count() or (self.page.reload() and found.count()), f"{selector} on {self.page.url}")
        return found.first

    def main(self) -> str:
        """What stands on the page."""
        return str(self.page.locator("main").inner_text())

    def shoot(self, name: str) -> None:
        """Keep a picture of the page beside the home."""
        self.page.screenshot(path=self.desk.home.parent / f"{name}.png", full_page=True)

    def close(self) -> None:
        """Nothing was asked of anybody but the desk, no picture of anybody's was loaded, and nothing went wrong."""
        self.context.close()
        ours = {f"localhost:{self.desk.port}", f"127.0.0.1:{self.desk.port}"}
        assert self.asked
        for kind, url in self.asked:
            place = urlsplit(url)
            assert place.scheme == "data" or (place.scheme == "http" and place.netloc in ours), url
            if kind in ("image", "media", "font", "object"):
                assert place.scheme == "data" or place.path.startswith("/static/"), url
        refused = "Failed to load resource: the server responded with a status of"  # a page that says no in words
        assert not [said for said in self.wrong if not said.startswith(refused)]


@contextmanager
def browsing(sync_api: Any) -> Iterator[Any]:
    """A Chromium that knows no host but this machine."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()
