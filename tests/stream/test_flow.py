"""Order, bounds and mishaps: what is acknowledged is there, in order; what goes wrong is said and loses nothing."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from flows import Fatal, Wrong, damaged_export, export, home_with_rule, rows

from makers import lines, tweet, write
from seawall.lake import Lake
from seawall.signals.rules.stops import Stops
from seawall.sources.x import XSource
from seawall.stream import inputs
from seawall.stream.flow import StreamReport, run_file, run_live
from seawall.stream.inputs import Live, Policy
from seawall.stream.parts import StreamError
from seawall.stream.recipe import recipe_of


def test_what_is_acknowledged_is_there_in_order(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    path = write(tmp_path / "export.jsonl", lines([tweet(n, n % 9, f"post {n}") for n in range(1, 601)]))
    seen: list[int] = []

    def check(report: StreamReport, _position: int) -> None:
        seen.append(report.read)
        with Lake(home) as beside, beside.snapshot() as snapshot:
            ids = sorted(map(int, snapshot.read("posts", ["post_id"])["post_id"].to_pylist()))
            state = beside.manifest.load(beside.manifest._db.execute("SELECT id FROM loads").fetchone()[0])
        assert ids == list(range(1, report.read + 1))
        assert state is not None
        assert (state.read, state.cursor["line"]) == (report.read, report.read + 1)

    with Lake(home) as lake:
        run_file(lake, XSource(), path, recipe_of(home), check, workers=2, size=30_000)
    assert len(seen) > 5
    assert seen == sorted(seen)
    assert seen[-1] == 600


def test_what_another_writer_brings_meanwhile_is_not_doubled(tmp_path: Path) -> None:
    home, alone = home_with_rule(tmp_path / "home"), home_with_rule(tmp_path / "alone")
    path = write(tmp_path / "export.jsonl", damaged_export(600))
    with Lake(alone) as lake:
        run_file(lake, XSource(), path, recipe_of(alone), workers=0)
    every = XSource().read(path, None)
    tables = [batch.tables for batch in every]

    def bring(report: StreamReport, _position: int) -> None:
        if report.blocks == 1:  # blocks after this one are decoded by now, and found to be new
            with Lake(home) as other:
                other.append({name: rows.slice(0, rows.num_rows * 2 // 3) for name, rows in tables[0].items()})

    with Lake(home) as lake:
        report = run_file(lake, XSource(), path, recipe_of(home), bring, workers=2, size=40_000)
        with lake.snapshot() as snapshot:
            files = snapshot.files("posts")
    facts, expected = rows(home), rows(alone)
    assert {name: len(its) for name, its in facts.items() if name not in ("matches", "readings")} == {
        name: len(its) for name, its in expected.items() if name not in ("matches", "readings")
    }
    assert set(facts["posts"]) == set(expected["posts"])
    assert len(facts["readings"]) == report.added["posts"] < len(facts["posts"])
    assert set(facts["matches"]) < set(expected["matches"])
    assert files


def _kill_a_worker(report: StreamReport, _position: int) -> None:
    if report.blocks == 2:
        worker = next(child for child in multiprocessing.active_children() if child.name == "seawall-stream")
        os.kill(worker.pid or 0, signal.SIGKILL)


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl", damaged_export(600))
    calm, hurt = home_with_rule(tmp_path / "calm"), home_with_rule(tmp_path / "hurt")
    lost = {}
    for home, meanwhile in ((calm, None), (hurt, _kill_a_worker)):
        with Lake(home) as lake:
            report = run_file(lake, XSource(), path, recipe_of(home), meanwhile, workers=2, size=60_000)
            lost[home] = report.lost
    assert lost == {calm: 0, hurt: 1}
    assert rows(hurt) == rows(calm)


def test_a_block_that_kills_once_is_done_again(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    path = write(tmp_path / "export.jsonl", export(300) + lines([tweet(5000, 1, "fatal")]) + export(300, first=600))
    with Lake(home) as lake:
        report = run_file(lake, Fatal(tmp_path / "died"), path, recipe_of(home), workers=1, size=40_000)
    assert (report.lost, report.read) == (1, 601)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Fatal, r"a worker process died twice on lines [\d,]+ to [\d,]+ \(signal 9"),
        (Wrong, "ValueError: a fault of"),
    ],
)
def test_a_block_that_cannot_be_worked_on_is_named_and_what_was_before_is_kept(
    tmp_path: Path, source: Callable[[], XSource], words: str
) -> None:
    home = home_with_rule(tmp_path / "home")
    data = export(600) + lines([tweet(5000, 1, "fatal")]) + export(300, first=601)
    path = write(tmp_path / "export.jsonl", data)
    with Lake(home) as lake:
        with pytest.raises(StreamError, match=words):
            run_file(lake, source(), path, recipe_of(home), workers=1, size=40_000)
        resumed = run_file(lake, XSource(), path, recipe_of(home), workers=0, size=40_000)
    assert resumed.resumed_at > 0
    assert resumed.read == 901
    assert list((home / "lake" / "incoming").iterdir()) == []
    assert not [child for child in multiprocessing.active_children() if child.name == "seawall-stream"]


class Endless(io.RawIOBase):
    """Posts without end to a reader, until so many; knows how far it was read."""

    def __init__(self, count: int) -> None:
        self.given, self._left = 0, count

    def read1(self, _size: int = -1) -> bytes:
        """Some lines more."""
        if self._left <= 0:
            return b""
        self._left -= 20
        some = lines([tweet(self.given + n, n % 5, "a post that waits its turn") for n in range(20)])
        self.given += len(some)
        return some


def test_a_stream_that_comes_too_fast_waits(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    stream, size = Endless(3000), 20_000
    ahead: list[int] = []
    with Lake(home) as lake:
        report = run_live(
            lake,
            XSource(),
            stream,  # type: ignore[arg-type]
            recipe_of(home),
            Policy(size=size, linger=0),
            lambda _report, position: ahead.append(stream.given - position),
            workers=0,
        )
    assert (report.read, report.shed) == (3000, 0)
    piece = 15_000  # bytes of twenty posts, at most
    assert max(ahead) <= 2 * (size + piece) + 2 * size + piece
    assert stream.given > 5 * max(ahead)


def test_a_stream_that_may_not_wait_is_shed_in_numbers(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    with Lake(home) as lake:
        policy = Policy(shed=60_000, size=20_000, linger=0)
        report = run_live(lake, XSource(), Endless(8000), recipe_of(home), policy, workers=0)  # type: ignore[arg-type]
        kept = lake.stats()
    gaps = sum(report.reasons.values())
    assert report.shed > 0
    assert report.read - gaps + report.shed == 8000
    assert kept["rejects"] == gaps == report.rejected
    assert all("came faster than they could be read" in reason for reason in report.reasons)


def test_a_line_that_waits_for_others_does_not_wait_long(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home")
    ours, theirs = os.pipe()
    with Lake(home) as lake, os.fdopen(ours, "rb") as stream:
        os.write(theirs, lines([tweet(1, 1, "one")]))

        def after(report: StreamReport, _position: int) -> None:
            if report.read == 1:  # it came through while the stream is open and says nothing more
                os.write(theirs, lines([tweet(2, 1, "two")]).rstrip(b"\n"))
                os.close(theirs)

        report = run_live(lake, XSource(), stream, recipe_of(home), on_block=after, workers=0)
    assert (report.read, report.blocks) == (2, 2)


def test_a_stream_that_is_always_ahead_is_never_waited_for() -> None:
    live = Live(Endless(4000), Policy(size=20_000, linger=3600))  # type: ignore[arg-type]
    assert sum(len(block.lines) for block in live.blocks()) == 4000


def test_a_line_that_is_too_long_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "LONGEST_LINE", 1000)
    monkeypatch.setattr(inputs, "_PIECE", 300)
    stream = io.BytesIO(b"one\n" + b"x" * 5000 + b"\nthree\n" + b"y" * 2000)
    blocks = list(Live(stream, Policy(linger=0)).blocks())
    assert [line for block in blocks for line in block.lines] == [b"one", b"three"]
    assert [(reject.line, reject.reason) for block in blocks for reject in block.rejects] == [
        (2, "a line of more than 1,000 bytes"),
        (4, "a line of more than 1,000 bytes"),
    ]


def _home_with_quota(home: Path, quota: int) -> Path:
    rule = home_with_rule(home, posts=1) / "rules" / "lamp.toml"
    rule.write_text(rule.read_text() + f"quota = {quota}\n")
    return home


def _lit(count: int, hours: int = 1) -> bytes:
    """Posts that all hold the slogan, spread over so many hours."""
    posts = [tweet(n, n % 9, "the lamp is lit") for n in range(1, count + 1)]
    for n, post in enumerate(posts):
        post["created_at"] = f"Tue Mar 03 {n % hours:02d}:15:00 +0000 2015"
    return lines(posts)


def test_a_rule_over_its_quota_in_an_hour_of_the_export_is_stopped_and_matches_no_more(tmp_path: Path) -> None:
    home = _home_with_quota(tmp_path / "home", 50)
    path = write(tmp_path / "export.jsonl", _lit(600))
    with Lake(home) as lake:
        report = run_file(lake, XSource(), path, recipe_of(home), workers=0, size=10_000)
    assert report.blocks > 5
    assert 50 < report.matches["lamp"] < 300
    assert len(rows(home)["matches"]) == report.matches["lamp"]
    assert "its quota is 50" in report.stopped["lamp"]
    assert [(stop.rule, stop.by) for stop in Stops(home).standing().values()] == [("lamp", "breaker")]
    assert "lamp" not in {rule.id for rule in recipe_of(home).rules}


def test_an_export_of_many_hours_is_not_taken_for_one(tmp_path: Path) -> None:
    home = _home_with_quota(tmp_path / "home", 50)
    path = write(tmp_path / "export.jsonl", _lit(600, hours=24))
    with Lake(home) as lake:
        report = run_file(lake, XSource(), path, recipe_of(home), workers=0, size=10_000)
    assert (report.matches["lamp"], report.stopped) == (600, {})


def test_a_live_stream_counts_by_the_hour_that_posts_come_in(tmp_path: Path) -> None:
    home = _home_with_quota(tmp_path / "home", 50)
    policy = Policy(size=10_000)
    with Lake(home) as lake:
        stream = io.BytesIO(_lit(600, hours=24))
        report = run_live(lake, XSource(), stream, recipe_of(home), policy, workers=0)
    assert 50 < report.matches["lamp"] < 600
    assert list(report.stopped) == ["lamp"]
