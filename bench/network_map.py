"""The network map: how long its places take, and how smoothly a browser moves it with 10,000 points.

The browser is the Chromium of this machine, headless and without a graphics card: what is drawn, the processor draws.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from itertools import pairwise
from pathlib import Path

from bench.report import Result, process

SIZES = (2_500, 10_000)  # points
FRAMES = 120
COMMAND = "from seawall.cli.main import main; main()"
PREPARE = """
import sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
home, accounts = Path(sys.argv[1]), int(sys.argv[2])
from seawall import ledger
ledger.setup(home)
ledger.migrate()
import numpy as np
import pyarrow as pa
from seawall.cases.candidates import sync
from seawall.lake import Lake
from seawall.people.services import demo_people
from seawall.records.facts import POSTS, columns
from seawall.records.findings import Finding, Seen, to_table
from seawall.signals.distributors import NetworkSurvey
from seawall.signals.scan import above_line
from seawall.signals.surveys import survey

draw = np.random.default_rng(7)
hubs, start = 120, datetime(2026, 3, 1, tzinfo=UTC)
acts = 4 * accounts
by = np.concatenate([np.arange(hubs, accounts), draw.integers(hubs, accounts, acts - (accounts - hubs))])
home_hub = draw.zipf(1.5, accounts) % hubs  # whom an account mostly takes from
of = np.where(draw.random(acts) < 0.8, home_hub[by], draw.zipf(1.5, acts) % hubs)
second = draw.random(acts) < 0.3  # taken from another who took
of = np.where(second, draw.permutation(by), of)
of = np.where(of == by, home_hub[by], of)
at = [start + timedelta(seconds=float(s)) for s in np.sort(draw.random(acts)) * 14 * 86400]
posts = {
    "platform": "x", "post_id": [f"p{n}" for n in range(acts)], "account_id": [f"a{n}" for n in by],
    "handle": [f"handle{n}" for n in by], "at": pa.array(at, POSTS.schema.field("at").type),
    "kind": "repost", "text": "words", "of_account_id": [f"a{n}" for n in of],
    "of_post_id": [f"o{n}" for n in draw.zipf(1.3, acts) % 4000], "source": "bench",
}
seen = (Seen("p0", start.isoformat()),)
found = [Finding("x", f"a{n}", f"handle{n}", "rules.r", "1", 0.9, "measured", seen, True) for n in range(hubs)]
with Lake(home) as lake:
    lake.append({"posts": columns(POSTS, posts, acts)})
    lake.replace_results({"findings": to_table(found)}, lake.manifest.version)
    survey(lake, [NetworkSurvey()])  # compiled
    began = time.process_time()
    report = survey(lake, [NetworkSurvey()])
    took = time.process_time() - began
    sync(above_line(lake))
print({p.role: p.address for p in demo_people()}["reviewer"], report.found["network"], took)
"""
DRAG = """
async (frames) => {
  const canvas = document.querySelector("#map canvas");
  const send = (kind, x, y) => canvas.dispatchEvent(new PointerEvent(kind, {
    pointerId: 1, isPrimary: true, bubbles: true, clientX: canvas.getBoundingClientRect().left + x,
    clientY: canvas.getBoundingClientRect().top + y }));
  canvas.setPointerCapture = () => {};
  send("pointerdown", 300, 200);
  const times = [];
  for (let n = 0; n < frames; n += 1) {
    send("pointermove", 300 + 150 * Math.sin(n / 15), 200 + 100 * Math.cos(n / 15));
    times.push(await new Promise(requestAnimationFrame));
  }
  send("pointercancel", 300, 200);
  return times;
}
"""
SLIDE = """
async (frames) => {
  const slider = document.getElementById("map-time");
  const times = [];
  for (let n = 0; n < frames; n += 1) {
    slider.value = Math.round((n / frames) * Number(slider.max));
    slider.dispatchEvent(new Event("input"));
    times.push(await new Promise(requestAnimationFrame));
  }
  return times;
}
"""


def run() -> list[Result]:
    """Time from frame to frame while the map is dragged, whole and near, and while time is moved; and the survey."""
    try:
        from playwright import sync_api  # noqa: F401, PLC0415
    except ImportError:
        print("network_map: needs Playwright and a Chromium, which are not here")
        return []
    grown: dict[str, dict[str, float]] = {}
    for size in SIZES:
        folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
        try:
            for name, value in _measure(folder, size).items():
                grown.setdefault(name, {})[f"{size:,} points"] = round(value, 1)
        finally:
            shutil.rmtree(folder)
    units = {"survey": "CPU s", "page": "ms"}
    return [
        Result(f"network map, {name}", list(at.values())[-1], units.get(name, "ms a frame"), sizes=at)
        for name, at in grown.items()
    ]


def _measure(folder: Path, points: int) -> dict[str, float]:
    home = folder / "home"
    os.environ["SEAWALL_HOME"] = str(home)
    process(COMMAND, "init")
    text = (home / "seawall.toml").read_text()
    (home / "seawall.toml").write_text(text.replace("[people]\n", "[people]\ndemo = true\n"))
    link, drawn, took = process(PREPARE, home, points).out.split()
    assert int(drawn) > 0.9 * points
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = subprocess.Popen([sys.executable, "-m", "seawall", "web", "--port", str(port)], env=os.environ.copy())
    try:
        _until_up(port)
        return {"survey": float(took), **_browse(f"http://localhost:{port}", link.replace(":8400", f":{port}"))}
    finally:
        web.terminate()
        web.wait()


def _browse(base: str, link: str) -> dict[str, float]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(link)
        page.goto(f"{base}/network/")
        began = time.perf_counter()
        page.goto(f"{base}/network/")
        page.wait_for_selector("#map canvas")
        page.evaluate("new Promise(requestAnimationFrame)")
        found = {"page": (time.perf_counter() - began) * 1000}
        for name, code in (("whole, dragged", DRAG), ("time moved", SLIDE)):
            found |= _frames(name, page.evaluate(code, FRAMES))
        page.locator("#map canvas").focus()
        for _ in range(4):
            page.keyboard.press("+")
        found |= _frames("near, dragged", page.evaluate(DRAG, FRAMES))
        browser.close()
    return found


def _frames(name: str, times: list[float]) -> dict[str, float]:
    each = [later - sooner for sooner, later in pairwise(times)]
    return {f"{name}, median": statistics.median(each), f"{name}, p95": statistics.quantiles(each, n=20)[-1]}


def _until_up(port: int) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"http://localhost:{port}/appeal/", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the web server did not come up")
