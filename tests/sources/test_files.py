"""Files as they come: cut short, padded, edited, much too long, or something else altogether."""

from __future__ import annotations

import gzip
import io
import json
import os
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
import zstandard

from makers import lines, mixed, tweet, write
from seawall.lake import Lake
from seawall.sources import streams

HEADER = b"handle,text,at\n"


def _cut_short(content: bytes) -> bytes:
    """A gzip file that gives all of this and then ends in the middle."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


def _load(seawall, path: Path, *words: object) -> dict[str, Any]:
    kind = ("table", path, "--platform", "x", "--yes") if ".csv" in path.name else ("x", path)
    return seawall("load", *kind, "--json", *words).json()


def _rejects(seawall) -> list[dict[str, Any]]:
    kept = [json.loads(line) for path in (seawall.home / "rejects").iterdir() for line in path.open()]
    return sorted(kept, key=lambda reject: reject["line"])


def _plain(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_every_line_of_a_cut_short_csv_is_loaded_or_rejected(seawall, tmp_path) -> None:
    before = b"".join(b"u%d,t,2015-01-01\n" % n for n in range(3000))
    after = b"".join(b"v%d,t,2015-01-01\n" % n for n in range(1500))
    content = HEADER + before + b'q,5" screen,2015-01-01\n' + after + b"cut,li"
    report = _load(seawall, _plain(tmp_path / "a.csv.gz", _cut_short(content)))
    assert (report["read"], report["loaded"], report["rejected"]) == (4502, 4500, 2)
    assert seawall.stats()["posts"] == 4500
    assert [(r["line"], r["raw"]) for r in _rejects(seawall)] == [(3002, 'q,5" screen,2015-01-01'), (4503, "cut,li")]


@pytest.mark.parametrize("ended", [True, False])
def test_the_last_line_of_a_damaged_file_is_not_both_loaded_and_rejected(seawall, tmp_path, ended: bool) -> None:
    content = lines([tweet(n) for n in range(1, 11)])
    report = _load(seawall, _plain(tmp_path / "a.gz", _cut_short(content if ended else content[:-1])))
    assert report["loaded"] == seawall.stats()["posts"] == (10 if ended else 9)
    (reject,) = _rejects(seawall)
    assert "cut short" in reject["reason"]
    assert reject["raw"] == ("" if ended else json.dumps(tweet(10)))
    assert report["rejected"] == 1


@pytest.mark.parametrize("ended", [True, False])
def test_nor_is_that_of_a_damaged_table(seawall, tmp_path, ended: bool) -> None:
    content = HEADER + b'a,x,2015-01-01\nb,"one\ntwo",2015-01-01' + (b"\n" if ended else b"")
    report = _load(seawall, _plain(tmp_path / "a.csv.gz", _cut_short(content)))
    assert report["loaded"] == seawall.stats()["posts"] == (2 if ended else 1)
    assert [r["raw"] for r in _rejects(seawall)] == ([""] if ended else ['b,"one', 'two",2015-01-01'])
    assert report["read"] == report["loaded"] + report["rejected"]


def test_zeros_after_the_end_of_a_gzip_file_are_no_damage(seawall, tmp_path) -> None:
    member = gzip.compress(lines([tweet(1)]))
    path = _plain(tmp_path / "a.gz", member + b"\0" * 100_000 + gzip.compress(lines([tweet(2)])) + b"\0" * 512)
    report = _load(seawall, path)
    assert (report["loaded"], report["rejected"]) == (2, 0)


@pytest.mark.parametrize("pack", [zstandard.ZstdCompressor(19).compress, gzip.compress])
def test_a_small_file_that_unpacks_to_much_takes_little_memory(seawall, tmp_path, monkeypatch, pack) -> None:
    monkeypatch.setattr(streams, "BLOCK", 2**20)
    monkeypatch.setattr(streams, "LONGEST_LINE", 2**20)
    path = _plain(tmp_path / "a", pack(bytes(300_000_000)))
    assert path.stat().st_size < 400_000
    tracemalloc.start()
    error = seawall.fails("load", "table", path, "--platform", "x", "--yes")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "a line of 300,000,000 bytes" in error
    assert most < 120_000_000


@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("longest", [1000, 5000, 20_000])
def test_a_line_that_is_too_long_is_one_reject_whole(seawall, tmp_path, monkeypatch, longest: int, end: bytes) -> None:
    monkeypatch.setattr(streams, "BLOCK", 1000)
    monkeypatch.setattr(streams, "LONGEST_LINE", longest)
    smuggled = b'{"x": "' + b"a" * (longest - 7) + json.dumps(tweet(666)).encode() + b" " * 3000
    content = lines([tweet(1)]) + smuggled + b"\n" + lines([tweet(2)]) + smuggled + end
    report = _load(seawall, _plain(tmp_path / "a.jsonl", content))
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        assert sorted(snapshot.read("posts").column("post_id").to_pylist()) == ["1", "2"]
    assert (report["read"], report["rejected"]) == (4, 2)
    assert [reject["line"] for reject in _rejects(seawall)] == [2, 4]
    assert all(f"a line of {len(smuggled):,} bytes" in reject["reason"] for reject in _rejects(seawall))


def _zip(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, "a,b\n")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_zip("tweets.jsonl"), "a .zip archive: unpack it"),
        (_zip("[Content_Types].xml"), "an Excel or Office file: `seawall load table` reads"),
        (b"%PDF-1.7\n", "a PDF file"),
        (b"\xff\xfe" + "handle,at".encode("utf-16-le"), "text in UTF-16"),
        (gzip.compress(bytes(257) + b"ustar" + bytes(300), mtime=0), "a .tar archive: unpack it"),
        (b"\xfd7zXZ\x00", "repack it as .gz or .zst"),
        (b"", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (gzip.compress(b"x" * 100, mtime=0)[:8], "damaged from its first bytes on"),
    ],
)
def test_what_is_no_export_says_what_it_is_before_anything_is_read(seawall, tmp_path, content, message) -> None:
    path = _plain(tmp_path / "a", content)
    assert message in seawall.fails("load", "x", path)
    assert message in seawall.fails("load", "table", path, "--platform", "x", "--yes")
    assert seawall.stats()["rejects"] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b'[{"id": 1},\n {"id": 2}]\n',
            "a JSON array; this source reads one object a line: convert it with `jq -c '.[]'`",
        ),
        (b'\xef\xbb\xbf[\n  {\n    "id": 1\n  }\n]\n', "a JSON array"),
        (gzip.compress(b'[{"id": 1}]', mtime=0), "a JSON array"),
        (
            b'{\n  "id": 1\n}\n',
            "JSON spread over many lines; this source reads one object a line: convert it with `jq -c .`",
        ),
    ],
)
def test_a_table_of_json_is_one_object_a_line(seawall, tmp_path, content, message) -> None:
    assert message in seawall.fails("load", "table", _plain(tmp_path / "a", content), "--platform", "x", "--yes")
    assert seawall.stats()["rejects"] == 0


def _interrupted(seawall, monkeypatch, path: Path, commits: int) -> None:
    """A load that dies at its next commit after so many."""
    append, done = Lake.append, []

    def dying(self: Lake, *given: Any) -> Any:
        done.append(1)
        if len(done) > commits:
            raise OSError("the disk is full")
        return append(self, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Lake, "append", dying)
        kind = ("table", path, "--platform", "x", "--yes") if ".csv" in path.name else ("x", path)
        with pytest.raises(OSError, match="full"):
            seawall("load", *kind)


def test_a_file_edited_between_interruption_and_resumption_is_read_anew(seawall, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(streams, "BLOCK", 400_000)
    path = write(tmp_path / "e.jsonl", lines([tweet(n, text="before " + "x" * 500) for n in range(3000)]))
    assert path.stat().st_size > 3 * 2**20
    _interrupted(seawall, monkeypatch, path, 4)
    content, at = path.read_bytes(), path.stat().st_mtime_ns
    middle = content.index(b'"id": 1350,')
    path.write_bytes(content[:middle] + b'"id": 9350,' + content[middle + 11 :])
    os.utime(path, ns=(at, at + 1000))
    report = _load(seawall, path)
    assert (report["resumed_at"], report["read"]) == (0, 3000)
    assert seawall.stats()["posts"] == 3001


def test_an_untouched_file_goes_on_where_its_load_stopped(seawall, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(streams, "BLOCK", 20_000)
    path = write(tmp_path / "e.jsonl", lines(mixed(300)))
    _interrupted(seawall, monkeypatch, path, 4)
    report = _load(seawall, path)
    assert 0 < report["resumed_at"] < report["read"] == 300


def test_line_numbers_stay_right_after_resuming_a_table_without_a_last_line_end(seawall, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(streams, "BLOCK", 100)
    good = b"".join(b"u%d,t,2015-01-01\n" % n for n in range(8))
    path = _plain(tmp_path / "a.csv", HEADER + good + b'q,5" screen,2015-01-01\nw,a,nope\nv,b,2015-01-01')
    for commits in (1, 2, 3):
        seawall.home = tmp_path / f"home{commits}"
        seawall.ok("init")
        _interrupted(seawall, monkeypatch, path, commits)
        report = _load(seawall, path)
        assert (report["read"], report["rejected"]) == (11, 2)
        assert [reject["line"] for reject in _rejects(seawall)] == [10, 11]
        assert seawall.stats()["posts"] == 9
