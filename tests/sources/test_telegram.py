"""What is made of Telegram exports, field by field; what is left out; and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from makers import write
from seawall.lake import Lake
from seawall.sources import telegram
from seawall.sources.contract import Batch
from seawall.sources.loading import load
from seawall.sources.telegram import TelegramExport
from sources.telegram_chats import chat, message, mixed, service


def _read(folder: Path, given: Any) -> Batch:
    (batch,) = TelegramExport().read(write(folder / "result.json", json.dumps(given).encode()), None)
    return batch


def _post(folder: Path, given: dict[str, Any], **room: Any) -> dict[str, Any]:
    batch = _read(folder, chat([given], **room))
    assert batch.rejects == []
    (post,) = batch.tables["posts"].to_pylist()
    return dict(post)


def _ties(batch: Batch) -> list[tuple[str, str, str | None, str | None, str | None]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["to_handle"], t["link"]) for t in batch.tables["ties"].to_pylist()]


def test_a_plain_message(tmp_path: Path) -> None:
    post = _post(tmp_path, message(5, 2, "see https://a.example/x, #harbour @other"))
    assert (post["platform"], post["post_id"], post["account_id"]) == ("telegram", "channel900/5", "user2")
    assert post["at"].isoformat() == "2023-11-14T22:18:20+00:00"
    assert (post["kind"], post["links"], post["hashtags"]) == ("post", ["https://a.example/x"], ["harbour"])
    assert (post["mentions"], post["media"], post["handle"]) == (["other"], 0, None)


def test_a_text_in_parts_is_what_people_see(tmp_path: Path) -> None:
    parts = [
        "one ",
        {"type": "bold", "text": "two"},
        {"type": "text_link", "text": " here", "href": "https://b.example/"},
        {"type": "text_link", "text": "", "href": "tg://resolve?x"},
        {"type": "mention", "text": "@name"},
        {"type": "mention_name", "text": " somebody", "user_id": 44},
    ]
    batch = _read(tmp_path, chat([message(1, 2, parts)]))
    (post,) = batch.tables["posts"].to_pylist()
    assert post["text"] == "one two here@name somebody"
    assert post["links"] == ["https://b.example/"]
    assert ("mention", "user2", None, "name", None) in _ties(batch)
    assert ("mention", "user2", "user44", None, None) in _ties(batch)
    assert ("shared_link", "user2", None, None, "https://b.example/") in _ties(batch)


def test_a_forward_is_a_repost_of_its_origin(tmp_path: Path) -> None:
    batch = _read(tmp_path, chat([message(1, 2, forwarded_from="Origin", forwarded_from_id="channel5")]))
    (post,) = batch.tables["posts"].to_pylist()
    assert (post["kind"], post["of_account_id"]) == ("repost", "channel5")
    assert _ties(batch) == [("repost", "user2", "channel5", None, None)]


def test_a_forward_without_an_origin_is_a_repost_and_no_tie(tmp_path: Path) -> None:
    batch = _read(tmp_path, chat([message(1, 2, forwarded_from="Somebody hidden")]))
    assert [p["kind"] for p in batch.tables["posts"].to_pylist()] == ["repost"]
    assert _ties(batch) == []


def test_a_reply_knows_whom_it_answers(tmp_path: Path) -> None:
    batch = _read(tmp_path, chat([message(1, 2), message(2, 3, reply_to_message_id=1)]))
    reply = batch.tables["posts"].to_pylist()[1]
    assert (reply["kind"], reply["reply_to_post_id"]) == ("reply", "channel900/1")
    assert reply["reply_to_account_id"] == "user2"
    assert _ties(batch) == [("reply", "user3", "user2", None, None)]


def test_a_message_in_a_topic_answers_nobody(tmp_path: Path) -> None:
    given = [service(1, "topic_created", 2), message(2, 3, reply_to_message_id=1)]
    batch = _read(tmp_path, chat(given))
    (post,) = batch.tables["posts"].to_pylist()
    assert (post["kind"], post["reply_to_account_id"]) == ("post", None)
    assert _ties(batch) == []


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"photo": "photos/1.jpg"}, "photo"),
        ({"file": "video.mp4", "media_type": "video_file"}, "video"),
        ({"file": "v.ogg", "media_type": "voice_message"}, "audio"),
        ({"file": "a.mp4", "media_type": "animation"}, "animation"),
        ({"file": "film.mkv", "mime_type": "video/x-matroska"}, "video"),
        ({"file": "manual.pdf", "mime_type": "application/pdf", "file_name": "manual.pdf"}, "file"),
    ],
)
def test_media(tmp_path: Path, more: dict[str, Any], kind: str) -> None:
    batch = _read(tmp_path, chat([message(1, 2, **more)]))
    (medium,) = batch.tables["media"].to_pylist()
    assert (medium["kind"], medium["media_id"]) == (kind, "channel900/1#0")
    assert medium["url"] == (more.get("photo") or more.get("file"))
    assert batch.tables["posts"].to_pylist()[0]["media"] == 1


def test_a_file_that_was_left_out_of_the_export_has_no_address(tmp_path: Path) -> None:
    left_out = "(File not included. Change data exporting settings to download.)"
    batch = _read(tmp_path, chat([message(1, 2, photo=left_out)]))
    assert [m["url"] for m in batch.tables["media"].to_pylist()] == [None]


def test_accounts_are_the_room_and_who_wrote_in_it(tmp_path: Path) -> None:
    given = [message(1, 2), message(2, 2), message(3, 3, from_id="channel900", **{"from": "A room"})]
    accounts = _read(tmp_path, chat(given)).tables["accounts"].to_pylist()
    assert sorted((a["account_id"], a["kind"], a["name"]) for a in accounts) == [
        ("channel900", "group", "A room"),
        ("user2", "person", "Account 2"),
    ]


def test_a_channel_is_an_account_that_posts(tmp_path: Path) -> None:
    given = chat([message(1, 2, from_id="channel900", **{"from": "News"})], kind="public_channel")
    batch = _read(tmp_path, given)
    assert [(a["account_id"], a["kind"]) for a in batch.tables["accounts"].to_pylist()] == [("channel900", "channel")]
    assert batch.tables["posts"].to_pylist()[0]["account_id"] == "channel900"


def test_joining_by_a_link_is_following_and_being_invited_is_not(tmp_path: Path) -> None:
    given = [service(1, "join_group_by_link", 5), service(2, "invite_members", 6, members=["Account 7"])]
    batch = _read(tmp_path, chat(given))
    assert _ties(batch) == [("follow", "user5", "channel900", None, None)]
    assert batch.ignored == {"service message 'invite_members'": 1}
    assert batch.read == 1


@pytest.mark.parametrize("kind", ["personal_chat", "bot_chat", "saved_messages", "verify_codes", "replies"])
def test_private_conversations_are_left_out_unread(tmp_path: Path, kind: str) -> None:
    batch = _read(tmp_path, chat([message(1, 2), message(2, 3)], kind=kind))
    assert all(table.num_rows == 0 for table in batch.tables.values())
    assert batch.ignored == {"message of a private conversation": 2}
    assert (batch.read, batch.rejects) == (0, [])


def test_a_whole_account_gives_its_rooms_and_nothing_private(tmp_path: Path) -> None:
    export = {
        "about": "x",
        "personal_information": {"phone_number": "0"},
        "contacts": {"list": [{"first_name": "A"}]},
        "chats": {"about": "x", "list": [chat([message(1, 2)]), chat([message(1, 3)], "personal_chat", 3)]},
        "left_chats": {"about": "x", "list": [chat([message(1, 4)], "private_group", 7)]},
    }
    batch = _read(tmp_path, export)
    posts = [(p["post_id"], p["account_id"]) for p in batch.tables["posts"].to_pylist()]
    assert posts == [("channel900/1", "user2"), ("chat7/1", "user4")]
    assert batch.ignored == {"message of a private conversation": 1}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (message(1, 2, date_unixtime="soon"), "is no time"),
        (message(1, 2, date_unixtime="99999999999999"), "is no time"),
        ({**message(1, 2), "id": "one"}, "Expected `int`"),
        (message(1, 2, text=[{"type": "bold"}]), "a part of its text is no text"),
        (message(1, 2, text=[7]), "a part of its text is no text"),
    ],
)
def test_an_unfit_message_is_rejected_and_the_rest_goes_on(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    batch = _read(tmp_path, chat([given, message(2, 3)]))
    assert (batch.read, len(batch.rejects)) == (2, 1)
    assert why in batch.rejects[0].reason
    assert [p["post_id"] for p in batch.tables["posts"].to_pylist()] == ["channel900/2"]
    assert [a["account_id"] for a in batch.tables["accounts"].to_pylist()] == ["channel900", "user3"]


@pytest.mark.parametrize("given", [{"a": 1}, [], "x", {"id": 1, "type": "x"}, 7])
def test_what_is_no_export_is_rejected(tmp_path: Path, given: Any) -> None:
    batches = list(TelegramExport().read(write(tmp_path / "f", json.dumps(given).encode()), None))
    rejects = [reject.reason for batch in batches for reject in batch.rejects]
    assert len(rejects) == (given != [])
    assert all("no Telegram export" in reason for reason in rejects)


def test_a_new_field_is_told(tmp_path: Path) -> None:
    assert _read(tmp_path, chat([message(1, 2, mood="x")])).unknown == {"telegram message.mood": 1}


def test_a_large_chat_is_read_in_stretches_and_goes_on_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram, "BATCH", 10)
    export = {"chats": {"list": [chat(mixed(35)), chat(mixed(7), number=901), chat(mixed(25), number=902)]}}
    path = write(tmp_path / "result.json", json.dumps(export).encode())
    whole = list(TelegramExport().read(path, None))
    posts = [p["post_id"] for b in whole for p in b.tables["posts"].to_pylist()]
    assert (len(whole), len(posts), len(set(posts))) == (6, 67, 67)
    for stop, batch in enumerate(whole):
        rest = list(TelegramExport().read(path, batch.cursor))
        assert posts == [p["post_id"] for b in [*whole[: stop + 1], *rest] for p in b.tables["posts"].to_pylist()]


def test_loaded_twice_adds_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "result.json", json.dumps(chat(mixed(50))).encode())
    with Lake.create(tmp_path / "home") as lake:
        first, second = (load(lake, TelegramExport(), path) for _ in range(2))
    assert (first.read, first.added["posts"]) == (50, 50)
    assert sum(second.added.values()) == 0


def test_the_recorded_exports_load(shared: Path) -> None:
    group, person = (
        list(TelegramExport().read(shared / "payloads" / "telegram_export" / name, None))
        for name in ("supergroup_with_topics.json", "personal_chat.json")
    )
    assert sum(batch.read for batch in group) == sum(batch.tables["posts"].num_rows for batch in group) == 4
    assert not any(batch.rejects or batch.unknown for batch in [*group, *person])
    assert sum(batch.read for batch in person) == 0
    assert sum(batch.ignored["message of a private conversation"] for batch in person) == 5
