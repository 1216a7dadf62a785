"""The control corpus: ordinary and religious sentences, per language, on which no rule may fire.

Written for this project, one sentence a line under '# group:' headers; in part hard on purpose (news of attacks,
scripture on struggle, games, charity appeals, quotations). Two thirds of the ideas recur across languages, so the
languages are not independent samples.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def sentences() -> dict[str, tuple[str, ...]]:
    """Sentences by language."""
    return {path.stem: tuple(_read(path)) for path in sorted(FOLDER.glob("*.txt"))}


def _read(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("# ")]
