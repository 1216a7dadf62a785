"""The reader of pictures, on the real engine: what it reads, and what it refuses."""

from __future__ import annotations

import io
import shutil
import struct
import zlib
from difflib import SequenceMatcher

import pytest

from media.posters import poster
from seawall.media import reader as module
from seawall.media.reader import Line, Reader
from seawall.media.shelf import MediaError, PictureError


@pytest.fixture(scope="module")
def reader() -> Reader:
    pytest.importorskip("PIL", reason="needs Pillow, which is not here")
    if not shutil.which("tesseract"):
        pytest.skip("needs Tesseract, which is not here")
    return Reader()


WORDS = {
    "ar": ("السوق الكبير يفتح أبوابه", "صباح الجمعة"),
    "ru": ("Большой рынок открыт", "каждую пятницу"),
    "uz": ("Katta bozor juma kuni", "ertalab ochiladi"),
    "uz-Cyrl": ("Катта бозор жума куни", "эрталаб очилади"),
    "kk": ("Үлкен базар жұма күні", "таңертең ашылады"),
    "tr": ("Büyük çarşı cuma günü", "sabah açılıyor"),
    "en": ("The great market opens", "on Friday morning"),
    "fr": ("Le grand marché ouvre", "vendredi matin"),
}
LOOKS = {
    "plain": {},
    "white on red": {"ground": "#a01818", "ink": "white", "kind": "JPEG"},
    "aslant": {"ground": "#e8d8a8", "aslant": 3, "kind": "WEBP"},
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("language", WORDS)
def test_a_poster_is_read_whatever_language_it_is_in(language: str, look: str, reader: Reader) -> None:
    needed = {"ar": "ara", "ru": "rus", "uz": "uzb", "uz-Cyrl": "uzb_cyrl", "kk": "kaz", "tr": "tur", "fr": "fra"}
    if needed.get(language) in reader.missing:
        pytest.skip(f"needs Tesseract's {needed[language]}, which is not here")
    read = reader.text(poster(*WORDS[language], **LOOKS[look]))
    assert _alike(read, "\n".join(WORDS[language])) > 0.85


def test_a_poster_in_two_alphabets_gives_both_from_top_to_bottom(reader: Reader) -> None:
    if "ara" in reader.missing:
        pytest.skip("needs Tesseract's ara, which is not here")
    image = pytest.importorskip("PIL.Image")
    both = image.new("RGB", (900, 1200))
    both.paste(image.open(io.BytesIO(poster(*WORDS["en"]))), (0, 0))
    both.paste(image.open(io.BytesIO(poster(*WORDS["ar"]))), (0, 600))
    made = io.BytesIO()
    both.save(made, "PNG")
    assert _alike(reader.text(made.getvalue()), "\n".join([*WORDS["en"], *WORDS["ar"]])) > 0.85


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def test_a_picture_without_words_has_none(reader: Reader) -> None:
    assert reader.text(poster()) == ""


def _png(width: int, height: int) -> bytes:
    """A picture that says how large it is, and holds one line."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 100))]
    chunks = [
        struct.pack(">I", len(its)) + name + its + struct.pack(">I", zlib.crc32(name + its)) for name, its in parts
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (_png(60_000, 60_000), "more than 50 million pixels|DecompressionBomb"),
        (_png(8_000, 7_000), "more than 50 million pixels"),
        (_png(300, 300), "no picture"),  # cut short
        (_png(0, 300), "no picture"),
        (b"", "no picture"),
        (b"not a picture at all", "no picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "no picture"),  # a kind whose reading starts other programs
    ],
)
def test_what_is_no_picture_or_unpacks_to_too_much_is_said(content: bytes, why: str, reader: Reader) -> None:
    with pytest.raises(PictureError, match=why):
        reader.text(content)


def test_the_engine_is_killed_when_its_time_is_over(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = poster(*WORDS["en"])
    monkeypatch.setattr(module, "SECONDS", 0.01)
    with pytest.raises(PictureError, match="took more than"):
        reader.text(picture)


def test_without_the_engine_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PIL")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MediaError, match=r"apt install tesseract-ocr tesseract-ocr-ara .*tesseract-ocr-uzb-cyrl"):
        Reader()


def test_pieces_of_a_line_aslant_are_in_their_order() -> None:
    right, left = Line("market", 90, (400, 100, 700, 160)), Line("great", 90, (100, 125, 380, 185))
    below = Line("Friday", 90, (100, 240, 700, 300))
    assert [line.words for line in module._in_order([below, right, left])] == ["great", "market", "Friday"]
    arabic = [Line("الكبير", 90, (100, 125, 380, 185)), Line("السوق", 90, (400, 100, 700, 160))]
    assert [line.words for line in module._in_order(arabic)] == ["السوق", "الكبير"]


def test_a_word_of_letters_that_two_alphabets_share_is_in_the_lines_own() -> None:
    assert module._one_alphabet(["Братья", "Ha", "западе"]) == "Братья На западе"  # the middle one came in Latin
    assert module._one_alphabet(["the", "соре", "of", "it"]) == "the cope of it"  # and here in Cyrillic
    assert module._one_alphabet(["скоро", "на", "YouTube"]) == "скоро на YouTube"
