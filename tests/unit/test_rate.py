"""The quota: how calls are let through, what the provider's figures change, what a 429 does."""

from datetime import UTC, datetime

import pytest

from providers.rate import RateLimiter, allowance, retry_after
from tests.unit.transport_fakes import Clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def now() -> datetime:
    return NOON


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_full_bucket_lets_its_calls_through_and_then_one_by_one(clock: Clock) -> None:
    limiter = RateLimiter(60, clock)
    assert [limiter.take() for _ in range(60)] == [0] * 60
    assert [limiter.take() for _ in range(3)] == pytest.approx([1, 2, 3])
    clock.seconds += 4
    assert limiter.take() == 0


def test_a_bucket_never_holds_more_than_its_quota(clock: Clock) -> None:
    limiter = RateLimiter(60, clock)
    clock.seconds += 3600
    assert [limiter.take() for _ in range(60)] == [0] * 60
    assert limiter.take() > 0


def test_a_call_given_back_is_there_for_the_next(clock: Clock) -> None:
    limiter = RateLimiter(1, clock)
    assert limiter.take() == 0
    limiter.give_back()
    assert limiter.take() == 0
    assert limiter.take() == pytest.approx(60)


def test_without_a_quota_everything_passes_but_for_a_pause(clock: Clock) -> None:
    limiter = RateLimiter(None, clock)
    assert {limiter.take() for _ in range(1000)} == {0}
    limiter.pause(3)
    assert limiter.take() == pytest.approx(3)
    clock.seconds += 3
    assert limiter.take() == 0


def test_without_a_quota_of_ours_an_empty_window_of_theirs_is_a_pause(clock: Clock) -> None:
    limiter = RateLimiter(None, clock)
    limiter.take()
    limiter.answered(0, 7)
    assert limiter.take() == pytest.approx(7)


def test_calls_of_others_on_the_same_quota_are_seen_in_the_figures(clock: Clock) -> None:
    limiter = RateLimiter(100, clock)
    limiter.take()
    limiter.answered(1, 30)
    assert limiter.take() == 0
    assert limiter.take() == pytest.approx(30)


def test_calls_under_way_are_not_in_the_figures_yet(clock: Clock) -> None:
    limiter = RateLimiter(100, clock)
    for _ in range(3):
        limiter.take()
    limiter.answered(2, 30)
    assert limiter.take() > 0


def test_nothing_refills_until_the_window_ends_and_then_all_does(clock: Clock) -> None:
    limiter = RateLimiter(60, clock)
    limiter.take()
    limiter.answered(0, 30)
    clock.seconds += 29
    assert limiter.take() == pytest.approx(1)
    limiter.give_back()
    clock.seconds += 1
    assert [limiter.take() for _ in range(60)] == [0] * 60
    assert limiter.take() > 0


def test_a_late_answer_of_the_same_window_adds_nothing(clock: Clock) -> None:
    limiter = RateLimiter(100, clock)
    limiter.take()
    limiter.take()
    limiter.answered(0, 30)
    limiter.answered(50, 30.5)
    assert limiter.take() == pytest.approx(30)


def test_a_new_window_counts_anew(clock: Clock) -> None:
    limiter = RateLimiter(100, clock)
    limiter.take()
    limiter.answered(0, 10)
    clock.seconds += 11
    limiter.take()
    limiter.answered(99, 60)
    assert [limiter.take() for _ in range(99)] == [0] * 99
    assert limiter.take() == pytest.approx(59, abs=2)


def test_a_pause_holds_for_all_and_the_longest_wins(clock: Clock) -> None:
    limiter = RateLimiter(60, clock)
    limiter.pause(5)
    limiter.pause(2)
    assert limiter.take() == pytest.approx(5)
    limiter.pause(-1)
    assert limiter.pause_left() == pytest.approx(5)


def test_no_pause_is_longer_than_five_minutes(clock: Clock) -> None:
    limiter = RateLimiter(60, clock)
    limiter.pause(1e9)
    assert limiter.take() == pytest.approx(300)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "\u0663"}, None),
        ({"retry-after": "9" * 5000}, 999999999),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        (
            {
                "retry-after": "Sun, 01 Mar 2026 09:00:30 GMT",
                "date": "Sun, 01 Mar 2026 09:00:00 GMT",
            },
            30,
        ),
    ],
)
def test_retry_after_is_a_number_or_a_date_by_the_providers_clock(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, now) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-03-01T12:00:40Z", 40),
        ("2026-03-01T12:00:40.5000000Z", 40.5),
        ("2026-03-01T20:00:40+08:00", 40),
        ("2026-03-01T12:00:40", 40),
        ("2026-03-01T11:00:40Z", 0),
        ("60", None),
        ("", None),
    ],
)
def test_the_end_of_a_window_is_an_iso_time(text: str, seconds: float | None) -> None:
    headers = {"x-rate-limit-remaining": "7", "x-rate-limit-reset": text}
    assert allowance(headers, now) == (7, seconds)


@pytest.mark.parametrize(("text", "left"), [("99", 99), ("0", 0), ("-1", None), ("1m", None)])
def test_what_is_left_is_a_whole_number(text: str, left: int | None) -> None:
    assert allowance({"x-rate-limit-remaining": text}, now) == (left, None)


def test_headers_that_say_nothing_tell_nothing() -> None:
    assert allowance({"x-rate-limit-reset": "2026-03-01T12:00:40Z"}, now) == (None, None)
