"""seawall stream: the hot path, from bytes to facts and matches, on every core."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake, platform_name
from seawall.cli.terminal import err, fail, out, print_json, progress
from seawall.lake import Lake, LakeError
from seawall.signals.contract import SignalError
from seawall.sources.contract import SourceError
from seawall.sources.x import XSource

if TYPE_CHECKING:
    from seawall.stream.flow import StreamReport
    from seawall.stream.marking import Recipe

LINES = {"x": XSource}  # sources whose lines can be shared among workers
_MEBIBYTE = 1024 * 1024


def stream(
    source: Annotated[str, typer.Argument(help=f"Kind of input: {', '.join(LINES)}.")],
    paths: Annotated[list[Path], typer.Argument(help="Files: plain, .gz or .zst; '-' for what comes on stdin.")],
    home: Home = DEFAULT,
    platform: Annotated[str | None, typer.Option(help="Platform the posts are of; default: the source's name.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes; default: one a core.")] = None,
    shed: Annotated[
        int | None,
        typer.Option(min=1, help="stdin only: let lines go, counted, once so many MiB wait. Default: it waits."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in posts at full speed, and note as they pass which rules match, their language and, with a text model,
    their score. Safe to interrupt: the same command goes on after what was acknowledged."""
    if source not in LINES:
        fail(f"'{source}' cannot be streamed; it can be loaded: seawall load {source}. Known are: {', '.join(LINES)}.")
    if shed and paths != [Path("-")]:
        fail("--shed is for stdin ('-'): a file waits.")
    missing = [str(path) for path in paths if str(path) != "-" and not path.is_file()]
    if missing:
        fail(f"no such file: {', '.join(missing)}. Check the path.")
    reader = LINES[source](platform_name(platform) if platform else source)
    with open_lake(home) as lake:
        recipe = _recipe(home)
        for path in paths:
            report = _one(lake, reader, path, recipe, workers, shed, as_json)
            if as_json:
                print_json(report.as_dict())
            else:
                _summary(report, recipe, lake)


def _recipe(home: Path) -> Recipe:
    from seawall.signals.rules import RuleError  # noqa: PLC0415 - the engines take a second to import
    from seawall.stream.recipe import recipe_of  # noqa: PLC0415

    try:
        return recipe_of(home)
    except (RuleError, SignalError) as error:
        fail(str(error))


def _one(
    lake: Lake, reader: XSource, path: Path, recipe: Recipe, workers: int | None, shed: int | None, as_json: bool
) -> StreamReport:
    from seawall.stream.flow import run_file, run_live  # noqa: PLC0415
    from seawall.stream.inputs import BLOCK, Policy  # noqa: PLC0415
    from seawall.stream.parts import StreamError  # noqa: PLC0415

    began = time.monotonic()
    live = str(path) == "-"
    with progress("{task.fields[rate]}") as bar:
        task = bar.add_task(str(path), total=None if live else path.stat().st_size, rate="")

        def acknowledged(so_far: StreamReport, position: int) -> None:
            bar.update(task, completed=position, rate=_rate(so_far, time.monotonic() - began))
            if live and as_json:  # the sender may forget what is acknowledged
                print_json({"acknowledged": so_far.read, "shed": so_far.shed}, at_once=True)

        try:
            if live:
                policy = Policy(shed=shed * _MEBIBYTE if shed else None)
                return run_live(lake, reader, sys.stdin.buffer, recipe, policy, acknowledged, workers)
            little = workers is None and path.stat().st_size < BLOCK
            return run_file(lake, reader, path, recipe, acknowledged, 0 if little else workers)
        except (SourceError, StreamError, LakeError) as error:
            fail(str(error))
        except KeyboardInterrupt:
            err.print("\nStopped. What was acknowledged is kept; the same command goes on there.", style="yellow")
            raise typer.Exit(130) from None


def _rate(so_far: StreamReport, elapsed: float) -> str:
    rate = (so_far.read - so_far.resumed_at) / elapsed if elapsed else 0
    words = f"{rate:,.0f} lines/s  {sum(so_far.matches.values()):,} matches"
    return words + (f"  {so_far.shed:,} let go" if so_far.shed else "")


def _summary(report: StreamReport, recipe: Recipe, lake: Lake) -> None:
    resumed = f" (went on after line {report.resumed_at:,})" if report.resumed_at else ""
    out.print(
        f"{report.path.name}: read {report.read:,}{resumed} = loaded {report.loaded:,} + rejected {report.rejected:,}; "
        f"{report.posts:,} posts are new",
        markup=False,
    )
    for rule, count in report.matches.most_common():
        out.print(f"  {rule:<40} matched {count:>8,} posts", markup=False)
    if not report.matches:
        out.print("  no rule matched")
    if recipe.model is None:
        out.print("  no text score: this home has no text model. Fit one to its seeds: seawall textscore fit")
    for reason, count in report.reasons.most_common(10):
        out.print(f"  rejected {count:,}: {reason}", markup=False)
    if report.shed:
        err.print(f"  {report.shed:,} lines were let go because they came too fast", style="yellow")
    for rule, why in report.stopped.items():
        err.print(f"  rule {rule} was stopped: {why}. Look at it: seawall rules list", style="yellow", markup=False)
    if report.lost:
        err.print(f"  {report.lost} worker processes died and were replaced; nothing was lost", style="yellow")
    if report.rejected:
        out.print(f"  rejects are in {lake.home}/rejects, with line number and reason", markup=False)
    out.print("Matches become findings at the next scan: seawall scan", markup=False)
