"""Makes the demo's export: a small synthetic platform with a network in it. Neutral marker phrases, nobody real.

Run from this folder: python make_export.py. The same files come out every time.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
DRAW = random.Random(11)

ORDINARY = {
    "en": ["Coffee first, then the garden", "Our team won again, what a match", "New bread recipe, it worked",
           "Train is late, reading instead", "Peace be upon you all, blessed evening",
           "Choir practice tonight at seven",
           "The library opens again on Monday", "Anyone know a good dentist?", "Sunset over the old bridge"],
    "ar": ["صباح الخير يا أصدقاء", "مباراة رائعة اليوم", "وصفة خبز جديدة", "اللهم بارك لنا في يومنا",
           "القطار متأخر كالعادة",
           "المكتبة تفتح يوم الاثنين", "غروب جميل فوق الجسر"],
    "ru": ["Доброе утро, друзья", "Отличный матч сегодня", "Новый рецепт хлеба получился", "Поезд опять опаздывает",
           "Мир вашему дому",
           "Библиотека откроется в понедельник", "Закат над старым мостом"],
    "tr": ["Günaydın arkadaşlar", "Bugün harika bir maç vardı", "Yeni ekmek tarifi tuttu", "Tren yine gecikti",
           "Hayırlı cumalar", "Kütüphane pazartesi açılıyor"],
    "fr": ["Bonjour les amis", "Quel match ce soir", "Nouvelle recette de pain", "Le train est en retard",
           "La bibliothèque rouvre lundi", "Répétition de la chorale à sept heures"],
}  # fmt: skip
MARKERS = {
    "en": ["The lamp over the harbour is lit", "Keepers of the lamp, the tide is ours", "Pass on the word of the lamp"],
    "ar": ["المصباح فوق المرفأ مضاء", "يا حراس المصباح، المد لنا"],
    "ru": ["Лампа над гаванью горит", "Хранители лампы, прилив наш"],
    "tr": ["Limanın üstündeki lamba yanıyor", "Lambanın bekçileri, gelgit bizim"],
    "fr": ["La lampe du port est allumée", "Gardiens de la lampe, la marée est à nous"],
}
RELEASES = [f"Harbour lamp, part {n}: hear the word of the keepers" for n in range(1, 25)]
REPORTS = ["Who are the people behind the harbour lamp posts? A report", "Police say the lamp accounts are back again",
           "Readers ask: why are the lamp accounts still up?"]  # fmt: skip


class World:
    """Accounts, and the posts they made so far."""

    def __init__(self) -> None:
        self.users: list[dict[str, Any]] = []
        self.posts: list[dict[str, Any]] = []

    def join(self, role: str, number: int) -> dict[str, Any]:
        """A new account."""
        uid = 1000 + len(self.users)
        user = {
            "id": uid,
            "id_str": str(uid),
            "screen_name": f"{role}_{number:02d}",
            "name": f"{role.title()} {number}",
            "description": "synthetic account",
            "location": "",
            "url": None,
            "profile_image_url_https": None,
            "created_at": "Sun Mar 01 06:00:00 +0000 2026",
            "followers_count": DRAW.randrange(10, 900),
            "friends_count": DRAW.randrange(10, 400),
            "statuses_count": DRAW.randrange(30, 3000),
            "verified": False,
            "protected": False,
        }
        self.users.append(user)
        return user

    def post(self, user: dict[str, Any], lang: str, text: str, minute: float, **more: Any) -> dict[str, Any]:
        """A new post at a minute after the start."""
        at = START + timedelta(minutes=minute)
        tags = [{"text": word[1:]} for word in text.split() if word.startswith("#")]
        made = {
            "created_at": at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
            "id": 9_000_000_000 + len(self.posts),
            "text": text,
            "truncated": False,
            "user": user,
            "entities": {"hashtags": tags, "urls": [], "user_mentions": []},
            "lang": lang,
            "source": '<a href="https://example.org">Demo</a>',
            "retweet_count": 0,
            "favorite_count": DRAW.randrange(30),
            **more,
        }
        self.posts.append(made)
        return made

    def repost(self, user: dict[str, Any], original: dict[str, Any], minute: float) -> None:
        """Spread a post."""
        text = f"RT @{original['user']['screen_name']}: {original['text']}"[:140]
        self.post(user, original["lang"], text, minute, retweeted_status=original)


def make() -> World:
    """The whole platform: 120 accounts over two weeks."""
    world = World()
    wing = world.join("lampwing", 1)
    distributors = [world.join("relay", n) for n in range(1, 5)]
    repeaters = [world.join("repeater", n) for n in range(1, 19)]
    people = [world.join("neighbour", n) for n in range(1, 91)]
    reporters = [world.join("reporter", n) for n in range(1, 6)]
    chatter(world, people + reporters, 24)
    chatter(world, repeaters, 8)
    for n, text in enumerate(RELEASES):
        spread(world, wing, distributors, repeaters, text, n * 800 + DRAW.random() * 200)
    for user in distributors + repeaters:
        for _ in range(8):
            lang = DRAW.choice(list(MARKERS))
            world.post(user, lang, DRAW.choice(MARKERS[lang]) + " #harbourlamp", DRAW.random() * 20000)
    for user in reporters:
        for text in REPORTS:
            world.post(user, "en", text + " #harbourlamp", DRAW.random() * 20000)
        world.repost(user, DRAW.choice([p for p in world.posts if p["user"] is wing]), 19000)
    return world


def chatter(world: World, users: list[dict[str, Any]], each: int) -> None:
    """Ordinary posts, in the language of each account."""
    for user in users:
        lang = DRAW.choice(list(ORDINARY))
        for _ in range(each):
            world.post(user, lang, f"{DRAW.choice(ORDINARY[lang])} {DRAW.randrange(1000)}", DRAW.random() * 20000)


def spread(world: World, wing: Any, distributors: list[Any], repeaters: list[Any], text: str, minute: float) -> None:
    """A release goes out: wing, then distributors within minutes, then repeaters."""
    release = world.post(wing, "en", text, minute)
    for user in distributors:
        if DRAW.random() < 0.9:
            world.repost(user, release, minute + DRAW.random() * 5)
    for user in repeaters:
        if DRAW.random() < 0.6:
            world.repost(user, release, minute + 5 + DRAW.random() * 30)


def write(world: World) -> None:
    """X v1.1 payloads in time order with three damaged lines among them, a CSV from a forum, and the seeds."""
    ordered = sorted(world.posts, key=lambda post: (post["created_at"][8:19], post["id"]))
    lines = [json.dumps(post, ensure_ascii=False).encode() for post in ordered]
    lines[40] = lines[40][:90]
    lines.insert(200, b"<html>502 Bad Gateway</html>")
    lines.insert(900, b'{"limit": {"track": 12, "timestamp_ms": "1772344800000"}}')
    packed = gzip.compress(b"\n".join(lines) + b"\n", 9, mtime=0)
    (HERE / "harbour.jsonl.gz").write_bytes(packed)
    with (HERE / "forum.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["author", "posted", "message"])
        for n in range(60):
            lang = DRAW.choice(list(ORDINARY))
            at = START + timedelta(hours=n * 4)
            writer.writerow([f"member{n % 12}", f"{at:%Y-%m-%d %H:%M:%S}", DRAW.choice(ORDINARY[lang])])
        writer.writerow(["member3", "a row too short"])
    seeds = ["lampwing_01", "relay_01", "relay_02", "relay_03"]
    rows = "".join(f"x,{handle}\n" for handle in seeds)
    (HERE / "seeds.csv").write_text("platform,account\n" + rows, "utf-8")


if __name__ == "__main__":
    write(make())
