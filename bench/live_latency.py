"""How long a post takes to the queue on real servers: `seawall watch` and `seawall scanner` as people run them.

A Bluesky network, whose firehose is followed, and a Synapse, which pushes. Both are those of the live tests.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import Result
from bench.watch_latency import end, measured, seawall, told
from live.bluesky import Bluesky
from live.packages import free_port
from live.synapse import Synapse
from live.watched import Watched
from stream.flows import home_with_rule

PEOPLE = 120  # each says one thing that matches
WORDS = "the lamp is lit"


def run() -> list[Result]:
    """Seconds from a post to the case of its author: median and 99th percentile."""
    with tempfile.TemporaryDirectory(prefix="seawall-latency-") as folder:
        return [*_bluesky(Path(folder) / "bluesky"), *_matrix(Path(folder) / "matrix")]


def _bluesky(home: Path) -> list[Result]:
    with Bluesky() as network:
        people = {one.did: one for one in (network.person(f"person{n}") for n in range(PEOPLE + 1))}

        def post(author: str) -> None:
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            value = {"$type": "app.bsky.feed.post", "text": WORDS, "createdAt": now}
            create = {"$type": "com.atproto.repo.applyWrites#create", "collection": value["$type"], "value": value}
            network.write(people[author], [create])

        watched = Watched(home_with_rule(home, posts=1), "bluesky", [f"url={network.firehose}"])
        return told("live_latency bluesky", _taken(watched, post, list(people)))


def _matrix(home: Path) -> list[Result]:
    with Synapse() as server:
        admin, people = server.person("root", admin=True), [server.person(f"person{n}") for n in range(PEOPLE + 1)]
        halls = [server.room(*people[n : n + 8]) for n in range(0, len(people), 8)]
        by_id = {person.id: (person, halls[n // 8]) for n, person in enumerate(people)}
        home_with_rule(home, posts=1)
        token = home.with_name("token")
        token.write_text(admin.token)
        answers = [f"url={server.url}", "seconds=300", f"push_port={free_port()}"]
        watched = Watched(home, "matrix", answers, ["--watch-only", "--token-file", str(token)])
        watched.kill()
        server.register(home / "keys" / "registration-matrix.yaml")
        watched.start()
        return told(
            "live_latency matrix", _taken(watched, lambda author: server.say(*by_id[author], WORDS), list(by_id))
        )


def _taken(watched: Watched, post: Callable[[str], object], authors: list[str]) -> list[float]:
    scanner = seawall(watched.home, "scanner")
    try:
        return measured(post, authors, watched.home / "ledger.sqlite")
    finally:
        watched.kill()
        end([scanner])
