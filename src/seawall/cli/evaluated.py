"""seawall evaluate: coordination, distributors and media, and which lines of a truth file could not be used."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from seawall.cli.home import open_lake
from seawall.cli.terminal import counted, err, fail, out, print_json, telling

if TYPE_CHECKING:
    from seawall.measure.coordination import CoordinationEvaluation
    from seawall.measure.distributors import LaterEvaluation, PartsEvaluation
    from seawall.measure.media import PairsEvaluation, PostedEvaluation
    from seawall.measure.metrics import Interval
    from seawall.measure.shares import LineAt
    from seawall.measure.truth import Rejected

OTHERS = ("coordination", "distributors", "media")
_SAID = 3  # lines


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line."""

    home: Path
    truth: Path
    rejects: Path | None
    files: Path | None
    ks: list[int]


class _Found(Protocol):
    def as_dict(self) -> dict[str, object]: ...


_Told = tuple[_Found, Callable[[], None]]  # what was measured, and how it is shown


def say_rejected(rejected: Sequence[Rejected], to: Path | None) -> None:
    """Count lines that were left out, with the first reasons, and write all to a file if one is named."""
    if to:
        with to.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["line", "reason", "raw"])
            writer.writerows([its.line or "", its.reason, its.raw] for its in rejected)
    if not rejected:
        return
    where = f"all of them, with reasons: {to}" if to else "--rejects OUT.csv writes all of them"
    err.print(f"{counted(len(rejected), 'line')} cannot be used; {where}.", style="yellow")
    for its in rejected[:_SAID]:
        line = f"line {its.line}: " if its.line else ""
        err.print(f"  {line}{its.reason}", style="yellow", markup=False)


def evaluate_other(signal: str, its: Asked, as_json: bool) -> None:
    """Evaluate coordination, distributors or media, and show it."""
    from seawall.measure.truth import TRANSFER, TruthError  # noqa: PLC0415 - takes a second to import
    from seawall.signals.contract import SignalError  # noqa: PLC0415

    if its.rejects:
        its.rejects.touch()  # better refused now than after the work
    if its.files and signal != "media":
        fail(f"--files goes with pairs of pictures, and {signal} has none.")
    try:
        found, show = {"coordination": _coordination, "distributors": _distributors, "media": _media}[signal](its)
    except (TruthError, SignalError) as error:
        fail(str(error))
    if as_json:
        print_json(found.as_dict())
        return
    show()
    out.print(f"\n{TRANSFER}", style="dim")


def _coordination(its: Asked) -> _Told:
    from seawall.measure.coordination import evaluate_coordination, read_groups  # noqa: PLC0415

    rejected: list[Rejected] = []
    rows = read_groups(its.truth, rejected)
    say_rejected(rejected, its.rejects)
    with open_lake(its.home) as lake, telling() as tell:
        found = evaluate_coordination(lake, rows, tell)
    _say_left(found.not_in_lake)
    return found, partial(_show_coordination, found)


def _distributors(its: Asked) -> _Told:
    from seawall.measure import distributors as d  # noqa: PLC0415

    rejected: list[Rejected] = []
    rows = d.read_parts_or_later(its.truth, rejected)
    say_rejected(rejected, its.rejects)
    parts = [row for row in rows if isinstance(row, d.PartRow)]
    with open_lake(its.home) as lake:
        if not parts:
            later = d.evaluate_later(lake, [row for row in rows if isinstance(row, d.LaterRow)], its.ks)
            return later, partial(_show_later, later)
        found = d.evaluate_parts(lake, parts)
    _say_left(found.not_in_lake)
    return found, partial(_show_parts, found)


def _media(its: Asked) -> _Told:
    from seawall.measure import media as m  # noqa: PLC0415
    from seawall.media.shelf import MediaError, Shelf  # noqa: PLC0415

    rejected: list[Rejected] = []
    rows = m.read_posted_or_pairs(its.truth, rejected)
    pairs = [row for row in rows if isinstance(row, m.PairRow)]
    if bool(pairs) != bool(its.files):
        fail("pairs of pictures need --files FOLDER, and posts take none: their hashes are in the lake.")
    if its.files:
        try:
            with telling() as tell:
                compared = m.evaluate_pairs(Shelf(its.files), pairs, rejected, tell)
        except MediaError as error:
            fail(str(error))
        say_rejected(rejected, its.rejects)
        return compared, partial(_show_pairs, compared)
    say_rejected(rejected, its.rejects)
    with open_lake(its.home) as lake, telling() as tell:
        found = m.evaluate_posted(its.home, lake, [row for row in rows if isinstance(row, m.PostedRow)], tell)
    for count, why in (
        (found.not_hashed, "a post without hashes in the lake: seawall media hash FOLDER"),
        (found.no_bank, "an entry that no bank holds"),
    ):
        if count:
            err.print(f"Left out of the truth file: {counted(count, 'row')} with {why}.", style="yellow")
    return found, partial(_show_posted, found)


def _say_left(rows: int) -> None:
    if rows:
        err.print(
            f"Left out of the truth file: {counted(rows, 'row')} of accounts that are not in the lake, or stand in "
            "another row by another name.",
            style="yellow",
        )


def _show_coordination(found: CoordinationEvaluation) -> None:
    groups = len(found.groups)
    out.print(
        f"{counted(found.in_groups, 'account')} in {counted(groups, 'group')}, {found.in_none:,} in none; "
        f"{counted(found.campaigns, 'campaign')} in the lake, {found.unlabelled:,} without a labelled account",
        style="bold",
    )
    _show_metrics(found.metrics, _COORDINATION)
    out.print("\nGroup                     accounts  in a campaign  together  others with them")
    for its in found.groups:
        name = its.group if len(its.group) <= _NAME else its.group[: _NAME - 1] + "…"
        told = f"{its.accounts:>8,}{its.found:>15,}{its.together:>10,}{its.others:>18,}"
        out.print(f"{name:<26}{told}", markup=False)
    _show_lines("Partners", found.lines, "accounts were in groups", "{:.0f}")
    out.print("\nTo act together is no ground against anybody.")


_NAME = 25


def _show_parts(found: PartsEvaluation) -> None:
    out.print(f"{counted(found.accounts, 'account')}", style="bold")
    _show_metrics(found.metrics, {name: name.replace("_", ", ").capitalize() for name in found.metrics})
    out.print(f"  {'Accuracy of saying the commonest part':<44}{found.commonest:.3f}")
    names = list(found.confusion)
    out.print(f"\n{'Is, and is said to be':<24}" + "".join(f"{name:>13}" for name in names))
    for true, said in found.confusion.items():
        if any(said.values()):
            out.print(f"  {true:<22}" + "".join(f"{said[name]:>13,}" for name in names))
    _show_lines("Reach", found.lines, "accounts were origins or distributors", "{:.0f}")


def _show_later(found: LaterEvaluation) -> None:
    out.print(
        f"{counted(found.reposts, 'later repost')}, learned from posts before {found.before:%Y-%m-%d %H:%M}; "
        f"{found.of_unknown:,} of accounts that were unknown then",
        style="bold",
    )
    for held in found.at:
        out.print(f"\nShare held by {held.k} accounts")
        out.print(f"  {'distributors':<24}{_range(held.signal)}")
        out.print(f"  {'plain repost counts':<24}{_range(held.plain)}")
        out.print(f"  {'apart, paired':<24}{held.apart.value:+.4f} ({held.apart.low:+.4f} to {held.apart.high:+.4f})")
        out.print(f"  {'best in hindsight':<24}{held.best:.3f}")


def _show_posted(found: PostedEvaluation) -> None:
    out.print(
        f"{counted(found.known, 'row')} with an entry, {found.others:,} with none; "
        f"{found.unhashable:,} without a hash but of the file",
        style="bold",
    )
    _show_metrics(found.metrics, _MEDIA)
    _show_lines("Score", found.lines, "files stood in a bank", "{:.2f}")


def _show_pairs(found: PairsEvaluation) -> None:
    out.print(
        f"{counted(found.same, 'pair')} of one picture, {found.different:,} of two; "
        f"{found.unhashable:,} with too little in one to hash it",
        style="bold",
    )
    _show_metrics(found.metrics, _MEDIA)
    for title, bits in (("Furthest of one", found.furthest_same), ("Nearest of two", found.nearest_different)):
        if bits is not None:
            out.print(f"  {title:<44}{bits} bits")
    _show_lines("Bits", [_turned(line) for line in found.lines], "pairs were one picture", "{:.0f}")


def _turned(line: LineAt) -> LineAt:
    """Lines in bits are kept below zero: nearer is more."""
    return replace(line, line=-line.line)


def _show_metrics(metrics: Mapping[str, Interval], titles: Mapping[str, str]) -> None:
    for name, title in titles.items():
        if name in metrics and isfinite(metrics[name].value):
            out.print(f"  {title:<44}{_range(metrics[name])}")


def _show_lines(title: str, lines: Sequence[LineAt], what: str, form: str) -> None:
    if not lines:
        return
    from seawall.measure.metrics import PREVALENCES  # noqa: PLC0415

    out.print(f"\nWhere the line is drawn, and precision if this share of all {what} (in brackets: at least)")
    shares = "".join(f"{share:>20.1%}" for share in PREVALENCES)
    out.print(f"  {title:<10}{'recall':<26}{'false positives':<26}{shares}")
    for line in lines:
        both = f"{_percent(line.recall):<26}{_percent(line.fpr):<26}"
        told = [line.precision(share) for share in PREVALENCES]
        precision = "".join(f"{f'{value:.1%} ({least:.1%})':>20}" for value, least in told)
        out.print(f"  {form.format(line.line):<10}{both}{precision}")


def _range(its: Interval) -> str:
    return f"{its.value:.3f} ({its.low:.3f} to {its.high:.3f})"


def _percent(its: Interval) -> str:
    return f"{its.value:.1%} ({its.low:.1%} to {its.high:.1%})"


_COORDINATION = {
    "recall": "Accounts of groups in a campaign",
    "flagged_of_none": "Accounts of no group in a campaign",
    "groups_found": "Groups, half of which stand in one campaign",
    "groups_alone": "Of these, without any other account",
    "pair_recall": "Pairs of a group in one campaign",
    "pair_precision": "Pairs in one campaign that are of a group",
}
_MEDIA = {
    "recall": "Found",
    "taken_for_another": "Taken for another entry",
    "false_positives": "False positives",
}
