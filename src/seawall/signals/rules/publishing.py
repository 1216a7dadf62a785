"""Publishing: a version of a rule becomes the file that runs, and the version before it is kept beside.

Whoever keeps rules elsewhere hands their versions over here; what runs is always and only the files of the home.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from seawall.records.terms import RuleState
from seawall.signals.rules.files import SHIPPED, Rule, read_rule
from seawall.signals.rules.lists import SHIPPED_LISTS, RuleError, read_lists
from seawall.signals.rules.signal import checked


@dataclass(frozen=True, slots=True)
class Published:
    """What now runs, and which version ran before."""

    rule: Rule
    before: int | None


def publish(home: Path, given: Path) -> Published:
    """Make a rule file the one that runs in a home.

    Raises RuleError if it is no rule, if its version is not higher than the running one's, or, for a live one, if an
    example fails or the control corpus is not silent.
    """
    lists = read_lists(SHIPPED_LISTS, home / "lists")
    rule = read_rule(given, lists)
    if rule.state is RuleState.LIVE:
        checked([rule], lists)
    path = home / "rules" / f"{rule.id}.toml"
    before = next((_version(p) for p in (path, SHIPPED / path.name) if p.exists()), None)
    if before is not None and rule.version <= before:
        raise RuleError(f"{given}: version {before} of {rule.id} is there already; give this a higher one")
    if path.exists():
        _write(home / "rules" / "versions" / rule.id / f"{before}.toml", path.read_bytes())
    _write(path, given.read_bytes())
    return Published(rule, before)


def _version(path: Path) -> int:
    """The version that a file names, even one that is no rule in other ways."""
    try:
        return int(tomllib.loads(path.read_text("utf-8-sig"))["version"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError):
        return 0


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, and on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    Path(stream.name).replace(path)
