"""Runs the benchmarks named on the command line, or all."""

from __future__ import annotations

import sys

from bench import (
    communities,
    coordination,
    dismantle,
    distributors,
    floods,
    live_latency,
    live_path,
    load,
    media,
    media_latency,
    network_map,
    network_plan,
    ordinary_text,
    pages,
    returns,
    rules_vs_osprey,
    scan,
    soak_kill,
    spread,
    stream,
    supporters,
    supporters_languages,
    wargame,
    watch_latency,
)
from bench.report import show

ALL = {
    "floods": floods.run,
    "coordination": coordination.run,
    "communities": communities.run,
    "dismantle": dismantle.run,
    "distributors": distributors.run,
    "live_path": live_path.run,
    "load_x": load.run,
    "media": media.run,
    "media_latency": media_latency.run,
    "network_map": network_map.run,
    "network_plan": network_plan.run,
    "ordinary_text": ordinary_text.run,
    "pages": pages.run,
    "returns": returns.real,
    "returns_million": returns.million,
    "returns_scenes": returns.scenes,
    "rules_vs_osprey": rules_vs_osprey.run,
    "scan": scan.run,
    "spread": spread.run,
    "stream": stream.run,
    "supporters": supporters.run,
    "supporters_languages": supporters_languages.run,
    "wargame": wargame.run,
    "watch_latency": watch_latency.run,
}
LONG = {"live_latency": live_latency.run, "soak_kill": soak_kill.run}  # only when named


def main(names: list[str]) -> None:
    """Run and report."""
    known = {**ALL, **LONG}
    unknown = set(names) - set(known)
    if unknown:
        sys.exit(f"no benchmark named {', '.join(sorted(unknown))}. Known are: {', '.join(known)}.")
    show([result for name in names or ALL for result in known[name]()])


main(sys.argv[1:])
