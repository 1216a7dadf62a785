"""From an export with videos, sounds and files to findings; stopped midway it goes on there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command import Command
from media.clips import again, film
from media.scenes import as_file, picture, scene
from media.stocked import rows as entry
from media.stocked import stock
from seawall.media.banking import kept
from seawall.media.clips import Clips
from seawall.media.hashing import hash_media
from seawall.media.shelf import Shelf
from seawall.records.terms import HashKind
from sources.telegram_chats import chat, message

VIDEO = {"media_type": "video_file", "mime_type": "video/mp4"}
SOUND = {"media_type": "audio_file", "mime_type": "audio/mp4"}


def _written(folder: Path, messages: list[dict[str, Any]]) -> Path:
    (folder / "result.json").write_text(json.dumps(chat(messages)), "utf-8")
    return folder


def test_known_clips_sounds_and_files_are_found_whoever_posts_them(seawall: Command, tmp_path: Path, rows: Any) -> None:
    known, export = film(tmp_path, 1), tmp_path / "export"
    (export / "files").mkdir(parents=True)
    again(known, export / "files" / "cut.mp4", "-ss", "3", "-t", "12", "-vf", "hflip", "-crf", "30", "-an")
    again(known, export / "files" / "heard.m4a", "-ss", "3", "-t", "12", "-vn", "-c:a", "aac", "-b:a", "64k")
    film(tmp_path, 2, 12).rename(export / "files" / "other.mp4")
    (export / "files" / "leaflet.pdf").write_bytes(b"a leaflet")
    names = [("cut.mp4", VIDEO), ("heard.m4a", SOUND), ("other.mp4", VIDEO), ("leaflet.pdf", {})]
    messages = [message(n, n, "see", file=f"files/{name}", **more) for n, (name, more) in enumerate(names, 1)]
    seawall.ok("load", "telegram", _written(export, messages) / "result.json")

    told = seawall.ok("media", "hash", export, "--json").json()
    assert (told["hashed"], told["in_banks"]) == (4, 0)
    assert told["unhashed"] == {"too little to see or hear in it": 1}  # the cut has no sound
    made = {(row["post_id"][-1], row["kind"], row["view"]) for row in rows("hashes") if row["hashes"]}
    assert made == {
        ("1", "video", "plain"), ("1", "video", "mirrored"), ("2", "sound", "plain"), ("3", "video", "plain"),
        ("3", "video", "mirrored"), ("3", "sound", "plain"),
    }  # fmt: skip

    of_film = kept(known.read_bytes(), "video", Clips())
    entries = [row for kind, its in of_film for row in entry("film", kind, np.frombuffer(its, np.uint8)[None])]
    leaflet = np.frombuffer(hashlib.sha256(b"a leaflet").digest(), np.uint8)[None]
    stock(seawall.home, [*entries, *entry("leaflet", HashKind.SHA256, leaflet)])
    again_told = seawall.ok("media", "hash", export, "--json").json()
    assert (again_told["already"], again_told["hashed"], again_told["in_banks"]) == (4, 0, 3)
    seawall.ok("scan")
    found = seawall.ok("findings", "--signal", "media", "--json").json_lines()
    assert sorted(account["account_id"] for account in found) == ["user1", "user2", "user4"]


def test_stopped_midway_it_goes_on_there(seawall: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.media.hashing._SOME", 2)
    export = tmp_path / "export"
    (export / "photos").mkdir(parents=True)
    for number in range(6):
        (export / "photos" / f"p{number}.jpg").write_bytes(as_file(picture(scene(number, 120, 160))))
    messages = [message(n + 1, 1, photo=f"photos/p{n}.jpg") for n in range(6)]
    seawall.ok("load", "telegram", _written(export, messages) / "result.json")

    def stop(done: int, _of: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with seawall.lake() as lake:
        with pytest.raises(KeyboardInterrupt):
            hash_media(lake, Shelf(export), Clips(), on_some=stop)
        report = hash_media(lake, Shelf(export), Clips(), 2)
    assert (report.already, report.hashed, report.known) == (4, 2, 0)


def test_without_ffmpeg_nothing_is_half_done(seawall: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr("seawall.media.clips.import_module", missing)
    monkeypatch.setenv("PATH", "/nowhere")
    assert "needs ffmpeg" in seawall.fails("media", "hash", tmp_path)
    assert seawall.stats()["hashes"] == 0
