"""What is made of answers and stream objects of X API v2, field by field; what is left out; and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from makers import lines, tweet, write
from seawall.sources.contract import Batch
from seawall.sources.streams import Lines
from seawall.sources.x import XSource
from sources.x_exports import answer, mixed, post, refers, streamed, user


def _read(folder: Path, given: Any) -> Batch:
    (batch,) = XSource().read(write(folder / "x.json", json.dumps(given).encode()), None)
    return batch


def _posts(batch: Batch) -> dict[str, dict[str, Any]]:
    return {p["post_id"]: p for p in batch.tables["posts"].to_pylist()}


def _ties(batch: Batch) -> list[tuple[Any, ...]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["to_handle"], t["link"]) for t in batch.tables["ties"].to_pylist()]


def _states(batch: Batch) -> list[tuple[Any, ...]]:
    return [(s["account_id"], s["post_id"], s["state"], s["note"]) for s in batch.tables["states"].to_pylist()]


def test_a_post(tmp_path: Path) -> None:
    entities = {
        "hashtags": [{"start": 0, "end": 1, "tag": "harbour"}],
        "urls": [{"url": "https://t.co/a", "expanded_url": "https://a.example/x"},
                 {"url": "https://t.co/b", "expanded_url": "https://x.com/p/1", "media_key": "3_1"}],
        "mentions": [{"username": "account7", "id": "7"}, {"username": "nobody"}],
    }  # fmt: skip
    batch = _read(tmp_path, answer(post(5, 11, "a &amp; b", source="Test App", entities=entities), users=[user(11)]))
    found = _posts(batch)["5"]
    assert (found["platform"], found["source"], found["kind"]) == ("x", "x", "post")
    assert (found["account_id"], found["handle"], found["text"]) == ("11", "account11", "a & b")
    assert found["at"].isoformat() == "2023-03-01T12:05:00+00:00"
    assert (found["hashtags"], found["links"]) == (["harbour"], ["https://a.example/x"])
    assert found["mentions"] == ["account7", "nobody"]
    assert (found["likes"], found["reposts"], found["replies"]) == (3, 4, 2)
    assert (found["lang"], found["client"], found["truncated"]) == ("en", "Test App", False)
    assert _ties(batch) == [
        ("mention", "11", "7", "account7", None),
        ("shared_link", "11", None, None, "https://a.example/x"),
    ]
    assert (batch.read, batch.rejects, batch.unknown) == (1, [], {})


def test_what_a_text_names_is_read_out_of_it_where_the_answer_leaves_that_out(tmp_path: Path) -> None:
    found = _posts(_read(tmp_path, answer(post(5, 11, "@account7 see https://t.co/a #harbour"))))["5"]
    assert (found["mentions"], found["links"], found["hashtags"]) == (["account7"], ["https://t.co/a"], ["harbour"])


def test_a_repost_carries_the_whole_text_of_what_it_spreads(tmp_path: Path) -> None:
    original = post(1, 12, "the whole of the words", entities={"mentions": [{"username": "account7", "id": "7"}]})
    again = post(5, 11, "RT @account12: the who\u2026", referenced_tweets=refers("retweeted", 1))
    batch = _read(tmp_path, answer(again, users=[user(11), user(12)], tweets=[original]))
    found = _posts(batch)
    assert (found["5"]["kind"], found["5"]["text"], found["5"]["truncated"]) == (
        "repost",
        "the whole of the words",
        False,
    )
    assert (found["5"]["of_post_id"], found["5"]["of_account_id"], found["5"]["of_handle"]) == ("1", "12", "account12")
    assert (found["1"]["kind"], found["1"]["account_id"]) == ("post", "12")
    assert sorted(_ties(batch), key=str) == [
        ("mention", "12", "7", "account7", None),
        ("repost", "11", "12", "account12", None),
    ]


@pytest.mark.parametrize("referenced", [refers("retweeted", 1), None])
def test_a_repost_without_the_post_it_spreads_loses_the_prefix_alone(tmp_path: Path, referenced: Any) -> None:
    entities = {"mentions": [{"username": "Account12", "id": "12"}, {"username": "account7", "id": "7"}]}
    changes = {"referenced_tweets": referenced} if referenced else {}
    given = post(5, 11, "RT @Account12: the words of @account7 and mo\u2026", entities=entities, **changes)
    batch = _read(tmp_path, answer(given))
    found = _posts(batch)["5"]
    assert (found["kind"], found["text"]) == ("repost", "the words of @account7 and mo\u2026")
    assert found["truncated"] is True
    assert found["of_post_id"] == ("1" if referenced else None)
    assert (found["of_account_id"], found["of_handle"], found["mentions"]) == ("12", "Account12", ["account7"])
    assert _ties(batch) == [("repost", "11", "12", "Account12", None)]


def test_a_quote_that_answers_is_a_quote_with_both_ties(tmp_path: Path) -> None:
    both = refers("quoted", 1) + refers("replied_to", 2)
    given = post(5, 11, "not so", in_reply_to_user_id="13", referenced_tweets=both)
    batch = _read(tmp_path, answer(given, users=[user(12), user(13)], tweets=[post(1, 12)]))
    found = _posts(batch)["5"]
    assert (found["kind"], found["of_post_id"], found["of_account_id"]) == ("quote", "1", "12")
    assert (found["reply_to_post_id"], found["reply_to_account_id"], found["reply_to_handle"]) == (
        "2",
        "13",
        "account13",
    )
    assert _ties(batch) == [("quote", "11", "12", "account12", None), ("reply", "11", "13", "account13", None)]


def test_who_is_answered_is_not_mentioned_besides(tmp_path: Path) -> None:
    entities = {"mentions": [{"username": "account13", "id": "13"}]}
    given = post(5, 11, "@account13 yes", in_reply_to_user_id="13", entities=entities)
    batch = _read(tmp_path, answer(given))
    assert (_posts(batch)["5"]["kind"], _posts(batch)["5"]["reply_to_handle"]) == ("reply", "account13")
    assert _ties(batch) == [("reply", "11", "13", "account13", None)]


def test_a_long_post_is_whole(tmp_path: Path) -> None:
    note = {"text": "the long text &lt;3 #whole", "entities": {"hashtags": [{"tag": "whole"}]}}
    found = _posts(_read(tmp_path, answer(post(5, 11, "the long\u2026", note_tweet=note))))["5"]
    assert (found["text"], found["hashtags"], found["truncated"]) == ("the long text <3 #whole", ["whole"], False)


def test_media(tmp_path: Path) -> None:
    media = [
        {"media_key": "3_77", "type": "photo", "url": "https://p.example/77", "alt_text": "a boat"},
        {"media_key": "7_78", "type": "video", "preview_image_url": "https://p.example/78", "variants": []},
        {"media_key": "16_79", "type": "animated_gif"},
    ]
    keys = {"media_keys": ["3_77", "7_78", "16_79", "3_80"]}
    batch = _read(tmp_path, answer(post(5, attachments=keys), media=media))
    assert _posts(batch)["5"]["media"] == 4
    assert [(m["media_id"], m["kind"], m["url"], m["alt_text"]) for m in batch.tables["media"].to_pylist()] == [
        ("77", "photo", "https://p.example/77", "a boat"),
        ("78", "video", "https://p.example/78", None),
        ("79", "animation", None, None),
    ]


def test_media_of_a_repost_are_those_of_the_post_it_spreads(tmp_path: Path) -> None:
    original = post(1, 12, attachments={"media_keys": ["3_77"]})
    again = post(5, 11, referenced_tweets=refers("retweeted", 1))
    batch = _read(tmp_path, answer(again, tweets=[original], media=[{"media_key": "3_77", "type": "photo"}]))
    assert {number: found["media"] for number, found in _posts(batch).items()} == {"1": 1, "5": 1}
    assert [(m["media_id"], m["post_id"]) for m in batch.tables["media"].to_pylist()] == [("77", "1")]


def test_accounts(tmp_path: Path) -> None:
    given = user(
        11, description="words", location="Town", url="https://t.co/u", profile_image_url="https://p.example/11",
        created_at="2015-03-03T11:22:33.000Z", verified=True, pinned_tweet_id="5",
        public_metrics={"followers_count": 7, "following_count": 8, "tweet_count": 9, "listed_count": 1},
        entities={"url": {"urls": [{"url": "https://t.co/u", "expanded_url": "https://u.example"}]}},
    )  # fmt: skip
    batch = _read(tmp_path, answer(given))
    (account,) = batch.tables["accounts"].to_pylist()
    assert [account[c] for c in ("account_id", "handle", "name", "bio", "place", "url", "picture", "kind")] == [
        "11", "account11", "Account 11", "words", "Town", "https://u.example", "https://p.example/11", "person",
    ]  # fmt: skip
    assert (account["followers"], account["following"], account["posts"], account["verified"]) == (7, 8, 9, True)
    assert account["created_at"].isoformat() == "2015-03-03T11:22:33+00:00"
    assert (batch.read, batch.unknown) == (1, {})


def test_an_account_is_dated_by_the_newest_post_of_its_answer(tmp_path: Path) -> None:
    batch = _read(tmp_path, answer(post(5), post(9), post(7), users=[user(11)]))
    (account,) = batch.tables["accounts"].to_pylist()
    assert account["seen_at"].isoformat() == "2023-03-01T12:09:00+00:00"


def test_a_pinned_post_is_of_the_account_it_is_pinned_to(tmp_path: Path) -> None:
    pinned = {"id": "1489000000000000000", "text": "words"}
    batch = _read(tmp_path, answer(user(11, pinned_tweet_id=pinned["id"]), tweets=[pinned]))
    found = _posts(batch)[pinned["id"]]
    assert (found["account_id"], found["handle"]) == ("11", "account11")
    assert found["at"].isoformat()[:10] == "2022-02-02"  # the id holds the time


def test_a_post_that_is_answered_is_of_whoever_the_answer_says(tmp_path: Path) -> None:
    above = {"id": "1489000000000000000", "text": "words"}
    given = post(5, 11, in_reply_to_user_id="12", referenced_tweets=refers("replied_to", int(above["id"])))
    assert _posts(_read(tmp_path, answer(given, tweets=[above])))[above["id"]]["account_id"] == "12"


def test_a_post_comes_once_though_it_comes_along_often(tmp_path: Path) -> None:
    again = [post(n, 11, referenced_tweets=refers("quoted", 1)) for n in (5, 6)]
    content = lines([streamed(one, tweets=[post(1, 12)], users=[user(11)]) for one in again])
    (batch,) = XSource().read(write(tmp_path / "x.jsonl", content), None)
    assert sorted(batch.tables["posts"]["post_id"].to_pylist()) == ["1", "5", "6"]
    assert batch.tables["accounts"].num_rows == 1
    assert batch.read == 2


def test_states(tmp_path: Path) -> None:
    withheld = {"country_codes": ["DE", "FR"], "copyright": True, "scope": "tweet"}
    accounts = [user(12, protected=True), user(13, withheld={"country_codes": ["TR"], "scope": "user"})]
    gone = {"resource_type": "user", "resource_id": "14", "detail": "User has been suspended: [14].", "title": "x"}
    lost = {"resource_type": "tweet", "resource_id": "15", "detail": "Could not find tweet", "title": "Not Found"}
    batch = _read(tmp_path, answer(post(5, withheld=withheld), users=accounts, errors=[gone, lost]))
    assert _states(batch) == [
        ("11", "5", "withheld", "in DE, FR for copyright"),
        ("12", None, "protected", None),
        ("13", None, "withheld", "in TR"),
        ("14", None, "suspended", None),
    ]
    assert batch.ignored == {"an error that the API answered": 2}


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ({"delete": {"tweet": {"id": "5", "author_id": "11"}}}, ("11", "5", "deleted", None)),
        ({"withheld": {"tweet": {"id": "5", "author_id": "11"}, "withheld_in_countries": ["DE"]}},
         ("11", "5", "withheld", "in DE")),
        ({"user_suspend": {"user": {"id": "11"}}}, ("11", None, "suspended", None)),
        ({"user_unprotect": {"user": {"id": "11"}}}, ("11", None, "active", None)),
    ],
)  # fmt: skip
def test_events_of_a_compliance_stream(tmp_path: Path, event: dict[str, Any], state: tuple[Any, ...]) -> None:
    ((name, about),) = event.items()
    batch = _read(tmp_path, {"data": {name: {**about, "event_at": "2023-03-01T12:00:00Z"}}})
    assert _states(batch) == [state]
    assert batch.rejects == []


def test_direct_messages_are_left_out_unread_and_so_is_who_writes_them(tmp_path: Path) -> None:
    event = {"id": "1", "event_type": "MessageCreate", "text": "SECRET", "sender_id": "11", "dm_conversation_id": "1-2"}
    batch = _read(tmp_path, answer(event, users=[user(11, name="SECRET")], tweets=[post(5, text="SECRET")]))
    assert batch.ignored == {"direct messages, unread": 1}
    assert "SECRET" not in str([table.to_pylist() for table in batch.tables.values()])


@pytest.mark.parametrize(
    ("given", "ignored"),
    [
        (answer({"id": "1", "state": "live", "host_ids": ["11"]}), "a Space"),
        (answer({"id": "1", "name": "x", "owner_id": "11"}), "a list"),
        (answer({"id": "1", "value": "cat", "tag": "x"}), "a rule of the stream"),
        (answer(), "an empty answer"),
        ({"data": {"tweet_count": 1, "start": "x", "end": "y"}}, "a count of posts"),
        ({"data": {"liked": True}}, "an answer about nobody's account or post"),
        ({"token_type": "bearer", "access_token": "SECRET"}, "a token, unread"),
        ({"errors": [{"title": "operational-disconnect"}]}, "an error that the API answered"),
        ({"data": {"scrub_geo": {"user": {"id": "1"}}}}, "event 'scrub_geo'"),
    ],
)
def test_answers_about_nobody_are_told(tmp_path: Path, given: dict[str, Any], ignored: str) -> None:
    batch = _read(tmp_path, given)
    assert (batch.ignored, batch.read, batch.rejects) == ({ignored: 1}, 0, [])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (post(5, author_id=None), "a post without its author: ask for it with tweet.fields=author_id"),
        (post(5, created_at=None), "a post without its time"),
        (post(5, created_at="yesterday"), "'yesterday' is no time"),
        (post(5, text=7), "Expected `str`, got `int` - at `$.text`"),
        (user(5, username=7), "not an X user: Expected `str`"),
        (user(5, created_at="0001-01-01"), "is before 1990"),
    ],
)
def test_an_unfit_thing_is_rejected_and_the_rest_goes_on(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    for page in (answer(given, post(6)), answer(post(6), users=[given]) if "text" not in given else None):
        if page:
            batch = _read(tmp_path, page)
            assert (batch.read, len(batch.rejects), list(_posts(batch))) == (2, 1, ["6"])
            assert why in batch.rejects[0].reason


def test_a_new_field_is_told(tmp_path: Path) -> None:
    given = answer(post(5, mood=1), users=[user(11, mood=1)], media=[{"media_key": "3_1", "mood": 1}])
    unknown = _read(tmp_path, {**given, "mood": 1}).unknown
    assert unknown == {"x post.mood": 1, "x user.mood": 1, "x media.mood": 1, "x answer.mood": 1}


def test_forms_of_one_answer(tmp_path: Path) -> None:
    """A page in lines, on one line and as a lone object say the same."""
    given = answer(post(5), users=[user(11)])
    path = write(tmp_path / "pretty.json", json.dumps(given, indent=2).encode())
    (pretty,) = XSource().read(path, None)
    assert _posts(pretty) == _posts(_read(tmp_path, given)) == _posts(_read(tmp_path, [given]))
    assert list(_posts(_read(tmp_path, post(5)))) == ["5"]
    assert _posts(_read(tmp_path, {"users": [user(11)], "tweets": [post(5)]})) == _posts(pretty)


def test_lines_of_both_versions_in_one_file(tmp_path: Path) -> None:
    unfit = b'{"id": "3", "id_str": "3", "text": "x"}'  # of v1.1
    content = lines([tweet(1), streamed(post(5)), tweet(2)]) + b"\r\n" + unfit + b"\n" + lines([{"data": {"id": "x"}}])
    (batch,) = XSource().read(write(tmp_path / "x.jsonl", content), None)
    assert batch.tables["posts"]["post_id"].to_pylist() == ["1", "2", "5"]
    assert [(r.line, r.raw) for r in batch.rejects] == [(5, unfit)]
    assert "not an X v1.1 post: Expected `int`" in batch.rejects[0].reason
    assert (batch.read, batch.ignored) == (4, {"blank line": 1, "an answer about nobody's account or post": 1})


def test_an_array_of_v1_payloads_and_a_search_answer_spread_over_lines(tmp_path: Path) -> None:
    assert list(_posts(_read(tmp_path, [tweet(1), tweet(2)]))) == ["1", "2"]
    path = write(tmp_path / "search.json", json.dumps({"statuses": [tweet(1)]}, indent=2).encode())
    (batch,) = XSource().read(path, None)
    assert list(_posts(batch)) == ["1"]


def test_a_damaged_element_of_an_array_costs_itself(tmp_path: Path) -> None:
    content = b"[" + lines([tweet(1)]).strip() + b', {"id": 2, "user": \xff}, ' + lines([tweet(3)]).strip() + b"]"
    (batch,) = XSource().read(write(tmp_path / "x.json", content), None)
    assert list(_posts(batch)) == ["1", "3"]
    assert (batch.read, [r.line for r in batch.rejects], batch.ignored) == (3, [2], {})


def test_lines_of_a_stream_are_read_at_the_door_of_workers() -> None:
    found = XSource().batch(Lines(lines(mixed(5)).split(b"\n")[:-1], 1, 0, 0))
    assert (found.read, found.rejects) == (5, [])
    assert {p["kind"] for p in found.tables["posts"].to_pylist()} == {"post", "repost", "quote", "reply"}
    assert all(table.column(0).num_chunks == 1 for table in found.tables.values())


def test_every_recorded_answer_loads_or_says_why_not(shared: Path) -> None:
    files = sorted((shared / "payloads" / "x_v2_pytwitter").rglob("*.json"))
    assert len(files) > 60
    rows = dict.fromkeys(("posts", "accounts"), 0)
    for path in files:
        batches = list(XSource().read(path, None))
        loaded = sum(table.num_rows for batch in batches for table in batch.tables.values())
        said = sum(len(batch.rejects) + sum(batch.ignored.values()) for batch in batches)
        assert loaded + said > 0, path.name
        assert all("ask for it with" in reject.reason for batch in batches for reject in batch.rejects), path.name
        assert not any(batch.unknown for batch in batches), path.name
        for name in rows:
            rows[name] += sum(batch.tables[name].num_rows for batch in batches)
    assert rows == {"posts": 77, "accounts": 107}


def test_made_objects_are_read_whole(tmp_path: Path) -> None:
    (batch,) = XSource().read(write(tmp_path / "x.jsonl", lines(mixed(50))), None)
    assert (batch.read, batch.rejects, batch.unknown) == (50, [], {})
