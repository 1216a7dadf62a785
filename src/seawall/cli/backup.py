"""seawall backup, restore: everything under a home in one file, whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seawall.cli.audit import verify
from seawall.cli.desk import log
from seawall.cli.home import DEFAULT, Home
from seawall.cli.terminal import counted, fail, out, said


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write, such as seawall-2026-11-22.tar.zst.")],
    home: Home = DEFAULT,
) -> None:
    """Write a backup while the desk runs. The custodian's key is not in it: keep that elsewhere."""
    log(home, "home.backup")
    from seawall.ledger import LedgerError  # noqa: PLC0415
    from seawall.ledger.backup import write  # noqa: PLC0415

    try:
        done = write(home, file)
    except (LedgerError, OSError) as error:
        fail(f"nothing was written: {said(error)}.")
    out.print(
        f"{file}: {counted(done.files, 'file')}, {counted(done.bytes, 'byte')}. Keep it as safe as the home.",
        markup=False,
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What 'seawall backup' wrote.")],
    home: Home = DEFAULT,
) -> None:
    """Unpack a backup into a new home, and verify its audit log and evidence before it counts."""
    from seawall.ledger import LedgerError  # noqa: PLC0415
    from seawall.ledger.backup import read  # noqa: PLC0415

    try:
        read(file, home)
    except (LedgerError, OSError) as error:
        fail(f"nothing was restored: {said(error)}.")
    out.print(f"Restored into {home}. Now see whether it is whole:", markup=False)
    verify(None, home)
