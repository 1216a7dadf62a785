"""Docs as tests: what is undocumented, or documented and gone, fails."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from seawall.cli.load import SOURCES
from seawall.cli.verbs import put_together
from seawall.records import terms
from seawall.records.facts import TABLES
from seawall.signals.rules.grammar import COLUMNS
from seawall.sources.mapping import NAMES
from seawall.web.signin.words import IN_USE, ROLES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CONCEPTS = (ROOT / "docs" / "concepts.md").read_text("utf-8")
SIGNALS = (ROOT / "docs" / "signals.md").read_text("utf-8")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)


def _vocabularies() -> list[type[StrEnum]]:
    return [v for v in vars(terms).values() if isinstance(v, type) and issubclass(v, StrEnum) and v is not StrEnum]


@pytest.mark.parametrize("vocabulary", _vocabularies(), ids=lambda v: v.__name__)
def test_every_word_of_a_vocabulary_is_in_concepts(vocabulary) -> None:
    words = {word.replace("_", " ") for word in terms.words(vocabulary)}
    missing = {word for word in words if word not in CONCEPTS.casefold()}
    assert missing <= {"photo", "animation", "audio"}  # kinds of media, explained together


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_table_is_a_concept(table: str) -> None:
    assert f"**{table.rstrip('s') if table not in ('media',) else table}" in CONCEPTS


def test_every_command_is_in_the_readme_and_has_help() -> None:
    app = put_together()
    group = typer.main.get_command(app)
    names = []
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        names += [f"{name} {sub}" for sub in inner] if inner else [name]
    assert len(names) > 30
    for name in names:
        assert f"seawall {name}" in README, name
        assert CliRunner().invoke(app, [*name.split(), "--help"]).exit_code == 0


def test_every_role_that_may_do_something_is_in_the_readme() -> None:
    table = README.partition("| Role | Does |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines() for name in row.strip("| ").partition(" |")[0].split(", ")}
    assert {ROLES[role][0].lower() for role in IN_USE} <= named


def test_every_source_field_and_rule_column_is_documented() -> None:
    assert all(f"seawall load {source}" in README for source in SOURCES)
    assert all(name in README for name in NAMES)
    assert all(f"`{name}`" in SIGNALS for name in COLUMNS)


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    files = {path.name for path in (ROOT / "docs" / "decisions").glob("0*.md")}
    assert files == set(re.findall(r"\((0\d+[^)]+)\)", index))


def test_the_lock_names_no_host_and_pins_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pins = re.findall(r"^[a-z0-9-]+==", lock, re.M)
    assert len(pins) > 30
    assert lock.count("--hash=sha256:") >= len(pins)


def _public(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def test_every_public_name_says_what_it_means() -> None:
    missing = []
    for path in (p for p in (ROOT / "src").rglob("*.py") if "migrations" not in p.parts):
        tree = ast.parse(path.read_text("utf-8"))
        missing += [path.name] if not ast.get_docstring(tree) else []
        missing += [f"{path.name}: {node.name}" for node in _public(tree) if not ast.get_docstring(node)]
    assert missing == []
