"""seawall evaluate media: posts against banks, and pairs of pictures; no post, account or file is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media.stocked import posted, rows, stock
from seawall.records.facts import HASHES, POSTS
from seawall.records.terms import HashKind

_DRAW = np.random.default_rng(3)
KNOWN, OTHER = (_DRAW.integers(0, 256, (many, 32), dtype=np.uint8) for many in (4, 30))


def _near(one: np.ndarray, bits: int) -> np.ndarray:
    rank = _DRAW.random((1, 256)).argsort(1).argsort(1)
    return one[None] ^ np.packbits(rank < bits, axis=1)


@pytest.fixture
def stocked(seawall, tmp_path: Path):
    """A bank of four posters; p0 to p3 carry them edited, p4 a wreck of one, p5 to p34 others, p35 has no hash."""
    stock(seawall.home, [row for n in range(4) for row in rows(f"poster{n}", HashKind.PDQ, KNOWN[n : n + 1])])
    files = [(f"a{n}", HashKind.PDQ, bytes([n]), _near(KNOWN[n], 10 * n)) for n in range(4)]
    files += [("a4", HashKind.PDQ, b"wreck", _near(KNOWN[0], 90))]
    files += [(f"a{5 + n}", HashKind.PDQ, bytes([100 + n]), OTHER[n : n + 1]) for n in range(30)]
    files += [("a35", HashKind.PDQ, b"flat", None)]
    facts = posted(*files)
    with seawall.lake() as lake:
        lake.append(
            {
                "posts": facts.posts.collect().to_arrow().cast(POSTS.schema),
                "hashes": facts.hashes.collect().to_arrow().cast(HASHES.schema),
            }
        )
    return seawall


def _truth(folder: Path, entries: dict[int, str], extra: str = "") -> Path:
    path = folder / "truth.csv"
    lines = [f"x,p{n},{entries.get(n, '')}" for n in range(36)]
    path.write_text("platform,post,entry\n" + "\n".join(lines) + "\n" + extra)
    return path


RIGHT = {0: "poster0", 1: "ref poster1", 2: "poster2", 3: "poster3", 4: "poster0"}


def test_posts_are_held_against_entries(stocked, tmp_path) -> None:
    ran = stocked.ok("evaluate", "media", "--truth", _truth(tmp_path, RIGHT, "x,gone,\nx,p0x,lost entry\n"), "--json")
    found = ran.json()
    assert (found["with_an_entry"], found["with_none"], found["without_a_hash"]) == (5, 31, 1)
    assert (found["not_hashed"], found["entry_in_no_bank"]) == (1, 1)
    assert "media hash FOLDER" in ran.err
    assert "an entry that no bank holds" in ran.err
    at = found["metrics"]
    assert at["recall"]["value"] == 0.8  # by entry or reference; the wreck is not found
    assert at["taken_for_another"]["value"] == at["false_positives"]["value"] == 0
    assert at["false_positives"]["high"] > 0.05
    lines = {line["line"]: line for line in found["scores"]}
    assert lines[0.65]["recall"]["value"] == 0.8
    assert lines[0.95]["recall"]["value"] == 0.2  # only what is not a bit away
    assert lines[0.85]["precision_at_most_false"]["0.1%"] < 0.1


def test_a_wrong_entry_and_a_match_that_should_be_none_are_told_apart(stocked, tmp_path) -> None:
    wrong = {**RIGHT, 1: "poster2"}
    del wrong[2]
    at = stocked.ok("evaluate", "media", "--truth", _truth(tmp_path, wrong), "--json").json()["metrics"]
    assert at["recall"]["value"] == 0.5
    assert at["taken_for_another"]["value"] == 0.25
    assert at["false_positives"]["value"] == pytest.approx(1 / 32, abs=1e-4)


def test_one_file_of_a_post_may_be_meant(stocked, tmp_path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("platform,post,entry,media\nx,p0,poster0,m0\nx,p1,poster1,m0\nx,p5,,m5\n")
    found = stocked.ok("evaluate", "media", "--truth", path, "--json").json()
    assert (found["with_an_entry"], found["with_none"], found["not_hashed"]) == (1, 1, 1)


def _picture(folder: Path, name: str, seed: int, *, mirrored: bool = False) -> None:
    draw = np.random.default_rng(seed)
    small = Image.fromarray(draw.integers(0, 256, (8, 8), dtype=np.uint8)).resize((200, 200), Image.Resampling.BICUBIC)
    (small.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else small).save(folder / name)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for n in range(4):
        _picture(folder, f"{n}.png", n)
    _picture(folder, "0m.png", 0, mirrored=True)
    Image.new("L", (200, 200), 90).save(folder / "flat.png")
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def test_pairs_are_told_in_bits(seawall, pictures, tmp_path) -> None:
    path, out = tmp_path / "pairs.csv", tmp_path / "rejects.csv"
    lines = ["0.png,0m.png,1", "1.png,1.png,1", "0.png,1.png,0", "2.png,3.png,0", "1.png,flat.png,0",
             "1.png,broken.png,1", "1.png,gone.png,1", "1.png,2.png,maybe"]  # fmt: skip
    path.write_text("first,second,same\n" + "\n".join(lines) + "\n")
    asked = ("evaluate", "media", "--truth", path, "--files", pictures)
    ran = seawall.ok(*asked, "--json", "--rejects", out)
    found = ran.json()
    assert (found["same"], found["different"], found["without_a_hash"]) == (2, 3, 1)
    assert found["metrics"]["recall"]["value"] == 1
    assert found["metrics"]["false_positives"]["value"] == 0
    assert found["furthest_same_bits"] <= 8
    assert found["nearest_different_bits"] > 50
    by = {line["line"]: line for line in found["bits"]}
    assert by[31]["recall"]["value"] == 1
    assert list(by) == sorted(by)
    assert "3 lines" in ran.err
    assert "1.png,gone.png,1" in out.read_text()
    assert "UnidentifiedImageError" in out.read_text()
    said = seawall.ok(*asked).out
    for words in ("2 pairs of one picture", "Nearest of two", "Bits", "another network"):
        assert words in said
    assert "png" not in said


def test_the_table_for_people_names_nothing(stocked, tmp_path) -> None:
    out = stocked.ok("evaluate", "media", "--truth", _truth(tmp_path, RIGHT)).out
    for words in ("5 rows with an entry", "Found", "False positives", "Score", "1.0%", "another network"):
        assert words in out
    assert "poster" not in out
    assert "a4" not in out


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("platform,post\nx,p0\n", "needs the columns platform, post, entry, or first, second, same"),
        ("platform,post,entry\n,p0,\n", "needs a platform and a post"),
        ("platform,post,entry\nx,none,\n", "no post of the truth file has hashes in the lake"),
        ("first,second,same\na.png,b.png,1\n", "need --files FOLDER"),
        ("first,second,same\na.png,,1\n", "needs two files"),
    ],
)
def test_a_truth_file_that_cannot_be_used_says_why(stocked, tmp_path, text, reason) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text)
    assert reason in stocked.fails("evaluate", "media", "--truth", path)


def test_what_is_missing_is_said(seawall, pictures, tmp_path) -> None:
    truth = _truth(tmp_path, RIGHT)
    assert "no bank holds anything" in seawall.fails("evaluate", "media", "--truth", truth)
    assert "posts take none" in seawall.fails("evaluate", "media", "--truth", truth, "--files", pictures)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("first,second,same\na.png,b.png,1\n")
    asked = ("evaluate", "media", "--truth", pairs, "--files")
    assert "no pair of pictures can be read" in seawall.fails(*asked, pictures)
    assert "no folder and no .zip" in seawall.fails(*asked, pairs)
