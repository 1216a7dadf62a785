"""Media as they come: hashed within seconds of their posts, from folders and from named servers, within bounds."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from command import Command
from media.file_server import Files
from media.scenes import as_file, picture, scene
from media.stocked import rows as entry
from media.stocked import stock
from seawall.lake.keeping import compact
from seawall.media.clips import Clips
from seawall.media.fetching import Fetcher, Hosts
from seawall.media.hashing import hash_media
from seawall.media.opened import luminance
from seawall.media.shelf import MediaError, Shelf
from seawall.media.views import banked
from seawall.records.terms import HashKind
from seawall.stream import arriving
from seawall.stream.arriving import ArrivedReport, Arriving
from sources.mastodon_answers import picture as shown
from sources.mastodon_answers import status
from sources.telegram_chats import chat, message


@pytest.fixture
def server() -> Iterator[Files]:
    its = Files()
    yield its
    its.stop()


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A folder of an export, without pictures yet."""
    (tmp_path / "export" / "photos").mkdir(parents=True)
    return tmp_path / "export"


def _load(seawall: Command, export: Path, first: int, many: int, **more: Any) -> None:
    messages = [message(n, n, "see", **{"photo": f"photos/p{n}.jpg", **more}) for n in range(first, first + many)]
    (export / "result.json").write_text(json.dumps(chat(messages)), "utf-8")
    seawall.ok("load", "telegram", export / "result.json")


def _put(export: Path, *numbers: int) -> None:
    for n in numbers:
        (export / "photos" / f"p{n}.jpg").write_bytes(as_file(picture(scene(n, 120, 160))))


def _once(seawall: Command, *shelves: Path, fetcher: Fetcher | None = None, **more: Any) -> ArrivedReport:
    following = Arriving(seawall.home, shelves, fetcher, Clips(), **more)
    following.run(threading.Event(), once=True)
    return following.report


def test_what_comes_is_hashed_as_an_export_is(seawall: Command, export: Path, rows: Any, tmp_path: Path) -> None:
    _put(export, 1, 2, 3)
    (export / "photos" / "p4.jpg").write_bytes(b"no picture")
    _load(seawall, export, 1, 4)
    report = _once(seawall, export)
    assert (report.media, report.hashed, report.shed, report.waiting) == (4, 4, 0, 0)
    assert list(report.failed) == ["no picture that can be read: UnidentifiedImageError"]
    came = sorted(map(repr, rows("hashes")))
    other = Command(tmp_path / "other")
    other.ok("init")
    other.ok("load", "telegram", export / "result.json")
    with other.lake() as lake:
        hash_media(lake, Shelf(export), Clips())
        with lake.snapshot() as snapshot:
            assert sorted(map(repr, snapshot.read("hashes").to_pylist())) == came
    assert _once(seawall, export).media == 0  # nothing twice


def test_while_it_runs_new_posts_are_hashed_and_joined_files_bring_nothing_again(
    seawall: Command, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "PATIENCE", 0.0)
    stop, told = threading.Event(), threading.Event()
    following = Arriving(seawall.home, [export], None, Clips())
    seen: list[int] = []

    def tell(report: ArrivedReport) -> None:
        seen.append(report.hashed)
        told.set()

    def until(hashed: int) -> None:
        while not seen or seen[-1] < hashed:
            assert told.wait(30)
            told.clear()

    thread = threading.Thread(target=following.run, args=(stop, tell))
    thread.start()
    try:
        for turn in range(3):
            _put(export, 2 * turn + 1)  # every second one has no file
            _load(seawall, export, 2 * turn + 1, 2)
            until(turn + 1)
            with seawall.lake() as lake:
                compact(lake, many=2)
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    assert (following.report.media, following.report.hashed) == (6, 3)
    assert seawall.stats()["hashes"] == 3


def test_a_file_may_come_after_its_post(seawall: Command, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "_LOOKED_AGAIN", 0.1)
    _load(seawall, export, 1, 2)
    _put(export, 1)
    late = threading.Timer(0.5, _put, (export, 2))
    late.start()
    report = _once(seawall, export)
    late.join()
    assert (report.media, report.hashed, report.no_file) == (2, 2, 0)
    monkeypatch.setattr(arriving, "PATIENCE", 0.3)
    _load(seawall, export, 8, 1)
    assert _once(seawall, export).no_file == 1


def test_what_comes_while_too_many_wait_is_let_go_and_counted(
    seawall: Command, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(export, *range(1, 10))
    _load(seawall, export, 1, 9)
    report = _once(seawall, export, waiting=4, threads=1)
    assert report.shed >= 4
    assert report.hashed + report.shed == report.media == 9
    monkeypatch.setattr(arriving, "PATIENCE", 0.0)
    with seawall.lake() as lake:  # what was let go is still there to be taken
        assert hash_media(lake, Shelf(export), Clips()).hashed == report.shed


def _toots(seawall: Command, tmp_path: Path, *addresses: str) -> None:
    toots = [status(100 + n, media_attachments=[shown(900 + n, url=url)]) for n, url in enumerate(addresses)]
    (tmp_path / "toots.json").write_text(json.dumps(toots), "utf-8")
    seawall.ok("load", "mastodon", tmp_path / "toots.json")


def test_media_are_fetched_from_named_servers_only_and_not_kept(
    seawall: Command, server: Files, tmp_path: Path, rows: Any
) -> None:
    server.files = {"/a.jpg": as_file(picture(scene(1))), "/b.jpg": as_file(picture(scene(2)))}
    server.status["/b.jpg"] = [503]
    addresses = [server.url(path) for path in ("/a.jpg", "/b.jpg", "/gone.jpg")] + ["http://elsewhere.example/c.jpg"]
    _toots(seawall, tmp_path, *addresses)
    assert _once(seawall).no_file == 4
    assert server.asked == []  # off, as long as nobody is named
    before = {path for path in seawall.home.rglob("*") if path.is_file()}
    report = _once(seawall, fetcher=Fetcher(Hosts(own=("localhost",))))
    assert (report.hashed, report.fetched, report.no_file) == (2, 2, 1)
    assert dict(report.failed) == {"the server answers with 404": 1}
    assert sorted(server.asked) == ["/a.jpg", "/b.jpg", "/b.jpg", "/gone.jpg"]
    assert {row["media_id"] for row in rows("hashes")} == {"900", "901"}
    new = {path for path in seawall.home.rglob("*") if path.is_file()} - before
    assert not [path for path in new if server.files["/a.jpg"][:64] in path.read_bytes()]


def test_the_command_says_what_it_does_and_what_is_missing(seawall: Command, export: Path) -> None:
    assert "names no files and no servers" in seawall.fails("media", "follow")
    settings = seawall.home / "seawall.toml"
    text = settings.read_text()
    settings.write_text(text.replace("files = []", f'files = ["{export}"]'))
    _put(export, 1)
    _load(seawall, export, 1, 1)
    told = seawall.ok("media", "follow", "--once", "--json").json()
    assert (told["media"], told["hashed"], told["shed"]) == (1, 1, 0)
    stock(seawall.home, entry("e", HashKind.PDQ, banked(luminance((export / "photos" / "p1.jpg").read_bytes()))))
    seawall.ok("scan")
    assert [found["account_id"] for found in seawall.ok("findings", "--json").json_lines()] == ["user1"]
    for given, why in (
        ('files = ["/nowhere/at/all"]', "no folder and no .zip"),
        ('fetch_from = ["https://a.example/"]', "is no server's name"),
        ("megabytes = 0", "media.megabytes"),
    ):
        name = given.partition(" =")[0]
        lines = [line for line in text.splitlines() if not line.startswith(f"{name} =")]
        lines.insert(lines.index("[media]") + 1, given)
        settings.write_text("\n".join(lines))
        assert why in seawall.fails("media", "follow", "--once")


def test_one_process_follows_a_home(seawall: Command, export: Path) -> None:
    _load(seawall, export, 1, 1)
    stop, told = threading.Event(), threading.Event()
    first = Arriving(seawall.home, [export], None, Clips())
    thread = threading.Thread(target=first.run, args=(stop, lambda _: told.set()))
    thread.start()
    try:
        assert told.wait(30)
        with pytest.raises(MediaError, match="by another process already"):
            _once(seawall, export)
    finally:
        stop.set()
        thread.join(30)
