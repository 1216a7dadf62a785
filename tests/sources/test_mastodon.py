"""What is made of the answers and events of Mastodon's API; what is left out; and damaged ones."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from makers import lines, write
from seawall.sources.contract import Batch
from seawall.sources.mastodon import MastodonExport
from sources.mastodon_answers import account, mention, mixed, picture, status


def _read(folder: Path, given: Any) -> Batch:
    (batch,) = MastodonExport().read(write(folder / "m.json", json.dumps(given).encode()), None)
    return batch


def _one(folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    batch = _read(folder, [given])
    assert (batch.rejects, batch.unknown) == ([], {})
    (found,) = batch.tables["posts"].to_pylist()
    return dict(found)


def _ties(batch: Batch) -> list[tuple[str, str, str | None, str | None]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["link"]) for t in batch.tables["ties"].to_pylist()]


def _states(batch: Batch) -> list[tuple[str | None, str | None, str, str | None]]:
    return [(s["account_id"], s["post_id"], s["state"], s["note"]) for s in batch.tables["states"].to_pylist()]


def test_a_post(tmp_path: Path) -> None:
    found = _one(tmp_path, status(5, 11, "<p>first<br>second</p><p>&lt;third&gt;</p>", application={"name": "Tusk"}))
    assert (found["platform"], found["post_id"], found["account_id"], found["handle"], found["kind"]) == (
        "mastodon", "5", "11", "name11@other.example", "post")  # fmt: skip
    assert found["at"].isoformat() == "2023-05-01T12:05:00+00:00"
    assert found["text"] == "first\nsecond\n<third>"
    assert (found["lang"], found["client"]) == ("en", "Tusk")
    assert (found["replies"], found["reposts"], found["likes"], found["media"]) == (1, 2, 3, 0)


def test_a_warning_and_a_poll_are_words_that_people_see(tmp_path: Path) -> None:
    poll = {"id": "1", "options": [{"title": "yes", "votes_count": 1}, {"title": "no", "votes_count": 2}]}
    assert _one(tmp_path, status(5, spoiler_text="mind this", poll=poll))["text"] == "mind this\nplain words\nyes\nno"


def test_links_are_those_of_pages_not_of_names_and_tags(tmp_path: Path) -> None:
    content = (
        '<p><span class="h-card"><a href="https://far.example/@name9" class="u-url mention">@<span>name9</span></a>'
        '</span> <a href="https://far.example/tags/sea" class="mention hashtag" rel="tag">#<span>sea</span></a> '
        '<a href="https://e.example/a?x=1&amp;y=2"><span class="invisible">https://</span>e.example/a?x=1&amp;y=2</a></p>'
    )
    given = status(
        5, 11, content, mentions=[mention(9)], tags=[{"name": "sea", "url": "https://here.example/tags/sea"}]
    )
    batch = _read(tmp_path, [given])
    (found,) = batch.tables["posts"].to_pylist()
    assert found["text"] == "@name9 #sea https://e.example/a?x=1&y=2"
    assert (found["links"], found["hashtags"], found["mentions"]) == (
        ["https://e.example/a?x=1&y=2"], ["sea"], ["name9@other.example"])  # fmt: skip
    assert _ties(batch) == [
        ("mention", "11", "9", None),
        ("shared_link", "11", None, "https://e.example/a?x=1&y=2"),
    ]


def test_a_boost_is_a_repost_and_what_it_spreads_a_post(tmp_path: Path) -> None:
    spread = status(4, 12, "<p>spread this</p>", mentions=[mention(9)])
    batch = _read(tmp_path, [status(5, 11, "<p>spread this</p>", reblog=spread, mentions=[mention(9)])])
    first, second = batch.tables["posts"].to_pylist()
    assert (first["post_id"], first["kind"], first["text"]) == ("4", "post", "spread this")
    assert (second["kind"], second["of_post_id"], second["of_account_id"], second["of_handle"], second["text"]) == (
        "repost", "4", "12", "name12@other.example", "spread this")  # fmt: skip
    assert _ties(batch) == [("mention", "12", "9", None), ("repost", "11", "12", None)]
    assert batch.read == 1


def test_a_quote_shows_a_post_or_its_id(tmp_path: Path) -> None:
    batch = _read(tmp_path, [status(5, 11, quote={"state": "accepted", "quoted_status": status(4, 12)})])
    assert [(p["post_id"], p["kind"], p["of_post_id"]) for p in batch.tables["posts"].to_pylist()] == [
        ("4", "post", None),
        ("5", "quote", "4"),
    ]
    assert _ties(batch) == [("quote", "11", "12", None)]
    shallow = _one(tmp_path, status(5, 11, quote={"state": "accepted", "quoted_status_id": "4"}))
    assert (shallow["kind"], shallow["of_post_id"], shallow["of_account_id"]) == ("quote", "4", None)
    assert _one(tmp_path, status(5, 11, quote={"state": "revoked", "quoted_status": None}))["kind"] == "post"


def test_a_reply_names_whom_it_answers(tmp_path: Path) -> None:
    batch = _read(tmp_path, [status(5, in_reply_to_id="3", in_reply_to_account_id="9", mentions=[mention(9)])])
    (found,) = batch.tables["posts"].to_pylist()
    assert (found["kind"], found["reply_to_post_id"], found["reply_to_account_id"], found["reply_to_handle"]) == (
        "reply", "3", "9", "name9@other.example")  # fmt: skip
    assert _ties(batch) == [("reply", "11", "9", None), ("mention", "11", "9", None)]
    alone = _read(tmp_path, [status(5, in_reply_to_id="3", in_reply_to_account_id="11")])
    assert _ties(alone) == []  # going on with one's own thread joins nobody


def test_media(tmp_path: Path) -> None:
    shown = [picture(1), picture(2, type="gifv", remote_url="https://far.example/2"), picture(3, type="video"),
             picture(4, type="audio"), picture(5, type="unknown", url=None, description=None)]  # fmt: skip
    batch = _read(tmp_path, [status(5, media_attachments=shown)])
    names = ("media_id", "post_id", "kind", "url", "alt_text")
    assert [tuple(row[name] for name in names) for row in batch.tables["media"].to_pylist()] == [
        ("1", "5", "photo", "https://files.example/m/1.png", "a harbour"),
        ("2", "5", "animation", "https://far.example/2", "a harbour"),
        ("3", "5", "video", "https://files.example/m/3.png", "a harbour"),
        ("4", "5", "audio", "https://files.example/m/4.png", "a harbour"),
        ("5", "5", "file", None, None),
    ]  # fmt: skip


@pytest.mark.parametrize("visibility", ["private", "direct", "limited", None])
def test_what_not_everybody_may_read_is_kept_nowhere(tmp_path: Path, visibility: str | None) -> None:
    hidden = status(5, 11, "<p>SECRET</p>", visibility=visibility, created_at="no time")
    given = [hidden, status(6, reblog=hidden), {"id": "1", "unread": True, "accounts": [], "last_status": hidden},
             {"id": "2", "type": "mention", "account": account(3), "status": hidden}]  # fmt: skip
    batch = _read(tmp_path, given)
    assert batch.tables["posts"].num_rows == batch.read == 0
    assert batch.rejects == []
    assert batch.ignored == {"a post that not everybody may read": 2, "conversation": 1, "notification": 1}
    quoting = _read(tmp_path, [status(7, quote={"state": "accepted", "quoted_status": hidden})])
    assert "SECRET" not in str(quoting.tables["posts"].to_pylist())
    assert [p["kind"] for p in quoting.tables["posts"].to_pylist()] == ["post"]


def test_unlisted_posts_are_public(tmp_path: Path) -> None:
    assert _one(tmp_path, status(5, visibility="unlisted"))["post_id"] == "5"


def test_accounts_and_what_the_server_says_of_them(tmp_path: Path) -> None:
    given = [
        account(1, display_name="A harbour", note="<p>see <b>this</b></p>"),
        account(2, group=True, suspended=True),
        account(3, limited=True, moved=account(4)),
        account(5, memorial=True),
    ]
    batch = _read(tmp_path, given)
    first, second, *_ = batch.tables["accounts"].to_pylist()
    assert (first["handle"], first["name"], first["bio"], first["kind"]) == (
        "name1@other.example", "A harbour", "see this", "person")  # fmt: skip
    assert (first["followers"], first["following"], first["posts"]) == (5, 6, 7)
    assert first["created_at"].isoformat() == "2020-01-02T00:00:00+00:00"
    assert second["kind"] == "group"
    assert _states(batch) == [
        ("2", None, "suspended", None),
        ("3", None, "withheld", "limited by its server"),
        ("3", None, "active", "moved to name4@other.example"),
        ("5", None, "active", "in memory of somebody who died"),
    ]
    assert "PRIVATE" not in str(first)


def test_accounts_as_moderators_see_them_without_their_addresses(tmp_path: Path) -> None:
    given = {"id": "8", "username": "name8", "domain": None, "email": "SECRET", "ip": "SECRET", "ips": ["SECRET"],
             "suspended": True, "silenced": True, "disabled": True, "sensitized": False,
             "account": account(8)}  # fmt: skip
    batch = _read(tmp_path, [given, {**given, "account": {"id": 7}}])
    assert _states(batch) == [
        ("8", None, "suspended", None),
        ("8", None, "withheld", "limited by its server"),
        ("8", None, "withheld", "its login is disabled"),
    ]
    assert len(batch.rejects) == 1
    assert "SECRET" not in str([batch.rejects, *(table.to_pylist() for table in batch.tables.values())])


def test_an_author_is_shown_once_a_day(tmp_path: Path) -> None:
    batch = _read(tmp_path, [status(5), status(6), status(7, 12)])
    assert [a["account_id"] for a in batch.tables["accounts"].to_pylist()] == ["11", "12"]


def test_threads_and_searches_are_what_they_hold(tmp_path: Path) -> None:
    batch = _read(tmp_path, {"ancestors": [status(1)], "descendants": [status(3), status(4)]})
    assert [p["post_id"] for p in batch.tables["posts"].to_pylist()] == ["1", "3", "4"]
    found = _read(tmp_path, {"accounts": [account(1)], "statuses": [status(2)], "hashtags": []})
    assert (found.tables["accounts"].num_rows, found.tables["posts"].num_rows, found.read) == (2, 1, 2)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"error": "Record not found"}, "an error that the API answered"),
        ({"id": "1", "following": True}, "an answer about nobody's account or post"),
        ({"id": "1", "action_taken": False, "target_account": account(1)}, "a report that somebody made"),
        ({"content": "x", "created_at": "2023-01-01T00:00:00Z", "account": account(1)}, "an earlier version of a post"),
        ({"@context": "https://www.w3.org/ns/activitystreams", "id": "x", "type": "Create"},
         "an ActivityPub object: save answers of the API instead"),
        ("words", "an answer about nobody's account or post"),
    ],
)  # fmt: skip
def test_answers_about_nobody_are_counted(tmp_path: Path, given: Any, what: str) -> None:
    batch = _read(tmp_path, [given])
    assert (batch.read, batch.ignored, batch.rejects) == (0, {what: 1}, [])


def test_recorded_events_of_the_stream(tmp_path: Path) -> None:
    events = [
        {"stream": ["public"], "event": "update", "payload": json.dumps(status(5))},
        {"stream": ["public"], "event": "status.update", "payload": json.dumps(status(5, content="<p>changed</p>"))},
        {"stream": ["public"], "event": "delete", "payload": "5"},
        {"stream": ["user"], "event": "notification", "payload": "{}"},
        {"stream": ["direct"], "event": "conversation", "payload": "{}"},
        {"stream": ["user"], "event": "novelty", "payload": "{}"},
        {"stream": ["public"], "event": "update", "payload": "{broken"},
    ]
    (batch,) = MastodonExport().read(write(tmp_path / "m.jsonl", lines(events)), None)
    assert [(p["post_id"], p["text"]) for p in batch.tables["posts"].to_pylist()] == [
        ("5", "plain words"),
        ("5", "changed"),
    ]
    assert _states(batch) == [(None, "5", "deleted", None)]
    assert batch.ignored == {"notification": 1, "conversation": 1, "event 'novelty'": 1}
    assert [(r.line, r.reason.partition(":")[0]) for r in batch.rejects] == [(7, "damaged JSON")]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"id": 5}, "Expected `str`, got `int` - at `$.id`"),
        ({"created_at": "yesterday"}, "'yesterday' is no time"),
        ({"account": {"id": "1"}}, "Object missing required field `acct` - at `$.account`"),
        ({"quote": {"state": "accepted", "quoted_status": status(4, created_at="1800-01-01T00:00:00Z")}},
         "the time 1800-01-01T00:00:00+00:00 is before 1990 or after 2100"),
    ],
)  # fmt: skip
def test_a_post_that_cannot_be_read_is_rejected_whole(tmp_path: Path, changes: dict[str, Any], why: str) -> None:
    batch = _read(tmp_path, [status(1, 11), status(2, 12, **changes), status(3, 12)])
    assert [(r.line, r.reason) for r in batch.rejects] == [(2, f"not a Mastodon status: {why}")]
    assert [p["post_id"] for p in batch.tables["posts"].to_pylist()] == ["1", "3"]
    assert [a["account_id"] for a in batch.tables["accounts"].to_pylist()] == ["11", "12"]


def test_a_new_field_is_told(tmp_path: Path) -> None:
    given = status(5, mood=1)
    given["account"]["weather"] = 2
    assert _read(tmp_path, [given]).unknown == {"mastodon status.mood": 1, "mastodon account.weather": 1}


def test_made_answers_are_read_whole(tmp_path: Path) -> None:
    batch = _read(tmp_path, mixed(50))
    assert (batch.read, batch.rejects, batch.unknown, batch.ignored) == (50, [], {}, {})


def test_every_recorded_answer_loads_or_says_why_not(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "payloads" / "mastodon").glob("*.yaml"))
    assert files
    posts = accounts = 0
    ignored: Counter[str] = Counter()
    for path in files:
        answers = _answers(path.read_text("utf-8"))
        assert answers, path.name
        for answer in answers:
            (batch,) = MastodonExport().read(write(tmp_path / "answer.json", answer.encode()), None)
            loaded = sum(table.num_rows for table in batch.tables.values())
            assert loaded + len(batch.rejects) + sum(batch.ignored.values()) > 0, path.name
            assert (batch.rejects, batch.unknown) == ([], {}), path.name
            posts += batch.tables["posts"].num_rows
            accounts += batch.tables["accounts"].num_rows
            ignored += batch.ignored
    assert (posts, accounts) == (2, 4)
    assert ignored["a post that not everybody may read"] == 2
    assert set(ignored) == {"notification", "a post that not everybody may read"}


def _answers(cassette: str) -> list[str]:
    """The bodies of recorded answers: a cassette writes each as a quoted text that is folded at blanks."""
    folded = re.findall(r"^      string: '((?:[^']|'')*)'$", cassette, re.MULTILINE)
    return [re.sub(r"\n +", " ", body.replace("''", "'")) for body in folded]
