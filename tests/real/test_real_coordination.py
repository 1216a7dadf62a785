"""Campaigns in the shared collections: groups planted in one, bots and volunteers in the other. Names nobody."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from bench.coordination_data import Design, german_elections, planted

from command import Command
from desk import run
from seawall.signals.contract import Facts
from seawall.signals.coordination import CoordinationSurvey

SCHEDULERS = ["GrabInbox", "Postfity.com", "SocialPilot.co", "Postcron App"]  # what the bot family posts through


def _flagged(facts: Facts) -> tuple[set[str], int]:
    campaigns = CoordinationSurvey().survey(facts).to_pylist()
    return {member["account_id"] for c in campaigns for member in c["members"]}, len(campaigns)


def test_planted_groups_are_found_and_hardly_anybody_else_with_them(shared: Path) -> None:
    facts = german_elections(shared / "coordination" / "german_elections.csv.gz")
    before, _ = _flagged(facts)
    ordinary = facts.posts.select(pl.col("account_id").n_unique()).collect().item()
    assert len(before) < 0.01 * ordinary
    for jitter, least in ((30, 0.99), (60, 0.99), (300, 0.97)):
        more, truth = planted(facts, Design(jitter), seed=7)
        found, _ = _flagged(more)
        assert len(found & set(truth)) / len(truth) >= least
        assert len(found - set(truth) - before) <= 0.005 * ordinary


@pytest.fixture(scope="module")
def about(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Posts about the topic, loaded and scanned; nobody in them is a supporter."""
    command = Command(tmp_path_factory.mktemp("about") / "home")
    command.ok("init")
    command.ok("load", "x", shared / "x" / "about_isis_2017.jsonl.gz")
    command.ok("scan")
    return command


def test_bots_and_volunteers_are_found_and_are_no_ground(about: Command) -> None:
    campaigns = [json.loads(line) for line in run(about.home, "coordination", "--json").splitlines()]
    assert all(row["ground"] is False for row in campaigns)
    with about.lake() as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").select("account_id", "client", "hashtags").collect()
        members = [{m["account_id"] for m in row["members"]} for row in snapshot.read("campaigns").to_pylist()]
    used = posts.filter(pl.col("client").is_in(SCHEDULERS)).group_by("account_id").len()
    bots = set(used.filter(pl.col("len") >= 5)["account_id"])
    inside = set().union(*members)
    assert len(bots & inside) / len(bots) >= 0.6
    volunteers = posts.filter(pl.col("hashtags").list.eval(pl.element().str.to_lowercase() == "daeshbags").list.any())
    many = set(volunteers.group_by("account_id").len().filter(pl.col("len") >= 50)["account_id"])
    assert any(len(many & its) >= 3 for its in members)
    assert len(inside) < 0.015 * posts["account_id"].n_unique()


def test_no_finding_comes_of_it(about: Command) -> None:
    found = [finding for account in about.ok("findings", "--json").json_lines() for finding in account["findings"]]
    assert len(found) <= 3  # what rules find, as without campaigns
    assert all(finding["signal"].startswith("rules.") for finding in found)
