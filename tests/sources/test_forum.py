"""What is made of the pages of forums; what is left out; and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from makers import write
from seawall.sources.contract import Batch
from seawall.sources.forum import ForumExport
from sources.forum_pages import account, member, mixed, post, reply, thread, topic


def _read(folder: Path, given: Any) -> Batch:
    (batch,) = ForumExport().read(write(folder / "f.json", json.dumps(given).encode()), None)
    return batch


def _posts(batch: Batch) -> list[dict[str, Any]]:
    return list(batch.tables["posts"].to_pylist())


def _ties(batch: Batch) -> list[tuple[str, str, str | None, str | None]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["link"]) for t in batch.tables["ties"].to_pylist()]


def _states(batch: Batch) -> list[tuple[str | None, str | None, str, str | None]]:
    return [(s["account_id"], s["post_id"], s["state"], s["note"]) for s in batch.tables["states"].to_pylist()]


def test_a_thread_of_misago_is_a_post_and_its_replies(tmp_path: Path) -> None:
    batch = _read(tmp_path, thread(1, post(5, 11), post(6, 12), post(7, 11)))
    first, second, third = _posts(batch)
    assert (first["platform"], first["post_id"], first["account_id"], first["handle"], first["kind"]) == (
        "forum", "5", "11", "name11", "post")  # fmt: skip
    assert (first["text"], first["at"].isoformat()) == (
        "A harbour & its light\nplain words",
        "2021-03-01T09:05:00+00:00",
    )
    assert (first["likes"], first["media"], first["reply_to_post_id"]) == (3, 0, None)
    assert (second["kind"], second["text"], second["reply_to_post_id"], second["reply_to_account_id"]) == (
        "reply", "plain words", "5", "11")  # fmt: skip
    assert third["kind"] == "reply"
    assert _ties(batch) == [("reply", "12", "11", None)]  # answering in one's own thread joins nobody
    assert [(a["account_id"], a["handle"], a["picture"], a["posts"]) for a in batch.tables["accounts"].to_pylist()] == [
        ("11", "name11", "/media/11.png", 7),
        ("12", "name12", "/media/12.png", 7),
    ]
    assert (batch.read, batch.rejects, batch.unknown) == (3, [], {})


def test_a_later_page_does_not_show_the_first_post(tmp_path: Path) -> None:
    (found,) = _posts(_read(tmp_path, thread(1, post(40, 12), page=2)))
    assert (found["kind"], found["reply_to_post_id"], found["reply_to_account_id"]) == ("reply", None, "11")


def test_links_names_pictures_and_files_of_misago(tmp_path: Path) -> None:
    content = (
        '<p>see <a href="https://e.example/a">this</a> <a href="/u/name9/9/" data-quote="@name9">@name9</a> #sea '
        '<img src="/a/one" alt=""><img src="https://p.example/2.png" alt="a boat"></p>'
    )
    files = [{"id": 71, "filename": "one.png", "is_image": True, "url": {"index": "/a/one", "thumb": None}},
             {"id": 72, "filename": "two.pdf", "is_image": False, "url": {"index": "/a/two"}}]  # fmt: skip
    batch = _read(tmp_path, thread(1, post(5, 11, content, attachments=files)))
    (found,) = _posts(batch)
    assert (found["links"], found["mentions"], found["hashtags"], found["media"]) == (
        ["https://e.example/a"], ["name9"], ["sea"], 3)  # fmt: skip
    assert _ties(batch) == [("mention", "11", "9", None), ("shared_link", "11", None, "https://e.example/a")]
    assert [(m["media_id"], m["kind"], m["url"], m["alt_text"]) for m in batch.tables["media"].to_pylist()] == [
        ("71", "photo", "/a/one", "one.png"),
        ("72", "file", "/a/two", "two.pdf"),
        ("5#0", "photo", "https://p.example/2.png", "a boat"),
    ]


def test_hidden_posts_waiting_posts_and_banned_users_are_states(tmp_path: Path) -> None:
    batch = _read(
        tmp_path,
        thread(
            1,
            post(5, 11),
            post(6, 12, None, is_hidden=True),
            post(7, 13, is_hidden=True),
            post(8, 14, is_unapproved=True),
            post(9, 15, poster=member(15, banned=True)),
            post(10, 16, None, is_event=True, event_type="closed"),
            is_hidden=True,
        ),
    )
    assert [p["post_id"] for p in _posts(batch)] == ["5", "7", "8", "9"]
    assert _states(batch) == [
        ("11", "5", "withheld", "hidden by a moderator"),
        ("12", "6", "withheld", "hidden by a moderator"),
        ("13", "7", "withheld", "hidden by a moderator"),
        ("14", "8", "withheld", "awaits approval"),
        ("15", None, "suspended", "banned"),
    ]
    assert batch.ignored == {"an event of a thread": 1}


def test_a_user_that_is_gone_has_a_name_alone(tmp_path: Path) -> None:
    batch = _read(tmp_path, thread(1, post(5, 11, poster=None)))
    assert [(p["account_id"], p["handle"]) for p in _posts(batch)] == [("name11", "name11")]
    assert batch.tables["accounts"].num_rows == 0


def test_a_topic_of_nodebb(tmp_path: Path) -> None:
    content = '<p><a class="plugin-mentions-a" href="/user/name9">@name9</a> <img src="https://p.example/1.png"></p>'
    posts = [
        reply(1, 21),
        reply(2, 22),
        reply(3, 23, content, toPid=2),
        reply(4, 24, "[[topic:post_is_deleted]]", deleted=1),
    ]
    batch = _read(tmp_path, topic(*posts, main=1))
    first, second, third = _posts(batch)
    assert (first["kind"], first["text"], first["likes"], first["replies"]) == (
        "post",
        "Light & sea\nplain words",
        4,
        2,
    )
    assert first["at"].isoformat() == "2021-03-01T09:01:00+00:00"
    assert (second["kind"], second["reply_to_post_id"], second["reply_to_account_id"]) == ("reply", "1", "21")
    assert (third["reply_to_post_id"], third["reply_to_account_id"], third["mentions"], third["media"]) == (
        "2", None, ["name9"], 1)  # fmt: skip
    assert _states(batch) == [("24", "4", "deleted", None)]
    assert _ties(batch) == [("reply", "22", "21", None), ("mention", "23", None, None)]
    assert (batch.rejects, batch.unknown) == ([], {})


def test_users_and_what_is_never_kept_of_them(tmp_path: Path) -> None:
    given = [
        member(1, joined_on="2020-01-02T03:04:05Z", followers=4, following=5, email="SECRET", signature="SECRET"),
        account(2, aboutme="words", website="https://w.example", location="a harbour", banned=1, email="SECRET",
                birthday="SECRET", ips=["SECRET"], fullname="SECRET"),
        account(3, username=7, email="SECRET", signature="SECRET"),
        thread(1, post(5, 11, poster={**member(11), "id": "x", "email": "SECRET"})),
    ]  # fmt: skip
    batch = _read(tmp_path, given)
    first, second = batch.tables["accounts"].to_pylist()
    assert (first["account_id"], first["followers"], first["following"]) == ("1", 4, 5)
    assert first["created_at"].isoformat() == "2020-01-02T03:04:05+00:00"
    assert (second["account_id"], second["name"], second["bio"], second["url"], second["place"]) == (
        "2", "Name 2", "words", "https://w.example", "a harbour")  # fmt: skip
    assert _states(batch) == [("2", None, "suspended", "banned")]
    assert len(batch.rejects) == 2
    assert "SECRET" not in str([batch.rejects, *(table.to_pylist() for table in batch.tables.values())])


def test_pages_are_what_they_hold(tmp_path: Path) -> None:
    users = _read(tmp_path, {"users": [account(2), account(3)], "userCount": 2})
    assert (users.tables["accounts"].num_rows, users.read) == (2, 2)
    listed = _read(tmp_path, {"results": [member(1, joined_on="2020-01-02T03:04:05Z")], "page": 1})
    assert listed.tables["accounts"].num_rows == 1
    wrapped = _read(
        tmp_path, {"status": {"code": "ok"}, "response": reply(3, topic={"tid": 5, "mainPid": 3, "title": "T"})}
    )
    assert [(p["post_id"], p["text"]) for p in _posts(wrapped)] == [("3", "T\nplain words")]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"results": [{"id": 1, "title": "T", "started_on": "2020-01-01T00:00:00Z", "replies": 3}]},
         "a thread without its posts: save the thread"),
        ({"topics": [{"tid": 1, "uid": 2, "title": "T", "teaser": {"pid": 3}}]},
         "a thread without its posts: save the thread"),
        ({"detail": "Not found."}, "an error that the forum answered"),
        ({"cid": 1, "name": "General"}, "a category"),
        ([3], "an answer about nobody's account or post"),
    ],
)  # fmt: skip
def test_pages_about_nobody_are_counted(tmp_path: Path, given: Any, what: str) -> None:
    batch = _read(tmp_path, [given])
    assert (batch.read, batch.ignored, batch.rejects) == (0, {what: 1}, [])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (thread(1, post(5), {**post(6), "posted_on": "then"}), "not a post of Misago: 'then' is no time"),
        (thread(1, post(5), {**post(6), "content": 7}),
         "not a post of Misago: Expected `str | null`, got `int` - at `$.content`"),
        (topic(reply(5), reply(6, timestamp="then"), main=5),
         "not a post of NodeBB: Expected `int`, got `str` - at `$.timestamp`"),
        ([reply(5, topic={"tid": 5, "mainPid": 5}), reply(6)],
         "not a post of NodeBB: it does not say which topic it stands in: save the topic"),
        ([thread(1, post(5)), {"results": [{k: v for k, v in post(6).items() if k != "poster"}]}],
         "not a post of Misago: it names its author without the id: save the thread that it stands in"),
    ],
)  # fmt: skip
def test_a_post_that_cannot_be_read_is_rejected_alone(tmp_path: Path, given: Any, why: str) -> None:
    batch = _read(tmp_path, given)
    assert [r.reason for r in batch.rejects] == [why]
    assert [p["post_id"] for p in _posts(batch)] == ["5"]


def test_a_new_field_is_told(tmp_path: Path) -> None:
    batch = _read(tmp_path, [thread(1, post(5, mood=1)), topic(reply(2), main=2, weather=3)])
    assert batch.unknown == {"misago post.mood": 1, "nodebb topic.weather": 1}


def test_made_pages_are_read_whole(tmp_path: Path) -> None:
    batch = _read(tmp_path, mixed(50))
    assert (batch.read, batch.rejects, batch.unknown, batch.ignored) == (50, [], {}, {})
