"""The scanner as a process: a new rule is asked about what the lake has, and nobody waits for the next round."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from makers import lines, tweet
from seawall.lake import Lake
from seawall.signals.rules.shadow import counted
from stream.flows import RULE, home_with_rule

LATEST = 90.0  # seconds; the next round is ten minutes away


def test_a_new_rule_brings_cases_out_of_what_is_there(tmp_path: Path) -> None:
    home = home_with_rule(tmp_path / "home", posts=1)
    posts = [_with_link(1, 7, "the lamp is lit"), _with_link(2, 8, "the beacon is lit")]
    (tmp_path / "x.jsonl").write_bytes(lines(posts))
    env = {**os.environ, "SEAWALL_HOME": str(home), "PYTHONPATH": os.pathsep.join(sys.path)}
    seawall = [sys.executable, "-m", "seawall"]
    for words in (["init"], ["load", "x", str(tmp_path / "x.jsonl")]):
        subprocess.run([*seawall, *words], env=env, check=True, stdout=subprocess.DEVNULL)
    scanner = subprocess.Popen([*seawall, "scanner"], env=env)
    try:
        _until_cases(home, {"7"})
        _until(lambda: _surveyed(home))
        assert _on_the_map(home) == {"7"}
        text = RULE.format(posts=1, version=1).replace('id = "lamp"', 'id = "beacon"').replace("The lamp", "The beacon")
        text = text.replace("hits('lamp_slogans')", "hits('words')") + 'words = ["the beacon is lit"]\n'
        (home / "rules" / "beacon.toml").write_text(text)
        _until_cases(home, {"7", "8"})
        _until(lambda: _on_the_map(home) == {"7", "8"})  # though no facts came
        # what waits in shadow is counted as soon, and lists nobody
        (home / "rules" / "trial").mkdir(exist_ok=True)
        tried = text.replace('id = "beacon"', 'id = "buoy"').replace("the beacon is lit", "the lamp is lit")
        (home / "rules" / "trial" / "buoy.toml").write_text(tried + 'state = "shadow"\n')
        _until(lambda: counted(home, "buoy") is not None)
        assert _cases(home / "ledger.sqlite") == {"7", "8"}
    finally:
        scanner.send_signal(signal.SIGTERM)
        scanner.wait(30)


def _with_link(number: int, author: int, text: str) -> dict[str, Any]:
    link = {"url": f"https://t.co/{number}", "expanded_url": f"https://example.org/{number}"}
    return tweet(number, author, text, entities={"hashtags": [], "urls": [link], "user_mentions": []})


def _until_cases(home: Path, wanted: set[str]) -> None:
    _until(lambda: _cases(home / "ledger.sqlite") == wanted)


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + LATEST
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.2)


def _on_the_map(home: Path) -> set[str]:
    with Lake(home) as lake, lake.snapshot() as snapshot:
        return set(snapshot.read("network")["account_id"].to_pylist())


def _surveyed(home: Path) -> bool:
    with Lake(home) as lake:
        return all(lake.manifest.files(name) for name in ("campaigns", "floods", "network"))


def _cases(ledger: Path) -> set[str]:
    if not ledger.exists():
        return set()
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True, timeout=10)) as db:
        try:
            return {account for (account,) in db.execute("SELECT account_id FROM cases_case")}
        except sqlite3.OperationalError:  # it is being made
            return set()
