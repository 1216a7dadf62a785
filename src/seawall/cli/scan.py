"""seawall scan: every signal over the lake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli.desk import has_desk, open_desk
from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import counted, err, fail, noun, out, print_json, telling
from seawall.grounds.seeds import Seeds, SeedsError
from seawall.lake import LakeError

if TYPE_CHECKING:
    from seawall.cases.candidates import Synced
    from seawall.signals.contract import Tell
    from seawall.signals.scan import ScanReport
    from seawall.signals.surveys import SurveyReport


def scan(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Run every signal over the lake; where there is a desk, its cases learn the result. Own rules in HOME/rules and
    HOME/lists run beside the shipped ones."""
    from seawall.signals.home import replaced  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.rules.lists import RuleError  # noqa: PLC0415

    open_lake(home).close()
    for path in replaced(home):
        err.print(f"{path} replaces the shipped {path.stem}", style="yellow", markup=False)
    with telling() as tell:
        try:
            report, synced = _scan(home, tell)
            surveyed = _survey(home, tell)
        except (RuleError, SeedsError, LakeError) as error:
            fail(str(error))
    if as_json:
        print_json({**asdict(report), "surveys": asdict(surveyed), **({"cases": asdict(synced)} if synced else {})})
        return
    _say(report, surveyed, synced)


def _scan(home: Path, tell: Tell) -> tuple[ScanReport, Synced | None]:
    if has_desk(home):
        open_desk(home)
        from seawall.cases.scanning import scan_home  # noqa: PLC0415 - needs the ledger

        return scan_home(home, tell)
    from seawall.signals.home import signals_of  # noqa: PLC0415
    from seawall.signals.scan import scan as scan_lake  # noqa: PLC0415

    with open_lake(home) as lake:
        return scan_lake(lake, signals_of(home), Seeds(home).live(), tell), None


def _survey(home: Path, tell: Tell) -> SurveyReport:
    from seawall.signals.home import surveys  # noqa: PLC0415
    from seawall.signals.surveys import survey  # noqa: PLC0415

    with open_lake(home) as lake:
        return survey(lake, surveys(home), tell)


def _say(report: ScanReport, surveyed: SurveyReport, synced: Synced | None) -> None:
    out.print(f"Scanned {counted(report.posts, 'post')} (lake version {report.version}).")
    for signal, count in report.findings.items():
        out.print(f"  {signal:<11} {count:>7,} {noun(count, 'finding')} above the line")
    for survey, count in surveyed.found.items():
        what, where = _ABOUT[survey]
        out.print(f"  {survey:<11} {count:>7,} {what(count)}, no ground against anybody: {where}")
    for rule, count in report.shadow.items():
        accounts = noun(count, "account")
        out.print(f"  {'shadow':<11} {count:>7,} {accounts} would be listed by {rule}, which is on trial", markup=False)
    if report.topic_only:
        accounts = noun(report.topic_only, "account")
        out.print(
            f"  {'topic only':<11} {report.topic_only:>7,} {accounts} not listed: alike in what they speak of alone"
        )
    for voice, count in report.withheld.items():
        out.print(f"  {'withheld':<11} {count:>7,} {noun(count, 'account')} not listed for spreading: {_VOICES[voice]}")
    for signal, why in (report.not_run | surveyed.not_run).items():
        err.print(f"  {signal:<11} did not run: {why}", style="yellow", markup=False)
    out.print(f"{counted(report.accounts_above_line, 'account')} above the line." + _next(report))
    if synced:
        out.print(f"Cases: {synced.new:,} new, {synced.renewed:,} with new findings, {synced.closed_again:,} back.")


_ABOUT: dict[str, tuple[Callable[[int], str], str]] = {
    "coordination": (lambda count: noun(count, "campaign"), "seawall coordination"),
    "floods": (lambda count: f"{noun(count, 'burst')} of tags, links and mentions", "seawall floods"),
    "network": (lambda count: f"{noun(count, 'point')} of the network map", "seawall up, Surveys"),
    "support": (lambda count: f"{noun(count, 'group')} of people whom a network courts", "seawall support"),
}

_VOICES = {
    "reports": "what they do with it is reporting",
    "argues": "they argue against what they repeat",
    "hunts": "they name and report the network's accounts",
}


def _next(report: ScanReport) -> str:
    if not report.posts:
        return " The lake is empty: seawall load"
    return " Next: seawall findings, or seawall up for the desk" if report.accounts_above_line else ""
