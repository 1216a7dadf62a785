"""What is made of VK's answers and events, field by field; what is left out; and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from makers import write
from seawall.sources.contract import Batch
from seawall.sources.vk import VkExport, payload
from sources.vk_answers import START, answer, comment, group, mixed, post, user


def _read(folder: Path, given: Any) -> Batch:
    (batch,) = VkExport().read(write(folder / "vk.json", json.dumps(given).encode()), None)
    return batch


def _ties(batch: Batch) -> list[tuple[str, str, str | None, str | None]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["link"]) for t in batch.tables["ties"].to_pylist()]


def _posts(batch: Batch) -> dict[str, dict[str, Any]]:
    return {p["post_id"]: p for p in batch.tables["posts"].to_pylist()}


def test_a_wall_post(tmp_path: Path) -> None:
    batch = _read(tmp_path, answer(post(5, 11, "see https://a.example/x #harbour, [id7|Seven] and [club8|Eight]")))
    found = _posts(batch)["wall11_5"]
    assert (found["platform"], found["account_id"], found["kind"]) == ("vk", "11", "post")
    assert found["at"].timestamp() == START + 300
    assert found["text"] == "see https://a.example/x #harbour, Seven and Eight"
    assert (found["links"], found["hashtags"]) == (["https://a.example/x"], ["harbour"])
    assert (found["likes"], found["reposts"], found["replies"]) == (3, 4, 2)
    assert sorted(_ties(batch), key=str) == [
        ("mention", "11", "-8", None),
        ("mention", "11", "7", None),
        ("shared_link", "11", None, "https://a.example/x"),
    ]


def test_a_post_of_a_group_is_the_groups(tmp_path: Path) -> None:
    found = _posts(_read(tmp_path, answer(post(5, -9, owner_id=-9, signer_id=11))))
    assert found["wall-9_5"]["account_id"] == "-9"


def test_a_post_on_somebodys_wall_is_its_authors(tmp_path: Path) -> None:
    assert _posts(_read(tmp_path, answer(post(5, 12, owner_id=11))))["wall11_5"]["account_id"] == "12"


def test_a_repost_carries_what_it_spreads_which_is_a_post_too(tmp_path: Path) -> None:
    batch = _read(tmp_path, answer(post(5, 11, "", copy_history=[post(70, -9, "the words")])))
    found = _posts(batch)
    assert (found["wall11_5"]["kind"], found["wall11_5"]["text"]) == ("repost", "the words")
    assert (found["wall11_5"]["of_post_id"], found["wall11_5"]["of_account_id"]) == ("wall-9_70", "-9")
    assert (found["wall-9_70"]["account_id"], found["wall-9_70"]["text"]) == ("-9", "the words")
    assert _ties(batch) == [("repost", "11", "-9", None)]


def test_a_repost_with_words_is_a_quote(tmp_path: Path) -> None:
    batch = _read(tmp_path, answer(post(5, 11, "not so", copy_history=[post(70, -9, "the words")])))
    assert (_posts(batch)["wall11_5"]["kind"], _posts(batch)["wall11_5"]["text"]) == ("quote", "not so")
    assert _ties(batch) == [("quote", "11", "-9", None)]


def test_comments_and_their_answers(tmp_path: Path) -> None:
    below = {
        "id": 31,
        "from_id": 13,
        "date": START,
        "text": "[id12|A], no",
        "reply_to_user": 12,
        "reply_to_comment": 30,
    }
    thread = {"count": 1, "items": [below]}
    batch = _read(tmp_path, answer(comment(30, 12, thread=thread)))
    found = _posts(batch)
    assert (found["wall11_30"]["kind"], found["wall11_30"]["reply_to_post_id"]) == ("reply", "wall11_1")
    assert (found["wall11_31"]["reply_to_post_id"], found["wall11_31"]["reply_to_account_id"]) == ("wall11_30", "12")
    assert _ties(batch) == [("reply", "12", "11", None), ("reply", "13", "12", None)]


def test_a_comment_that_does_not_say_where_it_stands_is_rejected(tmp_path: Path) -> None:
    batch = _read(tmp_path, answer({"id": 30, "from_id": 12, "date": START, "text": "x"}, comment(31)))
    assert list(_posts(batch)) == ["wall11_31"]
    assert "does not say what it stands below" in batch.rejects[0].reason


def test_what_was_deleted_is_a_state(tmp_path: Path) -> None:
    batch = _read(tmp_path, answer(comment(30, 12, deleted=True), post(6, 11, is_deleted=True)))
    states = [(s["account_id"], s["post_id"], s["state"]) for s in batch.tables["states"].to_pylist()]
    assert states == [("12", "wall11_30", "deleted"), ("11", "wall11_6", "deleted")]
    assert _posts(batch) == {}


@pytest.mark.parametrize(
    ("attachment", "kind", "url"),
    [
        ({"type": "photo", "photo": {"id": 1, "owner_id": 5, "photo_604": "https://p/604", "photo_75": "https://p/75"}},
         "photo", "https://p/604"),
        ({"type": "photo", "photo": {"id": 1, "owner_id": 5, "sizes": [{"width": 5, "url": "https://p/5"},
                                                                       {"width": 9, "url": "https://p/9"}]}},
         "photo", "https://p/9"),
        ({"type": "video", "video": {"id": 1, "owner_id": 5, "title": "A film"}}, "video", None),
        ({"type": "doc", "doc": {"id": 1, "owner_id": 5, "url": "https://d/x.pdf"}}, "file", "https://d/x.pdf"),
    ],
)  # fmt: skip
def test_attachments(tmp_path: Path, attachment: dict[str, Any], kind: str, url: str | None) -> None:
    batch = _read(tmp_path, answer(post(5, 11, attachments=[attachment, {"type": "poll", "poll": {"id": 3}}])))
    (medium,) = batch.tables["media"].to_pylist()
    assert (medium["kind"], medium["media_id"], medium["url"]) == (kind, f"{attachment['type']}5_1", url)
    assert _posts(batch)["wall11_5"]["media"] == 1


def test_an_attached_link_is_a_link(tmp_path: Path) -> None:
    given = [{"type": "link", "link": {"url": "https://l.example/", "title": "x"}}]
    assert _posts(_read(tmp_path, answer(post(5, 11, attachments=given))))["wall11_5"]["links"] == [
        "https://l.example/"
    ]


def test_accounts_of_people_and_groups(tmp_path: Path) -> None:
    given = answer(post(5), profiles=[user(11, status="words", city={"id": 1, "title": "Town"}, followers_count=7)],
                   groups=[group(9, description="about", members_count=8)])  # fmt: skip
    accounts = _read(tmp_path, given).tables["accounts"].to_pylist()
    seen = [(a["account_id"], a["kind"], a["handle"], a["name"], a["bio"], a["followers"]) for a in accounts]
    assert seen == [
        ("11", "person", "name11", "First Last", "words", 7),
        ("-9", "group", "club9", "A group", "about", 8),
    ]
    assert all(a["seen_at"].timestamp() == START + 300 for a in accounts)


@pytest.mark.parametrize(
    ("given", "state"),
    [(user(1, deactivated="banned"), "suspended"), (user(1, deactivated="deleted"), "deleted"),
     (user(1, is_closed=True), "protected"), (group(1, is_closed=1), "protected"),
     (group(1, deactivated="banned"), "suspended")],
)  # fmt: skip
def test_states_of_accounts(tmp_path: Path, given: dict[str, Any], state: str) -> None:
    batch = _read(tmp_path, {"response": [given]})
    assert [s["state"] for s in batch.tables["states"].to_pylist()] == [state]


def test_who_somebody_is_is_never_kept(tmp_path: Path) -> None:
    given = user(1, bdate="1.1.1990", sex=2, personal={"religion": "SECRET"}, home_phone="SECRET", relation=4,
                 schools=[{"name": "SECRET"}], contacts={"mobile": "SECRET"})  # fmt: skip
    batch = _read(tmp_path, {"response": [given]})
    assert "SECRET" not in str([table.to_pylist() for table in batch.tables.values()])
    assert batch.unknown == {}


@pytest.mark.parametrize(
    ("name", "thing", "post_id"),
    [
        ("wall_post_new", post(5), "wall11_5"),
        ("wall_repost", post(5), "wall11_5"),
        ("wall_reply_new", comment(6, post_owner_id=-9), "wall-9_6"),
        ("video_comment_new", {**comment(6), "video_owner_id": -9, "video_id": 3}, "video-9_3_r6"),
        ("board_post_new", {**comment(6), "topic_owner_id": -9, "topic_id": 3}, "topic-9_3_r6"),
    ],
)
def test_events_of_a_group(tmp_path: Path, name: str, thing: dict[str, Any], post_id: str) -> None:
    event = {"type": name, "object": thing, "group_id": 9, "event_id": "x"}
    for given in (event, {"ts": "1", "updates": [event]}):
        batch = _read(tmp_path, given)
        assert list(_posts(batch)) == [post_id]
        assert batch.rejects == []


def test_an_event_of_a_deleted_comment(tmp_path: Path) -> None:
    event = {
        "type": "wall_reply_delete",
        "object": {"owner_id": -9, "id": 6, "deleter_id": 1, "post_id": 2},
        "group_id": 9,
    }
    (state,) = _read(tmp_path, event).tables["states"].to_pylist()
    assert (state["post_id"], state["state"]) == ("wall-9_6", "deleted")


def test_private_messages_are_left_out_unread(tmp_path: Path) -> None:
    event = {"type": "message_new", "object": {"message": {"text": "SECRET", "from_id": 1, "id": 1}}, "group_id": 9}
    batch = _read(tmp_path, event)
    assert batch.ignored == {"private message": 1}
    assert "SECRET" not in str([table.to_pylist() for table in batch.tables.values()])


@pytest.mark.parametrize(
    ("given", "ignored"),
    [
        ({"error": {"error_code": 15}}, "an error that the API answered"),
        (answer(1), "an id alone"),
        (answer(), "an empty answer"),
        ({"response": 1}, "an id alone"),
        ({"response": {"upload_url": "x"}}, "an answer about nobody's account or post"),
        (answer({"type": "wall_photo", "source_id": 1}), "item 'wall_photo'"),
    ],
)
def test_answers_about_nobody_are_told(tmp_path: Path, given: dict[str, Any], ignored: str) -> None:
    batch = _read(tmp_path, given)
    assert (batch.ignored, batch.read, batch.rejects) == ({ignored: 1}, 0, [])


@pytest.mark.parametrize(
    ("given", "why"),
    [(post(5, date=10**15), "is no time"), (post(5, date="x"), "Expected `int`"), (post(5, text=7), "Expected `str`")],
)
def test_an_unfit_post_is_rejected_and_the_rest_goes_on(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    batch = _read(tmp_path, answer(given, post(6)))
    assert (batch.read, len(batch.rejects), list(_posts(batch))) == (2, 1, ["wall11_6"])
    assert why in batch.rejects[0].reason


def test_a_new_field_is_told(tmp_path: Path) -> None:
    assert _read(tmp_path, answer(post(5, mood=1))).unknown == {"vk post.mood": 1}


def test_every_recorded_answer_loads_or_says_why_not(shared: Path) -> None:
    files = sorted((shared / "payloads" / "vk" / "vknet").glob("*.json"))
    assert len(files) > 100
    posts = accounts = 0
    for path in files:
        batches = list(VkExport().read(path, None))
        loaded = sum(table.num_rows for batch in batches for table in batch.tables.values())
        said = sum(len(batch.rejects) + sum(batch.ignored.values()) for batch in batches)
        assert loaded + said > 0, path.name
        assert all(reject.reason for batch in batches for reject in batch.rejects)
        assert not any(batch.unknown for batch in batches), path.name
        posts += sum(batch.tables["posts"].num_rows for batch in batches)
        accounts += sum(batch.tables["accounts"].num_rows for batch in batches)
    assert (posts, accounts) == (44, 105)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("wall_wallpost_full", payload.POST_FIELDS),
        ("wall_wall_comment", payload.COMMENT_FIELDS),
        ("users_user_full", payload.USER_FIELDS),
        ("groups_group_full", payload.GROUP_FIELDS),
    ],
)
def test_every_field_of_vks_own_schema_is_known(kind: str, fields: payload.Fields, shared: Path) -> None:
    definitions: dict[str, Any] = {}
    for path in (shared / "payloads" / "vk_schema").glob("*/objects.json"):
        definitions |= json.loads(path.read_text("utf-8-sig"))["definitions"]
    names = _properties(definitions, kind)
    assert len(names) > 15
    assert fields.unknown(dict.fromkeys(names, 0)) == []


def _properties(definitions: dict[str, Any], kind: str) -> set[str]:
    """Names of the properties of a definition, with those it is composed of."""
    given = definitions.get(kind, {})
    names = set(given.get("properties", ()))
    for part in given.get("allOf", []):
        names |= set(part.get("properties", ()))
        if "$ref" in part:
            names |= _properties(definitions, part["$ref"].rpartition("/")[2])
    return names


def test_made_answers_are_read_whole(tmp_path: Path) -> None:
    content = b"\n".join(json.dumps(a).encode() for a in mixed(50))
    batches = list(VkExport().read(write(tmp_path / "vk.jsonl", content), None))
    assert sum(batch.read for batch in batches) == 50
    assert not any(batch.rejects or batch.unknown for batch in batches)
