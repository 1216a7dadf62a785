"""A picture is found again after the edits people make, and is told from others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from media.scenes import as_file, cropped, picture, scene, wall
from seawall.media import opened
from seawall.media.opened import luminance
from seawall.media.pdq import hash_of, waves
from seawall.media.shelf import MediaError, PictureError
from seawall.media.views import asked, banked, unframed

SCENES = range(12)


def _apart(one: np.ndarray, other: np.ndarray) -> int:
    """The least distance between hashes of two pictures."""
    return int(np.bitwise_count(one[:, None] ^ other[None]).sum(2).min())


@pytest.fixture(scope="module")
def bank() -> dict[int, np.ndarray]:
    return {seed: banked(luminance(as_file(picture(scene(seed))))) for seed in SCENES}


def test_half_of_a_hash_is_set_and_light_changes_little() -> None:
    grey = scene(1)
    plain = hash_of(waves(grey).waves)
    assert plain.shape == (32,)
    assert np.bitwise_count(plain).sum() == 128
    darker = hash_of(waves(grey * 0.5 + 20).waves)
    assert np.bitwise_count(plain ^ darker).sum() <= 4
    assert waves(grey).quality == 100


def _framed(drawn: Any) -> Any:
    return pytest.importorskip("PIL.ImageOps").expand(drawn, 40, "#203040")


EDITS: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda drawn: drawn,
    "smaller": lambda drawn: drawn.resize((160, 120)),
    "mirrored": lambda drawn: drawn.transpose(0),
    "upside down": lambda drawn: drawn.transpose(1),
    "turned by 90": lambda drawn: drawn.rotate(90, expand=True),
    "turned by 180": lambda drawn: drawn.rotate(180),
    "turned by 270": lambda drawn: drawn.rotate(270, expand=True),
    "framed": _framed,
    "framed and turned": lambda drawn: _framed(drawn).rotate(90, expand=True),
    "between bars": lambda drawn: pytest.importorskip("PIL.ImageOps").expand(drawn, (0, 100), "black"),
    "all round 3%": lambda drawn: cropped(drawn, 0.03, 0.03, 0.03, 0.03),
    "all round 10%": lambda drawn: cropped(drawn, 0.1, 0.1, 0.1, 0.1),
    "left 10%": lambda drawn: cropped(drawn, 0.1, 0, 0, 0),
    "left 3%, top 7%": lambda drawn: cropped(drawn, 0.03, 0.07, 0, 0),
    "below 7%, mirrored": lambda drawn: cropped(drawn, 0, 0, 0, 0.07).transpose(0),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("quality", [90, 20])
def test_an_edited_picture_is_found_and_no_other(edit: str, quality: int, bank: dict[int, np.ndarray]) -> None:
    distances = {seed: asked(luminance(as_file(EDITS[edit](picture(scene(seed))), "JPEG", quality))) for seed in (0, 5)}
    for seed, hashes in distances.items():
        assert _apart(hashes, bank[seed]) <= 31
        assert min(_apart(hashes, bank[other]) for other in SCENES if other != seed) >= 31 + 30


def test_crops_of_fine_patterns_are_found_well() -> None:
    drawn, other = picture(wall(0)), banked(luminance(as_file(picture(wall(1)))))
    bank = banked(luminance(as_file(drawn)))
    assert 500 < len(bank) == len(np.unique(bank, axis=0))
    for crop in ((0.05, 0.02, 0, 0.04), (0.033, 0, 0, 0), (0.021, 0.047, 0.03, 0.013), (0.0875, 0, 0, 0)):
        hashes = asked(luminance(as_file(cropped(drawn, *crop), "JPEG", 60)))
        assert _apart(hashes, bank) <= 15  # nearer than the crops alone that other pictures are kept by
        assert _apart(hashes, other) >= 31 + 30


def test_of_a_hash_alone_small_crops_all_round_are_found(bank: dict[int, np.ndarray]) -> None:
    for seed in SCENES:
        crop = luminance(as_file(cropped(picture(scene(seed)), 0.02, 0.02, 0.02, 0.02)))
        assert _apart(asked(crop), bank[seed][:1]) <= 31
        plain = hash_of(waves(crop).waves)[None]
        assert _apart(asked(crop), bank[seed][:1]) <= _apart(plain, bank[seed][:1])


def test_where_there_is_nothing_to_see_there_is_no_hash() -> None:
    for nothing in (np.zeros((50, 50), np.float32), np.full((1, 1), 9, np.float32), np.tile(np.arange(99.0), (99, 1))):
        assert asked(nothing).shape == (0, 32)
        assert banked(nothing).shape == (0, 32)


@pytest.mark.parametrize("shape", [(64, 64), (2, 900), (300, 7)])
def test_small_and_thin_pictures_are_no_trouble(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    assert asked(noise).shape[1] == banked(noise).shape[1] == 32
    assert len(asked(noise)) > 8


def test_a_frame_goes_and_a_picture_of_one_colour_stays() -> None:
    inner = scene(3, 200, 300)
    framed = np.full((260, 340), 12, np.float32)
    framed[40:240, 15:315] = inner
    assert np.array_equal(unframed(framed), inner)
    flat = np.zeros((40, 40), np.float32)
    assert unframed(flat).shape == flat.shape
    small = np.zeros((400, 400), np.float32)
    small[:20, :20] = inner[:20, :20]
    assert unframed(small).shape == small.shape


def test_what_is_no_picture_or_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = as_file(picture(scene(1)))
    for damaged in (b"", b"GIF89a", whole[: len(whole) // 2]):
        with pytest.raises(PictureError, match="no picture that can be read"):
            luminance(damaged)
    monkeypatch.setattr(opened, "MOST_PIXELS", 1000)
    with pytest.raises(PictureError, match="million pixels"):
        luminance(whole)

    def missing(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr(opened, "import_module", missing)
    with pytest.raises(MediaError, match=r"seawall\[media\]"):
        luminance(whole)
