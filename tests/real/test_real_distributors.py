"""Distributors on real posts: who holds the following week's reposts. Names no account."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from command import Command
from seawall.signals.contract import Facts
from seawall.signals.distributors import Spreading
from seawall.signals.distributors.roles import parts, strength

CUT, END = datetime(2017, 2, 22, tzinfo=UTC), datetime(2017, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def posts(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    command = Command(tmp_path_factory.mktemp("real") / "home")
    command.ok("init")
    command.ok("load", "x", shared / "x" / "about_isis_2017.jsonl.gz")
    with command.lake() as lake, lake.snapshot() as snapshot:
        return snapshot.scan("posts").filter(pl.col("at") < END).collect()


def test_the_top_20_hold_more_of_the_following_week_than_plain_counts_do(posts: pl.DataFrame) -> None:
    reposts = posts.filter(pl.col("kind") == "repost").drop_nulls("of_account_id")
    past, coming = reposts.filter(pl.col("at") < CUT), reposts.filter(pl.col("at") >= CUT)
    spreading = Spreading.of(Facts(posts.filter(pl.col("at") < CUT).lazy()))
    best = np.argsort(-strength(spreading), kind="stable")[:20]
    ours = coming["of_account_id"].is_in(spreading.accounts[best.tolist()]["account_id"].to_list()).mean()
    counts = past.group_by("of_account_id").len().sort("len", "of_account_id", descending=True)
    plain = coming["of_account_id"].is_in(counts["of_account_id"].head(20).to_list()).mean()
    assert plain == pytest.approx(0.590, abs=0.001)
    assert ours >= 0.595


def test_what_was_taken_was_taken_by_somebody(posts: pl.DataFrame) -> None:
    spreading = Spreading.of(Facts(posts.lazy()))
    table = parts(spreading)
    taken = int(table["taken_from"].sum())
    assert taken == int(table["took"].sum()) == (spreading.acts["of"] >= 0).sum()
    assert taken > 18_000
    assert set(table["part"].unique()) == {"origin", "distributor", "repeater", "none"}
