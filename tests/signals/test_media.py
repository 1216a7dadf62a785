"""The media signal: who posts what stands in a bank is found, with the bank and the distance; others are not."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from media.stocked import posted, rows, stock
from seawall.graph.hamming import Hamming
from seawall.records.banks import BankError
from seawall.records.findings import Finding
from seawall.records.terms import HashKind
from seawall.signals.contract import Facts, SignalError
from seawall.signals.media import MediaSignal

_DRAW = np.random.default_rng(11)
KNOWN, OTHER, FILM = (_DRAW.integers(0, 256, (many, 32), dtype=np.uint8) for many in (3, 3, 40))


def _changed(hashes: np.ndarray, bits: int) -> np.ndarray:
    rank = _DRAW.random((len(hashes), 256)).argsort(1).argsort(1)
    return hashes ^ np.packbits(rank < bits, axis=1)


def _found(home: Path, facts: Facts) -> list[Finding]:
    return list(MediaSignal(home).find(facts))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    whole = np.frombuffer(hashlib.sha256(b"leaflet").digest(), np.uint8)[None]
    older = np.frombuffer(hashlib.md5(b"older").digest(), np.uint8)[None]
    entries = [
        *rows("poster", HashKind.PDQ, KNOWN), *rows("film", HashKind.VIDEO, FILM), *rows("song", HashKind.SOUND, FILM),
        *rows("leaflet", HashKind.SHA256, whole), *rows("older", HashKind.MD5, older),
    ]  # fmt: skip
    return stock(tmp_path, entries)


@pytest.mark.parametrize("bits", [0, 12, 31])
def test_an_account_that_posts_a_known_picture_is_found_and_told_why(home: Path, bits: int) -> None:
    facts = posted(
        ("a1", HashKind.PDQ, b"one", _changed(KNOWN[2:], bits)),
        ("a2", HashKind.PDQ, b"two", OTHER),
        ("a3", HashKind.PDQ, b"three", _changed(KNOWN[:1], 32)),
    )
    (finding,) = _found(home, facts)
    assert (finding.account_id, finding.handle, [item.post_id for item in finding.seen]) == ("a1", "h_a1", ["p0"])
    assert finding.above_line
    assert finding.conduct
    for said in (f"{bits} of 256 bits", "ref poster", "bank partners", "from Partner A (agreement)", "propaganda"):
        assert said in finding.because


def test_nearer_is_surer_and_more_files_are_surer_still(home: Path) -> None:
    def score(*bits: int) -> float:
        files = [("a1", HashKind.PDQ, bytes([n]), _changed(KNOWN[:1], its)) for n, its in enumerate(bits)]
        (finding,) = _found(home, posted(*files))
        return finding.score

    assert 0.5 < score(31) < score(10) < score(0) < score(0, 10) <= 0.99
    same = [("a1", HashKind.PDQ, b"same", _changed(KNOWN[:1], 20))] * 3
    (finding,) = _found(home, posted(*same))
    assert finding.score == pytest.approx(score(20))  # the same file three times is one file
    assert len(finding.seen) == 3


@pytest.mark.parametrize("content", [b"leaflet", b"older"])
def test_the_same_file_is_found_whatever_it_is(home: Path, content: bytes) -> None:
    facts = posted(("a1", HashKind.SHA256, content, None), ("a2", HashKind.SHA256, content + b".", None))
    (finding,) = _found(home, facts)
    assert finding.account_id == "a1"
    assert "the same file as ref" in finding.because


@pytest.mark.parametrize(("kind", "bits"), [(HashKind.VIDEO, 20), (HashKind.SOUND, 40)])
@pytest.mark.parametrize(
    ("known", "others", "found"),
    [(10, 0, True), (5, 5, True), (4, 6, False), (2, 0, False), (12, 60, True), (11, 60, False), (0, 20, False)],
)
def test_a_clip_needs_enough_of_its_moments(
    home: Path, kind: HashKind, bits: int, known: int, others: int, found: bool
) -> None:
    strange = _DRAW.integers(0, 256, (others, 32), dtype=np.uint8)
    clip = np.concatenate([_changed(FILM[3 : 3 + known], bits), strange])
    findings = _found(home, posted(("a1", kind, b"clip", clip)))
    assert bool(findings) is found
    if found:
        assert f"{known} of {known + others} moments" in findings[0].because


def test_a_picture_is_not_looked_for_among_frames_nor_a_frame_among_pictures(home: Path) -> None:
    facts = posted(("a1", HashKind.PDQ, b"p", FILM[:20]), ("a2", HashKind.VIDEO, b"v", np.repeat(KNOWN, 4, 0)))
    assert _found(home, facts) == []


def test_order_and_rows_that_two_exports_hold_change_nothing(home: Path) -> None:
    files = [(f"a{n % 3}", HashKind.PDQ, bytes([n]), _changed(KNOWN[n % 3 :][:1], 3 * n)) for n in range(9)]
    facts = posted(*files)
    once = _found(home, facts)
    assert len(once) == 3
    assert _found(home, Facts(facts.posts.reverse(), hashes=facts.hashes.reverse())) == once
    twice = Facts(
        facts.posts.collect().vstack(facts.posts.collect()).lazy(),
        hashes=facts.hashes.collect().vstack(facts.hashes.collect()).lazy(),
    )
    assert _found(home, twice) == once


def test_many_files_are_looked_up_in_turn(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [(f"a{n}", HashKind.PDQ, bytes([n]), KNOWN[:1] if n % 3 else OTHER[:1]) for n in range(9)]
    once = _found(home, posted(*files))
    monkeypatch.setattr("seawall.signals.media.signal._BATCH", 2)
    assert [finding.account_id for finding in once] == ["a1", "a2", "a4", "a5", "a7", "a8"]
    assert _found(home, posted(*files)) == once


def test_an_index_of_other_settings_is_made_anew(home: Path) -> None:
    facts = posted(("a1", HashKind.PDQ, b"one", _changed(KNOWN[2:], 31)))
    Hamming.of(KNOWN, 8).write(home / "banks" / "1-pdq")
    assert len(_found(home, facts)) == 1


def test_without_bank_hashes_or_time_nothing_is_found(home: Path, tmp_path: Path) -> None:
    facts = posted(("a1", HashKind.PDQ, b"one", KNOWN))
    assert len(_found(home, facts)) == 1
    assert _found(tmp_path / "empty", facts) == []
    assert _found(home, Facts.none()) == []
    assert _found(home, replace(facts, hashes=facts.hashes.head(0))) == []
    assert _found(stock(tmp_path / "past", rows("e", HashKind.PDQ, KNOWN), date(2020, 1, 1)), facts) == []


def test_a_bank_that_cannot_be_read_is_said_and_not_taken_for_empty(home: Path) -> None:
    facts = posted(("a1", HashKind.PDQ, b"one", KNOWN))
    (home / "banks" / "1.parquet").write_bytes(b"something else")
    with pytest.raises(SignalError, match="not the file that two people agreed to"):
        _found(home, facts)
    (home / "banks" / "live.json").write_text("[{}]")
    with pytest.raises(SignalError, match="cannot read"):
        _found(home, facts)


@pytest.mark.parametrize("missing", ["source", "basis", "reference", "by", "entry", "added"])
def test_no_entry_is_without_provenance(tmp_path: Path, missing: str) -> None:
    bare = [{**row, missing: None if missing == "added" else " "} for row in rows("e", HashKind.PDQ, KNOWN)]
    with pytest.raises((BankError, ValueError), match=missing):
        stock(tmp_path, bare)
