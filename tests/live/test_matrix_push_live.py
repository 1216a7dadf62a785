"""A Synapse that pushes, connected as people do it: what is posted is in the lake within seconds and once, after a
kill of the watcher too; and nothing of a private room."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from live.following import rows
from live.packages import free_port
from live.synapse import Synapse
from live.watched import Watched
from seawall.sources.matrix import post_id_of


@pytest.fixture
def server() -> Iterator[Synapse]:
    with Synapse() as started:
        yield started


def test_what_people_post_is_in_the_lake_at_once_and_once(server: Synapse, tmp_path: Path) -> None:
    admin, author, reader = server.person("root", admin=True), server.person("author"), server.person("reader")
    room, private = server.room(author, reader, name="Hall"), server.room(author, reader, preset="private_chat")
    token = tmp_path / "token"
    token.write_text(admin.token)
    answers = [f"url={server.url}", "seconds=600", f"push_port={free_port()}"]
    watching = Watched(tmp_path / "home", "matrix", answers, ["--watch-only", "--token-file", str(token)])
    home = watching.home
    try:
        watching.kill()
        server.register(home / "keys" / "registration-matrix.yaml")
        said = [server.say(author, room, f"before {n}") for n in range(3)]
        watching.start()
        watching.until(lambda: len(rows(home, "posts")) == 3, "what was posted before does not come")
        began = time.monotonic()
        said += [server.say(author, room, f"pushed {n}") for n in range(10)]
        server.say(author, private, "between us")
        watching.until(lambda: len(rows(home, "posts")) == 13, "what is pushed does not come")
        took = time.monotonic() - began
        watching.kill()
        said.append(server.say(reader, room, "while nobody looks"))
        server.redact(author, room, said[-2])
        watching.start()
        watching.until(lambda: len(rows(home, "posts")) == 14 and bool(rows(home, "states")), "the rest does not come")
    finally:
        watching.kill()
    print(f"ten posts in the lake after {took:.1f} s")
    assert sorted(row["post_id"] for row in rows(home, "posts")) == sorted(post_id_of(room, event) for event in said)
    assert [(row["post_id"], row["state"]) for row in rows(home, "states")] == [(post_id_of(room, said[-2]), "deleted")]
    follows = {(row["from_id"], row["to_id"]) for row in rows(home, "ties") if row["kind"] == "follow"}
    assert follows == {(author.id, room), (reader.id, room)}
    assert [row["name"] for row in rows(home, "accounts") if row["kind"] == "group"] == ["Hall"]
