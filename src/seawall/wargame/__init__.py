"""The wargame: a synthetic platform with a network in it and labelled people around it, for demos, tests and load.

`build` writes a world as files that the ordinary commands read. Later the network will learn and answer what is done
to it; now it only acts. Nobody in it is real, and nothing it says is any real group's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seawall.wargame.export import Payloads, copy_rules, write_posts, write_seeds, write_truth
from seawall.wargame.world import INNOCENT, ROLES, World, WorldRole

__all__ = ["INNOCENT", "Built", "World", "WorldRole", "build"]


@dataclass(frozen=True, slots=True)
class Built:
    """What was written, and where."""

    posts: Path  # for `seawall load x`
    truth: Path  # for `seawall evaluate --truth`, and each account's world role
    seeds: Path  # for `seawall seeds add`
    rules: Path  # a folder, for HOME/rules
    lists: Path  # a folder, for HOME/lists
    written: int  # posts
    verified: int  # seeds
    roles: dict[WorldRole, int] = field(default_factory=dict)  # accounts of each role


def _quiet(_what: str, _done: int, _of: int) -> None:
    """Say nothing."""


def build(
    folder: Path, seed: int = 0, accounts: int = 1200, days: int = 14, tell: Callable[[str, int, int], None] = _quiet
) -> Built:
    """Write the world of a seed into a folder. Raises ValueError for a world too small to hold every role."""
    folder.mkdir(parents=True, exist_ok=True)
    world = World(seed, accounts, days)
    payloads = Payloads(world)
    built = Built(
        posts=folder / "posts.jsonl.gz",
        truth=folder / "truth.csv",
        seeds=folder / "seeds.csv",
        rules=folder / "rules",
        lists=folder / "lists",
        written=len(world.acts),
        verified=write_seeds(world, folder / "seeds.csv"),
        roles=dict(zip(ROLES, np.bincount(world.accounts.role, minlength=len(ROLES)).tolist(), strict=True)),
    )
    write_posts(payloads, built.written, built.posts, tell)
    write_truth(world, payloads, built.truth)
    copy_rules(folder)
    return built
