"""A world as files: X v1.1 payloads, who everybody truly is, the verified seeds, and a moderator's rules and lists.

Payloads are put into words one at a time, in order of time, so a world of any size is written in little memory.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from seawall.records.terms import Role
from seawall.wargame.acts import Kind, Link
from seawall.wargame.phrases import LANGUAGES, Phrasebook
from seawall.wargame.world import DAY, NETWORK, ROLES, World, WorldRole

PLATFORM = "x"
HERE = Path(__file__).parent
START = datetime(2026, 3, 1, tzinfo=UTC)
_FIRST_ACCOUNT, _FIRST_POST = 1_000_000, 9_000_000_000_000
_DATE = "%a %b %d %H:%M:%S +0000 %Y"
_HOSTS = ("lampfiles", "quay-drop", "tidebox", "oilstore", "wharf-paste", "nightpost")  # the lists know the first three
_SYLLABLES = ("ka", "lo", "mi", "ren", "ta", "su", "vel", "no", "dar", "pi", "jo", "sha")
_BIOS = {
    WorldRole.JOURNALIST: "bio_press",
    WorldRole.COUNTER_SPEECH: "bio_critic",
    WorldRole.HUNTER: "bio_critic",
    WorldRole.AT_RISK: "bio_young",
    WorldRole.MEDIA_WING: "bio_member",
    WorldRole.DISTRIBUTOR: "bio_member",
    WorldRole.REPEATER: "bio_member",
}
_CLIENTS = ("Lantern for Web", "Lantern for Phones", "Pocket")
_LONGEST = 140  # letters of a repost's own copy
_EVERY = 5000  # payloads between two words of progress


def account_id(account: int) -> str:
    """The platform's id of an account."""
    return str(_FIRST_ACCOUNT + account)


class Payloads:
    """The acts of a world as X v1.1 payloads."""

    def __init__(self, world: World) -> None:
        self._world, self._acts = world, world.acts
        draw = np.random.default_rng([world.seed, 7])
        self._book = Phrasebook(draw, world.habits.slogans)
        self._hosts = [_HOSTS[i] for i in draw.permutation(len(_HOSTS))[: int(draw.integers(3, 6))]]
        self._reposts = np.bincount(world.acts.of[world.acts.kind == Kind.REPOST], minlength=len(world.acts))
        self._users: dict[int, msgspec.Raw] = {}

    def lines(self) -> Iterator[bytes]:
        """One JSON object a post, in order of time."""
        encode = msgspec.json.Encoder().encode
        for i in range(len(self._acts)):
            yield encode(self._payload(i))

    def handle(self, account: int) -> str:
        """The name of an account in addresses; it says nothing of its role."""
        number = int(self._world.accounts.number[account])
        first, second, third = (_SYLLABLES[number // 12**n % 12] for n in range(3))
        return f"{first}{second}{third}_{account}"

    def _payload(self, i: int) -> dict[str, Any]:
        acts = self._acts
        kind, of, pick = int(acts.kind[i]), int(acts.of[i]), int(acts.pick[i])
        made: dict[str, Any] = {
            "created_at": (START + timedelta(seconds=int(acts.at[i]))).strftime(_DATE),
            "id": _FIRST_POST + i,
            "user": self._user(int(acts.who[i])),
            "truncated": False,
            "source": f'<a href="https://example.org/app">{_CLIENTS[int(acts.who[i]) % 3]}</a>',
            "retweet_count": int(self._reposts[i]),
            "favorite_count": pick % 29 + 2 * int(self._reposts[i]),
            "lang": LANGUAGES[int(acts.language[of if kind == Kind.REPOST else i])],
        }
        if kind == Kind.REPOST:
            inner = self._payload(of)
            made["text"] = _cut(f"RT @{self.handle(int(acts.who[of]))}: {inner['text']}")
            made["entities"] = inner["entities"]
            made["retweeted_status"] = inner
            return made
        if kind == Kind.QUOTE:
            made["quoted_status_id"] = _FIRST_POST + of
            made["quoted_status"] = self._payload(of)
        if kind == Kind.REPLY:
            made["in_reply_to_status_id"] = _FIRST_POST + of
            made["in_reply_to_user_id"] = _FIRST_ACCOUNT + int(acts.who[of])
            made["in_reply_to_screen_name"] = self.handle(int(acts.who[of]))
        return made | self._said(i)

    def _said(self, i: int) -> dict[str, Any]:
        """Text, and what the platform reads out of it."""
        acts, book = self._acts, self._book
        act, language, pick, part = (int(column[i]) for column in (acts.act, acts.language, acts.pick, acts.part))
        answered = [int(acts.who[acts.of[i]])] if acts.kind[i] == Kind.REPLY else []
        named = [account for account in acts.to[i].tolist() if account >= 0]
        who = " ".join("@" + self.handle(account) for account in named)
        text = book.say(act, language, pick, part, who)
        if who and who not in text:
            text = f"{who} {text}"
        if answered:
            text = f"@{self.handle(answered[0])} {text}"
        tags = book.tags(language, pick, acts.tag[i] == 2) if acts.tag[i] else []
        urls = self._urls(int(acts.link[i]), part, pick)
        text = " ".join([text, *(f"#{tag}" for tag in tags), *(url["url"] for url in urls)])
        mentions = [
            {"screen_name": self.handle(account), "id_str": account_id(account)} for account in (*answered, *named)
        ]
        entities: dict[str, Any] = {
            "hashtags": [{"text": tag} for tag in tags],
            "urls": urls,
            "user_mentions": mentions,
        }
        if not acts.media[i]:
            return {"text": text, "entities": entities}
        picture = f"https://pictures.example.org/{pick % 400}.jpg"
        media = [{"id_str": str(_FIRST_POST + i), "type": "photo", "media_url_https": picture}]
        return {"text": text, "entities": entities | {"media": media}, "extended_entities": {"media": media}}

    def _urls(self, link: int, part: int, pick: int) -> list[dict[str, str]]:
        if link == Link.NONE:
            return []
        mirror = part if pick % 10 < 7 else pick  # most share the address that went round, some a copy elsewhere
        host = self._hosts[mirror % len(self._hosts)]
        where = f"{host}.example.org/part-{part + 1}" if link == Link.RELEASE else f"news.example.org/{pick % 500}"
        return [{"url": f"https://short.example.org/{pick % 10**8:x}", "expanded_url": f"https://{where}"}]

    def _user(self, account: int) -> msgspec.Raw:
        """The profile, encoded once."""
        if account not in self._users:
            self._users[account] = msgspec.Raw(msgspec.json.encode(self._profile(account)))
        return self._users[account]

    def _profile(self, account: int) -> dict[str, Any]:
        accounts = self._world.accounts
        number, language = int(accounts.number[account]), int(accounts.language[account])
        joined = int(accounts.joined[account]) or -(number % 3000 + 1) * DAY
        section = _BIOS.get(ROLES[int(accounts.role[account])], "bio")
        return {
            "id": _FIRST_ACCOUNT + account,
            "id_str": account_id(account),
            "screen_name": self.handle(account),
            "name": self._book.name(language, number // 7),
            "description": self._book.bio(section, language, number // 11),
            "created_at": (START + timedelta(seconds=joined)).strftime(_DATE),
            "followers_count": int(5 + number % 97 * accounts.pace[account] ** 2 * 4),
            "friends_count": 10 + number % 613,
            "statuses_count": 20 + number % 4001,
            "verified": False,
            "protected": False,
        }


def _cut(text: str) -> str:
    """Text as the platform cuts it in a repost's own copy."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rpartition(" ")[0] + "…"


def write_posts(payloads: Payloads, total: int, path: Path, tell: Callable[[str, int, int], None]) -> None:
    """The export: JSON lines, packed. The same world gives the same bytes."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 4, raw, mtime=0) as stream:
        for count, line in enumerate(payloads.lines()):
            stream.write(line + b"\n")
            if count % _EVERY == 0:
                tell("writing posts", count, total)
    tell("writing posts", total, total)


def write_truth(world: World, payloads: Payloads, path: Path) -> None:
    """Who everybody truly is, as a truth file that `seawall evaluate` reads, with handle and world role beside it.

    Verified seeds are the seeds, every second organic account is background, all others are the test.
    """
    seeds = set(world.seeds().tolist())
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["platform", "account", "role", "label", "family", "handle", "world_role"])
        for account, number in enumerate(world.accounts.role.tolist()):
            world_role = ROLES[number]
            learned = world_role is WorldRole.ORGANIC and account % 2
            role = Role.SEED if account in seeds else Role.BACKGROUND if learned else Role.TEST
            label = int(world_role in NETWORK)
            known = (payloads.handle(account), world_role.value)
            writer.writerow([PLATFORM, account_id(account), role.value, label, "", *known])


def write_seeds(world: World, path: Path) -> int:
    """Accounts for `seawall seeds add`. Returns how many."""
    seeds = world.seeds().tolist()
    rows = "".join(f"{PLATFORM},{account_id(account)}\n" for account in seeds)
    path.write_text("platform,account\n" + rows, "utf-8")
    return len(seeds)


def copy_rules(folder: Path) -> None:
    """A moderator's rules and lists, for HOME/rules and HOME/lists: the same for every world."""
    for name in ("rules", "lists"):
        shutil.copytree(HERE / name, folder / name, dirs_exist_ok=True)


__all__ = ["PLATFORM", "START", "Payloads", "account_id", "copy_rules", "write_posts", "write_seeds", "write_truth"]
