"""Posters drawn for tests: some words on a background, as a file of a picture. Skips where they cannot be drawn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

FONTS = Path("/usr/share/fonts/truetype/noto")


def poster(*lines: str, kind: str = "PNG", ground: str = "white", ink: str = "black", aslant: float = 0) -> bytes:
    """A picture of 900 by 600 with these lines on it."""
    image, draw, font = (pytest.importorskip(f"PIL.Image{part}") for part in ("", "Draw", "Font"))
    arabic = any("\u0600" <= letter <= "\u06ff" for line in lines for letter in line)
    file = FONTS / ("NotoNaskhArabic-Bold.ttf" if arabic else "NotoSans-Bold.ttf")
    if not file.exists() or (arabic and not pytest.importorskip("PIL.features").check("raqm")):
        pytest.skip(f"needs the font {file.name}, and Pillow with raqm for Arabic")
    picture = image.new("RGB", (900, 600), ground)
    pen = draw.Draw(picture)
    given: dict[str, Any] = {"direction": "rtl"} if arabic else {}
    for number, line in enumerate(lines):
        size = next(
            size for size in range(64, 8, -2) if pen.textlength(line, font=_font(font, file, size), **given) < 820
        )
        pen.text((450, 120 + 120 * number), line, font=_font(font, file, size), fill=ink, anchor="mm", **given)
    made = io.BytesIO()
    picture.rotate(aslant, fillcolor=ground, resample=image.Resampling.BICUBIC).save(made, kind)
    return made.getvalue()


def _font(font: Any, file: Path, size: int) -> Any:
    return font.truetype(str(file), size)
