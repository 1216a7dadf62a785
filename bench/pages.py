"""Pages: how long the console takes to answer, with 100,000 accounts in the lake and 5,000 cases, on SQLite."""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from bench.report import Result, process

CASES = 5_000
ASKED = 150  # times a page
SIZES = (6_250, 25_000, 100_000)  # accounts; cases grow alike
COMMAND = "from seawall.cli.main import main; main()"
PREPARE = """
import sys
from pathlib import Path
home, cases = Path(sys.argv[1]), int(sys.argv[2])
from seawall import ledger
ledger.setup(home)
ledger.migrate()
import polars as pl
from seawall.cases.candidates import sync
from seawall.lake import Lake
from seawall.people.services import demo_people
from seawall.records.findings import Finding, Seen
from seawall.signals.scan import AccountFindings
with Lake(home) as lake, lake.snapshot() as snapshot:
    posts = snapshot.scan("posts").group_by("account_id").agg(
        pl.col("handle").first(), pl.col("post_id").head(10), pl.col("at").head(10).dt.to_string("iso"))
    rows = posts.sort("account_id").head(cases).collect()
found = []
for n, (account, handle, ids, ats) in enumerate(rows.iter_rows()):
    seen = tuple(Seen(i, a) for i, a in zip(ids, ats))
    made = tuple(Finding("x", account, handle, s, "1", 0.99 - (n % 400) / 1000, "measured", seen, True)
                 for s in ("rules.lamp-slogans", "supporters"))
    found.append(AccountFindings("x", account, handle, made))
sync(found)
links = {p.role: p.address for p in demo_people()}
print(links["reviewer"], links["auditor"], rows.height)
"""


def run() -> list[Result]:
    """95th percentile of each page in milliseconds, the browser's view: request sent to last byte."""
    grown: dict[str, dict[str, float]] = {}
    for size in SIZES:
        folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
        try:
            for page, times in _measure(folder, size).items():
                grown.setdefault(page, {})[f"{size:,} accounts"] = round(_p95(times), 1)
        finally:
            shutil.rmtree(folder)
    return [Result(f"page {page}", list(at.values())[-1], "ms, p95", sizes=at) for page, at in grown.items()]


def _measure(folder: Path, accounts: int) -> dict[str, list[float]]:
    home, world = folder / "home", folder / "world"
    os.environ["SEAWALL_HOME"] = str(home)
    process(COMMAND, "init")
    text = (home / "seawall.toml").read_text()
    (home / "seawall.toml").write_text(text.replace("[people]\n", "[people]\ndemo = true\n"))
    process(COMMAND, "wargame", world, "--accounts", accounts, "--days", 3)
    process(COMMAND, "load", "x", world / "posts.jsonl.gz")
    reviewer, auditor, _ = process(PREPARE, home, CASES * accounts // SIZES[-1]).out.split()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = subprocess.Popen([sys.executable, "-m", "seawall", "web", "--port", str(port)], env=os.environ.copy())
    try:
        return _ask(port, reviewer, auditor)
    finally:
        web.terminate()
        web.wait()


def _ask(port: int, reviewer: str, auditor: str) -> dict[str, list[float]]:
    base = f"http://localhost:{port}"
    times: dict[str, list[float]] = {}
    for link, pages in (
        (
            reviewer,
            {
                "queue": "/",
                "queue, by signal": "/?signal=supporters",
                "case": "/cases/%d/",
                "case, surroundings": "/cases/%d/surroundings/",
                "second": "/second/",
            },
        ),
        (auditor, {"audit": "/audit/"}),
    ):
        with httpx.Client(base_url=base, follow_redirects=True, timeout=30) as client:
            _until_up(client)
            client.get(link.replace(":8400", f":{port}"))
            for name, page in pages.items():
                for number in range(1, ASKED + 1):
                    place = page % number if "%d" in page else page
                    began = time.perf_counter()
                    answer = client.get(place)
                    times.setdefault(name, []).append((time.perf_counter() - began) * 1000)
                    answer.raise_for_status()
    return times


def _until_up(client: httpx.Client) -> None:
    for _ in range(100):
        try:
            client.get("/appeal/")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the web server did not come up")


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
