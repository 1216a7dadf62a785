"""What accounts do with a network's material, and what the network does to them, counted.

The network is whoever is above the line, and the seeds. Acts are told by form (who answers, quotes, reposts or names
whom) and by whether a post holds words that keep a rule silent; nothing else is read.
"""

from __future__ import annotations

import polars as pl

from seawall.records.terms import PostKind
from seawall.signals.contract import Facts
from seawall.signals.rules import RulesSignal
from seawall.signals.voices.model import ACTS, TURNED

_KEY = ["platform", "account_id"]
_POST = ["platform", "post_id"]
_AIMS = pl.col("kind").is_in([PostKind.QUOTE.value, PostKind.REPLY.value])
_EMPTY = {"platform": pl.String, "account_id": pl.String, **dict.fromkeys(ACTS, pl.Int64)}


def count_acts(
    facts: Facts,
    network: pl.DataFrame,
    accounts: pl.DataFrame,
    rules: RulesSignal | None,
    seen: pl.DataFrame,
    critics: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """One row for each of `accounts` that did or met anything: how many of each act.

    `network`, `accounts` and `critics`, whose posts may be reposted without spreading anything, are platform and
    account_id; `seen` (platform, post_id) are posts that findings point at.
    """
    if not accounts.height or not network.height:
        return pl.DataFrame(schema=_EMPTY)
    posts = _posts(facts, network, accounts)
    its = posts.filter("asked")
    answers = posts.filter(_AIMS, "listed").select("platform", "post_id", "to", "to_post", of="account_id")
    theirs = its.select("platform", to_post="post_id", to="account_id", to_network=_AIMS & pl.col("to_listed"))
    met = (
        answers.filter(pl.col("of") != pl.col("to"))
        .join(its.select("platform", to="account_id").unique(), on=["platform", "to"], how="semi")
        .join(theirs, on=["platform", "to", "to_post"], how="left")
        .select(
            "platform",
            account_id="to",
            act=pl.when(pl.col("to_network")).then(pl.lit("courted")).otherwise(pl.lit("targeted")),
        )
    )
    to_them = answers.select("platform", to_post="post_id", account_id="to", back=True)
    own = _with_words(facts, its, rules).join(to_them, on=["platform", "to_post", "account_id"], how="left")
    own = own.join(seen.select(_POST).unique().with_columns(seen=True), on=_POST, how="left")
    against = nobody() if critics is None else critics
    told = (
        own.join(against.select("platform", to="account_id", to_critic=True), on=["platform", "to"], how="left")
        .with_columns(act=_act())
        .filter(pl.col("act").is_not_null())
        .select(*_KEY, "act")
    )
    return (
        pl.concat([told, met])
        .group_by(_KEY)
        .agg((pl.col("act") == act).sum().cast(pl.Int64).alias(act) for act in ACTS)
        .sort(_KEY)
    )


def nobody() -> pl.DataFrame:
    """No account: platform, account_id."""
    return pl.DataFrame(schema={"platform": pl.String, "account_id": pl.String})


def reposted(facts: Facts, seen: pl.DataFrame) -> pl.DataFrame:
    """Whose posts are reposted in these (platform, post_id), by id: platform, account_id."""
    return (
        facts.posts.filter(pl.col("kind") == PostKind.REPOST.value)
        .join(seen.lazy(), on=_POST, how="semi")
        .select("platform", account_id="of_account_id")
        .drop_nulls()
        .unique()
        .sort(_KEY)
        .collect()
    )


def answering(facts: Facts, accounts: pl.DataFrame, posts: int) -> pl.DataFrame:
    """Of these accounts those with so many posts that answer or quote anybody: platform, account_id."""
    often = facts.posts.filter(_AIMS).join(accounts.lazy(), on=_KEY, how="semi").group_by(_KEY).len()
    return often.filter(pl.col("len") >= posts).select(_KEY).sort(_KEY).collect()


def turns(facts: Facts, network: pl.DataFrame) -> pl.LazyFrame:
    """Posts of others that answer or quote the network: platform, account_id, at, lang, hashtags."""
    return (
        facts.posts.filter(_AIMS)
        .select(*_POST, "account_id", "at", "lang", "hashtags", **_target())
        .unique(_POST, keep="any")
        .pipe(_resolved, _names(facts, network))
        .join(network.lazy().select("platform", to="account_id"), on=["platform", "to"], how="semi")
        .join(network.lazy(), on=_KEY, how="anti")
        .select(*_KEY, "at", "lang", "hashtags")
    )


def turners(facts: Facts, network: pl.DataFrame) -> pl.DataFrame:
    """Accounts outside the network that answer or quote it again and again: platform, account_id."""
    often = turns(facts, network).group_by(_KEY).len().filter(pl.col("len") >= TURNED)
    return often.select(_KEY).sort(_KEY).collect()


def _target() -> dict[str, pl.Expr]:
    """Whom and what a post answers, quotes or reposts, as the platform says it."""
    return {
        "to": pl.coalesce("reply_to_account_id", "of_account_id"),
        "to_name": pl.coalesce("reply_to_handle", "of_handle").str.to_lowercase(),
        "to_post": pl.coalesce("reply_to_post_id", "of_post_id"),
    }


def _names(facts: Facts, accounts: pl.DataFrame) -> pl.LazyFrame:
    """What accounts are called: platform, to_name, named."""
    return (
        facts.posts.join(accounts.lazy(), on=_KEY, how="semi")
        .select("platform", to_name=pl.col("handle").str.to_lowercase(), named="account_id")
        .drop_nulls()
        .group_by("platform", "to_name")
        .agg(pl.col("named").min())
    )


def _resolved(posts: pl.LazyFrame, names: pl.LazyFrame) -> pl.LazyFrame:
    """Targets by id; one given by its handle alone is looked up."""
    joined = posts.join(names, on=["platform", "to_name"], how="left")
    return joined.with_columns(to=pl.coalesce("to", "named")).drop("named", "to_name")


def _posts(facts: Facts, network: pl.DataFrame, accounts: pl.DataFrame) -> pl.DataFrame:
    """Posts of the asked accounts and of the network: whose, to whom, naming whom; without text."""
    both = pl.concat([network.select(_KEY), accounts.select(_KEY)]).unique()
    names = _names(facts, both)
    of_network = names.join(
        network.lazy().select("platform", named="account_id"), on=["platform", "named"], how="semi"
    ).select("platform", "to_name", mentioned=True)
    posts = (
        facts.posts.join(both.lazy(), on=_KEY, how="semi")
        .select(*_POST, "account_id", "kind", "mentions", **_target())
        .unique(_POST, keep="any")
        .pipe(_resolved, names)
    )
    named = (
        posts.select(*_POST, to_name="mentions")
        .explode("to_name", empty_as_null=False, keep_nulls=False)
        .with_columns(pl.col("to_name").str.to_lowercase())
        .join(of_network, on=["platform", "to_name"])
        .group_by(_POST)
        .len("mentioned")
    )
    marks = [
        (network.lazy().select(*_KEY, listed=True), _KEY, _KEY),
        (network.lazy().select(*_KEY, to_listed=True), ["platform", "to"], _KEY),
        (accounts.lazy().select(*_KEY, asked=True), _KEY, _KEY),
    ]
    for mark, left, right in marks:
        posts = posts.join(mark, left_on=left, right_on=right, how="left")
    posts = posts.join(named, on=_POST, how="left").with_columns(
        pl.col("listed", "to_listed", "asked").fill_null(False), pl.col("mentioned").fill_null(0)
    )
    oneself = (pl.col("to") == pl.col("account_id")).fill_null(False)
    return posts.with_columns(pl.col("to_listed") & ~oneself).drop("mentions").collect()


def _with_words(facts: Facts, posts: pl.DataFrame, rules: RulesSignal | None) -> pl.DataFrame:
    """Posts with what rules see in them: `matched`, `distant` (words of distance), `kept` (and a rule's words)."""
    if rules is None:
        return posts.with_columns(matched=False, distant=False, kept=False)
    texts = facts.posts.join(posts.lazy().select(_POST), on=_POST, how="semi").unique(_POST, keep="any").collect()
    matched = rules.match(texts).select(_POST).unique().with_columns(matched=True)
    marked = texts.select(_POST).with_columns(rules.distance(texts))
    found = posts.join(marked, on=_POST, how="left").join(matched, on=_POST, how="left")
    return found.with_columns(pl.col("matched", "distant", "kept").fill_null(False))


def _act() -> pl.Expr:
    """What a post is, the first that holds; null: nothing to do with the network."""
    aimed = _AIMS & pl.col("to_listed")
    repost = pl.col("kind") == PostKind.REPOST.value
    names = pl.col("mentioned") > aimed.cast(pl.Int64)
    held = pl.col("seen").fill_null(False) & ~pl.col("matched")  # against it, by what asked no words of distance
    spread = pl.col("matched") | held
    return (
        pl.when(aimed & pl.col("distant"))
        .then(pl.lit("argue"))
        .when(pl.col("kept") | (repost & pl.col("to_critic").fill_null(False)) | (held & pl.col("distant")))
        .then(pl.lit("distance"))
        .when(spread | (repost & pl.col("to_listed")))
        .then(pl.lit("spread"))
        .when(~repost & names)
        .then(pl.lit("name"))
        .when(aimed & pl.col("back").fill_null(False))
        .then(pl.lit("answer"))
        .when(aimed)
        .then(pl.lit("turn"))
    )
