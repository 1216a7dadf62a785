"""X v1.1 payloads: what each shape becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from makers import lines, repost, tweet, user, write
from seawall.sources import streams


@pytest.fixture
def load(seawall, tmp_path, rows):
    def loaded(*payloads: dict[str, Any], extra: bytes = b"") -> dict[str, list[dict[str, Any]]]:
        path = write(tmp_path / "e.jsonl", lines(list(payloads)) + extra)
        loaded.report = seawall.ok("load", "x", path, "--json").json()
        return {table: rows(table) for table in ("accounts", "posts", "ties", "media", "states")}

    return loaded


def test_a_repost_carries_the_whole_text_and_both_accounts(load) -> None:
    long = "a long text of more than sixty letters, which the payload's own copy of it cuts short &amp; ends"
    original = tweet(1, author=5, text=long)
    found = load(repost(2, 6, original))
    spread = next(row for row in found["posts"] if row["post_id"] == "2")
    assert (spread["kind"], spread["text"]) == ("repost", long.replace("&amp;", "&"))
    assert (spread["of_post_id"], spread["of_account_id"], spread["of_handle"]) == ("1", "5", "account5")
    assert {row["account_id"] for row in found["accounts"]} == {"5", "6"}
    ties = [(tie["kind"], tie["from_id"], tie["to_id"], tie["post_id"]) for tie in found["ties"]]
    assert ties == [("repost", "6", "5", "2")]


def test_mentions_inside_a_repost_are_the_first_authors(load) -> None:
    entities = {"hashtags": [], "urls": [], "user_mentions": [{"screen_name": "account9", "id_str": "9"}]}
    found = load(repost(2, 6, tweet(1, author=5, entities=entities)))
    assert [(t["from_id"], t["to_id"]) for t in found["ties"] if t["kind"] == "mention"] == [("5", "9")]


def test_an_extended_tweet_gives_its_full_text_links_and_media(load) -> None:
    extended = {
        "full_text": "the full text",
        "entities": {"hashtags": [{"text": "whole"}], "urls": [{"url": "u", "expanded_url": "https://e.org/a"}]},
        "extended_entities": {"media": [{"id_str": "77", "type": "video", "media_url_https": "https://e.org/v"}]},
    }
    found = load(tweet(1, text="the full…", truncated=True, extended_tweet=extended))
    post = found["posts"][0]
    assert (post["text"], post["truncated"], post["hashtags"], post["links"], post["media"]) == (
        "the full text",
        False,
        ["whole"],
        ["https://e.org/a"],
        1,
    )
    assert (found["media"][0]["media_id"], found["media"][0]["kind"]) == ("77", "video")
    assert [(tie["kind"], tie["link"]) for tie in found["ties"]] == [("shared_link", "https://e.org/a")]


def test_a_cut_text_without_the_rest_says_so(load) -> None:
    assert load(tweet(1, text="half…", truncated=True))["posts"][0]["truncated"] is True


def test_full_text_mode(load) -> None:
    payload = tweet(1, full_text="all of it")
    del payload["text"]
    assert load(payload)["posts"][0]["text"] == "all of it"


def test_a_quote_of_a_deleted_post_keeps_its_id(load) -> None:
    found = load(tweet(1, quoted_status_id=99))
    assert (found["posts"][0]["kind"], found["posts"][0]["of_post_id"]) == ("quote", "99")


def test_a_repost_of_a_quote_brings_all_three_posts(load) -> None:
    quoted = tweet(1, author=4, text="first")
    quote = tweet(2, author=5, text="second", quoted_status=quoted, quoted_status_id=1)
    found = load(repost(3, 6, quote))
    assert {(row["post_id"], row["kind"]) for row in found["posts"]} == {("1", "post"), ("2", "quote"), ("3", "repost")}
    assert {(t["kind"], t["from_id"], t["to_id"]) for t in found["ties"]} == {("repost", "6", "5"), ("quote", "5", "4")}


def test_a_changed_profile_is_a_new_row_and_the_same_one_is_not(load) -> None:
    renamed = user(1, screen_name="back_again", name="Account 1, again")
    found = load(tweet(1), tweet(2), tweet(3, user=renamed))
    assert sorted(row["handle"] for row in found["accounts"]) == ["account1", "back_again"]


def test_states_protected_withheld_and_deleted(load) -> None:
    gone = {"delete": {"status": {"id": 5, "user_id": 6}, "timestamp_ms": "1456833600000"}}
    found = load(
        tweet(1, user=user(1, protected=True)),
        tweet(2, author=2, withheld_in_countries=["DE", "FR"]),
        tweet(3, user=user(3, withheld_in_countries=["TR"])),
        extra=json.dumps(gone).encode() + b"\n",
    )
    assert sorted((s["account_id"], s["post_id"] or "", s["state"], s["note"] or "") for s in found["states"]) == [
        ("1", "", "protected", ""),
        ("2", "2", "withheld", "in DE, FR"),
        ("3", "", "withheld", "in TR"),
        ("6", "5", "deleted", ""),
    ]


def test_stream_messages_alone_load_nothing(seawall, tmp_path) -> None:
    path = write(tmp_path / "e.jsonl", b'{"limit": {"track": 1}}\n{"limit": {"track": 2}}\n')
    report = seawall.ok("load", "x", path, "--json").json()
    assert (report["read"], report["loaded"], report["rejected"]) == (0, 0, 0)
    assert report["ignored"] == {"stream message 'limit'": 2}


def test_stream_messages_search_answers_and_blank_lines(load) -> None:
    extra = (
        b'{"limit": {"track": 5}}\n\n{"scrub_geo": {"user_id": 1}}\n'
        + lines([{"statuses": [tweet(8), tweet(9)]}])
        + b" \n"
    )
    found = load(tweet(1), extra=extra)
    assert [row["post_id"] for row in found["posts"]] == ["1", "8", "9"]
    report = load.report
    assert (report["read"], report["loaded"], report["rejected"]) == (2, 2, 0)
    assert report["ignored"] == {"stream message 'limit'": 1, "blank line": 2, "stream message 'scrub_geo'": 1}


def _deep(depth: int) -> bytes:
    """A post within a post within a post, and so on."""
    start = json.dumps(tweet(1))[:-1]
    return (start + (', "retweeted_status": ' + start) * (depth - 1) + "}" * depth).encode()


def _gone(moment: str) -> bytes:
    return json.dumps({"delete": {"status": {"id": 5, "user_id": 6}, "timestamp_ms": moment}}).encode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "damaged JSON"),
        *(
            (json.dumps(tweet(1, **{count: number})).encode(), f"at `$.{count}`")
            for count in ("retweet_count", "favorite_count", "reply_count")
            for number in (2**63, 2**80)
        ),
        *(
            (json.dumps(tweet(1, user=user(1, **{count: 2**63}))).encode(), f"at `$.user.{count}`")
            for count in ("followers_count", "friends_count", "statuses_count")
        ),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
        (_deep(1500), "nested too deep"),
        (_deep(9), "more than 8 posts, one inside the other"),
        (_gone("99999999999999999999"), "at `$.delete.timestamp_ms`"),
        (_gone("²"), "at `$.delete.timestamp_ms`"),
        (json.dumps(tweet(1, created_at="Fri Dec 31 23:30:00 -0100 9999")).encode(), "no date from 1990 to 2100"),
        (json.dumps(tweet(1, created_at="Sun Dec 31 23:30:00 +0000 1989")).encode(), "no date from 1990 to 2100"),
        (b'{"id": 1', "damaged JSON"),
        (b"[1, 2]", "not an X v1.1 post: Expected `object`, got `array`"),
        (b"{}", "missing required field `id`"),
        (b'{"id": "x"}', "Expected `int`, got `str` - at `$.id`"),
        (b'{"unheard_of": 1}', "missing required field"),
        (json.dumps(tweet(1, user=None)).encode(), "Expected `object`, got `null` - at `$.user`"),
        (json.dumps(tweet(1, created_at="yesterday")).encode(), "created_at 'yesterday' is no date"),
        (json.dumps(repost(1, 2, tweet(3, created_at=""))).encode(), "created_at '' is no date"),
        (b'{"id": 1, "text": "\xff\xfe"}', "damaged JSON"),
    ],
)
def test_what_is_no_payload_is_rejected_with_its_reason(load, seawall, line: bytes, reason: str) -> None:
    found = load(tweet(40), tweet(41), extra=line + b"\n" + lines([tweet(42)]))
    assert [row["post_id"] for row in found["posts"]] == ["40", "41", "42"]
    report = load.report
    assert (report["read"], report["loaded"], report["rejected"]) == (4, 3, 1)
    (path,) = (seawall.home / "rejects").iterdir()
    reject = json.loads(path.read_text())
    assert (reject["line"], reject["file"], reject["source"]) == (3, "e.jsonl", "x")
    assert reason in reject["reason"]
    assert reject["raw"] == line.decode("utf-8", "backslashreplace")
    assert reason in next(iter(report["reject_reasons"]))


def test_the_rejected_line_itself_is_kept(load, seawall) -> None:
    load(tweet(1), extra=b'{"half": "a line with \xff bytes\n')
    (path,) = (seawall.home / "rejects").iterdir()
    assert json.loads(path.read_text())["raw"] == '{"half": "a line with \\xff bytes'


def test_posts_within_posts_are_read_as_deep_as_they_go_in_earnest(load) -> None:
    inner = tweet(1)
    for number in range(2, 9):
        inner = tweet(number, quoted_status=inner, quoted_status_id=number - 1)
    assert len(load(inner)["posts"]) == 8


def test_of_a_very_long_rejected_line_the_beginning_is_kept_and_says_so(load, seawall) -> None:
    load(tweet(1), extra=b"x" * (1024 * 1024 + 5000) + b"\n")
    (path,) = (seawall.home / "rejects").iterdir()
    assert json.loads(path.read_text())["raw"] == "x" * 1024 * 1024 + " [5,000 more bytes are not kept]"


def test_a_handle_alone_in_a_mention_is_no_tie_but_is_kept(load) -> None:
    entities = {"user_mentions": [{"screen_name": "somebody"}], "hashtags": [], "urls": []}
    found = load(tweet(1, entities=entities))
    assert (found["posts"][0]["mentions"], found["ties"]) == (["somebody"], [])


def test_the_app_name_comes_out_of_its_link(load) -> None:
    assert load(tweet(1))["posts"][0]["client"] == "Test App"


def test_where_a_stretch_begins_changes_no_fact(seawall, tmp_path, rows, monkeypatch) -> None:
    """The same profile on two days is two rows, whether the days fall into one stretch or two."""
    payloads = [tweet(n * 700, author=n % 3 + 1) for n in range(1, 40)]
    path = write(tmp_path / "e.jsonl", lines(payloads))
    seawall.ok("load", "x", path)
    whole = rows("accounts")
    seawall.home = tmp_path / "other"
    seawall.ok("init")
    monkeypatch.setattr(streams, "BLOCK", 3000)
    seawall.ok("load", "x", path)
    assert rows("accounts") == whole
    assert len(whole) > 30
