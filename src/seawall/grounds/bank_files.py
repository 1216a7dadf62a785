"""Files that exchanges and colleagues hand over, read as entries of a bank: CSV, ThreatExchange's JSON, NCMEC's XML,
and vPDQ's lists of frames.

A file of which one line cannot be read is refused, with the line; what it withdraws, and what we have no use for, is
counted.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa

from seawall.records.banks import ENTRIES, LENGTHS, BankError, checked
from seawall.records.terms import HashKind, words

_HEX = re.compile(r"[0-9a-fA-F]+")
_TYPES = {"HASH_PDQ": HashKind.PDQ, "HASH_MD5": HashKind.MD5, "HASH_SHA256": HashKind.SHA256}  # ThreatExchange's
_PRINTS = {"pdq": HashKind.PDQ, "md5": HashKind.MD5}  # NCMEC's
_FRAME = re.compile(r"\d+,\d+,[0-9a-f]{64},[0-9.]+")
_LEAST_QUALITY = 50


@dataclass(frozen=True, slots=True)
class Provenance:
    """What holds for every entry of a file that says nothing else of it."""

    source: str
    basis: str
    by: str
    at: datetime


@dataclass(slots=True)
class Read:
    """Entries of a file, and what else stood in it."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)  # why so many were left out

    def table(self) -> pa.Table:
        """The entries. Raises BankError for one that may not be."""
        return checked(pa.Table.from_pylist(self.rows, schema=pa.schema([f.with_nullable(True) for f in ENTRIES])))


def read_bank_file(name: str, content: bytes, given: Provenance) -> Read:
    """The entries of a file; its form is told by what is in it. Raises BankError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BankError(f"{name} is no text in UTF-8: {error}") from error
    start, read = text.lstrip(), Read()
    if start.startswith("<"):
        parts = _ncmec(start, read.left)
    elif start.startswith(("{", "[")):
        parts = _exchange(start, read.left)
    elif _FRAME.match(start):
        parts = _frames(name, start, read.left)
    else:
        parts = _table(text)
    for part in parts:
        row = {"source": given.source, "basis": given.basis, "by": given.by, "added": given.at}
        read.rows.append({**row, **{key: value for key, value in part.items() if value not in (None, "")}})
    if not read.rows:
        raise BankError(f"{name} has no entry that can be used; an empty part would stand for nothing")
    return read


def _hash(text: str, kind: HashKind, where: str) -> bytes:
    if not _HEX.fullmatch(text) or len(text) != 2 * LENGTHS[kind]:
        raise BankError(f"{where}: '{text[:80]}' is no hash of kind {kind}")
    return bytes.fromhex(text)


def _table(text: str) -> Iterator[dict[str, Any]]:
    """Columns hash, and maybe kind, entry, reference, source, basis, added."""
    for number, row in enumerate(csv.DictReader(io.StringIO(text)), 2):
        where = f"line {number}"
        cells = {
            str(key).strip().lower(): (value or "").strip() for key, value in row.items() if isinstance(value, str)
        }
        if not cells.get("hash"):
            raise BankError(f"{where} has no hash: the first line names the columns, one of them hash")
        kind = cells.get("kind", "").lower() or {32: "md5"}.get(len(cells["hash"]), "")
        if kind not in words(HashKind):
            raise BankError(f"{where}: say its kind in a column kind: {', '.join(words(HashKind))}")
        reference = cells.get("reference") or cells.get("entry") or where
        yield {
            "entry": cells.get("entry") or reference, "kind": kind, "reference": reference,
            "hash": _hash(cells["hash"], HashKind(kind), where), "source": cells.get("source"),
            "basis": cells.get("basis"), "added": _time(cells.get("added", ""), where),
        }  # fmt: skip


def _frames(name: str, text: str, left: Counter[str]) -> Iterator[dict[str, Any]]:
    """vPDQ's lists: frame, quality, hash, second; one video a file."""
    for number, line in enumerate(text.splitlines(), 1):
        if not _FRAME.fullmatch(line.strip()):
            raise BankError(f"line {number} is no frame: its number, quality, hash and second are expected")
        _, quality, said, _ = line.strip().split(",")
        if int(quality) < _LEAST_QUALITY:
            left["of too little quality"] += 1
            continue
        its = _hash(said, HashKind.VIDEO, f"line {number}")
        yield {"entry": name, "kind": HashKind.VIDEO.value, "reference": name, "hash": its}


def _exchange(text: str, left: Counter[str]) -> Iterator[dict[str, Any]]:
    """ThreatExchange's descriptors or updates: an answer with 'data', an array, or one a line."""
    try:
        told = json.loads(text)
    except json.JSONDecodeError:
        told = [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    for number, its in enumerate(told.get("data", [told]) if isinstance(told, dict) else told, 1):
        where = f"entry {number}"
        if not isinstance(its, dict):
            raise BankError(f"{where} is no object")
        indicator = its.get("indicator")
        inner = indicator if isinstance(indicator, dict) else {}
        kind, said = (
            its.get("type") or inner.get("type"),
            its.get("raw_indicator") or inner.get("indicator") or indicator,
        )
        if its.get("should_delete") or its.get("status") in ("NON_MALICIOUS", "UNKNOWN"):
            left["withdrawn, or not held to be harmful"] += 1
        elif kind not in _TYPES:
            left[f"of type {str(kind)[:40]}"] += 1
        else:
            reference = str(its.get("id") or where)
            yield {
                "entry": reference, "kind": _TYPES[kind].value, "reference": reference,
                "hash": _hash(str(said), _TYPES[kind], where), "source": _owner(its),
                "added": _time(str(its.get("added_on") or its.get("last_updated") or ""), where),
            }  # fmt: skip


def _line(number: int, line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise BankError(f"line {number} is no JSON: {error.msg}") from error


def _owner(its: Mapping[str, Any]) -> str | None:
    owner = its.get("owner")
    if not isinstance(owner, dict):
        return None
    return f"ThreatExchange: {owner.get('name') or owner.get('id') or 'not said'}"


def _ncmec(text: str, left: Counter[str]) -> Iterator[dict[str, Any]]:
    """Answers of NCMEC's hash-sharing interface: images and videos with their fingerprints."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BankError("this XML defines entities, which no exchange does: it is not read")
    try:
        root = ET.fromstring(text)  # noqa: S314 - no entities
    except ET.ParseError as error:
        raise BankError(f"this is no XML: {error}") from error
    for its in root.iter():
        tag = _plain(its)
        if tag.startswith("deleted"):
            left["withdrawn, or not held to be harmful"] += 1
        elif tag in ("image", "video"):
            cells = {_plain(cell): cell for cell in its}
            reference = (cells["id"].text or "").strip() if "id" in cells else ""
            member = (cells["member"].text or "").strip() if "member" in cells else ""
            added = _time((cells["timestamp"].text or "").strip() if "timestamp" in cells else "", f"entry {reference}")
            for one in cells.get("fingerprints", ()):
                kind = _PRINTS.get(_plain(one))
                if kind is None:
                    left[f"of type {_plain(one)[:40]}"] += 1
                    continue
                yield {
                    "entry": reference, "kind": kind.value, "reference": reference, "added": added,
                    "hash": _hash((one.text or "").strip(), kind, f"entry {reference}"),
                    "source": f"NCMEC: {member}" if member else None,
                }  # fmt: skip


def _plain(its: ET.Element) -> str:
    return its.tag.rpartition("}")[2].lower()


def _time(said: str, where: str) -> datetime | None:
    if not said:
        return None
    try:
        if said.isdecimal():
            return datetime.fromtimestamp(int(said), UTC)
        at = datetime.fromisoformat(said)
    except (ValueError, OverflowError, OSError) as error:
        raise BankError(f"{where}: '{said[:40]}' is no time; write 2026-05-01 or 2026-05-01T12:00:00Z") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
