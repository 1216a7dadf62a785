"""Mastodon's API over real HTTP, by PyPI's mastodon_mock: a stateful mock of it, not Mastodon itself."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from live.following import rows, watching
from live.packages import end, free_port, installed, up
from seawall.sources.contract import SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.loading import Followed
from stream.flows import home_with_rule
from stream.watching import until

CONFIG = """\
[server]
host = "127.0.0.1"
port = {port}
[database]
path = "{folder}/db.sqlite"
[streaming]
enabled = true
heartbeat_seconds = 1
[[seed.accounts]]
username = "alice"
access_token = "t-alice"
[[seed.accounts]]
username = "bob"
access_token = "t-bob"
"""


class Server:
    """One server with its own folder; what people do on it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "conf.toml").write_text(CONFIG.format(port=self.port, folder=folder))
        self.start()

    def start(self) -> None:
        program = installed("mastodon_mock", "mastodon_mock==0.6.1") / "mastodon_mock"
        log = self._folder / "out.log"
        with log.open("ab") as out:
            words = [str(program), "serve", "--config", "conf.toml"]
            self.process = subprocess.Popen(words, cwd=self._folder, stdout=out, stderr=out)
        up(self.process, self.url + "/api/v2/instance", log.read_text)

    def post(self, token: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(self.url + path, headers=headers, data=given, timeout=30, trust_env=False)
        return answer.raise_for_status().json()

    def say(self, text: str, token: str = "t-alice", **given: Any) -> str:
        found: str = self.post(token, "/api/v1/statuses", status=text, **given)["id"]
        return found

    def remove(self, post_id: str) -> None:
        headers = {"Authorization": "Bearer t-alice"}
        httpx.delete(f"{self.url}/api/v1/statuses/{post_id}", headers=headers, timeout=30).raise_for_status()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    end(started.process)


def _source(server: Server, stream: str = "public", token: str = "t-bob") -> Followed:
    return KINDS["mastodon"].followed({"url": server.url, "token": token, "stream": stream}, "mastodon")


def _ids(home: Path) -> list[str]:
    return [row["post_id"] for row in rows(home, "posts")]


def test_every_post_is_in_the_lake_once_through_a_pause_and_a_restart_of_the_server(
    server: Server, tmp_path: Path
) -> None:
    home = home_with_rule(tmp_path / "home", posts=1)
    said = [server.say(f"before {n}") for n in range(5)]
    with watching(home, _source(server)):
        until(lambda: len(_ids(home)) == 5)  # the timeline's page
        said += [server.say(f"while it is open {n} #sea https://e.example/{n}") for n in range(60)]
        spread = server.post("t-bob", f"/api/v1/statuses/{said[0]}/reblog")["id"]
        server.say("SECRET", visibility="direct")
        server.say("SECRET", visibility="private")
        server.remove(said[1])
        until(lambda: len(_ids(home)) == 66 and rows(home, "states"))
    said += [server.say(f"while nobody looks {n}") for n in range(90)]  # more than two pages
    with watching(home, _source(server)):
        until(lambda: len(_ids(home)) == 156)
        end(server.process)
        server.start()
        said += [server.say(f"after the restart {n}") for n in range(10)]
        until(lambda: len(_ids(home)) == 166, 60)
    found = _ids(home)
    assert sorted(found) == sorted([*said, spread])
    assert "SECRET" not in str(rows(home, "posts"))
    assert [(row["post_id"], row["state"]) for row in rows(home, "states")] == [(said[1], "deleted")]
    ties = {(row["kind"], row["post_id"]) for row in rows(home, "ties")}
    assert ("repost", spread) in ties
    assert sum(kind == "shared_link" for kind, _ in ties) == 60


def test_the_settings_are_tried(server: Server) -> None:
    def tried(**changes: str) -> list[bool]:
        settings = {"url": server.url, "token": "t-bob", "stream": "public", **changes}
        return [checked.ok for checked in KINDS["mastodon"].check(settings)]

    assert tried() == [True, True, True, True]
    assert tried(token="wrong") == [True, False]
    assert tried(url="http://127.0.0.1:1") == [False]
    assert tried(stream="everything") == [False]


def test_a_hashtag_is_followed_alone(server: Server, tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home", posts=1)
    with watching(home, _source(server, "#harbour")):
        tagged = [server.say(f"a tagged post {n} #harbour") for n in range(3)]
        server.say("another post #land")
        until(lambda: len(_ids(home)) == 3)
    assert sorted(_ids(home)) == sorted(tagged)


def test_a_token_that_the_server_does_not_know_is_said(server: Server) -> None:
    with pytest.raises(SourceError, match="401"):
        next(_source(server, "home", "wrong").follow(None))
