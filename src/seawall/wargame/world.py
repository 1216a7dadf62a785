"""A synthetic platform: accounts with a role each, and what they do, as columns of numbers.

Everything follows from the seed. Nothing is said here, only who does what to whom and when; phrases.py puts it into
words and export.py into files. Around a network stand the people whom a careless method takes for it: reporters who
quote it, people who argue against it, hunters who name its accounts, its victims, and the young it courts.
"""

from __future__ import annotations

import numpy as np

from seawall.wargame.acts import Acts, Kind, Link, Rows, Writing, joined
from seawall.wargame.cast import (
    DAY,
    INNOCENT,
    NETWORK,
    ROLES,
    Accounts,
    Floats,
    Habits,
    Ints,
    WorldRole,
    deal_accounts,
    deal_habits,
)
from seawall.wargame.phrases import Act

__all__ = ["DAY", "INNOCENT", "NETWORK", "ROLES", "Acts", "World", "WorldRole"]
FEWEST_ACCOUNTS, FEWEST_DAYS = 60, 3


class World:
    """The accounts and acts of one seed."""

    def __init__(self, seed: int = 0, accounts: int = 1200, days: int = 14) -> None:
        if accounts < FEWEST_ACCOUNTS or days < FEWEST_DAYS:
            raise ValueError(f"a world needs {FEWEST_ACCOUNTS} accounts and {FEWEST_DAYS} days at least")
        self.seed, self.days = seed, days
        draw = np.random.default_rng([seed, accounts, days])
        self.habits = deal_habits(draw)
        self.accounts = deal_accounts(draw, accounts, days)
        self.acts = _Play(draw, self.habits, self.accounts, days).play()

    def seeds(self) -> Ints:
        """Accounts that people have verified: a few distributors and repeaters who posted much."""
        draw = np.random.default_rng([self.seed, 3])
        posts = np.bincount(self.acts.who, minlength=len(self.accounts.role))
        found = []
        for role, most in ((WorldRole.DISTRIBUTOR, 3), (WorldRole.REPEATER, 4)):
            its = self.accounts.of(role)
            busy = its[posts[its] >= np.median(posts[its])]
            found.append(draw.permutation(busy)[: min(most, len(its) // 3)])
        return np.sort(np.concatenate(found))


class _Play:
    """Who does what, part by part."""

    def __init__(self, draw: np.random.Generator, habits: Habits, accounts: Accounts, days: int) -> None:
        self.draw, self.habits, self.accounts, self.days = draw, habits, accounts, days
        self.end = days * DAY
        self.write = Writing(draw, accounts, self.end)

    def play(self) -> Acts:
        """The whole of it; later parts answer to earlier ones."""
        chatter = self._chatter()
        spread = self._releases()
        slogans = self._slogans(spread)
        network = joined(spread, slogans)
        self._critics(network)
        self._hunters(network)
        self._victims(chatter, network)
        self._young(network)
        self._passers_by(network)
        return self.write.finish()

    def _times(self, who: Ints) -> Floats:
        """Moments of the period, most in each account's own waking hours."""
        day = self.draw.integers(self.days, size=len(who))
        peak = self.accounts.number[who] % 24
        hour = (peak + self.draw.normal(0, 3.5, len(who))) % 24
        return np.asarray(day * DAY + hour * 3600, np.float64)

    def _often(self, who: Ints, a_day: float) -> Ints:
        """Accounts, each as often as it acts, at its own pace."""
        return np.repeat(who, self.draw.poisson(self._expected(a_day)[who]))

    def _expected(self, a_day: float) -> Floats:
        return np.asarray(a_day * self.days * self.accounts.pace, np.float64)

    def _meet(self, who: Ints, rows: Rows) -> tuple[Ints, Rows]:
        """Each account, and a post it comes upon; a few posts are seen by many. Nobody comes upon what is not there."""
        who = who if len(rows) else who[:0]
        return who, self._some(rows, len(who))

    def _some(self, rows: Rows, size: int) -> Rows:
        rank = (len(rows) * self.draw.random(size) ** 1.5).astype(np.int64)
        return rows.take(self.draw.permutation(len(rows))[rank])

    def _after(self, rows: Rows, minutes: float) -> Floats:
        return np.asarray(rows.at + 30 + 60 * minutes * self.draw.lognormal(0, 0.9, len(rows)), np.float64)

    def _chatter(self) -> Rows:
        """Everybody's ordinary days, greetings and prayers among them; members of the network have them too."""
        devoted = self.accounts.of(WorldRole.HUNTER, WorldRole.COUNTER_SPEECH)
        devoted = devoted[self.draw.random(len(devoted)) < self.habits.devoted]
        share = np.ones(len(self.accounts.role))
        share[self.accounts.of(*NETWORK)] = 0.4
        share[devoted] = 0.1  # accounts kept for one thing
        who = np.repeat(np.arange(len(share)), self.draw.poisson(self._expected(self.habits.chatter) * share))
        act = self.draw.choice([Act.CHATTER, Act.GREETING, Act.HARBOUR], len(who), p=[0.8, 0.17, 0.03])
        said = self.write.add(
            who, self._times(who), act, link=0.06, links=Link.ORDINARY, trending=0.2, media=0.12, tag=0.0
        )
        for kind, a_day in ((Kind.REPOST, 0.15), (Kind.REPLY, 0.25)):
            who, of = self._meet(self._often(np.arange(len(self.accounts.role)), a_day), said)
            self.write.add(who, self._after(of, 120), Act.CHATTER, kind, of)
        return said

    def _releases(self) -> Rows:
        """A release goes out: the media wing, then distributors with its links, then repeaters within minutes."""
        draw, habits = self.draw, self.habits
        count = max(12, round(habits.releases_a_day * self.days))
        wing, distributors, repeaters = (self.accounts.of(role) for role in NETWORK)
        at = np.sort(draw.uniform(0, 0.97 * self.end, count))
        link = 1.0 if habits.wing_links else 0.0
        out = self.write.add(
            draw.choice(wing, count), at, Act.RELEASE, part=np.arange(count), link=link, tag=0.8, media=0.5
        )
        part, place = np.nonzero(draw.random((len(out), len(distributors))) < draw.uniform(0.3, 0.8))
        first = out.take(part)
        carried = self.write.add(
            distributors[place], self._after(first, 1.5), Act.CARRY, part=first.part, link=1.0, tag=0.6, media=0.3
        )
        zeal = np.clip(habits.zeal * self.accounts.pace[repeaters], 0.03, 0.9)
        carried_by_part = np.argsort(carried.part, kind="stable")
        starts = np.searchsorted(carried.part[carried_by_part], np.arange(count + 1))
        for row in range(len(out)):
            release = int(out.part[row])
            posts = carried.take(carried_by_part[starts[release] : starts[release + 1]])
            here = joined(out.take(np.array([row])), posts)
            who = repeaters[draw.random(len(repeaters)) < zeal]
            of = here.take(draw.integers(len(here), size=len(who)))
            self.write.add(who, self._after(of, habits.haste), Act.CARRY, Kind.REPOST, of)
        return joined(out, carried)

    def _slogans(self, spread: Rows) -> Rows:
        """Members flood hashtags with slogans of their own, repost each other, and quote releases."""
        draw, habits = self.draw, self.habits
        members = self.accounts.of(WorldRole.DISTRIBUTOR, WorldRole.REPEATER)
        who = self._often(members, habits.flood)
        released = self._some(spread, len(who)).at + draw.exponential(3600, len(who))
        at = np.where(draw.random(len(who)) < habits.burst, released, self._times(who))
        said = self.write.add(who, at, Act.SLOGAN, tag=0.5, trending=0.4, media=0.1)
        who, of = self._meet(self._often(members, 0.4 * habits.flood), said)
        self.write.add(who, self._after(of, habits.haste), Act.SLOGAN, Kind.REPOST, of)
        who, of = self._meet(self._often(members, 0.2 * habits.flood), spread)
        self.write.add(who, self._after(of, 60), Act.SLOGAN, Kind.QUOTE, of, tag=0.3)
        return said

    def _critics(self, network: Rows) -> None:
        """Journalists and people who argue: about the network, in its own words, with its hashtags and links."""
        for role, act in ((WorldRole.JOURNALIST, Act.REPORT), (WorldRole.COUNTER_SPEECH, Act.REFUTE)):
            its = self.accounts.of(role)
            own = self._about(its, network, act, self.habits.critics, naming=0.1)
            who, of = self._meet(self._often(its, 0.15 * self.habits.critics), own)  # they repost their colleagues
            self.write.add(who, self._after(of, 90), act, Kind.REPOST, of)

    def _about(self, its: Ints, network: Rows, act: Act, a_day: float, naming: float) -> Rows:
        """Posts about the network: a part on their own, a part as quotes, a part as answers to it."""
        draw, habits = self.draw, self.habits
        own: Rows | None = None
        for kind, share in zip((Kind.POST, Kind.QUOTE, Kind.REPLY), draw.dirichlet((4, 3, 3)), strict=True):
            who, of = self._meet(self._often(its, a_day * float(share)), network)
            acts = np.where(draw.random(len(who)) < habits.bare, int(Act.IRONY), int(act))
            to = np.where(draw.random((len(who), 1)) < naming, draw.choice(network.who, (len(who), 2)), -1)
            link = habits.linking if kind is not Kind.REPLY else 0.0
            about = self.write.add(
                who,
                self._after(of, 240),
                acts,
                kind,
                of if kind is not Kind.POST else None,
                to=to,
                part=of.part,
                link=link,
                tag=0.5,
                media=0.08,
            )
            own = about if own is None else own
        exposing, of = self._meet(its[draw.random(len(its)) < habits.exposing], network)
        self.write.add(exposing, self._after(of, 600), act, Kind.REPOST, of)
        assert own is not None
        return own

    def _hunters(self, network: Rows) -> None:
        """They name the network's accounts all day, and repost each other's lists."""
        its = self.accounts.of(WorldRole.HUNTER)
        own = self._about(its, network, Act.FLAG, 1.5 * self.habits.critics, naming=0.7)
        who, of = self._meet(self._often(its, 0.4 * self.habits.critics), own)
        self.write.add(who, self._after(of, 30), Act.FLAG, Kind.REPOST, of)

    def _victims(self, chatter: Rows, network: Rows) -> None:
        """The network answers and names them with threats; they answer back, quote what they got, and ask for help."""
        draw = self.draw
        its, repeaters = self.accounts.of(WorldRole.VICTIM), self.accounts.of(WorldRole.REPEATER)
        sender = draw.choice(repeaters, draw.poisson(len(its) * draw.uniform(4, 12)))
        sender, of = self._meet(sender, chatter.take(np.flatnonzero(np.isin(chatter.who, its))))
        sent = self.write.add(sender, self._after(of, 45), Act.THREAT, Kind.REPLY, of, tag=0.3)
        aimed = np.repeat(its, draw.poisson(draw.uniform(1, 4), len(its)))
        self.write.add(draw.choice(repeaters, len(aimed)), self._times(aimed), Act.THREAT, to=aimed[:, None], tag=0.3)
        threatened = of.who[sent.given]
        for kind, share in ((Kind.REPLY, 0.5), (Kind.QUOTE, 0.25)):
            chosen = np.flatnonzero(draw.random(len(sent)) < share)
            got = sent.take(chosen)
            self.write.add(threatened[chosen], self._after(got, 60), Act.PLEAD, kind, got, tag=0.1)
        who = self._often(its, 0.3)
        acts = np.where(draw.random(len(who)) < self.habits.bare, int(Act.IRONY), int(Act.PLEAD))
        named = draw.choice(network.who, (len(who), 1))
        self.write.add(who, self._times(who), acts, to=named, tag=0.3, media=0.1)

    def _young(self, network: Rows) -> None:
        """They answer, ask and quote, maybe repost one thing, and are courted for it."""
        draw = self.draw
        its, members = self.accounts.of(WorldRole.AT_RISK), self.accounts.of(WorldRole.REPEATER)
        for kind, a_day in ((Kind.REPLY, 0.5), (Kind.QUOTE, 0.1), (Kind.POST, 0.08)):
            who, of = self._meet(self._often(its, a_day), network)
            asked = self.write.add(
                who, self._after(of, 120), Act.ASK, kind, of if kind is not Kind.POST else None, tag=0.15
            )
            answered = asked.take(np.flatnonzero(draw.random(len(asked)) < 0.6))
            self.write.add(
                draw.choice(members, len(answered)), self._after(answered, 20), Act.COURT, Kind.REPLY, answered
            )
        once, of = self._meet(its[draw.random(len(its)) < 0.5], network)
        self.write.add(once, self._after(of, 200), Act.ASK, Kind.REPOST, of)

    def _passers_by(self, network: Rows) -> None:
        """Of everybody else a few come upon the network: they ask, joke, or repost a post without knowing whose."""
        its = self.accounts.of(WorldRole.ORGANIC)
        for act, kind, share in (
            (Act.ASK, Kind.REPLY, 0.05),
            (Act.IRONY, Kind.QUOTE, 0.04),
            (Act.IRONY, Kind.POST, 0.04),
            (Act.ASK, Kind.REPOST, 0.03),
        ):
            who, of = self._meet(its[self.draw.random(len(its)) < share], network)
            self.write.add(who, self._after(of, 300), act, kind, of if kind is not Kind.POST else None, tag=0.2)
