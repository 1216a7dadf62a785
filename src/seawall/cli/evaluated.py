"""What `seawall evaluate` says besides figures: which lines of a truth file could not be used."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli.terminal import counted, err

if TYPE_CHECKING:
    from seawall.measure.truth import Rejected

_SAID = 3  # lines


def say_rejected(rejected: Sequence[Rejected], to: Path | None) -> None:
    """Count lines that were left out, with the first reasons, and write all to a file if one is named."""
    if to:
        with to.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["line", "reason", "raw"])
            writer.writerows([its.line, its.reason, its.raw] for its in rejected)
    if not rejected:
        return
    where = f"all of them, with reasons: {to}" if to else "--rejects OUT.csv writes all of them"
    err.print(f"{counted(len(rejected), 'line')} of the truth file cannot be used; {where}.", style="yellow")
    for its in rejected[:_SAID]:
        err.print(f"  line {its.line}: {its.reason}", style="yellow", markup=False)
