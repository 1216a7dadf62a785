"""Following matches between two scans: who is matched gets a case at once, and a scan then says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from command import Command
from makers import lines, tweet, write
from seawall.cases import candidates, scanning
from seawall.cases.models import Case
from seawall.cases.scanning import Following, scan_home
from seawall.lake import Lake
from seawall.records.terms import CaseState
from seawall.signals.home import signals_of
from seawall.signals.scan import accounts_of
from seawall.stream.matches import findings_since
from seawall.stream.watch import HomeRecipe
from sources.ticker import Ticks, tick
from standings import LIST as LISTED
from standings import RULE_FILE
from stream.flows import home_with_rule
from stream.watching import watcher

LIT = "the lamp is lit"
pytestmark = pytest.mark.usefixtures("scanned_home")  # whoever makes it has compiled what a scan needs


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    """A home with a rule that takes two posts."""
    made = home_with_rule(tmp_path / "home", posts=2)
    settings.SEAWALL_HOME = made
    return made


def watched(home: Path, events: list[dict[str, Any]]) -> None:
    """What a watcher reads of these events, until there are no more."""
    server = Ticks(events)
    try:
        watcher(home, server.url, recipe=HomeRecipe(home, print)).run(once=True)
    finally:
        server.stop()


def desk() -> list[tuple[Any, ...]]:
    """What the desk says of every account."""
    return sorted(
        (
            case.account_id,
            case.handle,
            case.state,
            case.signals,
            round(case.top_score, 9),
            sorted(
                (f.signal, f.version, round(f.score, 9), f.because, str(f.seen), f.gone_at) for f in case.findings.all()
            ),
        )
        for case in Case.objects.all()
    )


def test_who_is_matched_has_a_case_at_once_and_the_scan_agrees(home: Path) -> None:
    following = Following(home)
    assert following.step() is None
    events = [tick(n, LIT) for n in (1, 8, 2)]  # two of a1, one of a2
    watched(home, events)
    done = following.step()
    assert done is not None
    assert (done.new, [case.account_id for case in Case.objects.all()]) == (1, ["a1"])
    assert following.step() is None  # nothing came
    watched(home, [*events, tick(9, LIT), tick(15, LIT)])
    following.step()
    assert sorted(case.account_id for case in Case.objects.all()) == ["a1", "a2"]
    said = desk()
    assert scan_home(home)[1] == candidates.Synced()
    assert desk() == said
    Following(home).step()  # a scanner that starts anew changes nothing
    assert desk() == said


def test_a_scan_that_began_before_does_not_take_it_back(home: Path, monkeypatch: Any) -> None:
    following, scan = Following(home), scanning.scan

    def slow(*given: Any) -> Any:
        report = scan(*given)
        watched(home, [tick(3), tick(1, LIT), tick(8, LIT)])
        following.step()
        return report

    watched(home, [tick(3)])
    monkeypatch.setattr(scanning, "scan", slow)
    scan_home(home)
    (case,) = Case.objects.all()
    assert [finding.gone_at for finding in case.findings.all()] == [None]


def test_what_says_less_than_the_scan_changes_nothing_and_what_is_closed_stays(home: Path) -> None:
    watched(home, [tick(n, LIT) for n in (1, 8, 15, 22)])
    following = Following(home)
    following.step()
    Case.objects.update(state=CaseState.CLOSED)
    said = desk()
    with Lake(home) as lake:
        found, _ = findings_since(lake, signals_of(home)[0], 0)
    weaker = [f.__class__(**{**{n: getattr(f, n) for n in f.__slots__}, "score": 0.6}) for f in found]
    assert candidates.add(accounts_of(weaker)) == candidates.Synced()
    assert desk() == said


def test_findings_of_other_signals_count_on(home: Path) -> None:
    watched(home, [tick(1, LIT), tick(8, LIT)])
    following = Following(home)
    following.step()
    case = Case.objects.get()
    case.findings.create(signal="supporters", version="3", score=0.95, because="b", seen=[], conduct=True)
    watched(home, [tick(1, LIT), tick(8, LIT), tick(15, LIT)])
    following.step()
    case.refresh_from_db()
    assert (case.top_score, case.signals) == (0.95, 2)
    assert "3 posts" in case.findings.get(signal="rules.lamp").because


def test_who_argues_against_what_it_repeats_has_no_case_between_scans_either(home: Path, tmp_path: Path) -> None:
    (home / "lists/slogans.txt").write_text(LISTED)
    (home / "rules/lamp.toml").write_text(RULE_FILE)
    posts = [tweet(n, 900 + n % 2, LIT) for n in range(1, 9)]
    posts += [tweet(n, 910 + n % 2, f"“{LIT}”, again") for n in range(11, 17)]
    for n in range(6):
        to = {"in_reply_to_status_id": 1 + n, "in_reply_to_user_id": 900 + (1 + n) % 2}
        posts.append(tweet(20 + n, 910, f"“{LIT}” is a lie") | to)
    Command(home).ok("stream", "x", write(tmp_path / "posts.jsonl", lines(posts)))
    following = Following(home)
    done = following.step()
    assert done is not None
    assert sorted(case.account_id for case in Case.objects.all()) == ["900", "901", "911"]
    report, synced = scan_home(home)
    assert synced == candidates.Synced()
    assert sum(report.withheld.values()) == 1
