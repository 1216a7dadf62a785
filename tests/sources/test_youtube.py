"""What is made of YouTube's answers, field by field; what is left out; and damaged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from makers import write
from seawall.sources.contract import Batch
from seawall.sources.fields import Fields
from seawall.sources.youtube import YoutubeExport, payload
from sources.youtube_answers import START, channel, comment, moment, page, playlist_item, thread, upload, video


def _read(folder: Path, *given: Any) -> Batch:
    content = json.dumps(given[0] if len(given) == 1 else list(given)).encode()
    (batch,) = YoutubeExport().read(write(folder / "youtube.json", content), None)
    return batch


def _ties(batch: Batch) -> list[tuple[str, str, str | None]]:
    found = batch.tables["ties"].to_pylist()
    return sorted((t["kind"], t["from_id"], t["to_id"] or t["to_handle"] or t["link"]) for t in found)


def _posts(batch: Batch) -> dict[str, dict[str, Any]]:
    return {p["post_id"]: p for p in batch.tables["posts"].to_pylist()}


def _accounts(batch: Batch) -> dict[str, dict[str, Any]]:
    return {a["account_id"]: a for a in batch.tables["accounts"].to_pylist()}


def _states(batch: Batch) -> list[tuple[str, str | None, str, str | None]]:
    return [(s["account_id"], s["post_id"], s["state"], s["note"]) for s in batch.tables["states"].to_pylist()]


def test_a_video_is_a_post_of_its_channel_with_a_video(tmp_path: Path) -> None:
    batch = _read(tmp_path, page("video", video(5, text="see https://a.example/x, #harbour and @қала.1!")))
    found = _posts(batch)["v5"]
    assert (found["platform"], found["account_id"], found["kind"]) == ("youtube", "UCone", "post")
    assert (found["at"] - START).total_seconds() == 300
    assert found["text"] == "video 5\nsee https://a.example/x, #harbour and @қала.1!"
    assert (found["links"], found["hashtags"], found["mentions"]) == (["https://a.example/x"], ["harbour"], ["қала.1"])
    assert (found["likes"], found["replies"], found["lang"], found["media"]) == (7, 3, "en", 1)
    (medium,) = batch.tables["media"].to_pylist()
    assert (medium["kind"], medium["post_id"], medium["url"]) == ("video", "v5", "https://www.youtube.com/watch?v=v5")
    assert _ties(batch) == [("mention", "UCone", "қала.1"), ("shared_link", "UCone", "https://a.example/x")]
    assert (_accounts(batch)["UCone"]["name"], _accounts(batch)["UCone"]["kind"]) == ("One", "channel")
    assert (batch.read, _states(batch)) == (1, [])


def test_a_channel_is_an_account_of_kind_channel(tmp_path: Path) -> None:
    found = _accounts(_read(tmp_path, page("channel", channel())))["UCone"]
    assert (found["kind"], found["handle"], found["name"], found["bio"]) == ("channel", "one", "One", "about One")
    assert (found["place"], found["picture"]) == ("KZ", "https://i.example/one.jpg")
    assert (found["created_at"], found["followers"], found["posts"]) == (START, 40, 2)


def test_subscribers_that_are_hidden_are_no_number(tmp_path: Path) -> None:
    given = channel()
    given["statistics"] = {"subscriberCount": "0", "hiddenSubscriberCount": True}
    assert _accounts(_read(tmp_path, given))["UCone"]["followers"] is None


def test_a_comment_answers_the_videos_channel_and_an_answer_its_author(tmp_path: Path) -> None:
    answer = comment(8, "UCthree", "@two no", parentId="Ug7", authorDisplayName="Three Names")
    batch = _read(tmp_path, page("commentThread", thread(7, answer, of="v5", text="said <b>")))
    found = _posts(batch)
    first, below = found["Ug7"], found["Ug8"]
    assert (first["kind"], first["text"], first["handle"]) == ("reply", "said <b>", "two")
    assert (first["reply_to_post_id"], first["reply_to_account_id"]) == ("v5", "UCone")
    assert (first["likes"], first["replies"]) == (4, 1)
    assert (below["reply_to_post_id"], below["reply_to_account_id"], below["handle"]) == ("Ug7", "UCtwo", None)
    assert _ties(batch) == [
        ("mention", "UCthree", "two"),
        ("reply", "UCthree", "UCtwo"),
        ("reply", "UCtwo", "UCone"),
    ]
    accounts = _accounts(batch)
    assert (accounts["UCtwo"]["handle"], accounts["UCtwo"]["name"]) == ("two", None)
    assert (accounts["UCthree"]["handle"], accounts["UCthree"]["name"]) == (None, "Three Names")
    assert accounts["UCtwo"]["picture"] == "https://i.example/two.jpg"
    assert batch.read == 2


def test_an_answer_whose_comment_is_not_there_has_no_tie(tmp_path: Path) -> None:
    batch = _read(tmp_path, comment(8, parentId="Ug7"))
    assert (_posts(batch)["Ug8"]["reply_to_post_id"], _posts(batch)["Ug8"]["reply_to_account_id"]) == ("Ug7", None)
    assert _ties(batch) == []


def test_markup_that_youtube_makes_of_a_comment_is_no_link_of_its_author(tmp_path: Path) -> None:
    shown = (
        'see <a href="https://a.example/x">https://a.example/x</a> at'
        ' <a href="https://www.youtube.com/watch?v=v1&amp;t=70">1:10</a><br>'
        '<a href="http://www.youtube.com/results?search_query=%23tag">#tag</a> &amp; more'
    )
    given = comment(8, textDisplay=shown)
    del given["snippet"]["textOriginal"]
    found = _posts(_read(tmp_path, given))["Ug8"]
    assert found["text"] == "see https://a.example/x at 1:10\n#tag & more"
    assert (found["links"], found["hashtags"]) == (["https://a.example/x"], ["tag"])


def test_a_comment_without_an_author_is_rejected(tmp_path: Path) -> None:
    batch = _read(tmp_path, page("comment", comment(8, None), comment(9)))
    (reject,) = batch.rejects
    assert reject.reason == "not a YouTube comment: a comment without its author's channel"
    assert list(_posts(batch)) == ["Ug9"]


def test_a_channels_own_playlist_holds_its_videos(tmp_path: Path) -> None:
    batch = _read(tmp_path, page("playlistItem", playlist_item(5, "UCone", None, "UUone"),
                                 playlist_item(6, "UCone", "UCone", "PLx")))  # fmt: skip
    assert {n: (p["kind"], p["account_id"]) for n, p in _posts(batch).items()} == {
        "v5": ("post", "UCone"),
        "v6": ("post", "UCone"),
    }
    assert (_posts(batch)["v5"]["at"] - START).total_seconds() == 4 * 60


def test_a_video_in_anothers_playlist_is_passed_on(tmp_path: Path) -> None:
    batch = _read(tmp_path, playlist_item(5, "UCone", "UCnine", "PLx"))
    passed, own = _posts(batch)["PLi5"], _posts(batch)["v5"]
    assert (passed["kind"], passed["account_id"]) == ("repost", "UCone")
    assert (passed["of_post_id"], passed["of_account_id"]) == ("v5", "UCnine")
    assert (own["account_id"], own["kind"], own["text"]) == ("UCnine", "post", "video 5\nwords")
    assert _ties(batch) == [("repost", "UCone", "UCnine")]


def test_a_video_of_nobody_who_is_named_is_passed_on_without_a_tie(tmp_path: Path) -> None:
    batch = _read(tmp_path, playlist_item(5, "UCone", None, "PLx"))
    assert [(n, p["kind"], p["of_post_id"]) for n, p in _posts(batch).items()] == [("PLi5", "repost", "v5")]
    assert _ties(batch) == []


@pytest.mark.parametrize(
    ("title", "playlist", "states"),
    [
        ("Deleted video", "UUone", [("UCone", "v5", "deleted", None)]),
        ("Private video", "UUone", [("UCone", "v5", "protected", None)]),
        ("Deleted video", "PLx", []),
    ],
)
def test_a_video_that_is_gone_is_a_state_where_its_channel_is_known(
    title: str, playlist: str, states: list[Any], tmp_path: Path
) -> None:
    given = playlist_item(5, "UCone", None, playlist, title=title)
    del given["contentDetails"]["videoPublishedAt"]
    batch = _read(tmp_path, given)
    assert (_posts(batch), _states(batch)) == ({}, states)
    assert sum(batch.ignored.values()) == (0 if states else 1)


@pytest.mark.parametrize(
    ("status", "states"),
    [
        ({"privacyStatus": "private"}, [("UCone", "v5", "protected", None)]),
        ({"privacyStatus": "unlisted", "uploadStatus": "uploaded"}, []),
        ({"uploadStatus": "deleted", "privacyStatus": "private"}, [("UCone", "v5", "deleted", None)]),
        (
            {"uploadStatus": "rejected", "rejectionReason": "inappropriate"},
            [("UCone", "v5", "withheld", "inappropriate")],
        ),
        (
            {"uploadStatus": "rejected", "rejectionReason": "uploaderAccountSuspended"},
            [
                ("UCone", "v5", "withheld", "uploaderAccountSuspended"),
                ("UCone", None, "suspended", "uploaderAccountSuspended"),
            ],
        ),
    ],
)
def test_what_youtube_did_with_a_video_is_its_state(status: Any, states: list[Any], tmp_path: Path) -> None:
    assert _states(_read(tmp_path, video(5, status=status))) == states


def test_a_private_channel_is_protected(tmp_path: Path) -> None:
    assert _states(_read(tmp_path, {**channel(), "status": {"privacyStatus": "private"}})) == [
        ("UCone", None, "protected", None)
    ]


def test_a_comment_that_its_channel_holds_back_is_withheld(tmp_path: Path) -> None:
    batch = _read(tmp_path, comment(8, moderationStatus="rejected"), comment(9, moderationStatus="published"))
    assert _states(batch) == [("UCtwo", "Ug8", "withheld", "rejected")]


def test_a_search_finds_videos_and_channels(tmp_path: Path) -> None:
    def found(number: dict[str, str], **snippet: Any) -> dict[str, Any]:
        given = {**video(5)["snippet"], "publishTime": moment(5), "liveBroadcastContent": "none", **snippet}
        del given["tags"], given["defaultLanguage"]
        return {"kind": "youtube#searchResult", "etag": "s", "id": number, "snippet": given}

    batch = _read(
        tmp_path,
        page(
            "search",
            found({"kind": "youtube#video", "videoId": "v5"}, title="you &amp; me", description="cut ..."),
            found({"kind": "youtube#channel", "channelId": "UCnine"}, title="Nine", description="of Nine"),
            found({"kind": "youtube#playlist", "playlistId": "PLx"}),
            nextPageToken="n",
            regionCode="KZ",
        ),
    )
    post = _posts(batch)["v5"]
    assert (post["text"], post["truncated"], list(_posts(batch))) == ("you & me\ncut ...", True, ["v5"])
    nine = _accounts(batch)["UCnine"]
    assert (nine["name"], nine["bio"], nine["picture"]) == ("Nine", "of Nine", "https://i.example/d.jpg")
    assert (batch.read, batch.ignored, batch.unknown) == (2, {"playlist": 1}, {})


def test_a_subscription_is_a_tie_between_two_accounts(tmp_path: Path) -> None:
    given = {
        "kind": "youtube#subscription",
        "etag": "s",
        "id": "x",
        "snippet": {
            "publishedAt": moment(3), "title": "Nine", "description": "of Nine", "channelId": "UCone",
            "resourceId": {"kind": "youtube#channel", "channelId": "UCnine"}, "thumbnails": {},
        },
        "subscriberSnippet": {"title": "One", "description": "", "channelId": "UCone", "thumbnails": {}},
    }  # fmt: skip
    batch = _read(tmp_path, page("subscription", given))
    assert _ties(batch) == [("follow", "UCone", "UCnine")]
    assert {n: a["name"] for n, a in _accounts(batch).items()} == {"UCone": "One", "UCnine": "Nine"}
    assert (batch.tables["ties"]["at"][0].as_py() - START).total_seconds() == 180


def test_what_a_channel_did(tmp_path: Path) -> None:
    def did(kind: str, **details: Any) -> dict[str, Any]:
        given = upload(6)
        given["snippet"]["type"] = kind
        return {**given, "contentDetails": {kind: details}}

    follows = did("subscription", resourceId={"kind": "youtube#channel", "channelId": "UCnine"})
    added = did("playlistItem", resourceId={"kind": "youtube#video", "videoId": "v9"}, playlistId="PLx",
                playlistItemId="PLi9")  # fmt: skip
    liked = did("like", resourceId={"kind": "youtube#video", "videoId": "v9"})
    batch = _read(tmp_path, upload(5), follows, added, liked)
    assert {n: (p["kind"], p["of_post_id"]) for n, p in _posts(batch).items()} == {
        "v5": ("post", None),
        "PLi9": ("repost", "v9"),
    }
    assert _ties(batch) == [("follow", "UCone", "UCnine")]
    assert (batch.read, batch.ignored) == (3, {"activity 'like'": 1})


def test_an_upload_that_does_not_say_of_what_is_rejected(tmp_path: Path) -> None:
    given = upload(5)
    del given["contentDetails"]
    (reject,) = _read(tmp_path, given).rejects
    assert "part=snippet,contentDetails" in reject.reason


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "youtube#liveChatMessage", "id": "x", "snippet": {"displayMessage": "said"}}, "live chat"),
        ({"kind": "youtube#caption", "id": "x", "snippet": {}}, "item 'caption'"),
        ({"error": {"code": 403, "errors": []}}, "an error that the API answered"),
        (page("video"), "an empty answer"),
        ({"privacyStatus": "public"}, "an answer about nobody's account or post"),
    ],
)
def test_what_is_left_out_is_told(given: Any, told: str, tmp_path: Path) -> None:
    batch = _read(tmp_path, given)
    assert (batch.ignored, batch.read, batch.rejects) == ({told: 1}, 0, [])
    assert all(table.num_rows == 0 for table in batch.tables.values())


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kind": "youtube#video", "id": "v5"}, "not a YouTube video: Object missing required field `snippet`"),
        (video(5, snippet={**video(5)["snippet"], "publishedAt": "soon"}), "not a YouTube video: 'soon' is no time"),
        ({**video(5), "id": 5}, "not a YouTube video: Expected `str`, got `int` - at `$.id`"),
    ],
)
def test_a_damaged_item_costs_only_itself(given: Any, why: str, tmp_path: Path) -> None:
    batch = _read(tmp_path, page("video", given, video(6)))
    assert [reject.reason for reject in batch.rejects] == [why]
    assert list(_posts(batch)) == ["v6"]
    assert {a for tie in batch.tables["accounts"].to_pylist() for a in [tie["account_id"]]} == {"UCone"}


def test_new_fields_are_told_wherever_they_stand(tmp_path: Path) -> None:
    first = thread(7, comment(8, parentId="Ug7", mood="new"), mood="new")
    batch = _read(tmp_path, page("commentThread", first, verdict="new"), video(5, verdict={"a": 1}))
    assert batch.unknown == {
        "youtube answer.verdict": 1,
        "youtube comment.snippet.mood": 2,
        "youtube video.verdict": 1,
    }


def test_recorded_answers_load_or_are_told(shared: Path) -> None:
    files = sorted((shared / "payloads" / "youtube_v3").rglob("*.json"))
    assert len(files) > 100
    rows = dict.fromkeys(("posts", "accounts", "ties", "states"), 0)
    for path in files:
        batches = list(YoutubeExport().read(path, None))
        loaded = sum(table.num_rows for batch in batches for table in batch.tables.values())
        said = sum(len(batch.rejects) + sum(batch.ignored.values()) for batch in batches)
        assert loaded + said > 0, path.name
        assert all(reject.reason for batch in batches for reject in batch.rejects)
        assert not any(batch.unknown for batch in batches), path.name
        for name in rows:
            rows[name] += sum(batch.tables[name].num_rows for batch in batches)
    assert rows == {"posts": 178, "accounts": 210, "ties": 176, "states": 0}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("Video", payload.VIDEO_FIELDS),
        ("Channel", payload.CHANNEL_FIELDS),
        ("Comment", payload.COMMENT_FIELDS),
        ("CommentThread", payload.THREAD_FIELDS),
        ("PlaylistItem", payload.PLAYLIST_ITEM_FIELDS),
        ("SearchResult", payload.SEARCH_FIELDS),
        ("Subscription", payload.SUBSCRIPTION_FIELDS),
        ("Activity", payload.ACTIVITY_FIELDS),
    ],
)
def test_every_field_of_the_discovery_document_is_known(kind: str, fields: Fields) -> None:
    names = json.loads((Path(__file__).parent / "youtube_discovery.json").read_text())["fields"][kind]
    assert {"kind", "etag", "id"} <= names.keys()
    assert fields.unknown(names) == []
