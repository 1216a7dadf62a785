"""The command as a whole: errors say what to do next, nothing is written outside the home, JSON is JSON."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import apart
from desk import run
from makers import export, lines, tweet, write
from seawall.cli.verbs import VERBS, put_together

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "words",
    [
        ["load", "x", __file__],
        ["scan"],
        ["findings"],
        ["seeds", "list"],
        ["lake", "stats"],
        ["lake", "expire"],
        ["evaluate", "supporters", "--truth", __file__],
    ],
)
def test_without_a_home_every_command_says_to_init(seawall, tmp_path, words) -> None:
    error = seawall.fails(*words, "--home", tmp_path / "nowhere")
    assert "seawall init" in error
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["load", "table", __file__, "--platform", "x", "--map", "nowhere.toml"],
        ["evaluate", "supporters", "--truth", "nowhere.csv"],
        ["audit", "verify", "nowhere.jsonl"],
        ["audit", "verify", "--head", "nowhere.heads"],
    ],
)
def test_a_file_that_is_not_there_is_said_in_words(seawall, words) -> None:
    seawall.ok("init")
    error = seawall.fails(*words)
    assert "No such file or directory" in error
    assert "nowhere" in error
    assert "Errno" not in error


def _commands(command: Any, *words: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield words, command
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, *words, name)


def test_help_shows_every_word_that_is_written_for_it(seawall) -> None:
    """Words in brackets would be taken as markup and left out."""
    for words, command in _commands(typer.main.get_command(put_together())):
        shown = "".join(letter for letter in seawall.ok(*words, "--help").out if letter not in "│ \n")
        for text in [command.help, *(getattr(param, "help", "") for param in command.params)]:
            assert "".join((text or "").split()) in shown, (words, text)


def test_one_of_a_thing_is_said_in_the_singular(seawall, tmp_path) -> None:
    path = write(tmp_path / "a.csv", b"handle,at,text\nanna,2015-07-07,hello\n")
    seawall.ok("load", "table", path, "--platform", "forum", "--yes")
    assert "1 seed in all" in seawall.ok("seeds", "add", "forum:anna").out
    assert "Scanned 1 post (" in seawall.ok("scan").out
    stats = seawall.ok("lake", "stats").out
    assert "forum: 1 post of 1 account, " in stats
    assert "1 row  " in stats


def test_home_by_option_and_by_environment(seawall, tmp_path) -> None:
    seawall.ok("init", "--home", tmp_path / "other")
    seawall.ok("load", "x", export(tmp_path / "e.jsonl", 5), "--home", tmp_path / "other")
    assert seawall.stats()["posts"] == 0
    seawall.home = tmp_path / "other"
    assert seawall.stats()["posts"] > 0


def test_init_twice_keeps_everything_and_the_home_is_the_owners(seawall, tmp_path) -> None:
    seawall.ok("load", "x", export(tmp_path / "e.jsonl", 5))
    (seawall.home / "seawall.toml").write_text("[lake]\nkeep_days = 7\n")
    before = seawall.stats()
    seawall.ok("init")
    assert seawall.stats() == before
    assert "7" in (seawall.home / "seawall.toml").read_text()
    assert stat.S_IMODE(seawall.home.stat().st_mode) == 0o700


def test_init_makes_a_folder_that_was_there_the_owners(seawall, tmp_path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    seawall.ok("init", "--home", tmp_path / "open")
    assert stat.S_IMODE((tmp_path / "open").stat().st_mode) == 0o700


def test_init_where_nothing_can_be_made(seawall, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot make a home" in seawall.fails("init", "--home", tmp_path / "file")


def test_stats_have_the_fixed_form(seawall, tmp_path) -> None:
    seawall.ok("load", "x", write(tmp_path / "e.jsonl", lines([tweet(1)]) + b"damaged\n"))
    found = seawall.ok("lake", "stats", "--json").json()
    assert set(found) == {"tables", "rejects"}
    assert set(found["tables"]) == {"accounts", "posts", "ties", "media", "states", "pictures", "hashes"}
    assert found["tables"]["posts"]["rows"] == 1
    assert found["tables"]["posts"]["bytes"] > 100
    assert found["rejects"] == 1
    assert "posts" in seawall.ok("lake", "stats").out


def test_an_export_where_nothing_loads_is_an_error(seawall, tmp_path) -> None:
    ran = seawall("load", "x", write(tmp_path / "e.jsonl", b"a\nb\n"))
    assert ran.code == 1
    assert "rejected 2" in ran.out
    assert "rejects" in ran.err


def test_several_files_at_once(seawall, tmp_path) -> None:
    paths = [export(tmp_path / f"{n}.jsonl.zst", 20, first=n * 100 + 1) for n in range(3)]
    ran = seawall.ok("load", "x", *paths, "--json")
    assert [row["read"] for row in ran.json_lines()] == [20, 20, 20]


def test_empty_states_say_what_to_do(seawall) -> None:
    assert "seawall scan" in seawall.ok("findings").out
    assert "The lake is empty" in seawall.ok("scan").out
    assert "Known are: rules, supporters" in seawall.fails("findings", "--signal", "astrology")


def test_the_posts_that_were_seen_can_be_shown(seawall, tmp_path) -> None:
    text = "Donate to equip a mujahid,\n wallet address in the link"
    seawall.ok("load", "x", write(tmp_path / "e.jsonl", lines([tweet(1, text=text)])))
    seawall.ok("scan")
    assert "wallet address" not in seawall.ok("findings").out
    assert "equip a mujahid, wallet address" in run(seawall.home, "findings", "--posts")
    assert "findings.text" in run(seawall.home, "audit", "show", "--json")  # reading it is in the audit log


def test_platforms_are_written_in_one_way(seawall, tmp_path, rows) -> None:
    path = write(tmp_path / "e.jsonl", lines([tweet(1)]))
    seawall.ok("load", "x", path, "--platform", "X")
    assert rows("posts")[0]["platform"] == "x"
    assert "no platform's name" in seawall.fails("load", "x", path, "--platform", "My Forum!")


def test_the_file_that_failed_is_the_one_named(seawall, tmp_path) -> None:
    good, bad = export(tmp_path / "good.jsonl", 3), write(tmp_path / "bad.jsonl", b"{}\n")
    ran = seawall("load", "x", good, bad, good)
    assert (ran.code, "bad.jsonl" in ran.err, "good.jsonl" in ran.err) == (1, True, False)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(seawall, tmp_path) -> None:
    empty = write(tmp_path / "empty.jsonl", b"")
    first, last = export(tmp_path / "first.jsonl", 20), export(tmp_path / "last.jsonl", 20, first=500)
    ran = seawall("load", "x", first, empty, last)
    assert (ran.code, "empty.jsonl is empty" in ran.err) == (1, True)
    assert "last.jsonl: read 20 = loaded 20" in ran.out


def test_an_own_rule_that_replaces_a_shipped_one_is_said(seawall) -> None:
    shipped = ROOT / "src" / "seawall" / "signals" / "rules" / "shipped" / "pledge.toml"
    (seawall.home / "rules" / "pledge.toml").write_text(shipped.read_text("utf-8"), "utf-8")
    assert "replaces the shipped pledge" in seawall.ok("scan").err


def test_what_the_system_refuses_is_said_in_words(seawall, tmp_path) -> None:
    seawall.ok("load", "x", export(tmp_path / "e.jsonl", 5))
    for path in (seawall.home / "lake" / "posts").iterdir():
        path.write_bytes(b"damaged")
    ended = apart.command(("scan",), {**os.environ, "SEAWALL_HOME": str(seawall.home)})
    assert ended.code == 1
    assert "damaged" in ended.err


def test_findings_are_replaced_by_the_next_scan(seawall, tmp_path) -> None:
    text = "Donate to equip a mujahid, wallet address in the link"
    seawall.ok("load", "x", write(tmp_path / "e.jsonl", lines([tweet(1, text=text)])))
    for _ in range(2):
        seawall.ok("scan")
    assert len(seawall.ok("findings", "--json").json_lines()) == 1
    assert "Asks for money for fighters" in seawall.ok("findings").out
    report = seawall.ok("scan", "--json").json()
    assert report["not_run"].keys() == {"supporters"}
    assert report["accounts_above_line"] == 1


def test_the_command_as_installed_writes_only_below_its_home(tmp_path) -> None:
    command = [str(Path(sys.executable).with_name("seawall"))]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "user"), "SEAWALL_HOME": str(tmp_path / "home")}
    (tmp_path / "work").mkdir()
    path = export(tmp_path / "e.jsonl.gz", 50)
    for words in (["init"], ["load", "x", str(path)], ["scan"], ["findings", "--json"], ["lake", "stats"]):
        ran = subprocess.run(
            command + words, cwd=tmp_path / "work", env=env, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
    assert list((tmp_path / "work").iterdir()) == []
    assert not (tmp_path / "user").exists()
    assert subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout.startswith(
        "seawall "
    )


def test_a_verb_brings_only_its_own_module() -> None:
    """So that it answers soon: help alone imports everything."""
    asks = "import sys; from seawall.cli.verbs import VERBS, put_together; put_together({!r}); print(*sys.modules)"
    loaded = {
        verb: subprocess.run([sys.executable, "-c", asks.format(verb)], capture_output=True, text=True, check=True)
        for verb in ("init", "scann")
    }
    assert "seawall.cli.init" in loaded["init"].stdout.split()
    assert "seawall.cli.scan" not in loaded["init"].stdout.split()
    assert "seawall.cli.scan" in loaded["scann"].stdout.split()


def test_a_verb_alone_is_called_and_told_as_among_all() -> None:
    whole = put_together()
    for verb in VERBS:
        alone, among = (CliRunner().invoke(app, [verb, "--help"]) for app in (put_together(verb), whole))
        assert alone.exit_code == 0
        assert alone.stdout == among.stdout
