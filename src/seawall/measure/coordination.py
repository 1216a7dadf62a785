"""Evaluating coordination on accounts whose groups are known.

The signal looks at the whole lake, as a scan does; only accounts of the truth file are counted. Groups are drawn whole
for intervals. A group that is found is no ground against anybody in it: what is measured is whether accounts act
together, not whether that is wrong.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from seawall.lake import Lake
from seawall.measure.metrics import Floats, Interval
from seawall.measure.naming import ids_of
from seawall.measure.shares import LineAt, as_json, draws, lines_at, of_draws, share
from seawall.measure.truth import TRANSFER, Cells, Rejected, TruthError, also, named, once, read_rows
from seawall.signals.contract import Facts, Tell, silent
from seawall.signals.coordination import CoordinationSurvey

COLUMNS = ("platform", "account", "group")
PARTNERS = (1, 2, 3, 5, 8, 12, 20)  # accounts that an account co-acts with: where a line could be drawn
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One account of a truth file of coordination; its group, or '' for one that is in none."""

    platform: str
    account: str
    group: str


@dataclass(frozen=True, slots=True)
class GroupTold:
    """What became of one group."""

    group: str
    accounts: int  # of it in the lake
    found: int  # in any campaign
    together: int  # in the campaign that holds most of them
    others: int  # labelled accounts of other groups or none in that campaign


@dataclass(slots=True)
class CoordinationEvaluation:
    """What was measured, each with its interval."""

    version: str
    campaigns: int
    unlabelled: int  # campaigns without an account of the truth file: nothing is known of them
    in_groups: int
    in_none: int
    not_in_lake: int
    metrics: dict[str, Interval]
    groups: list[GroupTold] = field(default_factory=list)
    lines: list[LineAt] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """What `seawall evaluate coordination --json` prints; it names no account."""
        return {
            "signal": "coordination",
            "version": self.version,
            "ground": False,
            "campaigns": self.campaigns,
            "campaigns_without_labelled_accounts": self.unlabelled,
            "accounts_in_groups": self.in_groups,
            "accounts_in_none": self.in_none,
            "accounts_not_in_lake": self.not_in_lake,
            "metrics": {name: as_json(found) for name, found in self.metrics.items()},
            "groups": [
                {"group": g.group, "accounts": g.accounts, "found": g.found, "together": g.together, "others": g.others}
                for g in self.groups
            ],
            "partners": [line.as_dict() for line in self.lines],
            "transfer": TRANSFER,
        }


def read_groups(path: Path, rejected: list[Rejected] | None = None) -> list[GroupRow]:
    """Read a truth file: CSV with platform, account, group (empty: in none).

    Lines that cannot be used are added to `rejected`. Raises TruthError with the first thing that is wrong with the
    rest.
    """
    rejected = [] if rejected is None else rejected
    seen: set[tuple[str, str]] = set()

    def row(cells: Cells) -> GroupRow:
        platform, account = once(named(cells), seen)
        return GroupRow(platform, account, cells["group"])

    rows = read_rows(path, COLUMNS, row, rejected)
    if not any(count > 1 for group, count in Counter(r.group for r in rows).items() if group):
        raise TruthError(f"{path}: has no group of two accounts or more{also(rejected)}")
    return rows


def evaluate_coordination(lake: Lake, rows: list[GroupRow], tell: Tell = silent) -> CoordinationEvaluation:
    """Find campaigns in the lake and hold them against the groups. Raises TruthError when no group is in the lake."""
    survey = CoordinationSurvey()
    with lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        ids = ids_of(facts, ((row.platform, row.account) for row in rows))
        there = _there(rows, ids)
        if not any(there.values()):
            raise TruthError("no account of a group is in the lake: seawall load")
        found = survey.survey(facts, tell).select(["members"]).to_pylist()
    campaign, partners = {}, {}
    for number, row in enumerate(found):
        for member in row["members"]:
            key = (str(member["platform"]), str(member["account_id"]))
            campaign[key], partners[key] = number, int(member["partners"])
    keys = list(there)
    group = np.array([there[key] for key in keys], dtype=str)
    at = np.array([campaign.get(key, _NOWHERE) for key in keys])
    family = [its or f" {platform} {account}" for its, (platform, account) in zip(group, keys, strict=True)]
    positive, flagged = group != "", at != _NOWHERE
    told = [_told(name, group, at) for name in sorted(set(group[positive].tolist()))]
    values = np.array([partners.get(key, 0) for key in keys], np.float64)
    names = np.array(family)
    return CoordinationEvaluation(
        survey.version,
        len(found),
        len(found) - len(set(at[flagged].tolist())),
        int(positive.sum()),
        int((~positive).sum()),
        len(rows) - len(keys),
        {
            "recall": share(flagged[positive], names[positive].tolist()),
            "flagged_of_none": share(flagged[~positive], names[~positive].tolist()),
            "groups_found": share(np.array([2 * t.together >= t.accounts for t in told]), [t.group for t in told]),
            "groups_alone": share(
                np.array([2 * t.together >= t.accounts and not t.others for t in told]), [t.group for t in told]
            ),
            **_pairs(at, family),
        },
        told,
        lines_at(PARTNERS, values, positive, family),
    )


def _there(rows: list[GroupRow], ids: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Accounts of the lake and their groups. An account that two lines name, by id and by handle, counts once."""
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        if (account := ids.get((row.platform, row.account.lower()))) is not None:
            group = found.setdefault((row.platform, account), row.group)
            if group != row.group:
                raise TruthError("the truth file names an account twice, by id and by handle, in two groups. Mend it.")
    return found


def _told(name: str, group: np.ndarray, at: np.ndarray) -> GroupTold:
    its = at[group == name]
    found = its[its != _NOWHERE]
    if not len(found):
        return GroupTold(name, len(its), 0, 0, 0)
    numbers, counts = np.unique(found, return_counts=True)
    best = int(np.argmax(counts))
    others = int(((at == numbers[best]) & (group != name)).sum())
    return GroupTold(name, len(its), len(found), int(counts[best]), others)


def _pairs(at: np.ndarray, family: list[str]) -> dict[str, Interval]:
    """Of pairs of one group, how many stand in one campaign; of labelled pairs in one campaign, how many are of one
    group. Accounts in no group are each a family of their own."""
    names, which, sizes = np.unique(np.array(family, dtype=str), return_inverse=True, return_counts=True)
    told = (sizes[which] > 1) | (at != _NOWHERE)  # who is alone and in no campaign makes no pair
    names, which, size = np.unique(names[which[told]], return_inverse=True, return_counts=True)
    at = at[told]
    times = draws(len(names))
    campaigns, number = np.unique(at, return_inverse=True)
    counts = np.zeros((len(campaigns), len(names)))
    np.add.at(counts, (number, which), 1)
    counts = counts[campaigns != _NOWHERE]
    same = times @ (counts * (counts - 1) / 2).sum(0)
    all_of = times @ (size * (size - 1) / 2)
    mixed: Floats = np.zeros(len(times))
    for its in counts:
        mixed += ((times @ its) ** 2 - times**2 @ its**2) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return {"pair_recall": of_draws(same / all_of), "pair_precision": of_draws(same / (same + mixed))}
