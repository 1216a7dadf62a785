"""Opening a picture that nobody vouches for: known formats only, no more pixels than a limit. Needs Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from seawall.graph.compiled import Array
from seawall.media.pdq import grey
from seawall.media.shelf import MediaError, PictureError

MOST_PIXELS = 50_000_000
_KINDS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
_SHOWN = 480  # pixels a side of what people look at
_SIDE = 2048  # pixels; what is larger is made smaller before it is hashed


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """A picture of Pillow's. No more than MOST_PIXELS are unpacked. Raises PictureError, also for what fails inside;
    MediaError where Pillow is missing."""
    try:
        image = import_module("PIL.Image")
    except ImportError as error:
        raise MediaError("opening pictures needs Pillow: pip install 'seawall[media]'") from error
    try:
        with image.open(io.BytesIO(content), formats=_KINDS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise PictureError(f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels")
            yield picture
    except PictureError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, image.DecompressionBombError) as error:
        raise PictureError(f"no picture that can be read: {type(error).__name__}") from error


def luminance(content: bytes) -> Array:
    """A picture in grey, rows × columns, as it is hashed: of a moving one the first picture, transparency ignored."""
    with opened(content) as picture:
        rgb = picture.convert("RGB")
        if max(rgb.size) > _SIDE:
            rgb.thumbnail((_SIDE, _SIDE))
        return grey(np.asarray(rgb))


def dimmed(content: bytes, *, blurred: bool) -> bytes:
    """A picture to be looked at by people who must look at many: small, in grey, as a JPEG of our own making; blurred
    until nothing but light and dark can be told. Raises PictureError, MediaError."""
    with opened(content) as picture:
        small = picture.convert("L")
        small.thumbnail((_SHOWN, _SHOWN))
        if blurred:
            small = small.filter(import_module("PIL.ImageFilter").GaussianBlur(max(small.size) / 16))
        made = io.BytesIO()
        small.save(made, "JPEG", quality=80)
        return made.getvalue()
