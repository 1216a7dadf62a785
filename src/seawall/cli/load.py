"""seawall load: exports into the lake."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake, platform_name
from seawall.cli.terminal import err, fail, out, print_json, progress
from seawall.lake import Lake
from seawall.sources.contract import Batch, Source, SourceError
from seawall.sources.kinds import KINDS
from seawall.sources.loading import LoadReport
from seawall.sources.loading import load as load_into
from seawall.sources.mapping import Mapping, guess, read_mapping
from seawall.sources.rows import header_of
from seawall.sources.table import TableSource

SOURCES = {name: kind.title for name, kind in KINDS.items() if kind.export} | {
    "table": "posts in CSV, JSON Lines, Parquet or XLSX",
}


# An account's profile of a day is a row of its own.
_ROWS = {"accounts": "profiles", "posts": "posts", "ties": "ties", "media": "media", "states": "states"}


def load(
    source: Annotated[
        str, typer.Argument(help="Kind of export: " + "; ".join(f"{k}: {v}" for k, v in SOURCES.items()))
    ],
    paths: Annotated[list[Path], typer.Argument(help="Files: plain, .gz or .zst.")],
    home: Home = DEFAULT,
    map_file: Annotated[Path | None, typer.Option("--map", help="Which column is which field (table only).")] = None,
    platform: Annotated[str | None, typer.Option(help="Platform the export is of; default: x for source x.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Use the guessed mapping without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Load exports into the lake. Safe to interrupt: the same command goes on where it stopped, and loading an
    export twice adds nothing. Damaged lines land in rejects/ with their reason; the rest goes on."""
    if source not in SOURCES:
        fail(f"there is no source '{source}'. Known are: {', '.join(SOURCES)}.")
    missing = [str(path) for path in paths if not path.exists()]
    folders = [str(path) for path in paths if path.is_dir()]
    if missing or folders:
        fail(
            f"{'no such file' if missing else 'a folder, not a file'}: {', '.join(missing or folders)}. Check the path."
        )
    where = platform_name(platform) if platform else None
    with open_lake(home) as lake:
        reports = [_load_one(lake, source, path, map_file, where, yes, as_json) for path in paths]
    useless = [report.path.name for report in reports if report and report.read and report.rejected == report.read]
    if useless:
        fail(
            f"not one line of {', '.join(useless)} could be loaded. The reasons are above and in {home}/rejects. "
            "Is it this kind of export? Is the time written in a form that needs a mapping (--map)?"
        )
    if None in reports:
        raise typer.Exit(1)  # each file that could not be read was named above; the others are loaded


def _load_one(
    lake: Lake, source: str, path: Path, map_file: Path | None, platform: str | None, yes: bool, as_json: bool
) -> LoadReport | None:
    """Load one file; one that cannot be read at all is named, and does not stop the others."""
    try:
        reader = _reader(source, path, map_file, platform, yes)
        with progress("{task.fields[rate]}") as bar:
            task = bar.add_task(path.name, total=path.stat().st_size, rate="")
            report = load_into(lake, reader, path, lambda batch, so_far: _show(bar, task, batch, so_far))
    except SourceError as error:
        err.print(f"seawall: {error}", style="red", markup=False)
        return None
    except KeyboardInterrupt:
        err.print(f"\nStopped. What was read of {path.name} is kept; the same command goes on there.", style="yellow")
        raise typer.Exit(130) from None
    if as_json:
        print_json(report.as_dict())
    else:
        _summary(report, lake)
    return report


def _show(bar: Progress, task: TaskID, batch: Batch, so_far: LoadReport) -> None:
    elapsed = bar.tasks[task].elapsed or 0
    rate = (so_far.read - so_far.resumed_at) / elapsed if elapsed else 0
    bar.update(task, completed=batch.position, rate=f"{rate:,.0f} lines/s")


def _reader(source: str, path: Path, map_file: Path | None, platform: str | None, yes: bool) -> Source:
    if source in KINDS:
        if map_file:
            fail(f"--map is for 'seawall load table'; an {source} export needs none.")
        return KINDS[source].reader(platform)
    given = read_mapping(map_file) if map_file else None
    where = platform or (given.platform if given else None)
    if not where:
        fail("which platform are these posts from? Pass --platform NAME, for example --platform x.")
    return TableSource(platform_name(where), given or _guessed(path, yes))


def _guessed(path: Path, yes: bool) -> Mapping:
    mapping = guess(header_of(path))
    err.print(f"{path.name}: columns read as\n", markup=False)
    err.print(mapping.as_toml(), markup=False, style="cyan")
    if mapping.unread:
        err.print(f"not read: {', '.join(mapping.unread)}", markup=False)
    err.print("times without a zone are taken as UTC", markup=False)
    if yes:
        return mapping
    if not sys.stdin.isatty():
        fail("is this mapping right? Pass --yes to use it, or save it to a file, change it, and pass --map FILE.")
    if not typer.confirm("Load with this mapping?", err=True):
        fail("nothing loaded. Save the mapping to a file, change it, and pass --map FILE.")
    return mapping


def _summary(report: LoadReport, lake: Lake) -> None:
    resumed = f" (went on after line {report.resumed_at:,})" if report.resumed_at else ""
    out.print(
        f"{report.path.name}: read {report.read:,}{resumed} = loaded {report.loaded:,} + rejected {report.rejected:,}",
        markup=False,
    )
    for table, new in report.added.items():
        if table != "rejects" and new + report.already[table]:
            out.print(
                f"  {_ROWS[table]:<9} {new:>10,} new  {report.already[table]:>10,} known before or twice in the file"
            )
    for reason, count in report.reasons.most_common(10):
        out.print(f"  rejected {count:,}: {reason}", markup=False)
    if report.rejected:
        out.print(f"  the rejected lines are in {lake.home}/rejects, with line number and reason", markup=False)
    for what, count in report.ignored.items():
        out.print(f"  left out on purpose: {count:,} × {what}", markup=False)
    if report.unknown:
        named = ", ".join(f"{name} ({count:,})" for name, count in report.unknown.most_common(20))
        out.print(
            f"  fields this source does not know, so nothing was made of them: {named}", markup=False, style="yellow"
        )
