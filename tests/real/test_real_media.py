"""Published hashes and edits of one picture of the shared data. Skips where it is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.stocked import posted, rows, stock
from seawall.media.opened import luminance
from seawall.media.pdq import hash_of, waves
from seawall.media.views import asked, banked
from seawall.records.terms import HashKind
from seawall.signals.media import MediaSignal

PUBLISHED = {  # as python-threatexchange gives them for bridge-mods
    "aaa-orig": "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22",
    "blur-a-little": "f8f8f0cee0f4a84f06370a2a038f63f0b36e26d596621e1d33e6b39c4e9c9b22",
    "blur-a-lot": "f8f8f0cee0f4a84f0637022a038f67f0b36e26d596621e1d33e6b39c4e9c9b22",
    "high-contrast": "f8f8f0cee0f4a84f06370a2a068f67f0b36e26d596621e1d33e6339c4e9c9b22",
    "high-saturation": "f8f8f0cee0f4a84f06370a22038f67f0b36e2ed596221e1d33e6b39c4e9c9b22",
    "sharpen-a-little": "f8f8f0cee0f4a84f0e370a22038f67f0b36e2ed596221e1d33e6b39c4a9c9b22",
    "sharpen-a-lot": "d8f8f0cec0f4a84f8e370a22038f67f0b36a2ed597231e1d72e6b39c4a9c9b22",
    "shrink-a-little": "f8f8f0cee0f4a84f06370a22038f67f0b36e2ed596621e1d33e6339c4e9c9b22",
    "shrink-a-lot": "d0f8f1ccc0f4a84d0a370a3a228f67f0b36e2ed5b6623e1d33e6339c4e9c9b22",
    "square-128x128": "d8f8f1eec0f4a84f0e37022a078f63f0b36e2ed596621e1d33e6239c4e9c9b22",
    "square-256x256": "d8f8f0cec4f4a84f0637022a078f67f0b36e2ee5b6621e1d33e6239c4e9c9b22",
    "square-512x512": "d8f8f0cec0f4a84f0637022a278f67f0b36e2ed596621e1d33e6339c4e9c9b22",
}


def _hashes(shared: Path, name: str) -> Path:
    pytest.importorskip("PIL", reason="needs Pillow, which is not here")
    path = shared / "media" / name
    if not path.exists():
        pytest.skip(f"needs {name} of the shared data, which is not here")
    return path


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_hash_is_the_published_one(shared: Path, name: str) -> None:
    its = waves(luminance(_hashes(shared, f"bridge-mods/{name}.jpg").read_bytes()))
    assert hash_of(its.waves).tobytes().hex() == PUBLISHED[name]
    assert its.quality == 100


def test_every_edit_and_direction_of_the_picture_is_found(shared: Path) -> None:
    folder = _hashes(shared, "bridge-mods")
    whole = luminance((folder / "aaa-orig.jpg").read_bytes())
    plain, kept = hash_of(waves(whole).waves)[None], banked(whole)
    for path in sorted([*folder.glob("*.jpg"), *(folder.parent / "dih").glob("*.jpg")]):
        its = asked(luminance(path.read_bytes()))
        assert np.bitwise_count(its ^ plain).sum(1).min() <= 16, path.name
        assert np.bitwise_count(its[:, None] ^ kept[None]).sum(2).min() <= 16, path.name
    frames = [line.split(",")[2] for file in folder.parent.glob("vpdq/*.txt") for line in file.read_text().split()]
    others = np.frombuffer(bytes.fromhex("".join(frames)), np.uint8).reshape(-1, 32)
    assert len(others) > 10_000
    assert min(np.bitwise_count(others ^ one).sum(1).min() for one in [*kept, *asked(whole)]) >= 31 + 30


def test_edited_videos_of_published_frames_are_told_from_others(shared: Path, tmp_path: Path) -> None:
    folder = shared / "media" / "vpdq"
    if not folder.is_dir():
        pytest.skip("needs vpdq of the shared data, which is not here")

    def frames(name: str) -> np.ndarray:
        lines = [line.split(",") for line in (folder / f"{name}.txt").read_text().split()]
        return np.array([list(bytes.fromhex(its)) for _, quality, its, _ in lines if int(quality) >= 50], np.uint8)

    home = stock(tmp_path, rows("chair", HashKind.VIDEO, frames("chair-orig-22-sd-bar")))
    names = sorted(path.stem for path in folder.glob("*.txt"))
    facts = posted(*((name, HashKind.VIDEO, name.encode(), frames(name)[7::15]) for name in names))
    found = {finding.account_id for finding in MediaSignal(home).find(facts)}
    edited = {name for name in names if name.startswith("chair") and "no-bar" not in name}
    assert len(edited) == 14
    assert found == {name for name in edited if "large-logo" not in name}  # a large logo hides too much
