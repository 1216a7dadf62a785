"""A home whose bank holds these rows, as if two people had agreed; and facts about files that were posted."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from seawall.records.banks import ENTRIES, checked
from seawall.records.facts import HASHES, POSTS, columns
from seawall.records.terms import Conduct, HashKind
from seawall.signals.contract import Facts
from seawall.signals.media.banks import FOLDER, LIVE, Part, entries_path

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def rows(entry: str, kind: HashKind, hashes: np.ndarray) -> list[dict[str, Any]]:
    """One entry."""
    given = {"entry": entry, "reference": f"ref {entry}", "kind": kind.value}
    return [{**given, "hash": its.tobytes(), "source": "Partner A", "basis": "agreement", "added": NOW, "by": "P-1"}
            for its in hashes]  # fmt: skip


def stock(home: Path, entries: list[dict[str, Any]], expires: date = date(2999, 1, 1)) -> Path:
    """A bank of one part."""
    (home / FOLDER).mkdir(parents=True)
    path = entries_path(home, 1)
    pq.write_table(checked(pa.Table.from_pylist(entries, schema=ENTRIES)), path)
    part = Part(
        number=1, bank="partners", conduct=Conduct.PROPAGANDA, source="Partner A", basis="agreement",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(), by="P-1", agreed_by="P-2", agreed_at=NOW, expires=expires,
    )  # fmt: skip
    (home / FOLDER / LIVE).write_bytes(msgspec.json.encode([part]))
    return home


def posted(*files: tuple[str, HashKind, bytes, np.ndarray | None]) -> Facts:
    """Each account posted that file, in a post of its own: account, kind, content, hashes."""
    many = len(files)
    own = {"platform": "x", "post_id": [f"p{n}" for n in range(many)], "at": [NOW] * many,
           "account_id": [account for account, *_ in files]}  # fmt: skip
    posts = columns(POSTS, {**own, "handle": [f"h_{account}" for account, *_ in files], "kind": "post"}, many)
    hashes = columns(
        HASHES,
        {
            **own, "media_id": [f"m{n}" for n in range(many)], "kind": [kind.value for _, kind, *_ in files],
            "sha256": [hashlib.sha256(content).hexdigest() for _, _, content, _ in files],
            "md5": [hashlib.md5(content).hexdigest() for _, _, content, _ in files],
            "view": "plain", "hashes": [None if its is None else its.tobytes() for *_, its in files], "hasher": "1",
        },
        many,
    )  # fmt: skip
    return Facts(pl.DataFrame(posts).lazy(), hashes=pl.DataFrame(hashes).lazy())
