"""Verified seeds: a plain versioned file that keeps every change."""

from __future__ import annotations

import json

import pytest

from makers import export
from seawall.grounds.seeds import Seeds, SeedsError


def test_add_list_remove(seawall, tmp_path) -> None:
    assert "No seeds yet" in seawall.ok("seeds", "list").out
    assert "2 new, 2 seeds" in seawall.ok("seeds", "add", "x:Anna", "vk:@bert", "--source", "two analysts").out
    assert "0 new, 2 seeds" in seawall.ok("seeds", "add", "x:anna").out
    listed = seawall.ok("seeds", "list", "--json").json_lines()
    assert [(row["platform"], row["account"], row["source"]) for row in listed] == [
        ("x", "Anna", "two analysts"),
        ("vk", "bert", "two analysts"),
    ]
    assert "1 withdrawn, 1 seed left (version 2)" in seawall.ok("seeds", "remove", "x:ANNA").out
    assert "none of these is a seed" in seawall.fails("seeds", "remove", "x:anna")
    assert "x:" not in seawall.ok("seeds", "list").out


def test_a_seed_that_the_lake_does_not_know_is_kept_and_said(seawall, tmp_path) -> None:
    seawall.ok("load", "x", export(tmp_path / "e.jsonl", 5))
    with seawall.lake() as lake, lake.snapshot() as snapshot:
        known = snapshot.read("posts", ["account_id", "handle"]).to_pylist()[0]
    seen = seawall.ok("seeds", "add", f"x:{known['handle'].upper()}", f"x:{known['account_id']}")
    assert "Not seen" not in seen.err
    added = seawall.ok("seeds", "add", "x:nobody_here", f"vk:{known['handle']}")
    assert f"Not seen yet: vk:{known['handle']}, x:nobody_here. Kept" in added.err
    assert "4 seeds" in added.out
    listed = seawall.ok("seeds", "list", "--json").json_lines()
    assert [row["seen"] for row in listed] == [True, True, False, False]
    assert seawall.ok("seeds", "list").out.count("(not seen yet)") == 2


def test_every_change_stays_in_the_file(seawall) -> None:
    seawall.ok("seeds", "add", "x:a")
    seawall.ok("seeds", "remove", "x:a")
    seawall.ok("seeds", "add", "x:a")
    lines = [json.loads(line) for line in (seawall.home / "seeds.jsonl").read_text().splitlines()]
    assert [(line["version"], line["change"]) for line in lines] == [(1, "add"), (2, "remove"), (3, "add")]
    assert all(line["by"] and line["at"].endswith("+00:00") for line in lines)
    (label,) = Seeds(seawall.home).labels()
    assert label.live


def test_a_withdrawn_seed_says_when(seawall) -> None:
    seawall.ok("seeds", "add", "x:a")
    seawall.ok("seeds", "remove", "x:a")
    (label,) = Seeds(seawall.home).labels()
    assert (label.live, bool(label.withdrawn_at)) == (False, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("platform,account\nx,a\nvk,b\n", []),
        ("handle\na\nb\n", ["--platform", "x"]),
        ("x:a\nvk:b\n# a note\n\n", []),
        ("a\n@b\n", ["--platform", "x"]),
    ],
)
def test_files_of_seeds(seawall, tmp_path, text: str, words: list[str]) -> None:
    path = tmp_path / "seeds.txt"
    path.write_text(text)
    assert "2 new" in seawall.ok("seeds", "add", path, *words).out


@pytest.mark.parametrize(
    ("text", "reason"),
    [("platform,account\nx,\n", "line 2"), ("account\na\n", "--platform"), ("lonely\n", "PLATFORM:HANDLE")],
)
def test_a_file_that_names_nobody_says_where(seawall, tmp_path, text: str, reason: str) -> None:
    path = tmp_path / "seeds.csv"
    path.write_text(text)
    assert reason in seawall.fails("seeds", "add", path)
    assert Seeds(seawall.home).version == 0


def test_a_write_cut_short_by_a_kill_is_forgotten_and_a_damaged_line_is_named(seawall) -> None:
    seawall.ok("seeds", "add", "x:a")
    path = seawall.home / "seeds.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    assert len(Seeds(seawall.home).live()) == 1
    seawall.ok("seeds", "add", "x:b")
    assert len(Seeds(seawall.home).live()) == 2
    path.write_bytes(b"damaged\n" + whole)
    with pytest.raises(SeedsError, match="line 1"):
        Seeds(seawall.home).live()
    assert "Restore" in seawall.fails("seeds", "list")
    assert "Restore" in seawall.fails("scan")


def test_a_whole_last_line_without_an_end_is_kept(seawall) -> None:
    seawall.ok("seeds", "add", "x:a", "x:b")
    path = seawall.home / "seeds.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    seawall.ok("seeds", "add", "x:c")
    assert [label.account for label in Seeds(seawall.home).live()] == ["a", "b", "c"]


def test_an_address_is_no_account(seawall) -> None:
    for text in ("https://x.com/foo", "x:two words", "Y!:foo", "x:caf\udce9"):
        assert "PLATFORM:HANDLE" in seawall.fails("seeds", "add", text)
    assert "is no file here" in seawall.fails("seeds", "add", "nowhere.csv")


def test_platforms_are_written_in_one_way(seawall) -> None:
    assert "1 new" in seawall.ok("seeds", "add", "X:a", "x:a").out


def test_a_handle_longer_than_any_file_name_is_a_handle(seawall) -> None:
    assert "1 new" in seawall.ok("seeds", "add", "x:" + "`" * 304).out
