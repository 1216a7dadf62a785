"""Videos and sounds as rows of hashes in time. Unpacked by ffmpeg, as a process of its own (in the extra `media`).

A video is the hashes of its pictures, as in vPDQ. A sound is a hash every 23 ms of how the balance of 17 bands between
150 and 2500 Hz changes (after Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System", 2002): sixteen of its
words of 16 bits, spread over three seconds, are one hash of 256 bits.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from threading import Timer
from typing import NamedTuple

import numpy as np

from seawall.graph.compiled import Array
from seawall.media.pdq import BYTES, hash_of, waves
from seawall.media.shelf import MediaError, PictureError
from seawall.media.views import LEAST_QUALITY, unframed

SECONDS = 600  # of a clip that are hashed
ASKED_FRAMES, BANKED_FRAMES = 2, 15  # a second: of a clip that is looked up, and of one of our own that is kept
_SIDE = 512  # pixels, as vPDQ has it
_RATE, _WINDOW, _HOP = 5512, 2048, 128  # samples a second, of a spectrum (0.37 s), and between two (23 ms)
_BANDS = np.geomspace(150, 2500, 18)  # Hz
_CHANGE, _APART, _WORDS = 16, 8, 16  # hops over which a balance changes; between words; words of a hash
_SPREAD = np.arange(_WORDS) * _APART
_STILL = 8  # bits
_BARRED = 0.5  # share of pictures with bars, from which a video has some
ASKED_EACH = 16  # of the moments of a sound that is looked up
_QUIET, _PLAIN = 1e-4, 64  # a silent moment's share of the loudest; bits that are set, or not, at least
_TIME = 120  # seconds that ffmpeg may take


class _Picture(NamedTuple):
    plain: Array  # hash of all of it
    inside: Array  # hash of what is between its bars
    between: Array
    barred: bool


class Clips:
    """Unpacks clips."""

    def __init__(self) -> None:
        """Raises MediaError if ffmpeg is missing, saying what to install."""
        try:
            self._ffmpeg = str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
        except (ImportError, RuntimeError) as error:
            self._ffmpeg = shutil.which("ffmpeg") or ""
            if not self._ffmpeg:
                raise MediaError("hashing videos and sounds needs ffmpeg: pip install 'seawall[media]'") from error

    def asked_frames(self, content: bytes) -> dict[str, Array]:
        """Hashes of a video's pictures to look it up by: as they are, without bars where it has some, and mirrored; one
        for as long as nothing moves, none where there is too little to see. Raises PictureError."""
        plain, inside, mirrored = [], [], []
        for picture in self._pictures(content, ASKED_FRAMES):
            plain.append(picture.plain)
            inside += [picture.inside] if picture.barred else []
            mirrored.append(hash_of(waves(picture.between[:, ::-1]).waves))
        found = {"plain": plain, "inside": _if_barred(inside, plain), "mirrored": mirrored}
        return {view: _changing(hashes) for view, hashes in found.items()}

    def banked_frames(self, content: bytes) -> Array:
        """Hashes of a video's pictures to keep, and of what is between its bars where it has some. Raises
        PictureError."""
        plain, inside = [], []
        for picture in self._pictures(content, BANKED_FRAMES):
            plain.append(picture.plain)
            inside += [picture.inside] if picture.barred else []
        return np.concatenate([_changing(plain), _changing(_if_barred(inside, plain))])

    def _pictures(self, content: bytes, a_second: int) -> Iterator[_Picture]:
        """A video's pictures in which there is something to see."""
        shown = f"fps={a_second},scale={_SIDE}:{_SIDE}:flags=bilinear,format=gray"
        for raw in self._parts(content, _SIDE**2, "-an", "-vf", shown, "-f", "rawvideo"):
            grey = np.frombuffer(raw, np.uint8).reshape(_SIDE, _SIDE)
            between = unframed(grey)
            its, barred = waves(between), between.shape != grey.shape
            if its.quality >= LEAST_QUALITY:
                inside = hash_of(its.waves)
                yield _Picture(hash_of(waves(grey).waves) if barred else inside, inside, between, barred)

    def moments(self, content: bytes) -> Array:
        """Hashes of a sound, or of a video's, every 23 ms; none of silence, or where there is no sound. Raises
        PictureError."""
        raw = b"".join(self._parts(content, 2 * _RATE, "-vn", "-ac", "1", "-ar", str(_RATE), "-f", "s16le"))
        return moments(np.frombuffer(raw, "<i2").astype(np.float32))

    def _parts(self, content: bytes, size: int, *given: str) -> Iterator[bytes]:
        """What ffmpeg makes of a clip, in whole parts. It reads that file only, and is killed when its time is over."""
        with tempfile.TemporaryDirectory(prefix="seawall-clip-") as folder:
            path = Path(folder) / "clip"
            path.write_bytes(content)
            words = [self._ffmpeg, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-threads", "1",
                     "-i", str(path), "-t", str(SECONDS), *given, "pipe:1"]  # fmt: skip
            with (Path(folder) / "said").open("w+b") as said:
                try:
                    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said)  # noqa: S603 - our words
                except OSError as error:
                    raise MediaError(f"cannot start {self._ffmpeg}: {error.strerror}") from error
                yield from self._read(process, size)
                said.seek(0)
                told = said.read()
        nothing = any(words in told for words in (b"does not contain any stream", b"matches no streams"))
        if process.returncode and not nothing:
            late = process.returncode < 0
            raise PictureError(
                f"unpacking it took more than {_TIME} seconds" if late else "no clip that can be unpacked"
            )

    def _read(self, process: subprocess.Popen[bytes], size: int) -> Iterator[bytes]:
        assert process.stdout is not None
        watch = Timer(_TIME, process.kill)
        watch.start()
        try:
            while len(part := process.stdout.read(size)) == size:
                yield part
        finally:
            watch.cancel()
            process.stdout.close()  # who reads no further ends it
            process.wait()


def _if_barred(inside: list[Array], plain: list[Array]) -> list[Array]:
    return inside if len(inside) > _BARRED * len(plain) else []


def _changing(hashes: list[Array]) -> Array:
    """Hashes that differ from the last that was kept: a title that stands for seconds is one picture."""
    kept: list[Array] = []
    for its in hashes:
        if not kept or np.bitwise_count(its ^ kept[-1]).sum() > _STILL:
            kept.append(its)
    return np.array(kept, np.uint8).reshape(-1, BYTES)


def moments(samples: Array) -> Array:
    """Hashes of a sound given as samples, 5512 a second, one every 23 ms: each of a second and a half."""
    count = (len(samples) - _WINDOW) // _HOP + 1
    spread = _CHANGE + int(_SPREAD[-1])
    if count <= spread:
        return np.empty((0, BYTES), np.uint8)
    edges = np.round(_BANDS * _WINDOW / _RATE).astype(int)
    shape = np.hanning(_WINDOW).astype(np.float32)
    energy = np.empty((count, len(_BANDS) - 1), np.float32)
    for first in range(0, count, 1024):
        places = (np.arange(first, min(first + 1024, count)) * _HOP)[:, None] + np.arange(_WINDOW)
        power = np.abs(np.fft.rfft(samples[places] * shape, axis=1)) ** 2
        energy[first : first + 1024] = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    steps = np.diff(np.log(energy + 1), axis=1)
    words = np.packbits(steps[_CHANGE:] > steps[:-_CHANGE], axis=1)
    starts = np.arange(count - spread)
    hashes = words[starts[:, None] + _SPREAD].reshape(-1, BYTES)
    loud = energy.sum(1)
    heard = loud[starts[:, None] + _SPREAD].min(1) > _QUIET * loud.max()
    bits = np.bitwise_count(hashes).sum(1)
    return np.ascontiguousarray(hashes[heard & (bits >= _PLAIN) & (bits <= BYTES * 8 - _PLAIN)])
