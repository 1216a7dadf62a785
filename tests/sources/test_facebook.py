"""What is made of the Graph API's answers and the Content Library's rows; what is left out; and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from makers import write
from seawall.sources.contract import Batch
from seawall.sources.facebook import FacebookExport
from sources.facebook_answers import comment, library, mixed, post


def _read(folder: Path, given: Any) -> Batch:
    (batch,) = FacebookExport().read(write(folder / "fb.json", json.dumps(given).encode()), None)
    return batch


def _one(folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    batch = _read(folder, {"data": [given]})
    assert batch.rejects == []
    (found,) = batch.tables["posts"].to_pylist()
    return dict(found)


def _ties(batch: Batch) -> list[tuple[str, str, str | None, str | None]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["link"]) for t in batch.tables["ties"].to_pylist()]


def test_a_post_of_a_page(tmp_path: Path) -> None:
    found = _one(tmp_path, post(5, text="see https://a.example/x #harbour"))
    assert (found["platform"], found["post_id"], found["account_id"], found["kind"]) == (
        "facebook",
        "19_5",
        "19",
        "post",
    )
    assert found["at"].isoformat() == "2021-07-01T00:05:00+00:00"
    assert (found["links"], found["hashtags"]) == (["https://a.example/x"], ["harbour"])
    assert (found["likes"], found["reposts"], found["replies"]) == (3, 4, None)


def test_who_wrote_in_a_group_is_the_author(tmp_path: Path) -> None:
    given = post(5, 900, **{"from": {"id": "70", "name": "Somebody"}})
    batch = _read(tmp_path, {"data": [given]})
    assert batch.tables["posts"].to_pylist()[0]["account_id"] == "70"
    assert [(a["account_id"], a["name"]) for a in batch.tables["accounts"].to_pylist()] == [("70", "Somebody")]


def test_a_post_that_passes_another_on_is_a_quote(tmp_path: Path) -> None:
    batch = _read(tmp_path, {"data": [post(5, parent_id="44_9")]})
    (found,) = batch.tables["posts"].to_pylist()
    assert (found["kind"], found["of_post_id"], found["of_account_id"]) == ("quote", "44_9", "44")
    assert _ties(batch) == [("quote", "19", "44", None)]


def test_comments_answer_the_post_or_a_comment(tmp_path: Path) -> None:
    parent = {"id": "19_1_6", "from": {"id": "71", "name": "B"}}
    batch = _read(tmp_path, {"data": [comment(6, 71), comment(7, 70, parent=parent)]})
    first, second = batch.tables["posts"].to_pylist()
    assert (first["kind"], first["reply_to_post_id"], first["reply_to_account_id"]) == ("reply", "19_1", "19")
    assert (second["reply_to_post_id"], second["reply_to_account_id"]) == ("19_1_6", "71")
    assert _ties(batch) == [("reply", "71", "19", None), ("reply", "70", "71", None)]


def test_comments_inside_a_post_are_read_too(tmp_path: Path) -> None:
    batch = _read(tmp_path, post(1, comments={"data": [comment(6)], "summary": {"total_count": 9}}))
    assert [(p["post_id"], p["replies"]) for p in batch.tables["posts"].to_pylist()] == [("19_1", 9), ("19_1_6", 1)]
    assert batch.read == 2


def test_attachments_are_media_or_links(tmp_path: Path) -> None:
    attachments = [
        {"type": "share", "media_type": "link", "unshimmed_url": "https://l.example/a", "url": "https://l.facebook.com/x"},
        {"type": "album", "subattachments": {"data": [
            {"type": "photo", "media": {"image": {"src": "https://p/1"}}, "target": {"id": "501"}},
            {"type": "video_inline", "media": {"source": "https://v/1"}, "target": {"id": "502"}},
        ]}},
    ]  # fmt: skip
    batch = _read(tmp_path, {"data": [post(5, attachments={"data": attachments})]})
    assert [(m["media_id"], m["kind"], m["url"]) for m in batch.tables["media"].to_pylist()] == [
        ("501", "photo", "https://p/1"),
        ("502", "video", "https://v/1"),
    ]
    assert batch.tables["posts"].to_pylist()[0]["links"] == ["https://l.example/a"]


def test_whom_a_text_names(tmp_path: Path) -> None:
    tags = [{"id": "7", "name": "Page", "type": "page"}, {"id": "8", "name": "Event", "type": "event"}]
    assert _ties(_read(tmp_path, {"data": [post(5, message_tags=tags)]})) == [("mention", "19", "7", None)]


@pytest.mark.parametrize(
    ("given", "kind", "followers"),
    [
        ({"id": "1", "name": "N", "username": "n", "fan_count": 7, "about": "words"}, "channel", 7),
        ({"id": "1", "name": "N", "username": "n", "member_count": 8, "description": "words"}, "group", 8),
        ({"id": "1", "name": "N", "username": "n", "first_name": "F", "about": "words"}, "person", None),
    ],
)
def test_accounts(tmp_path: Path, given: dict[str, Any], kind: str, followers: int | None) -> None:
    for answer in (given, {"1": given}):
        (found,) = _read(tmp_path, answer).tables["accounts"].to_pylist()
        assert (found["kind"], found["handle"], found["bio"], found["followers"]) == (kind, "n", "words", followers)


def test_who_somebody_is_is_never_kept(tmp_path: Path) -> None:
    given = {"id": "1", "first_name": "F", "birthday": "SECRET", "religion": "SECRET", "political": "SECRET",
             "hometown": {"name": "SECRET"}, "email": "SECRET", "relationship_status": "SECRET"}  # fmt: skip
    batch = _read(tmp_path, given)
    assert "SECRET" not in str([table.to_pylist() for table in batch.tables.values()])
    assert (batch.read, batch.unknown) == (1, {})


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"error": {"message": "x", "code": 190}}, "an error that the API answered"),
        ({"data": []}, "an empty answer"),
        ({"data": [{"id": "t_1", "snippet": "SECRET", "participants": {}}]}, "private message"),
        ({"data": [comment(5, is_private=True)]}, "private comment"),
        ({"access_token": "x"}, "an answer about nobody's account or post"),
        ([1], "an answer about nobody's account or post"),
    ],
)
def test_what_is_no_fact_is_told(tmp_path: Path, given: Any, what: str) -> None:
    batch = _read(tmp_path, given)
    assert (batch.ignored, batch.read, batch.rejects) == ({what: 1}, 0, [])
    assert "SECRET" not in str([table.to_pylist() for table in batch.tables.values()])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (post(5, created_time="soon"), "is no time"),
        (post(5, message=7), "Expected `str | null`"),
        ({"id": "5", "created_time": "2021-07-01T00:00:00+0000", "message": "x"}, "neither who wrote it nor"),
        ({"id": "19_5", "message": "x"}, "does not say when it was written"),
        ({"id": "19_1_5", "created_time": "2021-07-01T00:00:00+0000", "message": "x"}, "without its author"),
    ],
)
def test_an_unfit_object_is_rejected_and_the_rest_goes_on(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    batch = _read(tmp_path, {"data": [given, post(6)]})
    assert (batch.read, len(batch.rejects)) == (2, 1)
    assert why in batch.rejects[0].reason
    assert [p["post_id"] for p in batch.tables["posts"].to_pylist()] == ["19_6"]


def test_an_author_shown_by_a_rejected_post_is_still_shown_by_the_next(tmp_path: Path) -> None:
    author = {"from": {"id": "70", "name": "Somebody"}}
    bad = post(5, **author, attachments={"data": [{"type": "photo", "media": {"image": {"src": 7}}}]})
    batch = _read(tmp_path, {"data": [bad, post(6, **author), post(7, **author)]})
    assert [a["account_id"] for a in batch.tables["accounts"].to_pylist()] == ["70"]


def test_a_new_field_is_told(tmp_path: Path) -> None:
    assert _read(tmp_path, {"data": [post(5, mood=1)]}).unknown == {"facebook post.mood": 1}


def test_rows_of_the_content_library(tmp_path: Path) -> None:
    batches = list(FacebookExport().read(write(tmp_path / "library.csv", library(12)), None))
    posts = {p["post_id"]: p for batch in batches for p in batch.tables["posts"].to_pylist()}
    assert len(posts) == 12
    third, fourth = posts["post3"], posts["post4"]
    assert (third["account_id"], third["handle"], third["lang"], third["links"]) == (
        "3", "name3", "ar", ["https://e.example/3"])  # fmt: skip
    assert (third["reposts"], third["likes"], third["media"], third["hashtags"]) == (3, 4, 1, ["tag"])
    assert (fourth["kind"], fourth["of_post_id"]) == ("quote", "other4")
    assert posts["post5"]["text"] == "row 5\nsecond line, with comma"
    accounts = {(a["account_id"], a["kind"]) for batch in batches for a in batch.tables["accounts"].to_pylist()}
    assert {("3", "person"), ("4", "channel")} <= accounts
    ties = {tie for batch in batches for tie in _ties(batch) if tie[0] == "follow"}
    assert ("follow", "4", "900", None) in ties


def test_a_row_without_its_owner_is_rejected(tmp_path: Path) -> None:
    content = b"id,text,creation_time,post_owner.id\np1,x,2021-07-01 00:00:00,\np2,y,2021-07-01 00:00:00,9\n"
    (batch,) = FacebookExport().read(write(tmp_path / "library.csv", content), None)
    assert [(r.line, r.reason) for r in batch.rejects] == [
        (2, "not a post of the Content Library: its id, its time or its owner is empty")
    ]
    assert [p["post_id"] for p in batch.tables["posts"].to_pylist()] == ["p2"]


def test_every_recorded_answer_loads_or_says_why_not(shared: Path) -> None:
    files = sorted((shared / "payloads" / "facebook_graph" / "testdata").rglob("*.json"))
    assert len(files) > 50
    posts = accounts = 0
    for path in files:
        batches = list(FacebookExport().read(path, None))
        loaded = sum(table.num_rows for batch in batches for table in batch.tables.values())
        said = sum(len(batch.rejects) + sum(batch.ignored.values()) for batch in batches)
        assert loaded + said > 0, path.name
        assert not any(batch.unknown for batch in batches), path.name
        posts += sum(batch.tables["posts"].num_rows for batch in batches)
        accounts += sum(batch.tables["accounts"].num_rows for batch in batches)
    assert (posts, accounts) == (70, 48)


def test_made_answers_are_read_whole(tmp_path: Path) -> None:
    batch = _read(tmp_path, mixed(50)[0])
    assert (batch.read, batch.rejects, batch.unknown) == (1, [], {})
