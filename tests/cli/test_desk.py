"""The desk's own commands, each in a process of its own: demo, up, cases, backup and restore, connect."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from apart import command
from desk import environment, lines, run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A prepared demo, and what it printed."""
    home = tmp_path_factory.mktemp("demo") / "home"
    return home, run(home, "demo", "--prepare", "--accounts", 300)


def fails(home: Path, *words: object) -> str:
    ended = command(words, environment(home))
    assert ended.code == 1, ended.out
    return ended.err


def test_the_demo_lists_the_network_and_prints_a_link_for_each_role(demo: tuple[Path, str]) -> None:
    home, said = demo
    links = re.findall(r"http://localhost:8400/demo/(\w+)/[0-9a-f]{32}/", said)
    assert len(set(links)) == len(links) == 11
    assert links[-1] == "inbox"
    with (home / "world" / "truth.csv").open() as file:
        roles = {row["account"]: row["world_role"] for row in csv.DictReader(file)}
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


def test_the_desk_opens_serves_and_closes(demo: tuple[Path, str], tmp_path: Path) -> None:
    home, said = demo
    port = _free_port()
    env = {**environment(home), "NO_BROWSER": "1", "PORT": str(port)}
    told = tmp_path / "stderr"
    with told.open("w") as stderr:
        up = subprocess.Popen(
            [sys.executable, "-m", "seawall", "up"], env=env, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        assert up.stdout is not None
        assert f"http://localhost:{port}/" in up.stdout.readline()
        for words in (["up", "--port", _free_port()], ["demo", "--prepare", "--home", home]):
            second = fails(home, *words)
            assert f"a desk is open in {home} already: http://localhost:{port}/ (process {up.pid})" in second
        assert [_status(port, *asked) for asked in ((), ("/nowhere/",), ("/", "evil.example"))] == [200, 404, 400]
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
    refused, ended, closed = told.read_text().splitlines()
    assert refused.startswith("Refused a request for 'evil.example': not the desk's name.")
    assert "ended with status -9" in ended
    assert "The desk is closed" in closed


def test_a_port_in_use_is_said_before_anything_is_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "init")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert "cannot listen" in fails(home, "up", "--port", port)
        assert "cannot listen" in fails(home, "demo", "--home", tmp_path / "demo", "--port", port)
    assert not (home / "ledger.sqlite").exists()
    assert not (tmp_path / "home-custodian.key").exists()
    assert not (tmp_path / "demo").exists()


def test_a_desk_that_was_killed_ends_whole_and_keeps_nobody_out(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "init")
    lock = home / ".desk.lock"
    env = {**environment(home), "NO_BROWSER": "1", "PORT": str(_free_port())}
    killed = subprocess.Popen([sys.executable, "-m", "seawall", "up"], env=env, stderr=subprocess.DEVNULL)
    assert _until(lambda: lock.exists() and str(killed.pid) in lock.read_text())
    assert _until(lambda: len(_children(killed.pid)) == 3)
    children = _children(killed.pid)
    killed.kill()
    killed.wait()
    assert _until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    up = subprocess.Popen([sys.executable, "-m", "seawall", "up"], env=env, stdout=subprocess.PIPE, text=True)
    assert up.stdout is not None
    assert "Nobody can sign in yet" in up.stdout.readline()
    up.send_signal(signal.SIGTERM)
    up.wait(20)


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


def test_a_backup_that_is_not_there_is_said_in_words_and_leaves_no_folder(
    demo: tuple[Path, str], tmp_path: Path
) -> None:
    file, new = tmp_path / "nope.tar.zst", tmp_path / "new"
    assert f"nothing was restored: there is no file {file}" in fails(new, "restore", file)
    file.write_text("no backup")
    assert "it is no backup" in fails(new, "restore", file)
    assert not new.exists()
    said = fails(demo[0], "backup", tmp_path / "none" / "b.tar.zst")
    assert f"there is no folder {tmp_path / 'none'}" in said
    assert "Errno" not in said
    assert not (tmp_path / "none").exists()


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


def test_no_case_says_why_and_what_to_do(tmp_path: Path) -> None:
    home, world = tmp_path / "home", tmp_path / "world"
    run(home, "init")
    run(home, "wargame", world, "--accounts", 300, "--seed", 3)
    assert "the lake is empty" in _told(home, "cases")
    run(home, "load", "x", world / "posts.jsonl.gz")
    assert "no scan has found an account" in _told(home, "cases", "--json")
    shutil.copytree(world / "rules", home / "rules", dirs_exist_ok=True)
    shutil.copytree(world / "lists", home / "lists", dirs_exist_ok=True)
    (home / "ledger.sqlite").unlink()  # as it is where nobody has opened the desk yet
    run(home, "scan")
    assert re.search(r"the last scan found \d+ accounts. Scan once more", _told(home, "cases"))
    run(home, "scan")
    assert _told(home, "cases") == ""
    assert "No case is like that" in _told(home, "cases", "--state", "executed")


def _told(home: Path, *words: object) -> str:
    """What a command that succeeds says on stderr."""
    ended = command(words, environment(home))
    assert ended.code == 0, ended.err
    return ended.err


def test_a_world_is_written_for_its_seed(tmp_path: Path) -> None:
    run(tmp_path / "home", "init")
    told = json.loads(run(tmp_path / "home", "wargame", tmp_path / "w", "--accounts", 300, "--seed", 3, "--json"))
    assert sum(told["roles"].values()) == 300
    assert Path(told["posts"]).exists()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _status(port: int, path: str = "/", host: str = "localhost") -> int:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
    try:
        return int(urllib.request.urlopen(asked).status)
    except urllib.error.HTTPError as answer:
        return answer.code


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
