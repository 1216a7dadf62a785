"""A desk whose last scan was surveyed: a campaign and a flood that accounts with cases are part of, among others."""

from __future__ import annotations

import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from crowds import FLOOD_AT, Crowd
from desk import Desk
from platforms import facts, link, ordinary
from seawall.cases.models import Case
from seawall.lake import Lake
from seawall.records.facts import ACCOUNTS, POSTS, STATES, Table, columns
from seawall.signals.home import surveys
from seawall.signals.scan import AccountFindings, above_line
from seawall.signals.surveys import survey

OTHERS = tuple(f"lamp_{n}" for n in range(4))  # of the campaign, without a case


@pytest.fixture(scope="session")
def surveyed_home(scanned_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scanned home, with more in its lake, surveyed; copied for each test."""
    home = tmp_path_factory.mktemp("surveyed") / "home"
    shutil.copytree(scanned_home, home)
    with Lake(home) as lake:
        with_case = [account.account_id for account in above_line(lake)[:3]]
        lake.append({"posts": _campaign(with_case)})
        lake.append(_floods(with_case[0]).tables())
        report = survey(lake, surveys())
    assert not report.not_run
    return home


def _campaign(with_case: list[str]) -> pa.Table:
    """Seven accounts share the same links within a minute, among people who share links as they like."""
    draw = random.Random(2)
    made = ordinary(draw, posts=2500)
    for moment in range(8):
        at = draw.randrange(19 * 86_400)
        made += [link(who, at + draw.randrange(60), f"https://lamp/{moment}") for who in (*with_case, *OTHERS)]
    posts = facts(made).posts.collect().to_arrow().cast(POSTS.schema)
    named = pa.array([f"c{n}" for n in range(posts.num_rows)])
    posts = posts.set_column(posts.schema.get_field_index("post_id"), "post_id", named)
    platform = pa.array(["x"] * posts.num_rows).cast(POSTS.schema.field("platform").type)
    return posts.set_column(posts.schema.get_field_index("platform"), "platform", platform)


def _floods(with_case: str) -> Crowd:
    """One is pushed, and an account with a case starts it; one is news."""
    crowd = Crowd().ordinary()
    crowd.post(with_case, FLOOD_AT, "everybody should look at this now a", hashtags=["bread"])
    return crowd.flood(80, hashtags=["bread"]).news(accounts=150, hashtags=["trains"])


@pytest.fixture
def surveyed(surveyed_home: Path, scanned_home: Path, tmp_path: Path, settings: Any, db: None) -> Desk:
    """The desk over a copy of it, with a case for every account above the line."""
    home = tmp_path / "surveyed-home"
    shutil.copytree(surveyed_home, home)
    settings.SEAWALL_HOME = home
    made = Desk(home, scanned_home.parent / "custodian.key")
    made.sync()
    return made


def suspend_somebody(
    home: Path, case: Case | AccountFindings, called: str, looks: tuple[str, str] | None = None
) -> str:
    """Sixty accounts were suspended before the account of a case was made. One is called so and has its name and bio,
    or the given ones; 'somebodyelse' and the others have nothing of it."""
    draw = random.Random(3)
    with Lake(home) as lake:
        with lake.snapshot() as snapshot:
            held = snapshot.scan("accounts").filter(pl.col("account_id") == case.account_id).collect().to_dicts()[-1]
        last = held["created_at"] - timedelta(days=6)
        others = [
            ["somebodyelse", *(_word(draw) for _ in range(58))],
            *([_word(draw, 3) for _ in range(59)] for _ in "nb"),
        ]
        like = (called, *(looks or (held["name"], held["bio"])))
        profile = {
            "platform": case.platform,
            "account_id": [str(900_000 + n) for n in range(60)],
            **{field: [mine, *its] for field, mine, its in zip(("handle", "name", "bio"), like, others, strict=True)},
            "created_at": _times(ACCOUNTS, "created_at", last - timedelta(days=90)),
            "seen_at": _times(ACCOUNTS, "seen_at", last),
        }
        gone = {
            "platform": case.platform,
            "account_id": profile["account_id"],
            "state": "suspended",
            "at": _times(STATES, "at", last),
        }
        lake.append({"accounts": columns(ACCOUNTS, profile, 60), "states": columns(STATES, gone, 60)})
    return called


def _word(draw: random.Random, count: int = 1) -> str:
    return " ".join("".join(draw.choices("abdefgiklmnoprstuz", k=8)) for _ in range(count))


def _times(table: Table, column: str, at: datetime) -> pa.Array:
    return pa.array([at] * 60, table.schema.field(column).type)
