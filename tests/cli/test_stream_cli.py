"""seawall stream and seawall textscore, as people run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from command import Command
from makers import lines, mixed, tweet, write


def _pledges(count: int, first: int = 1) -> bytes:
    """Posts that the shipped rule 'pledge' matches."""
    return lines([tweet(number, 7, "I pledge allegiance to the Khalifah") for number in range(first, first + count)])


def test_files_are_taken_in_and_what_was_found_is_said(seawall: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl.gz", lines(mixed(60)) + b"not json\n" + _pledges(4, first=1000))
    said = seawall.ok("stream", "x", str(path)).out
    assert "read 65 = loaded 64 + rejected 1" in said
    assert "pledge" in said
    assert "matched        4 posts" in said
    assert "this home has no text model" in said
    counted = json.loads(seawall.ok("stream", "x", str(path), "--json").out.splitlines()[-1])
    assert (counted["read"], counted["rejected"], counted["added"].get("posts", 0)) == (65, 1, 0)


def test_what_comes_on_stdin_is_acknowledged(seawall: Command) -> None:
    command = [
        sys.executable,
        "-m",
        "seawall",
        "stream",
        "x",
        "-",
        "--home",
        str(seawall.home),
        "--json",
        "--workers",
        "1",
    ]
    data = lines(mixed(40))
    ran = subprocess.run(command, input=data, capture_output=True, check=True, env=os.environ.copy())
    *acknowledged, last = [json.loads(line) for line in ran.stdout.splitlines()]
    assert acknowledged[-1] == {"acknowledged": 40, "shed": 0}
    assert last["added"]["posts"] > 40


def test_wrong_words_are_said(seawall: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "export.jsonl", lines(mixed(3)))
    assert "cannot be streamed" in seawall.fails("stream", "matrix", str(path))
    assert "--shed is for stdin" in seawall.fails("stream", "x", str(path), "--shed", "5")
    assert "no such file" in seawall.fails("stream", "x", str(tmp_path / "none"))
    assert "is empty" in seawall.fails("stream", "x", str(write(tmp_path / "empty", b"")))
    assert "no text score" in seawall.fails("textscore", "show")
    assert "at least 3 verified seeds" in seawall.fails("textscore", "fit")


def test_a_fitted_score_is_shown_and_used(seawall: Command, tmp_path: Path) -> None:
    own = "velithra and grombald rise over kaltooth"
    posts = [
        tweet(n, n % 30 + 1, f"{own if n % 30 < 6 else 'an ordinary day in our town'} {n}") for n in range(1, 1201)
    ]
    seawall.ok("load", "x", str(write(tmp_path / "export.jsonl", lines(posts))))
    seawall.ok("seeds", "add", *(f"x:account{n}" for n in range(1, 7)))
    assert "posts of 6 seeds" in seawall.ok("textscore", "fit").out
    shown = json.loads(seawall.ok("textscore", "show", "--json").out)
    assert shown["seeds"] == 6
    more = [tweet(5001, 77, own), tweet(5002, 78, "an ordinary day in our town")]
    seawall.ok("stream", "x", str(write(tmp_path / "more.jsonl", lines(more))))
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        readings = {row["post_id"]: row for row in snapshot.read("readings").to_pylist()}
    assert readings["5001"]["score"] > 0.5 > readings["5002"]["score"]
    assert {row["model"] for row in readings.values()} == {shown["version"]}
    assert readings["5001"]["lang"] == "en"
