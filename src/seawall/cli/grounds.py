"""seawall clauses, designations: what a decision may rest on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.desk import open_desk
from seawall.cli.home import DEFAULT, AsJson, Home
from seawall.cli.terminal import counted, fail, out, print_json
from seawall.records.terms import Conduct

if TYPE_CHECKING:
    from seawall.people.models import User

clauses = typer.Typer(no_args_is_help=True, help="Clauses of the terms: every decision cites one.")
designations = typer.Typer(no_args_is_help=True, help="Designation lists: an entry stands beside conduct, never alone.")
As = Annotated[str, typer.Option("--as", help="Who does it: a legal officer's sign-in name.")]


@clauses.command("list")
def list_clauses(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """The clauses in force."""
    open_desk(home)
    from seawall.grounds.models import Clause  # noqa: PLC0415 - needs the ledger

    for clause in Clause.objects.filter(ended_at=None).order_by("code"):
        if as_json:
            fields = ("code", "version", "conduct", "title", "text")
            print_json({name: getattr(clause, name) for name in fields})
        else:
            out.print(f"{clause.code:<6} {clause.title}  ({clause.conduct.replace('_', ' ')})", markup=False)
            out.print(f"       {clause.text}", markup=False, style="dim")


@clauses.command("set")
def set_clause(
    code: Annotated[str, typer.Argument(help="Its code in your terms, such as T1.")],
    conduct: Annotated[Conduct, typer.Option(help="What it is about.")],
    title: Annotated[str, typer.Option()],
    text: Annotated[str, typer.Option(help="Its words; account holders read them.")],
    username: As,
    home: Home = DEFAULT,
) -> None:
    """Add a clause, or a new version of one. Decisions made on the old version keep citing it."""
    person = person_of(home, username)
    from seawall.grounds import services  # noqa: PLC0415
    from seawall.people.access import Refused  # noqa: PLC0415

    try:
        made = services.set_clause(person, code, conduct, title, text)
    except (Refused, services.GroundsError) as error:
        fail(str(error))
    out.print(f"{made.code}, version {made.version}, is in force.", markup=False)


@clauses.command("end")
def end_clause(code: Annotated[str, typer.Argument()], username: As, home: Home = DEFAULT) -> None:
    """Let no decision cite a clause any more."""
    person = person_of(home, username)
    from seawall.grounds import services  # noqa: PLC0415
    from seawall.people.access import Refused  # noqa: PLC0415

    try:
        services.end_clause(person, code)
    except (Refused, services.GroundsError) as error:
        fail(str(error))
    out.print(f"{code} is not in force any more.", markup=False)


@designations.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="CSV: entry_id, name, listed_on, and maybe delisted_on.")],
    name: Annotated[str, typer.Option("--list", help="The list's name.")],
    version: Annotated[str, typer.Option(help="The list's version, such as its date.")],
    username: As,
    home: Home = DEFAULT,
) -> None:
    """Take in a version of a list. What it holds no more is de-listed; decisions that cite it come up for review."""
    person = person_of(home, username)
    from seawall.grounds import services  # noqa: PLC0415
    from seawall.people.access import Refused  # noqa: PLC0415

    try:
        live, gone = services.import_list(person, name, version, file.read_bytes())
    except (Refused, services.GroundsError, OSError) as error:
        fail(str(error))
    out.print(f"{name}: {counted(live, 'entry', 'entries')} live, {gone:,} de-listed now.", markup=False)


@designations.command("delisted")
def delisted(home: Home = DEFAULT) -> None:
    """Live decisions that cite an entry which is on no list any more: each must be looked at again."""
    open_desk(home)
    from seawall.cases.queries import delisted as found  # noqa: PLC0415

    for decision in found():
        out.print(f"case {decision.case_id}: {decision.verb}, {decision.state}; {decision.designation}", markup=False)
    if not found().exists():
        out.print("No live decision cites an entry that was de-listed.")


def person_of(home: Path, username: str) -> User:
    """Who signs in so. Ends with what is wrong."""
    open_desk(home)
    from seawall.people.models import User  # noqa: PLC0415

    person: User | None = User.objects.filter(username__iexact=username, is_active=True).first()
    return person or fail(f"nobody signs in as '{username}'.")
