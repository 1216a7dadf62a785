"""The supporters signal: accounts that write and spread as verified seeds do, each with its reasons.

Only what an account posts and spreads can raise its score: its own words, reposts of seeds, links that seeds brought.
Being mentioned, followed or replied to, and mentioning, following or replying, are not looked at. Without words of
the in-group and without spreading it is topic only, and no finding is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from seawall.records.findings import LINE, Finding, Seen
from seawall.records.terms import PostKind
from seawall.signals.contract import Facts, SignalError, Tell, silent
from seawall.signals.supporters.model import CHUNK, SHRINK, Model, Posts, fit, prepare_texts, to_score
from seawall.signals.supporters.vocabulary import CONCEPT, shipped

FEWEST_SEEDS = 3
FEWEST_POSTS = 5  # an account with fewer says too little to be scored
FEWEST_TELLING = 3  # posts that carry the reasons; fewer is no conduct
MOST_BACKGROUND = 1500
MOST_LEARNED = 400  # latest posts of a seed or background account that are learned from
SPREAD_WEIGHT = 6.0
_SHOWN = 10
_ABOUT = ["platform", "account_id"]
Distant = Callable[[pl.DataFrame], pl.Series]  # of posts (text, links), whether they hold words of distance


class SupportersSignal:
    """Finds accounts that speak and spread as the seeds do. `distant` tells posts in words of distance."""

    name = "supporters"
    version = "3"
    languages: tuple[str, ...] = ("en", "ar", "ru", "tr", "fr")
    cost = "batch"
    topic_only = 0  # accounts that the last look found alike in what they speak of, and in nothing else

    def __init__(self, distant: Distant | None = None) -> None:
        self._distant = distant

    def find(self, facts: Facts, tell: Tell = silent) -> Iterable[Finding]:
        """Findings above the line. Raises SignalError when fewer than three seeds have posts in the lake."""
        seeds = _seed_accounts(facts)
        if seeds.height < FEWEST_SEEDS:
            raise SignalError(
                f"needs at least {FEWEST_SEEDS} verified seeds with posts in the lake, and has {seeds.height}. "
                "Add some: seawall seeds add PLATFORM:HANDLE"
            )
        tell("supporters: learning", 0, 1)
        model = _learn(facts, seeds)
        tell("supporters: learning", 1, 1)
        latest = _latest(facts, seeds, self._distant)
        prepared = prepare_texts(
            latest["text"], _starts(latest), lambda done, of: tell("supporters: scoring", done, of)
        )
        said = list(_findings(model, prepared, latest, self))
        self.topic_only = said.count(None)
        return [finding for finding in said if finding]


def _seed_accounts(facts: Facts) -> pl.DataFrame:
    """Seeds that have posts: platform, account_id, handle."""
    listed = pl.LazyFrame(
        {
            "platform": [label.platform for label in facts.seeds if label.live],
            "listed": [label.account.casefold() for label in facts.seeds if label.live],
        },
        schema={"platform": pl.String, "listed": pl.String},
    )
    accounts = facts.posts.select(*_ABOUT, "handle").unique()
    parts = [
        accounts.with_columns(listed=pl.col(name).str.to_lowercase()).join(listed, on=["platform", "listed"])
        for name in ("account_id", "handle")
    ]
    found = pl.concat(parts).select(*_ABOUT, "handle").unique().sort(*_ABOUT, "handle").collect()
    return found.unique(_ABOUT, keep="last", maintain_order=True)


def _learn(facts: Facts, seeds: pl.DataFrame) -> Model:
    posts = facts.posts.select(*_ABOUT, "at", "post_id", "text")
    others = (
        posts.join(seeds.lazy(), on=_ABOUT, how="anti")
        .group_by(_ABOUT)
        .len()
        .filter(pl.col("len") >= CHUNK)
        .select(*_ABOUT)
        .sort(_ABOUT)
        .collect()
    )
    if others.height > MOST_BACKGROUND:  # the same accounts each time: spread evenly over their ids
        others = others.gather_every(others.height // MOST_BACKGROUND + 1)
    return fit(_posts_of(posts, seeds), _posts_of(posts, others))


def _posts_of(posts: pl.LazyFrame, accounts: pl.DataFrame) -> Posts:
    rows = posts.join(accounts.lazy().select(_ABOUT), on=_ABOUT).pipe(_newest, MOST_LEARNED).collect()
    return prepare_texts(rows["text"], _starts(rows))


def _newest(posts: pl.LazyFrame, most: int) -> pl.LazyFrame:
    """The newest posts of each account, each post once, oldest first."""
    return (
        posts.unique(["platform", "post_id"], keep="any")
        .sort(*_ABOUT, "at", "post_id")
        .group_by(_ABOUT, maintain_order=True)
        .tail(most)
        .sort(*_ABOUT, "at", "post_id")
    )


def _starts(rows: pl.DataFrame) -> npt.NDArray[np.int64]:
    """Where each account's rows begin, in rows sorted by account."""
    lengths = rows.group_by(_ABOUT, maintain_order=True).len()["len"].to_numpy()
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _latest(facts: Facts, seeds: pl.DataFrame, distant: Distant | None) -> pl.DataFrame:
    """The latest posts of every account but the seeds, and whether each spreads a seed's material."""
    brought = _links_of_seeds(facts, seeds)
    by_id = _on_platform(pl.col("of_account_id")).is_in(_keys(seeds, "account_id"))
    by_handle = _on_platform(pl.col("of_handle")).is_in(_keys(seeds, "handle"))
    known = pl.when(pl.col("of_account_id").is_not_null()).then(by_id).otherwise(by_handle)
    reposts = (pl.col("kind") == PostKind.REPOST.value) & known
    shows = pl.col("kind").is_in([PostKind.POST.value, PostKind.REPOST.value])  # a link in an answer may refute it
    latest = (
        facts.posts.select(*_ABOUT, "handle", "at", "post_id", "text", "kind", "of_account_id", "of_handle", "links")
        .join(seeds.lazy(), on=_ABOUT, how="anti")
        .pipe(_newest, CHUNK)
        .filter(pl.len().over(_ABOUT) >= FEWEST_POSTS)
        .with_columns(
            reposts_seed=reposts.fill_null(False),
            seed=pl.when(reposts).then(pl.coalesce("of_handle", "of_account_id").str.to_lowercase()),
            shares_link=(shows & pl.col("links").list.eval(pl.element().is_in(brought)).list.any()).fill_null(False),
        )
        .collect()
    )
    if distant is not None and latest["shares_link"].any():  # nor does who speaks against it spread it
        showing = latest.filter("shares_link").select("text", "links")
        far = pl.Series(np.zeros(latest.height, np.bool_)).scatter(latest["shares_link"].arg_true(), distant(showing))
        latest = latest.with_columns(pl.col("shares_link") & ~far)
    return latest.drop("links")


def _on_platform(name: pl.Expr) -> pl.Expr:
    """A name with its platform: the same handle elsewhere is somebody else's."""
    return pl.concat_str(pl.col("platform"), pl.lit(" "), name.str.to_lowercase())


def _keys(seeds: pl.DataFrame, column: str) -> list[str]:
    return seeds.select(_on_platform(pl.col(column))).to_series().drop_nulls().unique().to_list()


def _links_of_seeds(facts: Facts, seeds: pl.DataFrame) -> list[str]:
    """Links that a seed brought first and another seed shared too."""
    marked = (
        facts.posts.select(*_ABOUT, "at", "links")
        .explode("links", empty_as_null=False, keep_nulls=False)
        .join(seeds.lazy().select(*_ABOUT, is_seed=pl.lit(True)), on=_ABOUT, how="left")
    )
    return (
        marked.group_by("links")
        .agg(
            # A seed brought it only if nobody else shared it as early.
            seeds_first=pl.col("at").filter(pl.col("is_seed").fill_null(False)).min(),
            others_first=pl.col("at").filter(pl.col("is_seed").is_null()).min(),
            sharers=pl.col("account_id").filter(pl.col("is_seed").fill_null(False)).n_unique(),
        )
        .filter((pl.col("seeds_first") < pl.col("others_first")).fill_null(True) & (pl.col("sharers") >= 2))
        .collect()["links"]
        .sort()
        .to_list()
    )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One account's case for a finding."""

    rows: pl.DataFrame
    concepts: dict[str, int]  # what an in-group concept is called -> posts that carry it
    telling: npt.NDArray[np.bool_]  # which of its posts carry a reason


def _findings(
    model: Model, prepared: Posts, latest: pl.DataFrame, signal: SupportersSignal
) -> Iterator[Finding | None]:
    """Of each account that scores above the line the finding, or None where it is topic only."""
    words = model.log_odds(prepared, CHUNK)
    spreading = (latest["reposts_seed"] | latest["shares_link"]).to_numpy()
    spread = np.add.reduceat(spreading.astype(np.int64), prepared.starts[:-1]) if len(prepared) else np.zeros(0)
    log_odds = words + SPREAD_WEIGHT * np.sqrt(spread / (prepared.counts() + SHRINK))
    scores = to_score(log_odds)
    for i in np.flatnonzero(scores >= LINE):
        evidence = _evidence(model, prepared, latest, int(i))
        own = bool(evidence.concepts) or spread[i] > 0  # else it is topic only
        told = own and evidence.telling.sum() >= FEWEST_TELLING
        yield _finding(signal, evidence, float(scores[i])) if told else None


def _evidence(model: Model, prepared: Posts, latest: pl.DataFrame, i: int) -> _Evidence:
    start, end = int(prepared.starts[i]), int(prepared.starts[i + 1])
    rows = latest[start:end]
    telling_names = {
        f"{CONCEPT}{concept.name}": concept.title
        for concept in shipped().concepts
        if concept.sign > 0 and model.weight_of(CONCEPT + concept.name) > 0
    }
    telling = (rows["reposts_seed"] | rows["shares_link"]).to_numpy().copy()
    concepts: dict[str, int] = {}
    matrix = prepared.matrix[start:end]
    for row in range(end - start):
        said = {prepared.names[column] for column in matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]}
        titles = {telling_names[name] for name in said if name in telling_names}
        telling[row] |= bool(titles)
        for title in titles:
            concepts[title] = concepts.get(title, 0) + 1
    return _Evidence(rows, concepts, telling)


def _finding(signal: SupportersSignal, evidence: _Evidence, score: float) -> Finding:
    rows = evidence.rows
    seen = rows.filter(pl.Series(evidence.telling)).tail(_SHOWN)
    return Finding(
        platform=rows["platform"][0],
        account_id=rows["account_id"][0],
        handle=rows["handle"][-1],
        signal=signal.name,
        version=signal.version,
        score=min(score, 0.99),
        because=_because(evidence),
        seen=tuple(Seen(post, at.isoformat()) for post, at in seen.select("post_id", "at").iter_rows()),
        conduct=True,  # only its own posts and reposts were read
    )


def _because(evidence: _Evidence) -> str:
    rows = evidence.rows
    reasons = []
    reposts = int(rows["reposts_seed"].sum())
    if reposts:
        seeds = rows["seed"].drop_nulls().n_unique()
        reasons.append(f"spread {_some(reposts, 'post')} of {_some(seeds, 'verified seed')}")
    links = int((rows["shares_link"] & ~rows["reposts_seed"]).sum())
    if links:
        reasons.append(f"shared links that seeds brought in {_some(links, 'post')}")
    strongest = sorted(evidence.concepts.items(), key=lambda item: (-item[1], item[0]))[:4]
    reasons += [f"{title} in {_some(count, 'post')}" for title, count in strongest]
    if int(evidence.telling.sum()) > _SHOWN:
        reasons.append(f"the latest {_SHOWN} of them are listed")
    return f"of its latest {rows.height} posts: " + "; ".join(reasons)


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
