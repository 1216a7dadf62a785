"""The verbs of the command and where each is; only what is asked for is imported, so that it answers soon."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from seawall import __version__
from seawall.cli.terminal import out

VERBS = {  # in the order in which help lists them: the module of this package, and the verb or group in it
    "init": "init.init",
    "load": "load.load",
    "stream": "stream.stream",
    "media": "media.app",
    "seeds": "seeds.app",
    "textscore": "textscore.app",
    "scan": "scan.scan",
    "findings": "findings.findings",
    "floods": "floods.floods",
    "support": "support.support",
    "coordination": "coordination.coordination",
    "returns": "returns.returns",
    "newcomers": "newcomers.newcomers",
    "network": "network.app",
    "evaluate": "evaluate.evaluate",
    "rules": "rules.app",
    "lake": "lake.app",
    "up": "up.up",
    "web": "up.web",
    "worker": "up.worker",
    "scanner": "up.scanner",
    "cases": "cases.cases",
    "threats": "threats.threats",
    "connect": "connect.connect",
    "disconnect": "connect.disconnect",
    "simulated": "simulated.app",
    "watch": "watch.watch",
    "audit": "audit.app",
    "evidence": "evidence.app",
    "clauses": "grounds.clauses",
    "designations": "grounds.designations",
    "banks": "banks.app",
    "backup": "backup.backup",
    "restore": "backup.restore",
    "wargame": "demo.wargame",
    "demo": "demo.demo",
}


def put_together(first: str | None = None) -> typer.Typer:
    """The command with the verb `first` alone, or with every verb where there is none of that name."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="From platform exports to findings with reasons. Start with: seawall init",
    )
    app.callback()(_root)
    for verb in [first] if first is not None and first in VERBS else VERBS:
        module, _, name = VERBS[verb].partition(".")
        found = getattr(import_module(f"seawall.cli.{module}"), name)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=verb)
        else:
            app.command(verb)(found)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"seawall {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Observe, find, and say why."""
