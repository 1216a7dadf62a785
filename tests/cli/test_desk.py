"""The desk's own commands, each in a process of its own: demo, up, cases, backup and restore, connect."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from desk import environment, lines, run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A prepared demo, and what it printed."""
    home = tmp_path_factory.mktemp("demo") / "home"
    return home, run(home, "demo", "--prepare", "--accounts", 300)


def fails(home: Path, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "seawall", *map(str, words)],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_demo_lists_the_network_and_prints_a_link_for_each_role(demo: tuple[Path, str]) -> None:
    home, said = demo
    assert len(set(re.findall(r"http://localhost:8400/demo/(\w+)/[0-9a-f]{32}/", said))) == 10
    with (home / "world" / "truth.csv").open() as file:
        roles = {row["account_id"]: row["role"] for row in csv.DictReader(file)}
    cases = list(lines(run(home, "cases", "--json")))
    network = {"media_wing", "distributor", "repeater"}
    assert len(cases) >= 0.8 * sum(role in network for role in roles.values())
    assert {roles[case["account_id"]] for case in cases} <= network
    assert (home.parent / "home-custodian.key").stat().st_mode & 0o077 == 0
    assert str(cases[0]["id"]) in run(home, "cases", "--limit", 1)


def test_a_demo_never_empties_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert "is not emptied" in fails(tmp_path, "demo", "--prepare")
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_the_desk_opens_serves_and_closes(demo: tuple[Path, str]) -> None:
    home, said = demo
    port = _free_port()
    env = {**environment(home), "NO_BROWSER": "1", "PORT": str(port)}
    up = subprocess.Popen([sys.executable, "-m", "seawall", "up"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert up.stdout is not None
        assert f"http://localhost:{port}/" in up.stdout.readline()
        link = re.search(r"http://localhost:8400(/demo/reviewer/\S+)", said)
        assert link is not None
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = opener.open(f"http://127.0.0.1:{port}{link[1]}").read().decode()
        assert re.search(r'href="/cases/\d+/"', page)
        children = _children(up.pid)
        assert len(children) == 3
        _kill_one(children)
        assert _until(lambda: len(_children(up.pid)) == 3 and set(_children(up.pid)) != set(children))
    finally:
        up.send_signal(signal.SIGTERM)
        assert up.wait(20) == 0
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_a_port_in_use_is_said(demo: tuple[Path, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "cannot listen" in fails(demo[0], "up", "--port", taken.getsockname()[1])


def test_the_first_link_is_printed_while_nobody_can_sign_in(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "init")
    env = {**environment(home), "NO_BROWSER": "1", "PORT": str(_free_port())}
    up = subprocess.Popen([sys.executable, "-m", "seawall", "up"], env=env, stdout=subprocess.PIPE, text=True)
    assert up.stdout is not None
    first = up.stdout.readline()
    up.send_signal(signal.SIGTERM)
    up.wait(20)
    assert re.search(r"Nobody can sign in yet.*http://\S+/join/\S+", first)
    assert (tmp_path / "home-custodian.key").exists()


def test_a_backup_is_restored_and_verified(demo: tuple[Path, str], tmp_path: Path) -> None:
    home, _ = demo
    before = list(lines(run(home, "cases", "--json")))
    archive, copy = tmp_path / "backup.tar.zst", tmp_path / "copy"
    run(home, "backup", archive)
    assert archive.stat().st_mode & 0o077 == 0
    assert "exists" in fails(home, "backup", archive)
    assert "inside the home" in fails(home, "backup", home / "b.tar.zst")
    run(copy, "restore", archive)
    assert list(lines(run(copy, "cases", "--json"))) == before
    assert run(copy, "lake", "stats", "--json") == run(home, "lake", "stats", "--json")
    assert "not empty" in fails(copy, "restore", archive)
    whole = archive.read_bytes()
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    for damaged in (whole[:-1], whole[:-2000], whole[: len(whole) // 2], bytes(changed)):
        archive.write_bytes(damaged)
        assert "cannot be restored" in fails(tmp_path / "other", "restore", archive)
        assert not (tmp_path / "other").exists()


def test_a_restored_log_that_was_changed_is_named(demo: tuple[Path, str], tmp_path: Path) -> None:
    home, _ = demo
    archive, copy = tmp_path / "backup.tar.zst", tmp_path / "copy"
    run(home, "backup", archive)
    run(copy, "restore", archive)
    with sqlite3.connect(copy / "ledger.sqlite") as db:
        db.execute("DROP TRIGGER audit_entry_no_update")
        db.execute("UPDATE audit_entry SET reason = 'nothing' WHERE seq = 2")
    assert "row 2 of the log" in fails(copy, "audit", "verify")


def test_a_server_that_does_not_answer_is_not_connected(tmp_path: Path) -> None:
    home, token = tmp_path / "home", tmp_path / "token"
    token.write_text("secret")
    run(home, "init")
    said = fails(home, "connect", "matrix", "--url", f"http://127.0.0.1:{_free_port()}", "--token-file", token)
    assert "not connected" in said
    assert not list((home / "keys").glob("*-matrix.json"))
    assert "is not connected" in fails(home, "watch", "matrix", "--once")
    assert "is not connected" in fails(home, "disconnect", "matrix")


def test_cases_of_an_unknown_state_and_of_no_home(tmp_path: Path) -> None:
    assert "there is no home" in fails(tmp_path / "none", "cases")
    run(tmp_path / "home", "init")
    assert "there is no state 'lost'" in fails(tmp_path / "home", "cases", "--state", "lost")
    assert "No case" in run(tmp_path / "home", "cases")


def test_a_world_is_written_for_its_seed(tmp_path: Path) -> None:
    run(tmp_path / "home", "init")
    told = json.loads(run(tmp_path / "home", "wargame", tmp_path / "w", "--accounts", 300, "--seed", 3, "--json"))
    assert sum(told["roles"].values()) == 300
    assert Path(told["posts"]).exists()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def _kill_one(pids: list[int]) -> None:
    os.kill(pids[-1], signal.SIGKILL)


def _until(true, seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.2)
    return False
