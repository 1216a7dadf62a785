"""From an export with posters to findings: read once, asked about by rules, beside the author's own words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from command import Command
from media.posters import poster
from seawall.media.reader import Reader
from seawall.media.reading import read_pictures
from seawall.media.shelf import Shelf
from sources.telegram_chats import chat, message

CALL = ("Братья на западе,", "атакуйте их")


@pytest.fixture
def _engine() -> None:
    pytest.importorskip("PIL", reason="needs Pillow, which is not here")
    if not shutil.which("tesseract") or "rus" in Reader().missing:
        pytest.skip("needs Tesseract with rus, which is not here")


def _export(folder: Path, *messages: dict[str, Any], **pictures: bytes) -> Path:
    (folder / "photos").mkdir(parents=True)
    for name, content in pictures.items():
        (folder / "photos" / f"{name}.png").write_bytes(content)
    (folder / "result.json").write_text(json.dumps(chat(list(messages))), "utf-8")
    return folder


@pytest.mark.usefixtures("_engine")
def test_a_threat_on_a_poster_is_found_by_the_rules_and_said_to_be_from_a_picture(
    seawall: Command, tmp_path: Path, rows: Any, caplog: pytest.LogCaptureFixture
) -> None:
    folder = _export(
        tmp_path / "export",
        message(1, 1, "no words", photo="photos/threat.png"),
        message(2, 2, "Полиция предупредила о плакате", photo="photos/threat.png"),
        message(3, 3, "look", photo="photos/market.png"),
        message(4, 4, "look", photo="photos/damaged.png"),
        message(5, 5, "look", photo="photos/absent.png"),
        threat=poster(*CALL, ground="#104010", ink="white"),
        market=poster("Большой рынок открыт", "каждую пятницу"),
        damaged=poster()[:200],
    )
    seawall.ok("load", "telegram", folder / "result.json")
    ran = seawall.ok("media", "read", folder, "--json")
    said = ran.json()
    assert {name: said[name] for name in ("pictures", "already", "no_file", "read", "known", "with_words")} == {
        "pictures": 5, "already": 0, "no_file": 1, "read": 3, "known": 1, "with_words": 3,
    }  # fmt: skip
    assert list(said["unread"]) == ["no picture that can be read: OSError"]
    assert "атакуйте" not in ran.out + ran.err + caplog.text

    again = seawall.ok("media", "read", folder, "--json").json()
    assert (again["already"], again["read"], again["known"]) == (4, 0, 0)
    assert len(rows("pictures")) == 4

    seawall.ok("scan")
    findings = seawall.ok("findings", "--json").json_lines()
    assert [found["account_id"] for found in findings] == ["user1"]  # who warns of the poster is silent, as in words
    because = findings[0]["findings"][0]["because"]
    assert "call-to-attack" in because
    assert "only with what its pictures show" in because
    assert all("атакуйте" not in post["text"] for post in rows("posts"))


@pytest.mark.usefixtures("_engine")
def test_stopped_midway_it_goes_on_there(seawall: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seawall.media.reading._SOME", 2)
    pictures = {f"p{n}": poster(f"Рынок номер {n}") for n in range(6)}
    messages = [message(n + 1, 1, photo=f"photos/p{n}.png") for n in range(6)]
    folder = _export(tmp_path / "export", *messages, **pictures)
    seawall.ok("load", "telegram", folder / "result.json")

    def stop(done: int, _of: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with seawall.lake() as lake:
        with pytest.raises(KeyboardInterrupt):
            read_pictures(lake, Shelf(folder), Reader(), on_some=stop)
        report = read_pictures(lake, Shelf(folder), Reader())
    assert (report.already, report.read, report.with_words) == (4, 2, 2)


@pytest.mark.usefixtures("_engine")
def test_a_picture_that_another_post_carries_later_is_not_read_again(seawall: Command, tmp_path: Path) -> None:
    picture, said = poster("Рынок открыт"), []
    for number in (1, 2):
        folder = _export(tmp_path / f"export{number}", message(number, number, photo="photos/p.png"), p=picture)
        seawall.ok("load", "telegram", folder / "result.json")
        said.append(seawall.ok("media", "read", folder, "--json").json())
    assert [(its["read"], its["known"], its["with_words"]) for its in said] == [(1, 0, 1), (0, 1, 1)]


def test_what_is_missing_is_said_and_nothing_is_done(
    seawall: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "reading pictures needs" in seawall.fails("media", "read", tmp_path)
    assert seawall.stats()["pictures"] == 0
