"""Clips drawn for tests from a number: scenes that drift, with a tune; and ffmpeg to make files of them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from media.scenes import scene

SIDE, RATE = 160, 16_000


def ffmpeg() -> str:
    """Where it is; skips where it is not."""
    return str(pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe())


def tune(seed: int, seconds: float) -> np.ndarray:
    """Notes of a fifth of a second, each with overtones, over a little noise."""
    draw = np.random.default_rng(seed)
    at = np.arange(int(seconds * RATE)) / RATE
    notes = 150 * 2 ** draw.uniform(0, 3, (int(seconds * 5) + 1, 3))
    its = sum(np.sin(2 * np.pi * notes[(at * 5).astype(int), voice] * at * tone) / tone
              for voice in range(3) for tone in (1, 2, 3))  # fmt: skip
    return (np.asarray(its) / 8 * 20_000 + draw.normal(0, 300, len(at))).astype("<i2")


def film(folder: Path, seed: int, seconds: float = 20, a_second: int = 10) -> Path:
    """A film whose view wanders over a scene, another one every four seconds."""
    path, sound = folder / f"film{seed}.mp4", folder / f"tune{seed}.raw"
    sound.write_bytes(tune(seed, seconds).tobytes())
    frames = []
    for number in range(int(seconds * a_second)):
        shot, moment = divmod(number, 4 * a_second)
        wide = scene(seed * 100 + shot, 240, 320)
        frames.append(wide[moment : moment + SIDE, 2 * moment : 2 * moment + SIDE].astype(np.uint8))
    words = [ffmpeg(), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{SIDE}x{SIDE}", "-r",
             str(a_second), "-i", "pipe:0", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", str(sound), "-c:v",
             "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", "-shortest", str(path)]  # fmt: skip
    subprocess.run(words, input=b"".join(frame.tobytes() for frame in frames), check=True, capture_output=True)
    return path


def again(source: Path, target: Path, *words: str) -> Path:
    """The same clip, encoded anew."""
    subprocess.run([ffmpeg(), "-y", "-v", "error", "-i", str(source), *words, str(target)], check=True)
    return target
