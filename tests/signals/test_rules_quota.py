"""The breaker of rules: each way it can go, and that it never starts again by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from seawall.signals.rules import shipped_rules
from seawall.signals.rules.quota import Breaker, Meter

NOON = datetime(2016, 1, 1, 12, tzinfo=UTC)


def _after(meter: Meter, *matches: tuple[int, int]) -> Meter:
    """The meter after matches, each given as minutes past noon and how many."""
    for minutes, count in matches:
        meter = meter.matched(count, NOON + timedelta(minutes=minutes))
    return meter


def test_as_many_as_the_quota_is_no_reason_to_stop() -> None:
    assert not _after(Meter(10), (0, 4), (20, 6)).stopped


def test_one_more_stops_it() -> None:
    assert _after(Meter(10), (0, 4), (20, 7)).stopped


def test_what_is_an_hour_old_counts_no_more() -> None:
    meter = _after(Meter(10), (0, 9), (60, 9), (120, 9))
    assert (meter.stopped, meter.recent) == (False, 9)


def test_what_is_less_than_an_hour_old_counts() -> None:
    assert _after(Meter(10), (0, 9), (54, 9)).stopped


def test_a_stopped_one_stays_stopped_however_long_nothing_comes() -> None:
    meter = _after(Meter(10), (0, 11), (6000, 0))
    assert meter.stopped
    assert meter == _after(meter, (9000, 3))


def test_a_clock_that_goes_back_counts_as_one_that_stands_still() -> None:
    assert _after(Meter(10), (120, 5), (0, 5), (121, 1)).stopped


def test_a_new_version_starts_anew() -> None:
    assert not Meter(10).stopped
    assert Meter(10).recent == 0


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5)), max_size=40))
def test_it_stops_no_later_than_an_exact_hour_would_and_holds_little(matches: list[tuple[int, int]]) -> None:
    """Steps are coarse: they may stop a rule up to five minutes' matches early, never late."""
    meter, seen = Meter(6), []
    for minutes, count in sorted(matches):
        meter = _after(meter, (minutes, count))
        seen.append((minutes, count))
        exact = sum(n for at, n in seen if at > minutes - 55)  # certainly inside the window
        widest = sum(n for at, n in seen if at > minutes - 60)
        assert len(meter.steps) <= 12
        if exact > 6:
            assert meter.stopped
        if meter.stopped:
            assert any(sum(n for at, n in seen if m - 60 < at <= m) > 6 for m, _ in seen) or widest > 6
            return


def test_the_breaker_tells_each_stop_once_and_why() -> None:
    rules = shipped_rules()[0][:2]
    breaker = Breaker(rules)
    quiet, loud = rules[0].id, rules[1].id
    assert breaker.matched({quiet: 5, loud: 600}, NOON) == []
    (over,) = breaker.matched({quiet: 5, loud: 600}, NOON + timedelta(minutes=6))
    assert (over.rule.id, over.why) == (loud, "it matched 1,200 posts in an hour; its quota is 1,000")
    assert breaker.matched({loud: 600}, NOON + timedelta(minutes=7)) == []
    assert (breaker.runs(quiet), breaker.runs(loud)) == (True, False)
