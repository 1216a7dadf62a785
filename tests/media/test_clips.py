"""A clip is found again, trimmed and encoded anew, by its pictures and by its sound; others are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.clips import again, film, tune
from media.scenes import as_file, picture, scene
from seawall.media import clips as room
from seawall.media.clips import ASKED_EACH, Clips, moments
from seawall.media.shelf import MediaError, PictureError


def _near(asked: np.ndarray, kept: np.ndarray, within: int) -> float:
    """Which share of hashes has one of the others within so many bits."""
    return float((np.bitwise_count(asked[:, None] ^ kept[None]).sum(2).min(1) <= within).mean())


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("films")
    return {seed: film(folder, seed) for seed in (1, 2)}


@pytest.fixture(scope="module")
def trimmed(films: dict[int, Path], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    target = tmp_path_factory.mktemp("again") / "again.mp4"
    words = ("-ss", "2.3", "-t", "14", "-vf", "scale=120:120,fps=8", "-crf", "33", "-c:a", "aac", "-b:a", "48k")
    return again(films[1], target, *words).read_bytes()


def test_pictures_of_a_trimmed_film_encoded_anew_are_found(films: dict[int, Path], trimmed: bytes) -> None:
    clips = Clips()
    kept = {seed: clips.banked_frames(path.read_bytes()) for seed, path in films.items()}
    asked = clips.asked_frames(trimmed)
    assert 20 <= len(asked["plain"]) <= 28
    assert _near(asked["plain"], kept[1], 31) >= 0.7
    assert len(asked["inside"]) == 0
    for view in ("plain", "mirrored"):
        assert _near(asked[view], kept[2], 31 + 30) == 0


@pytest.mark.parametrize(
    ("edit", "view"),
    [("pad=iw:ih*1.5:0:(oh-ih)/2", "inside"), ("hflip", "mirrored"), ("hflip,pad=iw*1.4:ih:(ow-iw)/2", "mirrored")],
)
def test_bars_around_a_film_and_a_mirror_are_seen_through(
    films: dict[int, Path], tmp_path: Path, edit: str, view: str
) -> None:
    clips = Clips()
    edited = again(films[1], tmp_path / "edited.mp4", "-vf", edit, "-crf", "30").read_bytes()
    kept, asked = clips.banked_frames(films[1].read_bytes()), clips.asked_frames(edited)
    assert _near(asked[view], kept, 31) >= 0.7
    assert _near(asked["plain"], kept, 31) < 0.2
    assert _near(clips.asked_frames(films[1].read_bytes())["plain"], clips.banked_frames(edited), 31) >= (
        0.7 if view == "inside" else 0
    )


def test_its_sound_is_found_alone(films: dict[int, Path], trimmed: bytes) -> None:
    clips = Clips()
    kept = {seed: clips.moments(path.read_bytes()) for seed, path in films.items()}
    asked = clips.moments(trimmed)[::ASKED_EACH]
    assert len(asked) >= 25
    assert _near(asked, kept[1], 45) >= 0.7
    assert _near(asked, kept[2], 45 + 30) == 0


def test_a_film_without_sound_a_sound_without_pictures_and_silence(films: dict[int, Path], tmp_path: Path) -> None:
    clips = Clips()
    mute = again(films[1], tmp_path / "mute.mp4", "-an", "-c:v", "copy").read_bytes()
    heard = again(films[1], tmp_path / "heard.m4a", "-vn", "-c:a", "copy").read_bytes()
    assert len(clips.moments(mute)) == len(clips.banked_frames(heard)) == 0
    assert len(clips.moments(heard)) > 500
    assert len(moments(np.zeros(100_000, np.float32))) == 0
    assert len(moments(np.zeros(10, np.float32))) == 0


def test_what_is_all_but_silent_has_no_moments() -> None:
    loud = tune(5, 4).astype(np.float32)
    faint = np.random.default_rng(0).normal(0, 2, len(loud)).astype(np.float32)
    assert len(moments(faint)) > 300  # nothing louder stands beside it
    assert len(moments(loud)) <= len(moments(np.concatenate([loud, faint]))) < len(moments(loud)) + 60


def test_what_stands_still_is_one_picture(tmp_path: Path) -> None:
    still = tmp_path / "still.png"
    still.write_bytes(as_file(picture(scene(8, 160, 160)), "PNG"))
    shown = again(still, tmp_path / "still.mp4", "-vf", "loop=60:1,fps=10", "-t", "6", "-pix_fmt", "yuv420p")
    assert len(Clips().banked_frames(shown.read_bytes())) == 1


def test_what_cannot_be_unpacked_is_said(monkeypatch: pytest.MonkeyPatch, films: dict[int, Path]) -> None:
    clips = Clips()
    for damaged in (b"", b"no clip at all", films[1].read_bytes()[:900]):
        with pytest.raises(PictureError, match="no clip that can be unpacked"):
            clips.asked_frames(damaged)
        with pytest.raises(PictureError, match="no clip that can be unpacked"):
            clips.moments(damaged)
    monkeypatch.setattr(room, "_TIME", 0.05)
    with pytest.raises(PictureError, match="more than"):
        clips.banked_frames(films[1].read_bytes())


def test_ffmpeg_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr(room, "import_module", missing)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MediaError, match=r"seawall\[media\]"):
        Clips()
