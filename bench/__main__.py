"""Runs the benchmarks named on the command line, or all."""

from __future__ import annotations

import sys

from bench import load, pages, scan, supporters, wargame
from bench.report import show

ALL = {
    "load_x": load.run,
    "pages": pages.run,
    "scan": scan.run,
    "supporters": supporters.run,
    "wargame": wargame.run,
}


def main(names: list[str]) -> None:
    """Run and report."""
    unknown = set(names) - set(ALL)
    if unknown:
        sys.exit(f"no benchmark named {', '.join(sorted(unknown))}. Known are: {', '.join(ALL)}.")
    show([result for name in names or ALL for result in ALL[name]()])


main(sys.argv[1:])
