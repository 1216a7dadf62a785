"""The command itself: puts the verb groups together."""

from __future__ import annotations

import sqlite3
import sys
from typing import Annotated

import duckdb
import polars as pl
import pyarrow as pa
import typer

from seawall import __version__
from seawall.cli import (
    audit,
    backup,
    banks,
    cases,
    connect,
    coordination,
    demo,
    evaluate,
    evidence,
    findings,
    floods,
    grounds,
    init,
    lake,
    load,
    media,
    network,
    newcomers,
    returns,
    rules,
    scan,
    seeds,
    simulated,
    stream,
    support,
    textscore,
    threats,
    up,
    watch,
)
from seawall.cli.terminal import err, out, said

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From platform exports to findings with reasons. Start with: seawall init",
)
app.command("init")(init.init)
app.command("load")(load.load)
app.command("stream")(stream.stream)
app.add_typer(media.app, name="media")
app.add_typer(seeds.app, name="seeds")
app.add_typer(textscore.app, name="textscore")
app.command("scan")(scan.scan)
app.command("findings")(findings.findings)
app.command("floods")(floods.floods)
app.command("support")(support.support)
app.command("coordination")(coordination.coordination)
app.command("returns")(returns.returns)
app.command("newcomers")(newcomers.newcomers)
app.add_typer(network.app, name="network")
app.command("evaluate")(evaluate.evaluate)
app.add_typer(rules.app, name="rules")
app.add_typer(lake.app, name="lake")
app.command("up")(up.up)
app.command("web")(up.web)
app.command("worker")(up.worker)
app.command("scanner")(up.scanner)
app.command("cases")(cases.cases)
app.command("threats")(threats.threats)
app.command("connect")(connect.connect)
app.command("disconnect")(connect.disconnect)
app.add_typer(simulated.app, name="simulated")
app.command("watch")(watch.watch)
app.add_typer(audit.app, name="audit")
app.add_typer(evidence.app, name="evidence")
app.add_typer(grounds.clauses, name="clauses")
app.add_typer(grounds.designations, name="designations")
app.add_typer(banks.app, name="banks")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("wargame")(demo.wargame)
app.command("demo")(demo.demo)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"seawall {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Observe, find, and say why."""


def main() -> None:
    """Run the command; what the system or an engine refuses is said in words."""
    try:
        app()
    except (OSError, sqlite3.Error, pa.ArrowException, pl.exceptions.PolarsError, duckdb.Error) as error:
        err.print(f"seawall: {said(error)}", style="red", markup=False)
        err.print(
            "Is the disk full, the home not writable, or a file of the lake damaged? Nothing acknowledged is lost."
        )
        sys.exit(1)
    except (KeyboardInterrupt, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "interrupted" not in str(error):
            raise
        sys.exit(130)
