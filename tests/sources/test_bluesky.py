"""What is made of Bluesky's events, field by field; what is left out; and damaged ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from makers import write
from seawall.lake import Lake
from seawall.sources.bluesky import BlueskyExport
from seawall.sources.contract import Batch
from seawall.sources.loading import load
from sources import bluesky_events as made
from sources.bluesky_events import account, at, blob, commit, deleted, did, facet, follow, identity, images, post, ref

RECORDED = "expected_v1.jsonl"


def _read(folder: Path, *given: Any) -> Batch:
    content = b"".join(json.dumps(one).encode() + b"\n" for one in given)
    (batch,) = BlueskyExport().read(write(folder / "bluesky.jsonl", content), None)
    return batch


def _clean(folder: Path, *given: Any) -> Batch:
    batch = _read(folder, *given)
    assert (batch.rejects, dict(batch.unknown)) == ([], {})
    return batch


def _post(folder: Path, given: Any) -> dict[str, Any]:
    (found,) = _clean(folder, given).tables["posts"].to_pylist()
    return dict(found)


def _ties(batch: Batch) -> list[tuple[str, str, str | None, str | None]]:
    return [(t["kind"], t["from_id"], t["to_id"], t["link"]) for t in batch.tables["ties"].to_pylist()]


def _states(batch: Batch) -> list[tuple[str, str | None, str, str | None]]:
    return [(s["account_id"], s["post_id"], s["state"], s["note"]) for s in batch.tables["states"].to_pylist()]


def test_a_post(tmp_path: Path) -> None:
    found = _post(tmp_path, post(5, "سلام 🌍", langs=["ar", "en"]))
    assert {name: value for name, value in found.items() if value not in (None, [])} == {
        "platform": "bluesky",
        "post_id": at(5),
        "account_id": did(1),
        "at": datetime(2026, 5, 28, 20, 26, 5, tzinfo=UTC),
        "kind": "post",
        "text": "سلام 🌍",
        "lang": "ar",
        "media": 0,
        "source": "bluesky",
    }


def test_what_a_text_marks_is_read_by_its_bytes(tmp_path: Path) -> None:
    text = "🌍 @friend.test كلمة #слово e.org/long…"
    facets = [
        facet(text, "@friend.test", did=did(9)),
        facet(text, "#слово", tag="слово"),
        facet(text, "e.org/long…", uri="https://e.org/longer"),
    ]
    batch = _clean(tmp_path, post(1, text, facets=facets, tags=["hidden"]))
    (found,) = batch.tables["posts"].to_pylist()
    assert (found["mentions"], found["hashtags"]) == (["friend.test"], ["слово", "hidden"])
    assert found["links"] == ["https://e.org/longer"]
    assert _ties(batch) == [("mention", did(1), did(9), None), ("shared_link", did(1), None, "https://e.org/longer")]


def test_links_and_tags_that_no_program_marked_count_and_shortened_ones_do_not(tmp_path: Path) -> None:
    text = "https://e.org/lo... and https://plain.org #bare"
    batch = _clean(tmp_path, post(1, text, facets=[facet(text, "https://e.org/lo...", uri="https://e.org/long")]))
    (found,) = batch.tables["posts"].to_pylist()
    assert found["links"] == ["https://e.org/long", "https://plain.org"]
    assert found["hashtags"] == ["bare"]


@pytest.mark.parametrize(("start", "end"), [(-5, 3), (0, 999), (7, 2), (1, 2)])
def test_a_stretch_that_is_none_shows_no_handle(tmp_path: Path, start: int, end: int) -> None:
    odd = facet("🌍 x", "x", did=did(9))
    odd["index"] = {"byteStart": start, "byteEnd": end}
    batch = _clean(tmp_path, post(1, "🌍 x", facets=[odd]))
    assert [p["mentions"] for p in batch.tables["posts"].to_pylist()] == [[]]
    assert _ties(batch) == [("mention", did(1), did(9), None)]


def test_a_reply(tmp_path: Path) -> None:
    batch = _clean(tmp_path, post(3, "yes", reply={"root": ref(1, 7), "parent": ref(2, 8)}))
    (found,) = batch.tables["posts"].to_pylist()
    assert (found["kind"], found["reply_to_post_id"], found["reply_to_account_id"]) == ("reply", at(2, 8), did(8))
    assert _ties(batch) == [("reply", did(1), did(8), None)]


def test_a_reply_that_quotes_is_a_quote_with_both_ties(tmp_path: Path) -> None:
    shown = {"$type": "app.bsky.embed.record", "record": ref(2, 9)}
    batch = _clean(tmp_path, post(3, "see", reply={"root": ref(1, 7), "parent": ref(1, 7)}, embed=shown))
    (found,) = batch.tables["posts"].to_pylist()
    assert (found["kind"], found["of_post_id"], found["of_account_id"]) == ("quote", at(2, 9), did(9))
    assert _ties(batch) == [("quote", did(1), did(9), None), ("reply", did(1), did(7), None)]


def test_a_quote_with_pictures_has_both(tmp_path: Path) -> None:
    shown = {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": {"$type": "app.bsky.embed.record", "record": ref(2, 9)},
        "media": images("a poster", ""),
    }
    batch = _clean(tmp_path, post(3, "see", embed=shown))
    (found,) = batch.tables["posts"].to_pylist()
    assert (found["kind"], found["of_post_id"], found["media"]) == ("quote", at(2, 9), 2)
    media = batch.tables["media"].to_pylist()
    assert [(m["kind"], m["alt_text"], m["post_id"]) for m in media] == [
        ("photo", "a poster", at(3)),
        ("photo", "", at(3)),
    ]
    assert media[0]["url"].endswith(f"/{did(1)}/{media[0]['media_id']}@jpeg")


def test_a_feed_or_list_that_is_shown_is_no_quote(tmp_path: Path) -> None:
    shown = {"$type": "app.bsky.embed.record", "record": {"uri": at(2, 9, "app.bsky.graph.list"), "cid": made.CID}}
    found = _post(tmp_path, post(3, "see", embed=shown))
    assert (found["kind"], found["of_post_id"]) == ("post", None)


@pytest.mark.parametrize(("presentation", "kind"), [({}, "video"), ({"presentation": "gif"}, "animation")])
def test_a_video(tmp_path: Path, presentation: dict[str, str], kind: str) -> None:
    shown = {"$type": "app.bsky.embed.video", "video": blob("bafyvideo", "video/mp4"), "alt": "a film", **presentation}
    batch = _clean(tmp_path, post(3, "see", embed=shown))
    media = [(m["kind"], m["media_id"], m["alt_text"]) for m in batch.tables["media"].to_pylist()]
    assert media == [(kind, "bafyvideo", "a film")]


def test_a_gallery_and_an_old_picture_and_the_same_picture_twice(tmp_path: Path) -> None:
    old = {"alt": "", "image": {"cid": "bafyold", "mimeType": "image/png"}}
    one = {"alt": "x", "image": blob("bafyone")}
    gallery = {"$type": "app.bsky.embed.gallery", "items": [one, one, old]}
    batch = _clean(tmp_path, post(3, embed=gallery))
    assert [m["media_id"] for m in batch.tables["media"].to_pylist()] == ["bafyone", "bafyold"]
    assert [p["media"] for p in batch.tables["posts"].to_pylist()] == [3]


def test_a_page_that_is_shown_is_a_link(tmp_path: Path) -> None:
    page = {"uri": "https://e.org/page", "title": "A page", "description": "words", "thumb": blob()}
    batch = _clean(tmp_path, post(3, "see", embed={"$type": "app.bsky.embed.external", "external": page}))
    assert _ties(batch) == [("shared_link", did(1), None, "https://e.org/page")]
    assert [(p["links"], p["media"]) for p in batch.tables["posts"].to_pylist()] == [(["https://e.org/page"], 0)]


def test_a_repost_is_a_post_without_words(tmp_path: Path) -> None:
    batch = _clean(tmp_path, made.repost(4, of=1, author=2))
    (found,) = batch.tables["posts"].to_pylist()
    assert (found["kind"], found["text"], found["of_post_id"]) == ("repost", None, at(1))
    assert found["post_id"] == at(4, 2, "app.bsky.feed.repost")
    assert _ties(batch) == [("repost", did(2), did(1), None)]


def test_a_follow(tmp_path: Path) -> None:
    batch = _clean(tmp_path, follow(4, whom=1, author=2))
    assert _ties(batch) == [("follow", did(2), did(1), None)]
    assert batch.tables["posts"].num_rows == 0


def test_a_profile_without_what_says_who_somebody_is(tmp_path: Path) -> None:
    given = made.profile(4, website="https://e.org", avatar=blob("bafyface"), pronouns="they", banner=blob())
    (found,) = _clean(tmp_path, given).tables["accounts"].to_pylist()
    assert (found["account_id"], found["name"], found["bio"], found["url"]) == (
        did(1),
        "A name",
        "words",
        "https://e.org",
    )
    assert found["picture"].endswith(f"/{did(1)}/bafyface@jpeg")
    assert found["created_at"] is None
    assert "they" not in map(str, found.values())


def test_a_handle_is_a_profile_of_its_own(tmp_path: Path) -> None:
    batch = _clean(tmp_path, identity(1, handle="a.test"), identity(2, handle="a.test"), identity(3, handle="b.test"))
    assert [(a["account_id"], a["handle"]) for a in batch.tables["accounts"].to_pylist()] == [
        (did(1), "a.test"),
        (did(1), "b.test"),
    ]


@pytest.mark.parametrize("said", [{}, {"handle": "handle.invalid"}])
def test_an_identity_without_a_handle_is_counted(tmp_path: Path, said: dict[str, str]) -> None:
    batch = _clean(tmp_path, identity(1, **said))
    assert (batch.read, batch.ignored) == (0, {"identity without a handle": 1})


@pytest.mark.parametrize(
    ("status", "state"),
    [("takendown", "suspended"), ("suspended", "suspended"), ("deleted", "deleted"), ("deactivated", "deleted")],
)
def test_an_account_that_is_gone(tmp_path: Path, status: str, state: str) -> None:
    batch = _clean(tmp_path, account(1, active=False, status=status))
    assert _states(batch) == [(did(1), None, state, status)]


def test_an_account_that_is_there_and_one_whose_server_is_behind(tmp_path: Path) -> None:
    batch = _clean(tmp_path, account(1), account(2, 2, active=False, status="desynchronized"))
    assert _states(batch) == [(did(1), None, "active", None)]
    assert batch.ignored == {"account that a server is behind with: desynchronized": 1}


def test_a_new_status_is_told_and_kept(tmp_path: Path) -> None:
    batch = _read(tmp_path, account(1, active=False, status="frozen"))
    assert _states(batch) == [(did(1), None, "withheld", "frozen")]
    assert dict(batch.unknown) == {"bluesky account status 'frozen'": 1}


def test_what_is_deleted(tmp_path: Path) -> None:
    gone = [deleted(4), deleted(5, "app.bsky.feed.repost", 2), deleted(6, "app.bsky.graph.follow")]
    batch = _clean(tmp_path, *gone, deleted(7, "app.bsky.actor.profile"))
    assert _states(batch) == [
        (did(1), at(4), "deleted", None),
        (did(2), at(5, 2, "app.bsky.feed.repost"), "deleted", None),
    ]
    assert batch.read == 2
    assert batch.ignored == {"follow that ended, without saying whose": 1, "profile that was emptied": 1}


def test_likes_and_blocks_are_counted_and_left_out(tmp_path: Path) -> None:
    batch = _clean(
        tmp_path,
        commit(1, "app.bsky.feed.like", {"subject": ref(2)}),
        commit(2, "app.bsky.graph.block", {"subject": did(3)}),
        commit(3, "fm.teal.alpha.feed.play", {"track": "x"}),
    )
    assert (batch.read, _ties(batch)) == (0, [])
    assert batch.ignored == {"like": 1, "block": 1, "record of another program on the network": 1}


def test_what_is_new_on_the_network_is_told(tmp_path: Path) -> None:
    odd = {"index": {"byteStart": 0, "byteEnd": 1}, "features": [{"$type": "app.bsky.richtext.facet#mood"}]}
    batch = _read(
        tmp_path,
        post(1, mood="x"),
        post(2, facets=[odd]),
        post(3, embed={"$type": "app.bsky.embed.hologram"}),
        commit(4, "app.bsky.feed.hologram", {}),
        made.event(5, "weather"),
    )
    assert dict(batch.unknown) == {
        "bluesky post.mood": 1,
        "bluesky facet 'app.bsky.richtext.facet#mood'": 1,
        "bluesky embed 'app.bsky.embed.hologram'": 1,
        "bluesky collection app.bsky.feed.hologram": 1,
        "bluesky event 'weather'": 1,
    }
    assert batch.tables["posts"].num_rows == 3


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("2026-05-28T10:00:00Z", 10),  # written before it was sent
        ("2016-05-28T10:00:00Z", 20),  # dated back
        ("2036-05-28T10:00:00Z", 20),  # dated ahead
        ("0001-01-01T00:00:00Z", 20),
        ("yesterday", 20),
    ],
)
def test_the_authors_clock_counts_only_near_the_networks(tmp_path: Path, written: str, hours: int) -> None:
    found = _post(tmp_path, post(0, createdAt=written))
    midnight = datetime(2026, 5, 28, tzinfo=UTC)
    assert timedelta(hours=hours) <= found["at"] - midnight < timedelta(hours=hours + 1)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({**post(1), "did": "nobody"}, "'nobody' is no DID"),
        ({**post(1), "time_us": "soon"}, "Expected `int`"),
        ({**post(1), "time_us": 10**30}, "is no time"),
        ({**post(1), "commit": None}, "a commit that says nothing"),
        (commit(1, "app.bsky.feed.post", None), "a record without its content"),
        (commit(1, "app.bsky.feed.post", {}, operation="burn"), "'burn' is no operation"),
        (commit(1, "app.bsky.feed.post", {}), "missing required field `text`"),
        (commit(1, "app.bsky.feed.repost", {"subject": {"uri": "somewhere"}}), "no address of a record"),
        (commit(1, "app.bsky.graph.follow", {"subject": "somebody"}), "'somebody' is no DID"),
        (
            post(1, embed={"$type": "app.bsky.embed.images", "images": [{"alt": "", "image": {}}]}),
            "without its address",
        ),
        (account(1, active=None), "Expected `bool`"),  # type: ignore[arg-type]
        (7, "Expected `object`"),
    ],
)
def test_an_unfit_event_is_rejected_and_the_rest_goes_on(tmp_path: Path, given: Any, why: str) -> None:
    batch = _read(tmp_path, post(2), given)
    assert (batch.read, [reject.line for reject in batch.rejects]) == (2, [2])
    assert why in batch.rejects[0].reason
    assert [p["post_id"] for p in batch.tables["posts"].to_pylist()] == [at(2)]


def test_loaded_twice_adds_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "b.jsonl", b"\n".join(json.dumps(one).encode() for one in made.mixed(50)))
    with Lake.create(tmp_path / "home") as lake:
        first, second = (load(lake, BlueskyExport(), path) for _ in range(2))
    assert (first.read, first.rejected, first.added["posts"]) == (50, 0, 30)
    assert sum(second.added.values()) == 0


def test_the_recorded_events_load(shared: Path) -> None:
    batches = list(BlueskyExport().read(shared / "payloads" / "bluesky_jetstream" / RECORDED, None))
    assert not any(batch.rejects or batch.unknown for batch in batches)
    assert sum(batch.tables["posts"].num_rows for batch in batches) == 17 + 15
    ignored = sum((batch.ignored for batch in batches), start=type(batches[0].ignored)())
    assert ignored == {
        "like": 105,
        "block": 1,
        "live status": 1,
        "record of another program on the network": 1,
        "follow that ended, without saying whose": 3,
        "identity without a handle": 1,
    }
    assert sum(batch.read for batch in batches) + ignored.total() == 152
    ties = [tie["kind"] for batch in batches for tie in batch.tables["ties"].to_pylist()]
    assert (ties.count("follow"), ties.count("repost") > 10, ties.count("reply") > 4) == (6, True, True)


def test_frames_of_the_firehose_are_no_recorded_events(shared: Path) -> None:
    frames = shared / "payloads" / "bluesky_jetstream" / "frames.bin.zst"
    (batch,) = BlueskyExport().read(frames, None)
    assert (batch.read, batch.tables["posts"].num_rows) == (1, 0)
    assert "damaged JSON" in batch.rejects[0].reason
