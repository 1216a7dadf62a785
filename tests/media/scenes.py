"""Pictures drawn for tests from a number: clouds of light and dark as photographs have them, and edits of them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest


def scene(seed: int, rows: int = 480, columns: int = 640) -> np.ndarray:
    """A picture in grey whose waves fall with their frequency, as in photographs."""
    draw = np.random.default_rng(seed)
    across, down = np.fft.rfftfreq(columns) * columns, np.fft.fftfreq(rows) * rows
    fall = 1 / np.maximum(np.hypot(across[None], down[:, None]), 1) ** 1.3
    its = np.fft.irfft2(np.fft.rfft2(draw.standard_normal((rows, columns))) * fall, (rows, columns))
    return ((its - its.min()) / np.ptp(its) * 255).astype(np.float32)


def wall(seed: int) -> np.ndarray:
    """A wall of bricks in grey: another hash, once a hundredth of it is lost."""
    draw = np.random.default_rng(seed)
    down, across = np.mgrid[:256, :256]
    row = down // 11
    along = across + (row % 2) * 11
    brick = 150 + 6 * draw.standard_normal((26, 16))[row, along // 22]
    its = np.where((down % 11 < 2) | (along % 22 < 2), 60, brick)
    return (its + 4 * draw.standard_normal(its.shape)).clip(0, 255).astype(np.float32)


def picture(grey: np.ndarray) -> Any:
    """The same as Pillow's."""
    return pytest.importorskip("PIL.Image").fromarray(grey.astype(np.uint8)).convert("RGB")


def as_file(drawn: Any, kind: str = "JPEG", quality: int = 90) -> bytes:
    """Its file."""
    made = io.BytesIO()
    drawn.save(made, kind, quality=quality)
    return made.getvalue()


def cropped(drawn: Any, left: float, top: float, right: float, bottom: float) -> Any:
    """Without these shares of its sides."""
    wide, high = drawn.size
    return drawn.crop((round(wide * left), round(high * top), wide - round(wide * right), high - round(high * bottom)))
