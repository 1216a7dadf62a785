"""A burst's curve, to be drawn: accounts every five minutes, and what is usual at that time of day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl

from seawall.signals.floods.scenes import COUNTED, HISTORY, Scenes

BEFORE = 12 * 3600  # seconds that are drawn before the onset
BIN, AROUND = 300, 6  # seconds; bins on both sides that are looked at for what is usual
_A_DAY, _DAYS = 86_400 // BIN, HISTORY // 86_400


def curve(scenes: Scenes, series: int, onset: datetime, raised: datetime) -> list[dict[str, Any]]:
    """From half a day before until it is counted. `usual` is the mean of the same hour on the days before that the
    posts at hand reach back to; None where they do not."""
    end = int(raised.timestamp()) + 60 * COUNTED
    first = (int(onset.timestamp()) - BEFORE) // BIN
    bins = end // BIN - first + 1
    lead = _DAYS * _A_DAY + AROUND  # bins before those that are drawn
    its = scenes.uses_of(series, (first - lead) * BIN, end)
    each = its.select(pl.col("second") // BIN - first, "account").unique()["second"].to_numpy()
    begun = int(scenes.everybody["second"][0]) // BIN - first
    counts = np.bincount(each + lead, minlength=lead + bins + AROUND)
    around = np.convolve(counts, np.ones(2 * AROUND + 1), "same") / (2 * AROUND + 1)
    at = np.arange(bins)
    before = np.stack([around[at + lead - day * _A_DAY] for day in range(1, _DAYS + 1)])
    known = np.stack([at - day * _A_DAY >= begun for day in range(1, _DAYS + 1)])
    usual = (before * known).sum(0) / np.maximum(known.sum(0), 1)
    return [
        {
            "at": datetime.fromtimestamp((first + int(n)) * BIN, UTC),
            "accounts": int(counts[lead + n]),
            "usual": float(usual[n]) if known[:, n].any() else None,
        }
        for n in at
    ]
