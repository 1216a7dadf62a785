"""The command itself."""

from __future__ import annotations

import sqlite3
import sys

import duckdb
import polars as pl
import pyarrow as pa

from seawall.cli.terminal import err, said
from seawall.cli.verbs import put_together


def main() -> None:
    """Run the command; what the system or an engine refuses is said in words."""
    try:
        put_together(next(iter(sys.argv[1:]), None))()
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
