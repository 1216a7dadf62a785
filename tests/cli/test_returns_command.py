"""seawall returns, and seawall evaluate returns: what people see, what programs read, what is refused."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from command import Command
from desk import run
from seawall.records.facts import TABLES
from seawall.records.findings import Finding, Seen, to_table

START = datetime(2026, 1, 1, tzinfo=UTC)
HANDLES = ["quorvexil", "mabtuden", "silpokar", "wendhazu", "gerrothim"]


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES[name].schema)


@pytest.fixture
def lake(seawall: Command) -> Command:
    """Five suspended accounts; one comes back with its handle, name and followers; one newcomer is nobody's return."""
    accounts, ties = [], []
    for n, handle in enumerate([*HANDLES, "quorvexil_2", "hoplankru"]):
        at = START + timedelta(days=20 if n >= 5 else 0)
        back = 0 if n == 5 else n
        accounts.append(
            {"platform": "x", "account_id": f"a{n}", "handle": handle, "name": f"Person {back}{handle[:4]}",
             "created_at": at, "seen_at": at}
        )  # fmt: skip
        ties += [
            {"platform": "x", "kind": "follow", "from_id": f"u{back * 50 + i}", "to_id": f"a{n}", "at": at}
            for i in range(12)
        ]
    states = [
        {"platform": "x", "account_id": f"a{n}", "state": "suspended", "at": START + timedelta(days=18)}
        for n in range(5)
    ]
    tables = {"accounts": accounts, "ties": ties, "states": states}
    with seawall.lake() as lake:
        lake.append({name: _table(name, rows) for name, rows in tables.items()})
    return seawall


def _findings(lake: Command, *accounts: str) -> None:
    found = [Finding("x", a, None, "rules.r", "1", 0.9, "says it", (Seen("p", "2026-01-01"),), True) for a in accounts]
    with lake.lake() as opened:
        opened.replace_results({"findings": to_table(found)}, seen=1)


def test_who_did_nothing_is_counted_and_not_named(lake: Command) -> None:
    """A list of people whom a machine takes for returns would be a list of scored people."""
    out = lake.ok("returns").out
    assert "2 new or renamed accounts compared with 5 suspended ones" in out
    assert "1 account may be a return" in out
    assert "nobody is named" in out
    assert "quorvexil" not in out
    assert lake.ok("returns", "--json").out == ""
    _findings(lake, "a6")  # conduct of another account names nobody else
    assert "quorvexil" not in lake.ok("returns").out
    assert lake.ok("returns", "--json").out == ""


def test_a_return_with_conduct_of_its_own_is_shown_with_its_reasons_and_reading_it_is_logged(lake: Command) -> None:
    _findings(lake, "a5")
    out = run(lake.home, "returns")
    assert "x:quorvexil_2" in out
    assert "return of x:quorvexil\n" in out
    assert "hoplankru" not in out
    assert "handle" in out
    assert "audience" in out
    assert "own conduct: above the line" in out
    said = json.loads(run(lake.home, "returns", "--json"))
    assert (said["account_id"], said["candidates"][0]["account_id"]) == ("a5", "a0")
    assert said["candidates"][0]["probability"] > 0.9 > said["no_parent"]
    assert said["candidates"][0]["because"]["handle"] > 2
    assert said["own_conduct"] is True
    assert _read_of(lake) == ["", ""]


def test_one_account_may_be_asked_about_whatever_is_said_of_it(lake: Command) -> None:
    assert "not in the lake" in lake.fails("returns", "--account", "x:nobody")
    assert "suspended itself" in lake.fails("returns", "--account", "x:quorvexil")
    assert "PLATFORM:HANDLE" in lake.fails("returns", "--account", "nobody")
    said = json.loads(run(lake.home, "returns", "--account", "x:@Hoplankru", "--json"))
    assert said["no_parent"] > 0.5
    assert said["own_conduct"] is False
    assert "raises no case" in run(lake.home, "returns", "--account", "x:quorvexil_2")
    assert _read_of(lake) == ["account:x:a5", "account:x:a6"]


def _read_of(lake: Command) -> list[str]:
    entries = map(json.loads, run(lake.home, "audit", "show", "--json").splitlines())
    return sorted(entry["object"] for entry in entries if entry["verb"] == "returns.read")


def test_a_lake_where_nobody_is_suspended_says_so(seawall: Command) -> None:
    assert "No account is suspended" in seawall.ok("returns").out
    assert seawall.ok("returns", "--json").out == ""


def _truth(path: Path, rows: list[list[str]], header: str = "platform,account,role,family,since,until") -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


def _rows() -> list[list[str]]:
    suspended = [["x", handle, "suspended", f"f{n}", "", ""] for n, handle in enumerate(HANDLES)]
    return [*suspended, ["x", "quorvexil_2", "newcomer", "f0", "", ""], ["x", "hoplankru", "newcomer", "", "", ""]]


def test_evaluating_on_labelled_families(lake: Command, tmp_path: Path) -> None:
    truth = _truth(tmp_path / "truth.csv", [*_rows(), ["x", "unknown", "newcomer", "", "", ""]])
    ran = lake.ok("evaluate", "returns", "--truth", truth, "--json", "--scores", tmp_path / "scores.csv")
    found = ran.json()
    assert (found["suspended"], found["newcomers"], found["with_parent"]) == (5, 2, 1)
    assert found["metrics"]["precision_at_recall_80"]["value"] == 1
    assert found["metrics"]["mrr_of_50"]["value"] == 1
    assert found["accounts_not_in_lake"] == 1
    assert "Left out: 1 row" in ran.err
    assert not any(handle in ran.out for handle in HANDLES)
    scores = list(csv.DictReader((tmp_path / "scores.csv").open()))
    assert [row["has_parent"] for row in scores] == ["1", "0"]
    shown = lake.ok("evaluate", "returns", "--truth", truth).out
    assert "2 newcomers, 1 with a parent among 5 suspended" in shown
    assert "another network" in shown


def test_a_wrong_parent_counts_as_wrong(lake: Command, tmp_path: Path) -> None:
    rows = [[*row[:3], "f1" if row[1] == "quorvexil_2" else row[3], *row[4:]] for row in _rows()]
    found = lake.ok("evaluate", "returns", "--truth", _truth(tmp_path / "t.csv", rows), "--json").json()
    assert found["metrics"]["precision_at_recall_80"]["value"] == 0
    assert found["metrics"]["precision_at_line"]["value"] == 0
    assert found["metrics"]["mrr_of_50"]["value"] < 1


def test_halves_of_one_timeline_are_told_by_posts_alone(lake: Command, tmp_path: Path) -> None:
    """Both halves have one handle: that they do must not count."""
    rows = [["x", h, "suspended", h, "", "2026-01-10"] for h in HANDLES]
    rows += [["x", h, "newcomer", h, "2026-01-10", ""] for h in HANDLES]
    found = lake.ok("evaluate", "returns", "--truth", _truth(tmp_path / "t.csv", rows), "--json").json()
    assert found["with_parent"] == 5
    assert found["metrics"]["recall_at_line"]["value"] == 0  # none has a post: nothing is known


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([["x", "a", "seed", "f", "", ""]], "role must be one of suspended, newcomer"),
        ([["", "a", "newcomer", "f", "", ""]], "needs a platform and an account"),
        ([["x", "a", "newcomer", "f", "soon", ""]], "times are written"),
        ([["x", "a", "newcomer", "f", "", ""]], "has no suspended rows"),
        ([["x", "a", "newcomer", "f", "", ""], ["x", "b", "suspended", "f", "", ""]], "is in the lake"),
    ],
)
def test_a_truth_file_that_cannot_be_used_says_why(seawall: Command, tmp_path: Path, rows, why: str) -> None:
    assert why in seawall.fails("evaluate", "returns", "--truth", _truth(tmp_path / "t.csv", rows))


def test_a_truth_file_without_its_columns_or_not_there(seawall: Command, tmp_path: Path) -> None:
    truth = _truth(tmp_path / "t.csv", [], header="platform,account")
    assert "lacks the columns role, family" in seawall.fails("evaluate", "returns", "--truth", truth)
    assert "cannot read" in seawall.fails("evaluate", "returns", "--truth", tmp_path / "none.csv")


def test_newcomers_says_how_many_and_names_nobody(lake: Command, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "seawall", "newcomers", "--json"]
    env = {**os.environ, "SEAWALL_HOME": str(lake.home), "PYTHONPATH": os.pathsep.join(sys.path)}
    env.pop("PYTHONUNBUFFERED", None)  # a program that reads must not have to wait for a full buffer
    process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    latest = threading.Timer(90, process.kill)
    latest.start()
    try:
        first = json.loads(process.stdout.readline())
        with lake.lake() as opened:
            made = {"created_at": datetime(2026, 6, 1, tzinfo=UTC), "seen_at": datetime(2026, 6, 1, tzinfo=UTC)}
            opened.append(
                {
                    "accounts": _table(
                        "accounts", [{"platform": "x", "account_id": "77", "handle": "somebody_new", **made}]
                    )
                }
            )
        second = json.loads(process.stdout.readline())
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=30)
        latest.cancel()
    assert process.returncode == 0
    assert (first["asked"], second["asked"]) == (0, 1)
    assert first["suspended"] > 0
    assert "somebody_new" not in f"{second}{rest}"
