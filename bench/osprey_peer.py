"""Osprey's engine over JSON posts, in a process of its own: the peer of rules_vs_osprey. Runs under Osprey's Python.

Given as generously as it can be: lists are counted by one UDF that enters Hyperscan once a post for all of them (no
regex a rule), each list's count is one feature shared by all rules, nothing is asynchronous, no effect, sink or
label follows a match, and tracing is off.

    OSPREY_PYTHON bench/osprey_peer.py JOB.json        job: rules (SML), lists, posts (a file), count; answer on stdout
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("DD_TRACE_ENABLED", "false")

import hyperscan
from osprey.engine.ast.sources import Sources
from osprey.engine.ast_validator import validate_sources
from osprey.engine.ast_validator.validator_registry import ValidatorRegistry
from osprey.engine.ast_validator.validators import (
    feature_name_to_entity_type_mapping,
    imports_must_not_have_cycles,
    no_unused_locals,
    rule_name_to_description_mapping,
    unique_stored_names,
    validate_call_kwargs,
    validate_call_rvalue,
    validate_dynamic_calls_have_annotated_rvalue,
    validate_static_types,
    variables_must_be_defined,
)
from osprey.engine.executor.execution_context import Action, ExecutionContext, ExecutionResult
from osprey.engine.executor.execution_graph import compile_execution_graph
from osprey.engine.executor.executor import execute
from osprey.engine.executor.udf_execution_helpers import UDFHelpers
from osprey.engine.stdlib.udfs.json_data import JsonData
from osprey.engine.stdlib.udfs.list_length import ListLength
from osprey.engine.stdlib.udfs.rules import Rule
from osprey.engine.udf.arguments import ArgumentsBase
from osprey.engine.udf.base import UDFBase
from osprey.engine.udf.registry import UDFRegistry


class Counter:
    """How many distinct entries of each list a post holds."""

    def __init__(self, lists: dict[str, tuple[str, list[str]]]) -> None:
        self._phrase_list = [name for name, (kind, entries) in lists.items() if kind == "phrases" for _ in entries]
        phrases = [entry for kind, entries in lists.values() if kind == "phrases" for entry in entries]
        self._hosts = {e: name for name, (kind, entries) in lists.items() if kind == "domains" for e in entries}
        self._database = hyperscan.Database()
        self._database.compile(expressions=[re.escape(f" {p} ").encode() for p in phrases], ids=range(len(phrases)))
        self._last: tuple[str, dict[str, int]] = ("", {})

    def count(self, text: str, links: list[str]) -> dict[str, int]:
        """By list; computed once for a post, however many features ask."""
        if self._last[0] is not text:
            found: set[int] = set()
            said = f" {_BETWEEN.sub(' ', text.lower())} "
            self._database.scan(said.encode(), match_event_handler=lambda i, *_: found.add(i))
            counts: dict[str, int] = {}
            for i in found:
                counts[self._phrase_list[i]] = counts.get(self._phrase_list[i], 0) + 1
            for host in set(self._listed(links)):
                counts[self._hosts[host]] = counts.get(self._hosts[host], 0) + 1
            self._last = (text, counts)
        return self._last[1]

    def _listed(self, links: list[str]) -> Iterator[str]:
        for link in links:
            host = link.split("/", 3)[2].lower()
            while host:
                if host in self._hosts:
                    yield host
                host = host.partition(".")[2]


_VALIDATORS = {
    feature_name_to_entity_type_mapping.FeatureNameToEntityTypeMapping,
    imports_must_not_have_cycles.ImportsMustNotHaveCycles,
    no_unused_locals.NoUnusedLocals,
    rule_name_to_description_mapping.RuleNameToDescriptionMapping,
    unique_stored_names.UniqueStoredNames,
    validate_call_kwargs.ValidateCallKwargs,
    validate_call_rvalue.ValidateCallRValue,
    validate_dynamic_calls_have_annotated_rvalue.ValidateDynamicCallsHaveAnnotatedRValue,
    validate_static_types.ValidateStaticTypes,
    variables_must_be_defined.VariablesMustBeDefined,
}
_BETWEEN = re.compile(r"\W+")
_COUNTER: list[Counter] = []


class HitsArguments(ArgumentsBase):  # type: ignore[misc]
    """What `Hits` is told."""

    text: str
    links: list[str]
    name: str


class Hits(UDFBase[HitsArguments, int]):  # type: ignore[misc]
    """Distinct entries of a named list in the post."""

    def execute(self, _context: ExecutionContext, arguments: HitsArguments) -> int:
        """The count."""
        return _COUNTER[0].count(arguments.text, arguments.links).get(arguments.name, 0)


def main(job: dict[str, Any]) -> None:
    """Compile, run, print the seconds and who matched what."""
    _COUNTER.append(Counter(job["lists"]))
    registry = UDFRegistry.with_udfs(JsonData, ListLength, Rule, Hits)
    validators = ValidatorRegistry.from_validator_classes(_VALIDATORS)
    sources = Sources.from_dict({"main.sml": job["rules"]})
    graph = compile_execution_graph(validate_sources(sources, registry, validators))
    with Path(job["posts"]).open("rb") as stream:
        lines = [line for line, _ in zip(stream, range(int(job["count"])), strict=False)]
    helpers = UDFHelpers()
    now = datetime.now(UTC)
    for line in lines[:20]:
        _run(graph, helpers, line, now)
    started, cpu = time.perf_counter(), time.process_time()
    results = [_run(graph, helpers, line, now) for line in lines]
    wall, spent = time.perf_counter() - started, time.process_time() - cpu
    matched = [sorted(n for n, v in r.extracted_features.items() if v is True and n[0] == "R") for r in results]
    errors = sum(len(r.error_infos) for r in results)
    print(json.dumps({"wall": wall, "cpu": spent, "posts": len(lines), "errors": errors, "matched": matched}))


def _run(graph: object, helpers: UDFHelpers, line: bytes, now: datetime) -> ExecutionResult:
    post = json.loads(line)
    return execute(graph, helpers, Action(1, "post", post, now), None)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
