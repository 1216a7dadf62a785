"""seawall evaluate: how well a signal does on accounts that people have labelled."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.evaluate_rules import evaluate_rules
from seawall.cli.evaluated import OTHERS, Asked, evaluate_other, say_rejected
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, err, fail, noun, out, print_json, telling

if TYPE_CHECKING:
    from seawall.measure.evaluate import AtK, Evaluation
    from seawall.measure.floods import Floods
    from seawall.measure.metrics import Interval
    from seawall.measure.returns import ReturnsEvaluation
    from seawall.measure.truth import Rejected

_METHODS = {"signal": "supporters", "baseline": "plain baseline", "post_count": "post count"}


def evaluate(
    signal: Annotated[
        str, typer.Argument(help="Which signal: supporters, floods, returns, coordination, distributors, media, rules.")
    ],
    truth: Annotated[
        Path,
        typer.Option(
            help="CSV. supporters: platform, account, role, label, family (returns: no label). coordination: platform, "
            "account, group. distributors: platform, account, part; or platform, account, by, at. media: platform, "
            "post, entry; or first, second, same. floods: JSON, windows by file name. "
            "rules: text, label (maybe lang, kind); or platform, account, label; both maybe conduct, family."
        ),
    ],
    series: Annotated[
        list[Path] | None, typer.Argument(help="floods: CSV files with columns timestamp, value.")
    ] = None,
    home: Home = DEFAULT,
    k: Annotated[
        str, typer.Option("--k", help="Posts a side (distributors: accounts chosen), separated by commas.")
    ] = "5,20",
    scores: Annotated[Path | None, typer.Option(help="Write every test account's scores to this CSV.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Write the reliability diagram to this SVG file (supporters).")
    ] = None,
    splits: Annotated[int, typer.Option(min=1, help="Divide the positive families anew so many times.")] = 1,
    rejects: Annotated[
        Path | None, typer.Option(help="Write lines of the truth file that cannot be used to this CSV, and why.")
    ] = None,
    files: Annotated[
        Path | None, typer.Option(help="media, pairs: the folder, or .zip, that the pictures are in.")
    ] = None,
    conduct: Annotated[str, typer.Option(help="rules: only those of one conduct, such as threat.")] = "",
    as_json: AsJson = False,
) -> None:
    """Measure a signal on what people have labelled. supporters: accounts whose posts are in the lake; fits on seed
    and background rows only, scores test rows only, everyone cut to the latest K posts. floods: series of counts with
    labelled windows; nothing is fitted. The others are asked as a scan asks them, and nothing is fitted either."""
    _fitting(signal, series, conduct)
    if signal == "floods":
        _floods(truth, series or [], rejects, as_json)
        return
    if signal == "rules":
        evaluate_rules(home, truth, conduct, rejects, as_json)
        return
    if signal == "returns":
        _returns(home, truth, scores, rejects, as_json)
        return
    if signal in OTHERS:
        if scores:
            fail(f"{signal} has no scores of accounts to write; leave out --scores.")
        evaluate_other(signal, Asked(home, truth, rejects, files, _numbers(k)), as_json)
        return
    if signal != "supporters":
        known = ", ".join(("supporters", "floods", "returns", "rules", *OTHERS))
        fail(f"'{signal}' cannot be evaluated. Known are: {known}.")
    for path in filter(None, (scores, picture)):
        path.touch()  # better refused now than after the work
    _supporters(Asked(home, truth, rejects, files, _numbers(k)), scores, picture, splits, as_json)


def _supporters(asked: Asked, scores: Path | None, picture: Path | None, splits: int, as_json: bool) -> None:
    from seawall.measure.evaluate import evaluate_supporters  # noqa: PLC0415 - takes a second to import
    from seawall.measure.truth import TRANSFER, TruthError, read_truth  # noqa: PLC0415

    rejected: list[Rejected] = []
    open_lake(asked.home).close()  # whether there is one is said before anything of the truth file
    try:
        rows = read_truth(asked.truth, rejected)
        say_rejected(rejected, asked.rejects)
        with open_lake(asked.home) as lake, telling() as tell:
            found = evaluate_supporters(lake, rows, asked.ks, splits, tell)
    except TruthError as error:
        fail(str(error))
    if scores:
        _write_scores(scores, found)
    _draw(picture, found)
    if found.not_in_lake:
        err.print(
            f"Left out of the truth file: {counted(found.not_in_lake, 'row')} without a post in the lake, or for the "
            "test of an account that another row names too.",
            style="yellow",
        )
    if as_json:
        print_json(found.as_dict())
    else:
        for at in found.at:
            _show(at, found.splits)
        out.print(f"\n{TRANSFER}", style="dim")


def _draw(picture: Path | None, found: Evaluation) -> None:
    from seawall.measure.reliability_plot import reliability_svg  # noqa: PLC0415

    if picture:
        picture.write_text(reliability_svg([(at.k, at.reliability) for at in found.at]), "utf-8")


def _fitting(signal: str, series: list[Path] | None, conduct: str) -> None:
    if conduct and signal != "rules":
        fail(f"only rules are of a conduct; '{signal}' takes none.")
    if series and signal != "floods":
        fail(f"only floods are evaluated on series; '{signal}' takes none.")


def _floods(truth: Path, series: list[Path], rejects: Path | None, as_json: bool) -> None:
    from seawall.measure.floods import evaluate_floods, read_series  # noqa: PLC0415 - takes a second to import
    from seawall.measure.truth import TruthError  # noqa: PLC0415

    if not series:
        fail("floods are evaluated on series: seawall evaluate floods --truth WINDOWS.json SERIES.csv ...")
    rejected: list[Rejected] = []
    try:
        rows = read_series(series, truth, rejected)
        say_rejected(rejected, rejects)
        found = evaluate_floods(rows)
    except TruthError as error:
        fail(str(error))
    if as_json:
        print_json({method: its.as_dict() for method, its in found.items()})
        return
    for method, its in found.items():
        _show_floods("floods" if method == "floods" else "plain rule: above the .999 quantile of seven days", its)


def _show_floods(title: str, its: Floods) -> None:
    between = f" ({its.low:.3f} to {its.high:.3f} over series)" if its.low is not None else ""
    out.print(f"\n{title}", style="bold")
    out.print(
        f"  event F1 {its.f1:.3f}{between}   precision {its.precision:.3f}   recall {its.recall:.3f} of {its.windows}"
    )
    out.print(f"  {counted(its.false_events, 'false event')}")
    if its.median_minutes is not None:
        out.print(
            f"  first alarm, median: {its.median_minutes:,.0f} min after a window begins, "
            f"{its.median_from_middle:+,.0f} min from its middle"
        )
    for name, told in its.series.items():
        out.print(
            f"  {name:<30} {told.found} of {told.windows} found, {told.false_events} false, "
            f"{told.alarms_in_windows} of {counted(told.alarms, 'alarm')} in windows",
            markup=False,
        )


def _returns(home: Path, truth: Path, scores: Path | None, rejects: Path | None, as_json: bool) -> None:
    from seawall.measure.returns import evaluate_returns, read_returns  # noqa: PLC0415
    from seawall.measure.truth import TRANSFER, TruthError  # noqa: PLC0415

    open_lake(home).close()
    if scores:
        scores.touch()
    rejected: list[Rejected] = []
    try:
        rows = read_returns(truth, rejected)
        say_rejected(rejected, rejects)
        with open_lake(home) as lake, telling() as tell:
            found = evaluate_returns(lake, rows, tell)
    except TruthError as error:
        fail(str(error))
    if scores:
        with scores.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["family", "has_parent", "probability", "right", "rank_of_50"])
            for j in found.judged:
                rank = "" if j.rank is None else f"{j.rank:g}"
                writer.writerow([j.family, int(j.has_parent), f"{j.probability:.6f}", int(j.right), rank])
    if found.not_in_lake:
        err.print(
            f"Left out: {counted(found.not_in_lake, 'row')} of accounts that are not in the lake.", style="yellow"
        )
    if as_json:
        print_json(found.as_dict())
    else:
        _show_returns(found)
        out.print(f"\n{TRANSFER}", style="dim")


def _show_returns(found: ReturnsEvaluation) -> None:
    newcomers = counted(found.newcomers, "newcomer")
    out.print(f"{newcomers}, {found.with_parent:,} with a parent among {found.suspended:,} suspended", style="bold")
    for name, title in _RETURNS.items():
        out.print(f"  {title:<42}{_range(found.metrics[name])}")
    out.print("\nFrom this probability on     said to return    precision    recall")
    for line, said, precision, recall in found.line:
        out.print(f"  {line:<24.2f}{said:>17,}{precision:>13.1%}{recall:>10.1%}")


_RETURNS = {
    "precision_at_recall_80": "Precision at recall .8 (0: never reached)",
    "recall_at_precision_95": "Recall at precision .95",
    "precision_at_line": "Precision at the line",
    "recall_at_line": "Recall at the line",
    "mrr_of_50": "Mean reciprocal rank among 50",
}


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError:
        numbers = [0]
    if min(numbers) < 1:
        fail(f"--k takes whole numbers of posts, for example 5,20; not {text!r}.")
    return numbers


def _write_scores(path: Path, found: Evaluation) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["platform", "account", "family", "label", "k", "split", "score", "baseline", "post_count"])
        for s in found.scored:
            about = (s.row.platform, s.row.account, s.row.family, int(s.row.positive), s.k, s.split)
            writer.writerow([*about, f"{s.score:.6f}", f"{s.baseline:.6f}", s.posts])


def _show(at: AtK, splits: int) -> None:
    of = f", mean of {splits} splits" if splits > 1 else ""
    both = f"{at.positives:g} {noun(at.positives, 'supporter')}, {at.negatives:g} {noun(at.negatives, 'other')}"
    out.print(
        f"\nK = {at.k}: {both}{of}; {at.left_out:,} with fewer posts left out",
        style="bold",
    )
    for metric, title, show in _METRICS:
        out.print(f"\n{title}")
        for method, name in _METHODS.items():
            out.print(f"  {name:<24}{show(at.metrics[method][metric])}")
        for method, apart in at.better_by.items():
            out.print(f"  minus {_METHODS[method]:<18}{show(apart[metric])}{_ratio(at, method, metric)}")
    shares = list(at.precision("signal"))
    out.print("\nPrecision at recall .8, if this share of all accounts were supporters")
    out.print(f"  {'':<24}" + "".join(f"{share:>10.1%}" for share in shares))
    for method, name in _METHODS.items():
        out.print(f"  {name:<24}" + "".join(f"{value:>10.1%}" for value in at.precision(method).values()))
    out.print("\nWhere the line is drawn, and precision if this share of all accounts were supporters")
    out.print(f"  {'score':<8}{'recall':<24}{'false positives':<24}" + "".join(f"{share:>10.1%}" for share in shares))
    for at_line in at.lines:
        found = f"{_percent(at_line.recall):<24}{_percent(at_line.fpr):<24}"
        out.print(f"  {at_line.line:<8.1f}{found}" + "".join(f"{at_line.precision(share):>10.1%}" for share in shares))
    out.print("\nReliability: what the score said, and what was so among the test accounts")
    for b in at.reliability:
        said = f"  {b.low:.1f} to {b.high:.1f}   mean score {b.mean_score:.2f}"
        out.print(f"{said}   supporters {b.positive_share:>6.1%} of {b.accounts:,}")


def _ratio(at: AtK, method: str, metric: str) -> str:
    other = at.metrics[method][metric].value
    return f", ratio {at.metrics['signal'][metric].value / other:.2f}" if metric == "fpr" and other else ""


def _range(i: Interval) -> str:
    return f"{i.value:.3f} ({i.low:.3f} to {i.high:.3f})"


def _percent(i: Interval) -> str:
    return f"{i.value:.1%} ({i.low:.1%} to {i.high:.1%})"


_METRICS = (
    ("auc", "AUC", _range),
    ("ap", "Average precision", _range),
    ("fpr", "False positives at recall .8", _percent),
)
