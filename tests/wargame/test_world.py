"""The synthetic platform: the same from the same seed, hard where it must be, and what a scan makes of it."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench.wargame import SPREADERS, Tally, copy_rules

from command import Command
from seawall.wargame import INNOCENT, Built, World, WorldRole, build
from seawall.wargame.acts import Kind
from seawall.wargame.cast import NETWORK
from seawall.wargame.phrases import LANGUAGES

SEEDS, ACCOUNTS = (31, 32, 33), 500


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("world"), 5, 300, 7)


def _posts(built: Built) -> Iterator[dict[str, Any]]:
    with gzip.open(built.posts) as stream:
        yield from map(json.loads, stream)


def _truth(built: Built) -> dict[str, str]:
    with built.truth.open(encoding="utf-8", newline="") as stream:
        return {row["account"]: row["world_role"] for row in csv.DictReader(stream)}


def test_the_same_seed_gives_the_same_files(built: Built, tmp_path: Path) -> None:
    again = build(tmp_path / "again", 5, 300, 7)
    other = build(tmp_path / "other", 6, 300, 7)
    for name in ("posts", "truth", "seeds"):
        assert getattr(built, name).read_bytes() == getattr(again, name).read_bytes()
        assert getattr(built, name).read_bytes() != getattr(other, name).read_bytes()
    assert built.roles == again.roles


def test_worlds_differ_in_habits_languages_and_words(tmp_path: Path) -> None:
    worlds = [World(seed, 200, 7) for seed in range(8)]
    assert len({world.habits for world in worlds}) == 8
    assert len({tuple(np.bincount(world.accounts.language).argsort()) for world in worlds}) > 4
    said = [Counter(post["text"] for post in _posts(build(tmp_path / str(n), n, 60, 3))) for n in (1, 2)]
    assert sum((said[0] & said[1]).values()) < 0.5 * sum(said[0].values())


def test_every_role_is_there_and_every_account_has_one(built: Built) -> None:
    truth = Counter(_truth(built).values())
    assert truth == {role.value: count for role, count in built.roles.items()}
    assert sum(truth.values()) == 300
    assert all(truth[role.value] >= 2 for role in WorldRole)


def test_nothing_but_the_truth_file_tells_a_role(built: Built) -> None:
    handles = {post["user"]["screen_name"] for post in _posts(built)}
    assert all(re.fullmatch(r"[a-z]{6,12}_\d+", handle) for handle in handles)
    by_id = [WorldRole(role) for _, role in sorted(_truth(built).items())]
    network = [i for i, role in enumerate(by_id) if role in NETWORK]
    assert min(network) < 60
    assert max(network) > 240


def test_posts_stand_in_order_and_answer_only_what_was_there() -> None:
    acts = World(9, 300, 7).acts
    assert (np.diff(acts.at) >= 0).all()
    linked = np.flatnonzero(acts.of >= 0)
    assert (acts.of[linked] < linked).all()
    assert (acts.who[linked] != acts.who[acts.of[linked]]).all()
    assert ((acts.of >= 0) == (acts.kind != Kind.POST)).all()


def test_all_that_is_written_loads(built: Built, seawall: Command, rows: Any) -> None:
    seawall.ok("load", "x", built.posts)
    stats = seawall.stats()
    assert stats["posts"] == built.written == sum(1 for _ in _posts(built))
    assert stats["rejects"] == 0
    assert stats["media"] > 50
    posts = rows("posts")
    assert {post["kind"] for post in posts} == {"post", "repost", "quote", "reply"}
    assert {post["lang"] for post in posts} == set(LANGUAGES)
    assert {account["bio"] is None for account in rows("accounts")} == {True, False}
    assert "seeds in all" in seawall.ok("seeds", "add", built.seeds).out


def test_its_truth_file_can_be_evaluated_on(built: Built, seawall: Command) -> None:
    seawall.ok("load", "x", built.posts)
    found = seawall.ok("evaluate", "supporters", "--truth", built.truth, "--k", 5, "--json").json()["k"]["5"]
    assert found["positives"] > 10
    assert found["negatives"] > 50
    assert found["signal"]["auc"]["value"] > 0.75


def test_every_address_is_nobodys(built: Built) -> None:
    with gzip.open(built.posts, "rt", encoding="utf-8") as stream:
        hosts = set(re.findall(r"https?://([^/\"\\]+)", stream.read()))
    assert len(hosts) > 4
    assert all(host == "example.org" or host.endswith(".example.org") for host in hosts)


def test_members_greet_and_pray_like_everybody(built: Built) -> None:
    truth = _truth(built)
    said: dict[str, set[str]] = {"organic": set(), "repeater": set()}
    for post in _posts(built):
        if re.search("Peace be upon|السلام عليكم|Мир вашему|Hayırlı cumalar|Que Dieu|Juma muborak|Жұма", post["text"]):
            said.setdefault(truth[str(post["user"]["id"])], set()).add(post["lang"])
    assert said["organic"]
    assert said["repeater"]


def test_a_journalist_and_a_member_say_the_same_words(built: Built) -> None:
    """Innocents quote slogans, use the network's hashtags, link its releases and repost it: words alone cannot tell."""
    truth, done = _truth(built), {role.value: Counter[str]() for role in WorldRole}
    for post in _posts(built):
        its = done[truth[str(post["user"]["id"])]]
        of = post.get("retweeted_status") or post.get("quoted_status")
        near = bool(of) and truth[str(of["user"]["id"])] in NETWORK
        its["repost"] += near and "retweeted_status" in post
        its["quote"] += near and "quoted_status" in post
        its["reply"] += truth.get(str(post.get("in_reply_to_user_id"))) in NETWORK
        its["release"] += any("/part-" in url["expanded_url"] for url in post["entities"]["urls"])
        its["named"] += any(truth[m["id_str"]] in NETWORK for m in post["entities"]["user_mentions"])
    for role in (WorldRole.JOURNALIST, WorldRole.COUNTER_SPEECH, WorldRole.HUNTER):
        assert all(done[role.value][act] for act in ("repost", "quote", "reply", "release", "named")), role
    assert done["at_risk"]["reply"] > done["at_risk"]["repost"] > 0
    assert done["victim"]["reply"] > 0
    assert done["hunter"]["named"] / built.roles[WorldRole.HUNTER] > done["journalist"]["named"] / 10


@pytest.mark.parametrize(("accounts", "days"), [(59, 14), (200, 2), (0, 0)])
def test_a_world_too_small_is_refused(tmp_path: Path, accounts: int, days: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        build(tmp_path, 1, accounts, days)


@pytest.mark.parametrize("seed", range(6))
def test_the_smallest_world_can_be_built(seed: int) -> None:
    assert len(World(seed, 60, 3).acts) > 100
    assert len(World(seed, 60, 3).seeds()) >= 3


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    written = build(tmp_path, 1, 60, 3, lambda *word: told.append(word)).written
    assert told[-1] == ("writing posts", written, written)


@pytest.fixture(scope="module")
def tally(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    """Some worlds through the commands a person types."""
    tally = Tally()
    for seed in SEEDS:
        folder = tmp_path_factory.mktemp(f"seed{seed}")
        seawall, world = Command(folder / "home"), build(folder / "world", seed, ACCOUNTS)
        seawall.ok("init")
        copy_rules(world, seawall.home)
        seawall.ok("load", "x", world.posts)
        seawall.ok("seeds", "add", world.seeds)
        seawall.ok("scan")
        tally.add(world, seawall.ok("findings", "--json").json_lines(), seawall.home)
    return tally


def test_people_around_the_network_stay_below_the_line(tally: Tally) -> None:
    listed, of = tally.share(INNOCENT)
    assert of > 150
    assert listed <= 0.005 * of, tally.listed


def test_most_who_spread_are_found(tally: Tally) -> None:
    found, of = tally.share(SPREADERS)
    assert of > 80
    assert found >= 0.8 * of, tally.listed


def test_the_world_is_hard(tally: Tally) -> None:
    """Who only counts slogans lists a third of those who report, refute and flag: the test would see an error."""
    critics = (WorldRole.JOURNALIST, WorldRole.COUNTER_SPEECH, WorldRole.HUNTER)
    listed, of = tally.share(critics, tally.naive)
    assert listed > 0.3 * of
