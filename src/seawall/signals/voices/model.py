"""The model of voices: which kind of account does so many of each act on a network's material.

Each voice has a rate of every act, written by hand after looking at synthetic worlds and made wider where real members
do more than those (they answer and name each other, and quote the press). Counts follow a Dirichlet-multinomial, so an
account that does one thing again and again is not sure evidence (burstiness: Madsen, Kauchak and Elkan, ICML 2005).
No word of an account is in it, nor who it is.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import gammaln, logsumexp

Floats = npt.NDArray[np.float64]


class Voice(StrEnum):
    """How an account stands towards what a network spreads."""

    SPREADS = "spreads"
    REPORTS = "reports"
    ARGUES = "argues"
    HUNTS = "hunts"
    TARGETED = "targeted"
    AT_RISK = "at_risk"


STANDING = ("spread", "argue", "distance", "name", "turn")  # what may show a side
OWN = (*STANDING, "answer")  # what the account itself does
MET = ("courted", "targeted")  # what is done to it: never evidence against it
ACTS = (*OWN, *MET)
RATES = {  # of a hundred acts, in the order of ACTS
    Voice.SPREADS: (50, 4, 9, 6, 20, 5, 3, 3),
    Voice.REPORTS: (10, 37, 32, 4, 13, 1, 1, 2),
    Voice.ARGUES: (16, 20, 23, 6, 32, 1, 1, 2),
    Voice.HUNTS: (5, 16, 24, 43, 10, 1, 1, 1),
    Voice.TARGETED: (2, 7, 5, 22, 1, 21, 1, 40),
    Voice.AT_RISK: (6, 10, 3, 1, 43, 1, 29, 7),
}
SURE = 8.0  # how alike accounts of a voice are: pseudo-acts of each
DOUBT = 10.0  # spreading must be so much likelier than speaking against it: listing a critic costs more than a miss
ARGUED = 1  # fewest answers in words of distance
KEPT_OFF = 2  # and fewest posts in words of distance with them: one may be chance
SPEAKS_AGAINST = (Voice.REPORTS, Voice.ARGUES, Voice.HUNTS)
COURTED, TURNED = 2, 3  # fewest answers got and turns made of somebody who is courted
LIKELY = 0.8
MOST_SPREAD = 2  # who passed on more is not only courted


def posterior(counts: pl.DataFrame, acts: tuple[str, ...] = ACTS) -> Floats:
    """Probability of each voice, in their order, one row an account; alike before anything is seen."""
    x = counts.select(acts).to_numpy().astype(np.float64)
    likelihood = np.stack([_likelihood(x, voice, acts) for voice in Voice], axis=1)
    return np.asarray(np.exp(likelihood - logsumexp(likelihood, axis=1, keepdims=True)), np.float64)


def _likelihood(x: Floats, voice: Voice, acts: tuple[str, ...]) -> Floats:
    rates = np.array([rate for act, rate in zip(ACTS, RATES[voice], strict=True) if act in acts], np.float64)
    alpha = SURE * rates / rates.sum()
    return np.asarray(
        gammaln(SURE) - gammaln(SURE + x.sum(axis=1)) + (gammaln(alpha + x) - gammaln(alpha)).sum(axis=1), np.float64
    )


def against(counts: pl.DataFrame) -> list[Voice | None]:
    """Of each account the voice that speaks against the network; None where its own acts do not clearly show one.

    Only what shows a side is asked, and two posts in words of distance must be among it, one of them to the network.
    """
    voices = list(Voice)
    chances = posterior(counts, STANDING)
    speaking = [voices.index(voice) for voice in SPEAKS_AGAINST]
    spreads = chances[:, voices.index(Voice.SPREADS)]
    strongest = chances[:, speaking].argmax(axis=1)
    far = (pl.col("argue") >= ARGUED) & (pl.col("argue") + pl.col("distance") >= KEPT_OFF)
    clear = (DOUBT * chances[:, speaking].mean(axis=1) > spreads) & counts.select(far).to_series().to_numpy()
    return [SPEAKS_AGAINST[best] if sure else None for best, sure in zip(strongest, clear, strict=True)]


def at_risk(counts: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Which accounts are courted: they turn to the network, are answered, and pass on next to nothing."""
    likely = posterior(counts)[:, list(Voice).index(Voice.AT_RISK)] >= LIKELY
    enough = (pl.col("courted") >= COURTED) & (pl.col("turn") >= TURNED) & (pl.col("spread") <= MOST_SPREAD)
    return np.asarray(likely & counts.select(enough).to_series().to_numpy(), bool)
