"""seawall evidence: what was sealed; opening it needs the custodian's key, a role and a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seawall.cli.desk import check_home, open_desk, who
from seawall.cli.home import DEFAULT, AsJson, Home
from seawall.cli.terminal import counted, err, fail, out, print_json

app = typer.Typer(no_args_is_help=True, help="Sealed evidence: encrypted, whole, and destroyed when nothing keeps it.")


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="Where the secret half goes: outside the home and its backups.")],
    home: Home = DEFAULT,
) -> None:
    """Make the evidence custodian's key. The desk keeps the public half and can only seal."""
    from seawall.evidence.vault import VaultError, make_custodian  # noqa: PLC0415

    check_home(home)
    try:
        public = make_custodian(file, home)
    except (VaultError, OSError) as error:
        fail(str(error))
    out.print(f"Public key {public}", markup=False)
    out.print(f"{file} opens what is sealed from now on. Keep it offline, and a copy of it elsewhere.", markup=False)


@app.command("list")
def list_items(
    home: Home = DEFAULT,
    case: Annotated[int | None, typer.Option(help="Only what was sealed for this case.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was sealed: where it came from and its hashes, no content."""
    open_desk(home)
    from seawall.audit.services import Actor  # noqa: PLC0415 - needs the ledger
    from seawall.evidence.queries import items  # noqa: PLC0415

    found = items(Actor(who()), f"case:{case}" if case is not None else "")
    for item in found:
        about, at = item.capture.about, item.capture.at.isoformat()
        if as_json:
            named = ("kind", "platform", "account_id", "post_id", "state", "size", "content_hash", "sealed_hash")
            print_json({"item": item.pk, "about": about, "at": at, **{name: getattr(item, name) for name in named}})
        else:
            what = f"{item.kind} {item.post_id}".strip()
            told = f"{item.pk:>6}  {about:<9} {at[:19]}  {item.state:<9} {item.platform}:{item.account_id}  {what}"
            out.print(told, markup=False)
    if not found and not as_json:
        out.print("Nothing was sealed. Proposing a decision seals what it rests on.")


@app.command()
def verify(home: Home = DEFAULT) -> None:
    """Check every sealed file and key against the ledger; names those that are gone or were changed."""
    open_desk(home)
    from seawall.evidence.services import verify_all  # noqa: PLC0415 - needs the ledger

    faults = verify_all()
    for fault in faults:
        err.print(f"seawall: {fault}", style="red", markup=False)
    if faults:
        raise typer.Exit(1)
    out.print("Sealed evidence is whole.")


@app.command("open")
def open_sealed(
    item: Annotated[int, typer.Argument(help="The item's number, from 'seawall evidence list'.")],
    identity: Annotated[Path, typer.Option(help="The custodian's key file.")],
    username: Annotated[str, typer.Option("--as", help="Who opens it: an evidence custodian's sign-in name.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the log for good.")],
    home: Home = DEFAULT,
) -> None:
    """Open one item and print it as JSON. It may be disturbing. Opening is written down with its reason."""
    open_desk(home)
    from seawall.evidence.models import Item  # noqa: PLC0415 - needs the ledger
    from seawall.evidence.services import open_item  # noqa: PLC0415
    from seawall.evidence.vault import VaultError  # noqa: PLC0415
    from seawall.people.access import Refused  # noqa: PLC0415
    from seawall.people.models import User  # noqa: PLC0415

    try:
        print_json(open_item(User.objects.get_by_natural_key(username), item, identity, reason))
    except User.DoesNotExist:
        fail(f"nobody signs in as '{username}'.")
    except Item.DoesNotExist:
        fail(f"there is no item {item}. 'seawall evidence list' shows those that are.")
    except (Refused, VaultError) as error:
        fail(str(error))


@app.command()
def expire(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Destroy what no open ground keeps any more, and print a certificate: the hashes of what is gone for good."""
    open_desk(home)
    from seawall.evidence.services import destroy_due, erase_due_profiles, sweep  # noqa: PLC0415 - needs the ledger

    gone, profiles = destroy_due(), erase_due_profiles()
    sweep()
    for item in gone:
        if as_json:
            print_json({"item": item.item, "about": item.about, "at": item.at, "content_hash": item.content_hash})
        else:
            out.print(
                f"{item.at}  destroyed item {item.item} of {item.about}  SHA-256 {item.content_hash}", markup=False
            )
    if not as_json:
        if profiles:
            out.print(f"{counted(profiles, 'kept profile')} of suspended accounts erased.")
        out.print(
            f"{counted(len(gone), 'item')} destroyed." if gone else "Nothing is due: a ground keeps each sealed item."
        )
