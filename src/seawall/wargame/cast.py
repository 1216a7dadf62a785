"""Who is on the synthetic platform: roles, how many of each, and what differs from world to world."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from seawall.wargame.phrases import LANGUAGES

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
DAY = 86_400  # seconds


class WorldRole(StrEnum):
    """What an account of the synthetic platform truly is."""

    ORGANIC = "organic"
    JOURNALIST = "journalist"
    COUNTER_SPEECH = "counter_speech"
    HUNTER = "hunter"
    VICTIM = "victim"
    AT_RISK = "at_risk"
    MEDIA_WING = "media_wing"
    DISTRIBUTOR = "distributor"
    REPEATER = "repeater"


ROLES = tuple(WorldRole)
NETWORK = (WorldRole.MEDIA_WING, WorldRole.DISTRIBUTOR, WorldRole.REPEATER)
INNOCENT = (
    WorldRole.JOURNALIST,
    WorldRole.COUNTER_SPEECH,
    WorldRole.HUNTER,
    WorldRole.VICTIM,
    WorldRole.AT_RISK,
)
_SHARES = {  # smallest and largest share of all accounts, and how many there are at least
    WorldRole.JOURNALIST: (0.02, 0.03, 3),
    WorldRole.COUNTER_SPEECH: (0.025, 0.04, 3),
    WorldRole.HUNTER: (0.02, 0.03, 3),
    WorldRole.VICTIM: (0.02, 0.03, 3),
    WorldRole.AT_RISK: (0.03, 0.04, 3),
    WorldRole.MEDIA_WING: (0.001, 0.003, 2),
    WorldRole.DISTRIBUTOR: (0.008, 0.012, 4),
    WorldRole.REPEATER: (0.07, 0.09, 8),
}


@dataclass(frozen=True, slots=True)
class Habits:
    """What differs from world to world."""

    releases_a_day: float
    wing_links: bool  # whether the media wing links its releases itself, or leaves that to the distributors
    haste: float  # minutes, median, from a release to its repost
    zeal: float  # share of releases that a repeater reposts
    flood: float  # slogans of its own a day, of a repeater
    burst: float  # share of those in the hours after a release
    chatter: float  # ordinary posts a day, of everybody
    critics: float  # posts about the network a day, of those who post about it
    bare: float  # share of those that quote it without a word of distance
    exposing: float  # share of critics who repost one post of the network
    linking: float  # share of critics' posts that link its material
    devoted: float  # share of hunters and arguers who post of little else
    slogans: int  # how many slogans a language has


def deal_habits(draw: np.random.Generator) -> Habits:
    """Habits of a new world."""
    return Habits(
        releases_a_day=draw.uniform(1.5, 4.0),
        wing_links=bool(draw.random() < 0.4),
        haste=draw.uniform(2.0, 20.0),
        zeal=draw.uniform(0.2, 0.5),
        flood=draw.uniform(0.5, 1.2),
        burst=draw.uniform(0.2, 0.8),
        chatter=draw.uniform(1.2, 2.0),
        critics=draw.uniform(0.4, 1.0),
        bare=draw.uniform(0.1, 0.25),
        exposing=draw.uniform(0.2, 0.5),
        linking=draw.uniform(0.05, 0.5),
        devoted=draw.uniform(0.1, 0.6),
        slogans=int(draw.integers(5, 9)),
    )


@dataclass(frozen=True, slots=True)
class Accounts:
    """One row an account."""

    role: Ints  # place in ROLES
    language: Ints  # place in LANGUAGES
    second: Ints  # another language it knows; often the same
    pace: Floats  # how much it posts; 1 is the middle
    joined: Ints  # seconds after the start; 0 for most
    number: Ints  # a draw of its own, for name and profile

    def of(self, *roles: WorldRole) -> Ints:
        """The accounts of these roles."""
        return np.flatnonzero(np.isin(self.role, [ROLES.index(role) for role in roles]))


def deal_accounts(draw: np.random.Generator, size: int, days: int) -> Accounts:
    """Accounts of a new world, roles dealt among them at random."""
    role = np.zeros(size, np.int64)
    free = draw.permutation(size)
    for name, (low, high, fewest) in _SHARES.items():
        count = max(fewest, round(size * draw.uniform(low, high)))
        role[free[:count]] = ROLES.index(name)
        free = free[count:]
    network = np.isin(role, [ROLES.index(name) for name in NETWORK])
    near = role != 0
    everybody, members = (draw.dirichlet(np.full(len(LANGUAGES), width)) for width in (2.0, 1.0))
    language = draw.choice(len(LANGUAGES), size, p=everybody)
    # Whom the network reaches speaks its languages, more often than not.
    reached = network | (near & (draw.random(size) < 0.7))
    language = np.where(reached, draw.choice(len(LANGUAGES), size, p=0.8 * members + 0.2 / len(LANGUAGES)), language)
    bilingual = draw.random(size) < np.where(near, 0.5, 0.15)
    late = draw.random(size) < np.where(network, draw.uniform(0.05, 0.25), 0.03)
    return Accounts(
        role=role,
        language=language,
        second=np.where(bilingual, draw.choice(len(LANGUAGES), size, p=members), language),
        pace=draw.lognormal(0.0, 0.5, size),
        joined=np.where(late, draw.uniform(0, 0.6 * days * DAY, size), 0).astype(np.int64),
        number=draw.integers(1 << 40, size=size),
    )
