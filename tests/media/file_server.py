"""A server of files on loopback, which can be slow, large, packed, broken, or send on."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Files(ThreadingHTTPServer):
    """Gives `files` by path; `moved` says where else some are, `status` what some are answered with."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.moved, self.status = files or {}, {}, {}  # type: dict[str, bytes], dict[str, str], dict[str, list[int]]
        self.asked: list[str] = []
        self.packed = False
        self.slow = 0.0  # seconds before each kilobyte
        self.tells_length = True
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str, host: str = "localhost") -> str:
        """The address of a file."""
        return f"http://{host}:{self.server_address[1]}{path}"

    def stop(self) -> None:
        """Answer nobody any more."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Files

    def do_GET(self) -> None:
        its = self.server
        its.asked.append(self.path)
        if self.path in its.moved:
            self._say(302, Location=its.moved[self.path])
        elif its.status.get(self.path):
            self._say(its.status[self.path].pop(0))
        elif self.path not in its.files:
            self._say(404)
        else:
            content = its.files[self.path]
            length = {"Content-Length": str(len(content))} if its.tells_length else {}
            self._say(200, **length, **({"Content-Encoding": "gzip"} if its.packed else {}))
            try:
                for start in range(0, len(content), 1024):
                    time.sleep(its.slow)
                    self.wfile.write(content[start : start + 1024])
            except OSError:
                pass  # whoever asked has had enough

    def _say(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers and status != 200:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is said."""
