"""Acts on rules from the command line, each in the audit log."""

from __future__ import annotations

import json

from desk import run
from makers import lines, tweet, write

RULE = """
id = "own"
version = 1
conduct = "propaganda"
title = "Says the marker"
author = "me"
why = "a marker stands for a slogan of our platform"
languages = ["en"]
where = "hits('marker') >= 1"
posts = 1
weight = 0.7
matches = ["the marker shines"]
silent = ["nothing here"]
"""


def test_publishing_stopping_starting_and_reading_are_logged(seawall, tmp_path) -> None:
    home = seawall.home
    (home / "lists" / "marker.txt").write_text("# kind: phrases\nmarker\n", "utf-8")
    (tmp_path / "own.toml").write_text(RULE, "utf-8")
    seawall.ok("load", "x", write(tmp_path / "posts.jsonl", lines([tweet(1, text="the marker\n shines")])))
    assert "own v1 is live" in run(home, "rules", "publish", tmp_path / "own.toml")
    assert "the marker shines" in run(home, "rules", "backtest", tmp_path / "own.toml", "--posts")
    run(home, "rules", "stop", "own", "--why", "it fires on a song")
    states = {row["rule"]: row["state"] for row in seawall.ok("rules", "list", "--json").json_lines()}
    assert (states.pop("own"), set(states.values())) == ("stopped", {"live"})
    run(home, "rules", "start", "own", "--why", "the song is out")
    entries = [json.loads(line) for line in run(home, "audit", "show", "--json").splitlines()]
    told = [(entry["verb"], entry["reason"]) for entry in entries if entry["verb"].startswith("rules.")]
    assert sorted(told) == [
        ("rules.publish", ""),
        ("rules.start", "the song is out"),
        ("rules.stop", "it fires on a song"),
        ("rules.text", ""),
    ]
