"""The command itself: puts the verb groups together."""

from __future__ import annotations

from typing import Annotated

import typer

from seawall import __version__
from seawall.cli import evaluate, findings, init, lake, load, scan, seeds
from seawall.cli.terminal import out

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="From platform exports to findings with reasons. Start with: seawall init",
)
app.command("init")(init.init)
app.command("load")(load.load)
app.add_typer(seeds.app, name="seeds")
app.command("scan")(scan.scan)
app.command("findings")(findings.findings)
app.command("evaluate")(evaluate.evaluate)
app.add_typer(lake.app, name="lake")


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
    """Run the command."""
    app()
