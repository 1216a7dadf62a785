"""rules_vs_osprey: 10 and 200 rules over compact JSON posts, decoding included, one core: ours against Osprey's engine.

Osprey (roostorg/osprey, Apache-2.0) is not part of this project. To measure against it, get its source and give its
engine a Python of its own:

    git clone https://github.com/roostorg/osprey ../osprey && uv venv --python 3.11 ../osprey-venv
    uv pip install --python ../osprey-venv/bin/python hyperscan gevent==24.2.1 ddtrace==2.21.11 sentry-sdk==2.61.1 \\
        pydantic==1.10.26 typing-inspect==0.9.0 typing-extensions==4.12.2 result==0.5.0 deepmerge==0.3.0 mmh3==3.0.0 \\
        rapidfuzz==3.14.5 tld==0.12.7 phone-iso3166==0.3.8 graphviz==0.20 pyyaml==6.0.1 dnspython==2.6.1 jsonpath-rw \\
        protobuf==4.25.8 anyascii==0.3.3 pluggy==1.5.0 tenacity==8.1.0 datadog==0.51.0 requests==2.33.0 \\
        python-json-logger==0.1.10 python-dateutil==2.8.0 pytz==2022.1 'setuptools<81'
    OSPREY_SRC=../osprey OSPREY_PYTHON=../osprey-venv/bin/python make bench ONLY=rules_vs_osprey

Both engines get the same bytes, lists and rules, and each post's matches are asserted the same before anything is
timed. Runs alternate; figures are medians of posts a second of CPU time, one process pinned to one core each.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import compact
from bench.report import RUNS, Result

RULES = (10, 200)
SIZE = 20_000  # posts
SIZES = (SIZE, 4 * SIZE, 16 * SIZE)
SAME = 1_500  # posts whose matches are compared
PEER_POSTS = {10: 3_000, 200: 500}
CORE = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0


@dataclass(frozen=True, slots=True)
class Job:
    """One engine's work: a file of posts, lists and rules."""

    rules: int
    posts: Path
    folder: Path

    def write(self, name: str, count: int) -> Path:
        """The job as a file for either engine."""
        path = self.folder / f"{name}-{self.rules}-{count}.json"
        specs = compact.specs(self.rules)
        path.write_text(
            json.dumps(
                {
                    "rules": as_sml(specs) if name == "osprey" else as_predicates(specs),
                    "lists": compact.lists(self.rules),
                    "posts": str(self.posts),
                    "count": count,
                }
            )
        )
        return path


def run() -> list[Result]:
    """Our rate at each number of rules, with Osprey's beside it where its source is."""
    peer = _peer()
    folder = Path(tempfile.mkdtemp(prefix="seawall-bench-"))
    try:
        return [result for rules in RULES for result in _measured(folder, rules, peer)] + _worst(folder)
    finally:
        shutil.rmtree(folder)


def _peer() -> tuple[str, str] | None:
    source, python = os.environ.get("OSPREY_SRC"), os.environ.get("OSPREY_PYTHON")
    if not source or not python or not Path(source, "osprey_worker").is_dir():
        print("rules_vs_osprey: OSPREY_SRC and OSPREY_PYTHON name no Osprey; measured without it. To get it:")
        print((__doc__ or "").partition("\n\n")[2])
        return None
    return source, python


def _measured(folder: Path, rules: int, peer: tuple[str, str] | None) -> list[Result]:
    posts = folder / f"posts-{rules}.jsonl"
    _write(posts, compact.posts(max(SIZES), compact.lists(rules)))
    job = Job(rules, posts, folder)
    theirs: list[float] = []
    if peer:
        _assert_same(job, peer)
        ours = []
        for _ in range(RUNS):  # in turn, so that both meet the same machine
            ours.append(_rate(_ours(job.write("seawall", SIZE))))
            theirs.append(_rate(_osprey(job.write("osprey", PEER_POSTS[rules]), peer)))
    else:
        ours = [_rate(_ours(job.write("seawall", SIZE))) for _ in range(RUNS)]
    grown = {size: [_ours(job.write("seawall", size)) for _ in range(RUNS)] for size in SIZES}
    return [
        Result(
            f"rules_vs_osprey_{rules}",
            statistics.median(ours),
            "posts a CPU-second",
            "Osprey's engine" if peer else None,
            statistics.median(theirs) if theirs else None,
            sizes={f"{size:,}": round(statistics.median(map(_rate, runs))) for size, runs in grown.items()},
        ),
        Result(
            f"rules_vs_osprey_{rules}_memory",
            max(float(str(run["peak"])) for run in grown[SIZE]),
            "MiB peak",
            sizes={f"{size:,}": max(float(str(run["peak"])) for run in runs) for size, runs in grown.items()},
        ),
    ]


def _worst(folder: Path) -> list[Result]:
    """The same rules where every post holds entries of a list, so that none can be passed over."""
    posts = folder / "touched.jsonl"
    _write(posts, compact.posts(SIZE, compact.lists(200), touched=1.0))
    job = Job(200, posts, folder).write("seawall", SIZE)
    rates = [_rate(_ours(job)) for _ in range(RUNS)]
    return [Result("rules_all_touched_200", statistics.median(rates), "posts a CPU-second")]


def _write(path: Path, posts: Iterator[bytes]) -> None:
    with path.open("wb") as stream:
        stream.writelines(post + b"\n" for post in posts)


def _rate(answer: dict[str, object]) -> float:
    return float(str(answer["posts"])) / float(str(answer["cpu"]))


def _assert_same(job: Job, peer: tuple[str, str]) -> None:
    theirs = _osprey(job.write("osprey", SAME), peer)
    ours = _ours(job.write("seawall", SAME))
    if theirs["errors"]:
        raise RuntimeError(f"Osprey's engine had {theirs['errors']} errors")
    matched = [[name.lower() for name in names] for names in theirs["matched"]]  # type: ignore[attr-defined]
    if [sorted(names) for names in matched] != ours["matched"] or not any(matched):
        raise RuntimeError("the engines do not match the same posts; nothing is measured")
    print(f"{job.rules} rules: {sum(map(len, matched)):,} matches in {SAME:,} posts, the same of both engines")


def _ours(job: Path) -> dict[str, object]:
    return _child([sys.executable, "-m", "bench.rules_ours", str(job)], {})


def _osprey(job: Path, peer: tuple[str, str]) -> dict[str, object]:
    source, python = peer
    paths = [str(Path(source, part, "src").resolve()) for part in ("osprey_worker", "osprey_rpc")]
    return _child([python, str(Path(__file__).with_name("osprey_peer.py")), str(job)], {"PYTHONPATH": ":".join(paths)})


def _child(command: list[str], surroundings: dict[str, str]) -> dict[str, object]:
    pin = ["taskset", "-c", str(CORE)] if shutil.which("taskset") else []
    env = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1", **surroundings}
    ended = subprocess.run([*pin, *command], env=env, stdout=subprocess.PIPE, check=True)
    answer: dict[str, object] = json.loads(ended.stdout)
    return answer


def as_predicates(specs: list[compact.Spec]) -> dict[str, str]:
    """Rules as Seawall's SQL predicates, by id."""
    return {spec.id: " OR ".join(f"({' AND '.join(map(_sql, side))})" for side in spec.sides) for spec in specs}


def _sql(term: compact.Term) -> str:
    column, operator, value = term
    left = f"hits('{column[5:]}')" if column.startswith("hits:") else column
    if isinstance(value, tuple):
        return f"{left} IN ({', '.join(map(repr, value))})"
    return f"{left} {operator} {value!r}"


_SML_HEAD = """
Text: str = JsonData(path='$.text')
Kind: str = JsonData(path='$.kind')
Lang: str = JsonData(path='$.lang')
Links: List[str] = JsonData(path='$.links')
Mentions: List[str] = JsonData(path='$.mentions')
Likes: int = JsonData(path='$.likes')
Reposts: int = JsonData(path='$.reposts')
Truncated: bool = JsonData(path='$.truncated')
NLinks = ListLength(list=Links)
NMentions = ListLength(list=Mentions)
"""
_SML_NAMES = {
    "kind": "Kind", "lang": "Lang", "likes": "Likes", "reposts": "Reposts", "truncated": "Truncated",
    "n_links": "NLinks", "n_mentions": "NMentions",
}  # fmt: skip


def as_sml(specs: list[compact.Spec]) -> str:
    """The same rules in Osprey's language, each list counted once."""
    used = {term[0][5:]: None for spec in specs for side in spec.sides for term in side if term[0].startswith("hits:")}
    counts = "".join(f"{name.upper()} = Hits(text=Text, links=Links, name='{name}')\n" for name in used)
    return _SML_HEAD + counts + "".join(map(_rule, specs))


def _rule(spec: compact.Spec) -> str:
    sides = [list(map(_sml, side)) for side in spec.sides]
    when = sides[0] if len(sides) == 1 else [" or ".join(f"({' and '.join(side)})" for side in sides)]
    return f"{spec.id.upper()} = Rule(when_all=[{', '.join(when)}], description='{spec.id}')\n"


def _sml(term: compact.Term) -> str:
    column, operator, value = term
    left = column[5:].upper() if column.startswith("hits:") else _SML_NAMES[column]
    if isinstance(value, tuple):
        return f"{left} in [{', '.join(map(repr, value))}]"
    return f"{left} {'==' if operator == '=' else operator} {value!r}"
