"""The command as people run it, in this process: for what needs no ledger. For the rest see `desk.run`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from seawall.cli.verbs import put_together
from seawall.lake import Lake

APP = put_together()


@dataclass
class Ran:
    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Command:
    """`seawall ...` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *words: object) -> Ran:
        result = CliRunner().invoke(
            APP, [str(word) for word in words], env={"SEAWALL_HOME": str(self.home), "COLUMNS": "200"}
        )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    def ok(self, *words: object) -> Ran:
        ran = self(*words)
        assert ran.code == 0, ran.err
        return ran

    def fails(self, *words: object) -> str:
        ran = self(*words)
        assert ran.code != 0, ran.out
        assert ran.out == ""
        return ran.err

    def stats(self) -> dict[str, int]:
        found = self.ok("lake", "stats", "--json").json()
        return {**{name: table["rows"] for name, table in found["tables"].items()}, "rejects": found["rejects"]}

    def lake(self) -> Lake:
        return Lake(self.home)
