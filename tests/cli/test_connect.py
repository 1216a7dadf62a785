"""Connecting and watching from the command line, with a server on loopback that answers as Synapse does."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from apart import command
from command import Command
from desk import environment, run
from live.packages import free_port
from seawall.cli.watch import spark
from seawall.ledger.config import SettingsError, read_settings
from seawall.sources.contract import SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.watching import Watch, forget, live_source, save, settings_of, watches

TOKEN = "syt_a_secret"
ROOM = "!hall:s"


class Synapse(ThreadingHTTPServer):
    """Gives one room with some messages to whoever has the token."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        status, said = self._answer(path) if self.headers["Authorization"] == f"Bearer {TOKEN}" else (401, {})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(said or {"errcode": "M_UNKNOWN_TOKEN", "error": "no"}).encode())

    def _answer(self, path: str) -> tuple[int, dict[str, Any]]:
        answers: list[tuple[str, dict[str, Any]]] = [
            ("/server_version", {"server_version": "1.99"}),
            ("/whoami", {"user_id": "@root:s"}),
            ("/admin$", {"admin": True}),
            ("/rooms$", {"rooms": [{"room_id": ROOM, "join_rules": "public"}], "total_rooms": 1}),
            ("/sync$", {"next_batch": "s9"}),
            ("/messages$", {"chunk": [] if "from=" in self.path else [_message(n) for n in range(3)]}),
            ("/users/", {"displayname": "A name"}),
        ]
        for pattern, said in answers:
            if re.search(pattern, path):
                return 200, said
        return 404, {"errcode": "M_NOT_FOUND", "error": "no such thing"}

    def log_message(self, *_: Any) -> None:
        """Nothing is said of requests."""


def _message(n: int) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": f"words {n}"}
    return {
        "type": "m.room.message", "event_id": f"$e{n}", "room_id": ROOM, "sender": f"@a{n}:s",
        "origin_server_ts": 1_700_000_000_000 + n, "content": content,
    }  # fmt: skip


@pytest.fixture
def synapse() -> Iterator[Synapse]:
    server = Synapse()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    return path


def refused(home: Path, *words: object) -> str:
    """What `seawall ...` says when it does not do it."""
    ended = command(words, environment(home))  # which gives it no stdin to ask anybody
    assert ended.code == 1, ended.out
    return ended.err


def test_connect_tests_writes_and_watch_reads(tmp_path: Path, synapse: Synapse, token: Path) -> None:
    home = tmp_path / "home"
    run(home, "init")
    settings = home / "seawall.toml"
    settings.write_text(settings.read_text().replace("keep_days = 180  ", "keep_days = 90 # ours: our law\n# "))
    words = ["connect", "matrix", "--name", "hall", "--set", f"url={synapse.url}", "--secret-file", token]
    said = run(home, *words, "--watch-only", "--set", "seconds=5", "--shed", 500)
    assert "hall is connected" in said
    assert watches(home) == {"hall": Watch("hall", "matrix", "hall", 500, {"url": synapse.url, "seconds": "5"})}
    assert "keep_days = 90 # ours: our law" in settings.read_text()
    assert TOKEN not in settings.read_text()
    secret = home / "keys" / "read-hall.json"
    assert json.loads(secret.read_bytes()) == {"token": TOKEN}
    assert secret.stat().st_mode & 0o777 == 0o600
    assert not (home / "keys" / "act-hall.json").exists()
    assert "watch.connect" in run(home, "audit", "show")
    assert "read 3, 0 rejected" in run(home, "watch", "hall", "--once")
    (state,) = [json.loads(line) for line in run(home, "watch", "--json").splitlines()]
    assert (state["name"], state["state"], state["totals"]["read"]) == ("hall", "stopped", 3)
    assert json.loads(run(home, "connect", "--json"))["connected"] == {"hall": "matrix"}
    run(home, "disconnect", "hall")
    assert "keep_days = 90 # ours: our law" in settings.read_text()
    assert (watches(home), list((home / "keys").glob("read-*")), list((home / "watch").iterdir())) == ({}, [], [])


def test_a_server_that_pushes_is_given_a_registration(tmp_path: Path, synapse: Synapse, token: Path) -> None:
    home, port = tmp_path / "home", free_port()
    run(home, "init")
    words = ["connect", "matrix", "--watch-only", "--url", synapse.url, "--token-file", token]
    said = run(home, *words, "--set", f"push_port={port}")
    registration = home / "keys" / "registration-matrix.yaml"
    assert f"copy {registration}" in said
    assert "app_service_config_files:" in said
    assert registration.stat().st_mode & 0o777 == 0o600
    kept = json.loads((home / "keys" / "read-matrix.json").read_bytes())
    for name in ("hs_token", "as_token"):
        assert f'{name}: "{kept[name]}"' in registration.read_text()
        assert len(kept[name]) >= 43
        assert kept[name] not in said + (home / "seawall.toml").read_text()
    assert live_source(home, "matrix")[1].pause == 0
    run(home, *words, "--set", f"push_port={port}")  # again: with new secrets
    assert json.loads((home / "keys" / "read-matrix.json").read_bytes())["hs_token"] != kept["hs_token"]
    run(home, "disconnect", "matrix")
    assert not registration.exists()


def test_what_does_not_work_is_not_connected_and_leaves_nothing(tmp_path: Path, synapse: Synapse, token: Path) -> None:
    home = tmp_path / "home"
    run(home, "init")
    token.write_text("wrong")
    words = ["connect", "matrix", "--watch-only", "--url", synapse.url]
    assert "log in again" in refused(home, *words, "--token-file", token)
    assert "'token' is needed" in refused(home, *words).replace("token is", "'token' is")
    assert "others on this machine could see it" in refused(home, *words, "--set", f"token={TOKEN}")
    assert "asks for: url, token" in refused(home, *words, "--set", "colour=red")
    assert "no kind of platform 'gopher'" in refused(home, "connect", "gopher")
    token.write_text(TOKEN)
    assert "no number of seconds" in refused(home, *words, "--token-file", token, "--set", "seconds=soon")
    assert not list(home.glob("keys/read-*"))
    assert watches(home) == {}


# --- the settings ----------------------------------------------------------------------------------------------------

GIVEN = {
    "url": "https://matrix.example.org", "token": TOKEN, "rooms": [ROOM], "seconds": "10",
    "push_port": "", "hs_token": "", "as_token": "",
}  # fmt: skip


def test_a_watch_that_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "seawall.toml").write_text("# ours\n[lake]\nkeep_days = 3 # why\n\n[watch.other]\nkind = 'matrix'\n")
    save(tmp_path, Watch("my.hall", "matrix", "matrix", 9), GIVEN)
    watch, source = live_source(tmp_path, "my.hall")
    assert (watch.platform, watch.shed, source.address) == ("matrix", 9, "matrix.example.org")
    assert settings_of(KINDS["matrix"], {**watch.answers, "token": TOKEN}) == GIVEN
    text = (tmp_path / "seawall.toml").read_text()
    assert text.startswith("# ours\n[lake]\nkeep_days = 3 # why\n")
    assert set(read_settings(tmp_path).watch) == {"my.hall", "other"}
    assert forget(tmp_path, "my.hall")
    assert not forget(tmp_path, "my.hall")
    assert set(watches(tmp_path)) == {"other"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('kind = "gopher"', "kind must be one of"),
        ('kind = "matrix"\nplatform = "Not A Name"', "no name"),
        ('kind = "matrix"\nshed = 0', "shed must be a number"),
        ('kind = "matrix"\nshed = true', "shed must be a number"),
    ],
)
def test_a_table_that_is_wrong_is_said_by_name(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "seawall.toml").write_text(f"[watch.hall]\n{table}\n")
    with pytest.raises(SourceError, match=said):
        watches(tmp_path)
    with pytest.raises(SettingsError, match=said):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('colour = "red"', "'colour' is no setting of matrix"),
        ('url = "https://x.example"\nrooms = 7', "rooms must be a list"),
        ("url = true", "url must be a text"),
        ("", "url is missing"),
        ('url = "gopher://x"', "http"),
    ],
)
def test_answers_that_are_wrong_are_said_by_name(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "seawall.toml").write_text(f'[watch.hall]\nkind = "matrix"\n{line}\n')
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "read-hall.json").write_text(json.dumps({"token": TOKEN}))
    with pytest.raises(SourceError, match=said):
        live_source(tmp_path, "hall")


def test_what_is_not_connected_or_has_lost_its_secret_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not connected"):
        live_source(tmp_path, "hall")
    save(tmp_path, Watch("hall", "matrix", "hall"), GIVEN)
    (tmp_path / "keys" / "read-hall.json").unlink()
    with pytest.raises(SourceError, match="Connect it again"):
        live_source(tmp_path, "hall")


def test_settings_of_earlier_versions_are_moved_once(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "read-hall.json"
    path.parent.mkdir()
    old = {"kind": "matrix", "base_url": GIVEN["url"], "token": TOKEN, "rooms": [ROOM]}
    path.write_text(json.dumps(old))
    _, source = live_source(tmp_path, "hall")
    assert source.fingerprint() == "hall:matrix.example.org"
    assert json.loads(path.read_bytes()) == {"token": TOKEN}
    moved = (tmp_path / "seawall.toml").read_text()
    live_source(tmp_path, "hall")
    assert (tmp_path / "seawall.toml").read_text() == moved
    assert watches(tmp_path)["hall"].answers == {"url": GIVEN["url"], "rooms": [ROOM]}


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_without_watchers_the_list_says_what_to_do(seawall: Command) -> None:
    assert "seawall connect" in seawall.ok("watch").out
    assert "is not connected" in seawall.fails("watch", "hall", "--once")


def test_a_watcher_in_trouble_is_an_exit_status(seawall: Command) -> None:
    save(seawall.home, Watch("hall", "matrix", "hall"), GIVEN)
    assert "never started" in seawall.ok("watch").out
    (seawall.home / "watch").mkdir()
    (seawall.home / "watch" / "hall.json").write_text(
        json.dumps({"name": "hall", "kind": "matrix", "platform": "hall", "state": "reading"})
    )
    ran = seawall("watch")
    assert (ran.code, "ended without saying so" in ran.out) == (1, True)


def test_bars_are_as_high_as_their_numbers() -> None:
    assert spark([0, 1, 50, 100]) == " ▁▄█"
    assert spark([]) == ""
