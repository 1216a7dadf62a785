"""`seawall coordination`: from an export to campaigns, whose accounts only those see who may, and leave a trace."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from audit.inside import Inside, inside
from command import Command
from platforms import facts, link, ordinary
from seawall.audit.models import Entry
from seawall.cli.verbs import put_together
from seawall.lake.keeping import expire_before
from seawall.records.results import RESULTS

__all__ = ["inside"]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Ordinary accounts and a group of five."""
    draw = random.Random(2)
    made = ordinary(draw, posts=3000)
    for moment in range(6):
        at = draw.randrange(20 * 86_400)
        made += [link(f"lamp_{n}", at + draw.randrange(60), f"https://lamp/{moment}") for n in range(5)]
    posts = facts(made).posts.collect()
    path = tmp_path / "posts.csv"
    posts.select(
        "post_id", "account_id", "handle", text=pl.concat_str(pl.lit("look "), pl.col("links").list.first()), at="at"
    ).write_csv(path)
    return path


class Desk:
    def __init__(self, inside: Inside) -> None:
        self.inside = inside
        self.command = Command(inside.path)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        ran = CliRunner().invoke(put_together(), ["coordination", *words], env={"COLUMNS": "200"})
        if ran.exception and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        return ran.exit_code, ran.stdout, ran.stderr


@pytest.fixture
def desk(inside: Inside, export: Path) -> Desk:
    desk = Desk(inside)
    desk.command.ok("load", "table", export, "--platform", "forum", "--yes")
    return desk


def test_a_scan_finds_the_group_lists_nobody_and_says_it_is_no_ground(desk: Desk) -> None:
    said = desk.command.ok("scan").out
    assert "1 campaign, no ground against anybody" in said
    assert "0 accounts above the line" in said
    assert desk.command.ok("findings", "--json").json_lines() == []
    code, out, _ = desk("--json")
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert row["ground"] is False
    assert row["accounts"] == 5
    assert "lamp" not in out
    assert "members" not in row
    _, text, _ = desk()
    assert "5 accounts" in text
    assert "No campaign is a ground" in text
    assert "lamp" not in text


def test_who_is_in_it_is_shown_to_one_who_may_with_a_reason_in_the_log(desk: Desk) -> None:
    desk.command.ok("scan")
    campaign = json.loads(desk("--json")[1])["campaign"]
    desk.inside.person("reviewer")
    desk.inside.person("admin")
    asked = ("--campaign", campaign, "--reason", "the same links at night")
    code, out, _ = desk(*asked, "--as", "reviewer", "--json")
    assert code == 0
    assert {m["account_id"] for m in json.loads(out)["members"]} == {f"lamp_{n}" for n in range(5)}
    assert "No ground against any of them" in desk(*asked, "--as", "reviewer")[1]
    entry = Entry.objects.filter(verb="campaign.read").first()
    assert (entry.object, entry.reason) == (f"campaign:{campaign}", "the same links at night")
    assert "lamp" not in str(entry.detail)
    code, out, said = desk(*asked, "--as", "admin")
    assert (code, out) == (1, "")
    assert "roles do not allow" in said
    assert Entry.objects.filter(verb="refused", object=f"campaign:{campaign}").count() == 1
    assert "nobody signs in" in desk(*asked, "--as", "stranger")[2]


def test_what_is_wrong_is_said(desk: Desk) -> None:
    assert "found no campaign" in desk()[1]
    assert desk("--json")[1] == ""
    assert "needs --as" in desk("--campaign", "x")[2]
    assert "needs --as" in desk("--campaign", "x", "--as", "reviewer", "--reason", " ")[2]
    assert "go with --campaign" in desk("--as", "reviewer")[2]
    desk.inside.person("reviewer")
    assert "no campaign 'x'" in desk("--campaign", "x", "--as", "reviewer", "--reason", "to see")[2]


def test_campaigns_go_with_the_posts_and_with_the_next_scan(desk: Desk) -> None:
    desk.command.ok("scan")
    assert len(desk("--json")[1].splitlines()) == 1
    with desk.command.lake() as lake:
        lake.replace_results({"campaigns": RESULTS["campaigns"].empty_table()}, lake.manifest.version)
    assert desk("--json")[1] == ""
    desk.command.ok("scan")
    with desk.command.lake() as lake:
        expire_before(lake, date(2030, 1, 1))
    assert desk("--json")[1] == ""
    assert list((desk.inside.path / "lake" / "campaigns").iterdir()) == []
