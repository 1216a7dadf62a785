"""A real Misago: what the watcher brings into the lake while people write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from live.following import rows, watching
from live.misago import Member, Misago
from seawall.sources.kinds import KINDS
from seawall.sources.loading import Followed
from stream.flows import home_with_rule
from stream.watching import until


@pytest.fixture(scope="module")
def forum() -> Iterator[Misago]:
    with Misago() as started:
        yield started


def _source(forum: Misago) -> Followed:
    return KINDS["forum"].followed({"url": forum.url, "seconds": "1"}, "forum")


def test_every_post_is_in_the_lake_once(forum: Misago, tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home", posts=1)
    admin, member = Member(forum, "admin"), Member(forum, "somebody")
    long = admin.begin("A harbour and its light", "the first of many")
    replies = [admin.reply(long, f"reply {n}") for n in range(45)]  # more than two pages
    hidden = member.reply(long, "to be hidden")
    admin.hide(long, hidden)
    with watching(home, _source(forum)):
        until(lambda: len(rows(home, "posts")) == 46, 60)
        replies += [member.reply(long, f"later {n}, see https://e.example/{n}") for n in range(3)]
        member.begin("Another thread", "another first @admin")
        until(lambda: len(rows(home, "posts")) == 50, 60)
    replies.append(member.reply(long, "while nobody looks"))
    with watching(home, _source(forum)):
        until(lambda: len(rows(home, "posts")) == 51, 60)
    posts = rows(home, "posts")
    assert len({row["post_id"] for row in posts}) == 51
    assert {row["post_id"] for row in posts if row["kind"] == "reply"} == set(replies)
    firsts = {row["text"]: row["post_id"] for row in posts if row["kind"] == "post"}
    head = firsts["A harbour and its light\nthe first of many"]
    assert set(firsts) == {"A harbour and its light\nthe first of many", "Another thread\nanother first @admin"}
    assert {row["reply_to_post_id"] for row in posts if row["kind"] == "reply"} == {head}
    states = [(row["account_id"], row["post_id"], row["state"]) for row in rows(home, "states")]
    assert states == [(member.id, hidden, "withheld")]
    ties = {(row["kind"], row["from_id"], row["to_id"]) for row in rows(home, "ties")}
    assert ties == {("reply", member.id, admin.id), ("mention", member.id, admin.id), ("shared_link", member.id, None)}


def test_the_settings_are_tried(forum: Misago) -> None:
    def tried(url: str) -> list[bool]:
        return [checked.ok for checked in KINDS["forum"].check({"url": url, "seconds": "60"})]

    assert tried(forum.url) == [True, True]
    assert tried(forum.url + "/nowhere") == [False]
    assert tried("http://127.0.0.1:1") == [False]
