"""When the breaker opens, what it lets through, and how it closes again."""

import pytest

from providers.breaker import Breaker
from providers.policy import Policy
from tests.unit.transport_fakes import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(Policy(), clock)


def report(breaker: Breaker, *results: bool) -> None:
    """Calls one after another, True for a good one."""
    for good in results:
        permit = breaker.admit()
        assert permit is not None
        if good:
            permit.good()
        else:
            permit.bad()


def opened(breaker: Breaker) -> None:
    report(breaker, *[False] * 20)
    assert breaker.admit() is None


def test_nineteen_failures_are_too_few_to_judge_and_twenty_are_not(breaker: Breaker) -> None:
    report(breaker, *[False] * 19)
    assert breaker.is_closed
    report(breaker, False)
    assert not breaker.is_closed
    assert breaker.wait() == pytest.approx(5)


def test_half_of_the_calls_is_enough_and_less_is_not(breaker: Breaker) -> None:
    report(breaker, *[True] * 11, *[False] * 9)
    assert breaker.is_closed
    report(breaker, False, False)
    assert not breaker.is_closed


def test_what_is_older_than_ten_seconds_is_forgotten(breaker: Breaker, clock: Clock) -> None:
    report(breaker, *[False] * 19)
    clock.seconds += 10
    report(breaker, False)
    assert breaker.is_closed


def test_what_is_nine_seconds_old_still_counts(breaker: Breaker, clock: Clock) -> None:
    report(breaker, *[False] * 10)
    clock.seconds += 9
    report(breaker, *[False] * 10)
    assert not breaker.is_closed


def test_forgotten_calls_count_for_nothing(breaker: Breaker) -> None:
    for _ in range(50):
        permit = breaker.admit()
        assert permit is not None
        permit.forget()
        permit.bad()
    report(breaker, *[False] * 19)
    assert breaker.is_closed


def test_one_probe_passes_at_a_time_and_three_good_ones_close_it(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    clock.seconds += 4.9
    assert breaker.admit() is None
    clock.seconds += 0.1
    for _ in range(3):
        assert not breaker.is_closed
        probe = breaker.admit()
        assert probe is not None
        assert breaker.admit() is None
        probe.good()
    assert breaker.is_closed
    report(breaker, *[False] * 19)
    assert breaker.is_closed


def test_a_failed_probe_doubles_the_sleep_up_to_thirty_seconds(
    breaker: Breaker, clock: Clock
) -> None:
    opened(breaker)
    slept = []
    for _ in range(5):
        slept.append(breaker.wait())
        clock.seconds += breaker.wait()
        report(breaker, False)
    assert slept == pytest.approx([5, 10, 20, 30, 30])


def test_a_closed_breaker_sleeps_shortly_again(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.seconds += 5
    report(breaker, False)
    clock.seconds += 10
    report(breaker, True, True, True)
    opened(breaker)
    assert breaker.wait() == pytest.approx(5)


def test_a_good_probe_before_a_bad_one_does_not_count_later(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.seconds += 5
    report(breaker, True, True, False)
    clock.seconds += 10
    report(breaker, True)
    assert not breaker.is_closed


def test_results_of_calls_from_before_it_opened_change_nothing(
    breaker: Breaker, clock: Clock
) -> None:
    late = [breaker.admit() for _ in range(30)]
    opened(breaker)
    clock.seconds += 5
    report(breaker, True, True, True)
    for permit in late:
        assert permit is not None
        permit.bad()
    assert breaker.is_closed


def test_an_abandoned_probe_is_no_result(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.seconds += 5
    probe = breaker.admit()
    assert probe is not None
    probe.forget()
    report(breaker, True, True)
    assert not breaker.is_closed
    report(breaker, True)
    assert breaker.is_closed


def test_a_spoilt_call_is_a_failure_and_no_second_call(breaker: Breaker) -> None:
    for _ in range(10):
        report(breaker, True)
        breaker.spoil()
    assert breaker.is_closed
    report(breaker, *[True] * 10)
    assert breaker.is_closed is False


def test_a_spoilt_probe_leaves_it_open(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.seconds += 5
    report(breaker, True)
    breaker.spoil()
    assert breaker.wait() == pytest.approx(10)
