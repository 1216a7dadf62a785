"""What is made of an account's archive, as a .zip or as one of its files; what is left out; damaged and hostile."""

from __future__ import annotations

import json
import random
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from seawall.sources.contract import Batch, SourceError
from seawall.sources.x import XSource, shelf
from sources.x_exports import account, archive, archived, folder, manifest, many, script


def _all(path: Path) -> list[Batch]:
    return list(XSource().read(path, None))


def _rows(batches: list[Batch], table: str) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.tables[table].to_pylist()]


def _posts(batches: list[Batch]) -> dict[str, dict[str, Any]]:
    return {p["post_id"]: p for p in _rows(batches, "posts")}


def _ties(batches: list[Batch]) -> list[tuple[Any, ...]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["to_handle"], t["link"]) for t in _rows(batches, "ties")]


def _ignored(batches: list[Batch]) -> dict[str, int]:
    return {what: n for batch in batches for what, n in batch.ignored.items()}


def _tweets(tmp_path: Path, *tweets: dict[str, Any]) -> list[Batch]:
    return _all(archive(tmp_path / "a.zip", tweets=script("tweets", list(tweets))))


def test_a_post_is_of_whoever_the_archive_is_of(tmp_path: Path) -> None:
    entities = {
        "hashtags": [{"text": "harbour", "indices": ["0", "1"]}],
        "urls": [{"url": "https://t.co/a", "expanded_url": "https://a.example/x"}],
        "user_mentions": [{"screen_name": "other", "id_str": "12", "id": "12", "name": "Other"}],
    }
    batches = _tweets(tmp_path, archived(5, "a &amp; b", entities=entities))
    found = _posts(batches)["5"]
    assert (found["account_id"], found["handle"], found["text"], found["kind"]) == ("11", "harbour", "a & b", "post")
    assert found["at"].isoformat() == "2023-03-01T12:05:00+00:00"
    assert (found["hashtags"], found["links"], found["mentions"]) == (["harbour"], ["https://a.example/x"], ["other"])
    assert (found["likes"], found["reposts"], found["client"], found["lang"]) == (3, 4, "Test App", "en")
    assert _ties(batches) == [
        ("mention", "11", "12", "other", None),
        ("shared_link", "11", None, None, "https://a.example/x"),
    ]
    assert not any(batch.unknown or batch.rejects for batch in batches)


def test_a_repost(tmp_path: Path) -> None:
    entities = {"user_mentions": [{"screen_name": "Other", "id_str": "12"}, {"screen_name": "third", "id_str": "13"}]}
    batches = _tweets(tmp_path, archived(5, "RT @Other: the words of @third and mo\u2026", entities=entities))
    found = _posts(batches)["5"]
    assert (found["kind"], found["text"]) == ("repost", "the words of @third and mo\u2026")
    assert (found["of_account_id"], found["of_handle"], found["of_post_id"]) == ("12", "Other", None)
    assert (found["truncated"], found["mentions"]) == (True, ["third"])
    assert _ties(batches) == [("repost", "11", "12", "Other", None)]


def test_an_answer(tmp_path: Path) -> None:
    given = archived(5, in_reply_to_status_id="4", in_reply_to_user_id="12", in_reply_to_screen_name="other")
    batches = _tweets(tmp_path, given)
    found = _posts(batches)["5"]
    assert (found["kind"], found["reply_to_post_id"], found["reply_to_account_id"]) == ("reply", "4", "12")
    assert _ties(batches) == [("reply", "11", "12", "other", None)]


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("https://twitter.com/other/status/99", "quote"),
        ("https://x.com/other/status/99?s=20", "quote"),
        ("https://twitter.com/other", "post"),
        ("https://twitter.com.example/other/status/99", "post"),
    ],
)
def test_a_post_that_ends_with_a_link_to_another_quotes_it(tmp_path: Path, link: str, kind: str) -> None:
    urls = [{"url": "https://t.co/a", "expanded_url": link}]
    found = _posts(_tweets(tmp_path, archived(5, "see https://t.co/a", entities={"urls": urls})))["5"]
    assert found["kind"] == kind
    assert (found["of_post_id"], found["of_handle"]) == (("99", "other") if kind == "quote" else (None, None))


def test_media(tmp_path: Path) -> None:
    media = [
        {"id_str": "7", "type": "photo", "media_url_https": "https://p.example/7"},
        {"id_str": "8", "type": "video", "media_url_https": "https://p.example/8", "video_info": {"variants": []}},
    ]
    batches = _tweets(tmp_path, archived(5, entities={"media": media[:1]}, extended_entities={"media": media}))
    assert _posts(batches)["5"]["media"] == 2
    assert [(m["media_id"], m["kind"], m["account_id"]) for m in _rows(batches, "media")] == [
        ("7", "photo", "11"),
        ("8", "video", "11"),
    ]


def test_deleted_posts_are_posts_with_a_state(tmp_path: Path) -> None:
    gone = [archived(5, deleted_at="2023-05-01T00:00:00.000Z"), archived(6)]
    batches = _all(archive(tmp_path / "a.zip", deleted_tweets=script("deleted_tweets", gone), manifest=manifest()))
    assert list(_posts(batches)) == ["5", "6"]
    assert [(s["account_id"], s["post_id"], s["state"], s["at"].isoformat()) for s in _rows(batches, "states")] == [
        ("11", "5", "deleted", "2023-05-01T00:00:00+00:00"),
        ("11", "6", "deleted", "2023-06-01T10:00:00+00:00"),
    ]


def test_the_account_its_followers_and_whom_it_follows(tmp_path: Path) -> None:
    said = {"bio": "words", "website": "https://u.example", "location": "Town"}
    batches = _all(
        archive(
            tmp_path / "a.zip",
            profile=script("profile", [{"profile": {"description": said, "avatarMediaUrl": "https://p.example/a"}}]),
            follower=script("follower", [{"follower": {"accountId": "12", "userLink": "x"}}]),
            following=script("following", [{"following": {"accountId": "13", "userLink": "x"}}]),
            manifest=manifest(),
        )
    )
    owner = _rows(batches, "accounts")[0]
    assert [owner[c] for c in ("account_id", "handle", "name", "bio", "place", "url", "picture")] == [
        "11", "harbour", "The Harbour", "words", "Town", "https://u.example", "https://p.example/a",
    ]  # fmt: skip
    assert (owner["seen_at"].isoformat(), owner["created_at"].isoformat()) == (
        "2023-06-01T10:00:00+00:00",
        "2011-06-23T13:04:14+00:00",
    )
    assert _ties(batches) == [("follow", "12", "11", None, None), ("follow", "11", "13", None, None)]
    assert "SECRET" not in str([_rows(batches, name) for name in batches[0].tables])


def _note(number: int, text: str, at: str = "2023-03-01T12:04:59.000Z") -> dict[str, Any]:
    core = {"text": text, "urls": [{"shortUrl": "https://t.co/z", "expandedUrl": "https://z.example"}], "styletags": []}
    return {"noteTweet": {"noteTweetId": str(number), "createdAt": at, "updatedAt": at, "core": core}}


def test_a_long_post_is_whole(tmp_path: Path) -> None:
    long = "a long text &amp; " + "words " * 80 + "#end by @other"
    tweets = [archived(5, long[:270] + "\u2026 https://t.co/abc"), archived(6, "something else")]
    notes = [_note(900, long), _note(901, "a text whose post is gone", "2022-01-01T00:00:00.000Z")]
    files = {"tweets": script("tweets", tweets), "note_tweet": script("note_tweet", notes)}
    for batches in (
        _all(archive(tmp_path / "a.zip", **files)),
        [b for name in ("tweets.js", "note-tweet.js") for b in _all(folder(tmp_path, **files) / name)],
    ):
        found = _posts(batches)
        assert list(found) == ["5", "6", "note901"]
        assert found["5"]["text"] == long.replace("&amp;", "&")
        assert (found["5"]["hashtags"], found["5"]["links"], found["5"]["mentions"]) == (
            ["end"],
            ["https://z.example"],
            ["other"],
        )
        assert (found["6"]["text"], found["note901"]["text"]) == ("something else", "a text whose post is gone")
        assert "the whole text of a long post, which stands in that post" in _ignored(batches)


def test_private_files_are_never_opened(tmp_path: Path) -> None:
    path = archive(
        tmp_path / "a.zip",
        tweets=script("tweets", [archived(5)]),
        direct_messages=script("direct_messages", [{"dmConversation": {"messages": ["SECRET"]}}]),
        ip_audit=script("ip_audit", [{"ipAudit": {"loginIp": "SECRET"}}]),
        manifest=manifest(),
        like=script("like", [{"like": {"tweetId": "9", "fullText": "x", "expandedUrl": "y"}}]),
    )
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("data/tweets_media/5-a.jpg", b"picture")
        more.writestr("assets/js/tweets.js", b"not data")
    batches = _all(path)
    assert list(_posts(batches)) == ["5"]
    assert _ignored(batches) == {
        "file of direct messages, unread": 1,
        "file ip-audit.js, unread": 1,
        "pictures, videos and pages of the archive": 2,
        "a like: the archive says neither whose post it is nor when": 1,
    }
    assert sum(batch.read for batch in batches) == 2  # the account and the post
    content = path.read_bytes()
    at = content.index(b"data/direct-messages.js") + len("data/direct-messages.js")
    path.write_bytes(content[:at] + b"\xff" * 20 + content[at + 20 :])  # damage that opening it would meet
    assert list(_posts(_all(path))) == ["5"]


@pytest.mark.parametrize("name", ["direct_messages", "ad_engagements", "phone_number"])
def test_a_private_file_by_itself_is_told_and_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.js"
    path.write_bytes(script(name, [{"x": "SECRET"}]) + b"\xff\xff not even sound")
    (batch,) = _all(path)
    assert (batch.read, batch.rejects, sum(batch.ignored.values())) == (0, [], 1)
    assert "unread" in str(batch.ignored)
    assert list(XSource().read(path, batch.cursor)) == []


def test_one_file_needs_account_js_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "tweets.js"
    path.write_bytes(script("tweets", [archived(5)]))
    with pytest.raises(SourceError, match=r"no account\.js beside"):
        _all(path)
    folder(tmp_path)
    assert _posts(_all(path))["5"]["account_id"] == "11"
    (tmp_path / "account.js").write_bytes(script("account", [{"account": {"email": "x"}}]))
    with pytest.raises(SourceError, match="does not say whose archive this is"):
        _all(path)


def test_a_zip_without_account_js_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("data/tweets.js", script("tweets", [archived(5)]))
    with pytest.raises(SourceError, match=r"holds no account\.js"):
        _all(path)


def test_parts_and_older_names_in_a_folder_of_the_zip(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", base="twitter-2019/", tweet=script("tweet", [archived(1)["tweet"]]))
    with zipfile.ZipFile(path, "a") as more:
        for part in (10, 2):
            more.writestr(f"twitter-2019/tweet-part{part}.js", script("tweet", [archived(part)], part))
    assert list(_posts(_all(path))) == ["1", "2", "10"]


@pytest.mark.parametrize("piece", [700, 5000, 4 * 1024 * 1024])
def test_an_archive_is_read_in_pieces_and_resumes_at_any(
    tmp_path: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "PIECE", piece)
    tweets = [*many(60), archived(61, 'a trap: }, { "tweet" : { in a text'), archived(62)]
    path = archive(tmp_path / "a.zip", tweets=script("tweets", tweets), deleted_tweets=script("x", many(3)))
    whole = _all(path)
    assert not any(batch.rejects for batch in whole)
    posts = [p["post_id"] for p in _rows(whole, "posts")]
    assert posts == [str(n) for n in [*range(1, 63), 1, 2, 3]]
    for stop in {*range(0, len(whole), 1 + len(whole) // 12), len(whole) - 1}:
        rest = list(XSource().read(path, whole[stop].cursor))
        assert [p["post_id"] for p in _rows(whole[: stop + 1] + rest, "posts")] == posts
        assert sum(b.read for b in whole[: stop + 1] + rest) == sum(b.read for b in whole)
    monkeypatch.setattr(shelf, "PIECE", 3333)  # the pieces of a later version are others
    rest = list(XSource().read(path, whole[len(whole) // 2].cursor))
    assert [p["post_id"] for p in _rows(whole[: len(whole) // 2 + 1] + rest, "posts")] == posts


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (archived(5, created_at="yesterday"), "'yesterday' is no time"),
        (archived(5, full_text=7), "Expected `str | null`, got `int`"),
        ({"tweet": {"created_at": archived(5)["tweet"]["created_at"]}}, "a post without its id"),
        ({"tweet": "x"}, "Expected `object`, got `str`"),
    ],
)
def test_an_unfit_post_is_rejected_and_the_rest_goes_on(tmp_path: Path, given: dict[str, Any], why: str) -> None:
    batches = _tweets(tmp_path, archived(4), given, archived(6))
    (reject,) = [reject for batch in batches for reject in batch.rejects]
    assert (reject.line, json.loads(reject.raw)) == (2, given)
    assert why in reject.reason
    assert list(_posts(batches)) == ["4", "6"]


def test_a_new_field_is_told(tmp_path: Path) -> None:
    batches = _tweets(tmp_path, archived(4, mood=1))
    assert [dict(batch.unknown) for batch in batches if batch.unknown] == [{"x archived post.mood": 1}]


# Damaged and hostile ones -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("piece", "kept"), [(5000, 41), (4 * 1024 * 1024, 25)])
def test_a_damaged_file_costs_what_follows_in_it(
    tmp_path: Path, piece: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "PIECE", piece)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:  # stored as it is, so that damage is where it is put
        made.writestr("data/account.js", script("account", account()))
        made.writestr("data/tweets.js", script("tweets", many(50)))
        made.writestr("data/follower.js", script("follower", [{"follower": {"accountId": "12"}}]))
    content = path.read_bytes()
    at = content.index(b'"words 30"')
    path.write_bytes(content[:at] + b'"words\xff30"' + content[at + 10 :])
    batches = _all(path)
    reasons = [reject.reason for batch in batches for reject in batch.rejects]
    assert any("tweets.js: damaged from here on (Bad CRC-32" in reason for reason in reasons)
    assert set(_posts(batches)) >= {str(n) for n in range(1, kept + 1) if n != 30}
    assert "30" not in _posts(batches)
    assert ("follow", "12", "11", None, None) in _ties(batches)


@pytest.mark.parametrize("keep", [0.3, 0.99])
def test_a_zip_that_is_cut_short_is_told_before_anything_is_read(tmp_path: Path, keep: float) -> None:
    path = archive(tmp_path / "a.zip", tweets=script("tweets", many(50)))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(SourceError, match=r"damaged \.zip"):
        _all(path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[" + b" " * 100_000_000, "an element of more than 8,000,000 bytes"),
        (b'[{"tweet": {}}' + (b',{"tweet": {"x": "' + b" " * 2_000_000 + b'"}}') * 50, "more than 200 times its size"),
    ],
)
def test_a_small_zip_that_unpacks_to_much_takes_little_memory(
    tmp_path: Path, content: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "LONGEST_LINE", 8_000_000)
    monkeypatch.setattr(shelf, "SPARED", 4_000_000)
    path = archive(tmp_path / "a.zip", tweets=b"window.YTD.tweets.part0 = " + content)
    assert path.stat().st_size < 150_000
    tracemalloc.start()
    try:
        reasons = [reject.reason for batch in XSource().read(path, None) for reject in batch.rejects]
    except SourceError as error:
        reasons = [str(error)]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert why in reasons[-1]
    assert most < 60_000_000


def test_many_small_files_that_unpack_to_much_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "SPARED", 1_000_000)
    path = archive(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as more:
        for part in range(20):
            more.writestr(f"data/tweets-part{part}.js", script("tweets", [archived(part, " " * 900_000)]))
    with pytest.raises(SourceError, match="more than 200 times its size"):
        _all(path)


def test_an_element_without_an_end_is_rejected_and_the_next_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "PIECE", 1000)
    monkeypatch.setattr(shelf, "LONGEST_LINE", 5000)
    endless = b"window.YTD.tweets.part0 = [" + b"x" * 9000
    path = archive(tmp_path / "a.zip", tweets=endless, deleted_tweets=script("x", [archived(5)]))
    batches = _all(path)
    assert "an element of more than 5,000 bytes" in next(r.reason for b in batches for r in b.rejects)
    assert list(_posts(batches)) == ["5"]


def test_other_ways_of_packing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("data/account.js", script("account", account()))
    with pytest.raises(SourceError, match="packed in a way that X does not use"):
        _all(path)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", tweets=script("tweets", many(3)))
    content = bytearray(path.read_bytes())
    # the flags in the file's own header, and in the directory at the end
    content[content.index(b"data/tweets.js") - 30 + 6] |= 1
    content[content.rindex(b"data/tweets.js") - 46 + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"cannot read data/tweets\.js .* encrypted"):
        _all(path)


def test_no_mutation_of_a_zip_crashes(tmp_path: Path) -> None:
    sound = archive(tmp_path / "a.zip", tweets=script("tweets", many(40)), like=script("like", [])).read_bytes()
    path = tmp_path / "mutated.zip"
    for seed in range(150):
        draw, content = random.Random(seed), bytearray(sound)
        for _ in range(draw.randint(1, 8)):
            content[draw.randrange(4, len(content))] = draw.randrange(256)
        path.write_bytes(bytes(content))
        try:
            batches = _all(path)
        except SourceError:
            continue
        assert all(reject.reason for batch in batches for reject in batch.rejects)


def test_a_file_without_a_name_is_no_post(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", tweets=script("tweets", [archived(5)]))
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("x", b"")
        made.filelist[-1].filename = ""
        made._didModify = True
    batches = list(XSource().read(path, None))
    assert sum(batch.tables["posts"].num_rows for batch in batches) == 1
