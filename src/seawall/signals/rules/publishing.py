"""Publishing: a version of a rule becomes the file that runs, and the version before it is kept beside.

Whoever keeps rules elsewhere hands their versions over here; what runs is always and only the files of the home. A
shadow version is tried beside the one that runs, which runs on; both have numbers of one row.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from seawall.records.terms import RuleState
from seawall.signals.rules.files import SHIPPED, Rule, parse_rule
from seawall.signals.rules.lists import SHIPPED_LISTS, RuleError, read_lists
from seawall.signals.rules.signal import checked

TRIAL = "trial"  # the folder of shadow versions


@dataclass(frozen=True, slots=True)
class Published:
    """What now runs, and which version ran before. A shadow version leaves that one running."""

    rule: Rule
    before: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a rule that was published at some time, or came with Seawall."""

    number: int
    path: Path
    stands: str  # 'runs', 'trial' or 'kept'


def publish(home: Path, given: Path) -> Published:
    """Make a rule file the one that runs in a home.

    Raises RuleError if it is no rule, if its version is not higher than all before, or, for a live one, if an example
    fails or the control corpus is not silent.
    """
    content = given.read_bytes()
    rule = parse_rule(content.decode("utf-8-sig", "replace"), read_lists(SHIPPED_LISTS, home / "lists"), str(given))
    if rule.id != given.stem:
        raise RuleError(f"{given}: its id is {rule.id!r}; name the file {rule.id}.toml")
    return publish_text(home, content, str(given))


def publish_text(home: Path, content: bytes, where: str = "the rule") -> Published:
    """The same for a file's content. Raises RuleError."""
    lists = read_lists(SHIPPED_LISTS, home / "lists")
    rule = parse_rule(content.decode("utf-8-sig"), lists, where)
    if rule.state is RuleState.LIVE:
        checked([rule], lists)
    held = versions(home, rule.id)
    before = next((version.number for version in held if version.stands == "runs"), None)
    highest = max((version.number for version in held), default=0)
    if held and rule.version <= highest:
        raise RuleError(f"{where}: version {highest} of {rule.id} is there already; give this a higher one")
    # 1. what it stands in place of is kept
    trial, runs = home / "rules" / TRIAL / f"{rule.id}.toml", home / "rules" / f"{rule.id}.toml"
    shadow = rule.state is RuleState.SHADOW
    for path in (trial,) if shadow else (trial, runs):
        if path.exists():
            write_whole(home / "rules" / "versions" / rule.id / f"{_version(path)}.toml", path.read_bytes())
    # 2. it comes in, and a trial that is over ends
    write_whole(trial if shadow else runs, content)
    if not shadow:
        trial.unlink(missing_ok=True)
    return Published(rule, before)


def versions(home: Path, rule_id: str) -> list[Version]:
    """Every version of a rule there is, the newest first."""
    rules = home / "rules"
    running = next((p for p in (rules / f"{rule_id}.toml", SHIPPED / f"{rule_id}.toml") if p.exists()), None)
    found = {_version(path): (path, "kept") for path in (rules / "versions" / rule_id).glob("*.toml")}
    shipped = SHIPPED / f"{rule_id}.toml"
    if shipped.exists() and running != shipped:
        found.setdefault(_version(shipped), (shipped, "kept"))
    if running:
        found[_version(running)] = (running, "runs")
    if (trial := rules / TRIAL / f"{rule_id}.toml").exists():
        found[_version(trial)] = (trial, "trial")
    return [Version(number, *found[number]) for number in sorted(found, reverse=True)]


def end_trial(home: Path, rule_id: str) -> None:
    """Let a shadow version run no more; it is kept among the versions."""
    trial = home / "rules" / TRIAL / f"{rule_id}.toml"
    write_whole(home / "rules" / "versions" / rule_id / f"{_version(trial)}.toml", trial.read_bytes())
    trial.unlink()


def _version(path: Path) -> int:
    """The version that a file names, even one that is no rule in other ways."""
    try:
        return int(tomllib.loads(path.read_text("utf-8-sig"))["version"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError):
        return 0


def write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing, and on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    Path(stream.name).replace(path)
