"""The house as drawn: imports go down only, and no package is part of a cycle."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]


def _lint(where: Path) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(where / "src"), "PATH": "/usr/bin:/bin"}
    return subprocess.run(LINT, cwd=where, env=env, capture_output=True, text=True, check=False)


def test_imports_go_down_only() -> None:
    ran = _lint(ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("records/terms.py", "import seawall.lake"),
        ("lake/keys.py", "import seawall.sources.x"),
        ("signals/text/__init__.py", "import seawall.sources.x"),
        ("signals/text/__init__.py", "import rich"),
        ("grounds/seeds.py", "import seawall.measure.truth"),
        ("stream/flow.py", "import seawall.ledger"),
        ("stream/flow.py", "import django"),
        ("signals/scan.py", "import seawall.stream"),
    ],
)
def test_an_import_that_goes_up_or_across_is_caught(tmp_path: Path, file: str, line: str) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src" / "seawall" / file
    path.write_text(path.read_text() + f"\n{line}\n")
    ran = _lint(tmp_path)
    assert ran.returncode != 0, ran.stdout
