"""seawall banks: hashes of known pictures, videos, sounds and files, each with where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seawall.cli.grounds import person_of
from seawall.cli.home import DEFAULT, AsJson, Home
from seawall.cli.terminal import counted, err, fail, out, print_json, said
from seawall.media.shelf import MediaError, Shelf
from seawall.records.terms import Conduct

if TYPE_CHECKING:
    from seawall.grounds.models import BankPart

app = typer.Typer(
    no_args_is_help=True,
    help="Banks: hashes of known pictures, videos, sounds and files. Nothing is in one without who, whence and why.",
)
_YEAR = 365  # days that a part holds where nothing is said
As = Annotated[str, typer.Option("--as", help="Who does it: a sign-in name.")]
Why = Annotated[str, typer.Option("--reason", help="Why; it stands in the audit log.")]
Until = Annotated[datetime | None, typer.Option("--expires", formats=["%Y-%m-%d"], help="When it ends: in a year.")]
Number = Annotated[int, typer.Argument(metavar="PART", help="Its number: seawall banks list.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, ThreatExchange's JSON, NCMEC's XML, or a vPDQ list of frames.")],
    bank: Annotated[str, typer.Option(help="The bank it goes to.")],
    conduct: Annotated[Conduct, typer.Option(help="What posting it would be.")],
    source: Annotated[str, typer.Option(help="Who established the entries.")],
    basis: Annotated[str, typer.Option(help="What allows to keep them: an agreement, an order.")],
    username: As,
    expires: Until = None,
    home: Home = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Bring a list that others gave. It counts once a second legal officer agrees, in place of what this source gave
    before. A file with one entry that cannot be read is refused."""
    person = person_of(home, username)
    from seawall.grounds import banks  # noqa: PLC0415 - needs the ledger

    with _desk():
        content, until = file.read_bytes(), _until(expires)
        part, left = banks.bring(person, bank, conduct, source, basis, until, file.name, content)
    _proposed(part, as_json, left)


@app.command()
def add(
    decision: Annotated[int, typer.Argument(help="The decision's number.")],
    post: Annotated[str, typer.Option("--post", help="The post whose media are meant; the decision rests on it.")],
    files: Annotated[Path, typer.Option("--files", help="The export's folder, or its .zip, with the media in it.")],
    username: As,
    expires: Until = None,
    home: Home = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Bank the media of a post that an executed decision rests on. A second person must agree; a decision that is taken
    back takes them out again."""
    person = person_of(home, username)
    from seawall.cases import banked  # noqa: PLC0415
    from seawall.media.clips import Clips  # noqa: PLC0415

    with _desk():
        part = banked.bank(person, decision, post, Shelf(files), Clips(), _until(expires))
    _proposed(part, as_json, {})


@app.command()
def agree(part: Number, username: As, reason: Why, home: Home = DEFAULT) -> None:
    """Agree to a part that somebody else brought: from the next scan on its entries are looked for."""
    person = person_of(home, username)
    from seawall.grounds import banks  # noqa: PLC0415

    with _desk():
        made = banks.agree(person, part, reason)
    out.print(
        f"{counted(made.entries, 'entry', 'entries')} of bank {made.bank} hold until {made.expires}.", markup=False
    )


@app.command()
def end(part: Number, username: As, reason: Why, home: Home = DEFAULT) -> None:
    """End a part: its entries are looked for no more, and erased."""
    person = person_of(home, username)
    from seawall.grounds import banks  # noqa: PLC0415

    with _desk():
        made = banks.end(person, part, reason)
    out.print(f"Part {made.pk} of bank {made.bank} has ended.", markup=False)


@app.command("list")
def list_parts(
    username: As,
    ended: Annotated[bool, typer.Option("--all", help="Also parts that ended.")] = False,
    home: Home = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """The parts of banks that hold or wait for a second person, each with its provenance."""
    person = person_of(home, username)
    from seawall.grounds import banks  # noqa: PLC0415

    with _desk():
        parts = banks.listed(person, ended=ended)
    for part in parts:
        if as_json:
            print_json(_told(part))
            continue
        out.print(f"{part.pk:>4}  {part.bank}: {counted(part.entries, 'entry', 'entries')}, {part.state}", markup=False)
        agreed = f"; {part.agreed_by.pseudonym} agreed" if part.agreed_by else ""
        out.print(
            f"      from {part.source}; {part.basis}; brought by {part.proposed_by.pseudonym} on "
            f"{part.proposed_at:%Y-%m-%d}{agreed}; until {part.expires}",
            markup=False, style="dim",
        )  # fmt: skip
    if not parts and not as_json:
        out.print("No bank holds anything. Bring a list: seawall banks import FILE --bank NAME ...", markup=False)


@app.command()
def share(
    username: As,
    reason: Why,
    to: Annotated[Path, typer.Option("--to", help="A file that does not exist yet.")],
    home: Home = DEFAULT,
) -> None:
    """Write hashes of what two people banked here, in ThreatExchange's form, to give to others; never who posted it."""
    person = person_of(home, username)
    from seawall.grounds import banks  # noqa: PLC0415

    if to.exists():
        fail(f"{to} exists; choose another name")
    with _desk():
        shared = banks.share(person, reason)
    to.write_text(json.dumps({"data": shared}, indent=1) + "\n", "utf-8")
    out.print(f"{counted(len(shared), 'hash', 'hashes')} in {to}.", markup=False)


def _until(said_: datetime | None) -> date:
    return said_.date() if said_ else (datetime.now(UTC) + timedelta(days=_YEAR)).date()


@contextmanager
def _desk() -> Iterator[None]:
    """Ends with why the desk refused."""
    from seawall.cases.states import CaseError  # noqa: PLC0415 - needs the ledger
    from seawall.grounds.services import GroundsError  # noqa: PLC0415
    from seawall.people.access import Refused  # noqa: PLC0415

    try:
        yield
    except (CaseError, GroundsError, Refused, MediaError, OSError) as error:
        fail(said(error))


def _proposed(part: BankPart, as_json: bool, left: dict[str, int]) -> None:
    for why, count in left.items():
        err.print(f"{count:,} left out: {why}", style="yellow", markup=False)
    if as_json:
        print_json({**_told(part), "left": left})
        return
    out.print(f"Part {part.pk}: {counted(part.entries, 'entry', 'entries')} for bank {part.bank}.", markup=False)
    out.print(f"Next, by somebody else: seawall banks agree {part.pk} --as NAME --reason WHY", markup=False)


def _told(part: BankPart) -> dict[str, object]:
    return {
        "part": part.pk, "bank": part.bank, "conduct": part.conduct, "state": part.state, "entries": part.entries,
        "source": part.source, "basis": part.basis, "by": part.proposed_by.pseudonym,
        "agreed_by": part.agreed_by.pseudonym if part.agreed_by else None, "expires": str(part.expires),
    }  # fmt: skip
