"""Pictures on disk: which file is a post's, and that none is taken for another's."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from seawall.media import shelf as module
from seawall.media.shelf import MediaError, PictureError, Shelf


def _files(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    return folder


def _row(post: str, url: str | None, media: str = "1") -> dict[str, Any]:
    return {"post_id": post, "url": url, "media_id": media}


def _chat(number: int) -> str:
    return f'{{"name": "A room", "type": "public_channel", "id": {number}, "messages": [{{"id": 77}}]}}'


def test_telegram_pictures_are_those_beside_the_chat_that_the_post_is_from(tmp_path: Path) -> None:
    for number in (900, 901):
        _files(tmp_path / f"chat{number}", **{"result.json": _chat(number), "photos/1.jpg": f"of {number}"})
    shelf = Shelf(tmp_path)
    files = shelf.files_of([_row(f"channel{n}/5", "photos/1.jpg") for n in (900, 901, 902)])
    assert files == ["chat900/photos/1.jpg", "chat901/photos/1.jpg", None]
    assert shelf.content("chat901/photos/1.jpg") == b"of 901"


def test_a_whole_accounts_export_names_its_chats_in_its_paths(tmp_path: Path) -> None:
    path = "chats/chat_01/photos/1.jpg"
    _files(tmp_path, **{"result.json": '{"about": "", "chats": {"list": [{"id": 5}]}}', path: "x"})
    assert Shelf(tmp_path).files_of([_row("channel900/5", path), _row("channel900/6", "../secret.jpg")]) == [path, None]


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_of_x_names_the_post_in_the_file(packed: bool, tmp_path: Path) -> None:
    names = ["data/tweets_media/5-AbCd.jpg", "data/tweets_media/6-AbCd.jpg"]
    given = tmp_path / "given"
    _files(given, **dict.fromkeys(names, "x"))
    if packed:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
            for name in names:
                made.write(given / name, name)
        given = tmp_path / "a.zip"
    url = "https://pbs.twimg.com/media/AbCd.jpg"
    assert Shelf(given).files_of([_row("5", url), _row("6", url), _row("7", url)]) == [*names, None]


def test_matrix_media_by_the_servers_tree_and_by_name(tmp_path: Path) -> None:
    _files(tmp_path, **{"local_content/Ab/Cd/EfGhIjKl": "x", "saved/MnOpQrStUvWx.png": "x"})
    files = Shelf(tmp_path).files_of(
        [_row("$1", "mxc://here.example/AbCdEfGhIjKl"), _row("$2", "mxc://a.b/MnOpQrStUvWx")]
    )
    assert files == ["local_content/Ab/Cd/EfGhIjKl", "saved/MnOpQrStUvWx.png"]


def test_a_name_that_could_mean_two_pictures_means_none(tmp_path: Path) -> None:
    _files(tmp_path, **{"a/long-name-1.jpg": "x", "b/long-name-2.jpg": "x", "c/long-name-2.jpg": "x", "1.jpg": "x"})
    rows = [
        _row("1", "https://e.example/long-name-1.jpg"),
        _row("2", "https://e.example/long-name-2.jpg"),  # two files
        _row("3", "https://e.example/1.jpg"),  # a name that says nothing
        _row("4", None),
        _row("5", "https://[e.example/long-name-1.jpg"),
    ]
    assert Shelf(tmp_path).files_of(rows) == ["a/long-name-1.jpg", None, None, None, None]
    twice = [rows[0], _row("6", "https://other.example/long-name-1.jpg")]  # two addresses
    assert Shelf(tmp_path).files_of(twice) == [None, None]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    _files(tmp_path / "outside", **{"long-name-1.jpg": "x"})
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "long-name-1.jpg").symlink_to(tmp_path / "outside" / "long-name-1.jpg")
    (tmp_path / "given" / "all").symlink_to(tmp_path / "outside")
    assert Shelf(tmp_path / "given").files_of([_row("1", "https://e.example/long-name-1.jpg")]) == [None]


def test_a_file_that_is_too_large_or_damaged_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("large.jpg", b"x" * 100_000)
        made.writestr("damaged.jpg", b"y" * 500)
    content = (tmp_path / "a.zip").read_bytes()
    at = content.index(b"damaged.jpg") + len(b"damaged.jpg")
    (tmp_path / "a.zip").write_bytes(content[:at] + b"\xff" * 4 + content[at + 4 :])
    shelf = Shelf(tmp_path / "a.zip")
    with pytest.raises(PictureError, match="more than"):
        shelf.content("large.jpg")
    with pytest.raises(PictureError, match="cannot be read"):
        shelf.content("damaged.jpg")


def test_a_file_that_is_encrypted_or_packed_in_an_unknown_way_is_not_read(tmp_path: Path) -> None:
    for flags, method, name in ((1, 0, "encrypted"), (0, 99, "unknown")):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as made:
            made.writestr("a.jpg", b"x" * 50)
        content = bytearray((tmp_path / f"{name}.zip").read_bytes())
        for start, at in ((content.index(b"a.jpg") - 30, 6), (content.rindex(b"a.jpg") - 46, 8)):
            content[start + at] |= flags
            content[start + at + 2] = method
        (tmp_path / f"{name}.zip").write_bytes(content)
        with pytest.raises(PictureError, match="cannot be read"):
            Shelf(tmp_path / f"{name}.zip").content("a.jpg")


def test_what_is_no_export_is_said(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", _files(tmp_path, **{"a.txt": "x"}) / "a.txt"):
        with pytest.raises(MediaError, match=r"no folder and no \.zip"):
            Shelf(path)
