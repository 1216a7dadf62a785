"""returns: who is back is told from who is not, with reasons."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.records.facts import ACCOUNTS, POSTS, STATES, TIES, Table
from seawall.signals.contract import Facts
from seawall.signals.returns import Found, find_returns
from seawall.signals.returns.evidence import PIECES, weights
from seawall.signals.returns.spelling import latin

START = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = [
    a + b for a in ("har", "lam", "tor", "vel", "sin", "mok") for b in ("bour", "pen", "idge", "ark", "ush", "ol")
]


class Scene:
    """A small platform: 60 suspended accounts that have nothing to do with each other, and who comes after."""

    def __init__(self) -> None:
        self.draw = random.Random(5)
        self.accounts: list[dict] = []
        self.posts: list[dict] = []
        self.ties: list[dict] = []
        self.states: list[dict] = []
        for n in range(60):
            handle = "".join(self.draw.choice("abcdefghijklmnopqrstuvwyz") for _ in range(9)) + str(n)
            self.add(f"s{n}", handle, name=f"Name {_WORDS[n % 36]} {n}", bio=self.say(6), friends=self.friends())
            self.suspend(f"s{n}", 3)

    def say(self, words: int) -> str:
        return " ".join(self.draw.choice(_WORDS) for _ in range(words))

    def friends(self) -> list[str]:
        return [f"u{self.draw.randrange(3000)}" for _ in range(20)]

    def add(
        self, account: str, handle: str | None, day: float = 0, friends=(), posts=(), platform="x", **shown
    ) -> None:
        made = START + timedelta(days=day)
        self.accounts.append(
            dict(platform=platform, account_id=account, handle=handle, created_at=made, seen_at=made, **shown)
        )
        self.ties += [
            {"platform": platform, "kind": "follow", "from_id": f, "to_id": account, "at": made} for f in friends
        ]  # fmt: skip
        for n, text in enumerate(posts):
            at = made + timedelta(hours=n)
            about = {"platform": platform, "account_id": account, "handle": handle}
            self.posts.append({**about, "post_id": f"{account}-{n}", "kind": "post", "text": text, "at": at})

    def suspend(self, account: str, day: float, state: str = "suspended") -> None:
        at = START + timedelta(days=day)
        self.states.append({"platform": "x", "account_id": account, "state": state, "at": at})

    def facts(self) -> Facts:
        return Facts(
            posts=_frame(POSTS, self.posts),
            accounts=_frame(ACCOUNTS, self.accounts),
            ties=_frame(TIES, self.ties),
            states=_frame(STATES, self.states),
        )

    def found(self) -> Found:
        return find_returns(self.facts())

    def of(self, account: str, platform: str = "x"):
        return find_returns(self.facts(), (platform, account)).hypotheses[0]


def _frame(table: Table, rows: list[dict]) -> pl.LazyFrame:
    empty = pl.DataFrame(table.schema.empty_table())
    if not rows:
        return empty.lazy()
    lists = [name for name, kind in empty.schema.items() if kind == pl.List(pl.String)]
    columns = {name: [row.get(name, [] if name in lists else None) for row in rows] for name in empty.columns}
    return pl.DataFrame(columns, schema=empty.schema).lazy()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def _back(scene: Scene, **changes) -> None:
    """The first suspended account comes back under a changed handle, with a part of what it had."""
    old = scene.accounts[7]
    friends = [tie["from_id"] for tie in scene.ties if tie["to_id"] == "s7"]
    shown = {
        "handle": old["handle"][:-1] + "_2",
        "name": old["name"],
        "bio": "",
        "picture": "p",
        "friends": friends[:8],
    }
    scene.add("back", **{**shown, "day": 5, **changes})


def test_a_return_is_told_from_newcomers_who_are_none(scene: Scene) -> None:
    _back(scene)
    for n in range(30):
        scene.add(
            f"n{n}", f"{scene.say(1)}{scene.say(1)}{n}", name=scene.say(2), friends=scene.friends(), day=4 + n % 5
        )
    found = scene.found()
    assert [h.account_id for h in found.hypotheses] == ["back"]
    said = found.hypotheses[0]
    assert said.candidates[0].account_id == "s7"
    assert said.probability > 0.95
    assert (found.suspended, found.compared) == (60, 31)


def test_every_piece_that_counts_is_named_with_its_weight(scene: Scene) -> None:
    _back(scene)
    because = scene.of("back").candidates[0].because
    assert set(because) <= set(PIECES)
    assert because["handle"] > 3
    assert because["audience"] > 1
    assert "bio" not in because  # it has none: what is not known weighs nothing


def test_more_evidence_makes_surer() -> None:
    def chance(**changes) -> float:
        scene = Scene()
        _back(scene, handle="zzqquux", **changes)
        return {c.account_id: c.probability for c in scene.of("back").candidates}.get("s7", 0)

    alone, with_bio = chance(friends=[], name=None), chance(friends=[], name=None, bio=Scene().accounts[7]["bio"])
    assert alone < 0.05
    assert alone < with_bio < chance(name=None, bio=Scene().accounts[7]["bio"])


def test_probabilities_are_of_one_whole(scene: Scene) -> None:
    _back(scene)
    said = scene.of("back")
    assert 0 <= said.no_parent <= 1
    assert said.no_parent + sum(c.probability for c in said.candidates) <= 1 + 1e-9


@pytest.mark.parametrize("handle", ["{}_new", "{}99", "the{}", "_{}_"], ids=["suffix", "counter", "prefix", "signs"])
def test_a_changed_handle_is_still_known(scene: Scene, handle: str) -> None:
    old = scene.accounts[11]["handle"]
    scene.add("back", handle.format(old.rstrip("0123456789")), day=4)
    assert scene.of("back").candidates[0].account_id == "s11"
    assert scene.of("back").candidates[0].because["handle"] > 2


def test_a_handle_in_another_script_is_still_known(scene: Scene) -> None:
    scene.add("old", "tarikmorozov", name="Tarik")
    scene.suspend("old", 3)
    scene.add("back", "тарикморозов", day=4)
    assert scene.of("back").candidates[0].account_id == "old"


def test_what_all_have_weighs_little_and_what_one_has_weighs_much(scene: Scene) -> None:
    for account in scene.accounts[:40]:
        account["picture"] = "default.png"
    scene.accounts[50]["picture"] = "own.png"
    scene.add("same default", "qqwweerr", picture="default.png", day=4)
    scene.add("same own", "qqwweerrtt", picture="own.png", day=4)
    default = scene.of("same default").candidates
    own = scene.of("same own").candidates[0]
    assert own.account_id == "s50"
    assert own.because["picture"] > 1.5
    assert all(c.because.get("picture", 0) < 0.5 for c in default)


def test_own_words_tell_where_enough_was_written(scene: Scene) -> None:
    habit = [f"myown quirkword{n % 4} oddphrase{n % 3} {scene.say(3)}" for n in range(30)]
    scene.add("old", "plainhandle", posts=habit[:20])
    scene.suspend("old", 3)
    for n in range(12):
        scene.add(f"other{n}", f"else{n}", posts=[scene.say(7) for _ in range(15)])
        scene.suspend(f"other{n}", 3)
    scene.add("back", "zzqquux", posts=habit[20:], day=4)
    scene.add("few", "qquuxx", posts=habit[20:22], day=4)
    assert scene.of("back").candidates[0].account_id == "old"
    assert scene.of("back").candidates[0].because["letters"] > 0.5
    assert "letters" not in scene.of("few").candidates[0].because


def test_writing_alone_says_of_nobody_that_they_are_back(scene: Scene) -> None:
    feed = [f"the very same feed {n} with words of its own #tag{n} @somebody{n}" for n in range(30)]
    scene.add("old", "plainhandle", posts=feed)
    scene.suspend("old", 3)
    scene.add("bot", "zzqquux", posts=feed, day=4)
    said = scene.of("bot").candidates[0]
    writing = {name: w for name, w in said.because.items() if name not in ("handle", "name", "gap")}
    assert said.account_id == "old"
    assert sum(writing.values()) <= weights().most_writing + 0.5  # what weighs next to nothing is not shown
    assert said.probability < 0.5


def test_identity_words_say_nothing_of_who_runs_an_account(scene: Scene) -> None:
    said = [f"muslim russian {scene.say(5)}" for _ in range(12)]
    scene.add("old", "plainhandle", posts=said)
    scene.suspend("old", 3)
    new = [scene.say(6) for _ in range(12)]
    weighed = []
    for word in ("muslim russian", "christian french", "jewish turkish"):
        again = Scene()
        again.add("old", "plainhandle", posts=said)
        again.suspend("old", 3)
        again.add("new", "zzqquux", posts=[f"{word} {text}" for text in new], bio=word, day=4)
        weighed.append({c.account_id: c.because.get("letters") for c in again.of("new").candidates}["old"])
    # a longer word makes a post a letter longer, and nothing more
    assert weighed[0] == pytest.approx(weighed[1], abs=0.05)
    assert weighed[0] == pytest.approx(weighed[2], abs=0.05)


def test_the_stated_place_is_not_read(scene: Scene) -> None:
    _back(scene)
    before = scene.of("back")
    for account in (scene.accounts[7], scene.accounts[-1]):
        account["place"] = "the same small town"
    assert scene.of("back") == before


def test_across_platforms_pictures_and_people_are_not_compared(scene: Scene) -> None:
    scene.accounts[7]["picture"] = "p"
    _back(scene, platform="vk", handle=scene.accounts[7]["handle"])
    said = scene.of("back", "vk")
    assert said.candidates[0].account_id == "s7"
    assert not {"picture", "audience"} & set(said.candidates[0].because)
    assert said.as_dict()["candidates"][0]["other_platform"] is True


def test_who_was_reinstated_is_nobodys_parent_and_no_return_of_itself(scene: Scene) -> None:
    scene.suspend("s7", 4, "active")
    _back(scene)
    assert all(c.account_id != "s7" for c in scene.of("back").candidates)
    assert scene.found().suspended == 59


def test_an_old_account_is_compared_only_once_it_is_renamed(scene: Scene) -> None:
    _back(scene, day=-400)
    scene.add("fresh", "zzqquux", day=6)
    scene.accounts[-2]["seen_at"] = START + timedelta(days=6)
    assert scene.found().hypotheses == ()
    scene.accounts.append({**scene.accounts[-2], "handle": "before", "seen_at": START - timedelta(days=390)})
    assert [h.account_id for h in scene.found().hypotheses] == ["back"]


def test_a_hypothesis_expires_unless_something_new_comes(scene: Scene) -> None:
    _back(scene)
    assert scene.found().hypotheses
    scene.add("later", "zzqquux", day=60)
    found = scene.found()
    assert (found.hypotheses, found.expired) == ((), 1)
    scene.posts.append(
        {"platform": "x", "post_id": "p", "account_id": "back", "at": START + timedelta(days=59), "text": "again"}
    )
    assert [h.account_id for h in scene.found().hypotheses] == ["back"]


def test_order_does_not_matter_and_neither_does_seeing_a_row_twice(scene: Scene) -> None:
    _back(scene, posts=[scene.say(5) for _ in range(8)])
    facts = scene.facts()
    turned = Facts(
        posts=facts.posts.collect().reverse().lazy(),
        **{
            name: pl.concat([getattr(facts, name).collect()] * 2).reverse().lazy()
            for name in ("accounts", "ties", "states")
        },
    )
    assert find_returns(turned) == find_returns(facts)


def test_nobody_suspended_and_nothing_at_all(scene: Scene) -> None:
    assert find_returns(Facts.none()) == Found(0, 0, 0, ())
    scene.states.clear()
    assert scene.found() == Found(0, 0, 0, ())


def test_no_piece_carries_more_than_its_most() -> None:
    w = weights()
    assert set(w.most) == set(w.damped) == set(PIECES)
    scene = Scene()
    scene.add("copy", scene.accounts[3]["handle"], name=scene.accounts[3]["name"], day=4)
    because = scene.of("copy").candidates[0].because
    assert all(weight <= w.most[name] * w.damped[name] + 1e-9 for name, weight in because.items())


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_latin_spelling_is_plain_and_stays_as_it_is(text: str) -> None:
    once = latin(text)
    assert once.isascii()
    assert latin(once) == once.lower().strip()


@pytest.mark.parametrize(
    ("written", "spelt"),
    [("Юсуф_99", "yusuf_99"), ("ÉMILE", "emile"), ("أبو١٢", "abw12"), ("🌙luna", "luna"), (None, "")],
)
def test_scripts_are_spelt_in_latin(written: str | None, spelt: str) -> None:
    assert latin(written) == spelt


def test_pieces_are_finite_whatever_is_missing(scene: Scene) -> None:
    scene.add("bare", None, day=4)
    scene.add("bare2", "", day=4, posts=["", " ", "🌙", "http://", "@", "#"])
    for account in ("bare", "bare2"):
        said = scene.of(account)
        assert np.isfinite(said.no_parent)
        assert all(np.isfinite(list(c.because.values())).all() for c in said.candidates)
