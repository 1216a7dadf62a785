"""media: edited pictures found again; a million hashes looked up, against python-threatexchange; clips and sounds.

python-threatexchange (PyPI threatexchange, with faiss-cpu) is not part of this project. To measure against it:

    uv venv ../exchange && uv pip install --python ../exchange/bin/python threatexchange faiss-cpu
    EXCHANGE_PYTHON=../exchange/bin/python make bench ONLY=media

Both read the same file of hashes and of queries, on one thread; what they find is compared before anything is
reported. PICTURES=folder adds pictures of your own to those that are edited, CLIPS=folder clips to those that are
trimmed and encoded anew.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from bench.payloads import SHARED
from bench.report import RUNS, Result, median
from seawall.graph.hamming import Hamming, open_hamming
from seawall.media.clips import Clips
from seawall.media.hashing import PLAIN, hashes_of
from seawall.media.opened import luminance
from seawall.media.views import asked, banked
from seawall.records.terms import HashKind
from seawall.signals.media import MediaSignal

MEDIA = SHARED.parent / "media"
SIZES = (100_000, 1_000_000)
QUERIES = {100_000: 4_000, 1_000_000: 2_000}
WITHIN = 31
TRIES = 40  # of each edit, or one of each picture
AGAIN = {  # of 20 seconds or less
    "trimmed by 2 s at each end, 320 wide, CRF 34, AAC 48k": (
        "-ss", "1.9", "-t", "16", "-vf", "scale=320:-2", "-crf", "34", "-r", "24", "-c:a", "aac", "-b:a", "48k",
    ),
    "6 s of it, MP3 64k": ("-ss", "5.3", "-t", "6", "-crf", "30", "-c:a", "libmp3lame", "-b:a", "64k"),
}  # fmt: skip
LEAST_SIDE = 128  # pixels of a picture that is edited


def run() -> list[Result]:
    """Edits, then look-ups."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        return [*_edits(), *_clips(folder), *_looked_up(folder)]
    finally:
        shutil.rmtree(folder)


def _pictures() -> Iterator[tuple[str, Image.Image]]:
    original = MEDIA / "dih" / "bridge-1-original.jpg"
    own = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else None
    paths = [original] if original.exists() else []
    for path in paths + sorted(path for path in (own.rglob("*") if own else ()) if path.is_file()):
        try:
            picture = Image.open(path).convert("RGB")
        except OSError:
            continue
        if min(picture.size) >= LEAST_SIDE:
            picture.thumbnail((1024, 1024))
            yield path.name, picture


def _file(picture: Image.Image, quality: int = 85) -> bytes:
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=quality)
    return made.getvalue()


def _crop(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    wide, high = picture.size
    return picture.crop((round(wide * left), round(high * top), round(wide * (1 - right)), round(high * (1 - bottom))))


def _edited(draw: np.random.Generator) -> dict[str, Callable[[Image.Image], bytes]]:
    """Edits, some drawn: for each, the file that a picture becomes."""

    def somewhere(picture: Image.Image) -> Image.Image:
        (across, down), (left, top) = draw.uniform(0.03, 0.10, 2), draw.uniform(0, 1, 2)
        return _crop(picture, across * left, down * top, across * (1 - left), down * (1 - top))

    return {
        "JPEG 20": lambda its: _file(its, 20),
        "flipped": lambda its: _file(ImageOps.mirror(its) if draw.integers(2) else ImageOps.flip(its)),
        "turned by 90, 180, 270": lambda its: _file(its.rotate(int(draw.choice([90, 180, 270])), expand=True)),
        "framed, 3 to 15%": lambda its: _file(ImageOps.expand(its, int(draw.uniform(0.03, 0.15) * its.width), "white")),
        "framed, turned, JPEG 20": lambda its: _file(ImageOps.expand(its.rotate(90, expand=True), 40, "#336"), 20),
        "cropped all round, 3 to 10% in all": lambda its: _file(_crop(its, *[draw.uniform(0.03, 0.10) / 2] * 4)),
        "cropped all round, 3 to 10% at each edge": lambda its: _file(_crop(its, *[draw.uniform(0.03, 0.10)] * 4)),
        "cropped at one edge, 3 to 10%": lambda its: _file(
            _crop(its, *np.roll([draw.uniform(0.03, 0.1), 0, 0, 0], draw.integers(4)))
        ),
        "cropped anyhow, 3 to 10% each way": lambda its: _file(somewhere(its)),
        "cropped anyhow, flipped, JPEG 20": lambda its: _file(ImageOps.mirror(somewhere(its)), 20),
    }


def _edits() -> list[Result]:
    """Share of edited pictures found among all pictures' hashes: of our own pictures, and of a hash alone."""
    its = dict(_pictures())
    if not its:
        print("media: needs the shared data folder or PICTURES; edits are not measured")
        return []
    bank = {name: hashes for name, picture in its.items() if len(hashes := banked(luminance(_file(picture, 95))))}
    owner = np.repeat(np.arange(len(bank)), [len(hashes) for hashes in bank.values()])
    alone = np.unique(owner, return_index=True)[1]
    every = np.concatenate(list(bank.values()))
    print(f"media: hashes a picture: {sorted(map(len, bank.values()))}")
    results, nearest = [], 256
    for edit in _edited(np.random.default_rng(0)):
        make = _edited(np.random.default_rng(1))[edit]
        furthest, found, by_hash, tries, missed = 0, 0, 0, 0, set()
        for number, name in enumerate(bank):
            for _ in range(TRIES // len(bank) + 1):
                hashes = asked(luminance(make(its[name])))
                apart = _apart(hashes, every) if len(hashes) else owner * 0 + 256
                own = apart[owner == number].min()
                furthest, tries = max(furthest, int(own)), tries + 1
                missed |= {name} if own > WITHIN else set()
                found, by_hash = found + int(own <= WITHIN), by_hash + int(apart[alone[number]] <= WITHIN)
                if len(bank) > 1:
                    nearest = min(nearest, int(apart[owner != number].min()))
        sizes = {"furthest, bits": furthest, "of a hash alone": round(by_hash / tries, 3)}
        sizes |= {"pictures": len(bank), "missed at least once": len(missed)}
        if missed:
            print(f"media: {edit}: missed at least once: {', '.join(sorted(missed))}")
        results.append(Result(f"media: {edit}", found / tries, f"found, of {tries}", sizes=sizes))
    if len(bank) > 1:
        results.append(Result("media_nearest_other", nearest, f"bits, {len(bank)} pictures"))
    return results


def _apart(hashes: np.ndarray[Any, Any], every: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """How many bits each of these is from the nearest of some hashes."""
    asked_, words = (np.ascontiguousarray(its).view(np.uint64) for its in (hashes, every))
    nearest = np.full(len(words), 256)
    for one in asked_:
        nearest = np.minimum(nearest, np.bitwise_count(words ^ one).sum(1))
    return nearest


def _clips(folder: Path) -> list[Result]:
    """Share of clips found by the signal, trimmed and encoded anew, and how many others it takes them for."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    clips_of_tests, stocked = (import_module(f"media.{name}") for name in ("clips", "stocked"))
    given = Path(os.environ["CLIPS"]) if os.environ.get("CLIPS") else None
    sets = {"drawn": [clips_of_tests.film(folder, seed) for seed in range(8)]}
    sets |= {"given": sorted(given.glob("*.mp4"))} if given else {}
    clips, results = Clips(), []
    for name, paths in sets.items():
        for kind in (HashKind.VIDEO, HashKind.SOUND):
            hashes = clips.banked_frames if kind is HashKind.VIDEO else clips.moments
            bank = [row for path in paths for row in stocked.rows(path.stem, kind, hashes(path.read_bytes()))]
            home = stocked.stock(folder / f"{name}-{kind}", bank)
            for how, words in AGAIN.items():
                found, wrong = 0, 0
                for path in paths:
                    again = clips_of_tests.again(path, folder / "again.mp4", *words).read_bytes()
                    its = hashes_of(again, kind, clips).get(PLAIN)
                    said = [f.because for f in MediaSignal(home).find(stocked.posted(("a", kind, again, its)))]
                    found += any(f" ref {path.stem} " in one for one in said)
                    wrong += any(f" ref {path.stem} " not in one for one in said)
                results.append(
                    Result(f"media: {name} clips, {kind}, {how}", found / len(paths), f"found, of {len(paths)}",
                           sizes={"taken for another": wrong})
                )  # fmt: skip
    return results


def _drawn(hashes: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Random hashes, and queries: half of them one of those with up to 40 bits changed."""
    draw = np.random.default_rng(hashes)
    bank = draw.integers(0, 256, (hashes, 32), dtype=np.uint8)
    queries = draw.integers(0, 256, (QUERIES[hashes], 32), dtype=np.uint8)
    half = len(queries) // 2
    rank = draw.random((half, 256)).argsort(1).argsort(1)
    changed = np.packbits(rank < draw.integers(0, 41, half)[:, None], axis=1)
    queries[:half] = bank[draw.integers(0, hashes, half)] ^ changed
    return bank, queries


def _looked_up(folder: Path) -> list[Result]:
    peer = os.environ.get("EXCHANGE_PYTHON")
    if not peer:
        print("media: EXCHANGE_PYTHON names no environment; measured without it. To get it:", __doc__, sep="\n")
    results = []
    for size in SIZES:
        bank, queries = _drawn(size)
        built = time.process_time()
        Hamming.of(bank).write(folder / str(size))
        built = time.process_time() - built
        index = open_hamming(folder / str(size))
        found = index.search(queries)  # compiles
        ours = median(_rate(index, [queries]))
        one = median(_rate(index, [query[None] for query in queries[:500]]))
        theirs: dict[str, float] = {}
        if peer:
            np.savez(folder / "hashes.npz", bank=bank, queries=queries)
            theirs = _theirs(peer, folder, set(zip(found.query.tolist(), found.row.tolist(), strict=True)))
        for name, how, rate in (("", "many", ours), ("_singly", "one", one)):
            result = Result(f"media_lookup_{size}{name}", rate, f"queries/CPU-s, {how} a call")
            if theirs:
                result = Result(result.name, rate, result.unit, "python-threatexchange", theirs[how])
            result.sizes = {"found": len(found.row), "CPU-s to build": round(built, 2), **_its_build(theirs)}
            results.append(result)
    return results


def _rate(index: Hamming, calls: list[np.ndarray[Any, Any]]) -> Callable[[], float]:
    def measure() -> float:
        began = time.process_time()
        for queries in calls:
            index.search(queries)
        return sum(map(len, calls)) / (time.process_time() - began)

    return measure


def _its_build(theirs: dict[str, float]) -> dict[str, float]:
    return {"its": theirs["build"]} if theirs else {}


def _theirs(peer: str, folder: Path, ours: set[tuple[int, int]]) -> dict[str, float]:
    """Its rates, where it found just what we found."""
    script = Path(__file__).with_name("media_peer.py")
    ran = subprocess.run(
        [peer, script, folder / "hashes.npz", str(RUNS), folder / "found.npy"],
        check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    found = {(int(query), int(row)) for query, row in np.load(folder / "found.npy")}
    if found != ours:
        raise RuntimeError(f"not the same is found: {len(found - ours)} only there, {len(ours - found)} only here")
    print(f"media: {len(ours):,} matches, the same on both sides", file=sys.stderr)
    return dict(zip(("build", "one", "many"), map(float, ran.stdout.split()), strict=True))
