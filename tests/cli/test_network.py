"""`seawall network plan` as people run it: whom it lists, what it says it is not, and what it writes down."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from apart import Ended, command
from seawall.wargame import build


def _run(home: Path, *words: object) -> Ended:
    return command(words, {**os.environ, "SEAWALL_HOME": str(home), "COLUMNS": "200"})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("network") / "home"
    world = build(home.parent / "world", seed=3, accounts=300, days=21)
    assert _run(home, "init").code == 0
    for folder in (world.rules, world.lists):
        shutil.copytree(folder, home / folder.name, dirs_exist_ok=True)
    assert _run(home, "load", "x", world.posts).code == 0
    return home


def test_before_a_scan_there_is_nothing_to_plan(home: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(home, tmp_path / "home")
    ran = _run(copied, "network", "plan")
    assert ran.code == 1
    assert "no account above the line" in ran.err
    assert "seawall scan" in ran.err
    assert "Traceback" not in ran.err


def test_a_plan_lists_only_accounts_that_were_found_and_is_written_down(home: Path) -> None:
    assert _run(home, "scan").code == 0
    found = {json.loads(line)["account_id"] for line in _run(home, "findings", "--json").out.splitlines()}
    ran = _run(home, "network", "plan", "--budget", 5, "--json")
    assert ran.code == 0, ran.err
    plan = json.loads(ran.out)
    listed = [one["account_id"] for one in plan["listed"]]
    assert len(listed) == 5
    assert set(listed) <= found
    assert 0 < plan["candidates"] <= len(found)
    assert plan["cut"]["plan"] >= max(plan["cut"][method] for method in ("followers", "random"))
    assert plan["cut"]["plan"] == pytest.approx(sum(one["adds"] for one in plan["listed"]))
    assert plan["forecast"]["low"] <= plan["forecast"]["value"] <= plan["forecast"]["high"]
    assert "no decision" in plan["not"]
    log = _run(home, "audit", "show", "--json").out
    assert '"network.plan"' in log
    assert not any(f'"{account}"' in log for account in listed)


def test_for_people_it_says_what_it_is_not(home: Path) -> None:
    assert _run(home, "scan").code == 0
    said = _run(home, "network", "plan", "--budget", 3).out
    assert "This is no decision and no list to act on" in said
    assert "Forecast for the following week" in said
    assert all(method in said for method in ("plan", "degree", "followers", "random"))
    assert _run(home, "network", "plan", "--budget", 0).code == 2
