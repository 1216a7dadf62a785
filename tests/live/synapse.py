"""A real Synapse on a free loopback port, for tests: installed once into a cache folder, started and stopped here.

The folder is SEAWALL_LIVE_DIR, or ~/.cache/seawall-live. Its data live in memory (/dev/shm) where that is possible,
and go when it stops.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

CACHE = Path(os.environ.get("SEAWALL_LIVE_DIR", Path.home() / ".cache" / "seawall-live"))
SECRET = "only-for-tests"
_PATIENCE = 60  # seconds until a server that does not answer counts as failed
_LIMITS = "{per_second: 10000, burst_count: 10000}"
_CONFIG = """\
server_name: localhost
public_baseurl: http://127.0.0.1:{port}/
listeners:
  - {{port: {port}, bind_addresses: ['127.0.0.1'], type: http, resources: [{{names: [client, media]}}]}}
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/localhost.signing.key
registration_shared_secret: {secret}
macaroon_secret_key: {secret}
form_secret: {secret}
report_stats: false
trusted_key_servers: []
federation_domain_whitelist: []
suppress_key_server_warning: true
enable_authenticated_media: true
rc_message: {limits}
rc_registration: {limits}
rc_admin_redaction: {limits}
rc_joins: {{local: {limits}, remote: {limits}}}
rc_login: {{address: {limits}, account: {limits}, failed_attempts: {limits}}}
rc_room_creation: {limits}
rc_invites: {{per_room: {limits}, per_user: {limits}, per_issuer: {limits}}}
rc_media_create: {limits}
"""
_NOTICES = "server_notices: {system_mxid_localpart: notices, room_name: Notices, auto_join: true}\n"
_LOG = """\
version: 1
formatters: {{plain: {{format: '%(asctime)s %(name)s %(levelname)s %(message)s'}}}}
handlers: {{file: {{class: logging.FileHandler, filename: {folder}/synapse.log, formatter: plain}}}}
root: {{level: WARNING, handlers: [file]}}
disable_existing_loggers: false
"""


@dataclass(frozen=True)
class Person:
    """A user of the server."""

    id: str
    token: str


class Synapse:
    """One server of one's own: `with Synapse() as server: ...`."""

    def __init__(self, *, notices: bool = True) -> None:
        self._python = installed()
        memory = Path("/dev/shm")
        self._folder = Path(tempfile.mkdtemp(prefix="synapse-", dir=memory if memory.is_dir() else None))
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._http = httpx.Client(base_url=self.url, timeout=30)
        self._sent = 0
        self._write_config(notices)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Synapse:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._http.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write_config(self, notices: bool) -> None:
        config = _CONFIG.format(port=self.port, folder=self._folder, secret=SECRET, limits=_LIMITS)
        (self._folder / "homeserver.yaml").write_text(config + (_NOTICES if notices else ""))
        (self._folder / "log.yaml").write_text(_LOG.format(folder=self._folder))
        (self._folder / "media").mkdir()
        self._run("--generate-keys").wait(_PATIENCE)

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        command = [self._python, "-m", "synapse.app.homeserver", "--config-path", "homeserver.yaml", *words]
        with (self._folder / "out.log").open("ab") as log:
            return subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)

    def start(self) -> float:
        """Start it and wait until it answers; the seconds that took."""
        began = time.monotonic()
        self._process = self._run()
        while time.monotonic() - began < _PATIENCE:
            if self._process.poll() is not None:
                break
            if self._answers():
                return time.monotonic() - began
            time.sleep(0.1)
        self.stop()
        raise RuntimeError("Synapse did not start:\n" + (self._folder / "out.log").read_text()[-4000:])

    def _answers(self) -> bool:
        try:
            return self._http.get("/_matrix/client/versions").is_success
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Stop the process that `start` started, and no other."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait()
        self._process = None

    def register(self, registration: Path) -> None:
        """Make an application service known, as the operator of a server does: a copy of its file, and a restart."""
        copy = self._folder / registration.name
        shutil.copy(registration, copy)
        with (self._folder / "homeserver.yaml").open("a") as config:
            config.write(f"app_service_config_files: [{copy}]\n")
        self.stop()
        self.start()

    @property
    def memory(self) -> int:
        """Bytes the server's process holds."""
        assert self._process
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024

    # What people do on it ---------------------------------------------------------------------------------------

    def ask(self, person: Person, method: str, path: str, **given: Any) -> httpx.Response:
        """A request as somebody; the answer as it came."""
        return self._http.request(method, path, headers={"Authorization": f"Bearer {person.token}"}, **given)

    def done(self, person: Person, method: str, path: str, **given: Any) -> Any:
        """A request as somebody that must succeed."""
        answer = self.ask(person, method, path, **given)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def person(self, name: str, *, admin: bool = False) -> Person:
        """Register a user."""
        nonce = self._http.get("/_synapse/admin/v1/register").json()["nonce"]
        signed = "\0".join([nonce, name, "password", "admin" if admin else "notadmin"]).encode()
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": "password", "admin": admin, "mac": mac}
        answer = self._http.post("/_synapse/admin/v1/register", json=body).raise_for_status().json()
        return Person(answer["user_id"], answer["access_token"])

    def room(self, owner: Person, *members: Person, preset: str = "public_chat", **given: Any) -> str:
        """Make a room and let members in; its id."""
        wish = {"preset": preset, "invite": [member.id for member in members], **given}
        room: str = self.done(owner, "POST", "/_matrix/client/v3/createRoom", json=wish)["room_id"]
        for member in members:
            self.done(member, "POST", f"/_matrix/client/v3/join/{room}", json={})
        return room

    def attempt(self, person: Person, room: str, kind: str = "m.room.message", **content: Any) -> httpx.Response:
        """Try to send an event."""
        self._sent += 1
        path = f"/_matrix/client/v3/rooms/{room}/send/{kind}/{self._sent}-{time.time_ns()}"
        return self.ask(person, "PUT", path, json=content)

    def send(self, person: Person, room: str, kind: str = "m.room.message", **content: Any) -> str:
        """Send an event; its id."""
        event: str = self.attempt(person, room, kind, **content).raise_for_status().json()["event_id"]
        return event

    def say(self, person: Person, room: str, text: str, **content: Any) -> str:
        """Send a text; its event id."""
        return self.send(person, room, msgtype="m.text", body=text, **content)

    def redact(self, person: Person, room: str, event: str) -> None:
        """Redact an event as somebody."""
        self.done(person, "PUT", f"/_matrix/client/v3/rooms/{room}/redact/{event}/{time.time_ns()}", json={})

    def upload(self, person: Person, content: bytes, kind: str = "image/png") -> str:
        """Upload a file; its mxc address."""
        headers = {"Authorization": f"Bearer {person.token}", "Content-Type": kind}
        answer = self._http.post("/_matrix/media/v3/upload", headers=headers, content=content)
        address: str = answer.raise_for_status().json()["content_uri"]
        return address

    def download(self, person: Person, address: str) -> int:
        """Try to download a file: the status of the answer."""
        path = f"/_matrix/client/v1/media/download/{address.removeprefix('mxc://')}"
        return self.ask(person, "GET", path).status_code


def installed() -> str:
    """The Python that has Synapse, installed on first use."""
    home = CACHE / "synapse"
    python = home / "bin" / "python"
    ready = home / "ready"
    if not ready.exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "matrix-synapse>=1.140"]
        subprocess.run(install, check=True)
        ready.touch()
    return str(python)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
