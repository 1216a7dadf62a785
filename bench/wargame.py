"""wargame: whom a scan lists on synthetic platforms of 20 seeds, role by role, through the public commands.

Nobody looked at these seeds while the wargame's rules were written: those were tried on seeds 1 to 8, and once changed
after a first measurement on seeds 101 to 120 (10 of 3,429 innocent accounts listed, 90% of those who spread found).
The rates of voices were written on seeds 301 to 348, and changed once after a measurement on 201 to 220 (with them 3 of
3,373 innocent accounts listed, all of 789 who argue against the network; without them 5), and again after one on 401 to
420 (5 of 3,452, four of 586 hunters), on seeds 1001 to 1060 and 1100 to 1129. After that 421 to 440 had nobody of 3,374
innocent accounts listed and 89.8% of those who spread; one rule was changed then, on the same seeds as before. None of
those are unseen any more.
"""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl
from scipy.stats import beta

from bench.report import Result, process
from bench.scan import COMMAND
from seawall.lake import Lake
from seawall.records.terms import RuleState
from seawall.signals.contract import Facts
from seawall.signals.rules import RulesSignal, read_book, read_lists
from seawall.signals.rules.matcher import Matcher
from seawall.signals.scan import listed
from seawall.signals.voices.support import courted
from seawall.wargame import INNOCENT, Built, WorldRole, build

SEEDS = range(441, 461)
ACCOUNTS = 1200
SPREADERS = (WorldRole.DISTRIBUTOR, WorldRole.REPEATER)
NAIVE = 6  # posts of any kind that hold a slogan, for the method it is held against
LARGE = 100_000


@dataclass(slots=True)
class Tally:
    """Of each role, how many accounts there are and how many were listed. Seeds are not counted."""

    accounts: Counter[str] = field(default_factory=Counter)
    listed: Counter[str] = field(default_factory=Counter)
    naive: Counter[str] = field(default_factory=Counter)  # whom counting slogans alone would list
    by: Counter[tuple[str, str]] = field(default_factory=Counter)  # role, signal
    courted: Counter[str] = field(default_factory=Counter)  # whom the support survey counts as courted
    withheld: Counter[str] = field(default_factory=Counter)  # voice: accounts that speak against what they repeat

    def add(self, built: Built, findings: Iterable[dict[str, Any]], home: Path) -> None:
        """One world, and what `seawall findings --json` said of it."""
        roles = dict(_column_pairs(built.truth, "account", "world_role"))
        for seed, _ in _column_pairs(built.seeds, "account", "platform"):
            roles.pop(seed)
        self.accounts.update(roles.values())
        for line in findings:
            if role := roles.get(line["account_id"]):
                self.listed[role] += 1
                self.by.update((role, signal) for signal in {found["signal"] for found in line["findings"]})
        self.naive.update(roles[account] for account in _slogan_counters(home) if account in roles)
        self.courted.update(roles[account] for account in _courted(home) if account in roles)

    def share(self, roles: Iterable[WorldRole], of: Counter[str] | None = None) -> tuple[int, int]:
        """Listed accounts of these roles, and all."""
        counted = self.listed if of is None else of
        names = [role.value for role in roles]
        return sum(counted[name] for name in names), sum(self.accounts[name] for name in names)


def _column_pairs(path: Path, first: str, second: str) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [(row[first], row[second]) for row in csv.DictReader(stream)]


def _slogan_counters(home: Path) -> list[str]:
    """Accounts with several posts, of whatever kind and about whatever, that hold a slogan."""
    matcher = Matcher([read_lists(home / "lists")["lamp_slogans"]])
    with Lake(home) as lake, lake.snapshot() as snapshot:
        posts = snapshot.scan("posts").select("account_id", "text", "links").collect()
    hits = pl.Series(matcher.hits(posts["text"], posts["links"]).count("lamp_slogans", posts.height))
    return posts.filter(hits > 0).group_by("account_id").len().filter(pl.col("len") >= NAIVE)["account_id"].to_list()


def _courted(home: Path) -> list[str]:
    book = read_book(home)
    with Lake(home) as lake, lake.snapshot() as snapshot:
        facts = replace(Facts.of(snapshot), listed=listed(snapshot))
        return courted(facts, RulesSignal(book.of(RuleState.LIVE), book.lists))["account_id"].to_list()


def interval(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Clopper and Pearson 1934)."""
    low = float(beta.ppf(0.025, hits, of - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, of - hits)) if hits < of else 1.0
    return low, high


def copy_rules(built: Built, home: Path) -> None:
    """The moderator's rules and lists into a home."""
    shutil.copytree(built.rules, home / "rules", dirs_exist_ok=True)
    shutil.copytree(built.lists, home / "lists", dirs_exist_ok=True)


def run() -> list[Result]:
    """Shares of roles above the line, pooled over the seeds, and what building a world costs."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        tally, worst = Tally(), 0.0
        for seed in SEEDS:
            one = Tally()
            _play(folder / str(seed), seed, one)
            hits, of = one.share(INNOCENT)
            worst = max(worst, hits / of)
            for mine, its in zip(_counters(tally), _counters(one), strict=True):
                mine.update(its)
            shutil.rmtree(folder / str(seed))
        return [
            _result("innocent", INNOCENT, tally, {"worst seed": round(worst, 4)}),
            *_each_role(tally),
            *_support(tally),
            *_cost(folder),
        ]
    finally:
        shutil.rmtree(folder)


def _counters(tally: Tally) -> tuple[Counter[Any], ...]:
    return tally.accounts, tally.listed, tally.naive, tally.by, tally.courted, tally.withheld


def _play(folder: Path, seed: int, tally: Tally) -> None:
    home = folder / "home"
    built = build(folder, seed, ACCOUNTS)
    process(COMMAND, "init", "--home", home)
    copy_rules(built, home)
    for words in (("load", "x", built.posts), ("seeds", "add", built.seeds)):
        process(COMMAND, *words, "--home", home)
    report = json.loads(process(COMMAND, "scan", "--json", "--home", home).out)
    tally.withheld.update(report["withheld"])
    found = process(COMMAND, "findings", "--json", "--home", home).out
    tally.add(built, map(json.loads, found.splitlines()), home)


def _each_role(tally: Tally) -> list[Result]:
    results = [_result("spreaders", SPREADERS, tally)]
    for role in WorldRole:
        by = {signal: float(count) for (its, signal), count in sorted(tally.by.items()) if its == role.value}
        results.append(_result(role.value, [role], tally, by))
    return results


def _support(tally: Tally) -> list[Result]:
    """Of at-risk accounts, how many the survey counts as courted; of all others, how many by mistake; and how many
    accounts were not listed since they speak against what they repeat."""
    risk = [WorldRole.AT_RISK]
    others = [role for role in WorldRole if role not in risk]
    shares = [
        Result(f"wargame_courted_{name}", hits / of, f"{hits}/{of} [{low:.4f}, {high:.4f}]")
        for name, roles in (("at_risk", risk), ("others", others))
        for hits, of in [tally.share(roles, tally.courted)]
        for low, high in [interval(hits, of)]
    ]
    by = {voice: float(count) for voice, count in sorted(tally.withheld.items())}
    return [*shares, Result("wargame_withheld", sum(by.values()), "accounts", sizes=by)]


def _result(name: str, roles: Iterable[WorldRole], tally: Tally, sizes: dict[str, float] | None = None) -> Result:
    roles = list(roles)
    hits, of = tally.share(roles)
    low, high = interval(hits, of)
    counted, _ = tally.share(roles, tally.naive)
    said = f"{hits}/{of} above the line [{low:.4f}, {high:.4f}]"
    return Result(f"wargame_{name}", hits / of, said, f"{NAIVE} posts with a slogan", counted / of, sizes=sizes or {})


_BUILD = """
import sys
from pathlib import Path
from seawall.wargame import build
print(build(Path(sys.argv[1]), 1, int(sys.argv[2])).written)
"""


def _cost(folder: Path) -> list[Result]:
    """Seconds and memory of building a small world and a large one."""
    small = process(_BUILD, folder / "small", ACCOUNTS)
    large = process(_BUILD, folder / "large", LARGE)
    sizes = {f"s for {LARGE:,} accounts": large.wall, "its posts": float(large.out), "its MiB": large.peak}
    return [Result("wargame_build", small.wall, f"s for {ACCOUNTS:,} accounts, {int(small.out):,} posts", sizes=sizes)]
