"""Findings over spreading that are not kept, since the account's own acts speak against what it is found to spread.

Journalists, people who argue and those who hunt accounts quote, link and repost what they speak about. They are told
from members by what they do to members: they answer them in words of distance. Only findings over spreading are
withheld; who threatens, recruits or instructs is listed whatever else they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from seawall.records.findings import Finding
from seawall.records.terms import Conduct
from seawall.signals.contract import Facts, Signal
from seawall.signals.rules import RulesSignal
from seawall.signals.rules.shadow import ShadowSignal
from seawall.signals.voices.acts import answering, count_acts, reposted
from seawall.signals.voices.model import ARGUED, Voice, against

SUPPORTERS = "supporters"
_KEY = {"platform": pl.String, "account_id": pl.String}


@dataclass(frozen=True, slots=True)
class Withheld:
    """Findings that stand, and of how many accounts some were withheld, by voice."""

    kept: list[Finding]
    voices: dict[str, int] = field(default_factory=dict)


def rules_of(signals: Sequence[Signal]) -> RulesSignal | None:
    """The live rules among signals."""
    return next((its for its in signals if isinstance(its, RulesSignal) and not isinstance(its, ShadowSignal)), None)


def withhold(
    facts: Facts, found: Sequence[Finding], rules: RulesSignal | None, network: pl.DataFrame | None = None
) -> Withheld:
    """Findings without those over spreading of accounts that speak against the network.

    The network is whoever else is found here, `network` (platform, account_id) and the seeds of `facts`.
    """
    spreading = spreading_names(rules)
    asked = _accounts(f for f in found if f.signal in spreading and f.above_line)
    asked = answering(facts, asked, ARGUED) if asked.height else asked  # nobody else speaks against it
    if not asked.height:
        return Withheld(list(found))
    listed = pl.concat(
        [_accounts(f for f in found if f.above_line), _seeds(facts), *([network] if network is not None else [])]
    )
    seen = pl.DataFrame(
        [(f.platform, item.post_id) for f in found if f.signal in spreading for item in f.seen],
        schema={"platform": pl.String, "post_id": pl.String},
        orient="row",
    )
    network_now = listed.unique().sort("platform", "account_id")
    authors = reposted(facts, seen).join(network_now, on=["platform", "account_id"], how="anti")
    critics = _speaking(count_acts(facts, network_now, authors, rules, seen.clear()))
    voices = _speaking(count_acts(facts, network_now, asked, rules, seen, _table(critics)))
    kept = [f for f in found if f.signal not in spreading or (f.platform, f.account_id) not in voices]
    return Withheld(kept, dict(sorted(Counter(voice.value for voice in voices.values()).items())))


def spreading_names(rules: RulesSignal | None) -> frozenset[str]:
    """What findings over spreading are called."""
    its = rules.rules if rules else ()
    return frozenset({SUPPORTERS, *(f"rules.{rule.id}" for rule in its if rule.conduct is Conduct.PROPAGANDA)})


def _speaking(counts: pl.DataFrame) -> dict[tuple[str, str], Voice]:
    """Of counted accounts those that speak against the network."""
    accounts = counts.select("platform", "account_id").iter_rows()
    return {(platform, its): voice for (platform, its), voice in zip(accounts, against(counts), strict=True) if voice}


def _accounts(found: Iterable[Finding]) -> pl.DataFrame:
    return _table({(f.platform, f.account_id) for f in found})


def _table(accounts: Iterable[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(sorted(accounts), schema=_KEY, orient="row")


def _seeds(facts: Facts) -> pl.DataFrame:
    """Live seeds that have posts, given by id or by handle."""
    names = pl.LazyFrame(
        sorted({(s.platform, s.account.casefold()) for s in facts.seeds if s.live}),
        schema={"platform": pl.String, "seed": pl.String},
        orient="row",
    )
    called = facts.posts.select("platform", "account_id", "handle").unique()
    parts = [
        called.with_columns(seed=pl.col(name).str.to_lowercase()).join(names, on=["platform", "seed"], how="semi")
        for name in ("account_id", "handle")
    ]
    return pl.concat(parts).select("platform", "account_id").unique().collect()
