"""seawall scan: every signal over the lake."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import err, fail, out, print_json, telling
from seawall.grounds.seeds import Seeds, SeedsError
from seawall.lake import LakeError

if TYPE_CHECKING:
    from seawall.signals.contract import Signal


def scan(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Run every signal over the lake. Own rules in HOME/rules and HOME/lists run beside the shipped ones."""
    from seawall.signals.rules.lists import RuleError  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.scan import scan as scan_lake  # noqa: PLC0415

    with open_lake(home) as lake:
        try:
            signals, seeds = _signals(home), Seeds(home).live()
        except (RuleError, SeedsError) as error:
            fail(str(error))
        with telling() as tell:
            try:
                report = scan_lake(lake, signals, seeds, tell)
            except LakeError as error:
                fail(str(error))
    if as_json:
        print_json(asdict(report))
        return
    out.print(f"Scanned {report.posts:,} posts (lake version {report.version}).")
    for signal, count in report.findings.items():
        out.print(f"  {signal:<11} {count:>7,} findings above the line" + _of(signals, signal))
    for signal, why in report.not_run.items():
        err.print(f"  {signal:<11} did not run: {why}", style="yellow", markup=False)
    out.print(
        f"{report.accounts_above_line:,} accounts above the line." + _next(report.posts, report.accounts_above_line)
    )


def _of(signals: list[Signal], name: str) -> str:
    rules = next((getattr(signal, "rules", None) for signal in signals if signal.name == name), None)
    return f", of {len(rules)} rules" if rules is not None else ""


def _next(posts: int, accounts: int) -> str:
    if not posts:
        return " The lake is empty: seawall load"
    return " Next: seawall findings" if accounts else ""


def _signals(home: Path) -> list[Signal]:
    from seawall.signals.rules.files import SHIPPED, read_rules  # noqa: PLC0415
    from seawall.signals.rules.lists import SHIPPED_LISTS, read_lists  # noqa: PLC0415
    from seawall.signals.rules.signal import checked  # noqa: PLC0415
    from seawall.signals.supporters import SupportersSignal  # noqa: PLC0415

    for folder, shipped, ending in ((home / "lists", SHIPPED_LISTS, "*.txt"), (home / "rules", SHIPPED, "*.toml")):
        for path in sorted(folder.glob(ending)):
            if (shipped / path.name).exists():
                err.print(f"{path} replaces the shipped {path.stem}", style="yellow", markup=False)
    lists = read_lists(SHIPPED_LISTS, home / "lists")
    return [checked(read_rules(lists, SHIPPED, home / "rules"), lists), SupportersSignal()]
