"""seawall evaluate rules: how well a home's live rules do on posts or accounts that people have labelled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli.evaluated import say_rejected
from seawall.cli.home import open_lake
from seawall.cli.terminal import counted, err, fail, out, print_json
from seawall.records.terms import Conduct, words

if TYPE_CHECKING:
    from seawall.measure.metrics import Interval
    from seawall.measure.rules import RulesEvaluation


def evaluate_rules(home: Path, truth: Path, conduct: str, rejects: Path | None, as_json: bool) -> None:
    """Read, ask, show. Ends with the reason if it cannot."""
    from seawall.measure import rules as measured  # noqa: PLC0415 - takes a second to import
    from seawall.measure.truth import TRANSFER, TruthError  # noqa: PLC0415
    from seawall.records.terms import RuleState  # noqa: PLC0415
    from seawall.signals.rules import RuleError, RulesSignal, read_book  # noqa: PLC0415

    if conduct and conduct not in words(Conduct):
        fail(f"there is no conduct '{conduct}'. Known are: {', '.join(words(Conduct))}.")
    try:
        book = read_book(home)
        signal = RulesSignal(book.of(RuleState.LIVE), book.lists)
        read = measured.read_labelled(truth)
        say_rejected(read.rejected, rejects)
        if read.of_posts:
            found = measured.evaluate_rules(read, signal, conduct)
        else:
            with open_lake(home) as lake:
                found = measured.evaluate_rules(read, signal, conduct, lake)
    except (TruthError, RuleError) as error:
        fail(str(error))
    if found.left_out:
        err.print(
            f"Left out: {counted(found.left_out, 'row')} of other conduct, or without a post in the lake.",
            style="yellow",
        )
    if as_json:
        print_json(found.as_dict() | {"rejected": len(read.rejected)})
        return
    _show(found)
    out.print(f"\n{TRANSFER}", style="dim")


def _show(found: RulesEvaluation) -> None:
    from seawall.measure.metrics import PREVALENCES  # noqa: PLC0415

    what = "post" if found.of_posts else "account"
    out.print(f"{counted(found.positives, f'labelled {what}')} of conduct, {found.negatives:,} others", style="bold")
    heads = "".join(f"{f'precision at {share:.1%}':>28}" for share in PREVALENCES)
    out.print(f"  {'score':<8}{'recall':<26}{'false positives':<28}{heads}  (at worst)")
    for at in found.lines:
        name = f"{at.line:.1f}" if at.line else "any"
        shares = "".join(f"{value:>18.1%} ({worst:>6.1%})" for value, worst in map(at.precision, PREVALENCES))
        out.print(f"  {name:<8}{_percent(at.recall):<26}{_percent(at.fpr, 3):<28}{shares}")
    if found.languages:
        out.print("\nBy language: conduct that any rule matched, and others")
        for name, (positives, hit, negatives, wrongly) in found.languages.items():
            out.print(f"  {name:<8}{hit:,} of {positives:,}   {wrongly:,} of {negatives:,}", markup=False)
    if found.rules:
        out.print("\nBy rule: conduct that it matched, and others")
        for name, (positives, negatives) in found.rules.items():
            out.print(f"  {name:<36}{positives:>8,}{negatives:>8,}", markup=False)
    else:
        out.print("\nNo rule matched anything.")


def _percent(i: Interval, places: int = 1) -> str:
    return f"{i.value:.{places}%} ({i.low:.{places}%} to {i.high:.{places}%})"
