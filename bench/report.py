"""One form for every benchmark: a name, a value, its peer in the same run, their ratio, and how cost grows."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

BUILD = Path("build")
RUNS = 3


@dataclass(slots=True)
class Result:
    """One measured figure: the median of at least three runs, beside its peer's in the same run."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None  # value / peer_value
    sizes: Mapping[str, float] = field(default_factory=dict)  # how it grows: size -> value

    def __post_init__(self) -> None:
        if self.peer_value:
            self.ratio = round(self.value / self.peer_value, 3)


@dataclass(frozen=True, slots=True)
class Run:
    """What one process cost."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, all threads
    peak: float  # MiB, resident
    out: str


# What Linux accounts to a process as its peak is at least what its parent held when it began. So it tells its own.
_TELLS = """
import atexit
def _tell(path=__import__("sys").argv.pop(1)):
    with open(path, "w") as told, open("/proc/self/status") as status:
        told.write(next(line.split()[1] for line in status if line.startswith("VmHWM")))
atexit.register(_tell)
del _tell
"""


def process(code: str, *words: object) -> Run:
    """Run Python code in a process of its own and account for it; its peak is without processes that it starts."""
    started = time.perf_counter()
    with tempfile.NamedTemporaryFile("r") as told:
        told_by = [_TELLS + code, told.name] if sys.platform == "linux" else [code]
        child = subprocess.Popen(
            [sys.executable, "-c", *told_by, *map(str, words)], stdout=subprocess.PIPE, text=True, env=os.environ.copy()
        )
        assert child.stdout is not None
        out = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        own = told.read()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"benchmark process {words[:2]} failed with {child.returncode}")
    return Run(
        time.perf_counter() - started, used.ru_utime + used.ru_stime, int(own) / 1024 if own else _mebibytes(used), out
    )


def _mebibytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def median(measure: Callable[[], float], runs: int = RUNS) -> float:
    """The median of several runs."""
    return statistics.median(measure() for _ in range(runs))


def show(results: list[Result]) -> None:
    """Print the table and write build/bench.json, keeping other benchmarks' earlier results."""
    table = Table(title="Seawall benchmarks", title_justify="left")
    for heading in ("name", "value", "unit", "peer", "peer's value", "ratio", "growth"):
        table.add_column(heading, justify="left" if heading in ("name", "unit", "peer", "growth") else "right")
    for r in results:
        peer_value = "" if r.peer_value is None else f"{r.peer_value:,.4g}"
        growth = "  ".join(f"{size}: {value:,.4g}" for size, value in r.sizes.items())
        ratio = "" if r.ratio is None else f"{r.ratio:.3f}"
        table.add_row(r.name, f"{r.value:,.4g}", r.unit, r.peer or "", peer_value, ratio, growth)
    Console(width=170).print(table)
    BUILD.mkdir(exist_ok=True)
    path = BUILD / "bench.json"
    earlier = json.loads(path.read_text()) if path.exists() else []
    names = {r.name for r in results}
    kept = [row for row in earlier if row["name"] not in names]
    path.write_text(json.dumps(kept + [asdict(r) for r in results], indent=1) + "\n")
